import {
  BroadcastCancelled,
  BroadcastHeld,
  BroadcastScheduled,
  OnlineSessionCancelled,
  OnlineSessionHeld,
  OnlineSessionScheduled,
  SessionAttendanceRecorded,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { type Circumstances, rule } from '../rules';

const session = ({ data }: { data: { sessionId: string } }) => ({ subject: data.sessionId });

/** A session counts from when it is over by its plan: before that there is nothing to enter. */
const planned = [
  on(OnlineSessionScheduled, ({ data }) => ({
    subject: data.sessionId,
    at: new Date(Date.parse(data.startsAt) + data.plannedMinutes * 60_000).toISOString(),
    // Who came to a meeting of parents is no matter of clauses 3.2.4, 3.4.4 and 3.5.3.
    detail: { attendance: data.kind !== 'parent_meeting' },
  })),
  on(BroadcastScheduled, ({ data }) => ({
    subject: data.sessionId,
    at: data.endsAt,
    detail: { attendance: false },
  })),
];

/**
 * What was planned is entered as held, with those who attended, or cancelled with a reason; no lesson takes longer than
 * the sanitary rules allow any class (СП 2.4.3648-20: 45 minutes).
 *
 * Not judged: sessions that nobody planned, since clauses 3.2.4 and 3.3.4 ask for no plan and of an unplanned session
 * nobody knows whether it was a lesson; sessions held after they were cancelled; the shorter time that pupils of a grade
 * may spend at a screen, since no event tells the grade.
 */
export const remoteSessions = control({
  ...headingOf('C18'),
  version: 1,
  parameters: {
    closeSessionWithin: parameter(
      'Срок отметить проведение или отмену занятия, мероприятия, трансляции',
      workingDays(1),
    ),
    lessonMinutes: parameter('Наибольшая продолжительность урока, минут', { count: 45 }),
  },
  rules: [
    rule({
      id: 'session-closed',
      about: 'session',
      manner: 'duty',
      within: 'closeSessionWithin',
      marks: {
        planned,
        held: [on(OnlineSessionHeld, session), on(BroadcastHeld, session)],
        attended: [on(SessionAttendanceRecorded, session)],
        cancelled: [on(OnlineSessionCancelled, session), on(BroadcastCancelled, session)],
      },
      evidence: ['planned'],
      spans: (marks) => {
        const from = marks.find(({ kind }) => kind === 'planned');
        if (from === undefined) return [];
        const attendance = from.detail?.attendance === true;
        const entry = entryOf(marks, attendance);
        return [
          {
            from,
            what: attendance
              ? 'отметить проведение и посещаемость или отмену с указанием причины'
              : 'отметить проведение или отмену с указанием причины',
            ...(entry !== undefined && { because: entry.slice(0, -1), until: entry.at(-1) }),
          },
        ];
      },
    }),
    rule({
      id: 'lesson-duration',
      about: 'session',
      manner: 'act',
      marks: {
        held: [
          on(OnlineSessionHeld, ({ data }) =>
            data.kind === 'lesson'
              ? { subject: data.sessionId, detail: { minutes: data.actualMinutes, endedAt: data.endedAt } }
              : undefined,
          ),
        ],
      },
      evidence: ['held'],
      spans: (marks, _subject, circumstances: Circumstances<'lessonMinutes'>) =>
        marks.flatMap((mark, index): readonly Span[] => {
          const since = textOf(mark, 'endedAt') ?? mark.at;
          const minutes = mark.detail?.minutes;
          const most = circumstances.valueOf('lessonMinutes', since);
          if (typeof minutes !== 'number' || !('count' in most) || minutes <= most.count) return [];
          // Who enters it once more corrects what was entered before.
          const corrected = marks[index + 1];
          const what = `урок длился ${minutes} мин при допустимых ${most.count}`;
          return [{ from: mark, since, what, ...(corrected !== undefined && { until: corrected }) }];
        }),
    }),
  ],
});

/** The entries that closed the session, in order of time: its cancellation, or all that is to be entered of its holding. */
function entryOf(
  marks: readonly MarkOf<'planned' | 'held' | 'attended' | 'cancelled'>[],
  attendance: boolean,
): readonly Mark[] | undefined {
  const missing = new Set<string>(attendance ? ['held', 'attended'] : ['held']);
  const entry: Mark[] = [];
  for (const mark of marks) {
    if (mark.kind === 'cancelled') return [mark];
    if (missing.delete(mark.kind)) entry.push(mark);
    if (missing.size === 0) return entry;
  }
  return undefined;
}
