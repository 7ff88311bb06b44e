import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  LetopisError,
  readState,
  type Role,
  ruleViolated,
  type StateRead,
} from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { isInRoster, type Membership, membership } from '../membership/membership';
import { isLive, type Structure, structure } from '../structure/structure';

const KINDS = ['lesson', 'event', 'meeting', 'parent_meeting'] as const;
export type SessionKind = (typeof KINDS)[number];
const FORMATS = ['online', 'hybrid'] as const;
/** What a lesson rests on (clause 3.4.4). */
const BASES = ['timetable', 'approved_change'] as const;
const Minutes = () => Type.Integer({ minimum: 0 });

/** What the plan on record says, so that a control can judge the fact by itself; left out where nothing was planned. */
const planned = {
  kind: Type.Optional(OneOf(KINDS)),
  groupId: Type.Optional(Id()),
};

export const BroadcastScheduled = defineEvent({
  type: 'BroadcastScheduled',
  titleRu: 'Запланирована трансляция',
  clauses: ['3.1.12'],
  data: {
    sessionId: Id(),
    topic: Text(200),
    startsAt: At(),
    endsAt: At(),
    plannedMinutes: Minutes(),
    organizerId: PersonId(),
  },
});

export const BroadcastHeld = defineEvent({
  type: 'BroadcastHeld',
  titleRu: 'Трансляция проведена',
  clauses: ['3.1.12'],
  data: {
    sessionId: Id(),
    startedAt: At(),
    endedAt: At(),
    actualMinutes: Minutes(),
    viewers: Type.Integer({ minimum: 0 }),
  },
});

export const BroadcastCancelled = defineEvent({
  type: 'BroadcastCancelled',
  titleRu: 'Трансляция отменена',
  clauses: ['3.1.12'],
  data: { sessionId: Id(), reason: Text() },
});

export const OnlineSessionScheduled = defineEvent({
  type: 'OnlineSessionScheduled',
  titleRu: 'Запланировано дистанционное занятие или мероприятие',
  clauses: ['3.2.4', '3.3.4', '3.4.4'],
  data: {
    sessionId: Id(),
    kind: OneOf(KINDS),
    format: OneOf(FORMATS),
    groupId: Type.Optional(Id()),
    subject: Text(200),
    teacherId: PersonId(),
    startsAt: At(),
    plannedMinutes: Minutes(),
    basis: Type.Optional(OneOf(BASES)),
    basisRef: Type.Optional(Text(200)),
    participantIds: Type.Optional(Type.Array(PersonId())),
  },
});

export const OnlineSessionHeld = defineEvent({
  type: 'OnlineSessionHeld',
  titleRu: 'Дистанционное занятие или мероприятие проведено',
  clauses: ['3.2.4', '3.3.4', '3.4.4'],
  data: {
    sessionId: Id(),
    startedAt: At(),
    endedAt: At(),
    actualMinutes: Minutes(),
    ...planned,
    plannedMinutes: Type.Optional(Minutes()),
  },
});

export const OnlineSessionCancelled = defineEvent({
  type: 'OnlineSessionCancelled',
  titleRu: 'Дистанционное занятие или мероприятие отменено',
  clauses: ['3.2.4', '3.3.4', '3.4.4'],
  data: { sessionId: Id(), reason: Text() },
});

export const SessionAttendanceRecorded = defineEvent({
  type: 'SessionAttendanceRecorded',
  titleRu: 'Отмечена посещаемость',
  clauses: ['3.2.4', '3.4.4', '3.5.3'],
  data: {
    sessionId: Id(),
    present: Type.Array(PersonId()),
    absent: Type.Array(PersonId()),
    ...planned,
  },
});

const events = [
  BroadcastScheduled,
  BroadcastHeld,
  BroadcastCancelled,
  OnlineSessionScheduled,
  OnlineSessionHeld,
  OnlineSessionCancelled,
  SessionAttendanceRecorded,
] as const;
export type SessionEvent = EventsOf<typeof events>;

interface Plan {
  readonly kind: SessionKind | 'broadcast';
  readonly groupId?: string;
  readonly plannedMinutes: number;
  /** All that was planned, to tell the same plan from another. */
  readonly content: string;
}

