import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, LetopisError, PARTICIPANTS, ruleViolated } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const ACTIONS = ['sessions_ended', 'password', 'removed_from_chats', 'link_revoked'] as const;
const KINDS = ['unauthorized_access', 'data_leak', 'other'] as const;
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
const NOTICES = ['initial', 'findings'] as const;

type Action = (typeof ACTIONS)[number];
type Notice = (typeof NOTICES)[number];

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
    /** Keyed digest of the circumstances: tells the same report again from a further one. */
    circumstancesDigest: Type.Optional(Id()),
  },
});

/** Every account that was reported in the incident until then was taken under control. */
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

/**
 * Whether personal data were affected, as far as was known then; a later assessment corrects an earlier one.
 * `detectedAt` is the earliest detection on record: the 24 and 72 hours of 152-ФЗ ст. 21 ч. 3.1 count from it.
 */
export const PersonalDataImpactAssessed = defineEvent({
  type: 'PersonalDataImpactAssessed',
  titleRu: 'Оценено, затронуты ли персональные данные',
  clauses: ['4.5.2', '4.6.2'],
  data: {
    incidentId: Id(),
    pdnAffected: Type.Boolean(),
    categories: Type.Array(Text(100)),
    subjectsCount: Type.Integer({ minimum: 0 }),
    harm: Text(),
    detectedAt: At(),
  },
});

/** Due within 24 hours of the detection (152-ФЗ ст. 21 ч. 3.1 п. 1). */
export const RegulatorInitialNoticeSent = defineEvent({
  type: 'RegulatorInitialNoticeSent',
  titleRu: 'Роскомнадзор уведомлён об инциденте',
  clauses: ['4.5.2'],
  data: { incidentId: Id(), rknRef: Text(200), sentAt: At(), authorisedPersonId: PersonId() },
});

/** Due within 72 hours of the detection (152-ФЗ ст. 21 ч. 3.1 п. 2). No culprits: nobody's actions caused it. */
export const RegulatorFindingsNoticeSent = defineEvent({
  type: 'RegulatorFindingsNoticeSent',
  titleRu: 'Роскомнадзор уведомлён о результатах внутреннего расследования',
  clauses: ['4.5.2'],
  data: { incidentId: Id(), rknRef: Text(200), sentAt: At(), culpritIds: Type.Array(PersonId()) },
});

export const IncidentInvestigationCompleted = defineEvent({
  type: 'IncidentInvestigationCompleted',
  titleRu: 'Расследование инцидента завершено',
  clauses: ['4.5.2'],
  data: { incidentId: Id(), conclusion: Text(), causes: Text() },
});

export const IncidentClosed = defineEvent({
  type: 'IncidentClosed',
  titleRu: 'Инцидент закрыт',
  clauses: ['4.5.2'],
  data: { incidentId: Id(), at: At(), approvedBy: PersonId() },
});

const events = [
  UnauthorizedAccessReported,
  AccountContained,
  AccountRestored,
  IncidentRegistered,
  PersonalDataImpactAssessed,
  RegulatorInitialNoticeSent,
  RegulatorFindingsNoticeSent,
  IncidentInvestigationCompleted,
  IncidentClosed,
] as const;
export type IncidentEvent = EventsOf<typeof events>;

/** An account that was used by another. */
interface Account {
  /** The latest detection that was reported of it. */
  readonly detectedAt: string;
  /** When it was last taken under control after it had been reported. */
  readonly containedAt?: string;
}

/** What was sent or said at an instant; `facts` is everything else of it, comparable. */
interface Said {
  readonly facts: string;
  readonly at: string;
}

export interface Incident {
  /** The earliest detection; where there is none, nothing of the incident is on record. */
  readonly detectedAt?: string;
  readonly reports: readonly Said[];
  readonly registration?: string;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly control: 'none' | 'contained' | 'restored';
  /** What was done to contain the accounts, until they were given back. */
  readonly actions: readonly Action[];
  readonly assessment?: { readonly facts: string; readonly pdnAffected: boolean };
  readonly notices: Readonly<Partial<Record<Notice, Said>>>;
  readonly investigation?: string;
  readonly closed: boolean;
}

