import { fold } from '@letopis/kernel';
import {
  AccountLinked,
  GuardianRecorded,
  MemberJoined,
  MemberMovementRecorded,
  membership,
  RoleVerified,
} from '../membership/membership';
import {
  ClassTeacherAssigned,
  GroupArchived,
  GroupCreated,
  HeadChatDesignated,
  structure,
  type StructureEvent,
  TeachingLoadApproved,
} from '../structure/structure';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  chat,
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatAutoProvisioned,
  ChatClosed,
  type ChatEvent,
  chatIdOf,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatOwnerTransferred,
  ChatRegistered,
  ChatRosterDiscrepancyDetected,
  ChatRosterDiscrepancyResolved,
  ChatRosterSnapshotTaken,
  ChatTitleChanged,
  headChatPolicies,
} from './chat';
import { presentIn } from './roster';

const chatId = idOf('chat');
const groupId = idOf('5A');
const ownerId = idOf('Vera');
const personId = idOf('pupil');
const account = { externalUserId: idOf('account'), maxUserId: '5000000001', displayName: 'Незнакомец' };
const BEFORE = '2025-11-17T14:00:00.000Z';
const LATER = '2025-11-17T15:00:00.000Z';

const joined = MemberJoined.of({ personId: ownerId, platformRole: 'teacher', via: 'auto_sync', at: NOW });
const verified = RoleVerified.of({
  personId: ownerId,
  role: 'teacher',
  method: 'admin',
  evidenceRef: '8841',
  by: idOf('Anna'),
});
const teacher = known(membership, ownerId, [joined, verified]);
const movement = (kind: 'hired' | 'dismissed' | 'enrolled' | 'departed', at = BEFORE) =>
  MemberMovementRecorded.of({ personId: ownerId, kind, orderRef: '№ 12-к', effectiveAt: at });
const employee = known(membership, ownerId, [movement('hired')]);
const group = GroupCreated.of({ groupId, kind: 'class', title: '5А' });
const assigned = ClassTeacherAssigned.of({ groupId, personId: ownerId, orderRef: '№ 326' });
const school = (...events: readonly StructureEvent[]) => known(structure, ORGANIZATION, events);

const entry = { chatId, title: '5А', ownerId };
const registered = ChatRegistered.of({ ...entry, kind: 'class_students', groupId });
const load = TeachingLoadApproved.of({
  schoolYear: '2025/2026',
  orderRef: '№ 327',
  load: [{ groupId, subject: 'Математика', personId: ownerId }],
});
const closed = ChatClosed.of({ chatId, reason: 'Проект завершён', at: NOW });
const added = (at = NOW) => ChatMemberAdded.of({ chatId, personId, via: 'inviter', at });
const removed = (at = NOW) => ChatMemberRemoved.of({ chatId, personId, by: ownerId, at });
const provisioned = (at = BEFORE) =>
  ChatAutoProvisioned.of({ chatId, source: 'sferum_sync', kind: 'class_students', groupId, at });
const accountAdded = (at = NOW) => ChatMemberAdded.of({ chatId, ...account, via: 'inviter', at });

