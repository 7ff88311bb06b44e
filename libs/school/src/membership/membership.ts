import { Type } from '@sinclair/typebox';
import { type Command, type Concept, defineCommand, LetopisError, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, Day, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { PersistentMap } from '../persistent-map';

const MOVEMENTS = ['enrolled', 'transferred', 'departed', 'hired', 'dismissed', 'leave'] as const;
const METHODS = ['ezhd', 'moya_shkola', 'gosuslugi', 'admin'] as const;
const VIA = ['link', 'request', 'auto_sync'] as const;
const RELATIONS = ['mother', 'father', 'guardian', 'other'] as const;
/** Data of a person that can be corrected. */
const DATA = ['fullName', 'birthDate', 'phone', 'email'] as const;
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
    /** Keyed digest of `fullName`, by which it is compared. */
    fullNameHash: Type.Optional(Id()),
  },
});

export const MemberDataCorrected = defineEvent({
  type: 'MemberDataCorrected',
  titleRu: 'Исправлены данные участника',
  clauses: ['3.1.9', '4.5.1'],
  data: {
    personId: PersonId(),
    fields: Type.Array(OneOf(DATA)),
    basis: Text(),
    fullName: Type.Optional(Personal(Text(200), '/personId')),
    fullNameHash: Type.Optional(Id()),
    birthDate: Type.Optional(Personal(Day(), '/personId')),
    birthDateHash: Type.Optional(Id()),
    phone: Type.Optional(Personal(Text(20), '/personId')),
    phoneHash: Type.Optional(Id()),
    email: Type.Optional(Personal(Text(200), '/personId')),
    emailHash: Type.Optional(Id()),
  },
});

export const GuardianRecorded = defineEvent({
  type: 'GuardianRecorded',
  titleRu: 'Внесён родитель (законный представитель)',
  clauses: ['3.6.1'],
  data: {
    personId: PersonId(),
    childId: PersonId(),
    relation: OneOf(RELATIONS),
    fullName: Type.Optional(Personal(Text(200), '/personId')),
    fullNameHash: Type.Optional(Id()),
    documentRef: Type.Optional(Personal(Text(200), '/personId')),
    documentHash: Type.Optional(Id()),
    at: At(),
  },
});

export const GuardianshipEnded = defineEvent({
  type: 'GuardianshipEnded',
  titleRu: 'Прекращено представительство родителя (законного представителя)',
  clauses: ['3.6.1'],
  data: { personId: PersonId(), childId: PersonId(), reason: Text(), at: At() },
});

export const AccountLinked = defineEvent({
  type: 'AccountLinked',
  titleRu: 'Учётная запись мессенджера связана с участником',
  clauses: ['1.3', 'X.3'],
  data: {
    personId: PersonId(),
    externalUserId: PersonId(),
    maxUserId: Type.Optional(Personal(Text(20), '/personId')),
    basis: Text(),
  },
});

