import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  definePolicy,
  LetopisError,
  readState,
  type Role,
  ruleViolated,
  type StateRead,
} from '@letopis/kernel';
import { type Chat, chat, type ChatKind } from '../chats/chat';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import {
  isInRoster,
  type Membership,
  membership,
  PLATFORM_ROLES,
  type PlatformRole,
} from '../membership/membership';
import { PersistentMap } from '../persistent-map';
import { hasConsent, type PersonalData, personalData } from '../personal-data/personal-data';
import { isLive, type Structure, structure } from '../structure/structure';

const TARGETS = ['community', 'group', 'chat'] as const;
const REASONS = ['unclaimed', 'leaked', 'role_change', 'manual'] as const;

export const InvitationLinkCreated = defineEvent({
  type: 'InvitationLinkCreated',
  titleRu: 'Создана ссылка-приглашение',
  clauses: ['3.1.6a', '3.3.3a', '3.3.3b'],
  data: {
    linkId: Id(),
    targetKind: OneOf(TARGETS),
    targetId: Id(),
    platformRole: OneOf(PLATFORM_ROLES),
    issuer: Type.Object({ personId: PersonId(), role: Text(30) }),
    expiresAt: At(),
    maxUses: Type.Integer({ minimum: 1 }),
    urlHash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
});

export const InvitationLinkSent = defineEvent({
  type: 'InvitationLinkSent',
  titleRu: 'Ссылка-приглашение направлена',
  clauses: ['3.1.6a'],
  data: { linkId: Id(), recipientIds: Type.Array(PersonId()), channel: Text(50) },
});

export const InvitationLinkUsed = defineEvent({
  type: 'InvitationLinkUsed',
  titleRu: 'Ссылка-приглашение использована',
  clauses: ['3.1.6a', '3.3.1', '3.4.1', '3.5.1', '3.6.1'],
  data: {
    linkId: Id(),
    personId: PersonId(),
    at: At(),
    targetKind: Type.Optional(OneOf(TARGETS)),
    targetId: Type.Optional(Id()),
    platformRole: Type.Optional(OneOf(PLATFORM_ROLES)),
  },
});

export const InvitationLinkRevoked = defineEvent({
  type: 'InvitationLinkRevoked',
  titleRu: 'Ссылка-приглашение аннулирована',
  clauses: ['3.1.10'],
  data: { linkId: Id(), reason: OneOf(REASONS), by: PersonId() },
});

export const InvitationLinkExpired = defineEvent({
  type: 'InvitationLinkExpired',
  titleRu: 'Срок ссылки-приглашения истёк',
  clauses: ['3.1.6a'],
  data: { linkId: Id(), at: At() },
});

const events = [
  InvitationLinkCreated,
  InvitationLinkSent,
  InvitationLinkUsed,
  InvitationLinkRevoked,
  InvitationLinkExpired,
] as const;
export type InvitationEvent = EventsOf<typeof events>;

export interface Invitation {
  readonly status: 'unknown' | 'live' | 'revoked' | 'expired';
  readonly platformRole?: PlatformRole;
  readonly target?: { readonly kind: (typeof TARGETS)[number]; readonly id: string };
  readonly expiresAt?: string;
  /** What was created, and by whom. */
  readonly terms?: string;
  readonly revokedFor?: (typeof REASONS)[number];
  /** Who came in by it, and when. */
  readonly uses: PersistentMap<true>;
}

export const invitation: Concept<Invitation, InvitationEvent> = {
  name: 'invitation',
  titleRu: 'Ссылка-приглашение',
  events,
  initial: { status: 'unknown', uses: PersistentMap.empty() },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'InvitationLinkCreated':
        return {
          ...state,
          status: 'live',
          platformRole: data.platformRole,
          target: { kind: data.targetKind, id: data.targetId },
          expiresAt: data.expiresAt,
          terms: contentOf(data),
        };
      case 'InvitationLinkSent':
        return state;
      case 'InvitationLinkUsed':
        return { ...state, uses: state.uses.with(useOf(data), true) };
      case 'InvitationLinkRevoked':
        return { ...state, status: 'revoked', revokedFor: data.reason };
      case 'InvitationLinkExpired':
        return { ...state, status: 'expired' };
    }
  },
};

function useOf({ personId, at }: { personId: string; at: string }): string {
  return `${personId} ${at}`;
}

