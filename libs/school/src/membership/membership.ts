import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, ruleViolated } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const MOVEMENTS = ['enrolled', 'transferred', 'departed', 'hired', 'dismissed', 'leave'] as const;
const METHODS = ['ezhd', 'moya_shkola', 'gosuslugi', 'admin'] as const;
const VIA = ['link', 'request', 'auto_sync'] as const;
/** Roles that the platform knows (clause 1.3). */
export const PLATFORM_ROLES = ['teacher', 'student', 'parent'] as const;
export type PlatformRole = (typeof PLATFORM_ROLES)[number];

export const MemberMovementRecorded = defineEvent({
  type: 'MemberMovementRecorded',
  titleRu: 'Отражено движение контингента',
  clauses: ['3.1.9'],
  data: {
    personId: PersonId(),
    kind: OneOf(MOVEMENTS),
    orderRef: Text(200),
    effectiveAt: At(),
    fromGroup: Type.Optional(Id()),
    toGroup: Type.Optional(Id()),
    fullName: Type.Optional(Personal(Text(200), '/personId')),
  },
});

export const MemberJoined = defineEvent({
  type: 'MemberJoined',
  titleRu: 'Участник присоединился',
  clauses: ['3.1.8', '3.3.1', '3.4.1'],
  data: {
    personId: PersonId(),
    platformRole: OneOf(PLATFORM_ROLES),
    via: OneOf(VIA),
    viaId: Type.Optional(Id()),
    groupId: Type.Optional(Id()),
    at: At(),
  },
});

export const RoleVerificationRequested = defineEvent({
  type: 'RoleVerificationRequested',
  titleRu: 'Запрошено подтверждение статуса «учитель»',
  clauses: ['3.3.2', '3.4.2'],
  data: { personId: PersonId(), role: OneOf(['teacher']), method: OneOf(METHODS) },
});

export const RoleVerified = defineEvent({
  type: 'RoleVerified',
  titleRu: 'Статус «учитель» подтверждён',
  clauses: ['3.3.2', '3.4.0', '3.4.2'],
  data: {
    personId: PersonId(),
    role: OneOf(['teacher']),
    method: OneOf(METHODS),
    evidenceRef: Text(200),
    by: PersonId(),
  },
});

export const RoleVerificationRejected = defineEvent({
  type: 'RoleVerificationRejected',
  titleRu: 'В подтверждении статуса «учитель» отказано',
  clauses: ['3.3.2', '3.4.2'],
  data: { personId: PersonId(), reason: Text() },
});

export const MemberRemoved = defineEvent({
  type: 'MemberRemoved',
  titleRu: 'Участник исключён из сообщества',
  clauses: ['3.1.9'],
  data: { personId: PersonId(), scope: OneOf(['community']), reason: Text(), at: At() },
});

const events = [
  MemberMovementRecorded,
  MemberJoined,
  RoleVerificationRequested,
  RoleVerified,
  RoleVerificationRejected,
  MemberRemoved,
] as const;
export type MembershipEvent = EventsOf<typeof events>;

export interface Membership {
  /** In the staff roster: hired, and not dismissed since. */
  readonly employed: boolean;
  /** In the roster of pupils: enrolled, and not departed since. */
  readonly enrolled: boolean;
  /** Roles in which the person is in the community now. */
  readonly joined: readonly PlatformRole[];
  /** Movements and joins already on record, so that the same fact is not recorded twice. */
  readonly known: readonly string[];
  readonly verification: 'none' | 'requested' | 'verified' | 'rejected';
}

export const membership: Concept<Membership, MembershipEvent> = {
  name: 'membership',
  titleRu: 'Участник',
  events,
  initial: { employed: false, enrolled: false, joined: [], known: [], verification: 'none' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'MemberMovementRecorded':
        return moved({ ...state, known: [...state.known, movementKey(event.data)] }, event.data.kind);
      case 'MemberJoined':
        return {
          ...state,
          joined: [...new Set([...state.joined, event.data.platformRole])],
          known: [...state.known, joinKey(event.data)],
        };
      case 'RoleVerificationRequested':
        return { ...state, verification: 'requested' };
      case 'RoleVerified':
        return { ...state, verification: 'verified' };
      case 'RoleVerificationRejected':
        return { ...state, verification: 'rejected' };
      case 'MemberRemoved':
        // Whoever comes back joins anew, even by the same link.
        return { ...state, joined: [], known: state.known.filter((fact) => !fact.startsWith('join:')) };
    }
  },
};