export interface Session {
  /** `held` where it was observed, even after a cancellation. */
  readonly status: 'none' | 'scheduled' | 'held' | 'cancelled';
  readonly plan?: Plan;
  /** Why it was cancelled, if it was. */
  readonly cancelled?: string;
  /** What was said last of how it was held, and of who attended. */
  readonly held?: string;
  readonly attendance?: string;
}

/** One broadcast, lesson, event or meeting. */
export const session: Concept<Session, SessionEvent> = {
  name: 'session',
  titleRu: 'Дистанционное занятие или трансляция',
  events,
  initial: { status: 'none' },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'BroadcastScheduled': {
        const { plannedMinutes } = data;
        return {
          ...state,
          status: 'scheduled',
          plan: { kind: 'broadcast', plannedMinutes, content: contentOf(data) },
        };
      }
      case 'OnlineSessionScheduled': {
        const { kind, groupId, plannedMinutes } = data;
        return {
          ...state,
          status: 'scheduled',
          plan: { kind, groupId, plannedMinutes, content: contentOf(data) },
        };
      }
      case 'BroadcastHeld':
      case 'OnlineSessionHeld':
        return { ...state, status: 'held', held: saidOfHolding(data) };
      case 'BroadcastCancelled':
      case 'OnlineSessionCancelled':
        return { ...state, status: 'cancelled', cancelled: data.reason };
      case 'SessionAttendanceRecorded':
        return { ...state, attendance: saidOfAttendance(data) };
    }
  },
};

function saidOfHolding({
  startedAt,
  endedAt,
  viewers,
}: {
  startedAt: string;
  endedAt: string;
  viewers?: number;
}): string {
  return contentOf({ startedAt, endedAt, viewers });
}

function saidOfAttendance({
  present,
  absent,
}: {
  present: readonly string[];
  absent: readonly string[];
}): string {
  return contentOf({ present: [...present].sort(), absent: [...absent].sort() });
}

/**
 * Who schedules and cancels what: a lesson under clause 3.4.4, an event or a meeting of parents under 3.3.4, a working
 * meeting under 3.2.4. A curator teaches too, and often acts under one token for both.
 */
export const SCHEDULERS: Readonly<Record<SessionKind, { clause: string; roles: readonly Role[] }>> = {
  lesson: { clause: '3.4.4', roles: ['teacher', 'curator'] },
  event: { clause: '3.3.4', roles: ['curator', 'teacher'] },
  parent_meeting: { clause: '3.3.4', roles: ['curator', 'teacher'] },
  meeting: { clause: '3.2.4', roles: ['director', 'deputy'] },
};

export class ScheduleBroadcast {
  @field.Id('The broadcast; assigned when absent', { optional: true }) sessionId!: string;
  @field.Text('What it is about') topic!: string;
  @field.Instant('When it is to start') startsAt!: string;
  @field.Instant('When it is to end') endsAt!: string;
  @field.PersonId('Who organises it; the caller when absent', { optional: true }) organizerId?: string;
}

export class RecordBroadcastHeld {
  @field.Id('The broadcast') sessionId!: string;
  @field.Instant('When it started') startedAt!: string;
  @field.Instant('When it ended') endedAt!: string;
  @field.Count('How many watched it', { min: 0, max: 1_000_000 }) viewers!: number;
}

export class CancelBroadcast {
  @field.Id('The broadcast') sessionId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class ScheduleOnlineSession {
  @field.Id('The session; assigned when absent', { optional: true }) sessionId!: string;
  @field.OneOf(KINDS, 'A lesson, an event, a working meeting or a meeting of parents') kind!: SessionKind;
  @field.OneOf(FORMATS, 'Online only, or also in the room') format!: (typeof FORMATS)[number];
  @field.Id('Class or group; needed for a lesson', { optional: true }) groupId?: string;
  @field.Text('Subject of a lesson, topic of anything else') subject!: string;
  @field.PersonId('Who holds it; the caller when absent', { optional: true }) teacherId?: string;
  @field.Instant('When it is to start') startsAt!: string;
  @field.Count('How long it is to take, in minutes', { min: 1, max: 720 }) plannedMinutes!: number;
  @field.OneOf(BASES, 'What a lesson rests on; needed for a lesson', { optional: true })
  basis?: (typeof BASES)[number];
  @field.Text('Number and date of the approved change; needed with basis approved_change', { optional: true })
  basisRef?: string;
  @field.Ids('Who is called to a working meeting: members of staff', { max: 200, optional: true })
  participantIds?: string[];
}

export class RecordSessionHeld {
  @field.Id('The session') sessionId!: string;
  @field.Instant('When it started') startedAt!: string;
  @field.Instant('When it ended') endedAt!: string;
}

export class CancelOnlineSession {
  @field.Id('The session') sessionId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class RecordAttendance {
  @field.Id('The session') sessionId!: string;
  @field.Ids('Who was there; nobody when absent', { max: 1_000, optional: true }) present?: string[];
  @field.Ids('Who was expected and was not there; nobody when absent', { max: 1_000, optional: true })
  absent?: string[];
}

const BROADCAST = '3d80604f-ae57-4fb2-8194-605e4d3c7f0b';
const SESSION = '4e917150-bf68-40c3-92a5-716f5e4d800c';
const GROUP = '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03';
const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';

function minutesBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 60_000);
}

