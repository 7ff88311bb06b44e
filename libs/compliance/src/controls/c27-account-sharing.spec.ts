import {
  AccountContained,
  AccountRestored,
  MeasureRecorded,
  UnauthorizedAccessReported,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from '@letopis/school';
import { deadlineTable, evaluateOver, findingOf, happened, history, idOf, statesOf } from '../testing';
import { accountSharing } from './c27-account-sharing';

const VIOLATION = idOf('violation');
const INCIDENT = idOf('incident');
const OWNER = idOf('owner');
const REPORTED = '2025-10-20T07:00:00.000Z';
const SOON = '2025-10-20T09:00:00.000Z';
const LAST = '2025-10-21T07:00:00.000Z';
const LATE = '2025-10-21T07:00:00.001Z';
const END = '2025-11-10T00:00:00.000Z';

const reported = (at: string, subjectId: string | undefined = OWNER) =>
  happened(
    at,
    ViolationReported.of({
      violationId: VIOLATION,
      clauseId: '4.6.3',
      kind: 'account_sharing',
      subjectId,
      at,
    }),
  );
const anonymousReport = happened(
  REPORTED,
  ViolationReported.of({
    violationId: VIOLATION,
    clauseId: '4.6.3',
    kind: 'account_sharing',
    at: REPORTED,
  }),
);
const confirmed = (at: string, subjectId?: string) =>
  happened(
    at,
    ViolationConfirmed.of({
      violationId: VIOLATION,
      by: idOf('Vera'),
      basis: 'Объяснение ученика',
      kind: 'account_sharing',
      subjectId,
    }),
  );
const dismissed = (at: string) =>
  happened(
    at,
    ViolationDismissed.of({ violationId: VIOLATION, by: idOf('Vera'), reason: 'Не подтвердилось' }),
  );
const measured = (at: string, date = at.slice(0, 10)) =>
  happened(at, MeasureRecorded.of({ violationId: VIOLATION, kind: 'parents_informed', date }));
const exposed = (at: string, affectedPersonId = OWNER) =>
  happened(
    at,
    UnauthorizedAccessReported.of({
      incidentId: INCIDENT,
      reporterId: idOf('Anna'),
      affectedPersonId,
      detectedAt: at,
      reportedAt: at,
    }),
  );
const contained = (at: string) =>
  happened(at, AccountContained.of({ incidentId: INCIDENT, actions: ['password'], at }));
const restored = (at: string) => happened(at, AccountRestored.of({ incidentId: INCIDENT, at }));

describe('C27, an account that was passed on is contained, and answered with a measure', () => {
  deadlineTable(accountSharing, 'account-contained', (since) => [reported(since)], [
    ['an ordinary day', REPORTED, LAST],
    ['over the New Year', '2025-12-31T12:00:00.000Z', '2026-01-01T12:00:00.000Z'],
    ['over a leap day', '2024-02-28T12:00:00.000Z', '2024-02-29T12:00:00.000Z'],
    ['a Saturday on Kamchatka', '2025-10-25T03:00:00.000Z', '2025-10-26T03:00:00.000Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    [
      'both at the last instant',
      [reported(REPORTED), confirmed(SOON), exposed(SOON), contained(LAST), measured(LAST)],
      ['fulfilled'],
    ],
    [
      'the measure too late',
      [reported(REPORTED), confirmed(SOON), exposed(SOON), contained(SOON), measured(LATE)],
      ['fulfilled-late'],
    ],
    [
      'the measure in time, and entered later',
      [
        reported(REPORTED),
        confirmed(SOON),
        exposed(SOON),
        contained(SOON),
        measured('2025-10-22T07:00:00.000Z', '2025-10-20'),
      ],
      ['fulfilled'],
    ],
    [
      'the containment too late',
      [reported(REPORTED), confirmed(SOON), measured(SOON), exposed(SOON), contained(LATE)],
      ['fulfilled-late'],
    ],
    ['the measure alone', [reported(REPORTED), confirmed(SOON), measured(SOON)], ['overdue']],
    ['the containment alone', [reported(REPORTED), exposed(SOON), contained(SOON)], ['overdue']],
    [
      'the containment of another account',
      [reported(REPORTED), confirmed(SOON), exposed(SOON, idOf('other')), contained(SOON), measured(SOON)],
      ['overdue'],
    ],
    [
      'a containment that came before its account was reported',
      [
        reported(REPORTED),
        confirmed(SOON),
        exposed(REPORTED, idOf('other')),
        contained(REPORTED),
        exposed(SOON),
        measured(SOON),
      ],
      ['overdue'],
    ],
    [
      'an account that was contained already',
      [
        exposed('2025-10-19T07:00:00.000Z'),
        contained('2025-10-19T08:00:00.000Z'),
        reported(REPORTED),
        confirmed(SOON),
        measured(SOON),
      ],
      ['fulfilled'],
    ],
    [
      'an account that was given back before the report',
      [
        exposed('2025-10-19T07:00:00.000Z'),
        contained('2025-10-19T08:00:00.000Z'),
        restored('2025-10-19T09:00:00.000Z'),
        reported(REPORTED),
        confirmed(SOON),
        measured(SOON),
      ],
      ['overdue'],
    ],
    [
      'an account that was given back before the measure',
      [
        reported(REPORTED),
        exposed(REPORTED),
        contained(REPORTED),
        restored(SOON),
        confirmed(SOON),
        measured(SOON),
      ],
      ['fulfilled'],
    ],
    [
      'a confirmation that names another person, whose account is not contained',
      [
        reported(REPORTED),
        exposed(REPORTED),
        contained(REPORTED),
        confirmed(SOON, idOf('other')),
        measured(SOON),
      ],
      ['overdue'],
    ],
    [
      'a measure, where nobody knows whose account it was',
      [anonymousReport, confirmed(SOON), measured(SOON)],
      ['fulfilled'],
    ],
    ['a dismissal', [reported(REPORTED), dismissed(LAST)], ['cancelled']],
    ['a dismissal too late', [reported(REPORTED), dismissed(LATE)], ['remedied']],
    [
      'a dismissal, and another report',
      [reported(REPORTED), dismissed(SOON), reported('2025-10-23T07:00:00.000Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'another report once all was done',
      [
        reported(REPORTED),
        confirmed(SOON),
        exposed(SOON),
        contained(SOON),
        measured(SOON),
        reported('2025-10-23T07:00:00.000Z'),
      ],
      ['fulfilled'],
    ],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(accountSharing, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'account-contained')).toEqual(states);
  });

  it('given it was contained and then answered, then the finding cites what shows it', () => {
    const events = history(
      reported(REPORTED),
      confirmed(SOON),
      exposed(SOON),
      contained(SOON),
      measured(LATE),
    );
    const [report, confirmation, , containment, measure] = events.map(({ id }) => id);
    expect(findingOf(evaluateOver(accountSharing, events, { asOf: END }), 'account-contained')).toMatchObject(
      {
        subject: VIOLATION,
        severity: 'high',
        dueAt: LAST,
        closedAt: LATE,
        evidence: [report, confirmation, containment, measure],
      },
    );
  });

  it('given accounts were taken over and nobody passed one on, then there is nothing to judge', () => {
    const evaluation = evaluateOver(accountSharing, history(exposed(SOON), contained(LATE)), { asOf: END });
    expect(evaluation).toMatchObject({ status: 'no-evidence', findings: [] });
  });
});
