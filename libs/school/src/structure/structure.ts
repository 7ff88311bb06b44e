import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { isTeacher, membership } from '../membership/membership';
import { organization } from '../organization/organization';

const KINDS = ['staff_room', 'class', 'subject', 'club', 'custom'] as const;
type GroupKind = (typeof KINDS)[number];
const SCHOOL_YEAR = /^\d{4}\/\d{4}$/;

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

const events = [
  NomenclatureApproved,
  GroupCreated,
  GroupRenamed,
  GroupArchived,
  ClassTeacherDistributionApproved,
  ClassTeacherAssigned,
  ClassTeacherUnassigned,
] as const;
export type StructureEvent = EventsOf<typeof events>;

export interface Group {
  readonly kind: GroupKind;
  readonly title: string;
  readonly live: boolean;
  /** The current class teacher, if the group has one. */
  readonly classTeacher?: string;
}

export interface Structure {
  readonly groups: ReadonlyMap<string, Group>;
  /** The nomenclature approved last. */
  readonly nomenclature?: { readonly orderRef: string; readonly groups: ReadonlySet<string> };
  /** The distribution approved last: class to teacher. */
  readonly distribution: ReadonlyMap<string, { readonly personId: string; readonly orderRef: string }>;
}

export const structure: Concept<Structure, StructureEvent> = {
  name: 'structure',
  titleRu: 'Структура организации',
  events,
  initial: { groups: new Map(), distribution: new Map() },
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
          nomenclature: { orderRef: data.orderRef, groups: new Set(data.groups.map(nomenclatureKey)) },
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
          distribution: new Map(
            data.pairs.map(({ groupId, personId }) => [groupId, { personId, orderRef: data.orderRef }]),
          ),
        };
      case 'ClassTeacherAssigned':
        return change(data.groupId, { classTeacher: data.personId });
      case 'ClassTeacherUnassigned':
        return change(data.groupId, { classTeacher: undefined });
    }
  },
};

function nomenclatureKey({ kind, title }: { kind: GroupKind; title: string }): string {
  return `${kind}:${title}`;
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

const GROUP = '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03';
const TEACHER = '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02';

function mustFollowNomenclature({ nomenclature, groups }: Structure, kind: GroupKind, title: string): void {
  if (kind !== 'staff_room' && nomenclature?.groups.has(nomenclatureKey({ kind, title })) !== true) {
    throw ruleViolated(
      '3.1.5',
      'in-nomenclature',
      `Группы «${title}» нет в утверждённой номенклатуре: исправьте название или утвердите номенклатуру`,
    );
  }
  if ([...groups.values()].some((group) => group.live && group.title === title)) {
    throw ruleViolated('3.1.5', 'unique-title', `Группа «${title}» уже есть`);
  }
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
    decide: (_state, { payload }) => [
      NomenclatureApproved.of({ ...payload, groups: payload.groups.map((g) => ({ ...g })) }),
    ],
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
    decide: (state, { payload: { groupId, kind, title } }, known) => {
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
      mustFollowNomenclature(state, kind, title);
      return [GroupCreated.of({ groupId, kind, title, nomenclatureRef: state.nomenclature?.orderRef })];
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
    decide: (state, { payload: { groupId, title } }) => {
      const group = state.groups.get(groupId);
      if (group?.live !== true) throw ruleViolated('3.1.5', 'live-group', 'Такой действующей группы нет');
      if (group.title === title) return [];
      mustFollowNomenclature(state, group.kind, title);
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
    decide: (_state, { payload }) => [
      ClassTeacherDistributionApproved.of({ ...payload, pairs: payload.pairs.map((pair) => ({ ...pair })) }),
    ],
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
    decide: (state, { payload: { groupId, personId } }, { person }) => {
      const group = state.groups.get(groupId);
      if (group?.live !== true || group.kind !== 'class') {
        throw ruleViolated('3.1.7', 'live-class', 'Такого действующего класса нет');
      }
      const approved = state.distribution.get(groupId);
      if (approved?.personId !== personId) {
        throw ruleViolated(
          '3.1.7',
          'in-distribution',
          'Этой пары нет в распределении, утверждённом директором (ApproveClassTeacherDistribution)',
        );
      }
      if (!isTeacher(person)) {
        throw ruleViolated('3.1.7', 'verified-teacher', 'Статус «учитель» этого человека не подтверждён');
      }
      if (group.classTeacher === personId) return [];
      if (group.classTeacher !== undefined) {
        throw ruleViolated(
          '3.1.7',
          'one-class-teacher',
          'У класса уже есть руководитель: сначала открепите его',
        );
      }
      return [ClassTeacherAssigned.of({ groupId, personId, orderRef: approved.orderRef })];
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
];
