import { createHash, randomUUID } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '@letopis/api';
import { controlCatalogue } from '@letopis/compliance';
import { type CloudEvent, FixedClock, type Role } from '@letopis/kernel';
import {
  type ControlReportContent,
  type FounderReportContent,
  type Recomputation,
  type ReportCheck,
  type ReportComparison,
  reportDocument,
  type ReportPage,
  ReportService,
  type ReportView,
} from '@letopis/reports';
import { simulateYear, sizeOf } from '@letopis/simulator';
import { playSteps } from '../../apps/cli/src/play-steps';
import {
  type Client,
  linesOf,
  type Reply,
  startApplication,
  type TestApplication,
} from '../support/application';

const AUTUMN = { from: '2025-09-01T00:00:00.000Z', to: '2025-12-01T00:00:00.000Z' };
const OCTOBER = { from: '2025-10-01T00:00:00.000Z', to: '2025-11-01T00:00:00.000Z' };

/** A batch is carried out faster in pieces. */
const STEPS_AT_ONCE = 500;

type Control = ControlReportContent['controls'][number];

describe('control reports', () => {
  let app: TestApplication;
  let organizationId: string;
  let director: Client;

  beforeAll(async () => {
    app = await startApplication();
    organizationId = await app.createSchool('Asia/Yekaterinburg');
    director = await app.as('director', { organizationId });
    await takenOver('2025-10-06T06:00:00Z');
  }, 60_000);

  afterAll(() => app.stop());

  const as = (role: Role): Promise<Client> => app.as(role, { organizationId });

  /** An account was taken over, and nobody contained it. */
  async function takenOver(at: string): Promise<void> {
    await director.must(
      'ReportUnauthorizedAccess',
      { affectedPersonId: randomUUID(), detectedAt: at, reportedAt: at },
      { occurredAt: at },
    );
  }

  async function until<Value>(read: () => Promise<Value>, is: (value: Value) => boolean): Promise<Value> {
    let value = await read();
    for (const end = Date.now() + 20_000; !is(value) && Date.now() < end; value = await read())
      await sleep(30);
    if (!is(value)) throw new Error(`Not within 20 s: ${JSON.stringify(value)}`);
    return value;
  }

  async function registered(id: string): Promise<ReportView> {
    const read = async (): Promise<ReportView> => (await director.get<ReportView>(`reports/${id}`)).body;
    return until(read, ({ status, registeredAt }) => status === 'failed' || registeredAt !== null);
  }

  async function made(request: object = AUTUMN): Promise<ReportView> {
    const { status, body, text } = await director.post<ReportView>('reports', request);
    if (status !== 202) throw new Error(`The report was refused: ${text}`);
    return registered(body.id);
  }

  function contentOf({ content }: ReportView): ControlReportContent {
    if (content?.kind !== 'control') throw new Error('The report shows no school');
    return content;
  }

  function controlOf(view: ReportView, id: string): Control {
    const control = contentOf(view).controls.find((each) => each.id === id);
    if (control === undefined) throw new Error(`${id} is not in the report`);
    return control;
  }

  async function approved(report: ReportView): Promise<ReportView> {
    const { position } = await director.must('ApproveReport', { reportId: report.id, digest: report.digest });
    return (await director.get<ReportView>(`reports/${report.id}?minPosition=${position}`)).body;
  }

  const document = (client: Client, id: string, format: string, headers = {}): Promise<Reply<unknown>> =>
    client.send('GET', `reports/${id}/document?format=${format}`, { headers });

  it('given a period, then its report is frozen, and registered in the record under its digest', async () => {
    const report = await made();

    expect(report).toMatchObject({
      kind: 'control',
      status: 'done',
      progress: 100,
      period: AUTUMN,
      approval: null,
    });
    const { text } = await director.send('GET', `reports/${report.id}/document?format=json`);
    expect(createHash('sha256').update(text).digest('hex')).toBe(report.digest);
    const feed = linesOf<CloudEvent>((await director.send('GET', 'events?limit=2000')).text);
    expect(
      feed.filter(
        ({ type, subject }) => type.endsWith('ControlReportRegistered') && subject.includes(report.id),
      ),
    ).toMatchObject([{ data: { reportId: report.id, digest: report.digest, kind: 'control', ...AUTUMN } }]);
  });

  it('then it says what every control says, with the events that it rests on', async () => {
    const report = await made();

    const { status, findings } = controlOf(report, 'C23');
    expect([status, findings.map(({ rule, state }) => [rule, state])]).toEqual([
      'violated',
      [['contained', 'overdue']],
    ]);
    const listed = new Set(contentOf(report).evidence.map(({ id }) => id));
    const cited = contentOf(report).controls.flatMap((control) =>
      control.findings.flatMap(({ evidence }) => evidence),
    );
    expect(cited.length).toBeGreaterThan(0);
    expect(cited.filter((id) => !listed.has(id))).toEqual([]);
    expect(contentOf(report).organization).toEqual({
      ...{ id: organizationId, name: 'МБОУ «Школа № 5»', timeZone: 'Asia/Yekaterinburg' },
    });
  });

  it('given words for it, then they are frozen with it', async () => {
    const report = await made({
      ...AUTUMN,
      basisRu: 'Приказ № 41 от 01.09.2025',
      goalRu: 'Плановый контроль',
    });

    expect(contentOf(report)).toMatchObject({
      basisRu: 'Приказ № 41 от 01.09.2025',
      goalRu: 'Плановый контроль',
    });
  });

  it('given it is approved and acknowledged, then it says by whom and when, and so does its document', async () => {
    const report = await made();
    const before = await document(director, report.id, 'pdf');

    const view = await approved(report);
    const teacher = await as('teacher');
    const { position } = await teacher.must('AcknowledgeReport', { reportId: report.id });
    const { body } = await director.get<ReportView>(`reports/${report.id}?minPosition=${position}`);
    const after = await document(director, report.id, 'pdf');

    expect(view.approval).toMatchObject({ by: director.personId });
    expect(body.acknowledgements).toMatchObject([{ personId: teacher.personId }]);
    expect([before.status, after.status]).toEqual([200, 200]);
    expect([before.text.slice(0, 5), after.text.slice(0, 5)]).toEqual(['%PDF-', '%PDF-']);
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(after.text).not.toBe(before.text);
    expect(body.digest).toBe(report.digest);
  });

  it.each([
    ['pdf', 'application/pdf'],
    ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['csv', 'text/csv; charset=utf-8'],
    ['json', 'application/json'],
  ])(
    'as %s, then the file has a Russian name and a tag by which it is not sent twice',
    async (format, type) => {
      const { id } = await made();

      const { status, headers } = await document(director, id, format);
      const again = await document(director, id, format, { 'if-none-match': headers.get('etag') ?? '' });

      expect([status, headers.get('content-type')]).toEqual([200, type]);
      const [, name = ''] = /filename\*=UTF-8''(\S+)$/.exec(headers.get('content-disposition') ?? '') ?? [];
      expect(decodeURIComponent(name)).toBe(`Справка по итогам контроля 01.09.2025–01.12.2025.${format}`);
      expect([again.status, again.text]).toEqual([304, '']);
    },
  );

  it('given where it is reached from outside, then that is where its document is checked', async () => {
    const { id, digest } = await made();
    const config = { host: '127.0.0.1', port: 0, requestsPerMinute: 0 };
    const publicUrl = 'https://letopis.school7.example';
    const server = await startServer(app.core, app.issuer.verifier, { ...config, publicUrl });
    try {
      const path = `/v1/organizations/${organizationId}/reports/${id}/document?format=pdf`;
      const headers = { authorization: `Bearer ${director.token}` };
      const outside = await (await fetch(`${server.url}${path}`, { headers })).text();
      const inside = await (await fetch(`${app.url}${path}`, { headers })).text();

      // A PDF keeps the words for the QR code in UTF-16.
      expect(outside.replaceAll('\0', '')).toContain(`${publicUrl}/v1/reports/check/${digest}`);
      expect(inside.replaceAll('\0', '')).toContain(`${app.url}/v1/reports/check/${digest}`);
    } finally {
      await server.close();
    }
  });

  it('given names, then an inspector reads pseudonyms, and who may see names reads them', async () => {
    const curator = randomUUID();
    const administrator = await as('platform_admin');
    await administrator.must('RecordMovement', {
      ...{ personId: curator, kind: 'hired', fullName: 'Журавлёва Инна Павловна' },
      ...{ orderRef: '№ 12-к от 25.08.2025', effectiveAt: '2025-08-25T00:00:00+05:00' },
    });
    const [finding] = controlOf(await made(), 'C23').findings;
    await director.must(
      'AssignFindingRemediation',
      {
        ...{ findingId: finding?.id, controlId: 'C23', assigneeId: curator },
        ...{ dueAt: '2025-11-20T06:00:00Z', recommendation: 'Сменить пароль' },
      },
      { occurredAt: '2025-11-10T06:00:00Z' },
    );
    const report = await made();

    const forDirector = await document(director, report.id, 'csv');
    const forInspector = await document(await as('inspector'), report.id, 'csv');

    expect(contentOf(report).byResponsible).toContainEqual({
      responsibleRu: `[[person:${curator}]]`,
      overdue: 1,
    });
    expect(forDirector.text).toContain('Журавлёва Инна Павловна');
    expect(forInspector.text).toContain(`участник ${curator.slice(0, 8)}`);
    expect(forInspector.text).not.toContain('Журавлёва');
    expect(forInspector.headers.get('etag')).not.toBe(forDirector.headers.get('etag'));
  });

  it('given a fact that comes late, then as known then it is the same, and as known now it says where it differs', async () => {
    const report = await made(OCTOBER);
    await takenOver('2025-10-20T06:00:00Z');

    const then = await director.post<Recomputation>(`reports/${report.id}/recompute`, {});
    const now = await director.post<Recomputation>(`reports/${report.id}/recompute?known=now`, {});

    expect(then.body).toEqual({
      digest: report.digest,
      recomputed: report.digest,
      equal: true,
      differences: [],
    });
    expect(now.body).toMatchObject({ digest: report.digest, equal: false });
    expect(now.body.recomputed).not.toBe(report.digest);
    const at = contentOf(report).controls.findIndex(({ id }) => id === 'C23');
    const paths = now.body.differences.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([`/controls/${at}/findings/-`, `/controls/${at}/counts/violated`]),
    );
    expect(paths).not.toContain('/position');
  });

  it('given the school is renamed, then as known then the report has its name of then', async () => {
    const school = await app.createSchool();
    const head = await app.as('director', { organizationId: school });
    const accepted = await head.post<ReportView>('reports', OCTOBER);
    await until(
      async () => (await head.get<ReportView>(`reports/${accepted.body.id}`)).body,
      ({ status }) => status === 'done',
    );
    const administrator = await app.as('platform_admin', { organizationId: school });
    await administrator.must('RecordRegistrationConfirmed', { platformOrgId: '70705' });
    await administrator.must('UpdateOrganizationProfile', { name: 'МБОУ «Гимназия № 5»' });

    const then = await head.post<Recomputation>(`reports/${accepted.body.id}/recompute`, {});
    const now = await head.post<Recomputation>(`reports/${accepted.body.id}/recompute?known=now`, {});

    expect(then.body.equal).toBe(true);
    expect(now.body.differences).toMatchObject([
      { path: '/organization/name', before: 'МБОУ «Школа № 5»', after: 'МБОУ «Гимназия № 5»' },
    ]);
  });

  it('given two periods, then their comparison says what came, what went and which controls changed', async () => {
    const september = await made({ from: '2025-09-01T00:00:00Z', to: '2025-10-01T00:00:00Z' });
    const autumn = await made();

    const { body } = await director.get<ReportComparison & { before: string; after: string }>(
      `reports/${autumn.id}/comparison?with=${september.id}`,
    );

    expect([body.before, body.after]).toEqual([september.id, autumn.id]);
    expect(body.opened.map(({ control, rule }) => `${control}/${rule}`)).toContain('C23/contained');
    expect(body.controls).toContainEqual({ id: 'C23', before: 'no-evidence', after: 'violated' });
    expect(body.counts).toMatchObject({ opened: body.opened.length, closed: body.closed.length });
    expect(body.versions).toEqual([]);
  });

  it('given two requests at once, then both are made and registered, each once', async () => {
    const accepted = await Promise.all([1, 2].map(() => director.post<ReportView>('reports', OCTOBER)));

    const [one, other] = await Promise.all(accepted.map(({ body }) => registered(body.id)));

    expect([one?.status, other?.status]).toEqual(['done', 'done']);
    expect(one?.id).not.toBe(other?.id);
    expect(controlOf(one!, 'C23')).toEqual(controlOf(other!, 'C23'));
  });

  it('given a report takes the place of one that was withdrawn, then both say so', async () => {
    const first = await made();
    const { position } = await director.must('WithdrawReport', {
      reportId: first.id,
      reason: 'Запись внесена позже',
    });
    await director.get(`reports/${first.id}?minPosition=${position}`);

    const second = await made({ ...AUTUMN, revises: first.id });
    const { body } = await director.get<ReportView>(`reports/${first.id}`);

    expect(body).toMatchObject({ withdrawn: { reason: 'Запись внесена позже' }, revisedBy: [second.id] });
    expect(second.revises).toBe(first.id);
    expect(second.trail.map(({ id, withdrawnAt }) => [id, withdrawnAt !== null])).toEqual([
      [first.id, true],
      [second.id, false],
    ]);
  });

  it('given a report to revise that is not there, then the request is refused', async () => {
    const { status, body } = await director.post('reports', { ...AUTUMN, revises: randomUUID() });

    expect([status, body.fields?.map(({ path }) => path)]).toEqual([400, ['/revises']]);
  });

  it('in the list, then the latest come first, page by page, without what they show', async () => {
    await made();
    const first = await director.get<ReportPage>('reports?limit=2');
    const second = await director.get<ReportPage>(`reports?limit=2&cursor=${first.body.nextCursor}`);

    const items = [...first.body.items, ...second.body.items];
    expect(items.length).toBeGreaterThanOrEqual(3);
    const instants = items.map(({ requestedAt }) => requestedAt);
    expect(instants).toEqual(instants.toSorted().reverse());
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(items.filter((item) => 'content' in item)).toEqual([]);
  });

  describe('to whoever holds a digest', () => {
    const check = async (digest: string): Promise<ReportCheck> =>
      (await app.withAuthorization(undefined).get<ReportCheck>(`/v1/reports/check/${digest}`)).body;

    it('that is of a report, then it is known, when it was approved, and nothing else', async () => {
      const report = await approved(await made());

      expect(await check(report.digest ?? '')).toEqual({
        known: true,
        organizationName: 'МБОУ «Школа № 5»',
        period: AUTUMN,
        registeredAt: report.registeredAt,
        approvedAt: report.approval?.at,
        withdrawn: false,
      });
    });

    it('that is of a report that was withdrawn, then that is said', async () => {
      const report = await made({ ...AUTUMN, basisRu: 'Отозванная' });
      const { position } = await director.must('WithdrawReport', { reportId: report.id, reason: 'Ошибка' });
      await director.get(`reports/${report.id}?minPosition=${position}`);

      expect(await check(report.digest ?? '')).toMatchObject({ known: true, withdrawn: true });
      expect((await document(director, report.id, 'pdf')).status).toBe(200);
    });

    it.each(['0'.repeat(64), 'no-digest'])('that is of none (%s), then it is not known', async (digest) => {
      expect(await check(digest)).toEqual({ known: false });
    });
  });

  describe('to another school', () => {
    it('then the report is not there, whatever is asked about it', async () => {
      const report = await made();
      const other = await app.as('director', { organizationId: await app.createSchool() });

      const answers = await Promise.all([
        other.get(`reports/${report.id}`),
        other.get(`reports/${report.id}/document?format=pdf`),
        other.get(`reports/${report.id}/comparison?with=${report.id}`),
        other.post(`reports/${report.id}/recompute`, {}),
      ]);
      const foreign = await other.get(`/v1/organizations/${organizationId}/reports/${report.id}`);

      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
      expect(foreign.status).toBe(403);
    });
  });

  describe('for the founder', () => {
    const EVERYWHERE = { organizationId: '*' };

    async function madeFor(client: Client, request: object = AUTUMN): Promise<ReportView> {
      const { body } = await client.post<ReportView>('/v1/reports', request);
      return until(
        async () => (await client.get<ReportView>(`/v1/reports/${body.id}`)).body,
        ({ status }) => status === 'done' || status === 'failed',
      );
    }

    /** A school that the list of organisations shows already. */
    async function visibleSchool(): Promise<string> {
      const school = await app.createSchool();
      const head = await app.as('director', { organizationId: school });
      await until(
        () => head.get(`/v1/organizations/${school}`),
        ({ status }) => status === 200,
      );
      return school;
    }

    function founderContentOf({ content }: ReportView): FounderReportContent {
      if (content?.kind !== 'founder') throw new Error('The report is on one school');
      return content;
    }

    it('given several schools, then there are numbers of each, and nobody is named', async () => {
      const quiet = await visibleSchool();
      const founder = await app.as('founder', EVERYWHERE);

      const report = await madeFor(founder, { ...AUTUMN, organizations: [quiet, organizationId] });

      const { schools, controls } = founderContentOf(report);
      expect(schools.map(({ id, counts }) => [id, counts.violated > 0])).toEqual([
        [organizationId, true],
        [quiet, expect.any(Boolean)],
      ]);
      expect(controls.find(({ id }) => id === 'C23')?.schools).toMatchObject({
        violated: 1,
        'no-evidence': 1,
      });
      expect(JSON.stringify(report.content)).not.toMatch(/\[\[|person/);
    });

    it('then it can be had as a document, and its digest is known to whoever holds it', async () => {
      const founder = await app.as('founder', EVERYWHERE);
      const report = await madeFor(founder);

      const { status, text } = await founder.send('GET', `/v1/reports/${report.id}/document?format=pdf`);
      const { body } = await founder.get<ReportCheck>(`/v1/reports/check/${report.digest}`);

      expect([status, text.slice(0, 5)]).toEqual([200, '%PDF-']);
      expect(body).toMatchObject({ known: true, organizationName: null, period: AUTUMN });
    });

    it('of one school, then there is that school alone, and reports on others are not there', async () => {
      const everywhere = await madeFor(await app.as('founder', EVERYWHERE));
      const founder = await as('founder');

      const own = await madeFor(founder);
      const foreign = await founder.get(`/v1/reports/${everywhere.id}`);
      const asked = await founder.post('/v1/reports', {
        ...AUTUMN,
        organizations: [await app.createSchool()],
      });

      expect(founderContentOf(own).schools.map(({ id }) => id)).toEqual([organizationId]);
      expect([foreign.status, asked.status]).toEqual([404, 400]);
    });

    it('given a time zone, then its documents have that clock; given none, then that of Moscow', async () => {
      const founder = await app.as('founder', EVERYWHERE);
      const own = await madeFor(founder, { ...AUTUMN, timeZone: 'Asia/Yekaterinburg' });
      const other = await madeFor(founder);
      const { status, body } = await founder.post('/v1/reports', { ...AUTUMN, timeZone: 'Mars/Olympus' });

      expect(founderContentOf(own).timeZone).toBe('Asia/Yekaterinburg');
      expect(founderContentOf(other).timeZone).toBe('Europe/Moscow');
      expect([status, body.fields?.map(({ path }) => path)]).toEqual([400, ['/timeZone']]);
    });

    it('a director may not ask', async () => {
      expect((await director.post('/v1/reports', AUTUMN)).status).toBe(403);
    });
  });
});

describe('the work on a report', () => {
  const clock = new FixedClock(new Date('2026-01-10T08:00:00Z'));
  let app: TestApplication;
  let organizationId: string;
  let director: Client;

  beforeAll(async () => {
    app = await startApplication({ worker: false, clock });
    organizationId = await app.createSchool();
    director = await app.as('director', { organizationId });
  }, 60_000);

  afterAll(() => app.stop());

  const asked = async (): Promise<string> => (await director.post<ReportView>('reports', AUTUMN)).body.id;

  const registrations = async (id: string): Promise<number> =>
    (await app.core.store.readStream({ organizationId, stream: `report-${id}` })).length;

  it('that is not done, then there is no document, nothing to recompute and nothing to compare yet', async () => {
    const id = await asked();

    const answers = await Promise.all([
      director.get(`reports/${id}/document?format=pdf`),
      director.post(`reports/${id}/recompute`, {}),
      director.get(`reports/${id}/comparison?with=${id}`),
    ]);

    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(3).fill([409, 'conflict']));
  });

  it('then its progress is told step by step', async () => {
    const id = await asked();
    const told: number[] = [];

    await new ReportService(app.core).make(id, (percent) => Promise.resolve(void told.push(percent)), false);

    expect(told).toEqual([10, 30, 60, 90, 100]);
  });

  it('given it ended between freezing and registering, then it is queued again and registered once', async () => {
    const id = await asked();
    const dying = new ReportService({
      ...app.core,
      commands: Object.create(app.core.commands, {
        execute: { value: () => Promise.reject(new Error('The process ended')) },
      }),
    });
    await expect(dying.make(id, () => Promise.resolve(), true)).rejects.toThrow('The process ended');
    const { digest, status } = await new ReportService(app.core).read(organizationId, id);
    clock.advance(60_000);

    const queued: string[] = [];
    const reports = new ReportService({
      ...app.core,
      jobs: Object.create(app.core.jobs, {
        add: {
          value: (_queue: string, _name: string, payload: { id: string }) =>
            Promise.resolve(void queued.push(payload.id)),
        },
      }),
    });
    await reports.requeue();
    await reports.make(id, () => Promise.resolve(), false);
    await reports.make(id, () => Promise.resolve(), false);

    expect([status, queued.includes(id), await registrations(id)]).toEqual(['done', true, 1]);
    expect((await reports.read(organizationId, id)).digest).toBe(digest);
  });

  it('given events came between request and work, then they do not count', async () => {
    const id = await asked();
    const at = '2025-10-20T06:00:00Z';
    await director.must(
      'ReportUnauthorizedAccess',
      { affectedPersonId: randomUUID(), detectedAt: at, reportedAt: at },
      { occurredAt: at },
    );

    const reports = new ReportService(app.core);
    await reports.make(id, () => Promise.resolve(), false);

    const { content } = await reports.read(organizationId, id);
    expect(content?.controls.find((control) => control.id === 'C23')).toMatchObject({
      status: 'no-evidence',
    });
    expect(await reports.recompute(organizationId, id, 'then')).toMatchObject({ equal: true });
  });
});

