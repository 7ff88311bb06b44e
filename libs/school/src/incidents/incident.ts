import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, LetopisError, PARTICIPANTS, ruleViolated } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const ACTIONS = ['sessions_ended', 'password', 'removed_from_chats', 'link_revoked'] as const;
const KINDS = ['unauthorized_access', 'data_leak', 'other'] as const;
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

export const UnauthorizedAccessReported = defineEvent({
  type: 'UnauthorizedAccessReported',
  titleRu: 'Сообщено о несанкционированном доступе',
  clauses: ['3.5.4', '4.5.2'],
  data: {
    incidentId: Id(),
    reporterId: PersonId(),
    affectedPersonId: PersonId(),
    detectedAt: At(),
    reportedAt: At(),
    circumstances: Type.Optional(Personal(Text(), '/affectedPersonId')),
  },
});

export const AccountContained = defineEvent({
  type: 'AccountContained',
  titleRu: 'Аккаунт взят под контроль',
  clauses: ['3.5.4', '4.5.2', '4.6.3'],
  data: { incidentId: Id(), actions: Type.Array(OneOf(ACTIONS)), at: At() },
});

export const AccountRestored = defineEvent({
  type: 'AccountRestored',
  titleRu: 'Доступ владельца к аккаунту восстановлен',
  clauses: ['4.5.2'],
  data: { incidentId: Id(), at: At() },
});

export const IncidentRegistered = defineEvent({
  type: 'IncidentRegistered',
  titleRu: 'Инцидент зарегистрирован',
  clauses: ['4.5.2', '4.6.2'],
  data: {
    incidentId: Id(),
    kind: OneOf(KINDS),
    clauseIds: Type.Array(Text(10)),
    detectedAt: At(),
    severity: OneOf(SEVERITIES),
  },
});

const events = [UnauthorizedAccessReported, AccountContained, AccountRestored, IncidentRegistered] as const;
export type IncidentEvent = EventsOf<typeof events>;

export interface Incident {
  readonly status: 'none' | 'reported' | 'contained' | 'restored';
  readonly registered: boolean;
  /** Who reported it already: the same report again changes nothing. */
  readonly reporters: readonly string[];
}

export const incident: Concept<Incident, IncidentEvent> = {
  name: 'incident',
  titleRu: 'Инцидент',
  events,
  initial: { status: 'none', registered: false, reporters: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'UnauthorizedAccessReported':
        return {
          ...state,
          status: state.status === 'none' ? 'reported' : state.status,
          reporters: [...state.reporters, event.data.reporterId],
        };
      case 'AccountContained':
        return { ...state, status: 'contained' };
      case 'AccountRestored':
        return { ...state, status: 'restored' };
      case 'IncidentRegistered':
        return { ...state, registered: true };
    }
  },
};

export class ReportUnauthorizedAccess {
  @field.Id('The incident; assigned when absent', { optional: true }) incidentId!: string;
  @field.PersonId('Who noticed it; the caller when absent', { optional: true }) reporterId?: string;
  @field.PersonId('Whose account it is') affectedPersonId!: string;
  @field.NotAfter('reportedAt')
  @field.Instant('When it was noticed')
  detectedAt!: string;
  @field.Instant('When the administrator was told; now when absent', { optional: true }) reportedAt?: string;
  @field.Text('What happened (stored encrypted)', { max: 2_000, optional: true }) circumstances?: string;
}

export class ContainAccount {
  @field.Id('The incident') incidentId!: string;
  @field.ManyOf(ACTIONS, 'What was done') actions!: (typeof ACTIONS)[number][];
}

export class RestoreAccount {
  @field.Id('The incident') incidentId!: string;
}

