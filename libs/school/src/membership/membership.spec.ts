import { given, idOf, NOW } from '../testing';
import {
  isInRoster,
  isTeacher,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  membership,
  type MembershipEvent,
  RoleVerificationRejected,
  RoleVerificationRequested,
  RoleVerified,
} from './membership';
import { fold } from '@letopis/kernel';

const personId = idOf('Anna');
const administrator = { id: idOf('Boris'), role: 'platform_admin' };

const movement = {
  personId,
  kind: 'hired' as const,
  orderRef: '№ 12-к от 25.08.2025',
  effectiveAt: '2025-08-25T00:00:00+05:00',
  fullName: 'Соколова Мария Петровна',
};
const moved = (kind: 'hired' | 'dismissed' | 'enrolled' | 'departed' | 'leave' | 'transferred') =>
  MemberMovementRecorded.of({ personId, kind, orderRef: `Приказ: ${kind}`, effectiveAt: NOW });
const hired = moved('hired');
const joined = MemberJoined.of({ personId, platformRole: 'teacher', via: 'auto_sync', at: NOW });
const join = { personId, platformRole: 'teacher', via: 'auto_sync' };
const request = { personId, method: 'moya_shkola' as const };
const requested = RoleVerificationRequested.of({ ...request, role: 'teacher' });
const confirmation = { ...request, evidenceRef: 'Моя школа, запись 8841' };
const verified = RoleVerified.of({ ...confirmation, role: 'teacher', by: administrator.id });
const rejection = { personId, reason: 'Нет в списке' };
const rejected = RoleVerificationRejected.of(rejection);
const removed = MemberRemoved.of({ personId, scope: 'community', reason: 'Увольнение', at: NOW });

describe('RecordMovement', () => {
  it('given nothing, when an order is entered, then it is recorded with its instant in UTC', () => {
    given(membership)
      .when('RecordMovement', movement)
      .then([MemberMovementRecorded.of({ ...movement, effectiveAt: '2025-08-24T19:00:00.000Z' })]);
  });

  it('given the order, when it is entered again, then nothing is recorded', () => {
    given(membership, [hired]).when('RecordMovement', hired.data).thenNothing();
  });

  it('given somebody whom nobody hired, when they are dismissed, then it is recorded all the same', () => {
    given(membership)
      .when('RecordMovement', moved('dismissed').data)
      .then([moved('dismissed')]);
  });
});

describe('RecordMemberJoined', () => {
  it('given nothing, when somebody appears, then it is recorded whether a roster holds them or not', () => {
    given(membership).when('RecordMemberJoined', join).then([joined]);
  });

  it('given they joined so, when it is entered again, then nothing is recorded', () => {
    given(membership, [joined]).when('RecordMemberJoined', join).thenNothing();
  });

  it('given they joined so and were removed, when they join so again, then it is recorded', () => {
    given(membership, [joined, removed]).when('RecordMemberJoined', join).then([joined]);
  });

  it('given they joined so, when they join by a link, then it is recorded', () => {
    const byLink = {
      personId,
      platformRole: 'teacher' as const,
      via: 'link' as const,
      viaId: idOf('link'),
      groupId: idOf('group'),
    };
    given(membership, [joined])
      .when('RecordMemberJoined', byLink)
      .then([MemberJoined.of({ ...byLink, at: NOW })]);
  });
});

describe('RequestRoleVerification', () => {
  it('given a teacher has joined, when they ask for verification, then it is recorded', () => {
    given(membership, [joined]).when('RequestRoleVerification', request).then([requested]);
  });

  it.each([
    ['has not joined', []],
    ['joined as a parent', [MemberJoined.of({ ...joined.data, platformRole: 'parent' })]],
    ['was removed', [joined, removed]],
  ])('given the person %s, when they ask for verification, then 3.3.2 refuses', (_what, events) => {
    given(membership, events).when('RequestRoleVerification', request).thenRefused('3.3.2', 'joined-first');
  });

  it('given the teacher is verified, when they ask for verification, then 3.3.2 refuses', () => {
    given(membership, [joined, verified])
      .when('RequestRoleVerification', request)
      .thenRefused('3.3.2', 'not-verified-yet');
  });

  it('given they have asked, when they ask again, then nothing is recorded', () => {
    given(membership, [joined, requested]).when('RequestRoleVerification', request).thenNothing();
  });

  it('given they were refused, when they ask again, then it is recorded', () => {
    given(membership, [joined, requested, rejected])
      .when('RequestRoleVerification', request)
      .then([requested]);
  });
});

describe('ConfirmRole', () => {
  it('given an employee has joined, when the administrator confirms, then the evidence and by whom are recorded', () => {
    given(membership, [hired, joined])
      .when('ConfirmRole', confirmation, { actor: administrator })
      .then([verified]);
  });

  it('given an employee has not joined, when the administrator confirms, then 3.3.2 refuses', () => {
    given(membership, [hired]).when('ConfirmRole', confirmation).thenRefused('3.3.2', 'joined-first');
  });

  it.each([
    ['nobody hired them', [joined]],
    ['they were dismissed', [hired, joined, moved('dismissed')]],
  ])('given %s, when the administrator confirms, then 3.3.1 refuses', (_what, events) => {
    given(membership, events).when('ConfirmRole', confirmation).thenRefused('3.3.1', 'staff-roster');
  });

  it('given they are verified, when the administrator confirms again, then nothing is recorded', () => {
    given(membership, [hired, joined, verified]).when('ConfirmRole', confirmation).thenNothing();
  });
});

describe('RejectRole', () => {
  it('given they have asked, when the administrator refuses, then why is recorded', () => {
    given(membership, [joined, requested]).when('RejectRole', rejection).then([rejected]);
  });

  it.each([
    ['they have not asked', [joined]],
    ['they are verified', [joined, requested, verified]],
  ])('given %s, when the administrator refuses, then 3.3.2 refuses', (_what, events) => {
    given(membership, events).when('RejectRole', rejection).thenRefused('3.3.2', 'requested-first');
  });

  it('given it is refused, when it is refused again, then nothing is recorded', () => {
    given(membership, [joined, requested, rejected]).when('RejectRole', rejection).thenNothing();
  });
});

describe('RemoveMember', () => {
  const removal = { personId, reason: 'Увольнение' };

  it('given a member, when the administrator removes them, then it is recorded', () => {
    given(membership, [joined]).when('RemoveMember', removal).then([removed]);
  });

  it.each([
    ['they never joined', []],
    ['they were removed', [joined, removed]],
  ])('given %s, when the administrator removes them, then 3.1.9 refuses', (_what, events) => {
    given(membership, events).when('RemoveMember', removal).thenRefused('3.1.9', 'member');
  });
});

describe('the roster', () => {
  const after = (...events: readonly MembershipEvent[]) => fold(membership, events);

  it.each([
    ['hired', 'teacher', true],
    ['dismissed', 'teacher', false],
    ['leave', 'teacher', false],
    ['enrolled', 'student', true],
    ['departed', 'student', false],
    ['hired', 'student', false],
    ['departed', 'parent', true],
  ] as const)('given somebody %s, then it holds them as %s: %s', (kind, role, expected) => {
    expect(isInRoster(after(moved(kind)), role)).toBe(expected);
  });

  it('given a teacher on leave or transferred, then it still holds them', () => {
    expect(isInRoster(after(hired, moved('leave'), moved('transferred')), 'teacher')).toBe(true);
  });

  it('given a teacher who was dismissed and hired again, then they are verified anew', () => {
    const back = [hired, joined, verified, moved('dismissed'), moved('hired')];
    expect(isTeacher(after(...back))).toBe(false);
  });
});
