import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { isTeacher, membership } from '../membership/membership';
import { organization } from '../organization/organization';

const KINDS = ['staff_room', 'class', 'subject', 'club', 'custom'] as const;
type GroupKind = (typeof KINDS)[number];
const SCHOOL_YEAR = /^\d{4}\/\d{4}$/;
/** Chats of the head of which a school has exactly one each (clauses 3.2.4a, 3.2.4b). */
export const HEAD_CHATS = ['head_deputies', 'head_teachers'] as const;
export type HeadChat = (typeof HEAD_CHATS)[number];

export const NomenclatureApproved = defineEvent({
  type: 'NomenclatureApproved',
  titleRu: 'Утверждена номенклатура групп',
  clauses: ['3.1.5'],
  data: {
    schoolYear: Type.String({ pattern: SCHOOL_YEAR.source }),
    groups: Type.Array(Type.Object({ kind: OneOf(KINDS), title: Text(200) })),
    orderRef: Text(200),
  },
});

export const GroupCreated = defineEvent({
  type: 'GroupCreated',
  titleRu: 'Создана группа',
  clauses: ['3.1.4', '3.1.5'],
  data: { groupId: Id(), kind: OneOf(KINDS), title: Text(200), nomenclatureRef: Type.Optional(Text(200)) },
});

export const GroupRenamed = defineEvent({
  type: 'GroupRenamed',
  titleRu: 'Группа переименована',
  clauses: ['3.1.5'],
  data: { groupId: Id(), from: Text(200), to: Text(200) },
});

export const GroupArchived = defineEvent({
  type: 'GroupArchived',
  titleRu: 'Группа отправлена в архив',
  clauses: ['3.1.5'],
  data: { groupId: Id(), reason: Text() },
});

export const ClassTeacherDistributionApproved = defineEvent({
  type: 'ClassTeacherDistributionApproved',
  titleRu: 'Утверждено распределение классного руководства',
  clauses: ['3.1.7'],
  data: {
    schoolYear: Type.String({ pattern: SCHOOL_YEAR.source }),
    orderRef: Text(200),
    pairs: Type.Array(Type.Object({ groupId: Id(), personId: PersonId() })),
  },
});

export const ClassTeacherAssigned = defineEvent({
  type: 'ClassTeacherAssigned',
  titleRu: 'Классный руководитель прикреплён к классу',
  clauses: ['3.1.7', '3.3.0'],
  data: { groupId: Id(), personId: PersonId(), orderRef: Text(200) },
});

export const ClassTeacherUnassigned = defineEvent({
  type: 'ClassTeacherUnassigned',
  titleRu: 'Классный руководитель откреплён от класса',
  clauses: ['3.1.7'],
  data: { groupId: Id(), personId: PersonId(), reason: Text() },
});

export const TeachingLoadApproved = defineEvent({
  type: 'TeachingLoadApproved',
  titleRu: 'Утверждена учебная нагрузка',
  clauses: ['3.4.3'],
  data: {
    schoolYear: Type.String({ pattern: SCHOOL_YEAR.source }),
    orderRef: Text(200),
    load: Type.Array(Type.Object({ groupId: Id(), subject: Text(200), personId: PersonId() })),
  },
});

export const HeadChatDesignated = defineEvent({
  type: 'HeadChatDesignated',
  titleRu: 'Определён чат руководителя',
  clauses: ['3.2.4a', '3.2.4b'],
  data: { chatId: Id(), kind: OneOf(HEAD_CHATS) },
});

export const HeadChatWithdrawn = defineEvent({
  type: 'HeadChatWithdrawn',
  titleRu: 'Чат руководителя больше не действует',
  clauses: ['3.2.4a', '3.2.4b'],
  data: { chatId: Id(), kind: OneOf(HEAD_CHATS) },
});

const events = [
  NomenclatureApproved,
  GroupCreated,
  GroupRenamed,
  GroupArchived,
  ClassTeacherDistributionApproved,
  ClassTeacherAssigned,
  ClassTeacherUnassigned,
  TeachingLoadApproved,
  HeadChatDesignated,
  HeadChatWithdrawn,
] as const;
export type StructureEvent = EventsOf<typeof events>;

export interface Group {
  readonly kind: GroupKind;
  readonly title: string;
  readonly live: boolean;
  /** The current class teacher, if the group has one. */
  readonly classTeacher?: string;
}

/** What an order approved for a school year. */
interface Approval<What> {
  readonly orderRef: string;
  readonly what: What;
  /** Tells the same approval from another one. */
  readonly content: string;
}