describe('the report on a simulated school year', () => {
  const year = simulateYear({ ...sizeOf(3), seed: 5, messagesPerMonth: 2 });
  const { organizationId } = year;
  let app: TestApplication;
  let director: Client;
  let reports: ReportService;
  let report: ReportView;
  let content: ControlReportContent;

  beforeAll(async () => {
    const clock = new FixedClock(new Date('2026-08-31T00:00:00Z'));
    app = await startApplication({ worker: false, clock });
    const steps = [...year.steps];
    for (let from = 0; from < steps.length; from += STEPS_AT_ONCE) {
      const { reasons } = await playSteps(app.core, steps.slice(from, from + STEPS_AT_ONCE));
      if (reasons.length > 0) throw new Error(reasons.join('\n'));
    }
    director = await app.as('director', { organizationId });
    reports = new ReportService(app.core);
    const period = { from: '2025-09-01T00:00:00Z', to: '2026-06-01T00:00:00Z' };
    const { id } = await reports.request(organizationId, director.personId, { kind: 'control', ...period });
    await reports.make(id, () => Promise.resolve(), true);
    report = await reports.read(organizationId, id);
    if (report.content?.kind !== 'control') throw new Error('The report shows no school');
    content = report.content;
  }, 120_000);

  afterAll(() => app.stop());

  it('then the last point of its trend is what the controls count', () => {
    const total = (name: 'violated' | 'open'): number =>
      content.controls.reduce((sum, { counts }) => sum + counts[name], 0);

    expect(content.trend.at(-1)).toEqual({
      ...{ at: content.asOf, violated: total('violated'), open: total('open') },
    });
    expect(content.byResponsible.reduce((sum, { overdue }) => sum + overdue, 0)).toBe(total('violated'));
  });

  it('then each control and each finding is of the catalogue, and all evidence is listed once, in order', () => {
    const positions = content.evidence.map(({ position }) => BigInt(position));
    const listed = new Set(content.evidence.map(({ id }) => id));
    const cited = content.controls.flatMap(({ findings }) => findings.flatMap(({ evidence }) => evidence));

    expect(content.controls.map(({ id }) => id)).toEqual(controlCatalogue.map(({ id }) => id));
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(listed.size).toBe(content.evidence.length);
    expect(cited.length).toBeGreaterThan(30);
    expect(cited.filter((id) => !listed.has(id))).toEqual([]);
  });

  it('given its views are made anew, then it is the same when it is made again', async () => {
    await app.core.projections.rebuild('compliance');

    expect(await reports.recompute(organizationId, report.id, 'then')).toMatchObject({ equal: true });
  });

  it('given three documents at once, then the third is begun when one of the others is ready', async () => {
    const checkUrl = (digest: string): string => `https://letopis.school7.example/${digest}`;
    const { open } = await reportDocument(app.core, report, 'pdf', { checkUrl });
    const isReady = (file: Readable): boolean => file instanceof PassThrough && file.writableEnded;
    const first = [await open(), await open()];
    const begun = first.map(isReady);

    const third = await open();

    expect([begun, first.some(isReady), isReady(third)]).toEqual([[false, false], true, false]);
    for (const file of [...first, third]) file.destroy();
  });

  it('given readers who leave, then they stand in nobody’s way', async () => {
    const url = `${app.url}/v1/organizations/${organizationId}/reports/${report.id}/document?format=pdf`;
    const headers = { authorization: `Bearer ${director.token}` };
    const left = Array.from({ length: 6 }, (_, index) =>
      fetch(url, { headers, signal: AbortSignal.timeout(20 + 60 * index) })
        .then((response) => response.arrayBuffer())
        .catch(() => undefined),
    );
    await Promise.all(left);

    const { status, text } = await director.send('GET', `reports/${report.id}/document?format=pdf`);

    expect([status, text.slice(0, 5)]).toEqual([200, '%PDF-']);
  });

  it.each(['csv', 'json', 'xlsx', 'pdf'])('as %s, then the document is whole', async (format) => {
    const { status, text } = await director.send('GET', `reports/${report.id}/document?format=${format}`);

    expect([status, text.length > 10_000]).toEqual([200, true]);
    if (format === 'csv') expect(text).not.toContain('[[');
  });
});
