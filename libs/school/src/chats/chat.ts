import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  derivedId,
  LetopisError,
  readState,
  ruleViolated,
} from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { isTeacher, membership } from '../membership/membership';
import { structure } from '../structure/structure';

const KINDS = [
  'head_deputies',
  'head_teachers',
  'management',
  'class_students',
  'class_parents',
  'subject',
  'other',
] as const;
type ChatKind = (typeof KINDS)[number];
const VIA = ['link', 'inviter', 'sync'] as const;

/** What is known of an account of the messenger that is not linked to a person: encrypted, except its pseudonym. */
const account = {
  externalUserId: Type.Optional(PersonId()),
  maxUserId: Type.Optional(Personal(Text(20), '/externalUserId')),
  displayName: Type.Optional(Personal(Text(200), '/externalUserId')),
};

export const ChatRegistered = defineEvent({
  type: 'ChatRegistered',
  titleRu: 'Чат внесён в реестр',
  clauses: [
    '2.2',
    '3.2.4a',
    '3.2.4b',
    '3.2.4c',
    '3.3.3',
    '3.3.3a',
    '3.3.3b',
    '3.3.3c',
    '3.4.3',
    '3.4.3a',
    '3.4.3b',
  ],
  data: {
    chatId: Id(),
    maxChatId: Type.Optional(Text(20)),
    kind: OneOf(KINDS),
    title: Text(200),
    groupId: Type.Optional(Id()),
    ownerId: PersonId(),
    purpose: Type.Optional(Text(500)),
    basis: Type.Optional(Text(500)),
  },
});

export const ChatMemberAdded = defineEvent({
  type: 'ChatMemberAdded',
  titleRu: 'Участник добавлен в чат',
  clauses: ['3.2.4a', '3.2.4b', '3.3.3a', '3.3.3b', '3.4.3a', '3.5.1', '3.6.1', 'X.3'],
  data: {
    chatId: Id(),
    personId: Type.Optional(PersonId()),
    ...account,
    platformRole: Type.Optional(OneOf(['teacher', 'student', 'parent'])),
    inviterId: Type.Optional(PersonId()),
    via: OneOf(VIA),
    linkId: Type.Optional(Id()),
    at: At(),
  },
});

export const ChatMemberRemoved = defineEvent({
  type: 'ChatMemberRemoved',
  titleRu: 'Участник удалён из чата',
  clauses: ['X.3'],
  data: { chatId: Id(), personId: Type.Optional(PersonId()), ...account, by: PersonId(), at: At() },
});

export const ChatMemberLeft = defineEvent({
  type: 'ChatMemberLeft',
  titleRu: 'Участник вышел из чата',
  clauses: ['X.3'],
  data: { chatId: Id(), personId: Type.Optional(PersonId()), ...account, at: At() },
});

export const ChatTitleChanged = defineEvent({
  type: 'ChatTitleChanged',
  titleRu: 'Изменено название чата',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    from: Type.Optional(Text(200)),
    to: Text(200),
    by: PersonId(),
    at: Type.Optional(At()),
  },
});

export const ChatClosed = defineEvent({
  type: 'ChatClosed',
  titleRu: 'Чат закрыт',
  clauses: ['3.2.4c', '3.3.3c', '3.4.3b'],
  data: { chatId: Id(), reason: Text(), at: At() },
});

const events = [
  ChatRegistered,
  ChatMemberAdded,
  ChatMemberRemoved,
  ChatMemberLeft,
  ChatTitleChanged,
  ChatClosed,
] as const;
export type ChatEvent = EventsOf<typeof events>;

export interface Chat {
  readonly status: 'unregistered' | 'live' | 'closed';
  readonly title?: string;
  /** When the title was given, as far as it is known. */
  readonly titledAt?: string;
  /** Persons and accounts that are in the chat now. */
  readonly members: ReadonlySet<string>;
  /** When each last came or went. Facts arrive in any order: of two about one member the later to happen counts. */
  readonly movedAt: ReadonlyMap<string, string>;
}

export const chat: Concept<Chat, ChatEvent> = {
  name: 'chat',
  titleRu: 'Чат',
  events,
  initial: { status: 'unregistered', members: new Set(), movedAt: new Map() },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ChatRegistered':
        return { ...state, status: 'live', title: event.data.title };
      case 'ChatMemberAdded':
        return moved(state, event.data, true);
      case 'ChatMemberRemoved':
      case 'ChatMemberLeft':
        return moved(state, event.data, false);
      case 'ChatTitleChanged': {
        const { to, at } = event.data;
        const late = at !== undefined && state.titledAt !== undefined && at < state.titledAt;
        return late ? state : { ...state, title: to, titledAt: at ?? state.titledAt };
      }
      case 'ChatClosed':
        return { ...state, status: 'closed' };
    }
  },
};

