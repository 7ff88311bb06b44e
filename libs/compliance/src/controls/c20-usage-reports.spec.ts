import {
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  StatisticsAccessUnavailable,
  UsageReportSubmitted,
} from '@letopis/school';
import { productionCalendar } from '../calendar';
import { changesAt, evaluate, frameOf, judge, marksOf } from '../evaluation';
import {
  decidedOn,
  deadlineTable,
  evaluateOver,
  explained,
  type Happening,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { usageReports } from './c20-usage-reports';

const RULE = 'monthly-report';
const MOSCOW = '+03:00';

const created = (at: string) =>
  happened(at, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
const confirmed = (at: string) =>
  happened(at, OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-1', confirmedAt: at }));
/** On the platform, and in Letopis, from the day on. */
const school = (day: string) => [created(`${day}T08:00:00.000Z`), confirmed(`${day}T09:00:00.000Z`)];

const period = (from: string, to: string, offset = MOSCOW) => ({
  periodFrom: new Date(`${from}T00:00:00${offset}`).toISOString(),
  periodTo: new Date(`${to}T00:00:00${offset}`).toISOString(),
});
const reported = (at: string, from: string, to: string, offset = MOSCOW) =>
  happened(
    at,
    UsageReportSubmitted.of({
      reportId: idOf(`report ${from} ${to}`),
      ...period(from, to, offset),
      to: 'director',
      at: new Date(at).toISOString(),
    }),
  );
const unavailable = (at: string, from: string, to: string) =>
  happened(at, StatisticsAccessUnavailable.of({ ...period(from, to), reason: 'Раздел не открывается' }));

const states = (happenings: readonly Happening[], asOf: string) =>
  statesOf(evaluateOver(usageReports, history(...happenings), { asOf }), RULE);

describe('C20, each month is reported by the fifth of the next', () => {
  deadlineTable(usageReports, RULE, () => school('2023-08-20'), [
    ['an ordinary month', '2025-10-01T00:00:00+03:00', '2025-10-05T23:59:59.999+03:00'],
    ['December', '2026-01-01T00:00:00+03:00', '2026-01-05T23:59:59.999+03:00'],
    ['a leap February', '2024-03-01T00:00:00+03:00', '2024-03-05T23:59:59.999+03:00'],
    ['a month of Kamchatka', '2025-10-01T00:00:00+12:00', '2025-10-05T23:59:59.999+12:00', 'Asia/Kamchatka'],
  ]);

  const SCHOOL = school('2025-08-20');
  const asOf = '2025-10-20T09:00:00.000Z';
  const september = ['2025-09-01', '2025-10-01'] as const;

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['in the last instant', [reported('2025-10-05T20:59:59.999Z', ...september)], ['fulfilled']],
    ['a second late', [reported('2025-10-05T21:00:00.000Z', ...september)], ['fulfilled-late']],
    [
      'by a word that there was no access',
      [unavailable('2025-10-03T09:00:00Z', ...september)],
      ['fulfilled'],
    ],
    [
      'by a late word that there was no access',
      [unavailable('2025-10-07T09:00:00Z', ...september)],
      ['fulfilled-late'],
    ],
    ['for another month only', [reported('2025-10-03T09:00:00Z', '2025-08-01', '2025-09-01')], ['overdue']],
    [
      'by midnights of another time zone',
      [reported('2025-10-03T09:00:00Z', ...september, '+12:00')],
      ['fulfilled'],
    ],
    [
      'up to its last day but one',
      [reported('2025-10-03T09:00:00Z', '2025-09-01', '2025-09-30')],
      ['fulfilled'],
    ],
    ['for a week of it only', [reported('2025-10-03T09:00:00Z', '2025-09-22', '2025-09-29')], ['overdue']],
    [
      'by weeks, each in time',
      [
        reported('2025-09-08T09:00:00Z', '2025-09-01', '2025-09-08'),
        reported('2025-09-15T09:00:00Z', '2025-09-08', '2025-09-15'),
        reported('2025-09-22T09:00:00Z', '2025-09-15', '2025-09-22'),
        reported('2025-09-29T09:00:00Z', '2025-09-22', '2025-09-29'),
      ],
      ['fulfilled'],
    ],
    [
      'by a quarter, when that was over',
      [reported('2025-10-12T09:00:00Z', '2025-07-01', '2025-10-01')],
      ['fulfilled-late'],
    ],
    [
      'twice for the same week',
      [
        reported('2025-10-01T09:00:00Z', '2025-09-01', '2025-09-15'),
        reported('2025-10-02T09:00:00Z', '2025-09-01', '2025-09-16'),
      ],
      ['overdue'],
    ],
  ])('given September was reported on %s, then it is judged so', (_name, happenings, expected) => {
    expect(states([...SCHOOL, ...happenings], asOf)).toEqual(expected);
  });

  it('given nothing is reported all the time, then each month is missed by itself', () => {
    expect(states(SCHOOL, '2026-01-03T09:00:00.000Z')).toEqual(['overdue', 'overdue', 'overdue', 'open']);
  });

  it('given the month in which the school came is over, then it is not asked for', () => {
    expect(states(SCHOOL, '2025-09-20T09:00:00.000Z')).toEqual([]);
  });

  it.each<[string, readonly Happening[]]>([
    ['is not on the platform', [created('2025-08-20T08:00:00.000Z')]],
    [
      'was on the platform for years, and came to Letopis now',
      [created('2025-10-02T08:00:00.000Z'), confirmed('2023-09-01T09:00:00.000Z')],
    ],
  ])('given a school that %s, then nothing is overdue', (_name, happenings) => {
    expect(states(happenings, '2025-10-31T09:00:00.000Z')).toEqual([]);
  });

  it('given it reports without a registration on record, then the next months are asked for', () => {
    const happenings = [
      created('2025-08-20T08:00:00Z'),
      reported('2025-09-03T09:00:00Z', '2025-08-01', '2025-09-01'),
    ];
    expect(states(happenings, '2025-11-20T09:00:00.000Z')).toEqual(['overdue']);
  });

  it('given the day is the 31st, then the last day of a shorter month counts', () => {
    const evaluation = evaluateOver(usageReports, history(...school('2025-12-15')), {
      asOf: '2026-02-10T09:00:00.000Z',
      decisions: decidedOn('C20', 'reportEvery', { monthDay: 31 }),
    });
    expect(evaluation.findings.map(({ dueAt }) => dueAt)).toEqual(['2026-02-28T20:59:59.999Z']);
  });

  it('given a late report, then the finding is about the school, and cites the report before and its own', () => {
    const events = history(
      ...SCHOOL,
      reported('2025-10-03T09:00:00Z', ...september),
      reported('2025-11-07T09:00:00Z', '2025-10-01', '2025-11-01'),
    );
    const { findings } = evaluateOver(usageReports, events, { asOf: '2025-11-20T09:00:00.000Z' });
    expect(findings.at(-1)).toMatchObject({
      subject: ORGANIZATION,
      state: 'fulfilled-late',
      key: '2025-10',
      evidence: [events[1]!.id, events[2]!.id, events[3]!.id],
    });
  });

  it('given a month that waits, then the finding names it', () => {
    const evaluation = evaluateOver(usageReports, history(...SCHOOL), { asOf: '2025-10-04T09:00:00.000Z' });
    expect(explained(evaluation, RULE)).toContain(
      'Нужно довести до директора статистику за сентябрь 2025 года или отметить, что доступа к ней нет: ' +
        'срок до 05.10.2025, 23:59. Обязанность возникла 01.10.2025, 00:00.',
    );
  });

  it('given what was said of a month, then later months keep its id', () => {
    const events = history(...SCHOOL, reported('2025-11-07T09:00:00Z', '2025-10-01', '2025-11-01'));
    const ids = (at: string) => evaluateOver(usageReports, events, { asOf: at }).findings.map(({ id }) => id);
    expect(ids('2025-12-20T09:00:00Z').slice(0, 1)).toEqual(ids('2025-10-03T09:00:00Z'));
  });

  it.each([
    ['a month goes by', '2025-10-20T09:00:00.000Z', '2025-10-31T21:00:00.000Z'],
    ['a year ends', '2025-12-31T20:59:59.999Z', '2025-12-31T21:00:00.000Z'],
    ['a month has just begun', '2025-10-31T21:00:00.000Z', '2025-11-05T21:00:00.000Z'],
  ])('given nothing happens while %s, then it changes at the right instant', (_name, at, expected) => {
    const marks = marksOf([usageReports], history(...SCHOOL, reported('2025-10-03T09:00:00Z', ...september)));
    const frame = frameOf({
      organizationId: ORGANIZATION,
      asOf: at,
      timeZone: 'Europe/Moscow',
      calendar: productionCalendar,
    });
    const [rule] = usageReports.rules;
    const findings = judge(usageReports, rule!, ORGANIZATION, marks, frame);
    expect(changesAt(usageReports, rule!, ORGANIZATION, marks, findings, frame)).toBe(expected);
  });

  it('given marks in any order, then it says the same', () => {
    const marks = marksOf([usageReports], history(...SCHOOL, reported('2025-10-03T09:00:00Z', ...september)));
    const question = {
      organizationId: ORGANIZATION,
      asOf,
      timeZone: 'Europe/Moscow',
      calendar: productionCalendar,
    };
    expect(evaluate(usageReports, marks.toReversed(), question)).toEqual(
      evaluate(usageReports, marks, question),
    );
  });
});
