import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { ComplianceView, controlCatalogue, type Finding, productionCalendar } from '@letopis/compliance';
import { FixedClock, systemClock } from '@letopis/kernel';
import { NotificationService, type NotificationView, sendReminders, TOPICS } from '@letopis/notifications';
import { type Client, startApplication, type TestApplication } from '../support/application';
import { startWebhookDouble, type TakenDelivery, type WebhookDouble } from '../support/notification-doubles';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The rule whose finding opens with a school and asks for an administrator within three working days. */
const RULE = 'administrator-present';

interface Envelope {
  readonly topic: string;
  readonly organizationId: string;
  readonly data: { readonly reason: string; readonly rule?: string; readonly findingId?: string };
}

function envelopesOf(taken: readonly TakenDelivery[], organizationId: string): readonly Envelope[] {
  return taken
    .map(({ body }) => JSON.parse(body) as Envelope)
    .filter((envelope) => envelope.organizationId === organizationId);
}

async function createSchool(app: TestApplication, organizationId: string): Promise<void> {
  const operator = await app.as('operator');
  const school = { organizationId, name: 'МБОУ «Школа № 5»', timeZone: 'Europe/Moscow' };
  const { status, text } = await operator.post('/v1/organizations', school);
  if (status !== 201) throw new Error(text);
}

