import { fold } from '@letopis/kernel';
import { MemberJoined, membership, RoleVerified } from '../membership/membership';
import {
  ClassTeacherAssigned,
  GroupArchived,
  GroupCreated,
  structure,
  type StructureEvent,
} from '../structure/structure';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  chat,
  ChatClosed,
  type ChatEvent,
  chatIdOf,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatRegistered,
  ChatTitleChanged,
} from './chat';

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
const group = GroupCreated.of({ groupId, kind: 'class', title: '5А' });
const assigned = ClassTeacherAssigned.of({ groupId, personId: ownerId, orderRef: '№ 326' });
const school = (...events: readonly StructureEvent[]) => known(structure, ORGANIZATION, events);

const entry = { chatId, title: '5А', ownerId };
const registered = ChatRegistered.of({ ...entry, kind: 'class_students', groupId });
const closed = ChatClosed.of({ chatId, reason: 'Проект завершён', at: NOW });
const added = (at = NOW) => ChatMemberAdded.of({ chatId, personId, via: 'inviter', at });
const removed = (at = NOW) => ChatMemberRemoved.of({ chatId, personId, by: ownerId, at });
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
      given(chat)
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
    given(chat)
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

it.each([
  ['RecordChatMemberAdded', { via: 'sync' }],
  ['RecordChatMemberRemoved', { by: ownerId }],
  ['RecordChatMemberLeft', {}],
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
});

describe('facts about a chat that arrive late', () => {
  it('given a going that happened before the coming, then the member is in', () => {
    expect(fold(chat, [added(LATER), removed(NOW)]).members).toEqual(new Set([personId]));
  });

  it('given a coming that happened before the going, then the member is out', () => {
    expect(fold(chat, [removed(LATER), added(NOW)]).members).toEqual(new Set());
  });

  it('given an older title comes last, then the newer one stays', () => {
    const titled = (to: string, at: string) => ChatTitleChanged.of({ chatId, to, by: ownerId, at });
    expect(fold(chat, [titled('new', LATER), titled('old', NOW)]).title).toBe('new');
  });
});
