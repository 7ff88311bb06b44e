import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { At, Day, defineEvent, type EventsOf, Id, Personal, PersonId, Text } from '../events';
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
    /** Keyed digest of phone and e-mail, by which a repeated order is told from another. */
    contactHash: Type.Optional(Id()),
  },
});

export const AdministratorRegistered = defineEvent({
  type: 'AdministratorRegistered',
  titleRu: 'Администратор зарегистрирован на платформе',
  clauses: ['3.1.2'],
  data: { personId: PersonId(), phoneHash: Id(), at: At() },
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
  AdministratorRegistered,
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
] as const;
export type AdministrationEvent = EventsOf<typeof events>;

interface Appointment {
  readonly personId: string;
  readonly orderNo: string;
  readonly orderDate: string;
  readonly contactHash?: string;
}

interface Revocation {
  readonly personId: string;
  readonly orderNo: string;
  readonly reason: string;
}

export interface Administration {
  /** The order that names the administrator, if one does now. */
  readonly appointment?: Appointment;
  /** How the appointment before it ended. */
  readonly revocation?: Revocation;
  /** The digest of the phone with which each administrator registered. */
  readonly registered: ReadonlyMap<string, string>;
  /** What each additional administrator may administer now. */
  readonly additional: ReadonlyMap<string, string>;
  /** Why former additional administrators are none any more. */
  readonly withdrawn: ReadonlyMap<string, string>;
}

export const administration: Concept<Administration, AdministrationEvent> = {
  name: 'administration',
  titleRu: 'Администраторы платформы',
  events,
  initial: { registered: new Map(), additional: new Map(), withdrawn: new Map() },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'AdministratorAppointed': {
        const { personId, orderNo, orderDate, contactHash } = data;
        return { ...state, appointment: { personId, orderNo, orderDate, contactHash } };
      }
      case 'AdministratorAppointmentRevoked': {
        const { personId, orderNo, reason } = data;
        return { ...state, appointment: undefined, revocation: { personId, orderNo, reason } };
      }
      case 'AdministratorRegistered':
        return { ...state, registered: new Map(state.registered).set(data.personId, data.phoneHash) };
      case 'AdditionalAdministratorAssigned':
        return { ...state, additional: new Map(state.additional).set(data.personId, data.scope) };
      case 'AdditionalAdministratorRevoked':
        return {
          ...state,
          additional: new Map([...state.additional].filter(([id]) => id !== data.personId)),
          withdrawn: new Map(state.withdrawn).set(data.personId, data.reason),
        };
    }
  },
};

/** Whether the person is an administrator now, by order or as an additional one. */
export function isAdministrator({ appointment, additional }: Administration, personId: string): boolean {
  return appointment?.personId === personId || additional.has(personId);
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

const FOURTEEN_HOURS = 14 * 3_600_000;

/** The latest day that it is anywhere on Earth at the instant: a day after it lies ahead wherever the school is. */
function lastDayAt(at: string): string {
  return new Date(Date.parse(at) + FOURTEEN_HOURS).toISOString().slice(0, 10);
}

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
    decide: ({ appointment }, command, { person }) => {
      const { payload, occurredAt } = command;
      const { personId, orderNo, orderDate, phone, email } = payload;
      const contactHash = command.pseudonym('contact', phone, email);
      if (
        appointment?.personId === personId &&
        appointment.orderNo === orderNo &&
        appointment.orderDate === orderDate &&
        appointment.contactHash === contactHash
      ) {
        return [];
      }
      if (!person.employed) {
        throw ruleViolated(
          '3.2.2',
          'active-employee',
          'Администратором назначают действующего работника: сначала внесите приказ о приёме (RecordMovement)',
        );
      }
      if (appointment?.personId === personId) {
        throw ruleViolated(
          '3.1.0',
          'one-order',
          'Этот человек уже назначен администратором другим приказом или с другими контактами: сначала отмените то назначение (RevokeAdministrator)',
        );
      }
      if (appointment !== undefined) {
        throw ruleViolated(
          '3.1.0',
          'one-primary-appointment',
          'Администратор уже назначен: сначала отмените действующее назначение приказом',
        );
      }
      if (orderDate > lastDayAt(occurredAt)) {
        throw ruleViolated(
          '3.1.0',
          'order-signed',
          'Приказ ещё не подписан: его дата в будущем, проверьте дату',
        );
      }
      return [AdministratorAppointed.of({ ...payload, contactHash })];
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
      const { appointment, revocation } = state;
      if (appointment?.personId !== payload.personId) {
        const repeated =
          revocation?.personId === payload.personId &&
          revocation.orderNo === payload.orderNo &&
          revocation.reason === payload.reason;
        if (repeated) return [];
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
      const scope = state.additional.get(payload.personId);
      if (scope === payload.scope) return [];
      if (scope !== undefined) {
        throw ruleViolated(
          '3.1.6b',
          'assigned-once',
          'Этот человек уже дополнительный администратор с другими полномочиями: сначала снимите их',
        );
      }
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
      if (!state.additional.has(payload.personId)) {
        if (state.withdrawn.get(payload.personId) === payload.reason) return [];
        throw ruleViolated('3.1.6b', 'assigned', 'Этот человек сейчас не дополнительный администратор');
      }
      return [AdditionalAdministratorRevoked.of({ ...payload, revokedBy: actor.id })];
    },
  }),
];