export const incident: Concept<Incident, IncidentEvent> = {
  name: 'incident',
  titleRu: 'Инцидент',
  events,
  initial: { reports: [], accounts: {}, control: 'none', actions: [], notices: {}, closed: false },
  evolve: (state, event) => {
    switch (event.type) {
      case 'UnauthorizedAccessReported': {
        const { affectedPersonId, detectedAt, reportedAt } = event.data;
        const account = state.accounts[affectedPersonId];
        return {
          ...state,
          detectedAt: earlier(state.detectedAt, detectedAt),
          reports: [...state.reports, { facts: factsOf(event), at: reportedAt }],
          accounts: {
            ...state.accounts,
            [affectedPersonId]: { ...account, detectedAt: later(account?.detectedAt, detectedAt) },
          },
          // What is reported of a closed incident opens it anew, and was not investigated yet.
          investigation: state.closed ? undefined : state.investigation,
          closed: false,
        };
      }
      case 'AccountContained': {
        const { actions, at } = event.data;
        const accounts = Object.entries(state.accounts).map(
          ([personId, account]) =>
            [personId, { ...account, containedAt: later(account.containedAt, at) }] as const,
        );
        return {
          ...state,
          control: 'contained',
          actions: [...new Set([...state.actions, ...actions])],
          accounts: Object.fromEntries(accounts),
        };
      }
      case 'AccountRestored':
        return { ...state, control: 'restored', actions: [] };
      case 'IncidentRegistered':
        return {
          ...state,
          detectedAt: earlier(state.detectedAt, event.data.detectedAt),
          registration: factsOf(event),
        };
      case 'PersonalDataImpactAssessed': {
        const { pdnAffected } = event.data;
        // A corrected assessment may leave something to do.
        return { ...state, assessment: { facts: factsOf(event), pdnAffected }, closed: false };
      }
      case 'RegulatorInitialNoticeSent':
        return { ...state, notices: { ...state.notices, initial: saidIn(event) } };
      case 'RegulatorFindingsNoticeSent':
        return { ...state, notices: { ...state.notices, findings: saidIn(event) } };
      case 'IncidentInvestigationCompleted':
        return { ...state, investigation: factsOf(event) };
      case 'IncidentClosed':
        return { ...state, closed: true };
    }
  },
};

type NoticeSent = ReturnType<typeof RegulatorInitialNoticeSent.of | typeof RegulatorFindingsNoticeSent.of>;

/** Events that are told from a repeat by the state that they lead to. */
type Unrepeated = 'AccountContained' | 'AccountRestored' | 'IncidentClosed';

/** What makes an event the same facts again: its content, without the instant that `Said` keeps apart. */
function factsOf({ type, data }: Exclude<IncidentEvent, { type: Unrepeated }>): string {
  switch (type) {
    case 'UnauthorizedAccessReported':
      return JSON.stringify([
        data.reporterId,
        data.affectedPersonId,
        data.detectedAt,
        data.circumstancesDigest,
      ]);
    case 'IncidentRegistered':
      return JSON.stringify([data.kind, [...data.clauseIds].sort(), data.detectedAt, data.severity]);
    case 'PersonalDataImpactAssessed':
      return JSON.stringify([
        data.pdnAffected,
        [...data.categories].sort(),
        data.subjectsCount,
        data.harm,
        data.detectedAt,
      ]);
    case 'RegulatorInitialNoticeSent':
      return JSON.stringify([data.rknRef, data.authorisedPersonId]);
    case 'RegulatorFindingsNoticeSent':
      return JSON.stringify([data.rknRef, [...data.culpritIds].sort()]);
    case 'IncidentInvestigationCompleted':
      return JSON.stringify([data.conclusion, data.causes]);
  }
}

function saidIn(event: NoticeSent): Said {
  return { facts: factsOf(event), at: event.data.sentAt };
}

/** Whether it was said before; where the instant was not named, whenever that was. */
function saysAgain(said: Said, now: Said, instantNamed: boolean): boolean {
  return said.facts === now.facts && (!instantNamed || said.at === now.at);
}

/** Instants in UTC, milliseconds: their text sorts as they do. */
function earlier(a: string | undefined, b: string): string {
  return a !== undefined && a < b ? a : b;
}

function later(a: string | undefined, b: string): string {
  return a !== undefined && a > b ? a : b;
}

/** Whose accounts were not taken under control since their use by another was last detected. */
function exposedAccounts({ accounts }: Incident): readonly string[] {
  return Object.entries(accounts)
    .filter(([, { detectedAt, containedAt }]) => containedAt === undefined || containedAt < detectedAt)
    .map(([personId]) => personId);
}

