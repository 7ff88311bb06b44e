import { MeasureRecorded, ViolationConfirmed, ViolationDismissed, ViolationReported } from '@letopis/school';
import {
  deadlineTable,
  decidedOn,
  evaluateOver,
  explained,
  findingOf,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { ethics, type ViolationKind } from './c25-ethics';

const VIOLATION = idOf('violation');
/** A Monday, 12:00 in Moscow. */
const REPORTED = '2025-09-01T09:00:00.000Z';
const LAST = '2025-09-02T20:59:59.999Z';
const LATE = '2025-09-02T21:00:00.000Z';
const END = '2025-10-01T00:00:00.000Z';

const reported = (at: string, kind: ViolationKind = 'ethics') =>
  happened(at, ViolationReported.of({ violationId: VIOLATION, clauseId: '4.5.3', kind, at }));
const confirmed = (at: string, kind: ViolationKind = 'ethics') =>
  happened(
    at,
    ViolationConfirmed.of({ violationId: VIOLATION, by: idOf('Vera'), basis: 'Сообщение в чате', kind }),
  );
const dismissed = (at: string) =>
  happened(
    at,
    ViolationDismissed.of({ violationId: VIOLATION, by: idOf('Vera'), reason: 'Не подтвердилось' }),
  );
const measured = (at: string, date = at.slice(0, 10)) =>
  happened(at, MeasureRecorded.of({ violationId: VIOLATION, kind: 'talk', date }));

describe('C25, a report is reviewed', () => {
  deadlineTable(ethics, 'report-reviewed', (since) => [reported(since)], [
    ['an ordinary Monday', REPORTED, LAST],
    ['a Friday', '2025-09-05T09:00:00.000Z', '2025-09-08T20:59:59.999Z'],
    ['the day before a worked Saturday', '2025-10-31T09:00:00.000Z', '2025-11-01T20:59:59.999Z'],
    ['before the New Year', '2025-12-30T09:00:00.000Z', '2026-01-12T20:59:59.999Z'],
    ['before a leap day', '2024-02-28T09:00:00.000Z', '2024-02-29T20:59:59.999Z'],
    [
      'an evening in Moscow, the next day on Kamchatka',
      '2025-09-01T13:00:00.000Z',
      '2025-09-03T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  it.each([
    ['confirmed at the last instant', [reported(REPORTED), confirmed(LAST)], ['fulfilled']],
    ['confirmed too late', [reported(REPORTED), confirmed(LATE)], ['fulfilled-late']],
    ['dismissed at the last instant', [reported(REPORTED), dismissed(LAST)], ['fulfilled']],
    ['reported twice', [reported(REPORTED), reported('2025-09-01T10:00:00.000Z')], ['overdue']],
    [
      'reported anew after a dismissal',
      [reported(REPORTED), dismissed('2025-09-01T12:00:00.000Z'), reported('2025-09-05T09:00:00.000Z')],
      ['fulfilled', 'overdue'],
    ],
    [
      'reported again after the confirmation',
      [reported(REPORTED), confirmed('2025-09-01T12:00:00.000Z'), reported('2025-09-05T09:00:00.000Z')],
      ['fulfilled', 'fulfilled'],
    ],
    ['of a kind that another control judges', [reported(REPORTED, 'unlawful_content')], []],
  ])('given it was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(ethics, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'report-reviewed')).toEqual(states);
  });

  it('given the organisation allows three working days, then three count', () => {
    const evaluation = evaluateOver(ethics, history(reported(REPORTED)), {
      asOf: LATE,
      decisions: decidedOn('C25', 'reviewWithin', { workingDays: 3 }),
    });
    expect(findingOf(evaluation, 'report-reviewed')).toMatchObject({
      state: 'open',
      dueAt: '2025-09-04T20:59:59.999Z',
    });
  });

  it('given it waits too long, then the finding says so', () => {
    const evaluation = evaluateOver(ethics, history(reported(REPORTED)), { asOf: LATE });
    expect(explained(evaluation, 'report-reviewed')).toContain(
      'Не выполнено в срок: рассмотреть сообщение о нарушении этики общения: подтвердить его или отклонить.',
    );
  });
});

describe('C25, a confirmed insult is answered with a measure', () => {
  const CONFIRMED = '2025-09-01T12:00:00.000Z';

  it.each([
    ['no measure, while there is time', [], '2025-09-04T20:59:59.999Z', ['open']],
    ['no measure', [], '2025-09-04T21:00:00.000Z', ['overdue']],
    ['a measure at the last instant', [measured('2025-09-04T20:59:59.999Z')], END, ['fulfilled']],
    ['a measure too late', [measured('2025-09-05T07:00:00.000Z')], END, ['fulfilled-late']],
    [
      'a measure in time that was entered later',
      [measured('2025-09-05T07:00:00.000Z', '2025-09-04')],
      END,
      ['fulfilled'],
    ],
    [
      'a further measure that was entered first',
      [measured('2025-09-05T07:00:00.000Z'), measured('2025-09-08T07:00:00.000Z', '2025-09-03')],
      END,
      ['fulfilled'],
    ],
  ])('given %s, then the finding is so', (_name, measures, asOf, states) => {
    const events = history(reported(REPORTED), confirmed(CONFIRMED), ...measures);
    expect(statesOf(evaluateOver(ethics, events, { asOf }), 'measure-taken')).toEqual(states);
  });

  it('given a violation of another kind, then it is not judged here', () => {
    const events = history(
      reported(REPORTED, 'account_sharing'),
      confirmed(CONFIRMED, 'account_sharing'),
      measured('2025-09-20T07:00:00.000Z'),
    );
    expect(evaluateOver(ethics, events, { asOf: END })).toMatchObject({
      status: 'no-evidence',
      findings: [],
    });
  });
});
