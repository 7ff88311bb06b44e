import { fold } from '@letopis/kernel';
import { given, idOf, NOW, pseudonymOf } from '../testing';
import {
  AccountLinked,
  AccountUnlinked,
  GuardianRecorded,
  GuardianshipEnded,
  isInRoster,
  isTeacher,
  MemberDataCorrected,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  membership,
  type MembershipEvent,
  RoleVerificationRejected,
  RoleVerificationRequested,
  RoleVerified,
} from './membership';

const personId = idOf('Anna');
const administrator = { id: idOf('Boris'), role: 'platform_admin' };

const movement = {
  personId,
  kind: 'hired' as const,
  orderRef: '№ 12-к от 25.08.2025',
  effectiveAt: '2025-08-25T00:00:00+05:00',
  fullName: 'Соколова Мария Петровна',
};
const moved = (
  kind: 'hired' | 'dismissed' | 'enrolled' | 'departed' | 'leave' | 'transferred',
  effectiveAt = NOW,
) => MemberMovementRecorded.of({ personId, kind, orderRef: `Приказ: ${kind}`, effectiveAt });
const LATER = '2025-12-01T08:00:00.000Z';
const LATEST = '2026-01-15T08:00:00.000Z';
const hired = moved('hired');
const joined = MemberJoined.of({ personId, platformRole: 'teacher', via: 'auto_sync', at: NOW });
const join = { personId, platformRole: 'teacher', via: 'auto_sync' };
const request = { personId, method: 'moya_shkola' as const };
const requested = RoleVerificationRequested.of({ ...request, role: 'teacher' });
const confirmation = { ...request, evidenceRef: 'Моя школа, запись 8841' };
const verified = RoleVerified.of({ ...confirmation, role: 'teacher', by: administrator.id });
const rejection = { personId, reason: 'Нет в списке' };
const rejected = RoleVerificationRejected.of(rejection);
const removed = MemberRemoved.of({ personId, scope: 'community', reason: 'Увольнение', at: LATER });
const childId = idOf('Gleb');
const guardian = { personId, childId, relation: 'mother' as const };
const guardianRecorded = GuardianRecorded.of({ ...guardian, at: NOW });
const guardianshipEnd = { personId, childId, reason: 'Решение суда' };
const guardianshipEnded = GuardianshipEnded.of({ ...guardianshipEnd, at: LATER });
const joinedAsParent = MemberJoined.of({ ...joined.data, platformRole: 'parent' });