function movementKey({ kind, orderRef }: { kind: string; orderRef: string }): string {
  return `movement:${kind}:${orderRef}`;
}

function joinKey({
  platformRole,
  via,
  viaId,
}: {
  platformRole: string;
  via: string;
  viaId?: string;
}): string {
  return `join:${platformRole}:${via}:${viaId ?? ''}`;
}

function moved(state: Membership, kind: (typeof MOVEMENTS)[number]): Membership {
  switch (kind) {
    case 'hired':
      return { ...state, employed: true };
    case 'dismissed':
      // A teacher who comes back is verified anew.
      return { ...state, employed: false, verification: 'none' };
    case 'enrolled':
      return { ...state, enrolled: true };
    case 'departed':
      return { ...state, enrolled: false };
    case 'transferred':
    case 'leave':
      return state;
  }
}

/** Joined in the role «учитель» and verified in it. */
export function isTeacher({ joined, verification }: Membership): boolean {
  return joined.includes('teacher') && verification === 'verified';
}

/** Whether the roster holds the person in this role. Parents have no roster of their own yet. */
export function isInRoster({ employed, enrolled }: Membership, role: PlatformRole): boolean {
  switch (role) {
    case 'teacher':
      return employed;
    case 'student':
      return enrolled;
    case 'parent':
      return true;
  }
}

export class RecordMovement {
  @field.PersonId('Who moved; assigned when absent', { optional: true }) personId!: string;
  @field.OneOf(MOVEMENTS, 'What happened') kind!: (typeof MOVEMENTS)[number];
  @field.Text('Number and date of the order') orderRef!: string;
  @field.Instant('From when it holds') effectiveAt!: string;
  @field.Id('Group that the person leaves', { optional: true }) fromGroup?: string;
  @field.Id('Group that the person enters', { optional: true }) toGroup?: string;
  @field.Text('Surname, name and patronymic, as in the order', { optional: true }) fullName?: string;
}

export class RecordMemberJoined {
  @field.PersonId('Who joined') personId!: string;
  @field.OneOf(PLATFORM_ROLES, 'In which role') platformRole!: PlatformRole;
  @field.OneOf(VIA, 'How') via!: (typeof VIA)[number];
  @field.Id('The link or the request', { optional: true }) viaId?: string;
  @field.Id('The group joined', { optional: true }) groupId?: string;
}

export class RequestRoleVerification {
  @field.PersonId('The teacher') personId!: string;
  @field.OneOf(METHODS, 'How the status can be confirmed') method!: (typeof METHODS)[number];
}

export class ConfirmRole {
  @field.PersonId('The teacher') personId!: string;
  @field.OneOf(METHODS, 'How the status was confirmed') method!: (typeof METHODS)[number];
  @field.Text('The evidence: a reference to the record that shows it') evidenceRef!: string;
}

