import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Pool } from 'pg';
import { type EventType, FixedClock } from '@letopis/kernel';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type Prepare,
  type Projection,
  projectionMigrations,
  ProjectionRuntime,
  searchPath,
  typed,
} from '@letopis/projections';
import { newEvent } from '../support/events';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

function eventType<const Type extends string, Data>(type: Type): EventType<Type, Data> {
  const of = (data: Data) => ({ type, data });
  return { type, version: 1, titleRu: type, clauses: [], schema: {}, upcasters: {}, of };
}

const ChatOpened = eventType<'ChatOpened', { readonly chat: string; readonly title: string }>('ChatOpened');
const MemberJoined = eventType<'MemberJoined', { readonly chat: string; readonly person: string }>(
  'MemberJoined',
);
const MemberLeft = eventType<'MemberLeft', { readonly chat: string; readonly person: string }>('MemberLeft');
const ChatClosed = eventType<'ChatClosed', { readonly chat: string }>('ChatClosed');

const chats = defineTable({
  name: 'chats',
  columns: {
    chat: 'text',
    title: 'text',
    status: typed<'open' | 'closed'>('text'),
    members: 'integer',
    last: nullable(typed<{ readonly person: string; readonly at: string }>('jsonb')),
    changed_at: 'timestamptz',
    position: 'bigint',
  },
  key: ['chat'],
  indexes: [['organization_id', 'changed_at'], 'USING gin (search)'],
  generated: { search: { type: 'tsvector', as: `to_tsvector('russian', lower(title COLLATE "und-x-icu"))` } },
});

const chatMembers = defineTable({
  name: 'chat_members',
  columns: { chat: 'text', person: 'uuid', since: 'timestamptz' },
  key: ['chat', 'person'],
});

const firstEvents = defineTable({
  name: 'first_events',
  columns: { type: 'text', event_id: 'uuid', day: 'date', tags: 'text[]', late: 'boolean' },
  key: ['type'],
});

interface Chats {
  readonly version?: number;
  /** A defect of the handler of ChatOpened: chats of this title are too much for it. */
  readonly chokesOn?: string;
  readonly titleOf?: (title: string) => string;
}

function chatsProjection({ version = 1, chokesOn, titleOf = (title) => title }: Chats = {}): Projection {
  return defineProjection({
    name: 'chat-list',
    version,
    tables: [chats, chatMembers],
    on: [
      on(ChatOpened, (rows, { data, occurredAt, position }) => {
        if (data.title === chokesOn) throw new Error(`a defect`);
        rows.put(chats, {
          chat: data.chat,
          title: titleOf(data.title),
          status: 'open',
          members: 0,
          changed_at: occurredAt,
          position,
        });
      }),
      on(MemberJoined, {
        reads: ({ data }) => [chats.at({ chat: data.chat }), chatMembers.at(data)],
        apply: (rows, { data, occurredAt, position }) => {
          if (rows.get(chatMembers, data) !== undefined) return;
          rows.put(chatMembers, { ...data, since: occurredAt });
          rows.change(chats, { chat: data.chat }, (chat) => ({
            ...chat,
            members: chat.members + 1,
            last: { person: data.person, at: occurredAt },
            changed_at: occurredAt,
            position,
          }));
        },
      }),
      on(MemberLeft, {
        reads: ({ data }) => [chats.at({ chat: data.chat }), chatMembers.at(data)],
        apply: (rows, { data, position }) => {
          if (rows.get(chatMembers, data) === undefined) return;
          rows.remove(chatMembers, data);
          rows.change(chats, { chat: data.chat }, (chat) => ({
            ...chat,
            members: chat.members - 1,
            position,
          }));
        },
      }),
      on(ChatClosed, {
        reads: ({ data }) => [chats.at({ chat: data.chat })],
        apply: (rows, { data }) => {
          rows.change(chats, { chat: data.chat }, (chat) => ({ ...chat, status: 'closed' }));
        },
      }),
    ],
  });
}

