import fc from 'fast-check';
import { decisionOf, decisionsOf, type Mark, mention, NO_DECISIONS } from '@letopis/compliance';
import { type RecordedEvent } from '@letopis/kernel';
import {
  AccountContained,
  ControlExceptionGranted,
  ControlParameterSet,
  FindingDismissed,
  UnauthorizedAccessReported,
} from '@letopis/school';
import { type ControlReportContent, frozen } from './content';
import { byClause, weekEnds } from './control-report';
import { history, idOf, reportOver, type ReportOf, SCHOOL } from './testing';

const OCTOBER = { from: '2025-09-30T21:00:00.000Z', to: '2025-10-31T21:00:00.000Z' };

const reported = (incident: string, at: string) =>
  [
    at,
    UnauthorizedAccessReported.of({
      ...{ incidentId: idOf(incident), reporterId: idOf('mother'), affectedPersonId: idOf('pupil') },
      ...{ detectedAt: at, reportedAt: at },
    }),
  ] as const;
const contained = (incident: string, at: string) =>
  [at, AccountContained.of({ incidentId: idOf(incident), actions: ['password'], at })] as const;

const decisionsIn = (events: readonly RecordedEvent[]): ReportOf['decisions'] =>
  decisionsOf(events.flatMap((event) => decisionOf(event) ?? []));

/** The report on control C23 alone, in October. */
const c23 = (events: readonly RecordedEvent[], of: Partial<ReportOf> = {}): ControlReportContent =>
  reportOver(events, { period: OCTOBER, controls: ['C23'], decisions: decisionsIn(events), ...of });

const countsOf = ({ controls: [control] }: ControlReportContent) => control?.counts;
const listed = ({ controls: [control] }: ControlReportContent) =>
  control?.findings.map(({ subject, rule, state }) => [subject, rule, state]);

