import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { eventStoreMigrations, migrate, PostgresEventStore } from '@letopis/event-store';
import { FixedClock, fold, LetopisError, type RecordedEvent } from '@letopis/kernel';
import { MaxBots, maxMigrations, MaxQuarantine, MaxWebhook, type MaxWebhookParts } from '@letopis/max';
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
  let parts: MaxWebhookParts;
  let webhook: MaxWebhook;
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
    parts = {
      commands,
      bots: new MaxBots(pool, masterKey),
      quarantine: new MaxQuarantine(pool, masterKey),
      masterKey,
      clock,
    };
    webhook = new MaxWebhook(parts);
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
    ({ secret } = await parts.bots.register(organizationId, BOT));
  });

  const post = (body: string) => webhook.receive(organizationId, secret, Buffer.from(body));
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

    const [kept] = await parts.quarantine.list(organizationId);
    expect(kept).toMatchObject({ updateType: 'message_created', rawSha256: sha256(other) });
    expect((await parts.quarantine.body(organizationId, sha256(other))).toString()).toBe(other);
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
      expect((await parts.quarantine.body(organizationId, rawSha256)).toString()).toBe(body);
      expect(await parts.quarantine.list(organizationId)).toEqual([
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

      await expect(parts.quarantine.body(randomUUID(), sha256(UNKNOWN))).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it('and can be read later, then reprocessing records it and forgets the body', async () => {
      const early = userAdded({ at: AT + 24 * 3_600_000 });
      await post(early);
      await post(UNKNOWN);
      const tomorrow = new MaxWebhook({ ...parts, clock: new FixedClock(new Date(AT + 25 * 3_600_000)) });
      clock.set(new Date(AT + 25 * 3_600_000));

      await expect(tomorrow.reprocess(organizationId)).resolves.toEqual({ recorded: 1, left: 1 });

      clock.set(new Date('2026-03-02T08:00:00.000Z'));
      expect((await streamNamed(`chat-${chatId(CHAT)}`)).map(({ type }) => type)).toEqual([
        'ChatMemberAdded',
      ]);
      expect(await parts.quarantine.list(organizationId)).toHaveLength(1);
    });
  });

  describe('given the secret of a bot', () => {
    const refused = { code: 'unauthenticated', message: expect.stringContaining('X-Max-Bot-Api-Secret') };
    const enter = (header: string | undefined, organization = organizationId) =>
      webhook.receive(organization, header, Buffer.from(EMPTY));

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
      await parts.bots.register(other, BOT);

      await expect(enter(secret, other)).rejects.toMatchObject(refused);
    });

    it('when it is replaced, then both hold for a day, and then the new one alone', async () => {
      const fresh = await parts.bots.register(organizationId, BOT);
      await expect(enter(secret)).resolves.toMatchObject({ received: 1 });

      await admin.query(
        `UPDATE letopis.max_bots SET valid_until = valid_until - interval '24 hours' WHERE organization_id = $1`,
        [organizationId],
      );

      await expect(enter(secret)).rejects.toMatchObject(refused);
      await expect(enter(fresh.secret)).resolves.toMatchObject({ received: 1 });
    });

    it('when the bot is revoked, then it ends at once', async () => {
      await parts.bots.revoke(organizationId, BOT);

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
        await expect(parts.bots.register(organizationId, BOT, given)).rejects.toMatchObject({
          code: 'invalid',
        });
      },
    );
  });

  it('given a store that is away, then MAX is to come again, and then the update is recorded', async () => {
    const away = new LetopisError('unavailable', 'The event store cannot be reached');
    const broken = new MaxWebhook({
      ...parts,
      commands: {
        executeAll: (requests) => Promise.resolve(requests.map(() => ({ ok: false, error: away }))),
      },
    });

    await expect(broken.receive(organizationId, secret, Buffer.from(UNKNOWN))).rejects.toBe(away);
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
    expect([...state.members].sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(5);
  }, 60_000);
});