/** Who may invite whom: clauses 3.1.6a, 3.3.1, 3.4.1 (teachers), 3.5.1 (pupils), 3.6.1 (parents). */
export const ISSUERS: Readonly<Record<PlatformRole, readonly Role[]>> = {
  teacher: ['platform_admin'],
  student: ['platform_admin', 'curator'],
  parent: ['teacher', 'curator', 'director', 'deputy'],
};

const ISSUER_CLAUSE: Readonly<Record<PlatformRole, string>> = {
  teacher: '3.3.1',
  student: '3.5.1',
  parent: '3.6.1',
};

/** Whom the members of a chat are: clauses 3.2.4 (staff), 3.3.3a and 3.4.3a (pupils), 3.3.3b (parents), and staff in each. */
const MEMBERS: Readonly<
  Record<ChatKind, { readonly clause: string; readonly roles: readonly PlatformRole[] }>
> = {
  head_deputies: { clause: '3.2.4a', roles: ['teacher'] },
  head_teachers: { clause: '3.2.4b', roles: ['teacher'] },
  management: { clause: '3.2.4c', roles: ['teacher'] },
  class_students: { clause: '3.3.3a', roles: ['teacher', 'student'] },
  class_parents: { clause: '3.3.3b', roles: ['teacher', 'parent'] },
  subject: { clause: '3.4.3a', roles: ['teacher', 'student'] },
  other: { clause: '3.3.3c', roles: ['teacher', 'student', 'parent'] },
};

export class CreateInvitationLink {
  @field.Id('The link; assigned when absent', { optional: true }) linkId!: string;
  @field.OneOf(TARGETS, 'What the link leads to') targetKind!: (typeof TARGETS)[number];
  @field.Id('The organisation, group or chat') targetId!: string;
  @field.OneOf(PLATFORM_ROLES, 'In which role one joins by it') platformRole!: PlatformRole;
  @field.Instant('When it stops working') expiresAt!: string;
  @field.Count('How often it may be used', { min: 1, max: 2_000 }) maxUses!: number;
  @field.Sha256('SHA-256 of the link; the link itself is not stored') urlHash!: string;
}

export class SendInvitationLink {
  @field.Id('The link') linkId!: string;
  @field.Ids('Who it is sent to', { max: 200 }) recipientIds!: string[];
  @field.Text('How: e_diary, email, in_person, …', { max: 50 }) channel!: string;
}

export class AcceptInvitation {
  @field.Id('The link') linkId!: string;
  @field.PersonId('Who came in by it') personId!: string;
  @field.OneOf(PLATFORM_ROLES, 'Role that was observed; needed where the link is not on record', {
    optional: true,
  })
  platformRole?: PlatformRole;
}

export class RevokeInvitationLink {
  @field.Id('The link') linkId!: string;
  @field.OneOf(REASONS, 'Why') reason!: (typeof REASONS)[number];
}

export class ExpireInvitationLink {
  @field.Id('The link') linkId!: string;
}

const LINK = '6e4d8a2b-7c1f-4e5d-9b3a-8f7e6d5c4b05';
const GROUP = '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03';
const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';