export const AccountUnlinked = defineEvent({
  type: 'AccountUnlinked',
  titleRu: 'Связь учётной записи мессенджера с участником снята',
  clauses: ['1.3', 'X.3'],
  data: { personId: PersonId(), externalUserId: PersonId(), basis: Text() },
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

export const MemberRoleChanged = defineEvent({
  type: 'MemberRoleChanged',
  titleRu: 'Изменена роль участника',
  clauses: ['3.1.9'],
  data: {
    personId: PersonId(),
    from: OneOf(PLATFORM_ROLES),
    to: OneOf(PLATFORM_ROLES),
    basis: Text(),
    at: At(),
  },
});

export const MemberRemoved = defineEvent({
  type: 'MemberRemoved',
  titleRu: 'Участник исключён из сообщества',
  clauses: ['3.1.9'],
  data: { personId: PersonId(), scope: OneOf(['community']), reason: Text(), at: At() },
});

const events = [
  MemberMovementRecorded,
  MemberDataCorrected,
  GuardianRecorded,
  GuardianshipEnded,
  AccountLinked,
  AccountUnlinked,
  MemberJoined,
  RoleVerificationRequested,
  RoleVerified,
  RoleVerificationRejected,
  MemberRoleChanged,
  MemberRemoved,
] as const;
export type MembershipEvent = EventsOf<typeof events>;

/** What can hold of a person for a time, each independent of the others. */
type Aspect = 'staff' | 'pupil' | `in:${PlatformRole}` | `child:${string}`;

/** Whether something holds by the latest that is on record of it, and when it last began and ended. */
interface Standing {
  readonly holds: boolean;
  readonly beganAt?: string;
  readonly endedAt?: string;
}

const NEVER: Standing = { holds: false };

export interface Membership {
  /** Whether an order, a join or a guardianship ever named the person. */
  readonly onRecord: boolean;
  /**
   * In the staff roster: hired, and not dismissed since. What counts is from when the orders hold, whatever the order in
   * which they came; an order that holds from a later day on counts at once.
   */
  readonly employed: boolean;
  /** In the roster of pupils: enrolled, and not departed since; orders count as for `employed`. */
  readonly enrolled: boolean;
  /** Children whose legal representative the person is now. */
  readonly children: readonly string[];
  /** Roles in which the person is in the community now. */
  readonly joined: readonly PlatformRole[];
  readonly verification: 'none' | 'requested' | 'verified' | 'rejected';
  /** What the latest word on the verification said, comparable. */
  readonly verificationTerms?: string;
  /** From when the employment holds that the latest word on the verification was about. */
  readonly verificationHiredAt?: string;
  /** Accounts of the messenger that are the person's now, each with what the link rests on. */
  readonly accounts: ReadonlyMap<string, { readonly basis: string; readonly maxUserId: boolean }>;
  readonly standings: Readonly<Partial<Record<Aspect, Standing>>>;
  /** Facts on record, each with the instants at which it is, so that the same fact is not recorded twice. */
  readonly facts: PersistentMap<readonly string[]>;
  /** The latest correction of the person's data, comparable. */
  readonly corrected?: string;
  /** Why the person was last removed from the community. */
  readonly removedFor?: string;
}

export const membership: Concept<Membership, MembershipEvent> = {
  name: 'membership',
  titleRu: 'Участник',
  events,
  initial: {
    onRecord: false,
    employed: false,
    enrolled: false,
    children: [],
    joined: [],
    verification: 'none',
    accounts: new Map(),
    standings: {},
    facts: PersistentMap.empty(),
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'MemberMovementRecorded':
        return moved(noted(state, movementOf(event.data), event.data.effectiveAt), event.data);
      case 'MemberDataCorrected':
        return { ...state, corrected: correctionOf(event.data) };
      case 'GuardianRecorded': {
        const { childId, at } = event.data;
        return began(noted(state, guardianshipOf(event.data), at), `child:${childId}`, at);
      }
      case 'GuardianshipEnded': {
        const { childId, at } = event.data;
        return ended(noted(state, endOf(event.data), at), `child:${childId}`, at);
      }
      case 'AccountLinked': {
        const { externalUserId, basis, maxUserId } = event.data;
        const link = { basis, maxUserId: maxUserId !== undefined };
        return { ...state, accounts: new Map(state.accounts).set(externalUserId, link) };
      }
      case 'AccountUnlinked':
        return {
          ...state,
          accounts: new Map([...state.accounts].filter(([id]) => id !== event.data.externalUserId)),
          facts: state.facts.with(unlinkingOf(event.data), []),
        };
      case 'MemberJoined': {
        const { platformRole, at } = event.data;
        return began(noted(state, joinOf(event.data), at), `in:${platformRole}`, at);
      }
      case 'RoleVerificationRequested':
        return withVerification(state, 'requested', event.data.method);
      case 'RoleVerified':
        return withVerification(state, 'verified', evidenceOf(event.data));
      case 'RoleVerificationRejected':
        return withVerification(state, 'rejected', event.data.reason);
      case 'MemberRoleChanged': {
        const { from, at } = event.data;
        const left = ended(noted(state, roleChangeOf(event.data), at), `in:${from}`, at);
        return from === 'teacher' ? { ...left, verification: 'none' } : left;
      }
      case 'MemberRemoved': {
        const { at, reason } = event.data;
        const left = PLATFORM_ROLES.reduce((after, role) => ended(after, `in:${role}`, at), state);
        return { ...left, removedFor: reason };
      }
    }
  },
};

function movementOf(data: {
  kind: string;
  orderRef: string;
  effectiveAt: string;
  fromGroup?: string;
  toGroup?: string;
  fullNameHash?: string;
}): string {
  const { kind, orderRef, effectiveAt, fromGroup, toGroup, fullNameHash } = data;
  return contentOf({ movement: kind, orderRef, effectiveAt, fromGroup, toGroup, fullNameHash });
}

function joinOf(data: { platformRole: string; via: string; viaId?: string; groupId?: string }): string {
  const { platformRole, via, viaId, groupId } = data;
  return contentOf({ join: platformRole, via, viaId, groupId });
}

function guardianshipOf(data: {
  childId: string;
  relation: string;
  fullNameHash?: string;
  documentHash?: string;
}): string {
  const { childId, relation, fullNameHash, documentHash } = data;
  return contentOf({ guardian: childId, relation, fullNameHash, documentHash });
}

function endOf({ childId, reason }: { childId: string; reason: string }): string {
  return contentOf({ ended: childId, reason });
}

function roleChangeOf({ from, to, basis }: { from: string; to: string; basis: string }): string {
  return contentOf({ roleChange: from, to, basis });
}

function unlinkingOf({ externalUserId, basis }: { externalUserId: string; basis: string }): string {
  return contentOf({ unlinked: externalUserId, basis });
}

function evidenceOf({ method, evidenceRef }: { method: string; evidenceRef: string }): string {
  return contentOf({ method, evidenceRef });
}

function correctionOf(data: {
  basis: string;
  fullNameHash?: string;
  birthDateHash?: string;
  phoneHash?: string;
  emailHash?: string;
}): string {
  const { basis, fullNameHash, birthDateHash, phoneHash, emailHash } = data;
  return contentOf({ basis, fullNameHash, birthDateHash, phoneHash, emailHash });
}

function noted(state: Membership, fact: string, at: string): Membership {
  const instants = state.facts.get(fact) ?? [];
  return { ...state, onRecord: true, facts: state.facts.with(fact, [...instants, at]) };
}

/** Whether the fact is on record: at that very instant, or before it with nothing to the contrary since. */
function isNoted({ facts }: Membership, fact: string, at: string, contraryAt: string | undefined): boolean {
  return (facts.get(fact) ?? []).some(
    (noted) => noted === at || (noted < at && (contraryAt === undefined || contraryAt < noted)),
  );
}

function began(state: Membership, aspect: Aspect, at: string): Membership {
  const { beganAt, ...standing } = state.standings[aspect] ?? NEVER;
  return withStanding(state, aspect, {
    ...standing,
    beganAt: later(beganAt, at),
    holds: isLatest(state, aspect, at) ? true : standing.holds,
  });
}

function ended(state: Membership, aspect: Aspect, at: string): Membership {
  const { endedAt, ...standing } = state.standings[aspect] ?? NEVER;
  return withStanding(state, aspect, {
    ...standing,
    endedAt: later(endedAt, at),
    holds: isLatest(state, aspect, at) ? false : standing.holds,
  });
}

function later(one: string | undefined, other: string): string {
  return one !== undefined && one > other ? one : other;
}

/** Whether nothing later is on record; of two changes at one instant, the one that came last counts. */
function isLatest({ standings }: Membership, aspect: Aspect, at: string): boolean {
  const { beganAt = at, endedAt = at } = standings[aspect] ?? NEVER;
  return beganAt <= at && endedAt <= at;
}

function withStanding(state: Membership, aspect: Aspect, standing: Standing): Membership {
  const standings = { ...state.standings, [aspect]: standing };
  return {
    ...state,
    standings,
    employed: standings.staff?.holds === true,
    enrolled: standings.pupil?.holds === true,
    joined: PLATFORM_ROLES.filter((role) => standings[`in:${role}`]?.holds === true),
    children: Object.entries(standings).flatMap(([name, { holds }]) =>
      holds && name.startsWith('child:') ? [name.slice('child:'.length)] : [],
    ),
  };
}

function moved(
  state: Membership,
  { kind, effectiveAt }: { kind: (typeof MOVEMENTS)[number]; effectiveAt: string },
): Membership {
  switch (kind) {
    case 'hired':
      return began(state, 'staff', effectiveAt);
    case 'dismissed': {
      const left = ended(state, 'staff', effectiveAt);
      const { verificationHiredAt: hiredAt } = state;
      // A teacher who comes back is verified anew; whoever was verified after coming back stays so.
      return hiredAt !== undefined && effectiveAt < hiredAt ? left : { ...left, verification: 'none' };
    }
    case 'enrolled':
      return began(state, 'pupil', effectiveAt);
    case 'departed':
      return ended(state, 'pupil', effectiveAt);
    case 'transferred':
    case 'leave':
      return state;
  }
}

function withVerification(
  state: Membership,
  status: 'requested' | 'verified' | 'rejected',
  terms: string,
): Membership {
  return {
    ...state,
    verification: status,
    verificationTerms: terms,
    verificationHiredAt: state.standings.staff?.beganAt,
  };
}

/** Joined in the role «учитель» and verified in it. */
export function isTeacher({ joined, verification }: Membership): boolean {
  return joined.includes('teacher') && verification === 'verified';
}

/**
 * Whether the roster holds the person in this role: staff, pupils, or legal representatives of a child (clauses 1.3,
 * 3.1.6a, 3.6.1). The roles are independent: a teacher may be a parent as well.
 */
export function isInRoster({ employed, enrolled, children }: Membership, role: PlatformRole): boolean {
  switch (role) {
    case 'teacher':
      return employed;
    case 'student':
      return enrolled;
    case 'parent':
      return children.length > 0;
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

export class CorrectMemberData {
  @field.PersonId('Whose data is corrected') personId!: string;
  @field.Text('What the correction rests on: a document, an order, a check', { max: 2_000 }) basis!: string;
  @field.Text('Surname, name and patronymic', { optional: true }) fullName?: string;
  @field.Day('Date of birth', { optional: true }) birthDate?: string;
  @field.Phone('Phone', { optional: true }) phone?: string;
  @field.Email('E-mail', { optional: true }) email?: string;
}

export class RecordGuardian {
  @field.PersonId('The parent or other legal representative; assigned when absent', { optional: true })
  personId!: string;
  @field.PersonId('The child') childId!: string;
  @field.OneOf(RELATIONS, 'What the person is to the child') relation!: (typeof RELATIONS)[number];
  @field.Text('Surname, name and patronymic', { optional: true }) fullName?: string;
  @field.Text('The document that shows it', { optional: true }) documentRef?: string;
}

export class EndGuardianship {
  @field.PersonId('The parent or other legal representative') personId!: string;
  @field.PersonId('The child') childId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class LinkAccount {
  @field.PersonId('Whose account it is') personId!: string;
  @field.Id('Pseudonym of the account, as the events of its chats name it') externalUserId!: string;
  @field.Int64('Id of the account in the messenger', { optional: true }) maxUserId?: string;
  @field.Text('How it is known', { max: 2_000 }) basis!: string;
}

export class UnlinkAccount {
  @field.PersonId('Whose account it is not, or not any more') personId!: string;
  @field.Id('Pseudonym of the account') externalUserId!: string;
  @field.Text('How it is known', { max: 2_000 }) basis!: string;
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

export class ChangeMemberRole {
  @field.PersonId('Whose role was wrong') personId!: string;
  @field.OneOf(PLATFORM_ROLES, 'Role in which the person is in the community') from!: PlatformRole;
  @field.OneOf(PLATFORM_ROLES, 'Role that the roster holds the person in') to!: PlatformRole;
  @field.Text('What the change rests on', { max: 2_000 }) basis!: string;
}

export class RemoveMember {
  @field.PersonId('Who is removed from the community') personId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';
const PARENT = '4c8f7e5d-1b62-4f7a-9c4d-1e9f6a7b8c06';
const PUPIL = '3d9a8b6e-2c73-4e8b-8d5e-2f0a7b8c9d07';
const ACCOUNT = '8e1b2c3d-4f5a-4b6c-9d7e-0a1b2c3d4e08';

function mustHaveJoined({ joined }: Membership): void {
  if (!joined.includes('teacher')) {
    throw ruleViolated(
      '3.3.2',
      'joined-first',
      'Подтвердить можно только присоединившегося в роли «учитель»: сначала отметьте вход по ссылке',
    );
  }
}

function notVerifiedYet(): LetopisError {
  return ruleViolated('3.3.2', 'not-verified-yet', 'Статус «учитель» уже подтверждён');
}

function malformed(message: string, name: string, problem: string): LetopisError {
  return new LetopisError('invalid', message, {
    fields: [{ path: `/payload/${name}`, message: `${name} ${problem}` }],
  });
}

function mustBeOnRecord({ onRecord }: Membership, clause: string): void {
  if (!onRecord) {
    throw ruleViolated(
      clause,
      'known-person',
      'Этого человека нет ни в одном списке школы: сначала внесите приказ, представителя или вступление',
    );
  }
}

/** The keyed digest of a value that may be absent; the same everywhere for the same kind and value. */
function digestOf(
  command: Pick<Command<unknown>, 'pseudonym'>,
  kind: 'full-name' | 'birth-date' | 'phone' | 'email' | 'document',
  value: string | undefined,
): string | undefined {
  return value === undefined ? undefined : command.pseudonym(kind, value);
}

export const membershipCommands = [
  defineCommand({
    name: 'RecordMovement',
    titleRu: 'Отразить движение контингента',
    about: 'An order hired, dismissed, enrolled, transferred or released a person, or sent them on leave.',
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
    decide: (state, command) => {
      const { payload } = command;
      const movement = MemberMovementRecorded.of({
        ...payload,
        effectiveAt: new Date(payload.effectiveAt).toISOString(),
        fullNameHash: digestOf(command, 'full-name', payload.fullName),
      });
      return state.facts.has(movementOf(movement.data)) ? [] : [movement];
    },
  }),
  defineCommand({
    name: 'CorrectMemberData',
    titleRu: 'Исправить данные участника',
    about: 'The administrator corrects data of a person, on a basis.',
    kind: 'decision',
    clauses: ['3.1.9', '4.5.1'],
    actors: ['platform_admin'],
    concept: membership,
    payload: CorrectMemberData,
    example: {
      personId: TEACHER,
      basis: 'Свидетельство о заключении брака предъявлено',
      fullName: 'Орлова Мария Петровна',
    },
    id: ({ personId }) => personId,
    decide: (state, command) => {
      const { payload } = command;
      const fields = DATA.filter((name) => payload[name] !== undefined);
      if (fields.length === 0)
        throw malformed('Nothing is corrected', 'fullName', 'or another field must be given');
      mustBeOnRecord(state, '3.1.9');
      const correction = MemberDataCorrected.of({
        ...payload,
        fields,
        fullNameHash: digestOf(command, 'full-name', payload.fullName),
        birthDateHash: digestOf(command, 'birth-date', payload.birthDate),
        phoneHash: digestOf(command, 'phone', payload.phone),
        emailHash: digestOf(command, 'email', payload.email),
      });
      return state.corrected === correctionOf(correction.data) ? [] : [correction];
    },
  }),
  defineCommand({
    name: 'RecordGuardian',
    titleRu: 'Внести родителя (законного представителя)',
    about: 'A person is a parent or another legal representative of a child.',
    kind: 'fact',
    clauses: ['3.6.1'],
    actors: ['platform_admin', 'deputy', 'curator', 'director'],
    concept: membership,
    payload: RecordGuardian,
    assigns: 'personId',
    example: { personId: PARENT, childId: PUPIL, relation: 'mother', fullName: 'Белова Ольга Сергеевна' },
    id: ({ personId }) => personId,
    decide: (state, command) => {
      const { payload, occurredAt } = command;
      if (payload.personId === payload.childId) {
        throw malformed('Nobody is their own guardian', 'childId', 'must be another person');
      }
      const guardian = GuardianRecorded.of({
        ...payload,
        fullNameHash: digestOf(command, 'full-name', payload.fullName),
        documentHash: digestOf(command, 'document', payload.documentRef),
        at: occurredAt,
      });
      const over = state.standings[`child:${payload.childId}`]?.endedAt;
      return isNoted(state, guardianshipOf(guardian.data), occurredAt, over) ? [] : [guardian];
    },
  }),
  defineCommand({
    name: 'EndGuardianship',
    titleRu: 'Прекратить представительство родителя (законного представителя)',
    about: 'A person is the legal representative of a child no more.',
    kind: 'fact',
    clauses: ['3.6.1'],
    actors: ['platform_admin', 'deputy', 'curator', 'director'],
    concept: membership,
    payload: EndGuardianship,
    example: { personId: PARENT, childId: PUPIL, reason: 'Решение суда № 2-118/2026' },
    id: ({ personId }) => personId,
    decide: (state, { payload, occurredAt }) => {
      const began = state.standings[`child:${payload.childId}`]?.beganAt;
      return isNoted(state, endOf(payload), occurredAt, began)
        ? []
        : [GuardianshipEnded.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'LinkAccount',
    titleRu: 'Связать учётную запись с участником',
    about: 'The administrator finds out whose an account of the messenger is.',
    kind: 'decision',
    clauses: ['1.3', 'X.3'],
    actors: ['platform_admin'],
    concept: membership,
    payload: LinkAccount,
    example: { personId: PARENT, externalUserId: ACCOUNT, basis: 'Личное заявление от 08.09.2025' },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      mustBeOnRecord(state, '1.3');
      const link = state.accounts.get(payload.externalUserId);
      if (link === undefined) return [AccountLinked.of({ ...payload })];
      if (link.basis !== payload.basis) {
        throw ruleViolated(
          'X.3',
          'linked-once',
          'Эта учётная запись уже связана с участником на другом основании: сначала снимите связь',
        );
      }
      return link.maxUserId || payload.maxUserId === undefined ? [] : [AccountLinked.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'UnlinkAccount',
    titleRu: 'Снять связь учётной записи с участником',
    about: 'The administrator finds out that an account of the messenger is not the person’s.',
    kind: 'decision',
    clauses: ['1.3', 'X.3'],
    actors: ['platform_admin'],
    concept: membership,
    payload: UnlinkAccount,
    example: { personId: PARENT, externalUserId: ACCOUNT, basis: 'Учётная запись передана другому человеку' },
    id: ({ personId }) => personId,
    decide: (state, { payload }) => {
      if (state.accounts.has(payload.externalUserId)) return [AccountUnlinked.of({ ...payload })];
      if (state.facts.has(unlinkingOf(payload))) return [];
      throw ruleViolated('X.3', 'linked', 'Эта учётная запись сейчас не связана с участником');
    },
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
    decide: (state, { payload, occurredAt }) => {
      const left = state.standings[`in:${payload.platformRole}`]?.endedAt;
      return isNoted(state, joinOf(payload), occurredAt, left)
        ? []
        : [MemberJoined.of({ ...payload, at: occurredAt })];
    },
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
      if (state.verification === 'verified') throw notVerifiedYet();
      return state.verification === 'requested' && state.verificationTerms === payload.method
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
      if (state.verification === 'verified') {
        if (state.verificationTerms === evidenceOf(payload)) return [];
        throw notVerifiedYet();
      }
      return [RoleVerified.of({ ...payload, role: 'teacher', by: actor.id })];
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
      if (state.verification === 'rejected' && state.verificationTerms === payload.reason) return [];
      if (state.verification !== 'requested') {
        throw ruleViolated('3.3.2', 'requested-first', 'Отказать можно только в запрошенном подтверждении');
      }
      return [RoleVerificationRejected.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'ChangeMemberRole',
    titleRu: 'Изменить роль участника',
    about:
      'The administrator takes a person out of a wrong role; the person is then invited in the right one.',
    kind: 'decision',
    clauses: ['3.1.9'],
    actors: ['platform_admin'],
    concept: membership,
    payload: ChangeMemberRole,
    example: {
      personId: TEACHER,
      from: 'parent',
      to: 'teacher',
      basis: 'Приказ о приёме № 12-к от 25.08.2025',
    },
    id: ({ personId }) => personId,
    decide: (state, { payload, occurredAt }) => {
      const { from, to } = payload;
      if (from === to) throw malformed('The role stays the same', 'to', 'must be another role');
      if (!state.joined.includes(from)) {
        const since = state.standings[`in:${from}`]?.beganAt;
        if (isNoted(state, roleChangeOf(payload), occurredAt, since)) return [];
        throw ruleViolated(
          '3.1.9',
          'joined-in-role',
          'В этой роли человека сейчас нет в сообществе: проверьте, в какой роли он присоединился',
        );
      }
      if (!isInRoster(state, to)) {
        throw ruleViolated(
          '3.1.9',
          'role-in-roster',
          'В списке школы этого человека нет в новой роли: сначала внесите приказ или представителя',
        );
      }
      return [MemberRoleChanged.of({ ...payload, at: occurredAt })];
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
        if (state.removedFor === payload.reason) return [];
        throw ruleViolated('3.1.9', 'member', 'Этого человека сейчас нет в сообществе');
      }
      return [MemberRemoved.of({ ...payload, scope: 'community', at: occurredAt })];
    },
  }),
];
