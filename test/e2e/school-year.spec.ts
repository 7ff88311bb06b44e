import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditEntry, type AuditPage } from '@letopis/audit';
import { declaredControls, type Finding } from '@letopis/compliance';
import { type CloudEvent } from '@letopis/kernel';
import { canonicalJson } from '@letopis/ledger';
import { schoolScenario, type SchoolScenario, type Step } from '../../apps/cli/src/scenario';
import {
  type Client,
  type CommandBody,
  linesOf,
  startApplication,
  type TestApplication,
} from '../support/application';

interface Overview {
  readonly asOf: string;
  readonly controls: readonly {
    readonly id: string;
    readonly status: string;
    readonly clauses: readonly string[];
    readonly open: number;
    readonly overdue: number;
    readonly evidence: readonly string[];
  }[];
}

interface Findings {
  readonly findings: readonly Finding[];
}

interface Report {
  readonly id: string;
  readonly status: string;
  readonly progress: number;
  readonly digest: string | null;
  readonly content: {
    readonly period: object;
    readonly position: string;
    readonly controls: readonly {
      readonly id: string;
      readonly counts: { readonly inTime: number };
      readonly findings: readonly Pick<Finding, 'id' | 'state'>[];
    }[];
    readonly evidence: readonly { readonly id: string }[];
  } | null;
}

interface Related {
  readonly event: AuditEntry;
  readonly causes: readonly AuditEntry[];
  readonly effects: readonly AuditEntry[];
  readonly states: object;
}

/** A week before the account is taken over. */
const BEFORE = '2025-11-10T00:00:00Z';