export class RejectRole {
  @field.PersonId('The teacher') personId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class RemoveMember {
  @field.PersonId('Who is removed from the community') personId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';

function mustHaveJoined({ joined }: Membership): void {
  if (!joined.includes('teacher')) {
    throw ruleViolated(
      '3.3.2',
      'joined-first',
      'Подтвердить можно только присоединившегося в роли «учитель»: сначала отметьте вход по ссылке',
    );
  }
}

export const membershipCommands = [
  defineCommand({
    name: 'RecordMovement',
    titleRu: 'Отразить движение контингента',
    about: 'An order hired, dismissed, enrolled, transferred or released a person.',
    kind: 'fact',
    clauses: ['3.1.9'],
    actors: ['platform_admin', 'director', 'deputy'],
    concept: membership,
    payload: RecordMovement,
    assigns: 'personId',
    example: {
      personId: TEACHER,
      kind: 'hired',
      orderRef: '№ 12-к от 25.08.2025',
      effectiveAt: '2025-08-25T00:00:00+05:00',
      fullName: 'Соколова Мария Петровна',
    },
    id: ({ personId }) => personId,
    decide: ({ known }, { payload }) =>
      known.includes(movementKey(payload))
        ? []
        : [
            MemberMovementRecorded.of({
              ...payload,
              effectiveAt: new Date(payload.effectiveAt).toISOString(),
            }),
          ],
  }),
  defineCommand({
    name: 'RecordMemberJoined',
    titleRu: 'Отметить присоединение участника',
    about: 'Somebody appeared in the community, by a link, a request or the platform’s own synchronisation.',
    kind: 'fact',
    clauses: ['3.1.8', '3.3.1', '3.4.1'],
    actors: ['platform_admin', 'system'],
    concept: membership,
    payload: RecordMemberJoined,
    example: { personId: TEACHER, platformRole: 'teacher', via: 'auto_sync' },
    id: ({ personId }) => personId,
    decide: ({ known }, { payload, occurredAt }) =>
      known.includes(joinKey(payload)) ? [] : [MemberJoined.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    name: 'RequestRoleVerification',
    titleRu: 'Запросить подтверждение статуса «учитель»',
    about: 'A teacher who has joined asks for verification.',
    kind: 'decision',
    clauses: ['3.3.2', '3.4.2'],
    actors: ['curator', 'teacher', 'platform_admin'],
    concept: membership,
    payload: RequestRoleVerification,
    example: { personId: TEACHER, method: 'moya_shkola' },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      mustHaveJoined(state);
      if (state.verification === 'verified') {
        throw ruleViolated('3.3.2', 'not-verified-yet', 'Статус «учитель» уже подтверждён');
      }
      return state.verification === 'requested'
        ? []
        : [RoleVerificationRequested.of({ ...payload, role: 'teacher' })];
    },
  }),
  defineCommand({
    name: 'ConfirmRole',
    titleRu: 'Подтвердить статус «учитель»',
    about: 'The administrator confirms the status on evidence.',
    kind: 'decision',
    clauses: ['3.3.2', '3.4.0', '3.4.2'],
    actors: ['platform_admin'],
    concept: membership,
    payload: ConfirmRole,
    example: { personId: TEACHER, method: 'moya_shkola', evidenceRef: 'Моя школа, запись 8841' },
    id: ({ personId }) => personId,
    decide: (state, { payload, actor }) => {
      mustHaveJoined(state);
      if (!state.employed) {
        throw ruleViolated(
          '3.3.1',
          'staff-roster',
          'Человека нет в списке работников: подтвердить статус нельзя',
        );
      }
      return state.verification === 'verified'
        ? []
        : [RoleVerified.of({ ...payload, role: 'teacher', by: actor.id })];
    },
  }),
  defineCommand({
    name: 'RejectRole',
    titleRu: 'Отказать в подтверждении статуса «учитель»',
    about: 'The administrator refuses a verification that was asked for.',
    kind: 'decision',
    clauses: ['3.3.2', '3.4.2'],
    actors: ['platform_admin'],
    concept: membership,
    payload: RejectRole,
    example: { personId: TEACHER, reason: 'Нет в списке педагогических работников' },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      if (state.verification === 'rejected') return [];
      if (state.verification !== 'requested') {
        throw ruleViolated('3.3.2', 'requested-first', 'Отказать можно только в запрошенном подтверждении');
      }
      return [RoleVerificationRejected.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'RemoveMember',
    titleRu: 'Исключить участника из сообщества',
    about: 'The administrator removes a person from the community.',
    kind: 'decision',
    clauses: ['3.1.9'],
    actors: ['platform_admin'],
    concept: membership,
    payload: RemoveMember,
    example: { personId: TEACHER, reason: 'Увольнение' },
    id: ({ personId }) => personId,
    decide: (state, { payload, occurredAt }) => {
      if (state.joined.length === 0) {
        throw ruleViolated('3.1.9', 'member', 'Этого человека сейчас нет в сообществе');
      }
      return [MemberRemoved.of({ ...payload, scope: 'community', at: occurredAt })];
    },
  }),
];
