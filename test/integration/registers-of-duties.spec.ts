import { randomUUID } from 'node:crypto';
import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  ControlFindingRecorded,
  ControlPlanApproved,
  ControlReportAcknowledged,
  ControlReportApproved,
  GroupCreated,
  JoinRequestApproved,
  JoinRequestRejected,
  JoinRequestSubmitted,
  RemediationAssigned,
  SupportRequestOpened,
  SupportRequestResolved,
  VendorTicketOpened,
} from '@letopis/school';
import { startApplication, type TestApplication } from '../support/application';
import { RecordedSchool } from '../support/recorded-school';

let app: TestApplication;

beforeAll(async () => {
  app = await startApplication();
}, 60_000);

afterAll(() => app.stop());

const later = (at: string, hours: number): string =>
  new Date(Date.parse(at) + hours * 3_600_000).toISOString();

/** Friday. In Yekaterinburg the working days after it are Saturday the 1st, Wednesday the 5th and Thursday the 6th. */
const FRIDAY = '2025-10-31T06:00:00.000Z';
const ADMIN = '1f0c7a52-6d34-4b18-9e2f-5a6b7c8d9e01';
const NAME = 'Белов Глеб Ильич';

describe('F4, the journal of requests to join', () => {
  async function submitted(school: RecordedSchool, claim: { at?: string; groupId?: string } = {}) {
    const [requestId, claimantId] = [randomUUID(), randomUUID()];
    const { at = FRIDAY, groupId } = claim;
    const claimed = async (fullName: string, claimedAt: string): Promise<void> =>
      school.happened(
        claimedAt,
        JoinRequestSubmitted.of({
          requestId,
          claimantId,
          personClaim: { fullName, fullNameHash: randomUUID(), role: 'student', groupId },
          at: claimedAt,
        }),
      );
    await claimed(NAME, at);
    const approved = (decidedAt: string): Promise<void> =>
      school.happened(
        decidedAt,
        JoinRequestApproved.of({
          requestId,
          personId: randomUUID(),
          platformRole: 'student',
          groupId,
          rosterMatch: 'exact',
          by: ADMIN,
          at: decidedAt,
        }),
      );
    return { requestId, claimantId, claimed, approved };
  }

  it('given a request that was approved, then CSV tells all of it', async () => {
    const school = await RecordedSchool.create(app);
    const groupId = randomUUID();
    await school.happened(FRIDAY, GroupCreated.of({ groupId, kind: 'class', title: '5А' }));
    const { approved } = await submitted(school, { groupId });
    await approved('2025-11-01T06:00:00.000Z');

    expect((await school.ask('F4?format=csv')).text).toBe(
      '№;Дата;Заявитель;Роль;Группа;Сверка со списком;Решение;Обоснование решения;Кем принято;Дата решения;В срок\r\n' +
        '1;31.10.2025 11:00;Белов Глеб Ильич;обучающийся;5А;совпадает со списком;принята;;1f0c7a52;01.11.2025 11:00;да\r\n',
    );
  });

  it.each([
    ['the last instant of the third working day', '2025-11-06T18:59:59.999Z', true],
    ['the day after', '2025-11-06T19:00:00.000Z', false],
  ])('given a decision at %s, then it says whether that is in time', async (_name, at, inTime) => {
    const school = await RecordedSchool.create(app);
    const { approved } = await submitted(school);
    await approved(at);

    expect(await school.items('F4')).toMatchObject([{ decidedAt: at, inTime }]);
  });

  it.each([
    ['long ago', FRIDAY, false],
    ['just now', new Date().toISOString(), null],
  ])(
    'given a request of %s without a decision, then it says whether it is late',
    async (_name, at, inTime) => {
      const school = await RecordedSchool.create(app);
      await submitted(school, { at });

      expect(await school.items('F4')).toMatchObject([{ decision: 'pending', decidedBy: null, inTime }]);
    },
  );

  it('given a rejection, then its reason is told', async () => {
    const school = await RecordedSchool.create(app);
    const { requestId } = await submitted(school);
    await school.happened(FRIDAY, JoinRequestRejected.of({ requestId, by: ADMIN, reason: 'Нет в списке' }));

    expect(await school.items('F4')).toMatchObject([
      {
        rosterMatch: null,
        decision: 'rejected',
        reason: 'Нет в списке',
        decidedBy: { id: ADMIN },
        inTime: true,
      },
    ]);
  });

  it('given another claim under the same request, then the later one stands, and the first begins the term', async () => {
    const school = await RecordedSchool.create(app);
    const { claimed } = await submitted(school);
    await claimed('Белов Глеб Игоревич', later(FRIDAY, 24));
    await claimed('Белов Г. И.', later(FRIDAY, 12));

    expect(await school.items('F4')).toMatchObject([
      { number: 1, submittedAt: FRIDAY, claimant: { text: 'Белов Глеб Игоревич' } },
    ]);
  });

  it('given an inspector, then the name is hidden', async () => {
    const school = await RecordedSchool.create(app);
    await submitted(school);

    expect(await school.items('F4', 'inspector')).toMatchObject([{ claimant: { state: 'hidden' } }]);
  });

  it('given a claimant whose data were destroyed, then it says so', async () => {
    const school = await RecordedSchool.create(app);
    const { claimantId } = await submitted(school);
    await school.destroyed(claimantId);

    expect(await school.items('F4')).toMatchObject([{ claimant: { state: 'destroyed' } }]);
  });

  it('given filters, then the request they describe is listed under its own number', async () => {
    const school = await RecordedSchool.create(app);
    const groupId = randomUUID();
    await submitted(school);
    const { approved } = await submitted(school, { groupId, at: later(FRIDAY, 1) });
    await approved(later(FRIDAY, 2));

    const queries = ['status=approved', `class=${groupId}`, `from=${later(FRIDAY, 1)}`];
    const found = await Promise.all(queries.map((query) => school.items(`F4?${query}`)));

    expect(found).toMatchObject([[{ number: 2 }], [{ number: 2 }], [{ number: 2 }]]);
  });
});