export const invitationCommands = [
  defineCommand({
    name: 'CreateInvitationLink',
    titleRu: 'Создать ссылку-приглашение',
    about: 'An invitation to the community, a group or a chat, in one role, with an end.',
    kind: 'decision',
    clauses: ['3.1.6a', '3.3.3a', '3.3.3b'],
    actors: ['platform_admin', 'curator', 'teacher', 'director', 'deputy'],
    concept: invitation,
    payload: CreateInvitationLink,
    assigns: 'linkId',
    example: {
      linkId: LINK,
      targetKind: 'group',
      targetId: GROUP,
      platformRole: 'teacher',
      expiresAt: '2036-09-15T00:00:00Z',
      maxUses: 30,
      urlHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
    id: ({ linkId }) => linkId,
    reads: ({ targetKind, targetId }, { organizationId }) => ({
      structure: readState(structure, organizationId),
      // A chat's state where the target is a chat; the stream of any other id is empty.
      chat: readState(chat, targetKind === 'chat' ? targetId : organizationId),
    }),
    decide: (state, { payload, actor, occurredAt, organizationId }, known) => {
      const { targetKind, targetId, platformRole } = payload;
      const event = InvitationLinkCreated.of({
        ...payload,
        issuer: { personId: actor.id, role: actor.role },
        expiresAt: new Date(payload.expiresAt).toISOString(),
      });
      if (state.terms === contentOf(event.data)) return [];
      if (state.status !== 'unknown')
        throw ruleViolated('3.1.6a', 'created-once', 'Такая ссылка уже создана с другими условиями');
      if (!ISSUERS[platformRole].some((role) => role === actor.role)) {
        throw ruleViolated(
          ISSUER_CLAUSE[platformRole],
          'allowed-issuer',
          'Эта роль не приглашает участников такого вида: обратитесь к администратору или куратору',
        );
      }
      if (targetKind === 'group' && platformRole === 'parent') {
        throw ruleViolated(
          '3.1.6a',
          'role-of-target',
          'В группу приглашают педагогов и обучающихся; родителей приглашают в чат (п. 3.6.1)',
        );
      }
      if (event.data.expiresAt <= occurredAt) {
        throw ruleViolated('3.1.6a', 'expiry-ahead', 'Срок действия ссылки должен быть в будущем');
      }
      const live =
        (targetKind === 'community' && targetId === organizationId) ||
        (targetKind === 'group' && isLive(known.structure, targetId)) ||
        (targetKind === 'chat' && known.chat.status === 'live');
      if (!live) {
        throw ruleViolated(
          '3.1.6a',
          'live-target',
          'Ссылка ведёт в действующую группу, чат или сообщество: такого нет',
        );
      }
      if (targetKind === 'chat') mustAdmit(known.chat, platformRole);
      if (platformRole === 'student') mustBeCurator(payload, actor, known);
      return [event];
    },
  }),
  defineCommand({
    name: 'SendInvitationLink',
    titleRu: 'Направить ссылку-приглашение',
    about: 'The link is sent to people whom the roster holds in its role.',
    kind: 'decision',
    clauses: ['3.1.6a'],
    actors: ['platform_admin', 'curator', 'teacher', 'director', 'deputy'],
    concept: invitation,
    payload: SendInvitationLink,
    example: { linkId: LINK, recipientIds: [TEACHER], channel: 'e_diary' },
    id: ({ linkId }) => linkId,
    reads: ({ recipientIds }) => recipientsOf(recipientIds),
    decide: (state, { payload }, people) => {
      const { platformRole } = state;
      if (state.status !== 'live') throw notLive(state.status, '3.1.6a');
      const strangers = payload.recipientIds.filter((id) => {
        const person = people[`member ${id}`];
        return platformRole === undefined || person === undefined || !isInRoster(person, platformRole);
      });
      if (strangers.length > 0) {
        throw ruleViolated(
          '3.1.6a',
          'recipient-in-roster',
          `Этих получателей нет в списке для такой роли: ${strangers.join(', ')}`,
        );
      }
      const unasked = payload.recipientIds.filter((id) => {
        const subject = people[`consent ${id}`];
        return subject === undefined || !hasConsent(subject);
      });
      if (platformRole === 'student' && unasked.length > 0) {
        throw ruleViolated(
          '3.1.6a',
          'consent-given',
          `Нет согласия на обработку персональных данных этих обучающихся (RecordConsent): ${unasked.join(', ')}`,
        );
      }
      return [InvitationLinkSent.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'AcceptInvitation',
    titleRu: 'Отметить вход по ссылке-приглашению',
    about: 'Somebody came in by the link, whatever its state: teacher, pupil or parent.',
    kind: 'fact',
    clauses: ['3.1.6a', '3.3.1', '3.4.1', '3.5.1', '3.6.1'],
    actors: ['platform_admin', 'curator', 'teacher', 'student', 'parent', 'system'],
    concept: invitation,
    payload: AcceptInvitation,
    example: { linkId: LINK, personId: TEACHER },
    id: ({ linkId }) => linkId,
    decide: (state, { payload, occurredAt }) => {
      const { linkId, personId } = payload;
      if (state.uses.has(useOf({ personId, at: occurredAt }))) return [];
      return [
        InvitationLinkUsed.of({
          linkId,
          personId,
          at: occurredAt,
          targetKind: state.target?.kind,
          targetId: state.target?.id,
          platformRole: state.platformRole ?? payload.platformRole,
        }),
      ];
    },
  }),
  defineCommand({
    name: 'RevokeInvitationLink',
    titleRu: 'Аннулировать ссылку-приглашение',
    about: 'The link stops working, with a reason.',
    kind: 'decision',
    clauses: ['3.1.10'],
    actors: ['platform_admin', 'curator'],
    concept: invitation,
    payload: RevokeInvitationLink,
    example: { linkId: LINK, reason: 'unclaimed' },
    id: ({ linkId }) => linkId,
    decide: (state, { payload, actor }) => {
      if (state.status === 'revoked' && state.revokedFor === payload.reason) return [];
      if (state.status !== 'live') throw notLive(state.status, '3.1.10');
      return [InvitationLinkRevoked.of({ ...payload, by: actor.id })];
    },
  }),
  defineCommand({
    name: 'ExpireInvitationLink',
    titleRu: 'Отметить истечение ссылки-приглашения',
    about: 'The link’s time is over. Letopis issues it by itself.',
    kind: 'fact',
    clauses: ['3.1.6a'],
    actors: ['system'],
    concept: invitation,
    payload: ExpireInvitationLink,
    example: { linkId: LINK },
    id: ({ linkId }) => linkId,
    decide: (state, { payload, recordedAt }) => {
      if (state.status !== 'live' || state.expiresAt === undefined) return [];
      return state.expiresAt <= recordedAt
        ? [InvitationLinkExpired.of({ ...payload, at: state.expiresAt })]
        : [];
    },
  }),
];

type MemberReads = Record<`member ${string}`, StateRead<Membership>>;
type ConsentReads = Record<`consent ${string}`, StateRead<PersonalData>>;

/** Of each recipient of a link: their membership, and the personal data that they are the subject of. */
function recipientsOf(ids: readonly string[]): Readonly<MemberReads & ConsentReads> {
  const members: MemberReads = {};
  const consents: ConsentReads = {};
  for (const id of ids) {
    members[`member ${id}`] = readState(membership, id);
    consents[`consent ${id}`] = readState(personalData, id);
  }
  return { ...members, ...consents };
}

function notLive(status: Exclude<Invitation['status'], 'live'>, clause: string): LetopisError {
  const why = {
    unknown: 'Такой ссылки нет: проверьте идентификатор',
    revoked: 'Ссылка уже аннулирована',
    expired: 'Срок ссылки уже истёк',
  };
  return ruleViolated(clause, 'live-link', why[status]);
}

/** @throws LetopisError where people in this role are no members of such a chat */
function mustAdmit({ kind }: Chat, platformRole: PlatformRole): void {
  if (kind === undefined || MEMBERS[kind].roles.includes(platformRole)) return;
  throw ruleViolated(
    MEMBERS[kind].clause,
    'role-of-target',
    'В чат этого вида участников в такой роли не приглашают: выберите чат, который для них создан',
  );
}

/**
 * Pupils are invited by the curator of their class, and into a group by the administrator too (clauses 3.1.6a, 3.5.1).
 * A chat that belongs to no class is its owner’s.
 *
 * @throws LetopisError a rule of 3.5.1
 */
function mustBeCurator(
  { targetKind, targetId }: CreateInvitationLink,
  actor: { readonly id: string; readonly role: string },
  known: { readonly structure: Structure; readonly chat: Chat },
): void {
  if (targetKind === 'community' || (targetKind === 'group' && actor.role === 'platform_admin')) return;
  const groupId = targetKind === 'group' ? targetId : known.chat.groupId;
  const group = groupId === undefined ? undefined : known.structure.groups.get(groupId);
  const curator = group?.kind === 'class' ? group.classTeacher : known.chat.ownerId;
  if (actor.role === 'curator' && actor.id === curator) return;
  throw ruleViolated(
    '3.5.1',
    'issuer-is-curator',
    'Обучающихся приглашает в чат куратор их класса: ссылку создаёт классный руководитель, прикреплённый к классу',
  );
}

/** Whoever comes in by a link has joined what the link leads to. */
export const joinByLink = definePolicy({
  name: 'join-by-link',
  on: InvitationLinkUsed,
  follow: ({ data: { linkId, personId, targetKind, targetId, platformRole } }) => {
    if (platformRole === undefined) return [];
    switch (targetKind) {
      case 'chat':
        return targetId === undefined
          ? []
          : [
              {
                command: 'RecordChatMemberAdded',
                payload: { chatId: targetId, personId, platformRole, via: 'link', linkId },
              },
            ];
      case 'group':
      case 'community':
      case undefined:
        return [
          {
            command: 'RecordMemberJoined',
            payload: {
              personId,
              platformRole,
              via: 'link',
              viaId: linkId,
              ...(targetKind === 'group' && targetId !== undefined && { groupId: targetId }),
            },
          },
        ];
    }
  },
});