/** Approvals by school year; a later one for the same year replaces the earlier. */
type Approvals<What> = ReadonlyMap<string, Approval<What>>;

export interface Structure {
  readonly groups: ReadonlyMap<string, Group>;
  /** Kinds and titles of the approved groups. */
  readonly nomenclature: Approvals<ReadonlySet<string>>;
  /** Class to class teacher. */
  readonly distribution: Approvals<ReadonlyMap<string, string>>;
  /** Who teaches which subject to which group. */
  readonly teachingLoad: Approvals<ReadonlySet<string>>;
  /** The live chats of the head. Facts come as they come, so there may be two of one kind. */
  readonly headChats: ReadonlyMap<string, HeadChat>;
}

export const structure: Concept<Structure, StructureEvent> = {
  name: 'structure',
  titleRu: 'Структура организации',
  events,
  initial: {
    groups: new Map(),
    nomenclature: new Map(),
    distribution: new Map(),
    teachingLoad: new Map(),
    headChats: new Map(),
  },
  evolve: (state, { type, data }) => {
    const change = (groupId: string, next: Partial<Group>): Structure => {
      const group = state.groups.get(groupId);
      return group === undefined
        ? state
        : { ...state, groups: new Map(state.groups).set(groupId, { ...group, ...next }) };
    };
    switch (type) {
      case 'NomenclatureApproved':
        return {
          ...state,
          nomenclature: approved(state.nomenclature, data, new Set(data.groups.map(nomenclatureKey))),
        };
      case 'GroupCreated':
        return {
          ...state,
          groups: new Map(state.groups).set(data.groupId, { kind: data.kind, title: data.title, live: true }),
        };
      case 'GroupRenamed':
        return change(data.groupId, { title: data.to });
      case 'GroupArchived':
        return change(data.groupId, { live: false });
      case 'ClassTeacherDistributionApproved':
        return {
          ...state,
          distribution: approved(
            state.distribution,
            data,
            new Map(data.pairs.map(({ groupId, personId }) => [groupId, personId])),
          ),
        };
      case 'ClassTeacherAssigned':
        return change(data.groupId, { classTeacher: data.personId });
      case 'ClassTeacherUnassigned':
        return change(data.groupId, { classTeacher: undefined });
      case 'TeachingLoadApproved':
        return {
          ...state,
          teachingLoad: approved(state.teachingLoad, data, new Set(data.load.map(loadKey))),
        };
      case 'HeadChatDesignated':
        return { ...state, headChats: new Map(state.headChats).set(data.chatId, data.kind) };
      case 'HeadChatWithdrawn':
        return { ...state, headChats: new Map([...state.headChats].filter(([id]) => id !== data.chatId)) };
    }
  },
};

function approved<What>(
  before: Approvals<What>,
  data: { readonly schoolYear: string; readonly orderRef: string },
  what: What,
): Approvals<What> {
  const { schoolYear, orderRef } = data;
  return new Map(before).set(schoolYear, { orderRef, what, content: contentOf(data) });
}

/** Whether the very same was approved last for its school year. */
function isApproved(approvals: Approvals<unknown>, data: { readonly schoolYear: string }): boolean {
  return approvals.get(data.schoolYear)?.content === contentOf(data);
}

/**
 * The approvals that count at an instant: that of its school year, which turns on 1 September, and in July and August,
 * when a school prepares for it, first that of the next.
 *
 * Months are those of UTC. Russia's clocks run ahead of it, so no school's new year begins before that of the old one
 * has ceased to be the only one that counts.
 */
function counting<What>(approvals: Approvals<What>, at: string): readonly Approval<What>[] {
  const [year, month] = at.split('-').map(Number);
  if (year === undefined || month === undefined) return [];
  const current = month >= 9 ? year : year - 1;
  const prepared = month === 7 || month === 8 ? [current + 1] : [];
  return [...prepared, current]
    .map((begins) => approvals.get(`${begins}/${begins + 1}`))
    .filter((approval) => approval !== undefined);
}

function nomenclatureKey({ kind, title }: { kind: GroupKind; title: string }): string {
  return `${kind}:${title}`;
}

function loadKey({ groupId, subject, personId }: TeachingLoadItem): string {
  return [groupId, personId, subject.trim().toLowerCase()].join('\u001f');
}

/** Whether the approved teaching load says at an instant that the teacher teaches the subject to the group. */
export function teaches({ teachingLoad }: Structure, item: TeachingLoadItem, at: string): boolean {
  return counting(teachingLoad, at).some(({ what }) => what.has(loadKey(item)));
}