describe('F6, reports on checks', () => {
  const [deputy, director, curator] = [randomUUID(), randomUUID(), randomUUID()];
  const EVIDENCE = '018f2a4e-7f1a-7c3e-9a54-2f6f1c9d0b11';
  const terms = { controlIds: ['C14'], dueAt: '2025-11-28T13:00:00.000Z', responsibleId: deputy };

  async function scheduled(school: RecordedSchool, more: object = { basis: 'Распоряжение № 12' }) {
    const checkId = randomUUID();
    await school.happened(FRIDAY, ControlCheckScheduled.of({ checkId, ...terms, ...more }));
    const found = async (what: { fact: string } | { factOnSubject: string; subjectId: string }) => {
      const findingId = randomUUID();
      await school.happened(
        FRIDAY,
        ControlFindingRecorded.of({
          findingId,
          checkId,
          controlId: 'C14',
          clauseId: '3.3.3a',
          severity: 'high',
          evidenceRefs: [EVIDENCE],
          factDigest: randomUUID(),
          ...what,
        }),
      );
      return findingId;
    };
    return { checkId, found };
  }

  it('given a check that was carried out and reported on, then the row tells all of it', async () => {
    const school = await RecordedSchool.create(app);
    const [reportId, assignee] = [randomUUID(), randomUUID()];
    const { checkId, found } = await scheduled(school, {
      basis: 'Распоряжение № 12',
      goal: 'Состав чатов',
      object: 'Чаты 5-х классов',
    });
    const findingId = await found({ factOnSubject: 'Посторонний в чате', subjectId: curator });
    await school.happened(
      FRIDAY,
      ControlCheckCompleted.of({
        checkId,
        sampleSize: 24,
        methods: ['records', 'survey'],
        checkerId: deputy,
        at: FRIDAY,
      }),
    );
    await school.happened(
      FRIDAY,
      RemediationAssigned.of({
        findingId,
        checkId,
        assigneeId: assignee,
        dueAt: later(FRIDAY, 72),
        recommendation: 'Удалить из чата',
      }),
    );
    await school.happened(
      FRIDAY,
      ControlReportApproved.of({
        reportId,
        checkId,
        approvedBy: director,
        acknowledgedBy: [curator],
        conclusions: 'Состав приведён в соответствие',
      }),
    );
    await school.happened(
      FRIDAY,
      ControlReportAcknowledged.of({ reportId, checkId, personId: assignee, at: FRIDAY }),
    );

    expect(await school.items('F6')).toEqual([
      {
        goal: 'Состав чатов',
        object: 'Чаты 5-х классов',
        basis: 'Распоряжение № 12',
        dueAt: terms.dueAt,
        completedAt: FRIDAY,
        methods: ['records', 'survey'],
        checked: 24,
        clause: '3.3.3a',
        fact: { state: 'shown', text: 'Посторонний в чате' },
        subject: { id: curator, state: 'unnamed' },
        evidence: [EVIDENCE],
        conclusions: 'Состав приведён в соответствие',
        recommendation: 'Удалить из чата',
        remediationDueAt: later(FRIDAY, 72),
        responsible: { id: assignee, state: 'unnamed' },
        signedBy: [deputy, director].map((id) => ({ id, state: 'unnamed' })),
        acknowledgedBy: [curator, assignee].sort().map((id) => ({ id, state: 'unnamed' })),
      },
    ]);
  });

  it('given a check of the plan, then the plan is its basis and the topic its object', async () => {
    const school = await RecordedSchool.create(app);
    const item = { ...terms, topic: 'Состав чатов классов' };
    await school.happened(
      FRIDAY,
      ControlPlanApproved.of({ schoolYear: '2025/2026', orderRef: '№ 340 от 05.09.2025', items: [item] }),
    );
    await scheduled(school, { schoolYear: '2025/2026' });

    expect(await school.items('F6')).toMatchObject([
      {
        basis: 'План контроля на 2025/2026 учебный год, приказ № 340 от 05.09.2025',
        object: 'Состав чатов классов',
        completedAt: null,
        clause: null,
        fact: null,
        signedBy: [],
      },
    ]);
  });

  it('given two findings, then the first has the place of the check', async () => {
    const school = await RecordedSchool.create(app);
    const { found } = await scheduled(school);
    await scheduled(school, { basis: 'Жалоба' });
    await found({ fact: 'Первое' });
    await found({ fact: 'Второе' });

    const rows = await school.items('F6');

    expect(rows.map(({ basis, fact }) => [basis, fact])).toEqual([
      ['Распоряжение № 12', { state: 'shown', text: 'Первое' }],
      ['Жалоба', null],
      ['Распоряжение № 12', { state: 'shown', text: 'Второе' }],
    ]);
  });

  it('given an inspector, then only what is about somebody is hidden', async () => {
    const school = await RecordedSchool.create(app);
    const { found } = await scheduled(school);
    await found({ fact: 'Нет сверки' });
    await found({ factOnSubject: 'Не сверил состав', subjectId: curator });

    expect(await school.items('F6', 'inspector')).toMatchObject([
      { fact: { state: 'shown', text: 'Нет сверки' }, subject: null },
      { fact: { state: 'hidden' }, subject: { state: 'hidden' } },
    ]);
  });

  it('given a filter of status, then only such checks are listed', async () => {
    const school = await RecordedSchool.create(app);
    await scheduled(school);
    const { checkId } = await scheduled(school, { basis: 'Жалоба' });
    await school.happened(
      FRIDAY,
      ControlCheckCompleted.of({
        checkId,
        sampleSize: 1,
        methods: ['survey'],
        checkerId: deputy,
        at: FRIDAY,
      }),
    );

    expect(await school.items('F6?status=completed')).toMatchObject([{ basis: 'Жалоба' }]);
  });

  it('given a period, then a check stands in it by when it was carried out, or is to be', async () => {
    const school = await RecordedSchool.create(app);
    await scheduled(school);

    const found = await Promise.all(
      ['to=2025-11-28T13:00:00Z', 'from=2025-11-28T13:00:00Z'].map((query) => school.items(`F6?${query}`)),
    );

    expect(found).toMatchObject([[], [{ dueAt: terms.dueAt }]]);
  });
});

