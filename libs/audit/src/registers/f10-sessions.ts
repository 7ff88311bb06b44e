import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type ProjectedEvent,
  type Rows,
  typed,
} from '@letopis/projections';
import {
  BroadcastCancelled,
  BroadcastHeld,
  BroadcastScheduled,
  OnlineSessionCancelled,
  OnlineSessionHeld,
  OnlineSessionScheduled,
  SessionAttendanceRecorded,
  type SessionKind,
} from '@letopis/school';
import { defineRegister, type Labels } from './register';

type Kind = SessionKind | 'broadcast';
type Status = 'scheduled' | 'held' | 'cancelled';

const sessionJournal = defineTable({
  name: 'session_journal',
  columns: {
    session_id: 'uuid',
    position: 'bigint',
    /** When the first that is on record of it happened: what has neither a plan nor a beginning is found by it. */
    noted_at: 'timestamptz',
    kind: nullable(typed<Kind>('text')),
    format: 'text?',
    group_id: 'uuid?',
    topic: 'text?',
    teacher_id: 'uuid?',
    starts_at: 'timestamptz?',
    planned_minutes: 'integer?',
    /** How many were called to a working meeting. */
    invited: 'integer?',
    started_at: 'timestamptz?',
    actual_minutes: 'integer?',
    present: 'integer?',
    /** How many the record of attendance names, present or absent. */
    named: 'integer?',
    cancellation_reason: 'text?',
    status: nullable(typed<Status>('text')),
  },
  key: ['session_id'],
  indexes: [['organization_id', 'position']],
});

type Entry = NonNullable<(typeof sessionJournal)['shape']>['row'];
type SessionEvent = ProjectedEvent<{ readonly sessionId: string }>;

/** Writes what becomes of a session. What was held or attended need not have been planned, so any event may be the first. */
function change(
  rows: Rows,
  { data, position, occurredAt }: SessionEvent,
  next: (entry: Entry) => Partial<Entry>,
): void {
  const entry = rows.get(sessionJournal, { session_id: data.sessionId }) ?? {
    session_id: data.sessionId,
    position: position.toString(),
    noted_at: occurredAt,
    kind: null,
    format: null,
    group_id: null,
    topic: null,
    teacher_id: null,
    starts_at: null,
    planned_minutes: null,
    invited: null,
    started_at: null,
    actual_minutes: null,
    present: null,
    named: null,
    cancellation_reason: null,
    status: null,
  };
  rows.put(sessionJournal, { ...entry, ...next(entry) });
}

const ofSession = {
  reads: ({ data }: SessionEvent) => [sessionJournal.at({ session_id: data.sessionId })],
};

/** Lessons, events, meetings and broadcasts. What was recorded last of holding and attendance corrects what was before. */
export const sessionsProjection = defineProjection({
  name: 'session-journal',
  version: 1,
  tables: [sessionJournal],
  on: [
    on(BroadcastScheduled, {
      ...ofSession,
      apply: (rows, event) => {
        const { topic, startsAt, plannedMinutes, organizerId } = event.data;
        change(rows, event, () => ({
          kind: 'broadcast',
          topic,
          teacher_id: organizerId,
          starts_at: startsAt,
          planned_minutes: plannedMinutes,
          status: 'scheduled',
        }));
      },
    }),
    on(BroadcastHeld, {
      ...ofSession,
      apply: (rows, event) => {
        const { startedAt, actualMinutes, viewers } = event.data;
        change(rows, event, ({ kind }) => ({
          kind: kind ?? 'broadcast',
          started_at: startedAt,
          actual_minutes: actualMinutes,
          present: viewers,
          status: 'held',
        }));
      },
    }),
    on(OnlineSessionScheduled, {
      ...ofSession,
      apply: (rows, event) => {
        const { kind, format, groupId, subject, teacherId, startsAt, plannedMinutes, participantIds } =
          event.data;
        change(rows, event, () => ({
          kind,
          format,
          group_id: groupId ?? null,
          topic: subject,
          teacher_id: teacherId,
          starts_at: startsAt,
          planned_minutes: plannedMinutes,
          invited: participantIds?.length ?? null,
          status: 'scheduled',
        }));
      },
    }),
    on(OnlineSessionHeld, {
      ...ofSession,
      apply: (rows, event) => {
        const { startedAt, actualMinutes } = event.data;
        change(rows, event, () => ({
          started_at: startedAt,
          actual_minutes: actualMinutes,
          status: 'held',
        }));
      },
    }),
    on([BroadcastCancelled, OnlineSessionCancelled], {
      ...ofSession,
      apply: (rows, event) =>
        change(rows, event, () => ({ cancellation_reason: event.data.reason, status: 'cancelled' })),
    }),
    on(SessionAttendanceRecorded, {
      ...ofSession,
      apply: (rows, event) => {
        const { present, absent } = event.data;
        change(rows, event, () => ({
          present: new Set(present).size,
          named: new Set([...present, ...absent]).size,
        }));
      },
    }),
  ],
});