describe('RegisterChat', () => {
  it('given the class teacher, when the chat of the class is entered, then it is recorded', () => {
    given(chat, [], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_students', groupId })
      .then([registered]);
  });

  it.each([
    ['head_deputies', {}],
    ['head_teachers', {}],
    ['management', { purpose: 'Подготовка к аттестации' }],
  ] as const)(
    'given an owner who is no teacher, when a chat %s is entered, then it is recorded',
    (kind, more) => {
      given(chat, [], [employee])
        .when('RegisterChat', { ...entry, kind, ...more })
        .then([ChatRegistered.of({ ...entry, kind, ...more })]);
    },
  );

  it.each([
    ['curator', 'head_deputies', '3.2.4a'],
    ['teacher', 'head_teachers', '3.2.4b'],
  ] as const)('given a %s, when a chat %s is entered, then its clause refuses', (role, kind, clause) => {
    given(chat)
      .when('RegisterChat', { ...entry, kind }, { actor: { id: ownerId, role } })
      .thenRefused(clause, 'registered-by-administration');
  });

  it.each([
    ['head_deputies', '3.2.4a'],
    ['head_teachers', '3.2.4b'],
    ['management', '3.2.4c'],
  ])('given an owner who was dismissed, when a chat %s is entered, then %s refuses', (kind, clause) => {
    given(chat, [], [known(membership, ownerId, [movement('hired'), movement('dismissed', NOW)])])
      .when('RegisterChat', { ...entry, kind, purpose: 'Подготовка к аттестации' })
      .thenRefused(clause, 'owner-employed');
  });

  it.each([
    ['head_deputies', '3.2.4a'],
    ['head_teachers', '3.2.4b'],
  ] as const)('given a live chat %s, when a second is entered, then %s refuses', (kind, clause) => {
    const designated = HeadChatDesignated.of({ chatId: idOf('first'), kind });
    given(chat, [], [employee, school(designated)])
      .when('RegisterChat', { ...entry, kind })
      .thenRefused(clause, 'one-live');
  });

  it('given a live chat of the other kind, when a chat of the head is entered, then it is recorded', () => {
    const designated = HeadChatDesignated.of({ chatId: idOf('first'), kind: 'head_teachers' });
    given(chat, [], [employee, school(designated)])
      .when('RegisterChat', { ...entry, kind: 'head_deputies' })
      .then([ChatRegistered.of({ ...entry, kind: 'head_deputies' })]);
  });

  it.each([
    ['curator', 'class_students', '3.3.3a'],
    ['curator', 'other', '3.3.3c'],
    ['teacher', 'subject', '3.4.3a'],
    ['teacher', 'other', '3.4.3b'],
  ])('given a %s, when they enter a chat %s of somebody else, then %s refuses', (role, kind, clause) => {
    given(chat, [], [teacher, school(group, assigned, load)])
      .when(
        'RegisterChat',
        { ...entry, kind, groupId, subject: 'Математика', purpose: 'Экскурсия' },
        { actor: { id: idOf('Boris'), role } },
      )
      .thenRefused(clause, 'own-chat');
  });

  it('given the chat, when the very same is entered again, then nothing is recorded', () => {
    given(chat, [registered], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_students', groupId })
      .thenNothing();
  });

  it('given the chat is closed, when it is entered again, then its clause refuses', () => {
    given(chat, [registered, closed], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_students', groupId })
      .thenRefused('3.3.3a', 'registered-once');
  });

  it('given the platform created it, when it is entered, then it is recorded', () => {
    given(chat, [provisioned()], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_students', groupId })
      .then([registered]);
  });

  it('given the platform created it for something else, when it is entered, then its clause refuses', () => {
    given(chat, [provisioned()], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_parents', groupId })
      .thenRefused('3.3.3b', 'registered-once');
  });

  it('given the chat, when it is entered again, then its clause refuses', () => {
    given(chat, [registered], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_parents', groupId })
      .thenRefused('3.3.3b', 'registered-once');
  });

  it('given the messenger told of it first, when it is entered, then it is recorded', () => {
    given(chat, [added()], [teacher, school(group, assigned)])
      .when('RegisterChat', { ...entry, kind: 'class_students', groupId })
      .then([registered]);
  });

  it.each([
    ['management', '3.2.4c'],
    ['other', '3.3.3c'],
  ])('given no purpose, when a chat %s is entered, then %s refuses', (kind, clause) => {
    given(chat, [], [teacher])
      .when('RegisterChat', { ...entry, kind })
      .thenRefused(clause, 'purpose-given');
  });

  it('given no purpose, when a teacher enters another chat of theirs, then 3.4.3b refuses', () => {
    given(chat, [], [teacher])
      .when('RegisterChat', { ...entry, kind: 'other' }, { actor: { id: ownerId, role: 'teacher' } })
      .thenRefused('3.4.3b', 'purpose-given');
  });

  it('given a teacher who is not verified, when they enter another chat of theirs, then 3.4.3 refuses', () => {
    given(chat, [], [known(membership, ownerId, [joined])])
      .when(
        'RegisterChat',
        { ...entry, kind: 'other', purpose: 'Экскурсия' },
        { actor: { id: ownerId, role: 'teacher' } },
      )
      .thenRefused('3.4.3', 'owner-verified');
  });

  const subjectChat = { ...entry, kind: 'subject' as const, groupId, subject: 'Математика' };

  it('given the load has it, when the teacher enters the chat of a subject, then it is recorded', () => {
    given(chat, [], [teacher, school(group, load)])
      .when('RegisterChat', subjectChat, { actor: { id: ownerId, role: 'teacher' } })
      .then([ChatRegistered.of(subjectChat)]);
  });

  it('given no subject, when the chat of a subject is entered, then 3.4.3a refuses', () => {
    given(chat, [], [teacher, school(group, load)])
      .when('RegisterChat', { ...subjectChat, subject: undefined })
      .thenRefused('3.4.3a', 'subject-given');
  });

  it.each([
    ['the load has another subject', load, { subject: 'Физика' }],
    ['no load is approved', group, {}],
  ])('given %s, when the chat of a subject is entered, then 3.4.3a refuses', (_what, event, more) => {
    given(chat, [], [teacher, school(group, event)])
      .when('RegisterChat', { ...subjectChat, ...more })
      .thenRefused('3.4.3a', 'teaching-load');
  });

  it.each([
    ['class_students', '3.3.3'],
    ['class_parents', '3.3.3'],
    ['other', '3.3.3'],
    ['subject', '3.4.3'],
  ])('given an owner who is not verified, when a chat %s is entered, then %s refuses', (kind, clause) => {
    given(chat, [], [known(membership, ownerId, [joined]), school(group, assigned)])
      .when('RegisterChat', { ...entry, kind, groupId, purpose: 'Экскурсия' })
      .thenRefused(clause, 'owner-verified');
  });

  it.each([
    ['no group is named', { kind: 'class_students' }, school(group, assigned)],
    ['the owner does not lead the class', { kind: 'class_parents', groupId }, school(group)],
  ])('given %s, when the chat of a class is entered, then 3.3.3 refuses', (_what, more, classes) => {
    given(chat, [], [teacher, classes])
      .when('RegisterChat', { ...entry, ...more })
      .thenRefused('3.3.3', 'owner-is-curator');
  });

  it.each([
    ['no group is named', {}, school(group)],
    ['the group is unknown', { groupId }, school()],
    ['the group is archived', { groupId }, school(group, GroupArchived.of({ groupId, reason: 'Выпуск' }))],
  ])('given %s, when the chat of a subject is entered, then 3.4.3a refuses', (_what, more, classes) => {
    given(chat, [], [teacher, classes])
      .when('RegisterChat', { ...entry, kind: 'subject', ...more })
      .thenRefused('3.4.3a', 'live-group');
  });

  it('given its id in the messenger, when it is entered, then its id here is the one the webhook uses', () => {
    const maxChatId = '-70801090403050';
    given(chat, [], [employee])
      .when('RegisterChat', { ...entry, kind: 'head_teachers', maxChatId })
      .then([
        ChatRegistered.of({
          ...entry,
          kind: 'head_teachers',
          maxChatId,
          chatId: chatIdOf(ORGANIZATION, maxChatId),
        }),
      ]);
  });
});

describe('ImportAutoProvisionedChats', () => {
  const creation = { chatId, source: 'sferum_sync', kind: 'class_students', groupId };

  it('given nothing, when the platform created a chat, then it is recorded and live', () => {
    given(chat)
      .when('ImportAutoProvisionedChats', creation)
      .then([provisioned(NOW)]);
    expect(fold(chat, [provisioned(NOW)])).toMatchObject({ status: 'live', kind: 'class_students', groupId });
  });

  it('given its id in the messenger, then its id here is the one the webhook uses', () => {
    const maxChatId = '-70801090403050';
    given(chat)
      .when('ImportAutoProvisionedChats', { ...creation, maxChatId })
      .then([
        ChatAutoProvisioned.of({
          ...provisioned(NOW).data,
          maxChatId,
          chatId: chatIdOf(ORGANIZATION, maxChatId),
        }),
      ]);
  });

  it('given it is on record, when it is entered again later, then nothing is recorded', () => {
    given(chat, [provisioned()]).when('ImportAutoProvisionedChats', creation).thenNothing();
  });

  it('given it is on record, when other facts about it come, then they are recorded', () => {
    given(chat, [provisioned()])
      .when('ImportAutoProvisionedChats', { ...creation, title: '5А' })
      .then([ChatAutoProvisioned.of({ ...provisioned(NOW).data, title: '5А' })]);
  });

  it('given it is in the register for something else, then it is recorded and the register stays', () => {
    given(chat, [registered])
      .when('ImportAutoProvisionedChats', { ...creation, kind: 'other' })
      .then([ChatAutoProvisioned.of({ ...provisioned(NOW).data, kind: 'other' })]);
    const other = ChatAutoProvisioned.of({ ...provisioned().data, kind: 'other' });
    expect(fold(chat, [registered, other]).kind).toBe('class_students');
  });

  it.each([
    ['before its closing', BEFORE, 'closed'],
    ['after its closing', LATER, 'live'],
  ])('given the platform created it %s, then it is so', (_when, at, status) => {
    expect(fold(chat, [registered, closed, provisioned(at)]).status).toBe(status);
  });
});

describe('RecordChatMemberAdded', () => {
  const add = { chatId, personId, via: 'inviter' };

  it.each<[string, ChatEvent[]]>([
    ['registered', [registered]],
    ['not registered', []],
    ['closed', [registered, closed]],
  ])('given the chat is %s, when somebody comes in, then it is recorded', (_what, events) => {
    given(chat, events).when('RecordChatMemberAdded', add).then([added()]);
  });

  it('given they are in, when it is entered again, then nothing is recorded', () => {
    given(chat, [added(BEFORE)])
      .when('RecordChatMemberAdded', add)
      .thenNothing();
  });

  it('given they were removed, when they come in again, then it is recorded', () => {
    given(chat, [added(BEFORE), removed(BEFORE)])
      .when('RecordChatMemberAdded', add)
      .then([added()]);
  });

  it('given an account is in, when the messenger tells of another coming, then it is recorded', () => {
    given(chat, [accountAdded(BEFORE)])
      .when('RecordChatMemberAdded', { chatId, ...account, via: 'inviter' })
      .then([accountAdded()]);
  });

  it('given an account is in, when the messenger tells of the same coming, then nothing is recorded', () => {
    given(chat, [accountAdded()])
      .when('RecordChatMemberAdded', { chatId, ...account, via: 'inviter' })
      .thenNothing();
  });
});

describe.each([
  ['RecordChatMemberRemoved', { by: ownerId }, removed],
  ['RecordChatMemberLeft', {}, (at = NOW) => ChatMemberLeft.of({ chatId, personId, at })],
] as const)('%s', (name, more, gone) => {
  const going = { chatId, personId, ...more };

  it('given a member, when they go, then it is recorded', () => {
    given(chat, [added(BEFORE)])
      .when(name, going)
      .then([gone()]);
  });

  it('given somebody who never came in, when they go, then it is recorded all the same', () => {
    given(chat).when(name, going).then([gone()]);
  });

  it('given they went at that instant, when it is entered again, then nothing is recorded', () => {
    given(chat, [added(BEFORE), gone()])
      .when(name, going)
      .thenNothing();
  });

  it('given they went, when they go at another instant, then it is recorded', () => {
    given(chat, [added(BEFORE), gone(BEFORE)])
      .when(name, going)
      .then([gone()]);
  });
});

it('given a list that was imported, when it is imported again, then nothing is recorded', () => {
  given(chat, [added(BEFORE), removed()])
    .when('RecordChatMemberAdded', { chatId, personId, via: 'inviter' }, { occurredAt: BEFORE })
    .thenNothing();
});

describe('RecordChatAdminGranted', () => {
  const grant = { chatId, personId, by: ownerId };
  const granted = (at = NOW, permissions?: string[]) => ChatAdminGranted.of({ ...grant, permissions, at });

  it('given a chat, when somebody becomes administrator, then what they may do is recorded in order', () => {
    given(chat)
      .when('RecordChatAdminGranted', { ...grant, permissions: ['write', 'add_admins'] })
      .then([granted(NOW, ['add_admins', 'write'])]);
  });

  it.each([
    ['the same', granted(BEFORE, ['write']), { permissions: ['write'] }],
    ['the same and nothing is said of what they may do', granted(BEFORE, ['write']), {}],
  ])('given an administrator, when %s is entered again, then nothing is recorded', (_what, event, more) => {
    given(chat, [event])
      .when('RecordChatAdminGranted', { ...grant, ...more })
      .thenNothing();
  });

  it('given an administrator, when they may do other things, then it is recorded', () => {
    given(chat, [granted(BEFORE, ['write'])])
      .when('RecordChatAdminGranted', { ...grant, permissions: ['add_admins'] })
      .then([granted(NOW, ['add_admins'])]);
  });

  it('given they were an administrator, when they become one again, then it is recorded', () => {
    const revoked = ChatAdminRevoked.of({ ...grant, at: BEFORE });
    given(chat, [granted('2025-11-16T14:00:00.000Z'), revoked])
      .when('RecordChatAdminGranted', grant)
      .then([granted()]);
  });
});

describe('RecordChatAdminRevoked', () => {
  const revocation = { chatId, ...account, by: ownerId };
  const revoked = ChatAdminRevoked.of({ ...revocation, at: NOW });

  it('given nobody knew they were one, when an account is administrator no more, then it is recorded', () => {
    given(chat).when('RecordChatAdminRevoked', revocation).then([revoked]);
  });

  it('given it is on record, when it is entered again, then nothing is recorded', () => {
    given(chat, [revoked]).when('RecordChatAdminRevoked', revocation).thenNothing();
  });
});

describe('RecordChatOwnerTransferred', () => {
  const to = idOf('Anna');
  const transferred = (at = NOW) => ChatOwnerTransferred.of({ chatId, from: ownerId, to, at });

  it('given an owner, when there is another, then both are recorded', () => {
    given(chat, [registered]).when('RecordChatOwnerTransferred', { chatId, to }).then([transferred()]);
  });

  it('given the owner, when it is entered again, then nothing is recorded', () => {
    given(chat, [registered, transferred(BEFORE)])
      .when('RecordChatOwnerTransferred', { chatId, to })
      .thenNothing();
  });

  it('given an older change comes last, then the newer one stays', () => {
    const older = ChatOwnerTransferred.of({ chatId, to: idOf('Boris'), at: BEFORE });
    expect(fold(chat, [registered, transferred(), older]).ownerId).toBe(to);
  });
});

describe('RecordChatRosterSnapshot', () => {
  const stranger = idOf('stranger');
  const takenAt = NOW;
  const list = { chatId, memberIds: [personId], takenAt, source: 'manual' as const };
  const taken = (more: object = {}) => ChatRosterSnapshotTaken.of({ ...list, ...more });
  const detected = (differences: { unknown?: string[]; missing?: string[]; expiredRole?: string[] }) =>
    ChatRosterDiscrepancyDetected.of({
      chatId,
      unknown: [],
      missing: [],
      expiredRole: [],
      takenAt,
      ...differences,
    });
  const moves = (...kinds: ('hired' | 'dismissed' | 'enrolled' | 'departed')[]) =>
    known(
      membership,
      personId,
      kinds.map((kind, day) =>
        MemberMovementRecorded.of({
          personId,
          kind,
          orderRef: kind,
          effectiveAt: `2025-10-0${day + 1}T00:00:00.000Z`,
        }),
      ),
    );

  it('given the members on record, when the list has just them, then only the list is recorded', () => {
    given(chat, [registered, added(BEFORE)], [moves('enrolled')])
      .when('RecordChatRosterSnapshot', list)
      .then([taken()]);
  });

  it('given a member on record, when the list has another, then who is unknown and who is missing is recorded', () => {
    given(chat, [registered, added(BEFORE)])
      .when('RecordChatRosterSnapshot', { ...list, memberIds: [stranger] })
      .then([taken({ memberIds: [stranger] }), detected({ unknown: [stranger], missing: [personId] })]);
  });

  it('given a member who left before, when the list has them, then they are unknown', () => {
    given(chat, [registered, added('2025-11-16T14:00:00.000Z'), removed(BEFORE)])
      .when('RecordChatRosterSnapshot', list)
      .then([taken(), detected({ unknown: [personId] })]);
  });

  it.each([
    ['came', [added(LATER)], [ownerId]],
    ['went', [added(BEFORE), removed(LATER)], [personId, ownerId]],
  ])(
    'given a member who %s after the list was read, then it says nothing of them',
    (_what, events, memberIds) => {
      const owner = ChatMemberAdded.of({ chatId, personId: ownerId, via: 'sync', at: BEFORE });
      given(chat, [registered, owner, ...events])
        .when('RecordChatRosterSnapshot', { ...list, memberIds }, { recordedAt: LATER })
        .then([taken({ memberIds })]);
    },
  );

  it.each([
    ['a pupil who departed', 'class_students', moves('enrolled', 'departed'), true],
    ['a pupil who came back', 'class_students', moves('departed', 'enrolled'), false],
    ['a teacher who was dismissed', 'class_students', moves('hired', 'dismissed'), true],
    ['somebody who never had a roster', 'class_students', moves(), false],
    [
      'a dismissed teacher whose child is a pupil',
      'class_parents',
      known(membership, personId, [
        ...moves('hired', 'dismissed').events,
        GuardianRecorded.of({ personId, childId: idOf('child'), relation: 'father', at: BEFORE }),
      ]),
      false,
    ],
    [
      'a dismissed teacher whose child is a pupil',
      'management',
      known(membership, personId, [
        ...moves('hired', 'dismissed').events,
        GuardianRecorded.of({ personId, childId: idOf('child'), relation: 'father', at: BEFORE }),
      ]),
      true,
    ],
  ] as const)(
    'given %s in a chat %s, then whether their role has ended is recorded',
    (_who, kind, person, ended) => {
      given(chat, [ChatRegistered.of({ ...registered.data, kind }), added(BEFORE)], [person])
        .when('RecordChatRosterSnapshot', list)
        .then([taken(), ...(ended ? [detected({ expiredRole: [personId] })] : [])]);
    },
  );

  it('given an account that was linked to a person since, when the list has the person, then they are the same', () => {
    const linked = AccountLinked.of({ personId, externalUserId: account.externalUserId, basis: 'Заявление' });
    const admin = ChatAdminGranted.of({ chatId, externalUserId: account.externalUserId, at: BEFORE });
    given(chat, [registered, accountAdded(BEFORE), admin], [known(membership, personId, [linked])])
      .when('RecordChatRosterSnapshot', { ...list, adminIds: [personId] })
      .then([taken({ adminIds: [personId] })]);
  });

  it('given administrators on record, when the list has others, then grants and revocations are recorded', () => {
    const admin = ChatAdminGranted.of({ chatId, personId: ownerId, at: BEFORE });
    const members = [ownerId, account.externalUserId];
    const events = [
      registered,
      ChatMemberAdded.of({ chatId, personId: ownerId, via: 'sync', at: BEFORE }),
      accountAdded(BEFORE),
      admin,
    ];
    const lists = { memberIds: members, adminIds: [account.externalUserId] };
    given(chat, events)
      .when('RecordChatRosterSnapshot', { ...list, ...lists })
      .then([
        taken(lists),
        ChatAdminGranted.of({ chatId, externalUserId: account.externalUserId, at: takenAt }),
        ChatAdminRevoked.of({ chatId, personId: ownerId, at: takenAt }),
      ]);
  });

  it('given administrators on record, when the list says nothing of them, then they stay', () => {
    const admin = ChatAdminGranted.of({ chatId, personId: ownerId, at: BEFORE });
    given(chat, [registered, added(BEFORE), admin])
      .when('RecordChatRosterSnapshot', list)
      .then([taken()]);
  });

  it.each([
    [
      'a person',
      [moves('hired')],
      [ChatOwnerTransferred.of({ chatId, from: ownerId, to: personId, at: takenAt })],
    ],
    ['an account that nobody linked', [], []],
  ])(
    'given an owner on record, when the list has another who is %s, then it is so',
    (_who, others, transfer) => {
      given(chat, [registered, added(BEFORE)], others)
        .when('RecordChatRosterSnapshot', { ...list, ownerId: personId })
        .then([taken({ ownerId: personId }), ...transfer]);
    },
  );

  it('given the list is on record, when it comes again, then nothing is recorded', () => {
    given(chat, [registered, taken({ memberIds: [stranger] }), detected({ unknown: [stranger] })])
      .when('RecordChatRosterSnapshot', {
        ...list,
        memberIds: [stranger],
        takenAt: '2025-11-17T17:05:00+03:00',
      })
      .thenNothing();
  });

  it('given it is said to have been read in the future, when it comes, then it is invalid', () => {
    given(chat)
      .when('RecordChatRosterSnapshot', { ...list, takenAt: LATER })
      .thenInvalid('/payload/takenAt');
  });
});

describe('ResolveChatRosterDiscrepancy', () => {
  const by = { actor: { id: ownerId, role: 'curator' } };
  const discrepancy = ChatRosterDiscrepancyDetected.of({
    chatId,
    unknown: [personId],
    missing: [],
    expiredRole: [],
    takenAt: BEFORE,
  });
  const resolved = ChatRosterDiscrepancyResolved.of({ chatId, action: 'removed', by: ownerId, at: NOW });
  const resolution = { chatId, action: 'removed' };

  it('given a discrepancy, when it is resolved, then how and by whom are recorded', () => {
    given(chat, [discrepancy]).when('ResolveChatRosterDiscrepancy', resolution, by).then([resolved]);
  });

  it('given it is resolved, when the same is said again, then nothing is recorded', () => {
    given(chat, [discrepancy, resolved]).when('ResolveChatRosterDiscrepancy', resolution, by).thenNothing();
  });

  it.each([
    ['none', []],
    [
      'one that was resolved otherwise',
      [discrepancy, ChatRosterDiscrepancyResolved.of({ ...resolved.data, note: '5' })],
    ],
  ])('given %s, when it is resolved, then X.3 refuses', (_what, events) => {
    given(chat, events)
      .when('ResolveChatRosterDiscrepancy', resolution, by)
      .thenRefused('X.3', 'discrepancy-open');
  });

  it('given a discrepancy, when it is explained by nothing, then X.3 refuses', () => {
    given(chat, [discrepancy])
      .when('ResolveChatRosterDiscrepancy', { chatId, action: 'explained' }, by)
      .thenRefused('X.3', 'explanation-given');
  });
});

it.each([
  ['RecordChatMemberAdded', { via: 'sync' }],
  ['RecordChatMemberRemoved', { by: ownerId }],
  ['RecordChatMemberLeft', {}],
  ['RecordChatAdminGranted', {}],
  ['RecordChatAdminRevoked', {}],
])('given neither person nor account, when %s comes, then it is invalid', (name, more) => {
  given(chat)
    .when(name, { chatId, ...more })
    .thenInvalid('/payload/personId');
});

describe('RecordChatTitleChanged', () => {
  const change = { chatId, title: '5А — ученики', by: ownerId };
  const changed = (at: string) =>
    ChatTitleChanged.of({ chatId, from: '5А', to: '5А — ученики', by: ownerId, at });

  it('given a title, when it is changed, then both titles are recorded', () => {
    given(chat, [registered])
      .when('RecordChatTitleChanged', change)
      .then([changed(NOW)]);
  });

  it('given no title is known, when it is changed, then the new one is recorded', () => {
    given(chat)
      .when('RecordChatTitleChanged', change)
      .then([ChatTitleChanged.of({ chatId, to: '5А — ученики', by: ownerId, at: NOW })]);
  });

  it('given the title, when somebody enters it again, then nothing is recorded', () => {
    given(chat, [registered, changed(BEFORE)])
      .when('RecordChatTitleChanged', change)
      .thenNothing();
  });

  it('given the title, when the messenger tells of another change to it, then it is recorded', () => {
    given(chat, [registered, changed(BEFORE)])
      .when('RecordChatTitleChanged', change, { actor: { id: 'max', role: 'system' } })
      .then([ChatTitleChanged.of({ ...changed(NOW).data, from: '5А — ученики' })]);
  });
});

describe('CloseChat', () => {
  const closing = { chatId, reason: 'Проект завершён' };

  it('given the chat, when it is closed, then it is recorded', () => {
    given(chat, [registered]).when('CloseChat', closing).then([closed]);
  });

  it('given it is not in the register, when it is closed, then 2.2 refuses', () => {
    given(chat, [added()]).when('CloseChat', closing).thenRefused('2.2', 'registered');
  });

  it('given it is closed, when it is closed again, then nothing is recorded', () => {
    given(chat, [registered, closed]).when('CloseChat', closing).thenNothing();
  });

  it('given it is closed, when it is closed for another reason, then its clause refuses', () => {
    given(chat, [registered, closed])
      .when('CloseChat', { chatId, reason: 'Выпуск' })
      .thenRefused('3.3.3a', 'closed-once');
  });

  it.each([
    ['its owner', [registered], school()],
    [
      'whom it was given to',
      [registered, ChatOwnerTransferred.of({ chatId, to: ownerId, at: NOW })],
      school(),
    ],
    ['the curator of its class, and the platform created it', [provisioned()], school(group, assigned)],
  ])('given %s, when they close it, then it is recorded', (_who, events, classes) => {
    given(chat, events, [classes])
      .when('CloseChat', closing, { actor: { id: ownerId, role: 'curator' } })
      .then([closed]);
  });

  it('given somebody else’s chat, when a teacher closes it, then its clause refuses', () => {
    given(chat, [registered], [school(group, assigned)])
      .when('CloseChat', closing, { actor: { id: idOf('Boris'), role: 'teacher' } })
      .thenRefused('3.3.3a', 'own-chat');
  });
});

describe('what follows for the chats of the head', () => {
  const follow = ({ type, data }: ChatEvent) =>
    headChatPolicies
      .filter(({ on }) => on === type)
      .flatMap((policy) => policy.follow({ data, occurredAt: NOW }));
  const designate = { command: 'DesignateHeadChat', payload: { chatId, kind: 'head_deputies' } };

  it.each([
    ['was entered', ChatRegistered.of({ ...entry, kind: 'head_deputies' }), [designate]],
    [
      'was created by the platform',
      ChatAutoProvisioned.of({ ...provisioned().data, kind: 'head_deputies' }),
      [designate],
    ],
    ['was closed', closed, [{ command: 'WithdrawHeadChat', payload: { chatId } }]],
  ])('given such a chat %s, then the structure is told', (_what, event, commands) => {
    expect(follow(event)).toEqual(commands);
  });

  it.each([
    ['was entered', registered],
    ['was created by the platform', provisioned()],
  ])('given any other chat %s, then nothing follows', (_what, event) => {
    expect(follow(event)).toEqual([]);
  });
});

describe('facts about a chat that arrive late', () => {
  it('given a going that happened before the coming, then the member is in', () => {
    expect(presentIn(fold(chat, [added(LATER), removed(NOW)]).members)).toEqual([personId]);
  });

  it('given a coming that happened before the going, then the member is out', () => {
    expect(presentIn(fold(chat, [removed(LATER), added(NOW)]).members)).toEqual([]);
  });

  it('given an older title comes last, then the newer one stays', () => {
    const titled = (to: string, at: string) => ChatTitleChanged.of({ chatId, to, by: ownerId, at });
    expect(fold(chat, [titled('new', LATER), titled('old', NOW)]).title).toBe('new');
  });
});

it('given 20,000 comings, then they are folded at once, and a state of before stays as it was', () => {
  const comings = Array.from({ length: 20_000 }, (_, index) =>
    ChatMemberAdded.of({ chatId, personId: idOf(`member ${index}`), via: 'sync', at: NOW }),
  );
  const before = fold(chat, comings.slice(0, 1));
  const begun = performance.now();
  const after = fold(chat, comings);
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect([presentIn(before.members).length, presentIn(after.members).length]).toEqual([1, 20_000]);
});