const firstsProjection = defineProjection({
  name: 'firsts',
  version: 1,
  tables: [firstEvents],
  on: [],
  any: (rows, { type, id, occurredAt }) => {
    rows.putIfAbsent(firstEvents, {
      type,
      event_id: id,
      day: occurredAt.slice(0, 10),
      tags: ['а', '"б"'],
      late: false,
    });
  },
});

const [school, otherSchool, thirdSchool] = [randomUUID(), randomUUID(), randomUUID()];

let database: TestDatabase;
let role: string;
let url: string;
let store: PostgresEventStore;
let pool: Pool;
let runtimes: ProjectionRuntime[];
let logged: object[];

beforeEach(async () => {
  database = await createTestDatabase();
  // Roles belong to the whole server, which other suites share.
  role = `test_${randomBytes(8).toString('hex')}`;
  const password = randomBytes(8).toString('hex');
  await migrate({ adminUrl: database.url, app: { role, password } }, [
    eventStoreMigrations,
    projectionMigrations,
  ]);
  url = Object.assign(new URL(database.url), { username: role, password }).href;
  store = await PostgresEventStore.open({ url });
  pool = new Pool({
    connectionString: url,
    // Nothing may depend on the session's settings.
    options: `-c timezone=Asia/Kolkata -c datestyle=German -c search_path=${searchPath([chatsProjection(), firstsProjection])}`,
  });
  runtimes = [];
  logged = [];
});

afterEach(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  await store.close();
  await pool.end();
  await asAdmin(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  await database.drop();
});

async function asAdmin(statement: string): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

interface Given {
  readonly projections?: readonly Projection[];
  readonly pageSize?: number;
  readonly prepare?: Prepare;
}

/** A process that runs projections: chat-list and firsts, unless others are given. */
function runtimeOf({
  projections = [chatsProjection(), firstsProjection],
  ...rest
}: Given = {}): ProjectionRuntime {
  const clock = new FixedClock(new Date('2026-09-01T09:00:00.000Z'));
  const log = { error: (details: object) => logged.push(details) };
  const runtime = new ProjectionRuntime({ pool, store, projections, clock, log, ...rest });
  runtimes.push(runtime);
  return runtime;
}

interface Fact {
  readonly organizationId?: string;
  readonly type: string;
  readonly data: object;
}

/** Records each fact in a stream of its own, in order; returns the last position. */
async function record(...facts: readonly Fact[]): Promise<bigint> {
  await store.appendMany(
    facts.map(({ organizationId = school, type, data }) => ({
      organizationId,
      stream: `chat-${randomUUID()}`,
      expectedRevision: 'no-stream' as const,
      events: [newEvent({ type, data: { ...data } })],
    })),
  );
  return store.head();
}

const opened = (chat: string, title = chat, organizationId = school): Fact => ({
  organizationId,
  ...ChatOpened.of({ chat, title }),
});

/** So many facts about few chats and people, the same for a seed: rows are written, changed and removed again and again. */
function mixture(count: number, seed = 1): Fact[] {
  let state = seed;
  const upTo = (bound: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * bound);
  };
  return Array.from({ length: count }, () => {
    const chat = `chat-${upTo(6)}`;
    const person = `018f2a4e-7f1a-7c3e-9a54-00000000000${upTo(9)}`;
    const event = [
      ChatOpened.of({ chat, title: `Класс ${upTo(11)}` }),
      MemberJoined.of({ chat, person }),
      MemberJoined.of({ chat, person }),
      MemberLeft.of({ chat, person }),
      ChatClosed.of({ chat }),
    ][upTo(5)]!;
    return { ...event, organizationId: [school, otherSchool, thirdSchool][upTo(3)]! };
  });
}

async function titles(organizationId = school): Promise<string[]> {
  const { rows } = await pool.query<{ title: string }>(
    `SELECT left(title, 20) AS title FROM chats WHERE organization_id = $1 ORDER BY chat`,
    [organizationId],
  );
  return rows.map(({ title }) => title);
}

