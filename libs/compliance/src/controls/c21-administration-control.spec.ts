import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  ControlFindingRecorded,
  ControlPlanApproved,
  ControlReportApproved,
  OrganizationCreated,
  RemediationAssigned,
  RemediationCompleted,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  explained,
  findingOf,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { administrationControl } from './c21-administration-control';

const CHECK = idOf('check');
const FINDING = idOf('finding');
const VERA = idOf('Vera');
const END = '2025-12-20T00:00:00.000Z';
/** A Monday. */
const COMPLETED = '2025-09-01T09:00:00.000Z';

const created = (at: string) =>
  happened(at, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
const planned = (at: string, items: readonly (readonly [controls: string, dueAt: string])[], order = '№ 1') =>
  happened(
    at,
    ControlPlanApproved.of({
      schoolYear: '2025/2026',
      orderRef: order,
      items: items.map(([controls, dueAt]) => ({
        controlIds: controls.split(' '),
        dueAt,
        responsibleId: VERA,
        topic: 'Состав чатов',
      })),
    }),
  );
const scheduled = (
  at: string,
  { controls = 'C14', dueAt = '2025-10-31T15:00:00.000Z', check = CHECK, byPlan = true } = {},
) =>
  happened(
    at,
    ControlCheckScheduled.of({
      checkId: check,
      controlIds: controls.split(' '),
      dueAt,
      responsibleId: VERA,
      ...(byPlan ? { schoolYear: '2025/2026' } : { basis: 'Жалоба' }),
    }),
  );
const completed = (at: string, checkId = CHECK) =>
  happened(
    at,
    ControlCheckCompleted.of({ checkId, sampleSize: 24, methods: ['records'], checkerId: VERA, at }),
  );
const approved = (at: string) =>
  happened(
    at,
    ControlReportApproved.of({
      reportId: idOf('report'),
      checkId: CHECK,
      approvedBy: idOf('director'),
      acknowledgedBy: [],
    }),
  );
const recorded = (at: string, severity: 'low' | 'medium' | 'high' | 'critical' = 'high') =>
  happened(
    at,
    ControlFindingRecorded.of({
      findingId: FINDING,
      checkId: CHECK,
      controlId: 'C14',
      clauseId: '3.3.3a',
      severity,
      evidenceRefs: [idOf('evidence')],
      factDigest: idOf('fact'),
    }),
  );
const assigned = (at: string, dueAt: string, assigneeId = idOf('Maria')) =>
  happened(
    at,
    RemediationAssigned.of({
      findingId: FINDING,
      checkId: CHECK,
      assigneeId,
      dueAt,
      recommendation: 'Удалить посторонних',
    }),
  );
const mended = (at: string) =>
  happened(
    at,
    RemediationCompleted.of({ findingId: FINDING, checkId: CHECK, at, evidenceRef: 'Снимок состава' }),
  );

describe('C21, the report on a check is approved', () => {
  deadlineTable(administrationControl, 'report-approved', (since) => [completed(since)], [
    ['an ordinary Monday', COMPLETED, '2025-09-08T20:59:59.999Z'],
    ['before a worked Saturday and holidays', '2025-10-30T09:00:00.000Z', '2025-11-07T20:59:59.999Z'],
    ['before the New Year', '2025-12-29T09:00:00.000Z', '2026-01-15T20:59:59.999Z'],
    ['over a leap day', '2024-02-27T09:00:00.000Z', '2024-03-05T20:59:59.999Z'],
    ['over the first of May', '2026-04-29T09:00:00.000Z', '2026-05-07T20:59:59.999Z'],
    [
      'an evening in Moscow, the next day on Kamchatka',
      '2025-09-01T13:00:00.000Z',
      '2025-09-09T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  it.each([
    ['at the last instant', '2025-09-08T20:59:59.999Z', 'fulfilled'],
    ['too late', '2025-09-08T21:00:00.000Z', 'fulfilled-late'],
  ])('given it was approved %s, then the finding is so', (_name, at, state) => {
    const events = history(completed(COMPLETED), approved(at));
    const evaluation = evaluateOver(administrationControl, events, { asOf: END });
    expect(findingOf(evaluation, 'report-approved')).toMatchObject({
      state,
      subject: CHECK,
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C21, checks are held regularly', () => {
  deadlineTable(administrationControl, 'checked-regularly', (since) => [completed(since)], [
    ['within a term', '2025-09-17T12:00:00.000Z', '2025-10-17T20:59:59.999Z'],
    ['over the holidays of autumn', '2025-10-15T12:00:00.000Z', '2025-11-23T20:59:59.999Z'],
    ['over the summer', '2026-05-20T12:00:00.000Z', '2026-09-24T20:59:59.999Z'],
  ]);

  it.each([
    ['none since the school began', [created('2025-08-18T09:00:00.000Z')], ['overdue']],
    [
      'the first one in time',
      [created('2025-08-18T09:00:00.000Z'), completed('2025-09-30T20:59:59.999Z')],
      ['overdue'],
    ],
    [
      'the first one too late',
      [created('2025-08-18T09:00:00.000Z'), completed('2025-09-30T21:00:00.000Z')],
      ['fulfilled-late', 'overdue'],
    ],
    [
      'one each month',
      [
        created('2025-08-18T09:00:00.000Z'),
        completed('2025-09-29T09:00:00.000Z'),
        completed('2025-10-26T09:00:00.000Z', idOf('second')),
        completed('2025-12-01T09:00:00.000Z', idOf('third')),
      ],
      ['open'],
    ],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(administrationControl, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'checked-regularly')).toEqual(states);
  });
});

describe('C21, the plan is carried out', () => {
  const APPROVED = '2025-09-05T08:00:00.000Z';
  const DUE = '2025-10-31T15:00:00.000Z';
  const LATER = '2025-11-28T15:00:00.000Z';
  const SCHEDULED = '2025-10-20T08:00:00.000Z';

  it.each([
    ['nothing, while there is time', [planned(APPROVED, [['C14', DUE]])], DUE, ['open']],
    ['nothing', [planned(APPROVED, [['C14', DUE]])], '2025-10-31T15:00:00.001Z', ['overdue']],
    [
      'the check at the last instant',
      [planned(APPROVED, [['C14', DUE]]), scheduled(SCHEDULED), completed(DUE)],
      END,
      ['fulfilled'],
    ],
    [
      'the check too late, by a day that was set later than the plan’s',
      [
        planned(APPROVED, [['C14', DUE]]),
        scheduled(SCHEDULED, { dueAt: LATER }),
        completed('2025-10-31T15:00:00.001Z'),
      ],
      END,
      ['fulfilled-late'],
    ],
    [
      'a check outside of the plan',
      [planned(APPROVED, [['C14', DUE]]), scheduled(SCHEDULED, { byPlan: false }), completed(DUE)],
      END,
      ['overdue'],
    ],
    [
      'one control of two',
      [planned(APPROVED, [['C13 C14', DUE]]), scheduled(SCHEDULED), completed(DUE)],
      END,
      ['fulfilled', 'overdue'],
    ],
    [
      'the first of two checks of the same control',
      [
        planned(APPROVED, [
          ['C14', LATER],
          ['C14', DUE],
        ]),
        scheduled(SCHEDULED),
        completed(DUE),
      ],
      END,
      ['fulfilled', 'overdue'],
    ],
    [
      'another plan, without the check, in time',
      [planned(APPROVED, [['C14', DUE]]), planned(SCHEDULED, [['C13', LATER]], '№ 2')],
      '2025-11-01T00:00:00.000Z',
      ['cancelled', 'open'],
    ],
    [
      'another plan with a later day, when the first had passed',
      [planned(APPROVED, [['C14', DUE]]), planned('2025-11-10T08:00:00.000Z', [['C14', LATER]], '№ 2')],
      END,
      ['overdue', 'remedied'],
    ],
    [
      'another plan with the same check',
      [
        planned(APPROVED, [['C14', DUE]]),
        planned(
          SCHEDULED,
          [
            ['C14', DUE],
            ['C13', LATER],
          ],
          '№ 2',
        ),
        scheduled(SCHEDULED),
        completed(DUE),
      ],
      END,
      ['fulfilled', 'overdue'],
    ],
    [
      'another plan that lists what is done',
      [
        planned(APPROVED, [['C14', DUE]]),
        scheduled(SCHEDULED),
        completed('2025-10-25T08:00:00.000Z'),
        planned('2025-11-10T08:00:00.000Z', [['C14', DUE]], '№ 2'),
      ],
      END,
      ['fulfilled'],
    ],
    [
      'a plan that was entered after its check',
      [scheduled(SCHEDULED), completed(DUE), planned('2025-11-10T08:00:00.000Z', [['C14', DUE]])],
      END,
      [],
    ],
  ])('given %s, then the findings are so', (_name, happenings, asOf, states) => {
    const evaluation = evaluateOver(administrationControl, history(...happenings), { asOf });
    expect([...statesOf(evaluation, 'plan-carried-out')].sort()).toEqual(states);
  });

  it('given a check that was not held, then the finding names the control and who was to do it', () => {
    const evaluation = evaluateOver(administrationControl, history(planned(APPROVED, [['C14', DUE]])), {
      asOf: END,
    });
    expect(findingOf(evaluation, 'plan-carried-out')).toMatchObject({ subject: ORGANIZATION, dueAt: DUE });
    expect(explained(evaluation, 'plan-carried-out')).toContain(
      'Не выполнено в срок: провести проверку «Состав чата соответствует реестру» (C14) по плану контроля; ' +
        `ответственный: [[person:${VERA}]].`,
    );
  });
});

describe('C21, a check outside of the plan is completed', () => {
  const SCHEDULED = '2025-10-20T08:00:00.000Z';
  const DUE = '2025-10-31T15:00:00.000Z';

  it.each([
    ['at the last instant', [scheduled(SCHEDULED, { byPlan: false }), completed(DUE)], ['fulfilled']],
    [
      'too late',
      [scheduled(SCHEDULED, { byPlan: false }), completed('2025-10-31T15:00:00.001Z')],
      ['fulfilled-late'],
    ],
    ['never', [scheduled(SCHEDULED, { byPlan: false })], ['overdue']],
    ['never, but is in the plan', [scheduled(SCHEDULED)], []],
  ])('given it was completed %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(administrationControl, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'check-completed')).toEqual(states);
  });
});

describe('C21, what a check finds is mended', () => {
  const RECORDED = '2025-09-01T09:00:00.000Z';
  const SOON = '2025-09-01T10:00:00.000Z';
  const DUE = '2025-09-12T15:00:00.000Z';
  const LATE = '2025-09-12T15:00:00.001Z';

  it.each([
    ['critical', '2025-09-02T20:59:59.999Z'],
    ['high', '2025-09-04T20:59:59.999Z'],
    ['medium', '2025-09-08T20:59:59.999Z'],
    ['low', '2025-09-15T20:59:59.999Z'],
  ] as const)('given a %s finding that nobody is to mend, then it is due %s', (severity, dueAt) => {
    const evaluation = evaluateOver(administrationControl, history(recorded(RECORDED, severity)), {
      asOf: END,
    });
    expect(findingOf(evaluation, 'finding-closed')).toMatchObject({ dueAt, state: 'overdue' });
  });

  it.each([
    ['mended at the last instant', [assigned(SOON, DUE), mended(DUE)], ['fulfilled', 'fulfilled']],
    ['mended too late', [assigned(SOON, DUE), mended(LATE)], ['fulfilled', 'fulfilled-late']],
    ['never mended', [assigned(SOON, DUE)], ['fulfilled', 'overdue']],
    [
      'given another day in time',
      [assigned(SOON, DUE), assigned('2025-09-10T09:00:00.000Z', LATE), mended(LATE)],
      ['fulfilled', 'cancelled', 'fulfilled'],
    ],
    [
      'given another day too late',
      [assigned(SOON, DUE), assigned(LATE, '2025-09-20T15:00:00.000Z'), mended('2025-09-19T15:00:00.000Z')],
      ['fulfilled', 'remedied', 'fulfilled'],
    ],
    [
      'given to somebody too late',
      [assigned('2025-09-05T09:00:00.000Z', DUE), mended(DUE)],
      ['fulfilled-late', 'fulfilled'],
    ],
  ])('given a finding that was %s, then the findings are so', (_name, happenings, states) => {
    const events = history(recorded(RECORDED), ...happenings);
    const evaluation = evaluateOver(administrationControl, events, { asOf: END });
    expect(statesOf(evaluation, 'finding-closed')).toEqual(states);
  });

  it('given it was not mended, then the finding names who was to, and cites what was found', () => {
    const events = history(recorded(RECORDED), assigned(SOON, DUE));
    const evaluation = evaluateOver(administrationControl, events, { asOf: END });
    const [, overdue] = evaluation.findings.filter(({ rule }) => rule === 'finding-closed');
    expect(overdue).toMatchObject({
      subject: CHECK,
      dueAt: DUE,
      what: `устранить нарушение, выявленное при проверке; ответственный: [[person:${idOf('Maria')}]]`,
      evidence: [events[1]!.id, events[0]!.id],
    });
  });
});
