import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { Day, defineEvent, type EventsOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { isTeacher, membership } from '../membership/membership';

export const AdministratorAppointed = defineEvent({
  type: 'AdministratorAppointed',
  titleRu: 'Администратор назначен приказом',
  clauses: ['3.1.0', '3.2.2'],
  data: {
    personId: PersonId(),
    orderNo: Text(50),
    orderDate: Day(),
    phone: Personal(Text(20), '/personId'),
    email: Personal(Text(200), '/personId'),
  },
});

export const AdministratorAppointmentRevoked = defineEvent({
  type: 'AdministratorAppointmentRevoked',
  titleRu: 'Назначение администратора отменено',
  clauses: ['3.1.0'],
  data: { personId: PersonId(), orderNo: Text(50), reason: Text() },
});

export const AdditionalAdministratorAssigned = defineEvent({
  type: 'AdditionalAdministratorAssigned',
  titleRu: 'Назначен дополнительный администратор',
  clauses: ['3.1.6b'],
  data: { personId: PersonId(), assignedBy: PersonId(), scope: Text(200) },
});

export const AdditionalAdministratorRevoked = defineEvent({
  type: 'AdditionalAdministratorRevoked',
  titleRu: 'Дополнительный администратор снят',
  clauses: ['3.1.6b'],
  data: { personId: PersonId(), revokedBy: PersonId(), reason: Text() },
});

const events = [
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
] as const;
export type AdministrationEvent = EventsOf<typeof events>;

export interface Administration {
  /** The administrator whom an order names, if one does now. */
  readonly primary?: string;
  readonly additional: readonly string[];
}

export const administration: Concept<Administration, AdministrationEvent> = {
  name: 'administration',
  titleRu: 'Администраторы платформы',
  events,
  initial: { additional: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'AdministratorAppointed':
        return { ...state, primary: data.personId };
      case 'AdministratorAppointmentRevoked':
        return { additional: state.additional };
      case 'AdditionalAdministratorAssigned':
        return { ...state, additional: [...state.additional, data.personId] };
      case 'AdditionalAdministratorRevoked':
        return { ...state, additional: state.additional.filter((id) => id !== data.personId) };
    }
  },
};

/** Whether the person is an administrator now, by order or as an additional one. */
export function isAdministrator({ primary, additional }: Administration, personId: string): boolean {
  return primary === personId || additional.includes(personId);
}

export class AppointAdministrator {
  @field.PersonId('Who is appointed') personId!: string;
  @field.Text('Number of the order', { max: 50 }) orderNo!: string;
  @field.Day('Date of the order') orderDate!: string;
  @field.Phone('Personal mobile phone') phone!: string;
  @field.Email('E-mail') email!: string;
}

export class RevokeAdministrator {
  @field.PersonId('Whose appointment ends') personId!: string;
  @field.Text('Number of the order', { max: 50 }) orderNo!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

export class AssignAdditionalAdministrator {
  @field.PersonId('A verified teacher who has joined') personId!: string;
  @field.Text('What the person may administer') scope!: string;
}

export class RevokeAdditionalAdministrator {
  @field.PersonId('Whose rights end') personId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const PERSON = '7d0f6f0a-6c43-4b53-9a1c-1f0e6d1f8a01';

export const administrationCommands = [
  defineCommand({
    name: 'AppointAdministrator',
    titleRu: 'Назначить администратора приказом',
    about: 'The director appoints the platform administrator by order.',
    kind: 'decision',
    clauses: ['3.1.0', '3.2.2'],
    actors: ['director'],
    concept: administration,
    payload: AppointAdministrator,
    example: {
      personId: PERSON,
      orderNo: '324',
      orderDate: '2025-08-29',
      phone: '+79000000001',
      email: 'admin@school7.example',
    },
    id: (_payload, organizationId) => organizationId,
    reads: ({ personId }) => ({ person: readState(membership, personId) }),
    decide: (state, { payload }, { person }) => {
      if (!person.employed) {
        throw ruleViolated(
          '3.2.2',
          'active-employee',
          'Администратором назначают действующего работника: сначала внесите приказ о приёме (RecordMovement)',
        );
      }
      if (state.primary === payload.personId) return [];
      if (state.primary !== undefined) {
        throw ruleViolated(
          '3.1.0',
          'one-primary-appointment',
          'Администратор уже назначен: сначала отмените действующее назначение приказом',
        );
      }
      return [AdministratorAppointed.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'RevokeAdministrator',
    titleRu: 'Отменить назначение администратора',
    about: 'The director ends the appointment by order.',
    kind: 'decision',
    clauses: ['3.1.0'],
    actors: ['director'],
    concept: administration,
    payload: RevokeAdministrator,
    example: { personId: PERSON, orderNo: '351', reason: 'Перевод на другую должность' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      if (state.primary !== payload.personId) {
        throw ruleViolated('3.1.0', 'appointed', 'Этот человек сейчас не назначен администратором');
      }
      return [AdministratorAppointmentRevoked.of({ ...payload })];
    },
  }),
  defineCommand({
    name: 'AssignAdditionalAdministrator',
    titleRu: 'Назначить дополнительного администратора',
    about: 'An administrator gives rights to a verified teacher who has joined.',
    kind: 'decision',
    clauses: ['3.1.6b'],
    actors: ['platform_admin'],
    concept: administration,
    payload: AssignAdditionalAdministrator,
    example: { personId: PERSON, scope: 'Классы 5–9' },
    id: (_payload, organizationId) => organizationId,
    reads: ({ personId }) => ({ person: readState(membership, personId) }),
    decide: (state, { payload, actor }, { person }) => {
      if (!isAdministrator(state, actor.id)) {
        throw ruleViolated('3.1.6b', 'assigner-active', 'Назначать может только действующий администратор');
      }
      if (payload.personId === actor.id) {
        throw ruleViolated(
          '3.1.6b',
          'not-self',
          'Нельзя назначить дополнительным администратором самого себя',
        );
      }
      if (!person.employed || !isTeacher(person)) {
        throw ruleViolated(
          '3.1.6b',
          'verified-teacher',
          'Дополнительный администратор — присоединившийся педагог с подтверждённым статусом «учитель»',
        );
      }
      if (state.additional.includes(payload.personId)) return [];
      return [AdditionalAdministratorAssigned.of({ ...payload, assignedBy: actor.id })];
    },
  }),
  defineCommand({
    name: 'RevokeAdditionalAdministrator',
    titleRu: 'Снять дополнительного администратора',
    about: 'An administrator takes the rights back.',
    kind: 'decision',
    clauses: ['3.1.6b'],
    actors: ['platform_admin', 'director'],
    concept: administration,
    payload: RevokeAdditionalAdministrator,
    example: { personId: PERSON, reason: 'Увольнение' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload, actor }) => {
      if (!state.additional.includes(payload.personId)) {
        throw ruleViolated('3.1.6b', 'assigned', 'Этот человек сейчас не дополнительный администратор');
      }
      return [AdditionalAdministratorRevoked.of({ ...payload, revokedBy: actor.id })];
    },
  }),
];