/** When it was held. @throws LetopisError `invalid` where it ends before it starts */
function holdingOf({ startedAt, endedAt }: { startedAt: string; endedAt: string }) {
  if (Date.parse(endedAt) <= Date.parse(startedAt)) {
    throw new LetopisError('invalid', 'What was held ended after it started', {
      fields: [{ path: '/payload/endedAt', message: 'endedAt must be after startedAt' }],
    });
  }
  return {
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    actualMinutes: minutesBetween(startedAt, endedAt),
  };
}

/** What the plan on record says to a fact; nothing where it was no online session's plan. */
function plannedIn({ plan }: Session): { kind?: SessionKind; groupId?: string; plannedMinutes?: number } {
  if (plan === undefined || plan.kind === 'broadcast') return {};
  const { kind, groupId, plannedMinutes } = plan;
  return { kind, groupId, plannedMinutes };
}

/** Whether this very plan stands. @throws LetopisError the refusal of a plan for something else */
function isPlanned({ status, plan }: Session, content: string, clause: string): boolean {
  if (status === 'none') return false;
  if (status !== 'cancelled' && plan?.content === content) return true;
  throw ruleViolated(
    clause,
    'scheduled-once',
    'Под этим номером уже есть запись: чтобы изменить план, отмените её и запланируйте новую',
  );
}

/** Whether it is cancelled for this reason. @throws LetopisError the refusal where it cannot be cancelled */
function isCancelled({ status, cancelled }: Session, reason: string, clause: string): boolean {
  switch (status) {
    case 'none':
      throw notScheduled(clause);
    case 'scheduled':
      return false;
    case 'held':
      throw ruleViolated(clause, 'held-or-cancelled', 'Проведённое отменить нельзя');
    case 'cancelled':
      if (cancelled === reason) return true;
      throw ruleViolated(clause, 'cancelled-once', 'Уже отменено по другой причине');
  }
}

function notScheduled(clause: string): LetopisError {
  return ruleViolated(clause, 'scheduled-first', 'Отменить можно только запланированное: такой записи нет');
}

function mustStartAhead(startsAt: string, occurredAt: string, clause: string): void {
  if (startsAt <= occurredAt) {
    throw ruleViolated(clause, 'start-ahead', 'Начало должно быть в будущем');
  }
}

function mustSchedule(kind: SessionKind, role: string): void {
  const { clause, roles } = SCHEDULERS[kind];
  if (roles.some((each) => each === role)) return;
  throw ruleViolated(
    clause,
    'allowed-scheduler',
    kind === 'meeting'
      ? 'Рабочие встречи и совещания планирует и отменяет администрация школы'
      : 'Уроки, мероприятия и родительские собрания планирует и отменяет педагог или куратор',
  );
}

/** A lesson is in the timetable or in an approved change of it, and of a group (clause 3.4.4). */
function mustBeInTimetable({ groupId, basis, basisRef }: ScheduleOnlineSession): void {
  if (groupId === undefined) {
    throw ruleViolated('3.4.4', 'group-given', 'Укажите класс или группу, с которой проводится урок');
  }
  if (basis === undefined) {
    throw ruleViolated(
      '3.4.4',
      'in-timetable',
      'Урок проводится по расписанию или по утверждённой замене: укажите основание (basis)',
    );
  }
  if (basis === 'approved_change' && basisRef === undefined) {
    throw ruleViolated('3.4.4', 'change-approved', 'Укажите, каким документом утверждена замена (basisRef)');
  }
}

