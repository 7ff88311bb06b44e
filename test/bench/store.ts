import { getPostgreSQLEventStore, type PostgresEventStore as EmmettStore } from '@event-driven-io/emmett-postgresql';
import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { PostgresEventStore } from '@letopis/event-store';
import { newId, type NewEvent, type StreamRef } from '@letopis/kernel';
import { type Installation } from '@letopis/platform';
import { alternate, type Figure, perSecond } from './rounds';

const IN_FLIGHT = 256;
const POOL = 20;
const ROUND_MS = 2_000;
const ROWS_A_STATEMENT = 500;
const ORGANIZATION = newId();

/** Columns of the events table, and of the plain audit table, in the order of `valuesOf`. */
const COLUMNS = [
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

/** What a report of unauthorised access becomes: ids, instants, and one encrypted field. */
function newEvent(): NewEvent {
  const commandId = newId();
  const person = newId();
  return {
    id: newId(),
    type: 'UnauthorizedAccessReported',
    schemaVersion: 1,
    occurredAt: '2025-11-17T14:05:00.000Z',
    recordedAt: new Date().toISOString(),
    actor: { id: person, role: 'teacher' },
    source: 'operator',
    commandId,
    correlationId: commandId,
    causationId: null,
    data: {
      incidentId: newId(),
      reporterId: person,
      affectedPersonId: person,
      detectedAt: '2025-11-17T13:40:00.000Z',
      reportedAt: '2025-11-17T14:05:00.000Z',
      circumstances: { $sealed: { subject: person, value: CIPHERTEXT } },
    },
  };
}

const CIPHERTEXT = randomBytes(120).toString('base64');

function newStream(): StreamRef {
  return { organizationId: ORGANIZATION, stream: `incident-${newId()}` };
}

function valuesOf({ organizationId, stream }: StreamRef, event: NewEvent): unknown[] {
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

const placeholders = (rows: number, columns: number): string =>
  Array.from(
    { length: rows },
    (_, row) => `(${Array.from({ length: columns }, (_, column) => `$${row * columns + column + 1}`).join(',')})`,
  ).join(',');

/**
 * One event an append, each to a stream of its own. The plain audit table has the columns of the events table, an
 * identity column as primary key, and a unique event id; the ceiling is written to a table that is as the events table in
 * every column and index.
 */
export async function measureStore(
  { admin, databaseUrl }: Installation,
  rounds: number,
): Promise<readonly Figure[]> {
  const client = new Client({ connectionString: admin?.url });
  const pool = new Pool({ connectionString: admin?.url, max: POOL });
  const emmettPool = new Pool({ connectionString: admin?.url, max: POOL });
  await client.connect();
  const store = await PostgresEventStore.open({ url: databaseUrl, poolSize: POOL });
  let emmett: EmmettStore | undefined;
  try {
    await client.query(`
      CREATE SCHEMA bench;
      CREATE TABLE bench.audit (LIKE letopis.events INCLUDING COMMENTS);
      ALTER TABLE bench.audit ALTER position ADD GENERATED ALWAYS AS IDENTITY, ADD PRIMARY KEY (position), ADD UNIQUE (id);
      CREATE TABLE bench.events (LIKE letopis.events INCLUDING INDEXES);`);
    emmett = getPostgreSQLEventStore(admin?.url ?? '', { connectionOptions: { pool: emmettPool } });
    await emmett.schema.migrate();
    return await alternate(rounds, [
      letopis(store),
      plainInsert(pool),
      emmettAppend(emmett),
      ceiling(client),
    ]);
  } finally {
    await emmett?.close();
    await store.close();
    await Promise.all([pool.end(), emmettPool.ended ? undefined : emmettPool.end(), client.end()]);
  }
}

const letopis = (store: PostgresEventStore) => ({
  name: `PostgresEventStore.append, ${IN_FLIGHT} in flight`,
  unit: 'events/s',
  round: () => perSecond(IN_FLIGHT, ROUND_MS, () => store.append(newStream(), 'no-stream', [newEvent()])),
});

const plainInsert = (pool: Pool) => {
  const query = {
    name: 'insert',
    text: `INSERT INTO bench.audit (${COLUMNS.join(',')}) VALUES ${placeholders(1, COLUMNS.length)}`,
  };
  return {
    name: `plain INSERT, pool of ${POOL}, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    round: () =>
      perSecond(IN_FLIGHT, ROUND_MS, () => pool.query({ ...query, values: valuesOf(newStream(), newEvent()) })),
  };
};

const emmettAppend = (emmett: EmmettStore) => ({
  name: `emmett-postgresql appendToStream, ${IN_FLIGHT} in flight`,
  unit: 'events/s',
  round: () =>
    perSecond(IN_FLIGHT, ROUND_MS, () => {
      const { type, data, ...metadata } = newEvent();
      return emmett.appendToStream(newStream().stream, [{ type, data: { ...data }, metadata }], {
        expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
      });
    }),
});

const ceiling = (client: Client) => {
  let position = 0;
  const text = `INSERT INTO bench.events (position,${COLUMNS.join(',')}) VALUES ${placeholders(ROWS_A_STATEMENT, COLUMNS.length + 1)}`;
  return {
    name: `ceiling: one INSERT of ${ROWS_A_STATEMENT} rows after another`,
    unit: 'events/s',
    round: async () =>
      ROWS_A_STATEMENT *
      (await perSecond(1, ROUND_MS, () =>
        client.query({
          name: 'ceiling',
          text,
          values: Array.from({ length: ROWS_A_STATEMENT }, () => [
            (position += 1),
            ...valuesOf(newStream(), newEvent()),
          ]).flat(),
        }),
      )),
  };
};
