import { MemberMovementRecorded, membership } from '../membership/membership';
import { GroupArchived, GroupCreated, structure } from '../structure/structure';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  BroadcastCancelled,
  BroadcastHeld,
  BroadcastScheduled,
  OnlineSessionCancelled,
  OnlineSessionHeld,
  OnlineSessionScheduled,
  SCHEDULERS,
  session,
  SessionAttendanceRecorded,
} from './session';

const sessionId = idOf('session');
const groupId = idOf('5A');
const administrator = { id: idOf('Boris'), role: 'platform_admin' };
const teacher = { id: idOf('Maria'), role: 'teacher' };
const curator = { id: idOf('Vera'), role: 'curator' };
const director = { id: idOf('Oleg'), role: 'director' };
const LATER = '2025-12-01T00:00:00.000Z';

const created = GroupCreated.of({ groupId, kind: 'class', title: '5А' });
const group = known(structure, ORGANIZATION, [created]);

describe('ScheduleBroadcast', () => {
  const schedule = {
    sessionId,
    topic: 'Линейка',
    startsAt: '2025-11-20T10:00:00+05:00',
    endsAt: '2025-11-20T11:30:00+05:00',
  };
  const by = { actor: administrator };

  it('when a broadcast is planned, then its time and organiser are recorded', () => {
    given(session).when('ScheduleBroadcast', schedule, by).then([broadcast]);
  });

  it('given the broadcast has begun, when the same plan comes again, then nothing is recorded', () => {
    given(session, [broadcast])
      .when('ScheduleBroadcast', schedule, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it.each([
    ['is planned', [broadcastOf()], { topic: 'Концерт' }],
    ['was cancelled', [broadcastOf(), BroadcastCancelled.of({ sessionId, reason: 'Нет связи' })], {}],
    ['was held unplanned', [heldOf()], {}],
  ])('given one of its id %s, when it is planned, then 3.1.12 refuses', (_what, events, change) => {
    given(session, events)
      .when('ScheduleBroadcast', { ...schedule, ...change }, by)
      .thenRefused('3.1.12', 'scheduled-once');
  });

  it('given it starts now, when it is planned, then 3.1.12 refuses', () => {
    given(session)
      .when('ScheduleBroadcast', { ...schedule, startsAt: NOW }, by)
      .thenRefused('3.1.12', 'start-ahead');
  });

  it('given it ends when it starts, when it is planned, then 3.1.12 refuses', () => {
    given(session)
      .when('ScheduleBroadcast', { ...schedule, endsAt: schedule.startsAt }, by)
      .thenRefused('3.1.12', 'end-after-start');
  });
});

const broadcast = broadcastOf();
function broadcastOf() {
  return BroadcastScheduled.of({
    sessionId,
    topic: 'Линейка',
    startsAt: '2025-11-20T05:00:00.000Z',
    endsAt: '2025-11-20T06:30:00.000Z',
    plannedMinutes: 90,
    organizerId: administrator.id,
  });
}
function heldOf() {
  return BroadcastHeld.of({
    sessionId,
    startedAt: '2025-11-20T05:02:00.000Z',
    endedAt: '2025-11-20T06:24:00.000Z',
    actualMinutes: 82,
    viewers: 214,
  });
}

describe('RecordBroadcastHeld', () => {
  const held = heldOf();
  const record = {
    sessionId,
    startedAt: '2025-11-20T10:02:00+05:00',
    endedAt: '2025-11-20T11:24:00+05:00',
    viewers: 214,
  };

  it.each([
    ['planned', [broadcast]],
    ['cancelled', [broadcast, BroadcastCancelled.of({ sessionId, reason: 'Нет связи' })]],
    ['not on record', []],
  ])('given it is %s, when it was held, then its time and viewers are recorded', (_what, events) => {
    given(session, events).when('RecordBroadcastHeld', record).then([held]);
  });

  it('given it was held, when it is entered again, then nothing is recorded', () => {
    given(session, [broadcast, held]).when('RecordBroadcastHeld', record).thenNothing();
  });

  it('given it was held, when other viewers are counted, then that is recorded too', () => {
    given(session, [broadcast, held])
      .when('RecordBroadcastHeld', { ...record, viewers: 220 })
      .then([BroadcastHeld.of({ ...held.data, viewers: 220 })]);
  });

  it('given it ends when it starts, when it is entered, then it is invalid', () => {
    given(session)
      .when('RecordBroadcastHeld', { ...record, endedAt: record.startedAt })
      .thenInvalid('/payload/endedAt');
  });
});

describe('CancelBroadcast', () => {
  const cancel = { sessionId, reason: 'Нет связи' };
  const cancelled = BroadcastCancelled.of(cancel);

  it('given a planned broadcast, when it is cancelled, then the reason is recorded', () => {
    given(session, [broadcast]).when('CancelBroadcast', cancel).then([cancelled]);
  });

  it('given it is cancelled, when it is cancelled again, then nothing is recorded', () => {
    given(session, [broadcast, cancelled]).when('CancelBroadcast', cancel).thenNothing();
  });

  it.each([
    ['cancelled for another reason', [broadcast, cancelled], 'cancelled-once'],
    ['held', [broadcast, heldOf()], 'held-or-cancelled'],
    ['held after it was cancelled', [broadcast, cancelled, heldOf()], 'held-or-cancelled'],
    ['not on record', [], 'scheduled-first'],
    ['a meeting', [scheduledOf('meeting')], 'scheduled-first'],
  ])('given it is %s, when it is cancelled, then 3.1.12 refuses', (_what, events, rule) => {
    given(session, events)
      .when('CancelBroadcast', { ...cancel, reason: 'Перенос' })
      .thenRefused('3.1.12', rule);
  });
});

const plan = {
  sessionId,
  kind: 'lesson' as const,
  format: 'online' as const,
  groupId,
  subject: 'Математика',
  plannedMinutes: 30,
  basis: 'timetable' as const,
};
const lesson = { ...plan, startsAt: '2025-11-20T09:00:00+05:00' };
const scheduled = scheduledOf('lesson');
function scheduledOf(kind: 'lesson' | 'event' | 'meeting' | 'parent_meeting') {
  return OnlineSessionScheduled.of({
    sessionId,
    kind,
    format: 'online',
    groupId,
    subject: 'Математика',
    plannedMinutes: 30,
    basis: 'timetable',
    teacherId: teacher.id,
    startsAt: '2025-11-20T04:00:00.000Z',
  });
}

describe('ScheduleOnlineSession', () => {
  const by = { actor: teacher };

  it('given a live class, when a lesson of the timetable is planned, then class, subject, teacher and time are recorded', () => {
    given(session, [], [group]).when('ScheduleOnlineSession', lesson, by).then([scheduled]);
  });

  it('when a lesson is planned for a colleague, then the colleague is its teacher', () => {
    given(session, [], [group])
      .when('ScheduleOnlineSession', { ...lesson, teacherId: curator.id }, by)
      .then([OnlineSessionScheduled.of({ ...scheduled.data, teacherId: curator.id })]);
  });

  it('given an approved change, when a lesson is planned on it, then the change is recorded', () => {
    const change = { basis: 'approved_change' as const, basisRef: 'Приказ № 15 от 17.11.2025' };
    given(session, [], [group])
      .when('ScheduleOnlineSession', { ...lesson, ...change }, by)
      .then([OnlineSessionScheduled.of({ ...scheduled.data, ...change })]);
  });

  it('given the lesson has begun, when the same plan comes again, then nothing is recorded', () => {
    given(session, [scheduled], [group])
      .when('ScheduleOnlineSession', lesson, { ...by, occurredAt: LATER })
      .thenNothing();
  });

  it.each([
    ['is planned', [scheduled], { plannedMinutes: 45 }],
    ['was cancelled', [scheduled, OnlineSessionCancelled.of({ sessionId, reason: 'Болезнь' })], {}],
    ['is a broadcast', [broadcast], {}],
  ])('given one of its id %s, when a lesson is planned, then 3.4.4 refuses', (_what, events, change) => {
    given(session, events, [group])
      .when('ScheduleOnlineSession', { ...lesson, ...change }, by)
      .thenRefused('3.4.4', 'scheduled-once');
  });

  it.each([
    ['starts now', { startsAt: NOW }, 'start-ahead'],
    ['is for no group', { groupId: undefined }, 'group-given'],
    ['is not in the timetable', { basis: undefined }, 'in-timetable'],
    ['rests on a change that nobody approved', { basis: 'approved_change' }, 'change-approved'],
  ])('given a lesson that %s, when it is planned, then 3.4.4 refuses', (_what, change, rule) => {
    given(session, [], [group])
      .when('ScheduleOnlineSession', { ...lesson, ...change }, by)
      .thenRefused('3.4.4', rule);
  });

  it.each([
    ['is unknown', []],
    ['is archived', [created, GroupArchived.of({ groupId, reason: 'Выпуск' })]],
  ])('given the class %s, when an event is planned for it, then 3.3.4 refuses', (_what, events) => {
    given(session, [], [known(structure, ORGANIZATION, events)])
      .when('ScheduleOnlineSession', { ...lesson, kind: 'event' }, { actor: curator })
      .thenRefused('3.3.4', 'live-group');
  });

  it.each([
    ['teacher', 'meeting', '3.2.4'],
    ['director', 'lesson', '3.4.4'],
    ['deputy', 'parent_meeting', '3.3.4'],
  ])('given a %s, when they plan a %s, then %s refuses', (role, kind, clause) => {
    given(session, [], [group])
      .when('ScheduleOnlineSession', { ...lesson, kind }, { actor: { ...teacher, role } })
      .thenRefused(clause, 'allowed-scheduler');
  });

  it('given the kinds of session, then these roles plan and cancel each', () => {
    expect(SCHEDULERS).toEqual({
      lesson: { clause: '3.4.4', roles: ['teacher', 'curator'] },
      event: { clause: '3.3.4', roles: ['curator', 'teacher'] },
      parent_meeting: { clause: '3.3.4', roles: ['curator', 'teacher'] },
      meeting: { clause: '3.2.4', roles: ['director', 'deputy'] },
    });
  });
});

describe('ScheduleOnlineSession, a working meeting', () => {
  const meeting = {
    sessionId,
    kind: 'meeting' as const,
    format: 'hybrid' as const,
    subject: 'Итоги четверти',
    plannedMinutes: 60,
    participantIds: [teacher.id],
  };
  const payload = { ...meeting, startsAt: '2025-11-20T14:00:00Z' };
  const by = { actor: director };
  const movement = (kind: 'hired' | 'enrolled' | 'dismissed', effectiveAt: string) =>
    MemberMovementRecorded.of({ personId: teacher.id, kind, orderRef: kind, effectiveAt });
  const hired = movement('hired', '2024-09-01T00:00:00.000Z');

  it('given the participants are staff, when the director calls it, then they are recorded', () => {
    given(session, [], [known(membership, teacher.id, [hired])])
      .when('ScheduleOnlineSession', payload, by)
      .then([
        OnlineSessionScheduled.of({
          ...meeting,
          startsAt: '2025-11-20T14:00:00.000Z',
          teacherId: director.id,
        }),
      ]);
  });

  it.each([
    ['nobody knows the participant', []],
    ['the participant is a pupil', [movement('enrolled', '2024-09-01T00:00:00.000Z')]],
    ['the participant was dismissed', [hired, movement('dismissed', '2025-06-01T00:00:00.000Z')]],
  ])('given %s, when it is called, then 3.2.4 refuses', (_what, events) => {
    given(session, [], [known(membership, teacher.id, events)])
      .when('ScheduleOnlineSession', payload, by)
      .thenRefused('3.2.4', 'participants-are-staff');
  });

  it('when participants are named for a lesson, then it is invalid', () => {
    given(session, [], [group])
      .when('ScheduleOnlineSession', { ...lesson, participantIds: [idOf('pupil')] }, { actor: teacher })
      .thenInvalid('/payload/participantIds');
  });
});

describe('RecordSessionHeld', () => {
  const held = OnlineSessionHeld.of({
    sessionId,
    startedAt: '2025-11-20T04:01:00.000Z',
    endedAt: '2025-11-20T04:29:00.000Z',
    actualMinutes: 28,
    kind: 'lesson',
    groupId,
    plannedMinutes: 30,
  });
  const record = {
    sessionId,
    startedAt: '2025-11-20T09:01:00+05:00',
    endedAt: '2025-11-20T09:29:00+05:00',
  };

  it.each([
    ['planned', [scheduled]],
    ['cancelled', [scheduled, OnlineSessionCancelled.of({ sessionId, reason: 'Болезнь' })]],
  ])('given it is %s, when it was held, then that is recorded with the plan', (_what, events) => {
    given(session, events).when('RecordSessionHeld', record).then([held]);
  });

  it.each([
    ['not on record', []],
    ['a broadcast', [broadcast]],
  ])('given it is %s, when it was held, then that is recorded without a plan', (_what, events) => {
    given(session, events)
      .when('RecordSessionHeld', record)
      .then([
        OnlineSessionHeld.of({
          ...held.data,
          kind: undefined,
          groupId: undefined,
          plannedMinutes: undefined,
        }),
      ]);
  });

  it('given it was held, when it is entered again, then nothing is recorded', () => {
    given(session, [scheduled, held]).when('RecordSessionHeld', record).thenNothing();
  });

  it('given it was held, when another end is entered, then that is recorded too', () => {
    given(session, [scheduled, held])
      .when('RecordSessionHeld', { ...record, endedAt: '2025-11-20T04:31:00Z' })
      .then([OnlineSessionHeld.of({ ...held.data, endedAt: '2025-11-20T04:31:00.000Z', actualMinutes: 30 })]);
  });

  it('given it ends before it starts, when it is entered, then it is invalid', () => {
    given(session, [scheduled])
      .when('RecordSessionHeld', { ...record, endedAt: '2025-11-20T04:00:00Z' })
      .thenInvalid('/payload/endedAt');
  });
});

describe('CancelOnlineSession', () => {
  const cancel = { sessionId, reason: 'Болезнь' };
  const cancelled = OnlineSessionCancelled.of(cancel);
  const by = { actor: teacher };
  const held = OnlineSessionHeld.of({
    sessionId,
    startedAt: '2025-11-20T04:01:00.000Z',
    endedAt: '2025-11-20T04:29:00.000Z',
    actualMinutes: 28,
  });

  it('given a planned lesson, when it is cancelled, then the reason is recorded', () => {
    given(session, [scheduled]).when('CancelOnlineSession', cancel, by).then([cancelled]);
  });

  it('given it is cancelled, when it is cancelled again, then nothing is recorded', () => {
    given(session, [scheduled, cancelled]).when('CancelOnlineSession', cancel, by).thenNothing();
  });

  it.each([
    ['cancelled for another reason', [scheduled, cancelled], 'cancelled-once'],
    ['held', [scheduled, held], 'held-or-cancelled'],
    ['not on record', [], 'scheduled-first'],
    ['held without a plan', [held], 'scheduled-first'],
    ['a broadcast', [broadcast], 'scheduled-first'],
  ])('given it is %s, when it is cancelled, then 3.4.4 refuses', (_what, events, rule) => {
    given(session, events)
      .when('CancelOnlineSession', { ...cancel, reason: 'Перенос' }, by)
      .thenRefused('3.4.4', rule);
  });

  it('given a working meeting, when a teacher cancels it, then 3.2.4 refuses', () => {
    given(session, [scheduledOf('meeting')])
      .when('CancelOnlineSession', cancel, by)
      .thenRefused('3.2.4', 'allowed-scheduler');
  });
});

describe('RecordAttendance', () => {
  const [anna, ivan] = [idOf('Anna'), idOf('Ivan')];
  const record = { sessionId, present: [anna], absent: [ivan] };
  const recorded = SessionAttendanceRecorded.of({ ...record, kind: 'lesson', groupId });

  it('given a lesson, when attendance is entered, then it is recorded with the class it was planned for', () => {
    given(session, [scheduled]).when('RecordAttendance', record).then([recorded]);
  });

  it('given nothing of the session is on record, when attendance is entered, then it is recorded all the same', () => {
    given(session)
      .when('RecordAttendance', { sessionId, absent: [ivan] })
      .then([SessionAttendanceRecorded.of({ sessionId, present: [], absent: [ivan] })]);
  });

  it('given the attendance, when it is entered again in another order, then nothing is recorded', () => {
    const both = SessionAttendanceRecorded.of({ sessionId, present: [anna, ivan], absent: [] });
    given(session, [both])
      .when('RecordAttendance', { sessionId, present: [ivan, anna] })
      .thenNothing();
  });

  it('given the attendance, when it is corrected, then that is recorded too', () => {
    given(session, [scheduled, recorded])
      .when('RecordAttendance', { sessionId, present: [anna, ivan] })
      .then([SessionAttendanceRecorded.of({ ...recorded.data, present: [anna, ivan], absent: [] })]);
  });

  it.each([
    ['names nobody', {}],
    ['names somebody twice', { present: [anna], absent: [anna] }],
  ])('given attendance that %s, when it is entered, then it is invalid', (_what, names) => {
    given(session, [scheduled])
      .when('RecordAttendance', { sessionId, ...names })
      .thenInvalid('/payload/absent');
  });
});