describe('RecordMovement', () => {
  it('given nothing, when an order is entered, then it is recorded with its instant in UTC', () => {
    given(membership)
      .when('RecordMovement', movement)
      .then([
        MemberMovementRecorded.of({
          ...movement,
          effectiveAt: '2025-08-24T19:00:00.000Z',
          fullNameHash: pseudonymOf('full-name', movement.fullName),
        }),
      ]);
  });

  it.each([
    ['holds from another day', { effectiveAt: LATER }],
    ['names another group', { toGroup: idOf('5B') }],
    ['is another order', { orderRef: '№ 13-к' }],
  ])('given an order, when one that %s is entered, then it is recorded', (_what, other) => {
    given(membership, [hired])
      .when('RecordMovement', { ...hired.data, ...other })
      .then([MemberMovementRecorded.of({ ...hired.data, ...other })]);
  });

  it('given an order with a name, when it is entered with another name, then it is recorded', () => {
    const named = (fullName: string) =>
      MemberMovementRecorded.of({
        ...hired.data,
        fullName,
        fullNameHash: pseudonymOf('full-name', fullName),
      });
    given(membership, [named('Соколова Мария')])
      .when('RecordMovement', { ...hired.data, fullName: 'Орлова Мария' })
      .then([named('Орлова Мария')]);
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
    given(membership, [joined, removed])
      .when('RecordMemberJoined', join, { occurredAt: LATEST })
      .then([MemberJoined.of({ ...joined.data, at: LATEST })]);
  });

  it('given they joined so and are in, when the platform shows it again, then nothing is recorded', () => {
    given(membership, [joined]).when('RecordMemberJoined', join, { occurredAt: LATER }).thenNothing();
  });

  it('given they joined so and were removed, when that join is entered again, then nothing is recorded', () => {
    given(membership, [joined, removed]).when('RecordMemberJoined', join).thenNothing();
  });

  it('given they joined so, when it turns out that they had joined before, then it is recorded', () => {
    given(membership, [MemberJoined.of({ ...joined.data, at: LATER })])
      .when('RecordMemberJoined', join)
      .then([joined]);
  });

  it('given they joined, when they join another group, then it is recorded', () => {
    const groupId = idOf('5B');
    given(membership, [joined])
      .when('RecordMemberJoined', { ...join, groupId })
      .then([MemberJoined.of({ ...joined.data, groupId })]);
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
    ['joined as a parent', [joinedAsParent]],
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

  it('given they have asked, when they ask for another method, then it is recorded', () => {
    given(membership, [joined, requested])
      .when('RequestRoleVerification', { personId, method: 'admin' })
      .then([RoleVerificationRequested.of({ personId, role: 'teacher', method: 'admin' })]);
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

  it('given they are verified, when the administrator confirms on other evidence, then 3.3.2 refuses', () => {
    given(membership, [hired, joined, verified])
      .when('ConfirmRole', { ...confirmation, evidenceRef: 'Другая запись' })
      .thenRefused('3.3.2', 'not-verified-yet');
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

  it('given it is refused, when it is refused for another reason, then 3.3.2 refuses', () => {
    given(membership, [joined, requested, rejected])
      .when('RejectRole', { ...rejection, reason: 'Передумали' })
      .thenRefused('3.3.2', 'requested-first');
  });
});

describe('RemoveMember', () => {
  const removal = { personId, reason: 'Увольнение' };

  it('given a member, when the administrator removes them, then it is recorded', () => {
    given(membership, [joined]).when('RemoveMember', removal, { occurredAt: LATER }).then([removed]);
  });

  it('given they were removed, when they are removed for the same reason, then nothing is recorded', () => {
    given(membership, [joined, removed]).when('RemoveMember', removal).thenNothing();
  });

  it.each([
    ['they never joined', []],
    [
      'they were removed for another reason',
      [joined, MemberRemoved.of({ ...removed.data, reason: 'Переезд' })],
    ],
  ])('given %s, when the administrator removes them, then 3.1.9 refuses', (_what, events) => {
    given(membership, events).when('RemoveMember', removal).thenRefused('3.1.9', 'member');
  });
});

describe('CorrectMemberData', () => {
  const correction = {
    personId,
    basis: 'Свидетельство о браке',
    fullName: 'Орлова Мария',
    phone: '+79000000002',
  };
  const corrected = MemberDataCorrected.of({
    ...correction,
    fields: ['fullName', 'phone'],
    fullNameHash: pseudonymOf('full-name', correction.fullName),
    phoneHash: pseudonymOf('phone', correction.phone),
  });

  it('given somebody of the roster, when data are corrected, then which and on what basis are recorded', () => {
    given(membership, [hired]).when('CorrectMemberData', correction).then([corrected]);
  });

  it('given nobody ever named the person, when data are corrected, then 3.1.9 refuses', () => {
    given(membership).when('CorrectMemberData', correction).thenRefused('3.1.9', 'known-person');
  });

  it('when nothing is corrected, then it is malformed', () => {
    given(membership, [hired])
      .when('CorrectMemberData', { personId, basis: 'Проверка' })
      .thenInvalid('/payload/fullName');
  });

  it('given the correction, when it is entered again, then nothing is recorded', () => {
    given(membership, [hired, corrected]).when('CorrectMemberData', correction).thenNothing();
  });

  it('given the correction, when another value is entered, then it is recorded', () => {
    const email = 'maria@school7.example';
    given(membership, [hired, corrected])
      .when('CorrectMemberData', { personId, basis: correction.basis, email })
      .then([
        MemberDataCorrected.of({
          personId,
          basis: correction.basis,
          fields: ['email'],
          email,
          emailHash: pseudonymOf('email', email),
        }),
      ]);
  });
});

describe('RecordGuardian', () => {
  it('given nothing, when a parent is entered, then whose and what they are is recorded', () => {
    const named = { ...guardian, fullName: 'Белова Ольга', documentRef: 'Заявление № 41' };
    given(membership)
      .when('RecordGuardian', named)
      .then([
        GuardianRecorded.of({
          ...named,
          fullNameHash: pseudonymOf('full-name', named.fullName),
          documentHash: pseudonymOf('document', named.documentRef),
          at: NOW,
        }),
      ]);
  });

  it('given it is on record, when it is entered again later, then nothing is recorded', () => {
    given(membership, [guardianRecorded])
      .when('RecordGuardian', guardian, { occurredAt: LATER })
      .thenNothing();
  });

  it('given it is on record, when another relation is entered, then it is recorded', () => {
    given(membership, [guardianRecorded])
      .when('RecordGuardian', { ...guardian, relation: 'guardian' })
      .then([GuardianRecorded.of({ ...guardian, relation: 'guardian', at: NOW })]);
  });

  it('given it ended, when it is entered from a later day on, then it is recorded', () => {
    given(membership, [guardianRecorded, guardianshipEnded])
      .when('RecordGuardian', guardian, { occurredAt: LATEST })
      .then([GuardianRecorded.of({ ...guardian, at: LATEST })]);
  });

  it('when somebody would be their own guardian, then it is malformed', () => {
    given(membership)
      .when('RecordGuardian', { ...guardian, childId: personId })
      .thenInvalid('/payload/childId');
  });
});

describe('EndGuardianship', () => {
  it('given a parent, when it ends, then why and when are recorded', () => {
    given(membership, [guardianRecorded])
      .when('EndGuardianship', guardianshipEnd, { occurredAt: LATER })
      .then([guardianshipEnded]);
  });

  it('given nobody entered the parent, when it ends, then it is recorded all the same', () => {
    given(membership)
      .when('EndGuardianship', guardianshipEnd, { occurredAt: LATER })
      .then([guardianshipEnded]);
  });

  it('given it ended, when the end is entered again, then nothing is recorded', () => {
    given(membership, [guardianRecorded, guardianshipEnded])
      .when('EndGuardianship', guardianshipEnd, { occurredAt: LATEST })
      .thenNothing();
  });

  it('given it ended, when another reason is entered, then it is recorded', () => {
    const other = { ...guardianshipEnd, reason: 'Совершеннолетие' };
    given(membership, [guardianRecorded, guardianshipEnded])
      .when('EndGuardianship', other, { occurredAt: LATER })
      .then([GuardianshipEnded.of({ ...other, at: LATER })]);
  });
});

describe('LinkAccount', () => {
  const link = { personId, externalUserId: idOf('account'), basis: 'Личное заявление' };
  const linked = AccountLinked.of(link);

  it('given somebody on record, when an account is found to be theirs, then the basis is recorded', () => {
    given(membership, [guardianRecorded]).when('LinkAccount', link).then([linked]);
  });

  it('given nobody ever named the person, when an account is linked, then 1.3 refuses', () => {
    given(membership).when('LinkAccount', link).thenRefused('1.3', 'known-person');
  });

  it('given the link, when it is entered again, then nothing is recorded', () => {
    given(membership, [hired, linked]).when('LinkAccount', link).thenNothing();
  });

  it('given the link, when its id in the messenger becomes known, then it is recorded', () => {
    const known = { ...link, maxUserId: '1001' };
    given(membership, [hired, linked])
      .when('LinkAccount', known)
      .then([AccountLinked.of(known)]);
  });

  it('given the link, when it is made on another basis, then X.3 refuses', () => {
    given(membership, [hired, linked])
      .when('LinkAccount', { ...link, basis: 'Со слов соседа' })
      .thenRefused('X.3', 'linked-once');
  });

  it('given one account, when a second is found, then it is recorded', () => {
    const second = { ...link, externalUserId: idOf('second account') };
    given(membership, [hired, linked])
      .when('LinkAccount', second)
      .then([AccountLinked.of(second)]);
  });
});

describe('UnlinkAccount', () => {
  const link = { personId, externalUserId: idOf('account'), basis: 'Передана другому' };
  const linked = AccountLinked.of({ ...link, basis: 'Личное заявление' });
  const unlinked = AccountUnlinked.of(link);

  it('given the link, when it is taken back, then why is recorded', () => {
    given(membership, [hired, linked]).when('UnlinkAccount', link).then([unlinked]);
  });

  it('given there is no link, when it is taken back, then X.3 refuses', () => {
    given(membership, [hired]).when('UnlinkAccount', link).thenRefused('X.3', 'linked');
  });

  it('given it was taken back, when it is taken back again, then nothing is recorded', () => {
    given(membership, [hired, linked, unlinked]).when('UnlinkAccount', link).thenNothing();
  });
});

describe('ChangeMemberRole', () => {
  const change = { personId, from: 'parent' as const, to: 'teacher' as const, basis: 'Приказ № 12-к' };
  const changed = MemberRoleChanged.of({ ...change, at: LATER });
  const later = { occurredAt: LATER };

  it('given an employee who joined as a parent, when the role is mended, then it is recorded', () => {
    given(membership, [hired, joinedAsParent]).when('ChangeMemberRole', change, later).then([changed]);
  });

  it('given they did not join in that role, when it is changed, then 3.1.9 refuses', () => {
    given(membership, [hired, joined])
      .when('ChangeMemberRole', change, later)
      .thenRefused('3.1.9', 'joined-in-role');
  });

  it('given the roster does not hold them in the new role, when it is changed, then 3.1.9 refuses', () => {
    given(membership, [joinedAsParent])
      .when('ChangeMemberRole', change, later)
      .thenRefused('3.1.9', 'role-in-roster');
  });

  it('when the role stays the same, then it is malformed', () => {
    given(membership, [hired, joined])
      .when('ChangeMemberRole', { ...change, from: 'teacher' }, later)
      .thenInvalid('/payload/to');
  });

  it('given it was changed, when it is changed again, then nothing is recorded', () => {
    given(membership, [hired, joinedAsParent, changed])
      .when('ChangeMemberRole', change, { occurredAt: LATEST })
      .thenNothing();
  });

  it('given it was changed, then they are out of the old role and not yet in the new one', () => {
    expect(fold(membership, [hired, joinedAsParent, changed]).joined).toEqual([]);
  });

  it('given a verified teacher is made a parent, then the status ends', () => {
    const asTeacher = MemberRoleChanged.of({ ...change, from: 'teacher', to: 'parent', at: LATER });
    const back = MemberJoined.of({ ...joined.data, at: LATEST });
    expect(isTeacher(fold(membership, [hired, joined, verified, asTeacher, back]))).toBe(false);
  });
});

describe('facts that come late', () => {
  const after = (...events: readonly MembershipEvent[]) => fold(membership, events);

  it('given a dismissal from before the person was hired again, then they are employed', () => {
    expect(after(moved('hired', LATEST), moved('dismissed', LATER)).employed).toBe(true);
  });

  it('given an enrolment from before the departure, then the roster of pupils does not hold them', () => {
    expect(after(moved('departed', LATER), moved('enrolled')).enrolled).toBe(false);
  });

  it('given a dismissal from before the employment in which they were verified, then they stay verified', () => {
    const events = [moved('hired', LATEST), joined, verified, moved('dismissed', LATER)];
    expect(isTeacher(after(...events))).toBe(true);
  });

  it('given a join from before the removal, then they are not in the community', () => {
    expect(after(removed, joined).joined).toEqual([]);
  });

  it('given a guardianship from before its end, then there is no child', () => {
    expect(after(guardianshipEnded, guardianRecorded).children).toEqual([]);
  });

  it('given any order in which the same facts come, then the state is the same', () => {
    const events = [hired, moved('dismissed', LATER), moved('hired', LATEST), joined, removed];
    const { employed, joined: roles } = after(...events.toReversed());
    expect({ employed, roles }).toEqual({ employed: true, roles: [] });
  });

  it('given a long stream, then folding it takes a moment', () => {
    const long = Array.from({ length: 20_000 }, (_, index) =>
      MemberMovementRecorded.of({ ...hired.data, orderRef: `№ ${index}` }),
    );
    const began = performance.now();
    after(...long);
    expect(performance.now() - began).toBeLessThan(2_000);
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
    ['enrolled', 'parent', false],
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

  it('given a teacher who is a parent too, then it holds them in both roles', () => {
    const both = after(hired, guardianRecorded);
    expect([isInRoster(both, 'teacher'), isInRoster(both, 'parent')]).toEqual([true, true]);
  });

  it('given a teacher who is a parent is dismissed, then it still holds the parent', () => {
    const parent = after(hired, guardianRecorded, moved('dismissed', LATER));
    expect([isInRoster(parent, 'teacher'), isInRoster(parent, 'parent')]).toEqual([false, true]);
  });

  it('given one of two guardianships ended, then it holds the parent of the other child', () => {
    const sibling = GuardianRecorded.of({ ...guardianRecorded.data, childId: idOf('Vera') });
    expect(isInRoster(after(guardianRecorded, sibling, guardianshipEnded), 'parent')).toBe(true);
  });

  it('given the only guardianship ended, then it does not hold the parent', () => {
    expect(isInRoster(after(guardianRecorded, guardianshipEnded), 'parent')).toBe(false);
  });
});
