import { randomBytes, randomUUID } from 'node:crypto';
import { IsString, IsUUID } from 'class-validator';
import { Pool } from 'pg';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import {
  type Concept,
  defineCommand,
  type Domain,
  type DomainEvent,
  type EventType,
  FixedClock,
  newId,
  type RecordedEvent,
  ruleViolated,
  toCloudEvent,
} from '@letopis/kernel';
import { CommandService, EventCatalogue, StreamStates } from '@letopis/platform';
import { MasterKey, PersonalFields, PostgresKeyVault, privacyMigrations } from '@letopis/privacy';
import {
  defineProjection,
  defineTable,
  on,
  projectionMigrations,
  ProjectionRuntime,
  searchPath,
} from '@letopis/projections';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

/**
 * The worked example: how an event type grows. A bell was once described by one line of text (version 1), then by room and
 * minutes (version 2), then by room and seconds (version 3). What was written as version 1 is never touched: whoever
 * decides or projects sees version 3, whoever checks a proof sees version 1.
 */
interface BellSetData {
  readonly bellId: string;
  readonly room: string;
  readonly seconds: number;
}

const BellSet: EventType<'BellSet', BellSetData> = {
  type: 'BellSet',
  version: 3,
  titleRu: 'Звонок настроен',
  clauses: [],
  schema: {
    type: 'object',
    properties: {
      bellId: { type: 'string', format: 'uuid' },
      room: { type: 'string' },
      seconds: { type: 'integer' },
    },
    required: ['bellId', 'room', 'seconds'],
    additionalProperties: false,
  },
  upcasters: {
    1: ({ bellId = '', text = '' }) => {
      const [room = '', minutes = '0'] = typeof text === 'string' ? text.split(': ') : [];
      return { bellId, room, minutes: parseInt(minutes, 10) };
    },
    2: ({ minutes = 0, ...rest }) => ({ ...rest, seconds: Number(minutes) * 60 }),
  },
  of: (data) => ({ type: 'BellSet', data }),
};

const bell: Concept<number, DomainEvent<'BellSet', BellSetData>> = {
  name: 'bell',
  titleRu: 'Звонок',
  events: [BellSet],
  initial: 0,
  evolve: (_seconds, { data }) => data.seconds,
};

class LengthenBell {
  @IsUUID() bellId!: string;
  @IsString() room!: string;
}

const domain: Domain = {
  concepts: [bell],
  commands: [
    defineCommand({
      name: 'LengthenBell',
      titleRu: 'Продлить звонок',
      about: 'A minute more, up to an hour.',
      kind: 'decision',
      clauses: ['1.1'],
      actors: ['director'],
      concept: bell,
      payload: LengthenBell,
      example: {},
      id: ({ bellId }) => bellId,
      decide: (seconds, { payload }) => {
        if (seconds >= 3_600) throw ruleViolated('1.1', 'an-hour-at-most', 'Звонок уже длится час');
        return [BellSet.of({ bellId: payload.bellId, room: payload.room, seconds: seconds + 60 })];
      },
    }),
  ],
  policies: [],
  erasures: [],
};

const bells = defineTable({
  name: 'bells',
  columns: { bell_id: 'uuid', room: 'text', seconds: 'integer' },
  key: ['bell_id'],
});

const bellsProjection = defineProjection({
  name: 'bells',
  version: 1,
  tables: [bells],
  on: [
    on(BellSet, (rows, { data }) => {
      rows.put(bells, { bell_id: data.bellId, room: data.room, seconds: data.seconds });
    }),
  ],
});

describe('an event that was stored as version 1 of what is version 3 today', () => {
  let database: TestDatabase;
  let admin: Pool;
  let pool: Pool;
  let store: PostgresEventStore;
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };
  const organizationId = randomUUID();
  const catalogue = new EventCatalogue(domain);
  const clock = new FixedClock(new Date('2025-11-17T14:05:00.000Z'));
  const director = { id: randomUUID(), roles: ['director'] as const };
  let bellId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ adminUrl: database.url, app }, [
      eventStoreMigrations,
      privacyMigrations,
      projectionMigrations,
    ]);
    const url = new URL(database.url);
    url.username = app.role;
    url.password = app.password;
    admin = new Pool({ connectionString: database.url, max: 1 });
    pool = new Pool({
      connectionString: url.href,
      options: `-c search_path=${searchPath([bellsProjection])}`,
    });
    store = await PostgresEventStore.open({ url: url.href });
  });

  afterAll(async () => {
    await store.close();
    await pool.end();
    await admin.query(`DROP OWNED BY ${app.role}; DROP ROLE ${app.role}`);
    await admin.end();
    await database.drop();
  });

  beforeEach(async () => {
    bellId = randomUUID();
    await storeFirstVersion('Актовый зал: 59 мин');
  });

  const stream = () => ({ organizationId, stream: `bell-${bellId}` });

  /** As the program of those days wrote it. */
  async function storeFirstVersion(text: string): Promise<void> {
    const commandId = newId();
    const event = {
      id: newId(),
      type: 'BellSet',
      schemaVersion: 1,
      occurredAt: '2019-09-01T05:00:00.000Z',
      recordedAt: '2019-09-01T05:00:00.000Z',
      actor: { id: director.id, role: 'director' },
      source: 'operator' as const,
      commandId,
      correlationId: commandId,
      causationId: null,
      data: { bellId, text },
    };
    await store.append(stream(), 'no-stream', [event]);
  }

  const stored = async (): Promise<RecordedEvent> => (await store.readStream(stream()))[0]!;

  function service(): CommandService {
    const masterKey = new MasterKey(MasterKey.generate());
    return new CommandService({
      domain,
      store,
      states: new StreamStates(store, (event) => catalogue.upcast(event)),
      catalogue,
      personal: new PersonalFields(catalogue.eventTypes),
      vault: new PostgresKeyVault(pool, masterKey),
      masterKey,
      clock,
      onRecorded: () => undefined,
    });
  }

  const lengthen = () => ({
    name: 'LengthenBell',
    organizationId,
    payload: { bellId, room: 'Актовый зал' },
    caller: director,
    source: 'operator' as const,
  });

  it('given a decider, then it decides on version 3 and writes version 3', async () => {
    await service().execute(lengthen());
    expect((await store.readStream(stream()))[1]).toMatchObject({
      schemaVersion: 3,
      data: { room: 'Актовый зал', seconds: 3_600 },
    });
  });

  it('given a rule, then it is judged by version 3', async () => {
    await service().execute(lengthen());
    await expect(service().execute(lengthen())).rejects.toMatchObject({ rule: 'an-hour-at-most' });
  });

  it('given a projection, then its rows come from version 3', async () => {
    const runtime = new ProjectionRuntime({
      pool,
      store,
      projections: [bellsProjection],
      prepare: (events) => events.map((event) => catalogue.upcast(event)),
      clock,
      log: { error: () => undefined },
    });
    await runtime.ensure();
    await runtime.advance();
    await runtime.close();
    const { rows } = await pool.query('SELECT room, seconds FROM bells WHERE bell_id = $1', [bellId]);
    expect(rows).toEqual([{ room: 'Актовый зал', seconds: 3_540 }]);
  });

  it('given an export, then it is version 1 as it was written', async () => {
    catalogue.upcast(await stored());
    expect(toCloudEvent(await stored())).toMatchObject({
      schemaversion: 1,
      dataschema: 'urn:letopis:event:BellSet:1',
      data: { bellId, text: 'Актовый зал: 59 мин' },
    });
  });
});
