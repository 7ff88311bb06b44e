import { MeasureRecorded, ViolationDismissed, ViolationReported } from '@letopis/school';
import { deadlineTable, evaluateOver, type Happening, happened, history, idOf, statesOf } from '../testing';
import { approvedPlatformOnly } from './c30-approved-platform';

const violationId = idOf('violation');
const SINCE = '2025-11-17T12:00:00Z';

const reported = (at = SINCE, kind: 'foreign_platform' | 'ethics' = 'foreign_platform') =>
  happened(at, ViolationReported.of({ violationId, clauseId: '2.1', kind, at: new Date(at).toISOString() }));
const dismissed = (at: string) =>
  happened(at, ViolationDismissed.of({ violationId, by: idOf('deputy'), reason: 'Личный чат родителей' }));
const measured = (at: string) =>
  happened(at, MeasureRecorded.of({ violationId, kind: 'warning', date: at.slice(0, 10) }));

describe('C30, a chat in a foreign messenger is closed', () => {
  deadlineTable(approvedPlatformOnly, 'foreign-chat-closed', (since) => [reported(since)], [
    ['an ordinary Monday', '2025-11-17T12:00:00Z', '2025-11-20T20:59:59.999Z'],
    ['a day before the New Year holidays', '2025-12-29T12:00:00Z', '2026-01-13T20:59:59.999Z'],
    ['a working Saturday and holidays in between', '2025-10-30T12:00:00Z', '2025-11-05T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-11-21T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['a measure in the last instant', [measured('2025-11-20T20:59:59.999Z')], ['fulfilled']],
    ['a measure a second late', [measured('2025-11-20T21:00:00.999Z')], ['fulfilled-late']],
    ['a dismissal', [dismissed('2025-11-18T09:00:00Z')], ['cancelled']],
    ['a dismissal too late', [dismissed('2025-11-24T09:00:00Z')], ['remedied']],
    [
      'another report after the dismissal',
      [dismissed('2025-11-18T09:00:00Z'), reported('2025-11-19T09:00:00Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'another report after the measure',
      [measured('2025-11-18T09:00:00Z'), reported('2025-11-19T09:00:00Z')],
      ['fulfilled', 'fulfilled'],
    ],
  ])('given %s, then it is so', (_name, after, expected) => {
    const evaluation = evaluateOver(approvedPlatformOnly, history(reported(), ...after), {
      asOf: '2025-12-31T00:00:00Z',
    });
    expect(statesOf(evaluation, 'foreign-chat-closed')).toEqual(expected);
  });

  it('given a report of another kind, then there is nothing to judge', () => {
    const events = history(reported(SINCE, 'ethics'), measured('2025-11-18T09:00:00Z'));
    expect(evaluateOver(approvedPlatformOnly, events, { asOf: '2025-12-31T00:00:00Z' }).status).toBe(
      'no-evidence',
    );
  });
});