function moved(
  state: Chat,
  { at, ...who }: { at: string; personId?: string; externalUserId?: string },
  into: boolean,
): Chat {
  const member = memberOf(who);
  const before = state.movedAt.get(member);
  if (before !== undefined && at < before) return state;
  const members = new Set(state.members);
  if (into) members.add(member);
  else members.delete(member);
  return { ...state, members, movedAt: new Map(state.movedAt).set(member, at) };
}

/** The person, or the pseudonym of an account that is not linked to one. */
export function memberOf({
  personId,
  externalUserId,
}: {
  personId?: string;
  externalUserId?: string;
}): string {
  return personId ?? externalUserId ?? '';
}

/** The same chat of the messenger is the same chat here, whether the register or the webhook names it first. */
export function chatIdOf(organizationId: string, maxChatId: string): string {
  return derivedId('max-chat', organizationId, maxChatId);
}

class Member {
  @field.Id('The chat') chatId!: string;
  @field.PersonId('The member, where the person is known', { optional: true }) personId?: string;
  @field.PersonId('Pseudonym of an account that is not linked to a person', { optional: true })
  externalUserId?: string;
  @field.Int64('The account’s id in the messenger (stored encrypted)', { optional: true }) maxUserId?: string;
  @field.Text('The account’s name in the messenger (stored encrypted)', { optional: true })
  displayName?: string;
}

export class RegisterChat {
  @field.Id('The chat; assigned when absent, derived where maxChatId is given', { optional: true })
  chatId?: string;
  @field.Int64('Id of the chat in the messenger', { optional: true }) maxChatId?: string;
  @field.OneOf(KINDS, 'What the chat is for') kind!: ChatKind;
  @field.Text('Its title') title!: string;
  @field.Id('Class or group; needed for chats of a class or subject', { optional: true }) groupId?: string;
  @field.PersonId('Who owns the chat') ownerId!: string;
  @field.Text('Purpose; needed for management and other chats', { max: 500, optional: true })
  purpose?: string;
  @field.Text('What it rests on: order, curriculum', { max: 500, optional: true }) basis?: string;
}

export class RecordChatMemberAdded extends Member {
  @field.OneOf(['teacher', 'student', 'parent'], 'In which role', { optional: true })
  platformRole?: 'teacher' | 'student' | 'parent';
  @field.PersonId('Who added the member', { optional: true }) inviterId?: string;
  @field.OneOf(VIA, 'How the member came in') via!: (typeof VIA)[number];
  @field.Id('The invitation link, where it is known', { optional: true }) linkId?: string;
}

export class RecordChatMemberRemoved extends Member {
  @field.PersonId('Who removed the member') by!: string;
}

export class RecordChatMemberLeft extends Member {}

export class RecordChatTitleChanged {
  @field.Id('The chat') chatId!: string;
  @field.Text('The new title') title!: string;
  @field.PersonId('Who changed it') by!: string;
}

