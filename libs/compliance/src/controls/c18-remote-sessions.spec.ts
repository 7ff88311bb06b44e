import {
  BroadcastCancelled,
  BroadcastHeld,
  BroadcastScheduled,
  OnlineSessionCancelled,
  OnlineSessionHeld,
  OnlineSessionScheduled,
  SessionAttendanceRecorded,
} from '@letopis/school';
import {
  deadlineTable,
  decidedOn,
  evaluateOver,
  explained,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { remoteSessions } from './c18-remote-sessions';

const SESSION = idOf('lesson');
const PLANNED = '2023-09-01T07:00:00.000Z';
const START = '2025-10-06T07:00:00.000Z';
/** The lesson is over by its plan; the last instant to enter it; a second later. */
const OVER = '2025-10-06T07:30:00.000Z';
const IN_TIME = '2025-10-07T20:59:59.999Z';
const LATE = '2025-10-07T21:00:00.000Z';
const LONG_AFTER = '2025-10-20T07:00:00.000Z';

type SessionKind = 'lesson' | 'event' | 'meeting' | 'parent_meeting';

const scheduled = (startsAt: string, kind: SessionKind = 'lesson') =>
  happened(
    PLANNED,
    OnlineSessionScheduled.of({
      sessionId: SESSION,
      kind,
      format: 'online',
      subject: 'Математика',
      teacherId: idOf('Boris'),
      startsAt,
      plannedMinutes: 30,
    }),
  );
const held = (at: string, actualMinutes = 30, kind: SessionKind = 'lesson') =>
  happened(
    at,
    OnlineSessionHeld.of({ sessionId: SESSION, startedAt: START, endedAt: OVER, actualMinutes, kind }),
  );
const attended = (at: string) =>
  happened(at, SessionAttendanceRecorded.of({ sessionId: SESSION, present: [idOf('pupil')], absent: [] }));
const cancelled = (at: string) =>
  happened(at, OnlineSessionCancelled.of({ sessionId: SESSION, reason: 'Болезнь педагога' }));
const broadcast = happened(
  PLANNED,
  BroadcastScheduled.of({
    sessionId: SESSION,
    topic: 'День знаний',
    startsAt: START,
    endsAt: OVER,
    plannedMinutes: 30,
    organizerId: idOf('Anna'),
  }),
);
const broadcastHeld = (at: string) =>
  happened(
    at,
    BroadcastHeld.of({ sessionId: SESSION, startedAt: START, endedAt: OVER, actualMinutes: 30, viewers: 40 }),
  );

const states = (rule: string, happenings: readonly Happening[], asOf = LONG_AFTER) =>
  statesOf(evaluateOver(remoteSessions, history(...happenings), { asOf }), rule);

const halfAnHourBefore = (at: string) => new Date(Date.parse(at) - 30 * 60_000).toISOString();

describe('C18, what was planned is entered or cancelled', () => {
  deadlineTable(remoteSessions, 'session-closed', (since) => [scheduled(halfAnHourBefore(since))], [
    ['an ordinary day', '2025-10-06T07:30:00.000Z', '2025-10-07T20:59:59.999Z'],
    ['a Friday before a worked Saturday', '2025-10-31T07:30:00.000Z', '2025-11-01T20:59:59.999Z'],
    ['the eve of a holiday', '2025-11-01T07:30:00.000Z', '2025-11-05T20:59:59.999Z'],
    ['the last lesson of a year', '2025-12-30T07:30:00.000Z', '2026-01-12T20:59:59.999Z'],
    ['the eve of a leap day', '2024-02-28T07:30:00.000Z', '2024-02-29T20:59:59.999Z'],
    ['Kamchatka', '2025-10-06T02:30:00.000Z', '2025-10-07T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['wholly entered in the last instant', [held(OVER), attended(IN_TIME)], ['fulfilled']],
    ['entered with its attendance a second late', [held(OVER), attended(LATE)], ['fulfilled-late']],
    ['entered late after its attendance', [attended(OVER), held(LATE)], ['fulfilled-late']],
    ['entered without attendance', [held(OVER)], ['overdue']],
    ['cancelled before it began', [cancelled('2025-10-06T05:00:00.000Z')], ['fulfilled']],
    ['cancelled in the last instant', [cancelled(IN_TIME)], ['fulfilled']],
    ['cancelled a second late', [cancelled(LATE)], ['fulfilled-late']],
    ['entered before it was over by its plan', [held(START), attended(START)], ['fulfilled']],
    ['entered in time and corrected late', [held(OVER), attended(OVER), held(LATE, 25)], ['fulfilled']],
  ])('given a lesson that was %s, then it is judged so', (_name, happenings, expected) => {
    expect(states('session-closed', [scheduled(START), ...happenings])).toEqual(expected);
  });

  it('given a lesson that is still to come, then there is nothing to do yet', () => {
    expect(states('session-closed', [scheduled(START)], '2025-10-06T07:29:59.999Z')).toEqual([]);
  });

  it('given a meeting of parents, then its attendance is not asked for', () => {
    const meeting = [scheduled(START, 'parent_meeting'), held(OVER, 30, 'parent_meeting')];
    expect(states('session-closed', meeting)).toEqual(['fulfilled']);
  });

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['held', [broadcastHeld(IN_TIME)], ['fulfilled']],
    ['held, and entered late', [broadcastHeld(LATE)], ['fulfilled-late']],
    [
      'cancelled',
      [happened(IN_TIME, BroadcastCancelled.of({ sessionId: SESSION, reason: 'Нет связи' }))],
      ['fulfilled'],
    ],
    ['neither held nor cancelled', [], ['overdue']],
  ])('given a broadcast that was %s, then it is judged so', (_name, happenings, expected) => {
    expect(states('session-closed', [broadcast, ...happenings])).toEqual(expected);
  });

  it('given a lesson that nobody planned, then nothing is asked', () => {
    expect(states('session-closed', [held(OVER)])).toEqual([]);
  });

  it('given it was entered, then the finding cites the plan and both entries', () => {
    const events = history(scheduled(START), held(OVER), attended(LATE));
    const evaluation = evaluateOver(remoteSessions, events, { asOf: LONG_AFTER });
    expect(findingOf(evaluation, 'session-closed')).toMatchObject({
      subject: SESSION,
      since: OVER,
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C18, lessons keep to the limit', () => {
  it.each<[string, Happening, readonly string[]]>([
    ['a lesson of 45 minutes', held(OVER, 45), []],
    ['a lesson of 46 minutes', held(OVER, 46), ['violated']],
    ['an event of two hours', held(OVER, 120, 'event'), []],
  ])('given %s, then it is judged so', (_name, happening, expected) => {
    expect(states('lesson-duration', [happening])).toEqual(expected);
  });

  it('given the time was entered wrongly and corrected, then it is mended', () => {
    expect(states('lesson-duration', [held(OVER, 300), held(LATE, 30)])).toEqual(['remedied']);
  });

  it('given the school allows 35 minutes, then 40 are too many, and the finding says so', () => {
    const evaluation = evaluateOver(remoteSessions, history(held(LATE, 40)), {
      asOf: LONG_AFTER,
      decisions: decidedOn('C18', 'lessonMinutes', { count: 35 }),
    });
    expect(explained(evaluation, 'lesson-duration')).toContain(
      'Урок длился 40 мин при допустимых 35: 06.10.2025, 10:30.',
    );
  });
});
