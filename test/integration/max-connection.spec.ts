import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { letopis } from '@letopis/api';
import { FixedClock, type RecordedEvent } from '@letopis/kernel';
import { type Max, maxOverview, openMax } from '@letopis/max';
import {
  type Core,
  EmbeddedIssuer,
  type Installation,
  migrateInstallation,
  openCore,
} from '@letopis/platform';
import { AccountLinked, ChatClosed, chatIdOf, ChatRegistered } from '@letopis/school';
import { ANNA, EMPTY, userAdded } from '../../libs/max/src/fixtures/updates';
import { createInstallation } from '../support/application';
import { newEvent } from '../support/events';
import { type MaxDouble, startMaxDouble } from '../support/max-double';

const TOKEN = 'token-of-the-bot';
const BOT = '229229229';
const ADDRESS = 'https://letopis.school7.example';
const START = new Date('2026-03-02T08:00:00.000Z');
const HOUR = 3_600_000;
const CHAT = '-71002003004005';
const OPERATOR = {
  caller: { id: '00000000-0000-4000-8000-000000000001', roles: ['operator'] },
  source: 'operator',
} as const;

describe('the connection to MAX', () => {
  let installation: Installation;
  let core: Core;
  let api: MaxDouble;
  let max: Max;
  const clock = new FixedClock(START);

  // Each test has an organisation of its own, and nothing of those before is due.
  let organizationId: string;

  beforeAll(async () => {
    installation = await createInstallation(new EmbeddedIssuer(EmbeddedIssuer.generate()));
    await migrateInstallation(installation, letopis);
    core = await openCore(installation, letopis, { clock, log: pino({ level: 'silent' }) });
    api = await startMaxDouble();
    max = openMax(core, { timeoutMs: 300, attempts: 2, backoffMs: 1 });
  }, 60_000);

  afterAll(async () => {
    await api.close();
    await core.close();
    await installation.close();
  });

  beforeEach(async () => {
    await core.database.query('DELETE FROM letopis.max_connections');
    await core.database.query('DELETE FROM letopis.max_rosters');
    clock.set(START);
    api.bots.clear();
    api.chats.clear();
    api.requests.length = 0;
    api.failures.length = 0;
    api.addBot(TOKEN, Number(BOT));
    organizationId = randomUUID();
  });

  const connect = (token = TOKEN, botId?: string) =>
    max.subscriptions.connect(organizationId, { token, url: ADDRESS, botId, apiUrl: api.url }, OPERATOR);
  const webhook = (): string => `${ADDRESS}/v1/organizations/${organizationId}/integrations/max/webhook`;
  const subscription = (token = TOKEN) => api.bots.get(token)?.subscriptions.get(webhook());
  const post = (secret: string | undefined, body = EMPTY) =>
    max.webhook.receive(organizationId, secret, Buffer.from(body));
  const events = (stream = `integration-${organizationId}`): Promise<readonly RecordedEvent[]> =>
    core.store.readStream({ organizationId, stream });
  const types = async (): Promise<readonly string[]> => (await events()).map(({ type }) => type);
  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) api.failures.push({ status: 503 });
  };
  const later = (hours: number): void => clock.set(new Date(START.getTime() + hours * HOUR));

  describe('given a bot’s token, when it is connected', () => {
    it('then MAX posts everything here with a secret that is taken, and the record says who connected it', async () => {
      await connect();

      expect(subscription()?.update_types).toContain('comment_removed');
      await expect(post(subscription()?.secret)).resolves.toMatchObject({ received: 1 });
      expect((await events())[0]).toMatchObject({
        type: 'IntegrationSubscribed',
        actor: { role: 'operator' },
        data: { botId: BOT, url: webhook(), updateTypes: expect.arrayContaining(['message_created']) },
      });
    });

    it('then neither its token nor its secret is stored in clear', async () => {
      await connect();

      const { rows } = await core.database.query<{ text: string; token: Buffer; secret: Buffer }>(
        'SELECT c::text AS text, token, secret FROM letopis.max_connections c',
      );
      const stored = rows
        .flatMap(({ text, token, secret }) => [text, token.toString(), secret.toString()])
        .join();
      expect(stored).toContain(BOT);
      expect(stored).not.toContain(TOKEN);
      expect(stored).not.toContain(subscription()?.secret);
    });

    it('and once more, then the old secret is taken for a while, and MAX knows one subscription', async () => {
      await connect();
      const before = subscription()?.secret;
      await connect();

      expect(subscription()?.secret).not.toBe(before);
      await expect(post(before)).resolves.toMatchObject({ received: 1 });
      expect(api.bots.get(TOKEN)?.subscriptions.size).toBe(1);
      expect(await max.connections.list(organizationId)).toHaveLength(1);
    });

    it('and this Letopis has moved, then MAX forgets the old address', async () => {
      await connect();
      await max.subscriptions.connect(
        organizationId,
        { token: TOKEN, url: 'https://new.school7.example', apiUrl: api.url },
        OPERATOR,
      );

      expect([...(api.bots.get(TOKEN)?.subscriptions.keys() ?? [])]).toEqual([
        webhook().replace('letopis.', 'new.'),
      ]);
    });

    it('then a second bot of the organisation posts with a secret of its own', async () => {
      api.addBot('other-token', 5);
      await connect();
      await connect('other-token');
      await max.bots.revoke(organizationId, '5');

      await expect(post(subscription()?.secret)).resolves.toMatchObject({ received: 1 });
      await expect(post(subscription('other-token')?.secret)).rejects.toMatchObject({
        code: 'unauthenticated',
      });
    });

    it('then two bots in one chat record an update once', async () => {
      api.addBot('other-token', 5);
      await connect();
      await connect('other-token');

      await post(subscription()?.secret, userAdded());
      await expect(post(subscription('other-token')?.secret, userAdded())).resolves.toMatchObject({
        duplicates: 1,
      });
    });
  });

  it.each<[string, string, () => void]>([
    ['a token that MAX does not accept', 'unauthenticated', () => api.bots.clear()],
    ['a Bot API that is down', 'unavailable', () => fail(2)],
    ['a Bot API that hangs up', 'unavailable', () => api.failures.push('hang-up', 'hang-up')],
    ['a Bot API that does not answer', 'unavailable', () => api.failures.push('silence', 'silence')],
    ['an answer that is no JSON', 'unavailable', () => api.failures.push({ status: 200, body: '<html>' })],
    ['an answer without an id', 'unavailable', () => api.failures.push({ status: 200, body: '{}' })],
    [
      'an id that a double cannot hold',
      'unavailable',
      () => api.failures.push({ status: 200, body: '{"user_id":9223372036854775807}' }),
    ],
  ])(
    'given %s, when a bot is to be connected, then it is %s and nothing is kept',
    async (_what, code, prepare) => {
      prepare();

      await expect(connect()).rejects.toMatchObject({ code });
      expect(await max.connections.list(organizationId)).toEqual([]);
      expect(await types()).toEqual([]);
    },
  );

  it('given MAX asks for fewer requests, when a bot is connected, then it waits and succeeds', async () => {
    api.failures.push({ status: 429, headers: { 'retry-after': '0.01' } });

    await expect(connect()).resolves.toMatchObject({ botId: BOT });
  });

  it('given MAX refuses the subscription, then the secret of before is taken still', async () => {
    await connect();
    const { secret } = subscription() ?? {};
    const answer = { status: 200, body: '{"success":false,"message":"no"}' };
    api.failures.push({ status: 200, body: `{"user_id":${BOT}}` }, answer);

    await expect(connect()).rejects.toMatchObject({ code: 'unavailable' });
    await expect(post(secret)).resolves.toMatchObject({ received: 1 });
  });

  describe('given a connected bot', () => {
    beforeEach(() => connect());

    it('when its secret is rotated, then MAX has the new one, and the old one is taken for a while', async () => {
      const before = subscription()?.secret;
      await max.subscriptions.rotate(organizationId, BOT, OPERATOR);

      expect(subscription()?.secret).not.toBe(before);
      await expect(post(before)).resolves.toMatchObject({ received: 1 });
      await expect(post(subscription()?.secret)).resolves.toMatchObject({ received: 1 });
    });

    it('when it is disconnected, then its secret ends, nothing of it is kept, and the record says so', async () => {
      const { secret } = subscription() ?? {};
      await max.subscriptions.disconnect(organizationId, BOT, OPERATOR, { force: false });

      await expect(post(secret)).rejects.toMatchObject({ code: 'unauthenticated' });
      expect(await max.connections.list(organizationId)).toEqual([]);
      expect((await types()).at(-1)).toBe('IntegrationUnsubscribed');
    });

    it('when it is disconnected while MAX is away, then nothing changes, but for who insists', async () => {
      fail(2);
      const disconnect = (force: boolean) =>
        max.subscriptions.disconnect(organizationId, BOT, OPERATOR, { force });
      await expect(disconnect(false)).rejects.toMatchObject({ code: 'unavailable' });
      expect(await max.connections.list(organizationId)).toHaveLength(1);

      fail(2);
      await disconnect(true);
      expect(await max.connections.list(organizationId)).toEqual([]);
    });

    it('when its status is asked for while MAX is away, then it says why it is not known', async () => {
      await expect(max.subscriptions.status(organizationId)).resolves.toMatchObject([{ subscribed: true }]);

      fail(2);
      await expect(max.subscriptions.status(organizationId)).resolves.toMatchObject([
        { subscribed: false, problem: 'MAX answered 503' },
      ]);
    });

    it('when it is checked and MAX knows it, then nothing is recorded, and it is not checked again at once', async () => {
      later(1);
      await max.subscriptions.checkDue();
      api.requests.length = 0;
      await max.subscriptions.checkDue();

      expect(await types()).toEqual(['IntegrationSubscribed']);
      expect(api.requests).toEqual([]);
    });

    it('when MAX has dropped it, then the gap is recorded once and it is subscribed again with its secret', async () => {
      const { secret } = subscription() ?? {};
      later(1);
      await max.subscriptions.checkDue();
      api.bots.get(TOKEN)?.subscriptions.clear();
      later(9);
      await max.subscriptions.checkDue();
      later(10);
      await max.subscriptions.checkDue();

      expect(subscription()?.secret).toBe(secret);
      expect((await events()).slice(1)).toMatchObject([
        {
          type: 'IntegrationGapDetected',
          actor: { role: 'system' },
          data: {
            botId: BOT,
            reason: '8h_unsubscribe',
            from: '2026-03-02T09:00:00.000Z',
            to: '2026-03-02T17:00:00.000Z',
          },
        },
        { type: 'IntegrationSubscribed', actor: { role: 'system' } },
      ]);
      expect(await events()).toHaveLength(3);
    });

    it('when MAX has dropped it and subscribing fails, then the gap is recorded once, until it succeeds', async () => {
      api.bots.get(TOKEN)?.subscriptions.clear();
      later(1);
      api.failures.push({ status: 200, body: '{"subscriptions":[]}' });
      fail(2);
      await max.subscriptions.checkDue();
      expect(await maxOverview(core.database)).toMatchObject({ bots: 1, gaps: 1 });
      later(2);
      await max.subscriptions.checkDue();

      expect(await types()).toEqual([
        'IntegrationSubscribed',
        'IntegrationGapDetected',
        'IntegrationSubscribed',
      ]);
      expect(await maxOverview(core.database)).toMatchObject({ bots: 1, gaps: 0 });
    });

    it('when MAX posts only part of what is needed, then it is subscribed to everything again', async () => {
      const own = subscription();
      api.bots.get(TOKEN)?.subscriptions.set(webhook(), {
        url: webhook(),
        secret: own?.secret ?? '',
        update_types: ['message_created'],
      });
      later(1);
      await max.subscriptions.checkDue();

      expect(subscription()?.update_types).toContain('user_removed');
    });

    it('when nothing comes and MAX is away, then after six hours the gap is recorded, once, until it is back', async () => {
      for (const hours of [1, 5.9, 6, 7]) {
        later(hours);
        fail(2);
        await max.subscriptions.checkDue();
        expect(await types()).toHaveLength(hours < 6 ? 1 : 2);
      }
      expect(await maxOverview(core.database)).toMatchObject({ gaps: 1 });
      later(8);
      await max.subscriptions.checkDue();

      expect((await events()).slice(1)).toMatchObject([
        {
          type: 'IntegrationGapDetected',
          data: { reason: 'outage', from: START.toISOString(), to: '2026-03-02T14:00:00.000Z' },
        },
        { type: 'IntegrationSubscribed' },
      ]);
      expect(await maxOverview(core.database)).toMatchObject({ gaps: 0 });
    });

    it('when updates come although MAX cannot be asked, then there is no gap', async () => {
      later(5);
      await post(subscription()?.secret);
      later(10);
      fail(2);
      await max.subscriptions.checkDue();

      expect(await types()).toEqual(['IntegrationSubscribed', 'MessageContentUnavailable']);
    });
  });

  describe('given a registered chat', () => {
    const chatId = (): string => chatIdOf(organizationId, CHAT);
    const account = (id: number): string => core.masterKey.pseudonym('max-user', organizationId, String(id));
    const people = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        user_id: 1_000 + index,
        is_admin: index < 2,
        is_owner: index === 0,
      }));
    const bot = (is_admin: boolean) => ({ user_id: Number(BOT), is_admin, is_bot: true });
    const snapshots = async (): Promise<readonly RecordedEvent[]> =>
      (await events(`chat-${chatId()}`)).filter(({ type }) => type === 'ChatRosterSnapshotTaken');
    const reconcile = async () => {
      await core.projections.advance();
      return max.rosters.reconcile(organizationId);
    };
    /** Stands on record, whatever the rules of its command are. */
    const recorded = async (
      stream: string,
      { type, data }: { readonly type: string; readonly data: object },
    ): Promise<void> => {
      const last = (await events(stream)).at(-1)?.revision;
      const event = newEvent({ type, data: { ...data }, occurredAt: START.toISOString() });
      await core.store.append({ organizationId, stream }, last ?? 'no-stream', [event]);
    };

    beforeEach(async () => {
      await connect();
      const entry = { kind: 'management', title: 'Директор и заместители', ownerId: randomUUID() } as const;
      await recorded(
        `chat-${chatId()}`,
        ChatRegistered.of({ chatId: chatId(), maxChatId: CHAT, ...entry, purpose: 'Совещания' }),
      );
    });

    it('when its bot is an administrator, then all members are read by pages, without the bot itself', async () => {
      api.chats.set(CHAT, [bot(true), ...people(250)]);

      await expect(reconcile()).resolves.toEqual({ taken: 1, denied: 0, failed: 0 });

      const [taken, ...others] = await snapshots();
      expect(others).toEqual([]);
      expect(taken).toMatchObject({
        actor: { id: 'max', role: 'system' },
        source: 'platform',
        data: {
          takenAt: START.toISOString(),
          source: 'api',
          ownerId: account(1_000),
          adminIds: [account(1_000), account(1_001)],
        },
      });
      expect(taken?.data.memberIds).toEqual(people(250).map(({ user_id }) => account(user_id)));
      expect(api.requests.filter((request) => /members\?/.test(request))).toHaveLength(3);
    });

    it('when an account is linked to a person, then it is the person, unless the account itself came in', async () => {
      const person = randomUUID();
      const anna = core.masterKey.pseudonym('max-user', organizationId, ANNA);
      for (const externalUserId of [account(1_001), anna]) {
        const link = { personId: person, externalUserId, basis: 'Заявление' };
        await recorded(`membership-${person}`, AccountLinked.of(link));
      }
      await post(subscription()?.secret, userAdded());
      api.chats.set(CHAT, [bot(true), ...people(2), { user_id: Number(ANNA) }]);

      await reconcile();

      expect((await snapshots())[0]?.data.memberIds).toEqual([account(1_000), person, anna]);
    });

    it('when its bot is no administrator, then the gap is recorded once, and again after the rights were there', async () => {
      const gaps = async () => (await events()).filter(({ type }) => type === 'IntegrationGapDetected');
      api.chats.set(CHAT, [bot(false), ...people(3)]);
      await reconcile();
      later(24);
      await expect(reconcile()).resolves.toEqual({ taken: 0, denied: 1, failed: 0 });
      expect(await gaps()).toHaveLength(1);
      expect(await maxOverview(core.database)).toMatchObject({ unreadableChats: 1 });

      api.chats.set(CHAT, [bot(true), ...people(3)]);
      later(48);
      await reconcile();
      expect(await maxOverview(core.database)).toMatchObject({ unreadableChats: 0 });

      api.chats.delete(CHAT);
      later(72);
      await reconcile();
      expect((await gaps()).map(({ data }) => data)).toEqual([
        { chatId: chatId(), reason: 'no_admin_rights', from: START.toISOString(), to: START.toISOString() },
        {
          chatId: chatId(),
          reason: 'no_admin_rights',
          from: '2026-03-04T08:00:00.000Z',
          to: '2026-03-05T08:00:00.000Z',
        },
      ]);
    });

    it('when one of two bots is an administrator, then the chat is read by it', async () => {
      api.addBot('other-token', 5);
      await connect('other-token');
      api.chats.set(CHAT, [bot(false), { user_id: 5, is_admin: true }, ...people(3)]);

      await expect(reconcile()).resolves.toMatchObject({ taken: 1 });
      expect((await snapshots())[0]?.data.memberIds).toHaveLength(3);
    });

    it.each<[string, string]>([
      ['is not of the form it should have', '{"members":[{"user_id":"x"}]}'],
      ['names itself as the next page', '{"members":[],"marker":7}'],
    ])('when an answer %s, then nothing is recorded, and nothing is said of rights', async (_what, body) => {
      api.chats.set(CHAT, [bot(true), ...people(3)]);
      const own = { status: 200, body: '{"is_admin":true}' };
      api.failures.push(own, { status: 200, body }, { status: 200, body });

      await expect(reconcile()).resolves.toEqual({ taken: 0, denied: 0, failed: 1 });
      expect(await types()).toEqual(['IntegrationSubscribed']);
    });

    it('when its time has come, then it is read, and then not for a day; what fails is tried within the hour', async () => {
      api.chats.set(CHAT, [bot(true), ...people(3)]);
      await core.projections.advance();
      fail(2);
      await max.rosters.reconcileDue();
      expect(await snapshots()).toHaveLength(0);
      later(1);
      await max.rosters.reconcileDue();
      expect(await snapshots()).toHaveLength(1);
      later(24.9);
      await max.rosters.reconcileDue();
      expect(await snapshots()).toHaveLength(1);
      later(25);
      await max.rosters.reconcileDue();
      expect(await snapshots()).toHaveLength(2);
    });

    it('when it is closed, then it is not read', async () => {
      api.chats.set(CHAT, [bot(true), ...people(3)]);
      const closed = { chatId: chatId(), reason: 'Чат больше не нужен', at: START.toISOString() };
      await recorded(`chat-${chatId()}`, ChatClosed.of(closed));

      await expect(reconcile()).resolves.toEqual({ taken: 0, denied: 0, failed: 0 });
    });
  });
});
