import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, readState, ruleViolated } from '@letopis/kernel';
import { administration, isAdministrator } from '../administration/administration';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

/** What the platform shows of an organisation (clause 3.1.3). */
const PROFILE = ['name', 'shortName', 'address', 'headId', 'phone', 'email', 'site', 'inn', 'ogrn'] as const;
type ProfileField = (typeof PROFILE)[number];
type Profile = Readonly<Partial<Record<ProfileField, string>>>;

const profile = () =>
  Type.Object({
    name: Type.Optional(Text(500)),
    shortName: Type.Optional(Text(200)),
    address: Type.Optional(Text(500)),
    headId: Type.Optional(PersonId()),
    phone: Type.Optional(Text(20)),
    email: Type.Optional(Text(200)),
    site: Type.Optional(Text(200)),
    inn: Type.Optional(Text(12)),
    ogrn: Type.Optional(Text(15)),
  });

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
      /** Keyed digest of `phone`, with which the administrator has to register (clause 3.1.2). */
      phoneHash: Type.Optional(Id()),
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

export const OrganizationProfileUpdated = defineEvent({
  type: 'OrganizationProfileUpdated',
  titleRu: 'Изменены сведения об организации',
  clauses: ['3.1.3'],
  data: { changedFields: Type.Array(OneOf(PROFILE)), before: profile(), after: profile() },
});

const events = [
  OrganizationCreated,
  OrganizationRegistrationRequested,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
  OrganizationProfileUpdated,
] as const;
export type OrganizationEvent = EventsOf<typeof events>;

export interface Organization {
  /** What the tenant was created with. */
  readonly created?: { readonly name: string; readonly timeZone: string };
  /** Where the registration stands by the latest of what happened, whatever came in first. */
  readonly registration: 'none' | 'requested' | 'confirmed' | 'rejected';
  readonly registrationAt?: string;
  /** Answers of the platform on record: for each, at which instants it was given. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
  /** The answer that the registration stands on. */
  readonly answer?: string;
  /** The application that was sent last. */
  readonly application?: { readonly applicantId: string; readonly phoneHash?: string };
  readonly profile: Profile;
}

export const organization: Concept<Organization, OrganizationEvent> = {
  name: 'organization',
  titleRu: 'Организация',
  events,
  initial: { registration: 'none', answers: new Map(), profile: {} },
  evolve: (state, event) => {
    switch (event.type) {
      case 'OrganizationCreated': {
        const { name, timeZone } = event.data;
        return { ...state, created: { name, timeZone }, profile: { name, ...state.profile } };
      }
      case 'OrganizationRegistrationRequested': {
        const { applicantId, contact, sentAt } = event.data;
        const application = { applicantId, phoneHash: contact.phoneHash };
        return stands({ ...state, application }, 'requested', sentAt);
      }
      case 'OrganizationRegistrationConfirmed': {
        const { platformOrgId, confirmedAt } = event.data;
        return answered(state, 'confirmed', platformOrgId, confirmedAt);
      }
      case 'OrganizationRegistrationRejected': {
        const { reason, at } = event.data;
        return answered(state, 'rejected', reason, at);
      }
      case 'OrganizationProfileUpdated':
        return { ...state, profile: { ...state.profile, ...event.data.after } };
    }
  },
};

type Answer = 'confirmed' | 'rejected';

function answerOf(kind: Answer, text: string): string {
  return `${kind}: ${text}`;
}

function stands(
  state: Organization,
  registration: 'requested' | Answer,
  at: string,
  answer?: string,
): Organization {
  if (state.registrationAt !== undefined && state.registrationAt > at) return state;
  return { ...state, registration, registrationAt: at, answer };
}

function answered(state: Organization, kind: Answer, text: string, at: string): Organization {
  const answer = answerOf(kind, text);
  const answers = new Map(state.answers).set(answer, [...(state.answers.get(answer) ?? []), at]);
  return stands({ ...state, answers }, kind, at, answer);
}

/** Whether this answer is on record: at that very instant, or as the one that the registration stands on since. */
function isAnswered(state: Organization, answer: string, at: string): boolean {
  const standsSince = state.answer === answer && (state.registrationAt ?? '') <= at;
  return standsSince || state.answers.get(answer)?.includes(at) === true;
}

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

export class UpdateOrganizationProfile {
  @field.Text('Full name', { max: 500, optional: true }) name?: string;
  @field.Text('Short name', { optional: true }) shortName?: string;
  @field.Text('Address', { max: 500, optional: true }) address?: string;
  @field.PersonId('The head of the school', { optional: true }) headId?: string;
  @field.Phone('Phone of the school', { optional: true }) phone?: string;
  @field.Email('E-mail of the school', { optional: true }) email?: string;
  @field.Text('Site', { optional: true }) site?: string;
  @field.Text('Taxpayer number (ИНН)', { max: 12, optional: true }) inn?: string;
  @field.Text('State registration number (ОГРН)', { max: 15, optional: true }) ogrn?: string;
}

/** Address of the vendor, clause 3.1.1. */
const VENDOR = 'info@sferum.ru';

/** The fields of `whole` that have a value. */
function part(whole: Profile, names: readonly ProfileField[]): Profile {
  return Object.fromEntries(
    names.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])),
  );
}

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
    decide: ({ created }, { payload: { name, timeZone } }) => {
      if (created === undefined) return [OrganizationCreated.of({ name, timeZone })];
      if (created.name === name && created.timeZone === timeZone) return [];
      throw ruleViolated(
        '1.1',
        'created-once',
        'Организация уже заведена: её сведения меняет администратор (UpdateOrganizationProfile)',
      );
    },
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
    decide: (state, command, known) => {
      const { payload, occurredAt } = command;
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
      const contact = { ...payload.contact, phoneHash: command.pseudonym('phone', payload.contact.phone) };
      return [
        OrganizationRegistrationRequested.of({ ...payload, contact, sentTo: VENDOR, sentAt: occurredAt }),
      ];
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
      isAnswered(state, answerOf('confirmed', payload.platformOrgId), occurredAt)
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
      isAnswered(state, answerOf('rejected', payload.reason), occurredAt)
        ? []
        : [OrganizationRegistrationRejected.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    name: 'UpdateOrganizationProfile',
    titleRu: 'Изменить сведения об организации',
    about: 'The administrator enters or edits what the platform shows of the organisation.',
    kind: 'decision',
    clauses: ['3.1.3'],
    actors: ['platform_admin'],
    concept: organization,
    payload: UpdateOrganizationProfile,
    example: {
      shortName: 'МБОУ СОШ № 7',
      address: '628000, г. Ясногорск, ул. Школьная, д. 7',
      phone: '+73460000007',
      email: 'school7@school.example',
      site: 'https://school7.example',
    },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload }) => {
      if (state.registration !== 'confirmed') {
        throw ruleViolated(
          '3.1.3',
          'registration-confirmed',
          'Сведения вносят после подтверждения регистрации организации (RecordRegistrationConfirmed)',
        );
      }
      const given = PROFILE.filter((name) => payload[name] !== undefined);
      if (given.length === 0) {
        throw ruleViolated('3.1.3', 'diff-not-empty', 'Укажите хотя бы одно сведение, которое изменилось');
      }
      const changedFields = given.filter((name) => payload[name] !== state.profile[name]);
      if (changedFields.length === 0) return [];
      return [
        OrganizationProfileUpdated.of({
          changedFields,
          before: part(state.profile, changedFields),
          after: part(payload, changedFields),
        }),
      ];
    },
  }),
];