/** The live chat of the head of this kind, other than `chatId`. */
export function otherHeadChat({ headChats }: Structure, kind: HeadChat, chatId: string): string | undefined {
  return [...headChats].find(([id, of]) => of === kind && id !== chatId)?.[0];
}

/** Whether the group exists and is not archived. */
export function isLive({ groups }: Structure, groupId: string): boolean {
  return groups.get(groupId)?.live === true;
}

class NomenclatureGroup {
  @field.OneOf(KINDS, 'What kind of group') kind!: GroupKind;
  @field.Text('Its title') title!: string;
}

export class ApproveNomenclature {
  @field.SchoolYear('School year') schoolYear!: string;
  @field.ListOf(NomenclatureGroup, 'The groups', { max: 500 }) groups!: NomenclatureGroup[];
  @field.Text('Number and date of the order') orderRef!: string;
}

export class CreateGroup {
  @field.Id('The group; assigned when absent', { optional: true }) groupId!: string;
  @field.OneOf(KINDS, 'What kind of group') kind!: GroupKind;
  @field.Text('Its title, as in the nomenclature') title!: string;
}

export class RenameGroup {
  @field.Id('The group') groupId!: string;
  @field.Text('Its new title, as in the nomenclature') title!: string;
}

export class ArchiveGroup {
  @field.Id('The group') groupId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

class ClassTeacherPair {
  @field.Id('The class') groupId!: string;
  @field.PersonId('Its class teacher') personId!: string;
}

export class ApproveClassTeacherDistribution {
  @field.SchoolYear('School year') schoolYear!: string;
  @field.Text('Number and date of the order') orderRef!: string;
  @field.ListOf(ClassTeacherPair, 'Who leads which class', { max: 500 }) pairs!: ClassTeacherPair[];
}

export class AssignClassTeacher {
  @field.Id('The class') groupId!: string;
  @field.PersonId('Its class teacher') personId!: string;
}

export class UnassignClassTeacher {
  @field.Id('The class') groupId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

class TeachingLoadItem {
  @field.Id('The group') groupId!: string;
  @field.Text('What is taught, as in the curriculum; capitals make no difference') subject!: string;
  @field.PersonId('Who teaches it') personId!: string;
}

export class ApproveTeachingLoad {
  @field.SchoolYear('School year') schoolYear!: string;
  @field.Text('Number and date of the order') orderRef!: string;
  @field.ListOf(TeachingLoadItem, 'Who teaches what to whom, all of the school', { max: 4_000 })
  load!: TeachingLoadItem[];
}

export class DesignateHeadChat {
  @field.Id('The chat') chatId!: string;
  @field.OneOf(HEAD_CHATS, 'Whom the head meets in it') kind!: HeadChat;
}

export class WithdrawHeadChat {
  @field.Id('The chat') chatId!: string;
}

const GROUP = '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03';
const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';
const HEAD_CHAT = '8c2f4b16-5d7a-4b3e-9c1d-6e0f7a8b9c04';

/** The order that approved the group; «Учительская» needs none (clause 3.1.4). @throws LetopisError a rule of 3.1.5 */
function orderOfGroup(
  { nomenclature, groups }: Structure,
  { kind, title }: { kind: GroupKind; title: string },
  at: string,
): string | undefined {
  const approval = counting(nomenclature, at).find(({ what }) => what.has(nomenclatureKey({ kind, title })));
  if (kind !== 'staff_room' && approval === undefined) {
    throw ruleViolated(
      '3.1.5',
      'in-nomenclature',
      `Группы «${title}» нет в номенклатуре, утверждённой на этот учебный год: исправьте название или утвердите номенклатуру`,
    );
  }
  if ([...groups.values()].some((group) => group.live && group.title === title)) {
    throw ruleViolated('3.1.5', 'unique-title', `Группа «${title}» уже есть`);
  }
  return approval?.orderRef;
}

/** Ids that stand twice or more often. */
function repeatedIn(ids: readonly string[]): readonly string[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

export const structureCommands = [
  defineCommand({
    name: 'ApproveNomenclature',
    titleRu: 'Утвердить номенклатуру групп',
    about: 'The list of groups of the school year is approved by order.',
    kind: 'decision',
    clauses: ['3.1.5'],
    actors: ['director', 'platform_admin'],
    concept: structure,
    payload: ApproveNomenclature,
    example: {
      schoolYear: '2025/2026',
      groups: [{ kind: 'class', title: '5А' }],
      orderRef: '№ 325 от 29.08.2025',
    },
    id: (_payload, organizationId) => organizationId,
    decide: ({ nomenclature }, { payload }) => {
      const event = NomenclatureApproved.of({ ...payload, groups: payload.groups.map((g) => ({ ...g })) });
      return isApproved(nomenclature, event.data) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'CreateGroup',
    titleRu: 'Создать группу',
    about: 'The administrator creates «Учительская» or a group of the approved nomenclature.',
    kind: 'decision',
    clauses: ['3.1.4', '3.1.5'],
    actors: ['platform_admin'],
    concept: structure,
    payload: CreateGroup,
    assigns: 'groupId',
    example: { groupId: GROUP, kind: 'class', title: '5А' },
    id: (_payload, organizationId) => organizationId,
    reads: (_payload, { organizationId }) => ({ organization: readState(organization, organizationId) }),
    decide: (state, { payload: { groupId, kind, title }, occurredAt }, known) => {
      const group = state.groups.get(groupId);
      if (group?.kind === kind && group.title === title) return [];
      if (group !== undefined)
        throw ruleViolated('3.1.5', 'unique-group', 'Группа с таким идентификатором уже есть');
      if (kind === 'staff_room') {
        if (known.organization.registration !== 'confirmed') {
          throw ruleViolated(
            '3.1.4',
            'organization-confirmed',
            '«Учительскую» создают после подтверждения регистрации организации (RecordRegistrationConfirmed)',
          );
        }
        if ([...state.groups.values()].some((other) => other.live && other.kind === 'staff_room')) {
          throw ruleViolated('3.1.4', 'one-staff-room', 'Действующая «Учительская» уже есть');
        }
      }
      const nomenclatureRef = orderOfGroup(state, { kind, title }, occurredAt);
      return [GroupCreated.of({ groupId, kind, title, nomenclatureRef })];
    },
  }),
  defineCommand({
    name: 'RenameGroup',
    titleRu: 'Переименовать группу',
    about: 'The administrator gives a group another title of the nomenclature.',
    kind: 'decision',
    clauses: ['3.1.5'],
    actors: ['platform_admin'],
    concept: structure,
    payload: RenameGroup,
    example: { groupId: GROUP, title: '6А' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload: { groupId, title }, occurredAt }) => {
      const group = state.groups.get(groupId);
      if (group?.live !== true) throw ruleViolated('3.1.5', 'live-group', 'Такой действующей группы нет');
      if (group.title === title) return [];
      orderOfGroup(state, { kind: group.kind, title }, occurredAt);
      return [GroupRenamed.of({ groupId, from: group.title, to: title })];
    },
  }),
  defineCommand({
    name: 'ArchiveGroup',
    titleRu: 'Отправить группу в архив',
    about: 'The administrator archives a group that is needed no more.',
    kind: 'decision',
    clauses: ['3.1.5'],
    actors: ['platform_admin'],
    concept: structure,
    payload: ArchiveGroup,
    example: { groupId: GROUP, reason: 'Выпуск 2026 года' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const group = state.groups.get(payload.groupId);
      if (group === undefined) throw ruleViolated('3.1.5', 'live-group', 'Такой группы нет');
      return group.live ? [GroupArchived.of({ ...payload })] : [];
    },
  }),
  defineCommand({
    name: 'ApproveClassTeacherDistribution',
    titleRu: 'Утвердить распределение классного руководства',
    about: 'The director approves who leads which class.',
    kind: 'decision',
    clauses: ['3.1.7'],
    actors: ['director'],
    concept: structure,
    payload: ApproveClassTeacherDistribution,
    example: {
      schoolYear: '2025/2026',
      orderRef: '№ 326 от 29.08.2025',
      pairs: [{ groupId: GROUP, personId: TEACHER }],
    },
    id: (_payload, organizationId) => organizationId,
    decide: ({ distribution }, { payload }) => {
      const event = ClassTeacherDistributionApproved.of({
        ...payload,
        pairs: payload.pairs.map((pair) => ({ ...pair })),
      });
      const twice = repeatedIn(payload.pairs.map(({ groupId }) => groupId));
      if (twice.length > 0) {
        throw ruleViolated(
          '3.1.7',
          'one-class-teacher',
          `У класса один классный руководитель; дважды указаны классы: ${twice.join(', ')}`,
        );
      }
      return isApproved(distribution, event.data) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'AssignClassTeacher',
    titleRu: 'Прикрепить классного руководителя',
    about: 'The administrator attaches a class teacher to a class, as the director distributed them.',
    kind: 'decision',
    clauses: ['3.1.7', '3.3.0'],
    actors: ['platform_admin'],
    concept: structure,
    payload: AssignClassTeacher,
    example: { groupId: GROUP, personId: TEACHER },
    id: (_payload, organizationId) => organizationId,
    reads: ({ personId }) => ({ person: readState(membership, personId) }),
    decide: (state, { payload: { groupId, personId }, occurredAt }, { person }) => {
      const group = state.groups.get(groupId);
      if (group?.live !== true || group.kind !== 'class') {
        throw ruleViolated('3.1.7', 'live-class', 'Такого действующего класса нет');
      }
      if (group.classTeacher === personId) return [];
      const approval = counting(state.distribution, occurredAt).find(
        ({ what }) => what.get(groupId) === personId,
      );
      if (approval === undefined) {
        throw ruleViolated(
          '3.1.7',
          'in-distribution',
          'Этой пары нет в распределении, утверждённом директором на этот учебный год (ApproveClassTeacherDistribution)',
        );
      }
      if (!isTeacher(person)) {
        throw ruleViolated('3.1.7', 'verified-teacher', 'Статус «учитель» этого человека не подтверждён');
      }
      if (group.classTeacher !== undefined) {
        throw ruleViolated(
          '3.1.7',
          'one-class-teacher',
          'У класса уже есть руководитель: сначала открепите его',
        );
      }
      return [ClassTeacherAssigned.of({ groupId, personId, orderRef: approval.orderRef })];
    },
  }),
  defineCommand({
    name: 'UnassignClassTeacher',
    titleRu: 'Открепить классного руководителя',
    about: 'The administrator detaches the class teacher of a class.',
    kind: 'decision',
    clauses: ['3.1.7'],
    actors: ['platform_admin'],
    concept: structure,
    payload: UnassignClassTeacher,
    example: { groupId: GROUP, reason: 'Перераспределение нагрузки' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload: { groupId, reason } }) => {
      const personId = state.groups.get(groupId)?.classTeacher;
      if (personId === undefined)
        throw ruleViolated('3.1.7', 'assigned', 'У этой группы нет классного руководителя');
      return [ClassTeacherUnassigned.of({ groupId, personId, reason })];
    },
  }),
  defineCommand({
    name: 'ApproveTeachingLoad',
    titleRu: 'Утвердить учебную нагрузку',
    about: 'The administration approves who teaches which subject to which group in the school year.',
    kind: 'decision',
    clauses: ['3.4.3'],
    actors: ['director', 'deputy'],
    concept: structure,
    payload: ApproveTeachingLoad,
    example: {
      schoolYear: '2025/2026',
      orderRef: '№ 327 от 29.08.2025',
      load: [{ groupId: GROUP, subject: 'Математика', personId: TEACHER }],
    },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      const event = TeachingLoadApproved.of({ ...payload, load: payload.load.map((item) => ({ ...item })) });
      if (isApproved(state.teachingLoad, event.data)) return [];
      const unknown = new Set(
        payload.load.map(({ groupId }) => groupId).filter((groupId) => !isLive(state, groupId)),
      );
      if (unknown.size > 0) {
        throw ruleViolated(
          '3.4.3',
          'live-group',
          `Нагрузку утверждают для действующих групп; таких нет: ${[...unknown].join(', ')}`,
        );
      }
      return [event];
    },
  }),
  defineCommand({
    name: 'DesignateHeadChat',
    titleRu: 'Определить чат руководителя',
    about: 'A chat of the head came into the register. Letopis issues it by itself.',
    kind: 'fact',
    clauses: ['3.2.4a', '3.2.4b'],
    actors: ['system'],
    concept: structure,
    payload: DesignateHeadChat,
    example: { chatId: HEAD_CHAT, kind: 'head_deputies' },
    id: (_payload, organizationId) => organizationId,
    decide: ({ headChats }, { payload }) =>
      headChats.get(payload.chatId) === payload.kind ? [] : [HeadChatDesignated.of({ ...payload })],
  }),
  defineCommand({
    name: 'WithdrawHeadChat',
    titleRu: 'Отметить закрытие чата руководителя',
    about:
      'A chat was closed; if it was one of the head, another may take its place. Letopis issues it by itself.',
    kind: 'fact',
    clauses: ['3.2.4a', '3.2.4b'],
    actors: ['system'],
    concept: structure,
    payload: WithdrawHeadChat,
    example: { chatId: HEAD_CHAT },
    id: (_payload, organizationId) => organizationId,
    decide: ({ headChats }, { payload: { chatId } }) => {
      const kind = headChats.get(chatId);
      return kind === undefined ? [] : [HeadChatWithdrawn.of({ chatId, kind })];
    },
  }),
];