describe('a control report', () => {
  it('given an account that nobody contained, then all of it stands in the content', () => {
    const events = history(reported('taken', '2025-10-06T06:00:00.000Z'));
    const content = c23(events, { words: { basisRu: 'Приказ № 41' } });

    expect(content).toMatchObject({
      schema: 'letopis/control-report/2',
      kind: 'control',
      formRu: 'Справка по итогам контроля',
      basisRu: 'Приказ № 41',
      organization: { id: SCHOOL, name: 'МБОУ «Школа № 5»', timeZone: 'Europe/Moscow' },
      period: OCTOBER,
      asOf: '2025-10-31T20:59:59.999Z',
      position: '1',
      ledgerCheckpoint: null,
      provisionalYears: [],
      controls: [
        {
          id: 'C23',
          status: 'violated',
          responsibleRu: 'администратор платформы',
          counts: { inTime: 1, open: 0, violated: 1, mended: 0, excepted: 0 },
          findings: [
            {
              ...{ rule: 'contained', state: 'overdue', subjectKind: 'incident', subject: idOf('taken') },
              ...{ since: '2025-10-06T06:00:00.000Z', evidence: [idOf('event 0')] },
            },
          ],
        },
      ],
      byClause: [
        { clause: '3.5.4', status: 'violated', controls: ['C23'] },
        { clause: '4.5.2', status: 'violated', controls: ['C23'] },
        { clause: '4.6.3', status: 'violated', controls: ['C23'] },
      ],
      byResponsible: [{ responsibleRu: 'администратор платформы', overdue: 1 }],
      evidence: [
        {
          id: idOf('event 0'),
          type: 'UnauthorizedAccessReported',
          titleRu: UnauthorizedAccessReported.titleRu,
          ...{ occurredAt: '2025-10-06T06:00:00.000Z', position: '1' },
        },
      ],
    });
    expect(content.controls[0]?.findings[0]?.explanationRu).toContain(`[[incident:${idOf('taken')}]]`);
  });

  it('given what was over before the period, then it is not in it', () => {
    const events = history(
      reported('old', '2025-09-06T06:00:00.000Z'),
      contained('old', '2025-09-08T06:00:00.000Z'),
    );
    expect([listed(c23(events)), countsOf(c23(events))?.inTime]).toEqual([[], 0]);
  });

  it.each([
    ['ended in it', '2025-10-01T06:00:00.000Z', 'fulfilled-late'],
    ['ends after it', '2025-11-20T06:00:00.000Z', 'overdue'],
  ])('given what began before the period and %s, then it is in it', (_when, at, state) => {
    const events = history(reported('old', '2025-09-06T06:00:00.000Z'), contained('old', at));
    expect(listed(c23(events))).toEqual([[idOf('old'), 'contained', state]]);
  });

  it('given what begins after the period, then it is not in it', () => {
    expect(listed(c23(history(reported('new', OCTOBER.to))))).toEqual([]);
  });

  it('given what was done in time, then it is counted and not listed', () => {
    const events = history(
      reported('taken', '2025-10-06T06:00:00.000Z'),
      contained('taken', '2025-10-06T07:00:00.000Z'),
    );
    expect([listed(c23(events)), countsOf(c23(events))]).toEqual([
      [],
      { inTime: 2, open: 0, violated: 0, mended: 0, excepted: 0 },
    ]);
  });

  describe('given decisions', () => {
    const [taken] = c23(history(reported('taken', '2025-10-06T06:00:00.000Z'))).controls[0]?.findings ?? [];
    const findingId = taken?.id ?? '';
    const dismissed = (at: string) =>
      [
        at,
        FindingDismissed.of({
          ...{ findingId, controlId: 'C23', by: idOf('director'), at },
          reason: 'Учебная тревога',
        }),
      ] as const;

    it('that a finding is none, then it counts as excepted and says who decided, and by which event', () => {
      const content = c23(
        history(reported('taken', '2025-10-06T06:00:00.000Z'), dismissed('2025-10-20T06:00:00.000Z')),
      );

      expect(countsOf(content)).toMatchObject({ violated: 0, excepted: 1 });
      expect(content.controls[0]?.findings[0]?.workflow).toEqual({
        ...{ status: 'dismissed', personId: idOf('director'), at: '2025-10-20T06:00:00.000Z' },
        reasonRu: 'Учебная тревога',
      });
      expect(content.evidence.map(({ type }) => type)).toEqual([
        'UnauthorizedAccessReported',
        'FindingDismissed',
      ]);
      expect(content.trend.map(({ violated }) => violated)).toEqual([0, 0, 0, 0, 0]);
    });

    it('of before the period that a finding is none, then it is not in it', () => {
      const november = { from: OCTOBER.to, to: '2025-11-30T21:00:00.000Z' };
      const events = history(
        reported('taken', '2025-10-06T06:00:00.000Z'),
        dismissed('2025-10-20T06:00:00.000Z'),
      );
      expect(listed(c23(events, { period: november }))).toEqual([]);
    });

    it('that the whole control rests, then the finding is excepted from the day of the exception', () => {
      const at = '2025-10-15T06:00:00.000Z';
      const until = '2026-01-15T06:00:00.000Z';
      const content = c23(
        history(reported('taken', '2025-10-06T06:00:00.000Z'), [
          at,
          ControlExceptionGranted.of({
            ...{ controlId: 'C23', scope: SCHOOL, until },
            ...{ by: idOf('director'), reason: 'Расследование' },
          }),
        ]),
      );

      expect(content.controls[0]).toMatchObject({
        status: 'waived',
        waiver: { by: mention('person', idOf('director')), reasonRu: 'Расследование', until },
        findings: [{ workflow: { status: 'excepted', personId: idOf('director'), at, until } }],
      });
      expect(content.evidence.map(({ type }) => type)).toContain('ControlExceptionGranted');
      expect(content.trend.map(({ violated }) => violated)).toEqual([0, 1, 0, 0, 0]);
    });

    const resting = (at: string, exception: { readonly until: string; readonly reason?: string }) =>
      [
        at,
        ControlExceptionGranted.of({
          ...{ controlId: 'C23', scope: SCHOOL, by: idOf('director'), reason: 'Расследование' },
          ...exception,
        }),
      ] as const;

    it('that the whole control rests, then what was mended before stays mended', () => {
      const content = c23(
        history(
          reported('taken', '2025-10-06T06:00:00.000Z'),
          contained('taken', '2025-10-08T06:00:00.000Z'),
          resting('2025-10-15T06:00:00.000Z', { until: '2026-01-15T06:00:00.000Z' }),
        ),
      );

      expect(content.controls[0]?.waiver).toBeDefined();
      expect(content.controls[0]?.findings).toMatchObject([{ state: 'fulfilled-late' }]);
      expect(content.controls[0]?.findings[0]?.workflow).toBeUndefined();
    });

    it('that the whole control rests twice over, then the longer rest is told', () => {
      const content = c23(
        history(
          resting('2025-10-15T06:00:00.000Z', { until: '2026-01-15T06:00:00.000Z', reason: 'Долго' }),
          resting('2025-10-16T06:00:00.000Z', { until: '2025-11-15T06:00:00.000Z', reason: 'Недолго' }),
        ),
      );
      expect(content.controls[0]?.waiver).toMatchObject({ reasonRu: 'Долго' });
    });

    it('that the whole control rested, and does no longer, then nothing of it is told', () => {
      const content = c23(
        history(resting('2025-10-15T06:00:00.000Z', { until: '2025-10-20T06:00:00.000Z' })),
      );
      expect(content.controls[0]).not.toHaveProperty('waiver');
    });

    it('that a parameter is another, then it is told with its order, which is evidence', () => {
      const events = history([
        '2025-08-01T06:00:00.000Z',
        ControlParameterSet.of({
          ...{ controlId: 'C23', parameter: 'containWithin', value: { hours: 8 } },
          effectiveFrom: '2025-08-01T00:00:00.000Z',
          ...{ orderNo: '17', orderDate: '2025-08-01', by: idOf('director') },
        }),
      ]);
      const content = c23(events);

      const parameter = content.controls[0]?.parameters.find(({ name }) => name === 'containWithin');
      expect(parameter).toMatchObject({ valueRu: '8 часов', order: '№ 17 от 01.08.2025' });
      expect(content.evidence.map(({ type }) => type)).toEqual(['ControlParameterSet']);
    });
  });

  it('given a term of the law, then the law is told with it, and with no other term', () => {
    const [control] = reportOver([], { period: OCTOBER, controls: ['C24'] }).controls;
    const laws = control?.parameters.map(({ name, law }) => [name, law]);

    expect(laws).toEqual(
      expect.arrayContaining([
        [expect.any(String), '152-ФЗ, ст. 21 ч. 3.1 п. 1'],
        ['assessWithin', undefined],
      ]),
    );
  });

  describe('its trend', () => {
    it('then has the end of every week in the zone of the school, and the end of the period', () => {
      expect(weekEnds(OCTOBER, 'Europe/Moscow')).toEqual([
        '2025-10-05T20:59:59.999Z',
        '2025-10-12T20:59:59.999Z',
        '2025-10-19T20:59:59.999Z',
        '2025-10-26T20:59:59.999Z',
      ]);
      expect(weekEnds(OCTOBER, 'Asia/Kamchatka')[0]).toBe('2025-10-05T11:59:59.999Z');
    });

    it('given the clocks change in a week, then the week ends at midnight all the same', () => {
      const spring = { from: '2025-03-24T00:00:00.000Z', to: '2025-04-08T00:00:00.000Z' };
      expect(weekEnds(spring, 'Europe/Berlin')).toEqual([
        '2025-03-30T21:59:59.999Z',
        '2025-04-06T21:59:59.999Z',
      ]);
    });

    it('given a period that ends with a week, then that is its last point, once', () => {
      const weeks = { from: '2025-10-05T21:00:00.000Z', to: '2025-10-19T21:00:00.000Z' };
      expect(reportOver([], { period: weeks, controls: ['C23'] }).trend.map(({ at }) => at)).toEqual([
        '2025-10-12T20:59:59.999Z',
        '2025-10-19T20:59:59.999Z',
      ]);
    });

    it('given a finding that was mended late, then it counts until it was mended', () => {
      const events = history(
        reported('taken', '2025-10-06T06:00:00.000Z'),
        contained('taken', '2025-10-22T06:00:00.000Z'),
      );
      expect(c23(events).trend.map(({ violated }) => violated)).toEqual([0, 1, 1, 0, 0]);
    });

    it('given a duty whose time is not over at the end of a week, then it is open there', () => {
      const events = history(reported('taken', '2025-10-12T20:00:00.000Z'));
      expect(c23(events).trend.map(({ violated, open }) => [violated, open])).toEqual([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 0],
        [1, 0],
      ]);
    });
  });

  it.each([
    [['compliant', 'violated', 'at-risk'], 'violated'],
    [['compliant', 'at-risk', 'waived'], 'at-risk'],
    [['compliant', 'waived', 'no-evidence'], 'waived'],
    [['no-evidence', 'compliant', 'not-applicable'], 'compliant'],
    [['no-evidence', 'not-applicable'], 'no-evidence'],
    [['not-applicable'], 'not-applicable'],
  ] as const)('given controls of a clause that are %j, then the clause is %s', (statuses, worst) => {
    const controls = statuses.map((status, index) => ({ id: `C${index}`, clauses: ['2.1'], status }));
    expect(byClause(controls).map(({ clause, status }) => [clause, status])).toEqual([['2.1', worst]]);
  });

  describe('its digest', () => {
    const events = history(
      reported('one', '2025-10-06T06:00:00.000Z'),
      reported('two', '2025-10-06T06:00:00.000Z'),
      contained('one', '2025-10-07T06:00:00.000Z'),
      reported('three', '2025-10-20T06:00:00.000Z'),
      contained('three', '2025-10-20T07:00:00.000Z'),
    );
    const digest = (order?: ReportOf['order']): string =>
      frozen(reportOver(events, { period: OCTOBER, decisions: NO_DECISIONS, order })).digest;

    it('given marks in any order, then it is the same', () => {
      const before = digest();
      fc.assert(
        fc.property(fc.array(fc.nat(), { minLength: 100, maxLength: 100 }), (keys) => {
          const shuffled = (marks: readonly Mark[]): readonly Mark[] =>
            marks
              .map((mark, index) => [keys[index % keys.length] ?? 0, mark] as const)
              .sort(([a], [b]) => a - b)
              .map(([, mark]) => mark);
          expect(digest(shuffled)).toBe(before);
        }),
        { numRuns: 20 },
      );
    });

    it('given words that are absent, then it is that of a report without them', () => {
      const without = c23(events);
      expect(frozen({ ...without, basisRu: undefined }).digest).toBe(frozen(without).digest);
    });
  });
});
