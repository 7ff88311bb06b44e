import { Type } from '@sinclair/typebox';
import {
  type Actor,
  type Concept,
  defineCommand,
  definePolicy,
  derivedId,
  type FollowUp,
  LetopisError,
  readState,
  ruleViolated,
  type StateRead,
} from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import {
  isInRoster,
  isTeacher,
  type Membership,
  membership,
  PLATFORM_ROLES,
  type PlatformRole,
} from '../membership/membership';
import { PersistentMap } from '../persistent-map';
import {
  HEAD_CHATS,
  isLive,
  otherHeadChat,
  type Structure,
  structure,
  teaches,
} from '../structure/structure';
import { differencesFrom, isPresent, type Listed, moved, type Presence, type Presences } from './roster';

const KINDS = [
  'head_deputies',
  'head_teachers',
  'management',
  'class_students',
  'class_parents',
  'subject',
  'other',
] as const;
export type ChatKind = (typeof KINDS)[number];
const VIA = ['link', 'inviter', 'sync'] as const;
const PROVISIONERS = ['sferum_sync'] as const;
const SNAPSHOT_SOURCES = ['api', 'import', 'manual'] as const;
const RESOLUTIONS = ['removed', 'added_to_register', 'explained'] as const;

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
    subject: Type.Optional(Text(200)),
  },
});

export const ChatAutoProvisioned = defineEvent({
  type: 'ChatAutoProvisioned',
  titleRu: 'Чат создан платформой автоматически',
  clauses: ['2.2', '3.3.3a', '3.3.3b'],
  data: {
    chatId: Id(),
    maxChatId: Type.Optional(Text(20)),
    source: OneOf(PROVISIONERS),
    kind: OneOf(KINDS),
    title: Type.Optional(Text(200)),
    groupId: Type.Optional(Id()),
    at: At(),
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

export const ChatAdminGranted = defineEvent({
  type: 'ChatAdminGranted',
  titleRu: 'Назначен администратор чата',
  clauses: ['3.2.4a', '3.2.4b', 'X.3'],
  data: {
    chatId: Id(),
    personId: Type.Optional(PersonId()),
    ...account,
    permissions: Type.Optional(Type.Array(Text(100))),
    by: Type.Optional(PersonId()),
    at: At(),
  },
});

export const ChatAdminRevoked = defineEvent({
  type: 'ChatAdminRevoked',
  titleRu: 'Снят администратор чата',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    personId: Type.Optional(PersonId()),
    ...account,
    by: Type.Optional(PersonId()),
    at: At(),
  },
});

export const ChatOwnerTransferred = defineEvent({
  type: 'ChatOwnerTransferred',
  titleRu: 'Сменился владелец чата',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    from: Type.Optional(PersonId()),
    to: PersonId(),
    by: Type.Optional(PersonId()),
    at: At(),
  },
});

export const ChatRosterSnapshotTaken = defineEvent({
  type: 'ChatRosterSnapshotTaken',
  titleRu: 'Снят список участников чата',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    memberIds: Type.Array(PersonId()),
    adminIds: Type.Optional(Type.Array(PersonId())),
    ownerId: Type.Optional(PersonId()),
    takenAt: At(),
    source: OneOf(SNAPSHOT_SOURCES),
  },
});

export const ChatRosterDiscrepancyDetected = defineEvent({
  type: 'ChatRosterDiscrepancyDetected',
  titleRu: 'Состав чата расходится с реестром',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    unknown: Type.Array(PersonId()),
    missing: Type.Array(PersonId()),
    expiredRole: Type.Array(PersonId()),
    takenAt: At(),
  },
});

