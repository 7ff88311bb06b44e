import { Client } from 'pg';
import { type NewEvent, type StreamRef } from '@letopis/kernel';

/** Columns of the events table but the position, in the order of `valuesOf`. */
export const COLUMNS = [
  'organization_id',
  'stream',
  'revision',
  'id',
  'type',
  'schema_version',
  'occurred_at',
  'recorded_at',
  'actor_id',
  'actor_role',
  'source',
  'command_id',
  'correlation_id',
  'causation_id',
  'request_digest',
  'data',
] as const;

/** The first event of a stream, as a row. */
export function valuesOf({ organizationId, stream }: StreamRef, event: NewEvent): unknown[] {
  return [
    organizationId,
    stream,
    0,
    event.id,
    event.type,
    event.schemaVersion,
    event.occurredAt,
    event.recordedAt,
    event.actor.id,
    event.actor.role,
    event.source,
    event.commandId,
    event.correlationId,
    event.causationId,
    event.requestDigest,
    JSON.stringify(event.data),
  ];
}

/** `($1,$2),($3,$4)` for two rows of two columns. */
export function placeholders(rows: number, columns: number): string {
  const row = (first: number): string =>
    `(${Array.from({ length: columns }, (_, column) => `$${first + column + 1}`).join(',')})`;
  return Array.from({ length: rows }, (_, index) => row(index * columns)).join(',');
}

/** One row into the plain audit table; prepared once a connection. */
export const insertAudit = {
  name: 'insert-audit',
  text: `INSERT INTO bench.audit (${COLUMNS.join(',')}) VALUES ${placeholders(1, COLUMNS.length)}`,
};

/**
 * What Letopis is compared with: an audit table as one would write it by hand, with the columns of the events table, an
 * identity column as primary key, and unique event ids; and a table that is like the events table in every index.
 */
export async function makeAuditTables(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      CREATE SCHEMA bench;
      CREATE TABLE bench.audit (LIKE letopis.events);
      ALTER TABLE bench.audit
        ALTER position ADD GENERATED ALWAYS AS IDENTITY,
        ADD PRIMARY KEY (position),
        ADD UNIQUE (id);
      CREATE TABLE bench.events (LIKE letopis.events INCLUDING INDEXES);`);
  } finally {
    await client.end();
  }
}