describe('F8, the journal of requests for help', () => {
  async function opened(school: RecordedSchool, at = FRIDAY) {
    const [requestId, requesterId] = [randomUUID(), randomUUID()];
    const asked = (topic: string, askedAt: string): Promise<void> =>
      school.happened(
        askedAt,
        SupportRequestOpened.of({ requestId, requesterId, topic, topicDigest: randomUUID(), at: askedAt }),
      );
    const resolved = (resolution: string, resolvedAt: string): Promise<void> =>
      school.happened(
        resolvedAt,
        SupportRequestResolved.of({
          requestId,
          requesterId,
          resolution,
          resolutionDigest: randomUUID(),
          by: ADMIN,
          at: resolvedAt,
        }),
      );
    const forwarded = (forwardedAt: string): Promise<void> =>
      school.happened(
        forwardedAt,
        VendorTicketOpened.of({
          ticketId: randomUUID(),
          supportRequestId: requestId,
          by: ADMIN,
          sentTo: 'info@sferum.ru',
          at: forwardedAt,
        }),
      );
    await asked('Не приходит код', at);
    return { requesterId, asked, resolved, forwarded };
  }

  it('given a question that was answered, then the row tells both and the term', async () => {
    const school = await RecordedSchool.create(app);
    const { requesterId, resolved } = await opened(school);
    await resolved('Номер исправлен', later(FRIDAY, 3));

    expect(await school.items('F8')).toEqual([
      {
        number: 1,
        askedAt: FRIDAY,
        requester: { id: requesterId, state: 'unnamed' },
        topic: { state: 'shown', text: 'Не приходит код' },
        resolution: { state: 'shown', text: 'Номер исправлен' },
        resolvedAt: later(FRIDAY, 3),
        forwardedAt: null,
        dueDay: '2025-11-05',
        inTime: true,
      },
    ]);
  });

  it.each([
    ['within two working days', '2025-11-05T18:59:59.999Z', true],
    ['later', '2025-11-05T19:00:00.000Z', false],
  ])('given a question that was handed on %s, then it says whether in time', async (_name, at, inTime) => {
    const school = await RecordedSchool.create(app);
    const { forwarded, resolved } = await opened(school);
    await forwarded(at);
    await resolved('Исправлено разработчиком', '2025-11-20T06:00:00.000Z');

    expect(await school.items('F8')).toMatchObject([{ forwardedAt: at, inTime }]);
  });

  it('given a request that is opened again, then each question has its own answer and term', async () => {
    const school = await RecordedSchool.create(app);
    const { asked, resolved } = await opened(school);
    await resolved('Номер исправлен', later(FRIDAY, 1));
    await asked('Снова не приходит', later(FRIDAY, 2));

    expect(await school.items('F8')).toMatchObject([
      { number: 1, resolution: { text: 'Номер исправлен' }, inTime: true },
      { number: 2, topic: { text: 'Снова не приходит' }, resolution: null, inTime: false },
    ]);
  });

  it('given an inspector, then question and answer are hidden', async () => {
    const school = await RecordedSchool.create(app);
    const { resolved } = await opened(school);
    await resolved('Номер исправлен', FRIDAY);

    expect(await school.items('F8', 'inspector')).toMatchObject([
      { topic: { state: 'hidden' }, resolution: { state: 'hidden' } },
    ]);
  });

  it('given a filter of status, then only such questions are listed, under their own numbers', async () => {
    const school = await RecordedSchool.create(app);
    await opened(school);
    const handedOn = await opened(school);
    await handedOn.forwarded(FRIDAY);
    const answered = await opened(school);
    await answered.resolved('Номер исправлен', FRIDAY);

    const found = await Promise.all(
      ['open', 'forwarded', 'resolved'].map((status) => school.items(`F8?status=${status}`)),
    );

    expect(found).toMatchObject([[{ number: 1 }], [{ number: 2 }], [{ number: 3 }]]);
  });

  it('given a period, then its end is not in it', async () => {
    const school = await RecordedSchool.create(app);
    await opened(school);
    await opened(school, later(FRIDAY, 24));

    expect(await school.items(`F8?from=${FRIDAY}&to=${later(FRIDAY, 24)}`)).toMatchObject([{ number: 1 }]);
  });
});

it('given everything that happened here, then views that are built anew are the same', async () => {
  const rebuilt = await app.core.projections.rebuild(['join-requests', 'control-checks', 'support']);

  expect(rebuilt.map(({ equal, switched }) => ({ equal, switched }))).toEqual(
    Array.from({ length: 3 }, () => ({ equal: true, switched: true })),
  );
});
