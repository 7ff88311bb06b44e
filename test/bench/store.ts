import {
  getPostgreSQLEventStore,
  type PostgresEventStore as EmmettStore,
} from '@event-driven-io/emmett-postgresql';
import { randomBytes } from 'node:crypto';
import { Client, Pool } from 'pg';
import { PostgresEventStore } from '@letopis/event-store';
import { newId, type NewEvent, type StreamRef } from '@letopis/kernel';
import { type Installation } from '@letopis/platform';
import { COLUMNS, insertAudit, placeholders, valuesOf } from './audit-table';
import { type Check, compared } from './results';
import { alternate, type Contender, perSecond } from './rounds';
import { adminUrlOf } from './workplace';

const IN_FLIGHT = 256;
const POOL = 20;
const ROUND_MS = 2_000;
const ROWS_A_STATEMENT = 500;
const ORGANIZATION = newId();
const CIPHERTEXT = randomBytes(120).toString('base64');

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

function newStream(): StreamRef {
  return { organizationId: ORGANIZATION, stream: `incident-${newId()}` };
}

/** Appends of one event, each to a stream of its own, against other ways to write the same row. */
export async function measureStore(installation: Installation, rounds: number): Promise<readonly Check[]> {
  const url = adminUrlOf(installation);
  const client = new Client({ connectionString: url });
  const pool = new Pool({ connectionString: url, max: POOL });
  const emmettPool = new Pool({ connectionString: url, max: POOL });
  const store = await PostgresEventStore.open({ url: installation.databaseUrl, poolSize: POOL });
  try {
    await client.connect();
    const emmett = getPostgreSQLEventStore(url, { connectionOptions: { pool: emmettPool } });
    await emmett.schema.migrate();
    const [own, plain, other, ceiling] = await alternate(rounds, [
      appends(store),
      plainInserts(pool),
      emmettAppends(emmett),
      multiRowInserts(client),
    ]);
    return [
      compared('Appends against plain INSERT', own, plain, 2.5),
      compared('Appends against emmett-postgresql', own, other, 10),
      compared('Appends against the multi-row ceiling', own, ceiling, 0.6),
    ];
  } finally {
    await store.close();
    await Promise.all([pool.end(), emmettPool.end(), client.end()]);
  }
}

function appends(store: PostgresEventStore): Contender {
  return {
    name: `PostgresEventStore.append, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    round: () => perSecond(IN_FLIGHT, ROUND_MS, () => store.append(newStream(), 'no-stream', [newEvent()])),
  };
}

function plainInserts(pool: Pool): Contender {
  return {
    name: `plain INSERT, ${IN_FLIGHT} in flight, pool of ${POOL}`,
    unit: 'events/s',
    round: () =>
      perSecond(IN_FLIGHT, ROUND_MS, () =>
        pool.query({ ...insertAudit, values: valuesOf(newStream(), newEvent()) }),
      ),
  };
}

function emmettAppends(emmett: EmmettStore): Contender {
  return {
    name: `emmett-postgresql appendToStream, ${IN_FLIGHT} in flight, pool of ${POOL}`,
    unit: 'events/s',
    round: () =>
      perSecond(IN_FLIGHT, ROUND_MS, () => {
        const { type, data, ...metadata } = newEvent();
        return emmett.appendToStream(newStream().stream, [{ type, data: { ...data }, metadata }], {
          expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
        });
      }),
  };
}

function multiRowInserts(client: Client): Contender {
  let position = 0;
  const text = `INSERT INTO bench.events (position,${COLUMNS.join(',')})
    VALUES ${placeholders(ROWS_A_STATEMENT, COLUMNS.length + 1)}`;
  const insert = (): Promise<unknown> => {
    const rows = Array.from({ length: ROWS_A_STATEMENT }, () => {
      position += 1;
      return [position, ...valuesOf(newStream(), newEvent())];
    });
    return client.query({ name: 'insert-many', text, values: rows.flat() });
  };
  return {
    name: `ceiling: INSERTs of ${ROWS_A_STATEMENT} rows, one after another`,
    unit: 'events/s',
    round: async () => ROWS_A_STATEMENT * (await perSecond(1, ROUND_MS, insert)),
  };
}