/** @throws LetopisError `invalid` where other kinds of session name participants; the refusal of strangers */
function mustBeStaff(
  { kind, participantIds = [] }: ScheduleOnlineSession,
  known: Readonly<Record<string, Structure | Membership>>,
): void {
  if (kind !== 'meeting' && participantIds.length > 0) {
    throw new LetopisError('invalid', 'Participants are named for working meetings only', {
      fields: [
        { path: '/payload/participantIds', message: 'participantIds can only be given with kind meeting' },
      ],
    });
  }
  const strangers = participantIds.filter((id) => {
    const person = known[id];
    return person === undefined || !('joined' in person) || !isInRoster(person, 'teacher');
  });
  if (strangers.length > 0) {
    throw ruleViolated(
      '3.2.4',
      'participants-are-staff',
      `В совещании участвуют работники школы; этих людей нет в списке работников: ${strangers.join(', ')}`,
    );
  }
}

export const sessionCommands = [
  defineCommand({
    name: 'ScheduleBroadcast',
    titleRu: 'Запланировать трансляцию',
    about: 'The administrator plans a broadcast.',
    kind: 'decision',
    clauses: ['3.1.12'],
    actors: ['platform_admin'],
    concept: session,
    payload: ScheduleBroadcast,
    assigns: 'sessionId',
    example: {
      sessionId: BROADCAST,
      topic: 'Последний звонок',
      startsAt: '2036-05-25T10:00:00+05:00',
      endsAt: '2036-05-25T11:30:00+05:00',
    },
    id: ({ sessionId }) => sessionId,
    decide: (state, { payload, actor, occurredAt }) => {
      const startsAt = new Date(payload.startsAt).toISOString();
      const endsAt = new Date(payload.endsAt).toISOString();
      if (endsAt <= startsAt) {
        throw ruleViolated('3.1.12', 'end-after-start', 'Трансляция заканчивается позже, чем начинается');
      }
      const event = BroadcastScheduled.of({
        ...payload,
        startsAt,
        endsAt,
        plannedMinutes: minutesBetween(startsAt, endsAt),
        organizerId: payload.organizerId ?? actor.id,
      });
      if (isPlanned(state, contentOf(event.data), '3.1.12')) return [];
      mustStartAhead(startsAt, occurredAt, '3.1.12');
      return [event];
    },
  }),
  defineCommand({
    name: 'RecordBroadcastHeld',
    titleRu: 'Отметить проведение трансляции',
    about: 'A broadcast was held, whether it was planned, cancelled or neither.',
    kind: 'fact',
    clauses: ['3.1.12'],
    actors: ['platform_admin'],
    concept: session,
    payload: RecordBroadcastHeld,
    example: {
      sessionId: BROADCAST,
      startedAt: '2036-05-25T10:02:00+05:00',
      endedAt: '2036-05-25T11:24:00+05:00',
      viewers: 214,
    },
    id: ({ sessionId }) => sessionId,
    decide: ({ held }, { payload }) => {
      const event = BroadcastHeld.of({ ...payload, ...holdingOf(payload) });
      return held === saidOfHolding(event.data) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'CancelBroadcast',
    titleRu: 'Отменить трансляцию',
    about: 'A planned broadcast will not be held, with a reason.',
    kind: 'decision',
    clauses: ['3.1.12'],
    actors: ['platform_admin'],
    concept: session,
    payload: CancelBroadcast,
    example: { sessionId: BROADCAST, reason: 'Нет связи в актовом зале' },
    id: ({ sessionId }) => sessionId,
    decide: (state, { payload }) => {
      if (state.plan !== undefined && state.plan.kind !== 'broadcast') throw notScheduled('3.1.12');
      return isCancelled(state, payload.reason, '3.1.12') ? [] : [BroadcastCancelled.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'ScheduleOnlineSession',
    titleRu: 'Запланировать дистанционное занятие или мероприятие',
    about: 'A lesson, an event, a working meeting or a meeting of parents is planned, online or hybrid.',
    kind: 'decision',
    clauses: ['3.2.4', '3.3.4', '3.4.4'],
    actors: ['director', 'deputy', 'curator', 'teacher'],
    concept: session,
    payload: ScheduleOnlineSession,
    assigns: 'sessionId',
    example: {
      sessionId: SESSION,
      kind: 'lesson',
      format: 'online',
      groupId: GROUP,
      subject: 'Математика',
      teacherId: TEACHER,
      startsAt: '2036-02-03T09:00:00+05:00',
      plannedMinutes: 30,
      basis: 'timetable',
    },
    id: ({ sessionId }) => sessionId,
    reads: (
      { participantIds = [] },
      { organizationId },
    ): Readonly<Record<string, StateRead<Structure | Membership>>> => ({
      structure: readState(structure, organizationId),
      ...Object.fromEntries(participantIds.map((id) => [id, readState(membership, id)])),
    }),
    decide: (state, { payload, actor, occurredAt }, known) => {
      const { kind, groupId } = payload;
      const { clause } = SCHEDULERS[kind];
      const startsAt = new Date(payload.startsAt).toISOString();
      const event = OnlineSessionScheduled.of({
        ...payload,
        startsAt,
        teacherId: payload.teacherId ?? actor.id,
      });
      mustSchedule(kind, actor.role);
      if (isPlanned(state, contentOf(event.data), clause)) return [];
      mustStartAhead(startsAt, occurredAt, clause);
      if (kind === 'lesson') mustBeInTimetable(payload);
      const { structure: groups } = known;
      if (
        groupId !== undefined &&
        (groups === undefined || !('groups' in groups) || !isLive(groups, groupId))
      ) {
        throw ruleViolated(clause, 'live-group', 'Такого действующего класса или группы нет');
      }
      mustBeStaff(payload, known);
      return [event];
    },
  }),
  defineCommand({
    name: 'RecordSessionHeld',
    titleRu: 'Отметить проведение дистанционного занятия или мероприятия',
    about: 'A session was held, whether it was planned, cancelled or neither.',
    kind: 'fact',
    clauses: ['3.2.4', '3.3.4', '3.4.4'],
    actors: ['director', 'deputy', 'curator', 'teacher'],
    concept: session,
    payload: RecordSessionHeld,
    example: {
      sessionId: SESSION,
      startedAt: '2036-02-03T09:01:00+05:00',
      endedAt: '2036-02-03T09:29:00+05:00',
    },
    id: ({ sessionId }) => sessionId,
    decide: (state, { payload }) => {
      const event = OnlineSessionHeld.of({ ...payload, ...holdingOf(payload), ...plannedIn(state) });
      return state.held === saidOfHolding(event.data) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'CancelOnlineSession',
    titleRu: 'Отменить дистанционное занятие или мероприятие',
    about: 'A planned session will not be held, with a reason.',
    kind: 'decision',
    clauses: ['3.2.4', '3.3.4', '3.4.4'],
    actors: ['director', 'deputy', 'curator', 'teacher'],
    concept: session,
    payload: CancelOnlineSession,
    example: { sessionId: SESSION, reason: 'Болезнь педагога' },
    id: ({ sessionId }) => sessionId,
    decide: (state, { payload, actor }) => {
      const { kind } = plannedIn(state);
      if (kind === undefined) throw notScheduled('3.4.4');
      mustSchedule(kind, actor.role);
      return isCancelled(state, payload.reason, SCHEDULERS[kind].clause)
        ? []
        : [OnlineSessionCancelled.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'RecordAttendance',
    titleRu: 'Отметить посещаемость',
    about: 'Who attended a session and who did not; a later record corrects an earlier one.',
    kind: 'fact',
    clauses: ['3.2.4', '3.4.4', '3.5.3'],
    actors: ['director', 'deputy', 'curator', 'teacher'],
    concept: session,
    payload: RecordAttendance,
    example: { sessionId: SESSION, present: [PUPIL] },
    id: ({ sessionId }) => sessionId,
    decide: (state, { payload: { sessionId, present = [], absent = [] } }) => {
      const there = new Set(present);
      if (present.length + absent.length === 0 || absent.some((id) => there.has(id))) {
        throw new LetopisError('invalid', 'Attendance names people, each of them once', {
          fields: [{ path: '/payload/absent', message: 'absent and present together must name people once' }],
        });
      }
      const { kind, groupId } = plannedIn(state);
      const event = SessionAttendanceRecorded.of({ sessionId, present, absent, kind, groupId });
      return state.attendance === saidOfAttendance(event.data) ? [] : [event];
    },
  }),
];