async function digests(runtime: ProjectionRuntime): Promise<object> {
  return Object.fromEntries([...(await runtime.digest('chat-list')), ...(await runtime.digest('firsts'))]);
}

async function emptyViews(): Promise<void> {
  await asAdmin(
    `DELETE FROM letopis.projection_checkpoints; DROP SCHEMA view_chat_list, view_firsts CASCADE`,
  );
}

describe('advance', () => {
  it('brings events into rows that queries find by bare names and in Russian', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    await record(opened('7b', 'Родители седьмого класса'));
    await runtime.advance();
    const { rows } = await pool.query<{ chat: string }>(
      `SELECT chat FROM chats WHERE search @@ to_tsquery('russian', 'класс & родитель')`,
    );
    expect(rows).toEqual([{ chat: '7b' }]);
  });

  it('comes to the same rows however events are cut into pages', async () => {
    await record(...mixture(300));
    const results: object[] = [];
    for (const pageSize of [1, 7, 1_000]) {
      const runtime = runtimeOf({ pageSize });
      await runtime.ensure();
      await runtime.advance();
      results.push(await digests(runtime));
      await emptyViews();
    }
    expect(results).toEqual([results[0], results[0], results[0]]);
  });

  it('takes each event once where two processes are at it', async () => {
    const [one, two] = [runtimeOf({ pageSize: 3 }), runtimeOf({ pageSize: 5 })];
    await one.ensure();
    for (let round = 0; round < 5; round += 1) {
      await record(...mixture(60, round));
      await Promise.all([one.advance(), two.advance(), one.advance()]);
    }
    await one.rebuild(['chat-list', 'firsts']);
    expect((await one.status()).map(({ lag }) => lag)).toEqual([0n, 0n]);
  });

  it('leaves neither rows nor checkpoint where a transaction fails after rows were written', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    await asAdmin(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'pulled the plug'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON letopis.projection_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse()`);
    await record(opened('7b'));
    await expect(runtime.advance()).rejects.toThrow('pulled the plug');
    expect([await titles(), (await runtime.status())[0]?.position]).toEqual([[], 0n]);
  });

  it('sees events as they were prepared', async () => {
    const prepare: Prepare = (events) =>
      events.map((event) => ({ ...event, data: { ...event.data, title: 'upcast' } }));
    const runtime = runtimeOf({ prepare });
    await runtime.ensure();
    await record(opened('7b'));
    await runtime.advance();
    expect(await titles()).toEqual(['upcast']);
  });
});

describe('ensure', () => {
  it('may be run by two processes at once', async () => {
    const results = await Promise.all([runtimeOf().ensure(), runtimeOf().ensure()]);
    expect(results).toEqual([[], []]);
  });

  it('names a projection whose version is another, and advance leaves its rows alone', async () => {
    await runtimeOf().ensure();
    await record(opened('7b'));
    const newer = runtimeOf({ projections: [chatsProjection({ version: 2 }), firstsProjection] });
    expect(await newer.ensure()).toEqual(['chat-list']);
    await newer.advance();
    expect(await titles()).toEqual([]);
  });

  it('refuses tables that changed under an unchanged version', async () => {
    await runtimeOf().ensure();
    const { name, version } = firstsProjection;
    const changed = defineProjection({ name, version, tables: [], on: [] });
    await expect(runtimeOf({ projections: [changed] }).ensure()).rejects.toMatchObject({
      code: 'integrity-broken',
    });
  });
});

describe('an event that cannot be taken', () => {
  /** More than a tsvector holds. */
  const tooManyWords = Array.from({ length: 200_000 }, (_, index) => `word${index}`).join(' ');

  it.each([
    ['its handler throws', { projections: [chatsProjection({ chokesOn: 'bad' })] }, 'a defect'],
    [
      'PostgreSQL refuses its row',
      { projections: [chatsProjection({ titleOf: (title) => (title === 'bad' ? tooManyWords : title) })] },
      'PostgreSQL 54000',
    ],
    [
      'it cannot be prepared',
      {
        projections: [chatsProjection()],
        prepare: (events) => {
          if (events.some(({ data }) => data.title === 'bad')) throw new Error('no upcaster');
          return events;
        },
      } satisfies Given,
      'no upcaster',
    ],
  ])('stops only its organisation, where %s', async (_, given, error) => {
    const runtime = runtimeOf(given);
    await runtime.ensure();
    await record(opened('a'), opened('b', 'b', otherSchool), opened('c', 'bad'), opened('d'));
    await runtime.advance();
    await record(opened('e'), opened('f', 'f', otherSchool));
    await runtime.advance();
    expect({ stopped: await titles(), other: await titles(otherSchool) }).toEqual({
      stopped: ['a'],
      other: ['b', 'f'],
    });
    const [status] = await runtime.status();
    expect(status).toMatchObject({
      lag: 0n,
      failures: [{ organizationId: school, position: 3n, type: 'ChatOpened', attempts: 1 }],
    });
    expect(status?.failures[0]?.error).toContain(error);
    expect(logged).toMatchObject([{ projection: 'chat-list', organizationId: school, position: '3' }]);
  });

  it('is counted, and not told again, where a retry fails at it', async () => {
    const runtime = runtimeOf({ projections: [chatsProjection({ chokesOn: 'bad' })] });
    await runtime.ensure();
    await record(opened('c', 'bad'));
    await runtime.advance();
    expect(await runtime.retryFailures()).toEqual([
      { projection: 'chat-list', organizationId: school, lifted: false },
    ]);
    expect((await runtime.status())[0]?.failures).toMatchObject([{ attempts: 2 }]);
    expect(logged).toHaveLength(1);
  });

  it('is taken by a retry after the defect was mended, with all that waited behind it', async () => {
    const defective = runtimeOf({ projections: [chatsProjection({ chokesOn: 'bad' })], pageSize: 20 });
    await defective.ensure();
    await record(
      ...mixture(100),
      opened('chat-1', 'bad'),
      opened('chat-2', 'bad', otherSchool),
      ...mixture(100, 2),
    );
    await defective.advance();
    const mended = runtimeOf({ projections: [chatsProjection()], pageSize: 20 });
    const retried = await mended.retryFailures('chat-list');
    expect(retried.map(({ lifted }) => lifted)).toEqual([true, true]);
    expect(await mended.rebuild('chat-list')).toMatchObject([{ equal: true, switched: true }]);
    expect((await mended.status())[0]?.failures).toEqual([]);
  });
});

describe('rebuild', () => {
  it('comes to the rows that are live, while events are recorded', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    await record(...mixture(200));
    const [results] = await Promise.all([
      runtime.rebuild(['chat-list', 'firsts'], { batch: 30 }),
      record(...mixture(100, 2)).then(() => runtime.advance()),
    ]);
    await runtime.advance();
    expect(results).toMatchObject([
      { equal: true, switched: true },
      { equal: true, switched: true },
    ]);
    expect((await runtime.status()).map(({ lag }) => lag)).toEqual([0n, 0n]);
  });

  it('does not switch to rows that differ, and names their table', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    await record(opened('7b'));
    await runtime.advance();
    await pool.query(`UPDATE chats SET title = 'forged'`);
    await expect(runtime.rebuild(['chat-list', 'firsts'])).rejects.toMatchObject({
      code: 'integrity-broken',
      message: 'Not switched: chat-list: its rebuild differs in chats',
    });
    expect(await titles()).toEqual(['forged']);
  });

  it('switches to rows that differ where it is forced', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    await record(opened('7b'));
    await runtime.advance();
    await pool.query(`UPDATE chats SET title = 'forged'`);
    const results = await runtime.rebuild('chat-list', { force: true });
    expect(results).toMatchObject([{ equal: false, tables: ['chats'], switched: true }]);
    expect(await titles()).toEqual(['7b']);
  });

  it('does not switch to a version that stops an organisation more', async () => {
    await runtimeOf().ensure();
    await record(opened('7b', 'bad'));
    const newer = runtimeOf({ projections: [chatsProjection({ version: 2, chokesOn: 'bad' })] });
    await expect(newer.rebuild('chat-list')).rejects.toMatchObject({ code: 'integrity-broken' });
    expect((await newer.status())[0]).toMatchObject({ version: 1, awaitsRebuild: true, failures: [] });
  });

  it('heals an organisation that was stopped', async () => {
    const defective = runtimeOf({ projections: [chatsProjection({ chokesOn: 'bad' })] });
    await defective.ensure();
    await record(opened('7b', 'bad'), opened('8a'));
    await defective.advance();
    const mended = runtimeOf({ projections: [chatsProjection()] });
    await mended.rebuild('chat-list');
    expect({ titles: await titles(), failures: (await mended.status())[0]?.failures }).toEqual({
      titles: ['bad', '8a'],
      failures: [],
    });
  });

  it('is done once at a time', async () => {
    const [one, two] = [runtimeOf(), runtimeOf()];
    await one.ensure();
    await record(...mixture(100));
    const results = await Promise.allSettled([
      one.rebuild('chat-list', { batch: 5 }),
      two.rebuild('chat-list'),
    ]);
    expect(results).toMatchObject(
      results[0].status === 'fulfilled'
        ? [{ status: 'fulfilled' }, { reason: { code: 'conflict' } }]
        : [{ reason: { code: 'conflict' } }, { status: 'fulfilled' }],
    );
  });

  it('switches to a new version under readers, who see the old rows or the new, whole', async () => {
    const older = runtimeOf();
    await older.ensure();
    await record(...Array.from({ length: 50 }, (_, index) => opened(`chat-${index}`, 'old')));
    await older.advance();
    let reading = true;
    const seen = new Set<string>();
    const read = async (): Promise<void> => {
      while (reading) {
        const { rows } = await pool.query({
          name: 'titles',
          text: `SELECT title, count(*)::text AS count FROM chats GROUP BY title`,
        });
        seen.add(JSON.stringify(rows));
      }
    };
    const readers = [read(), read(), read()];
    const newer = runtimeOf({ projections: [chatsProjection({ version: 2, titleOf: () => 'new' })] });
    for (let version = 2; version < 6; version += 1) {
      const titleOf = (): string => (version % 2 === 0 ? 'new' : 'old');
      await runtimeOf({ projections: [chatsProjection({ version, titleOf })] }).rebuild('chat-list');
    }
    reading = false;
    await Promise.all(readers);
    expect([...seen].sort()).toEqual(['[{"title":"new","count":"50"}]', '[{"title":"old","count":"50"}]']);
    expect((await newer.status())[0]).toMatchObject({ version: 5, position: 50n });
  });
});

describe('waitFor', () => {
  it('resolves when the views have the event', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    const position = await record(opened('7b'));
    const waiting = runtime.waitFor(['chat-list', 'firsts'], school, position, 5_000);
    await runtime.advance();
    await waiting;
    expect(await titles()).toEqual(['7b']);
  });

  it('is turned away after its time, to come again in a second', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    const position = await record(opened('7b'));
    await expect(runtime.waitFor('chat-list', school, position, 40)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterSeconds: 1,
    });
  });

  it('is turned away at once where the organisation is stopped', async () => {
    const runtime = runtimeOf({ projections: [chatsProjection({ chokesOn: 'bad' })] });
    await runtime.ensure();
    const position = await record(opened('7b', 'bad'));
    await runtime.advance();
    await expect(runtime.waitFor('chat-list', school, position, 60_000)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('stopped'),
    });
  });

  it('is turned away when the runtime closes', async () => {
    const runtime = runtimeOf();
    await runtime.ensure();
    const waiting = expect(runtime.waitFor('firsts', school, 1n, 60_000)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await runtime.close();
    await waiting;
  });
});