export class CloseChat {
  @field.Id('The chat') chatId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const CHAT = '8c2f4b16-5d7a-4b3e-9c1d-6e0f7a8b9c04';
const OWNER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';

/** What each kind of chat asks of its owner and of its entry in the register. */
const rules: Record<ChatKind, { clause: string; teacher: boolean; classTeacher: boolean; purpose: boolean }> =
  {
    head_deputies: { clause: '3.2.4a', teacher: false, classTeacher: false, purpose: false },
    head_teachers: { clause: '3.2.4b', teacher: false, classTeacher: false, purpose: false },
    management: { clause: '3.2.4c', teacher: false, classTeacher: false, purpose: true },
    class_students: { clause: '3.3.3a', teacher: true, classTeacher: true, purpose: false },
    class_parents: { clause: '3.3.3b', teacher: true, classTeacher: true, purpose: false },
    subject: { clause: '3.4.3a', teacher: true, classTeacher: false, purpose: false },
    other: { clause: '3.3.3c', teacher: true, classTeacher: false, purpose: true },
  };

function mustBeSomebody(member: { personId?: string; externalUserId?: string }): void {
  if (memberOf(member) === '') {
    throw new LetopisError('invalid', 'A member is a person or an account', {
      fields: [{ path: '/payload/personId', message: 'personId or externalUserId must be given' }],
    });
  }
}

/** Whether it is on record that the member went at this very instant. */
function isGone({ members, movedAt }: Chat, who: Member, at: string): boolean {
  const member = memberOf(who);
  return !members.has(member) && movedAt.get(member) === at;
}

export const chatCommands = [
  defineCommand({
    name: 'RegisterChat',
    titleRu: 'Внести чат в реестр',
    about: 'A chat that its owner created in the messenger is entered in the register.',
    kind: 'decision',
    clauses: [
      '2.2',
      '3.2.4a',
      '3.2.4b',
      '3.2.4c',
      '3.3.3',
      '3.3.3a',
      '3.3.3b',
      '3.3.3c',
      '3.4.3',
      '3.4.3a',
      '3.4.3b',
    ],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher'],
    concept: chat,
    payload: RegisterChat,
    assigns: 'chatId',
    example: {
      chatId: CHAT,
      kind: 'class_students',
      title: '5А — ученики',
      groupId: '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03',
      ownerId: OWNER,
      basis: 'Приказ № 326 от 29.08.2025',
    },
    id: ({ chatId, maxChatId }, organizationId) =>
      maxChatId === undefined ? (chatId ?? '') : chatIdOf(organizationId, maxChatId),
    reads: ({ ownerId }, { organizationId }) => ({
      owner: readState(membership, ownerId),
      structure: readState(structure, organizationId),
    }),
    decide: (state, { payload, organizationId, actor }, known) => {
      const { kind, groupId, ownerId, purpose, maxChatId } = payload;
      const { clause, teacher, classTeacher, purpose: needsPurpose } = rules[kind];
      if (state.status !== 'unregistered') {
        throw ruleViolated(clause, 'registered-once', 'Этот чат уже внесён в реестр');
      }
      if (!teacher && (actor.role === 'curator' || actor.role === 'teacher')) {
        throw ruleViolated(
          clause,
          'registered-by-administration',
          'Чат для управленческих задач вносит в реестр администрация школы',
        );
      }
      if (needsPurpose && purpose === undefined) {
        throw ruleViolated(clause, 'purpose-given', 'Для чата этого вида укажите цель (purpose)');
      }
      if (teacher && !isTeacher(known.owner)) {
        throw ruleViolated(
          kind === 'subject' ? '3.4.3' : '3.3.3',
          'owner-verified',
          'Чат с участниками создаёт педагог с подтверждённым статусом «учитель»',
        );
      }
      if (
        classTeacher &&
        (groupId === undefined || known.structure.groups.get(groupId)?.classTeacher !== ownerId)
      ) {
        throw ruleViolated(
          '3.3.3',
          'owner-is-curator',
          'Чат класса создаёт куратор, прикреплённый к этому классу',
        );
      }
      if (
        kind === 'subject' &&
        (groupId === undefined || known.structure.groups.get(groupId)?.live !== true)
      ) {
        throw ruleViolated('3.4.3a', 'live-group', 'Укажите действующую группу, с которой ведётся предмет');
      }
      const chatId = maxChatId === undefined ? (payload.chatId ?? '') : chatIdOf(organizationId, maxChatId);
      return [ChatRegistered.of({ ...payload, chatId })];
    },
  }),
  defineCommand({
    name: 'RecordChatMemberAdded',
    titleRu: 'Отметить появление участника в чате',
    about: 'Somebody came into a chat.',
    kind: 'fact',
    clauses: ['3.2.4a', '3.2.4b', '3.3.3a', '3.3.3b', '3.4.3a', '3.5.1', '3.6.1', 'X.3'],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher', 'system'],
    concept: chat,
    payload: RecordChatMemberAdded,
    example: { chatId: CHAT, personId: PUPIL, platformRole: 'student', inviterId: OWNER, via: 'inviter' },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      const member = memberOf(payload);
      // The messenger tells of each coming once, perhaps before the going that lies between two of them.
      const told = payload.personId !== undefined || state.movedAt.get(member) === occurredAt;
      return state.members.has(member) && told ? [] : [ChatMemberAdded.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RecordChatMemberRemoved',
    titleRu: 'Отметить удаление участника из чата',
    about: 'Somebody was removed from a chat.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher', 'system'],
    concept: chat,
    payload: RecordChatMemberRemoved,
    example: { chatId: CHAT, personId: PUPIL, by: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      if (isGone(state, payload, occurredAt)) return [];
      return [ChatMemberRemoved.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RecordChatMemberLeft',
    titleRu: 'Отметить выход участника из чата',
    about: 'Somebody left a chat.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher', 'system'],
    concept: chat,
    payload: RecordChatMemberLeft,
    example: { chatId: CHAT, personId: PUPIL },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      if (isGone(state, payload, occurredAt)) return [];
      return [ChatMemberLeft.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RecordChatTitleChanged',
    titleRu: 'Отметить смену названия чата',
    about: 'Somebody changed the title of a chat.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: ['platform_admin', 'curator', 'teacher', 'system'],
    concept: chat,
    payload: RecordChatTitleChanged,
    example: { chatId: CHAT, title: '5А — ученики и куратор', by: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload: { chatId, title, by }, occurredAt, actor }) => {
      // The messenger tells of each change once, perhaps before one that lies between two of them.
      const told = actor.role !== 'system' || state.titledAt === occurredAt;
      return state.title === title && told
        ? []
        : [ChatTitleChanged.of({ chatId, from: state.title, to: title, by, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'CloseChat',
    titleRu: 'Закрыть чат',
    about: 'A chat is needed no more.',
    kind: 'decision',
    clauses: ['3.2.4c', '3.3.3c', '3.4.3b'],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher'],
    concept: chat,
    payload: CloseChat,
    example: { chatId: CHAT, reason: 'Проект завершён' },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      if (state.status === 'closed') return [];
      if (state.status === 'unregistered')
        throw ruleViolated('2.2', 'registered', 'Такого чата нет в реестре');
      return [ChatClosed.of({ ...payload, at: occurredAt })];
    },
  }),
];
