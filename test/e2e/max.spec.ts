import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chatIdOf } from '@letopis/school';
import {
  AT,
  AT_ISO,
  CHAT,
  EMPTY,
  MID,
  SAMPLES,
  SEQ,
  UNKNOWN,
  userAdded,
} from '../../libs/max/src/fixtures/updates';
import { type Client, linesOf, startApplication, type TestApplication } from '../support/application';
import { type MaxDouble, startMaxDouble } from '../support/max-double';
import {
  createDataDirectory,
  type DataDirectory,
  type Program,
  runLetopis,
  startProgram,
} from '../support/program';

interface FeedEvent {
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly origin: string;
  readonly actorid: string;
  readonly actorrole: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Received {
  readonly received: number;
  readonly duplicates: number;
  readonly quarantined: number;
}

const recorded: Received = { received: 1, duplicates: 0, quarantined: 0 };
const known: Received = { received: 1, duplicates: 1, quarantined: 0 };
const quarantined: Received = { received: 1, duplicates: 0, quarantined: 1 };

describe('the webhook of MAX, over HTTP', () => {
  let app: TestApplication;
  let school: string;
  let administrator: Client;
  let max: Client;
  let secret: string;

  beforeAll(async () => {
    app = await startApplication();
    max = app.withAuthorization(undefined);
  }, 60_000);

  afterAll(() => app.stop());

  beforeEach(async () => {
    school = await app.createSchool();
    administrator = await app.as('platform_admin', { organizationId: school });
    const { body } = await administrator.post<{ secret: string }>('integrations/max/bots', {
      botId: 'school-bot',
    });
    secret = body.secret;
  });

  const post = (update: string, header = secret, organization = school) =>
    max.send<Received>('POST', `/v1/organizations/${organization}/integrations/max/webhook`, {
      headers: { 'content-type': 'application/json', 'x-max-bot-api-secret': header },
      body: update,
    });

  async function events(): Promise<readonly FeedEvent[]> {
    const { text } = await administrator.send('GET', 'events');
    return linesOf<FeedEvent>(text).filter(({ type }) => type !== 'OrganizationCreated');
  }

  it('given a registered bot, then its secret is shown once and is one that MAX takes', async () => {
    const given = await administrator.post<{ secret: string }>('integrations/max/bots', {
      botId: 'second-bot',
      secret: 'chosen-by-us_1',
    });

    expect(secret).toMatch(/^[A-Za-z0-9_-]{5,256}$/);
    expect(given).toMatchObject({ status: 201, body: { botId: 'second-bot', secret: 'chosen-by-us_1' } });
    await expect(post(SAMPLES.bot_started!, 'chosen-by-us_1')).resolves.toMatchObject({ body: recorded });
  });

  it('given a message, then its event stands in the feed, its seq exact and nobody’s name in clear', async () => {
    const answer = await post(SAMPLES.message_created!);

    expect(answer).toMatchObject({ status: 200, body: recorded });
    const [event, ...others] = await events();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'MessagePosted',
      subject: `messages-${chatIdOf(school, CHAT)}`,
      time: new Date(AT - 250).toISOString(),
      origin: 'platform',
      actorid: 'max',
      actorrole: 'system',
      data: { chatId: chatIdOf(school, CHAT), mid: MID, seq: SEQ },
    });
    expect(JSON.stringify(event)).not.toMatch(/Анна|Образцова|Здравствуйте|501002003/);
  });

  it('given one update of each type, then each is recorded once, and again it is a duplicate', async () => {
    for (const update of Object.values(SAMPLES)) {
      await expect(post(update)).resolves.toMatchObject({ status: 200, body: recorded });
    }
    const before = await app.core.store.head();

    for (const update of Object.values(SAMPLES)) {
      await expect(post(update)).resolves.toMatchObject({ status: 200, body: known });
    }

    expect(await app.core.store.head()).toBe(before);
    expect((await events()).map(({ type }) => type).sort()).toEqual(
      [
        'AuditBotAddedToChat',
        'AuditBotRemovedFromChat',
        'ChatMemberAdded',
        'ChatMemberRemoved',
        'ChatTitleChanged',
        'MessagePosted',
        'MessageEdited',
        'MessageRemoved',
        ...Array.from({ length: 7 }, () => 'ExternalUpdateReceived'),
      ].sort(),
    );
  });

  it('given a chat of the register, then the messenger’s members come into the same chat', async () => {
    await administrator.must('ImportAutoProvisionedChats', {
      maxChatId: CHAT,
      source: 'sferum_sync',
      kind: 'class_students',
      title: '5А — ученики',
    });

    await post(userAdded());

    expect((await events()).map(({ type, subject }) => [type, subject])).toEqual([
      ['ChatAutoProvisioned', `chat-${chatIdOf(school, CHAT)}`],
      ['ChatMemberAdded', `chat-${chatIdOf(school, CHAT)}`],
    ]);
    const { body } = await administrator.get<{ items: { type: string }[] }>(
      `audit-trail?chat=${chatIdOf(school, CHAT)}&order=asc&minPosition=${String(await app.core.store.head())}`,
    );
    expect(body.items.map(({ type }) => type)).toEqual(['ChatAutoProvisioned', 'ChatMemberAdded']);
  });