export const ChatRosterDiscrepancyResolved = defineEvent({
  type: 'ChatRosterDiscrepancyResolved',
  titleRu: 'Расхождение состава чата устранено',
  clauses: ['X.3'],
  data: {
    chatId: Id(),
    action: OneOf(RESOLUTIONS),
    note: Type.Optional(Text()),
    by: PersonId(),
    at: At(),
  },
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
  ChatAutoProvisioned,
  ChatMemberAdded,
  ChatMemberRemoved,
  ChatMemberLeft,
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatOwnerTransferred,
  ChatTitleChanged,
  ChatRosterSnapshotTaken,
  ChatRosterDiscrepancyDetected,
  ChatRosterDiscrepancyResolved,
  ChatClosed,
] as const;
export type ChatEvent = EventsOf<typeof events>;

export interface Chat {
  /** Live from its entry in the register, or from its creation by the platform. */
  readonly status: 'unregistered' | 'live' | 'closed';
  readonly kind?: ChatKind;
  readonly groupId?: string;
  /** Person or account. */
  readonly ownerId?: string;
  /** When the owner was told to have changed, as far as it was. */
  readonly ownedAt?: string;
  readonly title?: string;
  /** When the title was given, as far as it is known. */
  readonly titledAt?: string;
  /** Content of its entry in the register. */
  readonly entry?: string;
  /** Content of its creation by the platform. */
  readonly provision?: string;
  readonly closure?: { readonly reason: string; readonly at: string };
  /** Persons and accounts that are or were in the chat. */
  readonly members: Presences;
  readonly admins: Presences;
  /** The roster differs from what is on record, and nobody has said yet what was done about it. */
  readonly discrepancy: boolean;
  /** What was done about the last discrepancy. */
  readonly resolution?: string;
  /** Facts on record, so that none is recorded twice in whatever order they come. */
  readonly told: PersistentMap<true>;
}

export const chat: Concept<Chat, ChatEvent> = {
  name: 'chat',
  titleRu: 'Чат',
  events,
  initial: {
    status: 'unregistered',
    members: PersistentMap.empty(),
    admins: PersistentMap.empty(),
    discrepancy: false,
    told: PersistentMap.empty(),
  },
  evolve: (before, event) => {
    const fact = factOf(event);
    const state = fact === undefined ? before : { ...before, told: before.told.with(fact, true) };
    switch (event.type) {
      case 'ChatRegistered': {
        const { title, kind, groupId, ownerId } = event.data;
        return { ...state, status: 'live', title, kind, groupId, ownerId, entry: contentOf(event.data) };
      }
      case 'ChatAutoProvisioned':
        return provisioned(state, event.data);
      case 'ChatMemberAdded':
        return { ...state, members: moved(state.members, ...presenceOf(event.data, true)) };
      case 'ChatMemberRemoved':
      case 'ChatMemberLeft':
        return { ...state, members: moved(state.members, ...presenceOf(event.data, false)) };
      case 'ChatAdminGranted':
        return { ...state, admins: moved(state.admins, ...presenceOf(event.data, true)) };
      case 'ChatAdminRevoked':
        return { ...state, admins: moved(state.admins, ...presenceOf(event.data, false)) };
      case 'ChatOwnerTransferred': {
        const { to, at } = event.data;
        const late = state.ownedAt !== undefined && at < state.ownedAt;
        return late ? state : { ...state, ownerId: to, ownedAt: at };
      }
      case 'ChatTitleChanged':
        return titled(state, event.data.to, event.data.at);
      case 'ChatRosterSnapshotTaken':
        return state;
      case 'ChatRosterDiscrepancyDetected':
        return { ...state, discrepancy: true };
      case 'ChatRosterDiscrepancyResolved':
        return { ...state, discrepancy: false, resolution: resolutionOf(event.data) };
      case 'ChatClosed': {
        const { reason, at } = event.data;
        return { ...state, status: 'closed', closure: { reason, at } };
      }
    }
  },
};

type DataOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>['data'];

/** What the platform created stays closed if it was closed after that, and the register knows better what it is for. */
function provisioned(state: Chat, data: DataOf<'ChatAutoProvisioned'>): Chat {
  const { title, at } = data;
  if (state.closure !== undefined && at <= state.closure.at) return state;
  const { kind, groupId } = state.entry === undefined ? data : state;
  const live: Chat = { ...state, status: 'live', kind, groupId, provision: provisionOf(data) };
  return title === undefined ? live : titled(live, title, at);
}

function provisionOf({ at: _at, ...data }: DataOf<'ChatAutoProvisioned'>): string {
  return contentOf(data);
}

function titled(state: Chat, title: string, at: string | undefined): Chat {
  const late = at !== undefined && state.titledAt !== undefined && at < state.titledAt;
  return late ? state : { ...state, title, titledAt: at ?? state.titledAt };
}

function resolutionOf({ action, note, by }: { action: string; note?: string; by: string }): string {
  return contentOf({ action, note, by });
}

function presenceOf(
  data: DataOf<'ChatMemberAdded' | 'ChatMemberLeft' | 'ChatAdminGranted'>,
  present: boolean,
): [member: string, presence: Presence] {
  const permissions = 'permissions' in data ? data.permissions : undefined;
  return [
    memberOf(data),
    { present, at: data.at, account: data.personId === undefined, ...(permissions && { permissions }) },
  ];
}

/** What happened and when, as one text; decisions are taken once each and need none. */
function factOf({ type, data }: ChatEvent): string | undefined {
  switch (type) {
    case 'ChatMemberAdded':
      return `in ${memberOf(data)} ${data.at}`;
    case 'ChatMemberRemoved':
    case 'ChatMemberLeft':
      return `out ${memberOf(data)} ${data.at}`;
    case 'ChatAdminGranted':
      return `admin ${memberOf(data)} ${data.at} ${(data.permissions ?? []).join()}`;
    case 'ChatAdminRevoked':
      return `no admin ${memberOf(data)} ${data.at}`;
    case 'ChatOwnerTransferred':
      return `owner ${data.to} ${data.at}`;
    case 'ChatTitleChanged':
      return data.at === undefined ? undefined : `title ${data.to} ${data.at}`;
    case 'ChatAutoProvisioned':
      return `provision ${contentOf(data)}`;
    case 'ChatRosterSnapshotTaken':
      // A digest, since there are a thousand ids in it and a snapshot every week.
      return `roster ${derivedId('roster', contentOf(data))}`;
    case 'ChatRegistered':
    case 'ChatRosterDiscrepancyDetected':
    case 'ChatRosterDiscrepancyResolved':
    case 'ChatClosed':
      return undefined;
  }
}

/** The event, unless the very same fact is on record. */
function unlessTold({ told }: Chat, event: ChatEvent): readonly ChatEvent[] {
  const fact = factOf(event);
  return fact !== undefined && told.has(fact) ? [] : [event];
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

function idOfChat(
  { chatId, maxChatId }: { chatId?: string; maxChatId?: string },
  organizationId: string,
): string {
  return maxChatId === undefined ? (chatId ?? '') : chatIdOf(organizationId, maxChatId);
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
  @field.Text('What is taught in it, as in the teaching load; needed for the chat of a subject', {
    optional: true,
  })
  subject?: string;
}

export class ImportAutoProvisionedChats {
  @field.Id('The chat; assigned when absent, derived where maxChatId is given', { optional: true })
  chatId?: string;
  @field.Int64('Id of the chat in the messenger', { optional: true }) maxChatId?: string;
  @field.OneOf(PROVISIONERS, 'What created it') source!: (typeof PROVISIONERS)[number];
  @field.OneOf(KINDS, 'What the chat is for') kind!: ChatKind;
  @field.Text('Its title', { optional: true }) title?: string;
  @field.Id('Class or group', { optional: true }) groupId?: string;
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

export class RecordChatAdminGranted extends Member {
  @field.Texts('What the administrator may do, in the messenger’s words', {
    max: 50,
    length: 100,
    optional: true,
  })
  permissions?: string[];
  @field.PersonId('Who granted it', { optional: true }) by?: string;
}

export class RecordChatAdminRevoked extends Member {
  @field.PersonId('Who revoked it', { optional: true }) by?: string;
}

export class RecordChatOwnerTransferred {
  @field.Id('The chat') chatId!: string;
  @field.PersonId('Who owned it; the owner on record when absent', { optional: true }) from?: string;
  @field.PersonId('Who owns it now: a person, or the pseudonym of an account') to!: string;
  @field.PersonId('Who transferred it', { optional: true }) by?: string;
}

export class RecordChatRosterSnapshot {
  @field.Id('The chat') chatId!: string;
  @field.Ids('Who is in it: persons, or pseudonyms of accounts that are not linked to one', { max: 1_000 })
  memberIds!: string[];
  @field.Ids('Who of them is an administrator; absent where it was not read', { max: 200, optional: true })
  adminIds?: string[];
  @field.PersonId('Who owns it', { optional: true }) ownerId?: string;
  @field.Instant('When the list was read') takenAt!: string;
  @field.OneOf(SNAPSHOT_SOURCES, 'Where it was read') source!: (typeof SNAPSHOT_SOURCES)[number];
}

export class ResolveChatRosterDiscrepancy {
  @field.Id('The chat') chatId!: string;
  @field.OneOf(RESOLUTIONS, 'What was done: removed from the chat, entered as members, or explained')
  action!: (typeof RESOLUTIONS)[number];
  @field.Text('More on it, without names; needed where it was explained', { max: 2_000, optional: true })
  note?: string;
}

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

interface KindRules {
  readonly clause: string;
  /** Who owns such a chat. */
  readonly owner: 'employee' | 'teacher' | 'class-teacher';
  /** Whether its purpose must be told. */
  readonly purpose: boolean;
}

/** What each kind of chat asks of its owner and of its entry in the register. */
const rules: Record<ChatKind, KindRules> = {
  head_deputies: { clause: '3.2.4a', owner: 'employee', purpose: false },
  head_teachers: { clause: '3.2.4b', owner: 'employee', purpose: false },
  management: { clause: '3.2.4c', owner: 'employee', purpose: true },
  class_students: { clause: '3.3.3a', owner: 'class-teacher', purpose: false },
  class_parents: { clause: '3.3.3b', owner: 'class-teacher', purpose: false },
  subject: { clause: '3.4.3a', owner: 'teacher', purpose: false },
  other: { clause: '3.3.3c', owner: 'teacher', purpose: true },
};

/** The clause by which somebody keeps a chat of this kind: «иные чаты» stand in one for curators and in one for teachers. */
function clauseOf(kind: ChatKind, role: string): string {
  return kind === 'other' && role === 'teacher' ? '3.4.3b' : rules[kind].clause;
}

/** Curators and teachers keep chats of their own; the administration keeps the register. */
function keepsOnlyOwn(role: string): boolean {
  return role === 'curator' || role === 'teacher';
}

/** Whose rosters hold the members of a chat of this kind (clauses 1.3, 3.2.4, 3.3.3, 3.4.3). */
function rostersOf(kind: ChatKind | undefined): readonly PlatformRole[] {
  switch (kind) {
    case 'head_deputies':
    case 'head_teachers':
    case 'management':
      return ['teacher'];
    case 'class_students':
    case 'subject':
      return ['teacher', 'student'];
    case 'class_parents':
      return ['teacher', 'parent'];
    case 'other':
    case undefined:
      return PLATFORM_ROLES;
  }
}

/** Whether a roster held the person once, whatever it says now. */
function wasInRoster({ standings }: Membership, role: PlatformRole): boolean {
  switch (role) {
    case 'teacher':
      return standings.staff !== undefined;
    case 'student':
      return standings.pupil !== undefined;
    case 'parent':
      return Object.keys(standings).some((aspect) => aspect.startsWith('child:'));
  }
}

/** Whether what brought the person into a chat of this kind has ended; whoever was never in a roster is a stranger. */
function hasExpired(person: Membership, kind: ChatKind | undefined): boolean {
  const rosters = rostersOf(kind);
  return (
    rosters.some((role) => wasInRoster(person, role)) && !rosters.some((role) => isInRoster(person, role))
  );
}

function mustBeSomebody(member: { personId?: string; externalUserId?: string }): void {
  if (memberOf(member) === '') {
    throw new LetopisError('invalid', 'A member is a person or an account', {
      fields: [{ path: '/payload/personId', message: 'personId or externalUserId must be given' }],
    });
  }
}

/** Whether the chat may be entered: it is new, or the platform created it and the entry says the same of it. */
function isToBeEntered(state: Chat, { kind, groupId }: RegisterChat): boolean {
  if (state.status === 'unregistered') return true;
  return (
    state.status === 'live' &&
    state.entry === undefined &&
    state.kind === kind &&
    (state.groupId === undefined || state.groupId === groupId)
  );
}

const FACT_ACTORS = ['director', 'deputy', 'platform_admin', 'curator', 'teacher', 'system'] as const;

/** @throws LetopisError `invalid` where the instant lies in the future */
function mustHaveHappened(takenAt: string, recordedAt: string): void {
  if (takenAt > recordedAt) {
    throw new LetopisError('invalid', 'takenAt is not valid', {
      fields: [{ path: '/payload/takenAt', message: 'must not be in the future' }],
    });
  }
}

type People = Readonly<Record<string, Membership>>;

/** The people of a snapshot, each with the ids under which they may be on record. */
function listedIn(ids: readonly string[], people: People): Listed {
  return new Map(ids.map((id) => [id, [id, ...(people[id]?.accounts.keys() ?? [])]]));
}

/** What a snapshot tells of administrators and of the owner that is not on record. */
function rightsOf(
  state: Chat,
  { chatId, adminIds, ownerId, takenAt }: DataOf<'ChatRosterSnapshotTaken'>,
  people: People,
): readonly ChatEvent[] {
  const isPerson = (id: string): boolean => people[id]?.onRecord === true;
  const who = (id: string): { personId: string } | { externalUserId: string } => {
    const account = state.members.get(id)?.account ?? state.admins.get(id)?.account ?? !isPerson(id);
    return account ? { externalUserId: id } : { personId: id };
  };
  const { unknown, missing } =
    adminIds === undefined
      ? { unknown: [], missing: [] }
      : differencesFrom(state.admins, listedIn(adminIds, people), takenAt);
  const owned = state.ownedAt !== undefined && state.ownedAt > takenAt ? undefined : ownerId;
  const isOwner = (id: string): boolean =>
    id === state.ownerId || people[id]?.accounts.has(state.ownerId ?? '') === true;
  return [
    ...unknown.map((id) => ChatAdminGranted.of({ chatId, ...who(id), at: takenAt })),
    ...missing.map((id) => ChatAdminRevoked.of({ chatId, ...who(id), at: takenAt })),
    // An account that nobody has linked yet may well be that of the owner on record.
    ...(owned !== undefined && isPerson(owned) && !isOwner(owned)
      ? [ChatOwnerTransferred.of({ chatId, from: state.ownerId, to: owned, at: takenAt })]
      : []),
  ];
}

/** @throws LetopisError where this role does not enter such chats, or not this one */
function mustBeEnteredBy(actor: Actor, { kind, ownerId }: RegisterChat): void {
  if (!keepsOnlyOwn(actor.role)) return;
  const clause = clauseOf(kind, actor.role);
  if (rules[kind].owner === 'employee') {
    throw ruleViolated(
      clause,
      'registered-by-administration',
      'Чат для управленческих задач вносит в реестр администрация школы',
    );
  }
  if (ownerId !== actor.id) {
    throw ruleViolated(
      clause,
      'own-chat',
      'Куратор и педагог вносят в реестр только чаты, которыми владеют сами',
    );
  }
}

/** @throws LetopisError where the owner may not own a chat of this kind */
function mustHaveOwner(
  { kind, groupId, ownerId }: RegisterChat,
  clause: string,
  known: { readonly owner: Membership; readonly structure: Structure },
): void {
  const { owner } = rules[kind];
  if (owner === 'employee') {
    if (isInRoster(known.owner, 'teacher')) return;
    throw ruleViolated(
      clause,
      'owner-employed',
      'Чатом для управленческих задач владеет работник школы: этого человека нет в списке работников',
    );
  }
  if (!isTeacher(known.owner)) {
    throw ruleViolated(
      clause.startsWith('3.4') ? '3.4.3' : '3.3.3',
      'owner-verified',
      'Чат с участниками создаёт педагог с подтверждённым статусом «учитель»',
    );
  }
  if (owner === 'class-teacher' && known.structure.groups.get(groupId ?? '')?.classTeacher !== ownerId) {
    throw ruleViolated(
      '3.3.3',
      'owner-is-curator',
      'Чат класса создаёт куратор, прикреплённый к этому классу',
    );
  }
}

/** @throws LetopisError where the owner does not teach this subject to this group (clause 3.4.3a) */
function mustBeTaught({ groupId, subject, ownerId }: RegisterChat, known: Structure, at: string): void {
  if (groupId === undefined || !isLive(known, groupId)) {
    throw ruleViolated('3.4.3a', 'live-group', 'Укажите действующую группу, с которой ведётся предмет');
  }
  if (subject === undefined) {
    throw ruleViolated('3.4.3a', 'subject-given', 'Для учебного чата укажите предмет (subject)');
  }
  if (!teaches(known, { groupId, subject, personId: ownerId }, at)) {
    throw ruleViolated(
      '3.4.3a',
      'teaching-load',
      'По утверждённой учебной нагрузке этот педагог не ведёт этот предмет в этой группе (ApproveTeachingLoad)',
    );
  }
}

/** @throws LetopisError where the school has another live chat of this kind (clauses 3.2.4a, 3.2.4b) */
function mustBeOnlyOne(kind: ChatKind, chatId: string, known: Structure): void {
  const headChat = HEAD_CHATS.find((each) => each === kind);
  const other = headChat && otherHeadChat(known, headChat, chatId);
  if (other === undefined) return;
  throw ruleViolated(
    rules[kind].clause,
    'one-live',
    `Такой чат руководителя уже есть: ${other}. Сначала закройте его (CloseChat)`,
  );
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
    id: (payload, organizationId) => idOfChat(payload, organizationId),
    reads: ({ ownerId }, { organizationId }) => ({
      owner: readState(membership, ownerId),
      structure: readState(structure, organizationId),
    }),
    decide: (state, { payload, organizationId, actor, occurredAt }, known) => {
      const { kind, purpose } = payload;
      const clause = clauseOf(kind, actor.role);
      const chatId = idOfChat(payload, organizationId);
      const event = ChatRegistered.of({ ...payload, chatId });
      if (state.status === 'live' && state.entry === contentOf(event.data)) return [];
      if (!isToBeEntered(state, payload)) {
        throw ruleViolated(clause, 'registered-once', 'Этот чат уже внесён в реестр с другими сведениями');
      }
      mustBeEnteredBy(actor, payload);
      if (rules[kind].purpose && purpose === undefined) {
        throw ruleViolated(clause, 'purpose-given', 'Для чата этого вида укажите цель (purpose)');
      }
      mustHaveOwner(payload, clause, known);
      if (kind === 'subject') mustBeTaught(payload, known.structure, occurredAt);
      mustBeOnlyOne(kind, chatId, known.structure);
      return [event];
    },
  }),
  defineCommand({
    name: 'ImportAutoProvisionedChats',
    titleRu: 'Внести чат, созданный платформой',
    about: 'The platform created a chat by itself; it is live as if it had been entered in the register.',
    kind: 'fact',
    clauses: ['2.2', '3.3.3a', '3.3.3b'],
    actors: ['platform_admin', 'system'],
    concept: chat,
    payload: ImportAutoProvisionedChats,
    assigns: 'chatId',
    example: {
      chatId: CHAT,
      source: 'sferum_sync',
      kind: 'class_parents',
      title: '5А — родители',
      groupId: '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03',
    },
    id: (payload, organizationId) => idOfChat(payload, organizationId),
    decide: (state, { payload, organizationId, occurredAt }) => {
      const chatId = idOfChat(payload, organizationId);
      const event = ChatAutoProvisioned.of({ ...payload, chatId, at: occurredAt });
      return state.status === 'live' && state.provision === provisionOf(event.data)
        ? []
        : unlessTold(state, event);
    },
  }),
  defineCommand({
    name: 'RecordChatMemberAdded',
    titleRu: 'Отметить появление участника в чате',
    about: 'Somebody came into a chat.',
    kind: 'fact',
    clauses: ['3.2.4a', '3.2.4b', '3.3.3a', '3.3.3b', '3.4.3a', '3.5.1', '3.6.1', 'X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatMemberAdded,
    example: { chatId: CHAT, personId: PUPIL, platformRole: 'student', inviterId: OWNER, via: 'inviter' },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      // The messenger tells of each coming once, perhaps before the going that lies between two of them.
      const entered = payload.personId !== undefined && isPresent(state.members, payload.personId);
      return entered ? [] : unlessTold(state, ChatMemberAdded.of({ ...payload, at: occurredAt }));
    },
  }),
  defineCommand({
    name: 'RecordChatMemberRemoved',
    titleRu: 'Отметить удаление участника из чата',
    about: 'Somebody was removed from a chat.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatMemberRemoved,
    example: { chatId: CHAT, personId: PUPIL, by: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      return unlessTold(state, ChatMemberRemoved.of({ ...payload, at: occurredAt }));
    },
  }),
  defineCommand({
    name: 'RecordChatMemberLeft',
    titleRu: 'Отметить выход участника из чата',
    about: 'Somebody left a chat.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatMemberLeft,
    example: { chatId: CHAT, personId: PUPIL },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      return unlessTold(state, ChatMemberLeft.of({ ...payload, at: occurredAt }));
    },
  }),
  defineCommand({
    name: 'RecordChatAdminGranted',
    titleRu: 'Отметить назначение администратора чата',
    about: 'Somebody became an administrator of a chat, or may do other things as one.',
    kind: 'fact',
    clauses: ['3.2.4a', '3.2.4b', 'X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatAdminGranted,
    example: { chatId: CHAT, personId: OWNER, permissions: ['add_remove_members'], by: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      const permissions = payload.permissions && [...payload.permissions].sort();
      const admin = state.admins.get(memberOf(payload));
      const entered =
        admin?.present === true &&
        (permissions === undefined || contentOf(permissions) === contentOf(admin.permissions ?? []));
      const event = ChatAdminGranted.of({ ...payload, permissions, at: occurredAt });
      return entered ? [] : unlessTold(state, event);
    },
  }),
  defineCommand({
    name: 'RecordChatAdminRevoked',
    titleRu: 'Отметить снятие администратора чата',
    about: 'Somebody is an administrator of a chat no more.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatAdminRevoked,
    example: { chatId: CHAT, personId: OWNER, by: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      mustBeSomebody(payload);
      return unlessTold(state, ChatAdminRevoked.of({ ...payload, at: occurredAt }));
    },
  }),
  defineCommand({
    name: 'RecordChatOwnerTransferred',
    titleRu: 'Отметить смену владельца чата',
    about: 'A chat has another owner.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatOwnerTransferred,
    example: { chatId: CHAT, to: OWNER },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, occurredAt }) => {
      const event = ChatOwnerTransferred.of({
        ...payload,
        from: payload.from ?? state.ownerId,
        at: occurredAt,
      });
      return state.ownerId === payload.to ? [] : unlessTold(state, event);
    },
  }),
  defineCommand({
    name: 'RecordChatRosterSnapshot',
    titleRu: 'Отметить список участников чата',
    about:
      'Who was in a chat at an instant, compared with what is on record: what differs in members becomes a discrepancy, ' +
      'what differs in administrators is recorded.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: FACT_ACTORS,
    concept: chat,
    payload: RecordChatRosterSnapshot,
    example: {
      chatId: CHAT,
      memberIds: [OWNER, PUPIL],
      adminIds: [OWNER],
      ownerId: OWNER,
      takenAt: '2025-10-06T05:00:00Z',
      source: 'manual',
    },
    id: ({ chatId }) => chatId,
    reads: (payload): Readonly<Record<string, StateRead<Membership>>> =>
      Object.fromEntries(seenIn(payload).map((id) => [id, readState(membership, id)])),
    decide: (state, { payload, recordedAt }, people) => {
      const takenAt = new Date(payload.takenAt).toISOString();
      mustHaveHappened(takenAt, recordedAt);
      const taken = ChatRosterSnapshotTaken.of({ ...payload, takenAt });
      if (unlessTold(state, taken).length === 0) return [];
      const { chatId } = payload;
      const seen = seenIn(payload);
      const { unknown, missing } = differencesFrom(state.members, listedIn(seen, people), takenAt);
      const expiredRole = seen.filter((id) => {
        const person = people[id];
        return person !== undefined && hasExpired(person, state.kind);
      });
      const found = ChatRosterDiscrepancyDetected.of({
        chatId,
        unknown: [...unknown],
        missing: [...missing],
        expiredRole,
        takenAt,
      });
      const differs = unknown.length + missing.length + expiredRole.length > 0;
      return [taken, ...rightsOf(state, taken.data, people), ...(differs ? [found] : [])];
    },
  }),
  defineCommand({
    name: 'ResolveChatRosterDiscrepancy',
    titleRu: 'Устранить расхождение состава чата',
    about: 'Says what was done about the members of a chat who differ from what is on record.',
    kind: 'decision',
    clauses: ['X.3'],
    actors: ['director', 'deputy', 'platform_admin', 'curator', 'teacher'],
    concept: chat,
    payload: ResolveChatRosterDiscrepancy,
    example: { chatId: CHAT, action: 'removed', note: 'Удалён выбывший ученик' },
    id: ({ chatId }) => chatId,
    decide: (state, { payload, actor, occurredAt }) => {
      const event = ChatRosterDiscrepancyResolved.of({ ...payload, by: actor.id, at: occurredAt });
      if (!state.discrepancy) {
        if (state.resolution === resolutionOf(event.data)) return [];
        throw ruleViolated('X.3', 'discrepancy-open', 'У этого чата нет неустранённого расхождения состава');
      }
      if (payload.action === 'explained' && payload.note === undefined) {
        throw ruleViolated('X.3', 'explanation-given', 'Напишите, чем объясняется расхождение (note)');
      }
      return [event];
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
      const entered = actor.role !== 'system' && state.title === title;
      const event = ChatTitleChanged.of({ chatId, from: state.title, to: title, by, at: occurredAt });
      return entered ? [] : unlessTold(state, event);
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
    reads: (_payload, { organizationId }) => ({ structure: readState(structure, organizationId) }),
    decide: (state, { payload, actor, occurredAt }, known) => {
      const { kind, groupId, closure } = state;
      if (state.status === 'unregistered' || kind === undefined) {
        throw ruleViolated('2.2', 'registered', 'Такого чата нет в реестре');
      }
      const clause = clauseOf(kind, actor.role);
      // What the platform created for a class belongs to its curator.
      const owner = state.ownerId ?? known.structure.groups.get(groupId ?? '')?.classTeacher;
      if (keepsOnlyOwn(actor.role) && owner !== actor.id) {
        throw ruleViolated(
          clause,
          'own-chat',
          'Куратор и педагог закрывают только чаты, которыми владеют сами',
        );
      }
      if (state.status === 'closed') {
        if (closure?.reason === payload.reason) return [];
        throw ruleViolated(clause, 'closed-once', 'Этот чат уже закрыт по другой причине');
      }
      return [ChatClosed.of({ ...payload, at: occurredAt })];
    },
  }),
];

function seenIn({ memberIds, adminIds = [], ownerId }: RecordChatRosterSnapshot): readonly string[] {
  return [...new Set([...memberIds, ...adminIds, ...(ownerId === undefined ? [] : [ownerId])])];
}

function designation({ data }: { data: { chatId: string; kind: ChatKind } }): readonly FollowUp[] {
  return HEAD_CHATS.filter((kind) => kind === data.kind).map((kind) => ({
    command: 'DesignateHeadChat',
    payload: { chatId: data.chatId, kind },
  }));
}

/** What makes the chats of the head unique in a school (clauses 3.2.4a, 3.2.4b): the structure keeps count of them. */
export const headChatPolicies = [
  definePolicy({ name: 'designate-registered-head-chat', on: ChatRegistered, follow: designation }),
  definePolicy({ name: 'designate-provisioned-head-chat', on: ChatAutoProvisioned, follow: designation }),
  definePolicy({
    name: 'withdraw-closed-head-chat',
    on: ChatClosed,
    follow: ({ data: { chatId } }) => [{ command: 'WithdrawHeadChat', payload: { chatId } }],
  }),
];