describe('the beginning of a school year, over HTTP', () => {
  let app: TestApplication;
  let scenario: SchoolScenario;
  let director: Client;
  const replies = new Map<Step, CommandBody>();

  beforeAll(async () => {
    app = await startApplication();
    scenario = schoolScenario(7, 0);
    const { organizationId, name, timeZone } = scenario;
    const operator = await app.as('operator');
    await operator.post('/v1/organizations', { organizationId, name, timeZone });
    for (const step of scenario.steps) {
      const { role, actorId, command, payload, occurredAt, idempotencyKey } = step;
      const client = await app.as(role, { organizationId, personId: actorId });
      replies.set(step, await client.must(command, payload, { occurredAt, key: idempotencyKey }));
    }
    director = await app.as('director', { organizationId });
    await director.get(`compliance?minPosition=${lastPosition()}`);
    await director.get(`audit-trail?minPosition=${lastPosition()}`);
  }, 120_000);

  afterAll(() => app.stop());

  const lastPosition = (): string =>
    [...replies.values()].reduce(
      (max, { position }) => (BigInt(position ?? 0) > BigInt(max) ? (position ?? max) : max),
      '0',
    );

  const stepsOf = (command: string): readonly (readonly [Step, CommandBody])[] =>
    [...replies].filter(([step]) => step.command === command);

  /** An id that the payload of the first such step holds. */
  function idOf(command: string, field: string): string {
    const id = stepsOf(command)[0]?.[0].payload[field];
    if (typeof id !== 'string') throw new Error(`${command} has no ${field}`);
    return id;
  }

  const eventOf = (command: string, index = 0): string => stepsOf(command)[index]?.[1].events[0]?.id ?? '';

  async function trail(question = ''): Promise<readonly AuditEntry[]> {
    const { body } = await director.get<AuditPage>(`audit-trail?limit=500&order=asc&${question}`);
    return body.items;
  }

  const findings = async (question = ''): Promise<readonly Finding[]> =>
    (await director.get<Findings>(`compliance/findings?${question}`)).body.findings;

  describe('given every action of the regulation', () => {
    it.each([
      ['IssueLocalAct', ['LocalActIssued']],
      ['AppointAdministrator', ['AdministratorAppointed']],
      ['CreateGroup', ['GroupCreated']],
      ['CreateInvitationLink', ['InvitationLinkCreated']],
      ['SendInvitationLink', ['InvitationLinkSent']],
      ['RevokeInvitationLink', ['InvitationLinkRevoked']],
      ['AcceptInvitation', ['InvitationLinkUsed', 'MemberJoined']],
      ['RequestRoleVerification', ['RoleVerificationRequested']],
      ['ConfirmRole', ['RoleVerified']],
      ['RegisterChat', ['ChatRegistered']],
      ['ReportUnauthorizedAccess', ['UnauthorizedAccessReported']],
      ['ContainAccount', ['AccountContained']],
      ['ReportViolation', ['ViolationReported']],
      ['ConfirmViolation', ['ViolationConfirmed']],
    ])('%s, then its events are recorded', (command, types) => {
      const [, reply] = stepsOf(command)[0]!;

      expect(reply.events.map(({ type }) => type)).toEqual(types);
      expect(reply).toMatchObject({
        commandId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        stream: expect.stringMatching(/^[a-z]+-[0-9a-f-]{36}$/),
        revision: expect.stringMatching(/^\d+$/),
        position: expect.stringMatching(/^\d+$/),
      });
    });

    it('and those that the scenario leaves out, then they are recorded too', async () => {
      const { organizationId } = scenario;
      const personId = idOf('AppointAdministrator', 'personId');
      const admin = await app.as('platform_admin', { organizationId, personId });
      const pupil = await app.as('student', { organizationId });
      const stranger = await app.as('teacher', { organizationId });
      const chatId = idOf('RegisterChat', 'chatId');
      const linkId = idOf('CreateInvitationLink', 'linkId');

      await stranger.must('AcceptInvitation', { linkId, personId: stranger.personId });
      await stranger.must('RequestRoleVerification', { personId: stranger.personId, method: 'admin' });
      const rejected = await admin.must('RejectRole', {
        personId: stranger.personId,
        reason: 'Нет в списке',
      });
      const added = await admin.must('RecordChatMemberAdded', {
        chatId,
        personId: pupil.personId,
        via: 'inviter',
      });
      const removed = await admin.must('RecordChatMemberRemoved', {
        chatId,
        personId: pupil.personId,
        by: admin.personId,
      });
      const reported = await pupil.must('ReportViolation', { kind: 'ethics' });
      const dismissed = await admin.must('DismissViolation', {
        violationId: reported.stream.replace('violation-', ''),
        reason: 'Не подтвердилось',
      });

      expect([rejected, added, removed, dismissed].map(({ events }) => events[0]?.type)).toEqual([
        'RoleVerificationRejected',
        'ChatMemberAdded',
        'ChatMemberRemoved',
        'ViolationDismissed',
      ]);
    });

    it('and repeated with the same keys, then nothing is recorded and the answers are the same', async () => {
      const { organizationId } = scenario;
      const head = await app.core.store.head();
      for (const [step, before] of replies) {
        const { role, actorId, command, payload, occurredAt, idempotencyKey } = step;
        const client = await app.as(role, { organizationId, personId: actorId });
        const again = await client.command(command, payload, { occurredAt, key: idempotencyKey });
        expect([again.status, again.body]).toEqual([200, before]);
      }
      expect(await app.core.store.head()).toBe(head);
    });
  });

  describe('given the compliance view', () => {
    it('as of now, then each control has its status, and what is open cites events of this school', async () => {
      const { body } = await director.get<Overview>('compliance');

      expect(body.controls.map(({ id }) => id)).toEqual(declaredControls.map(({ id }) => id));
      const status = Object.fromEntries(body.controls.map(({ id, status: value }) => [id, value]));
      expect(status).toMatchObject({ C03: 'compliant', C08: 'violated', C10: 'violated', C23: 'compliant' });
      const recorded = new Set((await trail()).map(({ id }) => id));
      const cited = body.controls.flatMap(({ evidence }) => evidence);
      expect(cited.length).toBeGreaterThan(0);
      expect(cited.filter((id) => !recorded.has(id))).toEqual([]);
    });

    it('as of an instant before the account was taken over, then nothing of it is known', async () => {
      const { body } = await director.get<Overview>(`compliance?asOf=${BEFORE}`);

      expect(body.asOf).toBe('2025-11-10T00:00:00.000Z');
      expect(body.controls.find(({ id }) => id === 'C23')).toMatchObject({
        status: 'no-evidence',
        open: 0,
        overdue: 0,
        evidence: [],
      });
    });

    it('as of an instant between report and containment, then the containment is awaited, later overdue', async () => {
      const contained = async (asOf: string): Promise<readonly Finding[]> =>
        (await findings(`control=C23&asOf=${asOf}`)).filter(({ rule }) => rule === 'contained');

      expect(await contained('2025-11-17T14:00:00Z')).toMatchObject([{ state: 'open' }]);
      expect(await contained('2025-11-17T18:00:00Z')).toMatchObject([{ state: 'overdue' }]);
      expect(await contained('2025-11-18T00:00:00Z')).toMatchObject([{ state: 'fulfilled-late' }]);
    });

    it('then a finding cites the events that opened and closed it', async () => {
      const [finding] = (await findings('control=C23')).filter(({ rule }) => rule === 'contained');

      expect(finding).toMatchObject({
        state: 'fulfilled-late',
        evidence: [eventOf('ReportUnauthorizedAccess'), eventOf('ContainAccount')],
      });
    });

    it('then the link that was used after its end is violated, and who came by it is seen', async () => {
      const used = await findings('control=C08&state=violated&asOf=2025-12-01T00:00:00Z');

      expect(used).toMatchObject([{ rule: 'used-while-valid', severity: 'critical' }]);
      expect(used[0]?.evidence).toEqual(expect.arrayContaining([eventOf('RevokeInvitationLink')]));
    });

    it('then the teacher whom nobody verified is overdue', async () => {
      const [step] = stepsOf('RequestRoleVerification').at(-1)!;

      const overdue = await findings('control=C10&state=overdue');

      expect(overdue).toMatchObject([{ subject: step.payload.personId }]);
    });

    it('asked for duties that were done in time, which are else only counted, then it shows them', async () => {
      const fulfilled = await findings('state=fulfilled');

      expect(fulfilled.length).toBeGreaterThan(0);
      expect(new Set(fulfilled.map(({ state }) => state))).toEqual(new Set(['fulfilled']));
    });

    it('with filters, then only what they let through is shown', async () => {
      const all = await findings();
      const [some] = all;

      for (const [question, test] of [
        ['control=C08', (finding: Finding) => finding.control === 'C08'],
        ['state=overdue', (finding: Finding) => finding.state === 'overdue'],
        ['severity=critical', (finding: Finding) => finding.severity === 'critical'],
        [`subject=${some?.subject}`, (finding: Finding) => finding.subject === some?.subject],
      ] as const) {
        const expected = all.filter(test);
        expect(expected.length).toBeGreaterThan(0);
        expect(expected.length).toBeLessThan(all.length);
        expect(await findings(question)).toEqual(expected);
      }
    });

    it('of one control, then its parameters and all its findings are shown', async () => {
      const { body } = await director.get<Findings & { id: string; parameters: object }>(
        'compliance/controls/C23',
      );

      expect(body).toMatchObject({ id: 'C23', parameters: expect.any(Object) });
      expect(body.findings).toEqual(await findings('control=C23'));
    });

    it('as it was known at a position, then what was recorded later does not count', async () => {
      const before = BigInt(stepsOf('ReportUnauthorizedAccess')[0]![1].position ?? 0) - 1n;

      expect(await findings(`control=C23&knownAt=${before}`)).toEqual([]);
    });

    it('with minPosition, then a caller reads what it has just written', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { position, stream } = await director.must('ReportUnauthorizedAccess', {
          affectedPersonId: director.personId,
          detectedAt: '2026-02-01T08:00:00Z',
        });
        const subject = stream.replace('incident-', '');

        const found = await findings(`control=C23&subject=${subject}&minPosition=${position}`);

        expect(found.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['contained']));
      }
    });
  });

  describe('given the audit trail', () => {
    it.each<[string, () => string, (entry: AuditEntry) => boolean]>([
      [
        'from',
        () => 'from=2025-11-17T13:01:00Z',
        ({ occurredAt }) => occurredAt >= '2025-11-17T13:01:00.000Z',
      ],
      ['to', () => 'to=2025-09-01T00:00:00Z', ({ occurredAt }) => occurredAt < '2025-09-01T00:00:00.000Z'],
      [
        'from and to with a time zone',
        () => `from=${encodeURIComponent('2025-09-01T00:00:00+05:00')}&to=2025-09-02T00:00:00Z`,
        ({ occurredAt }) =>
          occurredAt >= '2025-08-31T19:00:00.000Z' && occurredAt < '2025-09-02T00:00:00.000Z',
      ],
      [
        'actor',
        () => `actor=${scenario.steps[0]?.actorId}`,
        ({ actor }) => actor.id === scenario.steps[0]?.actorId,
      ],
      [
        'subject',
        () => `subject=${idOf('RecordMovement', 'personId')}`,
        ({ subjects }) => subjects.includes(idOf('RecordMovement', 'personId')),
      ],
      ['type', () => 'type=InvitationLinkUsed', ({ type }) => type === 'InvitationLinkUsed'],
      ['clause', () => 'clause=4.5.2', ({ clauses }) => clauses.includes('4.5.2')],
      [
        'chat',
        () => `chat=${idOf('RegisterChat', 'chatId')}`,
        ({ data }) => data.chatId === stepsOf('RegisterChat')[0]![0].payload.chatId,
      ],
      [
        'correlation',
        () => `correlation=${stepsOf('AcceptInvitation')[0]![1].commandId}`,
        ({ correlationId }) => correlationId === stepsOf('AcceptInvitation')[0]![1].commandId,
      ],
      ['q', () => `q=${encodeURIComponent('учительской')}`, ({ data }) => data.title === 'Учительская'],
      [
        'several of them',
        () => 'type=InvitationLinkUsed&from=2025-10-01T00:00:00Z&to=2025-11-01T00:00:00Z',
        ({ type, occurredAt }) => type === 'InvitationLinkUsed' && occurredAt.startsWith('2025-10'),
      ],
    ])(
      'with the filter %s, then it shows what matches and nothing else',
      async (_name, question, matches) => {
        const all = await trail();
        const expected = all.filter(matches);
        expect(expected.length).toBeGreaterThan(0);
        expect(expected.length).toBeLessThan(all.length);

        expect((await trail(question())).map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      },
    );

    it('page by page while new events come in, then no page changes and none is told twice', async () => {
      const before = (await trail()).map(({ id }) => id).reverse();
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await director.get<AuditPage>(`audit-trail?limit=7${cursor}`);
        seen.push(...body.items.map(({ id }) => id));
        cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
        const { position } = await director.must('ReportViolation', { kind: 'ethics' });
        await director.get(`audit-trail?limit=1&minPosition=${position}`);
      } while (cursor !== '');

      expect(seen).toEqual(before);
    });

    it('in ascending order while new events come in, then the new ones come last', async () => {
      const before = (await trail()).map(({ id }) => id);
      const first = await director.get<AuditPage>('audit-trail?order=asc&limit=10');
      const { events, position } = await director.must('ReportViolation', { kind: 'ethics' });
      await director.get(`audit-trail?limit=1&minPosition=${position}`);

      const rest = await director.get<AuditPage>(
        `audit-trail?order=asc&limit=500&cursor=${first.body.nextCursor}`,
      );

      const ids = [...first.body.items, ...rest.body.items].map(({ id }) => id);
      expect(ids).toEqual([...before, events[0]?.id]);
    });

    it('of one event, then its causes and effects are told: invitation used, member joined', async () => {
      const [, reply] = stepsOf('AcceptInvitation')[0]!;
      const [used, joined] = reply.events;

      const { body: cause } = await director.get<Related>(`audit-trail/${used?.id}`);
      const { body: effect } = await director.get<Related>(`audit-trail/${joined?.id}`);

      expect(cause).toMatchObject({
        event: { id: used?.id, type: 'InvitationLinkUsed', commandId: reply.commandId },
        causes: [],
        effects: [{ id: joined?.id, type: 'MemberJoined', causationId: used?.id, actor: { role: 'system' } }],
        states: { recorded: true, projected: true, sealed: false },
      });
      expect(effect).toMatchObject({
        event: { id: joined?.id },
        causes: [{ id: used?.id, type: 'InvitationLinkUsed' }],
        effects: [],
      });
    });

    it('then personal data is hidden, and what is late is flagged', async () => {
      const [entry] = await trail('type=MemberMovementRecorded');

      expect(entry?.data.fullName).toEqual({ hidden: true, subject: scenario.steps[0]?.payload.personId });
      expect(entry?.late).toBe(true);
    });

    it('of another school, then it does not hold this one’s events', async () => {
      const other = await app.as('director', { organizationId: await app.createSchool() });

      const { body } = await other.get<AuditPage>('audit-trail?limit=500');

      expect(body.items.every(({ type }) => type === 'OrganizationCreated')).toBe(true);
      expect((await other.get(`audit-trail/${eventOf('IssueLocalAct')}`)).status).toBe(404);
    });
  });

  describe('given the feed', () => {
    const page = async (after: string, limit: number) => {
      const { headers, text } = await director.send('GET', `events?after=${after}&limit=${limit}`);
      return {
        events: linesOf<CloudEvent>(text),
        type: headers.get('content-type'),
        next: headers.get('x-letopis-next-after'),
      };
    };

    it('page by page, then it holds every event once, as CloudEvents in order of position', async () => {
      const events: CloudEvent[] = [];
      for (let after = '0'; ;) {
        const { events: some, next, type } = await page(after, 10);
        expect(type).toMatch(/^application\/x-ndjson/);
        if (some.length === 0) break;
        events.push(...some);
        after = next ?? '';
      }

      const positions = events.map(({ position }) => BigInt(position));
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
      await director.get(`audit-trail?limit=1&minPosition=${events.at(-1)?.position}`);
      expect(events.map(({ id }) => id)).toEqual((await trail()).map(({ id }) => id));
      for (const event of events) {
        expect(event).toMatchObject({
          specversion: '1.0',
          source: `letopis/${scenario.organizationId}`,
          organizationid: scenario.organizationId,
          datacontenttype: 'application/json',
          dataschema: `urn:letopis:event:${event.type}:${event.schemaversion}`,
        });
        expect(Object.keys(event).every((name) => /^[a-z]+$/.test(name))).toBe(true);
      }
    });

    it('then no name, phone or e-mail of a person stands in it in clear', async () => {
      const { text } = await director.send('GET', 'events?limit=2000');

      expect(text).not.toMatch(/@school\.example|\+7900|Соколова|Кузнецов|Ковалёва|Лебедев|рассылали/);
    });
  });

  describe('given a control report', () => {
    const request = { kind: 'control', from: '2025-09-01T00:00:00Z', to: '2025-12-01T00:00:00Z' };

    async function made(id: string): Promise<Report> {
      for (const end = Date.now() + 20_000; Date.now() < end; await sleep(50)) {
        const { body } = await director.get<Report>(`reports/${id}`);
        if (body.status === 'done' || body.status === 'failed') return body;
      }
      throw new Error('The report was not made in 20 s');
    }

    it('then it is accepted, made, and holds what the view says as of the end of its period', async () => {
      const accepted = await director.post<Report>('reports', request);
      const report = await made(accepted.body.id);

      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('location')).toBe(
        `/v1/organizations/${scenario.organizationId}/reports/${accepted.body.id}`,
      );
      expect(report).toMatchObject({ status: 'done', progress: 100 });
      const now = (await findings(`asOf=2025-11-30T23:59:59.999Z&control=C23`)).filter(
        ({ state }) => state !== 'fulfilled' && state !== 'cancelled',
      );
      const shown = report.content?.controls.find(({ id }) => id === 'C23')?.findings;
      expect(shown?.map(({ id, state }) => [id, state])).toEqual(now.map(({ id, state }) => [id, state]));
      expect(report.content?.evidence.map(({ id }) => id)).toContain(eventOf('ContainAccount'));
    });

    it('then its digest is the SHA-256 of its canonical content', async () => {
      const { body } = await director.post<Report>('reports', request);
      const { content, digest } = await made(body.id);

      expect(digest).toBe(createHash('sha256').update(canonicalJson(content)).digest('hex'));
    });

    it('and facts that come to light later, then the report stays as it is and a new one differs', async () => {
      const { body } = await director.post<Report>('reports', request);
      const before = await made(body.id);
      await director.must(
        'ReportUnauthorizedAccess',
        {
          affectedPersonId: director.personId,
          detectedAt: '2025-10-01T08:00:00Z',
          reportedAt: '2025-10-05T08:00:00Z',
        },
        { occurredAt: '2025-10-05T08:00:00Z' },
      );

      const second = await director.post<Report>('reports', request);
      const after = await made(second.body.id);

      expect((await made(body.id)).content).toEqual(before.content);
      expect(after.digest).not.toBe(before.digest);
      expect(after.content?.evidence.length).toBeGreaterThan(before.content?.evidence.length ?? 0);
    });

    it('of another school, then it is not found', async () => {
      const { body } = await director.post<Report>('reports', request);
      const other = await app.as('director', { organizationId: await app.createSchool() });

      expect((await other.get(`reports/${body.id}`)).status).toBe(404);
    });
  });
});
