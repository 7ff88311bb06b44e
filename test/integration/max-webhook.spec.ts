import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Pool } from 'pg';
import pino from 'pino';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import { derivedId, FixedClock, fold, LetopisError, type RecordedEvent } from '@letopis/kernel';
import {
  commandOf,
  type Max,
  MaxIntake,
  maxMigrations,
  type MaxParts,
  MaxQuarantine,
  MaxWebhook,
  openMax,
  readUpdates,
  replay,
  reprocess,
} from '@letopis/max';
import { CommandService, EventCatalogue, StreamStates } from '@letopis/platform';
import { MasterKey, PersonalFields, PostgresKeyVault, privacyMigrations } from '@letopis/privacy';
import { chat, type ChatEvent, chatIdOf, school } from '@letopis/school';
import {
  ANNA,
  AT,
  AT_ISO,
  BORIS,
  CHAT,
  DIALOG,
  EMPTY,
  MID,
  SAMPLES,
  SEQ,
  UNKNOWN,
  userAdded,
  userRemoved,
} from '../../libs/max/src/fixtures/updates';
import { variants } from '../../libs/max/src/fixtures/variants';
import { createTestDatabase, type TestDatabase } from '../support/postgres';

const BOT = 'school-bot';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The same shuffle for the same seed (mulberry32). */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const result = [...items];
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