const KINDS_RU: Labels = {
  lesson: 'урок',
  event: 'мероприятие',
  meeting: 'совещание',
  parent_meeting: 'родительское собрание',
  broadcast: 'трансляция',
} satisfies Record<Kind, string>;

const STATUSES_RU: Labels = {
  scheduled: 'запланировано',
  held: 'проведено',
  cancelled: 'отменено',
} satisfies Record<Status, string>;

/**
 * F10: the journal of remote sessions and broadcasts (clauses 3.1.12, 3.2.4, 3.3.4, 3.4.4).
 *
 * The list of a lesson or an event is the class as orders had it at that time; of a working meeting those who were called
 * to it; where there is neither, those whom the record of attendance names. A broadcast has none: who watched it counts.
 */
export const sessionsRegister = defineRegister({
  form: 'F10',
  nameRu: 'Журнал дистанционных занятий и трансляций',
  about: 'One row for each remote lesson, event, meeting and broadcast that was planned or held.',
  columns: [
    { key: 'date', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'group', headingRu: 'Класс (группа)', type: 'text', width: 16 },
    { key: 'kind', headingRu: 'Вид', type: 'text', width: 22, labels: KINDS_RU },
    { key: 'topic', headingRu: 'Предмет (тема)', type: 'text', width: 32 },
    { key: 'teacher', headingRu: 'Педагог (организатор)', type: 'person', width: 32 },
    {
      key: 'format',
      headingRu: 'Формат',
      type: 'text',
      width: 22,
      labels: { online: 'дистанционно', hybrid: 'очно и дистанционно' },
    },
    { key: 'plannedMinutes', headingRu: 'План, мин', type: 'number', width: 11, total: true },
    { key: 'actualMinutes', headingRu: 'Факт, мин', type: 'number', width: 11, total: true },
    { key: 'present', headingRu: 'Присутствовало', type: 'number', width: 15 },
    { key: 'listed', headingRu: 'По списку', type: 'number', width: 11 },
    { key: 'status', headingRu: 'Состояние', type: 'text', width: 15, labels: STATUSES_RU },
    { key: 'cancellationReason', headingRu: 'Причина отмены', type: 'text', width: 32 },
  ],
  filters: { period: true, class: true, status: STATUSES_RU },
  views: ['session-journal', 'movements', 'groups', 'people', 'organizations'],
  sql: `
    WITH in_class AS (
      SELECT CASE WHEN kind <> 'departed' THEN to_group END AS group_id, effective_at AS since,
             coalesce(lead(effective_at) OVER (PARTITION BY person_id ORDER BY effective_at, position),
                      'infinity') AS until
      FROM movements
      WHERE organization_id = $1
        AND (kind = 'departed' OR (kind IN ('enrolled', 'transferred') AND to_group IS NOT NULL)
             OR (kind = 'transferred' AND from_group IS NOT NULL))),
    classes AS MATERIALIZED (
      SELECT group_id, array_agg(since) AS since, array_agg(until) AS until FROM in_class GROUP BY group_id)
    SELECT session.position, held.date, coalesce(held.date, session.noted_at) AS at, grp.title AS "group",
           session.kind, session.topic, session.teacher_id AS teacher, session.format, session.planned_minutes,
           session.actual_minutes, session.present, coalesce(class.listed, session.invited, session.named) AS listed,
           session.status, session.cancellation_reason,
           CASE WHEN session.group_id IS NULL THEN '{}' ELSE ARRAY[session.group_id] END AS class_ids
    FROM session_journal session
    CROSS JOIN LATERAL (SELECT coalesce(session.started_at, session.starts_at) AS date) AS held
    LEFT JOIN groups grp ON grp.organization_id = $1 AND grp.group_id = session.group_id
    LEFT JOIN classes ON classes.group_id = session.group_id AND session.kind IN ('lesson', 'event')
    CROSS JOIN LATERAL (
      SELECT nullif(count(*), 0) AS listed FROM unnest(classes.since, classes.until) AS pupil(since, until)
      WHERE pupil.since <= held.date AND held.date < pupil.until) AS class
    WHERE session.organization_id = $1`,
});