  it('given a voice message, then the record says that its content was not to be had', async () => {
    await expect(post(EMPTY)).resolves.toMatchObject({ status: 200, body: recorded });
    await expect(post(EMPTY)).resolves.toMatchObject({ status: 200, body: known });

    expect(await events()).toMatchObject([
      { type: 'MessageContentUnavailable', data: { updateTimestamp: AT_ISO } },
    ]);
  });

  it.each([
    ['an unknown type', UNKNOWN],
    ['no JSON', '{"update_type":'],
    ['a list', '[1]'],
    ['nesting without end', `{"update_type":${'['.repeat(100_000)}`],
  ])('given %s, then it is kept in quarantine, once, and an event says so', async (_what, update) => {
    await expect(post(update)).resolves.toMatchObject({ status: 200, body: quarantined });
    await expect(post(update)).resolves.toMatchObject({ status: 200, body: known });

    const [event, ...others] = await events();
    expect(others).toEqual([]);
    expect(event?.type).toBe('ExternalUpdateQuarantined');
    const { body } = await administrator.get<{ items: { rawSha256: string }[] }>(
      'integrations/max/quarantine',
    );
    expect(body.items.map(({ rawSha256 }) => rawSha256)).toEqual([event?.data.rawSha256]);
  });

  it('given a wrong secret, another school’s, or none, then nothing is recorded', async () => {
    const other = await app.createSchool();
    const before = await app.core.store.head();

    const answers = [
      await post(UNKNOWN, `${secret}x`),
      await post(UNKNOWN, ''),
      await post(UNKNOWN, secret, other),
    ];

    for (const { status, body } of answers) {
      expect([status, body]).toEqual([401, expect.objectContaining({ code: 'unauthenticated' })]);
    }
    expect(await app.core.store.head()).toBe(before);
  });
});

describe('the connection to MAX, from the command line', () => {
  const token = 'token-of-the-bot';
  let api: MaxDouble;
  let directory: DataDirectory;
  let program: Program;
  let organization: string;

  beforeAll(async () => {
    api = await startMaxDouble();
    api.addBot(token, 229229229);
    directory = await createDataDirectory();
    program = await startProgram({ dataDirectory: directory.path });
    organization = program.organizationId ?? '';
  }, 120_000);

  afterAll(async () => {
    await program.stop();
    await directory.remove();
    await api.close();
  }, 60_000);

  const max = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runLetopis(['max', ...args], { LETOPIS_DATA_DIR: directory.path, LETOPIS_LOG: 'silent', ...env });
  const connect = (url: string, ...more: readonly string[]) =>
    max(['connect', '--organization', organization, '--url', url, ...more], { LETOPIS_MAX_TOKEN: token });
  const subscription = () => [...(api.bots.get(token)?.subscriptions.values() ?? [])][0];

  it('given an address that MAX cannot post to, then it says what is wrong and asks MAX for nothing', async () => {
    const { code, stderr } = await connect('http://letopis.school7.example');

    expect([code, stderr]).toEqual([2, expect.stringContaining('MAX posts over HTTPS only')]);
    expect(api.requests).toEqual([]);
  }, 60_000);

  it('given a token, then MAX posts here, a recording is taken in once, and in the end nothing is subscribed', async () => {
    await expect(connect(program.url, '--api-url', api.url)).resolves.toMatchObject({ code: 0, stderr: '' });
    const { url = '', secret = '' } = subscription() ?? {};
    const posted = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-max-bot-api-secret': secret },
      body: EMPTY,
    });
    expect(await posted.json()).toEqual(recorded);
    const status = await max(['status', '--organization', organization]);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('229229229  subscribed') });
    expect(status.stdout + status.stderr).not.toContain(token);
    const health = await fetch(`${program.url}/health/ready`);
    expect(await health.json()).toMatchObject({ max: { bots: 1, gaps: 0 } });

    const file = join(directory.path, 'recording.ndjson');
    await writeFile(file, `${EMPTY}\nbroken\n${SAMPLES.bot_started}\n`);
    const replay = () => max(['replay', '--organization', organization, '--bot', '229229229', file]);
    const first = await replay();
    expect(first).toMatchObject({ code: 1, stderr: 'line 2: the body is no JSON\n' });
    expect(JSON.parse(first.stdout)).toMatchObject({ recorded: 1, duplicates: 1, broken: 1 });
    expect(JSON.parse((await replay()).stdout)).toMatchObject({ recorded: 0, duplicates: 2 });

    const reprocessed = await max(['reprocess', '--organization', organization]);
    expect(JSON.parse(reprocessed.stdout)).toMatchObject({ recorded: 0, left: 0 });
    const reconciled = await max(['reconcile', '--organization', organization]);
    expect(JSON.parse(reconciled.stdout)).toMatchObject({ failed: 0 });
    await expect(
      max(['disconnect', '--organization', organization, '--bot', '229229229']),
    ).resolves.toMatchObject({ code: 0 });
    expect(subscription()).toBeUndefined();
  }, 120_000);
});