export class RegisterIncident {
  @field.Id('The incident; assigned when absent', { optional: true }) incidentId!: string;
  @field.OneOf(KINDS, 'What kind of incident') kind!: (typeof KINDS)[number];
  @field.Texts('Clauses that it bears on', { max: 10, length: 10 }) clauseIds!: string[];
  @field.Instant('When it was detected') detectedAt!: string;
  @field.OneOf(SEVERITIES, 'How grave it is') severity!: (typeof SEVERITIES)[number];
}

const INCIDENT = '4c5d6e7f-8091-4a2b-bc3d-4e5f60718206';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';

export const incidentCommands = [
  defineCommand({
    name: 'ReportUnauthorizedAccess',
    titleRu: 'Сообщить о несанкционированном доступе',
    about: 'Somebody tells the administrator that an account was used by another.',
    kind: 'fact',
    clauses: ['3.5.4', '4.5.2'],
    actors: PARTICIPANTS,
    concept: incident,
    payload: ReportUnauthorizedAccess,
    assigns: 'incidentId',
    example: {
      affectedPersonId: PUPIL,
      detectedAt: '2025-11-17T18:40:00+05:00',
      reportedAt: '2025-11-17T19:05:00+05:00',
      circumstances: 'С аккаунта рассылали ссылки, которых владелец не отправлял',
    },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, actor, occurredAt }) => {
      const reporterId = payload.reporterId ?? actor.id;
      const detectedAt = new Date(payload.detectedAt).toISOString();
      const reportedAt = new Date(payload.reportedAt ?? occurredAt).toISOString();
      if (detectedAt > reportedAt) {
        throw new LetopisError('invalid', 'Nothing is reported before it is noticed', {
          fields: [{ path: '/payload/detectedAt', message: 'detectedAt must not be after the report' }],
        });
      }
      if (state.reporters.includes(reporterId)) return [];
      return [UnauthorizedAccessReported.of({ ...payload, reporterId, detectedAt, reportedAt })];
    },
  }),
  defineCommand({
    name: 'ContainAccount',
    titleRu: 'Взять аккаунт под контроль',
    about: 'The administrator contains the account: sessions ended, password changed, removed from chats.',
    kind: 'decision',
    clauses: ['3.5.4', '4.5.2', '4.6.3'],
    actors: ['platform_admin', 'pdn_officer'],
    concept: incident,
    payload: ContainAccount,
    example: { incidentId: INCIDENT, actions: ['sessions_ended', 'password'] },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, occurredAt }) => {
      if (state.status === 'none')
        throw ruleViolated('4.5.2', 'reported-first', 'О таком инциденте не сообщали');
      return state.status === 'reported' ? [AccountContained.of({ ...payload, at: occurredAt })] : [];
    },
  }),
  defineCommand({
    name: 'RestoreAccount',
    titleRu: 'Вернуть аккаунт владельцу',
    about: 'The owner has the contained account back.',
    kind: 'decision',
    clauses: ['4.5.2'],
    actors: ['platform_admin'],
    concept: incident,
    payload: RestoreAccount,
    example: { incidentId: INCIDENT },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, occurredAt }) => {
      if (state.status === 'restored') return [];
      if (state.status !== 'contained') {
        throw ruleViolated(
          '4.5.2',
          'contained-first',
          'Сначала возьмите аккаунт под контроль (ContainAccount)',
        );
      }
      return [AccountRestored.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RegisterIncident',
    titleRu: 'Зарегистрировать инцидент',
    about: 'The incident enters the journal of incidents.',
    kind: 'decision',
    clauses: ['4.5.2', '4.6.2'],
    actors: ['platform_admin', 'pdn_officer'],
    concept: incident,
    payload: RegisterIncident,
    assigns: 'incidentId',
    example: {
      incidentId: INCIDENT,
      kind: 'unauthorized_access',
      clauseIds: ['4.5.2'],
      detectedAt: '2025-11-17T18:40:00+05:00',
      severity: 'high',
    },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload }) =>
      state.registered
        ? []
        : [IncidentRegistered.of({ ...payload, detectedAt: new Date(payload.detectedAt).toISOString() })],
  }),
];