describe('reminders', () => {
  /** A Monday: three working days end on Thursday. */
  const MONDAY = new Date('2026-09-07T06:00:00.000Z');
  const clock = new FixedClock(MONDAY);
  let app: TestApplication;
  let webhook: WebhookDouble;
  let service: NotificationService;
  let organizationId: string;
  let director: Client;

  beforeAll(async () => {
    webhook = await startWebhookDouble();
    app = await startApplication({ clock, worker: false, services: { outbound: { localWebhooks: true } } });
    service = new NotificationService(app.core);
  }, 60_000);

  afterAll(async () => {
    await app.stop();
    await webhook.stop();
  });

  beforeEach(async () => {
    clock.set(MONDAY);
    organizationId = randomUUID();
    director = await app.as('director', { organizationId });
  });

  // Nobody is to be reminded of the schools of other tests.
  afterEach(() => switchOn({ enabled: false }));

  const switchOn = (change: object = {}) =>
    service.saveSettings(
      organizationId,
      'webhook',
      { enabled: true, targets: [webhook.url], topics: TOPICS, remindBeforeHours: [72, 24], ...change },
      director.personId,
    );

  /** Lets time pass, and lets everybody do what the worker would. */
  const after = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await app.core.projections.advance();
    await sendReminders(app.core);
    await service.deliverDue();
  };

  const reasonsFor = (rule = RULE): readonly string[] =>
    envelopesOf(webhook.taken, organizationId)
      .filter(({ data }) => data.rule === rule)
      .map(({ data }) => data.reason);

  const findingOf = async (rule = RULE): Promise<Finding> => {
    const view = new ComplianceView({
      ...app.core,
      calendar: productionCalendar,
      catalogue: controlCatalogue,
    });
    const { findings } = await view.findings(organizationId);
    return findings.find((finding) => finding.rule === rule)!;
  };

  const list = async (): Promise<readonly NotificationView[]> =>
    (await director.get<{ items: readonly NotificationView[] }>('notifications?limit=500')).body.items;

  it('tell of a deadline before it ends, each time once', async () => {
    await switchOn();
    await createSchool(app, organizationId);
    await after(HOUR);
    await after(HOUR);
    expect(reasonsFor()).toEqual([]);
    await after(DAY);
    await after(HOUR);
    expect(reasonsFor()).toEqual(['deadline-approaching']);
    await after(2 * DAY);
    expect(reasonsFor()).toEqual(['deadline-approaching', 'deadline-approaching']);
    expect((await list()).map(({ subject }) => subject)).toContain(
      'Летопись: срок истекает 10.09.2026, 23:59 — C03 Администратор назначен приказом',
    );
  });

  it('tell of a breach, and again while nobody attends to it', async () => {
    await switchOn({ remindBeforeHours: [] });
    await createSchool(app, organizationId);
    await after(4 * DAY);
    await after(HOUR);
    expect(reasonsFor()).toEqual(['violation-found']);
    await after(DAY);
    expect(reasonsFor()).toEqual(['violation-found', 'unattended']);
    await after(2 * DAY);
    await after(4 * DAY);
    await after(20 * DAY);
    expect(reasonsFor()).toEqual(['violation-found', 'unattended', 'unattended', 'unattended']);
    expect((await list()).filter(({ subject }) => subject.startsWith('Летопись. Повторно: '))).not.toEqual(
      [],
    );
  });

  it('tell who was told to mend it by when, and nothing more of what is dismissed', async () => {
    await switchOn({ remindBeforeHours: [24] });
    await createSchool(app, organizationId);
    await after(4 * DAY);
    const { id: findingId } = await findingOf();
    const assigneeId = randomUUID();
    const dueAt = new Date(clock.now().getTime() + 3 * DAY).toISOString();
    const recommendation = 'Назначить Иванову';
    const about = { findingId, controlId: 'C03' };
    await director.must('AssignFindingRemediation', { ...about, assigneeId, dueAt, recommendation });
    await after(HOUR);
    await after(2 * DAY + 2 * HOUR);
    await after(DAY);
    expect(reasonsFor().slice(-3)).toEqual([
      'remediation-assigned',
      'remediation-approaching',
      'remediation-missed',
    ]);
    await director.must('DismissFinding', { ...about, reason: 'Школа ещё не открыта' });
    const before = reasonsFor().length;
    await after(8 * DAY);
    expect(reasonsFor()).toHaveLength(before);
    expect(webhook.taken.map(({ body }) => body).join()).not.toContain('Иванов');
  });

  it('tell nothing that came about before the channel was switched on', async () => {
    await createSchool(app, organizationId);
    await after(5 * DAY);
    await switchOn();
    await after(HOUR);
    await after(7 * DAY);
    expect(reasonsFor()).toEqual([]);
  });

  it('tell nothing of a control that does not apply', async () => {
    await switchOn();
    await createSchool(app, organizationId);
    await director.must('SetControlParameter', {
      controlId: 'C03',
      parameter: 'applies',
      value: { applies: false },
      effectiveFrom: MONDAY.toISOString(),
      orderNo: '12',
      orderDate: '2026-09-07',
    });
    await after(4 * DAY);
    expect((await findingOf()).state).toBe('violated');
    expect(reasonsFor()).toEqual([]);
  });

  it('tell each channel what it asked for', async () => {
    await switchOn({ topics: ['finding-opened'] });
    await createSchool(app, organizationId);
    await after(2 * DAY);
    expect(reasonsFor()).toEqual([]);
    await after(2 * DAY);
    expect(reasonsFor()).toEqual(['violation-found']);
  });

  it('tell of very many at once in two hundred notices and a digest, and then no more of them', async () => {
    await switchOn();
    await createSchool(app, organizationId);
    await after(DAY);
    const { id } = await findingOf();
    const before = (await list()).length;
    await app.core.database.query(
      `INSERT INTO letopis.compliance_findings
       SELECT (jsonb_populate_record(f, jsonb_build_object(
         'id', gen_random_uuid(), 'state', 'overdue', 'manner', 'duty', 'due_at', $2::timestamptz
       ))).* FROM letopis.compliance_findings f, generate_series(1, 540) WHERE f.id = $1`,
      [id, clock.now()],
    );
    await after(1_000);
    await after(60_000);
    const subjects = (await list()).map(({ subject }) => subject);
    expect(subjects).toHaveLength(before + 201);
    expect(subjects.filter((subject) => subject.includes('ещё'))).toEqual([
      'Летопись: ещё 340 нарушений сроков',
    ]);
  });

  it('are the same however many send them at once', async () => {
    await switchOn();
    await createSchool(app, organizationId);
    clock.advance(4 * DAY);
    await app.core.projections.advance();
    await Promise.all([sendReminders(app.core), sendReminders(app.core), sendReminders(app.core)]);
    await service.deliverDue();
    expect(reasonsFor()).toEqual(['violation-found']);
  });

  it('of one school do not wait for another that fails', async () => {
    const failing = randomUUID();
    const ids = [failing, organizationId].toSorted();
    for (const id of ids) {
      organizationId = id;
      await switchOn();
      await createSchool(app, id);
    }
    const { database, log } = app.core;
    const query = database.query.bind(database);
    const broken = jest.spyOn(database, 'query').mockImplementation((...args: Parameters<typeof query>) => {
      if (String(args[0]).includes('AS told') && JSON.stringify(args[1]).includes(ids[0] ?? '')) {
        throw new Error('This school fails');
      }
      return query(...args);
    });
    const error = jest.spyOn(log, 'error');
    await after(4 * DAY);
    broken.mockRestore();
    expect(error.mock.calls).toEqual([
      [expect.objectContaining({ organizationId: ids[0] }), 'An organisation could not be reminded'],
    ]);
    error.mockRestore();
    expect(reasonsFor()).toEqual(['violation-found']);
    organizationId = ids[0] ?? '';
    await switchOn({ enabled: false });
    organizationId = ids[1] ?? '';
  });

  it('are not asked of a school of which nothing is on record', async () => {
    const error = jest.spyOn(app.core.log, 'error');
    await switchOn();
    await after(HOUR);
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });
});

describe('the worker', () => {
  it('sends reminders by itself', async () => {
    const webhook = await startWebhookDouble();
    const app = await startApplication({ services: { outbound: { localWebhooks: true } } });
    try {
      const organizationId = randomUUID();
      const service = new NotificationService({ ...app.core, clock: systemClock });
      const year = { topics: TOPICS, remindBeforeHours: [8_760] };
      const settings = { enabled: true, targets: [webhook.url], ...year };
      await service.saveSettings(organizationId, 'webhook', settings, randomUUID());
      await createSchool(app, organizationId);
      const told = (): boolean =>
        envelopesOf(webhook.taken, organizationId).some(({ data }) => data.rule === RULE);
      while (!told()) await wait(100);
      expect(told()).toBe(true);
    } finally {
      await app.stop();
      await webhook.stop();
    }
  }, 90_000);
});
