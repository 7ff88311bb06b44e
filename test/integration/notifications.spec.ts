import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { FixedClock, systemClock } from '@letopis/kernel';
import {
  type Channel,
  type Notice,
  NotificationService,
  type NotificationView,
  type SettingsView,
  verifySignature,
} from '@letopis/notifications';
import { type Client, startApplication, type TestApplication } from '../support/application';
import {
  type MailDouble,
  startMailDouble,
  startWebhookDouble,
  type TakenDelivery,
  type WebhookDouble,
} from '../support/notification-doubles';

const FROM = 'Летопись <letopis@school7.example>';
const SECONDS = 1_000;
const HOURS = 3_600 * SECONDS;

type Saved = SettingsView & { readonly secret?: string };

interface Page {
  readonly items: readonly NotificationView[];
  readonly nextCursor?: string;
}

describe('notifications', () => {
  const clock = new FixedClock(new Date());
  let app: TestApplication;
  let mail: MailDouble;
  let webhook: WebhookDouble;
  let organizationId: string;
  let director: Client;
  let service: NotificationService;

  beforeAll(async () => {
    mail = await startMailDouble();
    webhook = await startWebhookDouble();
    const outbound = { mail: { smtpUrl: mail.url, from: FROM }, localWebhooks: true };
    app = await startApplication({ clock, worker: false, services: { outbound } });
  }, 60_000);

  afterAll(async () => {
    await app.stop();
    await mail.stop();
    await webhook.stop();
  });

  beforeEach(async () => {
    organizationId = randomUUID();
    director = await app.as('director', { organizationId });
    service = new NotificationService(app.core);
  });

  const put = <Body = Saved>(channel: Channel, body: object, client = director) =>
    client.send<Body>('PUT', `notifications/settings/${channel}`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** Switches the channel on; the webhook's secret. */
  const enabled = async (channel: Channel, change: object = {}): Promise<string> => {
    const { status, text, body } = await put(channel, {
      enabled: true,
      targets: channel === 'webhook' ? [webhook.url] : ['director@school7.example'],
      topics: ['deadline-missed'],
      ...change,
    });
    if (status !== 200) throw new Error(text);
    return body.secret ?? '';
  };

  const notice = (change: Partial<Notice> = {}): Notice => ({
    organizationId,
    topic: 'deadline-missed',
    key: 'C23/1',
    subject: 'Пропущен срок по контролю C23',
    body: 'Срок истёк вчера.\nОтветственный — заместитель руководителя.\n',
    data: { controlId: 'C23', dueAt: '2026-09-01T08:00:00.000Z' },
    ...change,
  });

  const list = async (query = ''): Promise<readonly NotificationView[]> =>
    (await director.get<Page>(`notifications${query}`)).body.items;

  const deliveries = (): readonly TakenDelivery[] =>
    webhook.taken.filter(({ body }) => body.includes(organizationId));

  const deliverAfter = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await service.deliverDue();
  };

  it('do not leave unless somebody has switched them on', async () => {
    expect(await service.put([notice()])).toBe(0);
    expect((await director.get<SettingsView>('notifications/settings/webhook')).body).toEqual({
      channel: 'webhook',
      enabled: false,
      targets: [],
      topics: [],
      remindBeforeHours: [],
      hasSecret: false,
      updatedAt: null,
      updatedBy: null,
    });
  });

  it('do not leave about topics that nobody has chosen', async () => {
    await enabled('webhook', { topics: ['finding-opened'] });
    expect(await service.put([notice()])).toBe(0);
  });

  it('reach a webhook once, signed, as an envelope', async () => {
    const secret = await enabled('webhook');
    await service.put([notice()]);
    await service.deliverDue();
    await service.deliverDue();

    const [delivery, ...more] = deliveries();
    const [sent] = await list();
    expect(more).toEqual([]);
    expect(delivery?.headers['letopis-delivery']).toBe(sent?.id);
    expect(JSON.parse(delivery?.body ?? '')).toEqual({
      id: sent?.id,
      topic: 'deadline-missed',
      organizationId,
      occurredAt: sent?.createdAt,
      data: { controlId: 'C23', dueAt: '2026-09-01T08:00:00.000Z' },
    });
    const signature = String(delivery?.headers['letopis-signature']);
    expect(verifySignature(secret, signature, delivery?.body ?? '', { now: clock.now() })).toBe(true);
    expect(sent).toMatchObject({ status: 'sent', attempts: 1, recipient: 'webhook', lastError: null });
  });

  it('reach each mailbox as plain text', async () => {
    await enabled('email', { targets: ['director@school7.example', `${organizationId}@school7.example`] });
    await service.put([notice()]);
    await service.deliverDue();

    const sent = (await list()).find(({ recipient }) => recipient.startsWith(organizationId));
    const taken = mail.taken.filter(({ to }) => to.includes(`${organizationId}@school7.example`));
    expect(taken).toHaveLength(1);
    const [headers = '', body = ''] = taken[0]!.text.split('\r\n\r\n');
    expect(headers).toContain(`Message-ID: <${sent?.id}@school7.example>`);
    expect(headers).toContain('Auto-Submitted: auto-generated');
    expect(headers).toContain(`To: ${organizationId}@school7.example`);
    expect(headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(headers).toMatch(/^Date: /m);
    expect(headers).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(Buffer.from(body, 'base64').toString()).toContain('Ответственный — заместитель руководителя.');
    expect((await list()).map(({ status }) => status)).toEqual(['sent', 'sent']);
  });

  it('under the same key are the same, however often they are put in', async () => {
    await enabled('webhook');
    expect(await service.put([notice(), notice()])).toBe(1);
    expect(await service.put([notice(), notice({ key: 'C23/2' })])).toBe(1);
    await service.deliverDue();
    expect(await service.put([notice()])).toBe(0);
    await service.deliverDue();
    expect(deliveries()).toHaveLength(2);
  });

  it('are tried again after 30 seconds when a webhook fails', async () => {
    await enabled('webhook');
    await service.put([notice()]);
    webhook.answer(500);
    await service.deliverDue();
    expect(await list()).toMatchObject([{ status: 'waiting', attempts: 1, lastError: 'HTTP 500' }]);
    await deliverAfter(29 * SECONDS);
    expect(deliveries()).toHaveLength(1);
    await deliverAfter(2 * SECONDS);
    expect(await list()).toMatchObject([{ status: 'sent', attempts: 2, lastError: null }]);
    const [first, second] = deliveries();
    expect(second?.body).toBe(first?.body);
  });

  it.each([429, 408, 425, 503])('are tried again when a webhook answers %i', async (status) => {
    await enabled('webhook');
    await service.put([notice()]);
    webhook.answer(status);
    await service.deliverDue();
    expect(await list()).toMatchObject([{ status: 'waiting', lastError: `HTTP ${status}` }]);
  });

  it.each([400, 404, 410, 307])('are dead at once when a webhook answers %i', async (status) => {
    await enabled('webhook');
    await service.put([notice()]);
    webhook.answer(status);
    await service.deliverDue();
    await deliverAfter(24 * HOURS);
    expect(deliveries()).toHaveLength(1);
    expect(await list('?status=dead')).toMatchObject([{ attempts: 1, lastError: `HTTP ${status}` }]);
  });

  it('are dead after twelve attempts', async () => {
    await enabled('webhook', { targets: ['http://127.0.0.1:1/nobody-listens'] });
    await service.put([notice()]);
    for (let attempt = 1; attempt <= 11; attempt += 1) await deliverAfter(6 * HOURS);
    expect(await list()).toMatchObject([{ status: 'waiting', attempts: 11, lastError: 'ECONNREFUSED' }]);
    await deliverAfter(6 * HOURS);
    expect(await list()).toMatchObject([{ status: 'dead', attempts: 12, nextAttemptAt: null }]);
  });

  it('that are dead can be sent again, to the address that the webhook has then', async () => {
    await enabled('webhook', { targets: [`${webhook.url}/gone`] });
    await service.put([notice()]);
    webhook.answer(410);
    await service.deliverDue();
    await enabled('webhook');
    const [{ id }] = (await list('?status=dead')) as [NotificationView];

    const retried = await director.post<NotificationView>(`notifications/${id}/retry`, {});
    await service.deliverDue();

    expect(retried).toMatchObject({ status: 200, body: { status: 'waiting', attempts: 0 } });
    expect(await list()).toMatchObject([{ id, status: 'sent' }]);
  });

  it('that are not dead are not sent again', async () => {
    await enabled('webhook');
    await service.put([notice()]);
    await service.deliverDue();
    const [{ id }] = (await list()) as [NotificationView];
    expect((await director.post(`notifications/${id}/retry`, {})).status).toBe(409);
    expect((await director.post(`notifications/${randomUUID()}/retry`, {})).status).toBe(404);
  });

  it('are dead when the mail server takes no such mailbox, and tried again when it has no time', async () => {
    await enabled('email', { targets: ['a@school7.example'] });
    await service.put([notice()]);
    mail.refuse(550);
    await service.deliverDue();
    clock.advance(1);
    await service.put([notice({ key: 'C23/2' })]);
    mail.refuse(451);
    await service.deliverDue();
    const [later, first] = await list();
    expect(first).toMatchObject({ status: 'dead', lastError: expect.stringMatching('550') });
    expect(later).toMatchObject({ status: 'waiting', lastError: expect.stringMatching('451') });
    await deliverAfter(31 * SECONDS);
    expect((await list())[0]).toMatchObject({ status: 'sent', attempts: 2 });
  });

  it('that wait are dead when their channel is switched off or their mailbox goes', async () => {
    await enabled('email', { targets: ['a@school7.example', 'b@school7.example'] });
    await enabled('webhook');
    await service.put([notice()]);
    await enabled('email', { targets: ['b@school7.example'] });
    await put('webhook', { enabled: false });
    await service.deliverDue();
    const found = Object.fromEntries((await list()).map(({ recipient, status }) => [recipient, status]));
    expect(found).toEqual({ 'a@school7.example': 'dead', 'b@school7.example': 'sent', webhook: 'dead' });
    const [{ id }] = (await list('?status=dead')) as [NotificationView];
    expect((await director.post(`notifications/${id}/retry`, {})).status).toBe(409);
  });

  it('are not delivered twice by workers side by side', async () => {
    await enabled('webhook');
    await service.put(Array.from({ length: 40 }, (_, index) => notice({ key: `C23/${index}` })));
    const workers = Array.from({ length: 4 }, () => new NotificationService(app.core));
    await Promise.all(workers.map((worker) => worker.deliverDue()));
    const ids = deliveries().map(({ headers }) => headers['letopis-delivery']);
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  it('of a worker that died are delivered by another, not before five minutes', async () => {
    await enabled('webhook');
    await service.put([notice()]);
    webhook.answer(204);
    const { database } = app.core;
    const query = database.query.bind(database);
    const died = jest.spyOn(database, 'query').mockImplementation((...args: Parameters<typeof query>) => {
      if (String(args[0]).includes(`status = 'sent'`)) throw new Error('The process dies here');
      return query(...args);
    });
    await expect(service.deliverDue()).rejects.toThrow('dies');
    died.mockRestore();
    await deliverAfter(4 * 60 * SECONDS);
    expect(deliveries()).toHaveLength(1);
    await deliverAfter(61 * SECONDS);
    const ids = deliveries().map(({ headers }) => headers['letopis-delivery']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await list()).toMatchObject([{ status: 'sent', attempts: 2 }]);
  });

  it('of one school do not wait for the webhook of another', async () => {
    const slow = organizationId;
    await enabled('webhook', { targets: ['http://127.0.0.1:1/'] });
    await service.put(
      Array.from({ length: 20 }, (_, index) => notice({ organizationId: slow, key: `${index}` })),
    );
    organizationId = randomUUID();
    director = await app.as('director', { organizationId });
    await enabled('webhook');
    clock.advance(1);
    await service.put([notice()]);
    await service.deliverDue();
    expect(deliveries()).toHaveLength(1);
  });

  it('are shown page by page, the latest first', async () => {
    await enabled('webhook');
    for (const key of ['1', '2', '3']) {
      clock.advance(1);
      await service.put([notice({ key, subject: `Уведомление ${key}` })]);
    }
    const first = (await director.get<Page>('notifications?limit=2')).body;
    const second = (await director.get<Page>(`notifications?limit=2&cursor=${first.nextCursor}`)).body;
    expect(first.items.map(({ subject }) => subject)).toEqual(['Уведомление 3', 'Уведомление 2']);
    expect(second).toMatchObject({ items: [{ subject: 'Уведомление 1' }] });
    expect(second.nextCursor).toBeUndefined();
    const other = await director.get(`notifications?limit=2&status=dead&cursor=${first.nextCursor}`);
    expect(other.status).toBe(400);
  });

  it('keep the secret of a webhook to themselves, but for once', async () => {
    const secret = await enabled('webhook');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(await enabled('webhook')).toBe('');
    const shown = await director.get<SettingsView>('notifications/settings/webhook');
    expect(shown.body).toMatchObject({ enabled: true, hasSecret: true, updatedBy: director.personId });
    expect(shown.text).not.toContain(secret);
    const { rows } = await app.core.database.query<{ secret: Buffer }>(
      'SELECT secret FROM letopis.notification_settings WHERE organization_id = $1',
      [organizationId],
    );
    expect(rows[0]?.secret.includes(secret)).toBe(false);
    const fresh = await enabled('webhook', { rotateSecret: true });
    expect(fresh).not.toBe('');
    expect(fresh).not.toBe(secret);
  });

  it('of a test leave whatever the topics are, where the channel is on', async () => {
    expect((await director.post('notifications/settings/webhook/test', {})).status).toBe(409);
    await enabled('webhook', { topics: [] });
    const { status, body } = await director.post<{ notificationIds: string[] }>(
      'notifications/settings/webhook/test',
      {},
    );
    await service.deliverDue();
    expect(status).toBe(202);
    expect(await list()).toMatchObject([{ id: body.notificationIds[0], topic: 'test', status: 'sent' }]);
  });

  it('tell who wants to be told of what', async () => {
    await enabled('webhook', { remindBeforeHours: [24, 72] });
    await put('email', { enabled: false, topics: ['deadline-missed'] });
    const own = (await service.subscriptions()).filter((each) => each.organizationId === organizationId);
    expect(own).toEqual([
      {
        ...{ organizationId, channel: 'webhook', topics: ['deadline-missed'], remindBeforeHours: [72, 24] },
        updatedAt: clock.now().toISOString(),
      },
    ]);
  });

  it.each([
    ['e-mail without a server', false, 'email', ['director@school7.example']],
    ['plain HTTP', false, 'webhook', ['http://127.0.0.1:3999/']],
  ] as const)('refuse %s', async (_what, localWebhooks, channel, targets) => {
    const bare = new NotificationService({ ...app.core, outbound: { localWebhooks } });
    await expect(
      bare.saveSettings(organizationId, channel, { enabled: true, targets }, director.personId),
    ).rejects.toMatchObject({ code: 'invalid' });
  });

  it('do not go to this machine where it was allowed once and is not any more', async () => {
    await enabled('webhook');
    await service.put([notice()]);
    await new NotificationService({ ...app.core, outbound: { localWebhooks: false } }).deliverDue();
    expect(deliveries()).toEqual([]);
    expect(await list()).toMatchObject([{ status: 'dead' }]);
  });

  it('write no mailbox to the log', async () => {
    const warn = jest.spyOn(app.core.log, 'warn');
    await enabled('email', { targets: ['a@school7.example'] });
    await service.put([notice()]);
    mail.refuse(550);
    await service.deliverDue();
    const logged = JSON.stringify(warn.mock.calls);
    warn.mockRestore();
    expect(logged).toContain('A notification is dead');
    expect(logged).not.toContain('@');
  });

  it.each(['teacher', 'deputy', 'inspector'] as const)('are not set by a %s', async (role) => {
    const client = await app.as(role, { organizationId });
    expect((await put('webhook', { enabled: false }, client)).status).toBe(403);
  });

  it('are not told to another school', async () => {
    await enabled('webhook');
    await service.put([notice()]);
    webhook.answer(400);
    await service.deliverDue();
    const [{ id }] = (await list()) as [NotificationView];
    const stranger = await app.as('director');
    expect((await stranger.get<Page>('notifications')).body.items).toEqual([]);
    expect((await stranger.post(`notifications/${id}/retry`, {})).status).toBe(404);
  });

  it('go by no other channel', async () => {
    expect((await director.get('notifications/settings/pigeon')).status).toBe(404);
  });
});

describe('the worker', () => {
  it('delivers notifications by itself', async () => {
    const webhook = await startWebhookDouble();
    const app = await startApplication({ services: { outbound: { localWebhooks: true } } });
    try {
      const organizationId = randomUUID();
      const service = new NotificationService({ ...app.core, clock: systemClock });
      const settings = { enabled: true, targets: [webhook.url] };
      await service.saveSettings(organizationId, 'webhook', settings, randomUUID());
      await service.test(organizationId, 'webhook');
      while (webhook.taken.length === 0) await wait(50);
      expect(webhook.taken).toHaveLength(1);
    } finally {
      await app.stop();
      await webhook.stop();
    }
  }, 60_000);
});
