import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { administration, isAdministrator } from '../administration/administration';
import { At, defineEvent, type EventsOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { Type } from '@sinclair/typebox';

export const OrganizationCreated = defineEvent({
  type: 'OrganizationCreated',
  titleRu: 'Организация заведена',
  clauses: ['1.1'],
  data: { name: Text(500), timeZone: Text(60) },
});

export const OrganizationRegistrationRequested = defineEvent({
  type: 'OrganizationRegistrationRequested',
  titleRu: 'Направлена заявка на регистрацию организации',
  clauses: ['3.1.1'],
  data: {
    applicantId: PersonId(),
    sentTo: Text(200),
    sentAt: At(),
    orderRef: Text(),
    orderFileSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    contact: Type.Object({
      fullName: Personal(Text(200), '/applicantId'),
      email: Personal(Text(200), '/applicantId'),
      phone: Personal(Text(20), '/applicantId'),
    }),
    emailMessageId: Type.Optional(Text(500)),
  },
});

export const OrganizationRegistrationConfirmed = defineEvent({
  type: 'OrganizationRegistrationConfirmed',
  titleRu: 'Регистрация организации подтверждена',
  clauses: ['3.1.1'],
  data: { platformOrgId: Text(100), confirmedAt: At() },
});

export const OrganizationRegistrationRejected = defineEvent({
  type: 'OrganizationRegistrationRejected',
  titleRu: 'Регистрация организации отклонена',
  clauses: ['3.1.1'],
  data: { reason: Text(), at: At() },
});

const events = [
  OrganizationCreated,
  OrganizationRegistrationRequested,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
] as const;
export type OrganizationEvent = EventsOf<typeof events>;

export interface Organization {
  readonly created: boolean;
  readonly registration: 'none' | 'requested' | 'confirmed' | 'rejected';
}

export const organization: Concept<Organization, OrganizationEvent> = {
  name: 'organization',
  titleRu: 'Организация',
  events,
  initial: { created: false, registration: 'none' },
  evolve: (state, event) => {
    switch (event.type) {
      case 'OrganizationCreated':
        return { ...state, created: true };
      case 'OrganizationRegistrationRequested':
        return { ...state, registration: 'requested' };
      case 'OrganizationRegistrationConfirmed':
        return { ...state, registration: 'confirmed' };
      case 'OrganizationRegistrationRejected':
        return { ...state, registration: 'rejected' };
    }
  },
};

export class CreateOrganization {
  @field.Text('Full name of the school', { max: 500 }) name!: string;
  @field.TimeZone('IANA time zone in which its days begin and end') timeZone!: string;
}

class RegistrationContact {
  @field.Text('Surname, name and patronymic') fullName!: string;
  @field.Email('E-mail') email!: string;
  @field.Phone('Personal mobile phone') phone!: string;
}

export class RequestOrganizationRegistration {
  @field.PersonId('The administrator who applies') applicantId!: string;
  @field.Text('Number and date of the order of appointment') orderRef!: string;
  @field.Sha256('SHA-256 of the order that was attached') orderFileSha256!: string;
  @field.Nested(RegistrationContact, 'Contact data given in the application') contact!: RegistrationContact;
  @field.Text('Message-ID of the e-mail that was sent', { max: 500, optional: true }) emailMessageId?: string;
}

export class RecordRegistrationConfirmed {
  @field.Text('The id that the platform gave', { max: 100 }) platformOrgId!: string;
}

export class RecordRegistrationRejected {
  @field.Text('What the platform answered', { max: 2_000 }) reason!: string;
}

/** Address of the vendor, clause 3.1.1. */
const VENDOR = 'info@sferum.ru';

export const organizationCommands = [
  defineCommand({
    name: 'CreateOrganization',
    titleRu: 'Завести организацию',
    about: 'Creates the tenant. Issued by POST /v1/organizations only.',
    kind: 'decision',
    clauses: ['1.1'],
    actors: ['operator'],
    concept: organization,
    payload: CreateOrganization,
    example: { name: 'МБОУ «Школа № 7»', timeZone: 'Asia/Yekaterinburg' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) =>
      state.created ? [] : [OrganizationCreated.of({ name: payload.name, timeZone: payload.timeZone })],
  }),
  defineCommand({
    name: 'RequestOrganizationRegistration',
    titleRu: 'Направить заявку на регистрацию организации',
    about: 'The administrator applies to the vendor, with the order and contact data attached.',
    kind: 'decision',
    clauses: ['3.1.1'],
    actors: ['platform_admin'],
    concept: organization,
    payload: RequestOrganizationRegistration,
    example: {
      applicantId: '7d0f6f0a-6c43-4b53-9a1c-1f0e6d1f8a01',
      orderRef: '№ 324 от 29.08.2025',
      orderFileSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      contact: { fullName: 'Ковалёва Анна Игоревна', email: 'admin@school7.example', phone: '+79000000001' },
    },
    id: (_payload, organizationId) => organizationId,
    reads: (_payload, { organizationId }) => ({ administration: readState(administration, organizationId) }),
    decide: (state, { payload, occurredAt }, known) => {
      if (!isAdministrator(known.administration, payload.applicantId)) {
        throw ruleViolated(
          '3.1.1',
          'applicant-is-administrator',
          'Заявку направляет действующий администратор: сначала назначьте его приказом',
        );
      }
      if (state.registration === 'confirmed') {
        throw ruleViolated('3.1.1', 'not-confirmed-yet', 'Регистрация организации уже подтверждена');
      }
      return [OrganizationRegistrationRequested.of({ ...payload, sentTo: VENDOR, sentAt: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RecordRegistrationConfirmed',
    titleRu: 'Отметить подтверждение регистрации',
    about: 'The platform confirmed the registration.',
    kind: 'fact',
    clauses: ['3.1.1'],
    actors: ['platform_admin', 'deputy'],
    concept: organization,
    payload: RecordRegistrationConfirmed,
    example: { platformOrgId: 'sferum-70701' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload, occurredAt }) =>
      state.registration === 'confirmed'
        ? []
        : [OrganizationRegistrationConfirmed.of({ ...payload, confirmedAt: occurredAt })],
  }),
  defineCommand({
    name: 'RecordRegistrationRejected',
    titleRu: 'Отметить отказ в регистрации',
    about: 'The platform refused the registration.',
    kind: 'fact',
    clauses: ['3.1.1'],
    actors: ['platform_admin', 'deputy'],
    concept: organization,
    payload: RecordRegistrationRejected,
    example: { reason: 'Не приложен приказ' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload, occurredAt }) =>
      state.registration === 'rejected'
        ? []
        : [OrganizationRegistrationRejected.of({ ...payload, at: occurredAt })],
  }),
];
