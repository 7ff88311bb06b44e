import fastify from 'fastify';
import { Pool } from 'pg';
import { newId } from '@letopis/kernel';
import { joinEmbedded, readConfig, runUntilStopped } from '@letopis/platform';
import { insertAudit, valuesOf } from './audit-table';
import { ready } from './child';
import { adminUrlOf } from './workplace';

const POOL = 20;

const bodySchema = {
  type: 'object',
  required: ['payload'],
  additionalProperties: false,
  properties: {
    payload: {
      type: 'object',
      required: ['affectedPersonId', 'detectedAt'],
      additionalProperties: false,
      properties: {
        affectedPersonId: { type: 'string', format: 'uuid' },
        detectedAt: { type: 'string', format: 'date-time' },
        reportedAt: { type: 'string', format: 'date-time' },
        circumstances: { type: 'string', minLength: 1, maxLength: 2_000 },
      },
    },
  },
};

interface Body {
  readonly payload: Readonly<Record<string, string>>;
}

/**
 * What one would write without Letopis: the same body, checked by a schema, becomes one row of an audit table. No token, no
 * idempotency, no streams, no encryption, no views.
 */
void runUntilStopped(async (_log, onStop) => {
  const pool = new Pool({
    connectionString: adminUrlOf(await joinEmbedded(readConfig(process.env))),
    max: POOL,
  });
  onStop(() => pool.end());
  const app = fastify();
  onStop(() => app.close());
  app.post<{ Params: { organizationId: string }; Body: Body }>(
    '/v1/organizations/:organizationId/commands/ReportUnauthorizedAccess',
    { schema: { body: bodySchema } },
    async ({ params, body }, reply) => {
      const [id, commandId, incidentId] = [newId(), newId(), newId()];
      const now = new Date().toISOString();
      const stream = `incident-${incidentId}`;
      await pool.query({
        ...insertAudit,
        values: valuesOf(
          { organizationId: params.organizationId, stream },
          {
            id,
            type: 'UnauthorizedAccessReported',
            schemaVersion: 1,
            occurredAt: now,
            recordedAt: now,
            actor: { id: commandId, role: 'teacher' },
            source: 'operator',
            commandId,
            correlationId: commandId,
            causationId: null,
            data: { incidentId, ...body.payload },
          },
        ),
      });
      return reply.status(201).send({ commandId, stream, events: [{ id }] });
    },
  );
  ready(await app.listen({ host: '127.0.0.1', port: 0 }));
});