describe('the webhook of MAX', () => {
  let database: TestDatabase;
  let admin: Pool;
  let pool: Pool;
  let store: PostgresEventStore;
  let parts: MaxParts;
  let max: Max;
  const clock = new FixedClock(new Date('2026-03-02T08:00:00.000Z'));
  const masterKey = new MasterKey(MasterKey.generate());
  const app = { role: `test_${randomBytes(8).toString('hex')}`, password: randomBytes(8).toString('hex') };
  const catalogue = new EventCatalogue(school);
  const personal = new PersonalFields(catalogue.eventTypes);

  // Each test has an organisation of its own, with one bot.
  let organizationId: string;
  let secret: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ adminUrl: database.url, app }, [eventStoreMigrations, privacyMigrations, maxMigrations]);
    const url = new URL(database.url);
    url.username = app.role;
    url.password = app.password;
    admin = new Pool({ connectionString: database.url, max: 1 });
    pool = new Pool({ connectionString: url.href });
    store = await PostgresEventStore.open({ url: url.href });
    const commands = new CommandService({
      domain: school,
      store,
      states: new StreamStates(store, (event) => catalogue.upcast(event)),
      catalogue,
      personal,
      vault: new PostgresKeyVault(pool, masterKey),
      masterKey,
      clock,
      onRecorded: () => undefined,
    });
    parts = { commands, database: pool, views: pool, masterKey, clock, log: pino({ level: 'silent' }) };
    max = openMax(parts);
  });

  afterAll(async () => {
    await store.close();
    await pool.end();
    await admin.query(`DROP OWNED BY ${app.role}; DROP ROLE ${app.role}`);
    await admin.end();
    await database.drop();
  });

  beforeEach(async () => {
    organizationId = randomUUID();
    ({ secret } = await max.bots.register(organizationId, BOT));
  });

  const post = (body: string) => max.webhook.receive(organizationId, secret, Buffer.from(body));
  const pseudonym = (id: string): string => masterKey.pseudonym('max-user', organizationId, id);
  const chatId = (id: string): string => chatIdOf(organizationId, id);
  const streamNamed = (stream: string) => store.readStream({ organizationId, stream });
  const integration = () => streamNamed(`integration-${organizationId}`);

  /** An event with its personal fields opened. */
  async function opened(event: RecordedEvent): Promise<object> {
    const subjects = personal.subjectsOf(event, event.data);
    const keys = await new PostgresKeyVault(pool, masterKey).find(subjects);
    return personal.open(event, event.data, keys);
  }

  describe('given each kind of update, then its event stands in the right stream', () => {
    const account = () => ({
      externalUserId: pseudonym(ANNA),
      maxUserId: ANNA,
      displayName: 'Анна Образцова',
    });
    const message = (text: string) => ({
      mid: MID,
      seq: SEQ,
      senderId: pseudonym(ANNA),
      senderMaxUserId: ANNA,
      senderName: 'Анна Образцова',
      textSha256: sha256(text),
      attachmentKinds: ['image', 'file'],
    });
    const moved = () => ({ chatId: chatId(CHAT), maxChatId: CHAT, by: pseudonym(BORIS), at: AT_ISO });
    const chatStream = () => `chat-${chatId(CHAT)}`;
    const integrationStream = () => `integration-${organizationId}`;

    it.each<[string, string, string, () => string, () => object]>([
      ['bot_added', SAMPLES.bot_added!, 'AuditBotAddedToChat', integrationStream, moved],
      ['bot_removed', SAMPLES.bot_removed!, 'AuditBotRemovedFromChat', integrationStream, moved],
      [
        'user_added',
        SAMPLES.user_added!,
        'ChatMemberAdded',
        chatStream,
        () => ({
          chatId: chatId(CHAT),
          ...account(),
          via: 'inviter',
          inviterId: pseudonym(BORIS),
          at: AT_ISO,
        }),
      ],
      [
        'user_added by link',
        userAdded(),
        'ChatMemberAdded',
        chatStream,
        () => ({ chatId: chatId(CHAT), ...account(), via: 'link', at: AT_ISO }),
      ],
      [
        'user_removed',
        SAMPLES.user_removed!,
        'ChatMemberRemoved',
        chatStream,
        () => ({ chatId: chatId(CHAT), ...account(), by: pseudonym(BORIS), at: AT_ISO }),
      ],
      [
        'user_removed by oneself',
        userRemoved(),
        'ChatMemberLeft',
        chatStream,
        () => ({ chatId: chatId(CHAT), ...account(), at: AT_ISO }),
      ],
      [
        'chat_title_changed',
        SAMPLES.chat_title_changed!,
        'ChatTitleChanged',
        chatStream,
        () => ({ chatId: chatId(CHAT), to: '5А: математика', by: pseudonym(BORIS), at: AT_ISO }),
      ],
      [
        'message_created',
        SAMPLES.message_created!,
        'MessagePosted',
        () => `messages-${chatId(CHAT)}`,
        () => ({
          chatId: chatId(CHAT),
          ...message('Здравствуйте!'),
          at: new Date(AT - 250).toISOString(),
          forwardedFrom: { mid: 'mid.origin', maxChatId: '-72' },
        }),
      ],
      [
        'message_edited',
        SAMPLES.message_edited!,
        'MessageEdited',
        () => `messages-${chatId(DIALOG)}`,
        () => ({ chatId: chatId(DIALOG), ...message('Добрый день!'), editedAt: AT_ISO }),
      ],
      [
        'message_removed',
        SAMPLES.message_removed!,
        'MessageRemoved',
        () => `messages-${chatId(DIALOG)}`,
        () => ({ chatId: chatId(DIALOG), mid: MID, removedBy: pseudonym(ANNA), at: AT_ISO }),
      ],
      [
        'a voice message',
        EMPTY,
        'MessageContentUnavailable',
        integrationStream,
        () => ({ updateTimestamp: AT_ISO, dedupKey: `message_created:${sha256(EMPTY)}` }),
      ],
      [
        'bot_started',
        SAMPLES.bot_started!,
        'ExternalUpdateReceived',
        integrationStream,
        () => ({
          dedupKey: `bot_started:${DIALOG}:${pseudonym(ANNA)}:${AT}`,
          updateType: 'bot_started',
          rawSha256: sha256(SAMPLES.bot_started!),
          receivedAt: '2026-03-02T08:00:00.000Z',
        }),
      ],
    ])('%s', async (_what, body, type, stream, data) => {
      await expect(post(body)).resolves.toEqual({ received: 1, duplicates: 0, quarantined: 0 });

      const events = await streamNamed(stream());
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({ type, source: 'platform', actor: { id: 'max', role: 'system' } });
      await expect(opened(events[0]!)).resolves.toEqual(data());
    });
  });

  it('given names and ids of accounts, then none of them is stored in clear', async () => {
    for (const body of Object.values(SAMPLES)) await post(body);
    await post(UNKNOWN);
    await post(SAMPLES.user_added!.replace('Анна Образцова', 'Анна Другова'));

    const { rows: events } = await admin.query<{ text: string }>(
      'SELECT e::text AS text FROM letopis.events e WHERE organization_id = $1',
      [organizationId],
    );
    const { rows: kept } = await admin.query<{ text: string; raw: Buffer }>(
      'SELECT q::text AS text, raw FROM letopis.max_quarantine q WHERE organization_id = $1',
      [organizationId],
    );
    const stored = [...events, ...kept].map(({ text }) => text).concat(kept.map(({ raw }) => raw.toString()));
    expect(kept).toHaveLength(2);
    expect(stored.join('\n')).not.toMatch(new RegExp(`${ANNA}|${BORIS}|Образцова|Другова|Ура|Здравств`));
  });

  it.each(Object.keys(SAMPLES))('given %s twice, then it is recorded once', async (type) => {
    await post(SAMPLES[type]!);
    const head = await store.head();

    await expect(post(SAMPLES[type]!)).resolves.toEqual({ received: 1, duplicates: 1, quarantined: 0 });

    expect(await store.head()).toBe(head);
  });

  it.each(['message_created', 'user_added', 'bot_started'])(
    'given %s again with another activity and avatar, then it is a duplicate',
    async (type) => {
      await post(SAMPLES[type]!);
      const again = SAMPLES[type]!.replaceAll(/"last_activity_time":\d+/g, '"last_activity_time":1');

      await expect(post(again)).resolves.toMatchObject({ duplicates: 1, quarantined: 0 });
    },
  );

  it('given ten deliveries at once, then one is recorded', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => post(SAMPLES.message_created!)));

    expect(all.filter(({ duplicates }) => duplicates === 0)).toHaveLength(1);
    expect(await streamNamed(`messages-${chatId(CHAT)}`)).toHaveLength(1);
  });

  it('given a batch with the same update twice, then it is recorded once', async () => {
    const body = `{"updates":[${SAMPLES.message_created},${SAMPLES.message_created},${EMPTY}],"marker":7}`;

    await expect(post(body)).resolves.toEqual({ received: 3, duplicates: 1, quarantined: 0 });

    expect(await streamNamed(`messages-${chatId(CHAT)}`)).toHaveLength(1);
  });

  it('given another text under the key of a recorded message, then it goes into quarantine and nothing is lost', async () => {
    await post(SAMPLES.message_created!);
    const other = SAMPLES.message_created!.replace('Здравствуйте!', 'Прощайте!');

    await expect(post(other)).resolves.toEqual({ received: 1, duplicates: 0, quarantined: 1 });
    await expect(post(other)).resolves.toEqual({ received: 1, duplicates: 1, quarantined: 0 });

    const [kept] = await max.quarantine.list(organizationId);
    expect(kept).toMatchObject({ updateType: 'message_created', rawSha256: sha256(other) });
    expect((await max.quarantine.body(organizationId, sha256(other))).toString()).toBe(other);
  });

  describe('given an update that cannot be read', () => {
    it.each([
      ['an unknown type', UNKNOWN, 'comment_created'],
      ['no JSON', '<html>', 'unreadable'],
      ['nothing', '', 'unreadable'],
      ['a message without seq', SAMPLES.message_created!.replace(/"seq":\d+,/, ''), 'message_created'],
    ])('%s, then its body is kept and an event says so', async (_what, body, updateType) => {
      await expect(post(body)).resolves.toEqual({ received: 1, duplicates: 0, quarantined: 1 });

      const [event] = await integration();
      const rawSha256 = sha256(body);
      expect(event).toMatchObject({ type: 'ExternalUpdateQuarantined', data: { updateType, rawSha256 } });
      expect((await max.quarantine.body(organizationId, rawSha256)).toString()).toBe(body);
      expect(await max.quarantine.list(organizationId)).toEqual([
        {
          rawSha256,
          updateType,
          dedupKey: event!.data.dedupKey,
          reason: event!.data.reason,
          receivedAt: '2026-03-02T08:00:00.000Z',
        },
      ]);
    });

    it('then another organisation cannot see it', async () => {
      await post(UNKNOWN);

      await expect(max.quarantine.body(randomUUID(), sha256(UNKNOWN))).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('and can be read later, then reprocessing records it and forgets the body', async () => {
      const early = userAdded({ at: AT + 24 * 3_600_000 });
      await post(early);
      await post(UNKNOWN);
      clock.set(new Date(AT + 25 * 3_600_000));

      await expect(reprocess(max, organizationId)).resolves.toEqual({ recorded: 1, left: 1 });

      clock.set(new Date('2026-03-02T08:00:00.000Z'));
      expect((await streamNamed(`chat-${chatId(CHAT)}`)).map(({ type }) => type)).toEqual([
        'ChatMemberAdded',
      ]);
      expect(await max.quarantine.list(organizationId)).toHaveLength(1);
    });
  });

  describe('given the secret of a bot', () => {
    const refused = { code: 'unauthenticated', message: expect.stringContaining('X-Max-Bot-Api-Secret') };
    const enter = (header: string | undefined, organization = organizationId) =>
      max.webhook.receive(organization, header, Buffer.from(EMPTY));

    it.each<[string, () => Promise<unknown>]>([
      ['no header', () => enter(undefined)],
      ['an empty header', () => enter('')],
      ['another secret', () => enter(`${secret}x`)],
      ['an organisation that nobody knows', () => enter(secret, randomUUID())],
      ['an organisation that is no id', () => enter(secret, 'x')],
      ['its organisation spelt otherwise', () => enter(secret, organizationId.toUpperCase())],
    ])('when there comes %s, then it is refused in the same words', async (_what, entering) => {
      await expect(entering()).rejects.toMatchObject(refused);
    });

    it('then another organisation does not take it', async () => {
      const other = randomUUID();
      await max.bots.register(other, BOT);

      await expect(enter(secret, other)).rejects.toMatchObject(refused);
    });

    it('when it is replaced, then both hold for a day, and then the new one alone', async () => {
      const fresh = await max.bots.register(organizationId, BOT);
      await expect(enter(secret)).resolves.toMatchObject({ received: 1 });

      await admin.query(
        `UPDATE letopis.max_bots SET valid_until = valid_until - interval '24 hours' WHERE organization_id = $1`,
        [organizationId],
      );

      await expect(enter(secret)).rejects.toMatchObject(refused);
      await expect(enter(fresh.secret)).resolves.toMatchObject({ received: 1 });
    });

    it('when the bot is revoked, then it ends at once', async () => {
      await max.bots.revoke(organizationId, BOT);

      await expect(enter(secret)).rejects.toMatchObject(refused);
    });

    it('then it is one that MAX takes, and the database does not hold it', async () => {
      expect(secret).toMatch(/^[A-Za-z0-9_-]{5,256}$/);
      const { rows } = await admin.query<{ row: string }>(
        'SELECT b::text AS row FROM letopis.max_bots b WHERE organization_id = $1',
        [organizationId],
      );
      expect(rows[0]!.row).not.toContain(secret);
    });

    it.each(['abcd', 'a'.repeat(257), 'пароль', 'with blank'])(
      'when %p is to be one, then it is refused',
      async (given) => {
        await expect(max.bots.register(organizationId, BOT, given)).rejects.toMatchObject({
          code: 'invalid',
        });
      },
    );
  });

  it('given every sample with every field missing, of another kind or doubled, then nothing of it is lost', async () => {
    const all = variants();
    const digestOf = (body: string) =>
      readUpdates(Buffer.from(body))
        .map(({ rawSha256 }) => rawSha256)
        .join();
    // What a batch would give back otherwise than it came, or spoil, is posted by itself.
    const batched = all.filter(({ body }) => digestOf(`{"updates":[${body}]}`) === digestOf(body));
    const single = all.filter((variant) => !batched.includes(variant));
    for (let from = 0; from < batched.length; from += 500) {
      const bodies = batched.slice(from, from + 500).map(({ body }) => body);
      await expect(post(`{"updates":[${bodies.join(',')}]}`)).resolves.toMatchObject({
        received: bodies.length,
      });
    }
    for (let from = 0; from < single.length; from += 50) {
      const posted = await Promise.all(single.slice(from, from + 50).map(({ body }) => post(body)));
      expect(posted.every(({ received }) => received === 1)).toBe(true);
    }

    const { rows } = await admin.query<{ raw_sha256: string }>(
      'SELECT raw_sha256 FROM letopis.max_quarantine WHERE organization_id = $1',
      [organizationId],
    );
    const kept = new Set(rows.map((row) => row.raw_sha256));
    const { rows: events } = await admin.query<{ command_id: string }>(
      'SELECT DISTINCT command_id FROM letopis.events WHERE organization_id = $1',
      [organizationId],
    );
    const recorded = new Set(events.map((row) => row.command_id));
    const context = { organizationId, pseudonymOf: pseudonym, now: clock.now() };
    const titles = (await streamNamed(`chat-${chatId(CHAT)}`)).map(({ data }) =>
      JSON.stringify([data.at, data.to]),
    );
    const lost = all.filter(({ body }) => {
      const [update] = readUpdates(Buffer.from(body));
      const { idempotencyKey, occurredAt, payload } = commandOf(update!, context);
      return !(
        kept.has(update!.rawSha256) ||
        recorded.has(derivedId('command', organizationId, 'max', idempotencyKey)) ||
        // The same title at the same instant is one fact, whoever is said to have given it.
        titles.includes(JSON.stringify([occurredAt, payload.title]))
      );
    });
    expect(lost).toEqual([]);
  }, 120_000);

  describe('given a recorded file', () => {
    const told: string[] = [];
    const replayed = async (text: string) => {
      told.length = 0;
      return replay(max.intake, organizationId, Readable.from([Buffer.from(text)]), (line, message) =>
        told.push(`${line}: ${message}`),
      );
    };
    const lines = [...Object.values(SAMPLES), EMPTY];

    it.each<[string, string]>([
      ['one update a line', lines.join('\n')],
      ['a list', `[${lines.join(',\n')}]`],
      ['an answer of long polling', `{"updates":[${lines.join(',')}],"marker":7}`],
      [
        'answers of long polling, one a line',
        lines.map((line) => `{"updates":[${line}],"marker":7}\n`).join(''),
      ],
    ])('of %s, when it is replayed twice, then the second time changes nothing', async (_what, text) => {
      const count = lines.length;
      const first = { updates: count, recorded: count, duplicates: 0, quarantined: 0, broken: 0 };
      await expect(replayed(text)).resolves.toEqual(first);
      const head = await store.head();

      await expect(replayed(text)).resolves.toEqual({ ...first, recorded: 0, duplicates: count });
      expect(await store.head()).toBe(head);
      expect(await integration()).toContainEqual(expect.objectContaining({ source: 'import' }));
    });

    it('when the webhook took some of it, then only the rest is recorded', async () => {
      await post(SAMPLES.user_added!);
      await post(EMPTY);

      await expect(replayed(lines.join('\n'))).resolves.toMatchObject({
        recorded: lines.length - 2,
        duplicates: 2,
      });
    });

    it('when lines of it are broken, then they are told by number and the others are recorded', async () => {
      const text = [EMPTY, '{"update_type":', UNKNOWN, '', 'x', '[1]', SAMPLES.bot_added].join('\n');

      await expect(replayed(text)).resolves.toEqual({
        updates: 3,
        recorded: 2,
        duplicates: 0,
        quarantined: 1,
        broken: 3,
      });
      expect(told.sort()).toEqual([
        '2: the body is no JSON',
        '3: cannot be read yet; it is kept in quarantine',
        '5: the body is no JSON',
        '6: the body is no JSON object',
      ]);
    });
  });

  describe('given a quarantine', () => {
    it('that is larger than a page, when it is reprocessed, then all of it is looked at', async () => {
      const tooEarly = Array.from({ length: 1_100 }, (_, index) =>
        userAdded({ at: AT + 24 * 3_600_000 + index }),
      );
      await post(`{"updates":[${tooEarly.slice(0, 550).join(',')}]}`);
      await post(`{"updates":[${tooEarly.slice(550).join(',')}]}`);
      await post(UNKNOWN);
      clock.set(new Date(AT + 25 * 3_600_000));

      const done = await reprocess(max, organizationId);
      const again = await reprocess(max, organizationId);

      clock.set(new Date('2026-03-02T08:00:00.000Z'));
      expect(done).toEqual({ recorded: 1_100, left: 1 });
      expect(again).toEqual({ recorded: 0, left: 1 });
    });

    it('with a body of too many updates, when it is reprocessed, then each is recorded, or kept by itself', async () => {
      const many = Array.from({ length: 1_001 }, (_, index) => userAdded({ at: AT + index }));
      await expect(post(`{"updates":[${[...many, UNKNOWN].join(',')}]}`)).resolves.toMatchObject({
        quarantined: 1,
      });

      await reprocess(max, organizationId);

      expect((await max.quarantine.list(organizationId)).map(({ rawSha256 }) => rawSha256)).toEqual([
        sha256(UNKNOWN),
      ]);
      expect(await streamNamed(`chat-${chatId(CHAT)}`)).toHaveLength(1_001);
    });

    it('when an account is to be forgotten, then the bodies that name it are erased, JSON or not', async () => {
      await post(UNKNOWN.replace('"comment"', `"user_id":${ANNA},"comment"`));
      await post(`{"inviter_id" : "${ANNA}", broken`);
      await post(UNKNOWN.replace('"comment"', `"user_id":${BORIS},"comment"`));

      await expect(max.quarantine.erase(organizationId, [pseudonym(ANNA)])).resolves.toBe(2);
      expect(await max.quarantine.list(organizationId)).toHaveLength(1);
    });

    it('that is full, then MAX is to come again, and what can be read is still recorded', async () => {
      const small = new MaxQuarantine(pool, masterKey, 1);
      await small.keep(
        organizationId,
        { rawSha256: 'a', dedupKey: 'a', updateType: 'a', reason: 'a', receivedAt: AT_ISO },
        Buffer.from('a'),
      );
      const full = new MaxWebhook({
        ...parts,
        ...max,
        intake: new MaxIntake({ ...parts, quarantine: new MaxQuarantine(pool, masterKey, 1) }),
      });
      const enter = (body: string) => full.receive(organizationId, secret, Buffer.from(body));

      await expect(enter(UNKNOWN)).rejects.toMatchObject({ code: 'unavailable' });
      await expect(enter(EMPTY)).resolves.toMatchObject({ received: 1, quarantined: 0 });
    });
  });

  it('given a store that is away, then MAX is to come again, and then the update is recorded', async () => {
    const away = new LetopisError('unavailable', 'The event store cannot be reached');
    const broken = openMax({
      ...parts,
      commands: {
        executeAll: (requests) => Promise.resolve(requests.map(() => ({ ok: false, error: away }))),
      },
    });

    await expect(broken.webhook.receive(organizationId, secret, Buffer.from(UNKNOWN))).rejects.toBe(away);
    await expect(post(UNKNOWN)).resolves.toEqual({ received: 1, duplicates: 0, quarantined: 1 });
  });

  it('given 1,000 comings and goings in any order and some twice, then the chat has the members that time gives', async () => {
    const updates = Array.from({ length: 1_000 }, (_, index) => {
      const id = String(600_000_000 + ((index * 37) % 50));
      // A multiplicative step, so that comings and goings of one account follow no pattern.
      return ((index * index) % 7) % 2 === 0
        ? { id, added: true, body: userAdded({ id, at: AT - 2_000_000 + index }) }
        : { id, added: false, body: userRemoved({ id, at: AT - 2_000_000 + index }) };
    });
    const last = new Map(updates.map(({ id, added }) => [id, added]));
    const expected = [...last].filter(([, added]) => added).map(([id]) => pseudonym(id));
    const arriving = shuffled([...updates, ...updates.slice(0, 100)], 7).map(({ body }) => body);

    for (let from = 0; from < arriving.length; from += 100) {
      const batches = [arriving.slice(from, from + 50), arriving.slice(from + 50, from + 100)];
      await Promise.all(batches.map((batch) => post(`{"updates":[${batch.join(',')}]}`)));
    }

    const events = await streamNamed(`chat-${chatId(CHAT)}`);
    const state = fold(
      chat,
      events.map((event) => ({ type: event.type, data: event.data }) as ChatEvent),
    );
    expect(events).toHaveLength(1_000);
    const present = [...state.members].filter(([, member]) => member.present).map(([id]) => id);
    expect(present.sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(5);
  }, 60_000);
});