/** What is left to do before the incident may be closed (4.5.2; 152-ФЗ ст. 21 ч. 3.1), in Russian. */
function leftToDo(state: Incident): readonly string[] {
  const { assessment, notices, investigation } = state;
  const exposed = exposedAccounts(state);
  const notifying = assessment?.pdnAffected === true;
  return [
    ...(exposed.length > 0 ? [`взять под контроль аккаунты (ContainAccount): ${exposed.join(', ')}`] : []),
    ...(assessment === undefined ? ['оценить, затронуты ли персональные данные (AssessPdnImpact)'] : []),
    ...(notifying && notices.initial === undefined
      ? ['направить в Роскомнадзор первичное уведомление (NotifyRegulator, initial)']
      : []),
    ...(notifying && notices.findings === undefined
      ? ['направить в Роскомнадзор уведомление о результатах расследования (NotifyRegulator, findings)']
      : []),
    ...(investigation === undefined ? ['завершить расследование (CompleteInvestigation)'] : []),
  ];
}

/** When the incident was first detected. @throws LetopisError `rule-violated` where nothing of it is on record */
function detectionOf({ detectedAt }: Incident): string {
  if (detectedAt === undefined) {
    throw ruleViolated(
      '4.5.2',
      'reported-first',
      'О таком инциденте не сообщали: сначала сообщите о нём или зарегистрируйте его',
    );
  }
  return detectedAt;
}

function malformed(message: string, problems: readonly (readonly [field: string, problem: string])[]) {
  const fields = problems.map(([name, problem]) => ({
    path: `/payload/${name}`,
    message: `${name} ${problem}`,
  }));
  return new LetopisError('invalid', message, { fields });
}

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

export class AssessPdnImpact {
  @field.Id('The incident') incidentId!: string;
  @field.Flag('Whether personal data were affected') pdnAffected!: boolean;
  @field.Texts('Categories of the data that were affected; empty where none were', { max: 20, length: 100 })
  categories!: string[];
  @field.Count('How many people the data are about, or an estimate; 0 where none were affected', {
    min: 0,
    max: 1_000_000,
  })
  subjectsCount!: number;
  @field.Text('Which harm was done or is to be expected (in clear: no names)', { max: 2_000 }) harm!: string;
}

export class NotifyRegulator {
  @field.Id('The incident') incidentId!: string;
  @field.OneOf(NOTICES, 'The first notice, or the findings of the investigation') notice!: Notice;
  @field.Text('Number that Roskomnadzor gave the notice') rknRef!: string;
  @field.Instant('When it was sent; now when absent', { optional: true }) sentAt?: string;
  @field.PersonId('Who answers Roskomnadzor’s questions; for the first notice', { optional: true })
  authorisedPersonId?: string;
  @field.Ids('Whose actions caused the incident, if anybody’s; for the findings', {
    max: 100,
    optional: true,
  })
  culpritIds?: string[];
}

export class CompleteInvestigation {
  @field.Id('The incident') incidentId!: string;
  @field.Text('What was found (in clear: no names)', { max: 2_000 }) conclusion!: string;
  @field.Text('What brought the incident about (in clear: no names)', { max: 2_000 }) causes!: string;
}

export class CloseIncident {
  @field.Id('The incident') incidentId!: string;
}

/** What the notice records. @throws LetopisError `invalid` where its fields do not fit its kind, or it lies ahead */
function noticeOf(payload: NotifyRegulator, occurredAt: string): NoticeSent {
  const { incidentId, notice, rknRef, authorisedPersonId, culpritIds } = payload;
  const sentAt = new Date(payload.sentAt ?? occurredAt).toISOString();
  if (sentAt > occurredAt) throw malformed('The notice was not sent yet', [['sentAt', 'must not lie ahead']]);
  switch (notice) {
    case 'initial': {
      if (culpritIds !== undefined)
        throw malformed('The first notice names no culprits', [['culpritIds', 'belongs to the findings']]);
      if (authorisedPersonId === undefined)
        throw malformed('The first notice names a contact', [['authorisedPersonId', 'is needed']]);
      return RegulatorInitialNoticeSent.of({ incidentId, rknRef, sentAt, authorisedPersonId });
    }
    case 'findings': {
      if (authorisedPersonId !== undefined)
        throw malformed('The findings name no contact', [
          ['authorisedPersonId', 'belongs to the first notice'],
        ]);
      return RegulatorFindingsNoticeSent.of({ incidentId, rknRef, sentAt, culpritIds: culpritIds ?? [] });
    }
  }
}

const INCIDENT = '4c5d6e7f-8091-4a2b-bc3d-4e5f60718206';
const PUPIL = '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705';
const OFFICER = '8b1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d408';

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
    decide: (state, command) => {
      const { payload, actor, occurredAt } = command;
      const { incidentId, affectedPersonId, circumstances } = payload;
      const detectedAt = new Date(payload.detectedAt).toISOString();
      const reportedAt = new Date(payload.reportedAt ?? occurredAt).toISOString();
      if (detectedAt > reportedAt) {
        throw malformed('Nothing is reported before it is noticed', [
          ['detectedAt', 'must not be after the report'],
        ]);
      }
      const event = UnauthorizedAccessReported.of({
        incidentId,
        reporterId: payload.reporterId ?? actor.id,
        affectedPersonId,
        detectedAt,
        reportedAt,
        circumstances,
        circumstancesDigest:
          circumstances === undefined
            ? undefined
            : command.pseudonym('circumstances', incidentId, circumstances),
      });
      const report = { facts: factsOf(event), at: reportedAt };
      const instantNamed = payload.reportedAt !== undefined;
      return state.reports.some((said) => saysAgain(said, report, instantNamed)) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'ContainAccount',
    titleRu: 'Взять аккаунт под контроль',
    about:
      'The administrator contains the accounts that were reported: sessions ended, password changed, removed from chats.',
    kind: 'decision',
    clauses: ['3.5.4', '4.5.2', '4.6.3'],
    actors: ['platform_admin', 'pdn_officer'],
    concept: incident,
    payload: ContainAccount,
    example: { incidentId: INCIDENT, actions: ['sessions_ended', 'password'] },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, occurredAt }) => {
      detectionOf(state);
      const more = payload.actions.some((action) => !state.actions.includes(action));
      return more || exposedAccounts(state).length > 0
        ? [AccountContained.of({ ...payload, at: occurredAt })]
        : [];
    },
  }),
  defineCommand({
    name: 'RestoreAccount',
    titleRu: 'Вернуть аккаунт владельцу',
    about: 'The owners have the contained accounts of the incident back.',
    kind: 'decision',
    clauses: ['4.5.2'],
    actors: ['platform_admin'],
    concept: incident,
    payload: RestoreAccount,
    example: { incidentId: INCIDENT },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, occurredAt }) => {
      if (state.control === 'none' || exposedAccounts(state).length > 0) {
        throw ruleViolated(
          '4.5.2',
          'contained-first',
          'Сначала возьмите аккаунт под контроль (ContainAccount)',
        );
      }
      return state.control === 'restored' ? [] : [AccountRestored.of({ ...payload, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'RegisterIncident',
    titleRu: 'Зарегистрировать инцидент',
    about: 'The incident enters the journal of incidents.',
    kind: 'decision',
    clauses: ['4.5.2', '4.6.2'],
    // Letopis itself registers what follows from a violation (incident-of-pdn-collection).
    actors: ['platform_admin', 'pdn_officer', 'system'],
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
    decide: (state, { payload }) => {
      const event = IncidentRegistered.of({
        ...payload,
        detectedAt: new Date(payload.detectedAt).toISOString(),
      });
      if (state.registration === undefined) return [event];
      if (state.registration === factsOf(event)) return [];
      throw ruleViolated(
        '4.5.2',
        'registered-once',
        'Инцидент уже зарегистрирован с другими сведениями: другой инцидент зарегистрируйте отдельно',
      );
    },
  }),
  defineCommand({
    name: 'AssessPdnImpact',
    titleRu: 'Оценить, затронуты ли персональные данные',
    about:
      'Whether the incident affected personal data, whose and with what harm; corrects an earlier assessment.',
    kind: 'decision',
    clauses: ['4.5.2', '4.6.2'],
    actors: ['pdn_officer', 'director'],
    concept: incident,
    payload: AssessPdnImpact,
    example: {
      incidentId: INCIDENT,
      pdnAffected: true,
      categories: ['фамилия, имя', 'переписка'],
      subjectsCount: 27,
      harm: 'Посторонний читал переписку класса',
    },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload }) => {
      const { pdnAffected, categories, subjectsCount } = payload;
      const problem = pdnAffected
        ? 'is needed: personal data were affected'
        : 'must be empty: no data were affected';
      const problems = [
        ...(pdnAffected === categories.length > 0 ? [] : [['categories', problem] as const]),
        ...(pdnAffected === subjectsCount > 0 ? [] : [['subjectsCount', problem] as const]),
      ];
      if (problems.length > 0) throw malformed('The assessment contradicts itself', problems);
      const event = PersonalDataImpactAssessed.of({ ...payload, detectedAt: detectionOf(state) });
      return state.assessment?.facts === factsOf(event) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'NotifyRegulator',
    titleRu: 'Уведомить Роскомнадзор',
    about:
      'Roskomnadzor was notified of the incident (due 24 hours after its detection) or of the findings (72 hours).',
    kind: 'decision',
    clauses: ['4.5.2'],
    actors: ['pdn_officer', 'director'],
    concept: incident,
    payload: NotifyRegulator,
    example: {
      incidentId: INCIDENT,
      notice: 'initial',
      rknRef: '77-2025-000123',
      sentAt: '2025-11-18T09:30:00+05:00',
      authorisedPersonId: OFFICER,
    },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, occurredAt }) => {
      const event = noticeOf(payload, occurredAt);
      const notice = saidIn(event);
      const sent = state.notices[payload.notice];
      if (sent !== undefined) {
        if (saysAgain(sent, notice, payload.sentAt !== undefined)) return [];
        throw ruleViolated(
          '4.5.2',
          'sent-once',
          'Такое уведомление по этому инциденту уже отмечено с другими сведениями: о другом инциденте уведомляют отдельно',
        );
      }
      if (state.assessment?.pdnAffected !== true) {
        throw ruleViolated(
          '4.5.2',
          'pdn-affected',
          'Роскомнадзор уведомляют, если затронуты персональные данные: сначала внесите или исправьте оценку (AssessPdnImpact)',
        );
      }
      const { initial } = state.notices;
      if (payload.notice === 'findings' && (initial === undefined || notice.at < initial.at)) {
        throw ruleViolated(
          '4.5.2',
          'initial-first',
          'О результатах расследования уведомляют после первичного уведомления: сначала отметьте его',
        );
      }
      if (notice.at < detectionOf(state)) {
        throw ruleViolated(
          '4.5.2',
          'sent-after-detection',
          'Уведомление не может быть направлено раньше, чем обнаружен инцидент: проверьте время отправки',
        );
      }
      return [event];
    },
  }),
  defineCommand({
    name: 'CompleteInvestigation',
    titleRu: 'Завершить расследование инцидента',
    about: 'The internal investigation has come to a conclusion and names the causes.',
    kind: 'decision',
    clauses: ['4.5.2'],
    actors: ['platform_admin', 'pdn_officer', 'director'],
    concept: incident,
    payload: CompleteInvestigation,
    example: {
      incidentId: INCIDENT,
      conclusion: 'Посторонний вошёл по коду, который ученик сообщил ему',
      causes: 'Ученикам не разъяснили, что код подтверждения никому не сообщают',
    },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload }) => {
      detectionOf(state);
      const event = IncidentInvestigationCompleted.of({ ...payload });
      if (state.investigation === undefined) return [event];
      if (state.investigation === factsOf(event)) return [];
      throw ruleViolated(
        '4.5.2',
        'completed-once',
        'Расследование уже завершено с другими выводами: о новых обстоятельствах сообщите отдельно',
      );
    },
  }),
  defineCommand({
    name: 'CloseIncident',
    titleRu: 'Закрыть инцидент',
    about: 'Everything that the incident demands is done; a further report opens it again.',
    kind: 'decision',
    clauses: ['4.5.2'],
    actors: ['director', 'pdn_officer'],
    concept: incident,
    payload: CloseIncident,
    example: { incidentId: INCIDENT },
    id: ({ incidentId }) => incidentId,
    decide: (state, { payload, actor, occurredAt }) => {
      if (state.closed) return [];
      detectionOf(state);
      const left = leftToDo(state);
      if (left.length > 0) {
        throw ruleViolated(
          '4.5.2',
          'obligations-closed',
          `Инцидент закрывают, когда по нему сделано всё. Осталось: ${left.join('; ')}`,
        );
      }
      return [IncidentClosed.of({ ...payload, at: occurredAt, approvedBy: actor.id })];
    },
  }),
];
