import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type ProjectedEvent,
  type RowRef,
  type Rows,
  typed,
} from '@letopis/projections';
import {
  AccountContained,
  AccountRestored,
  ContentPreserved,
  ContentRemovalRequested,
  ContentRemoved,
  IncidentClosed,
  IncidentInvestigationCompleted,
  IncidentRegistered,
  MeasureRecorded,
  PersonalDataImpactAssessed,
  RegulatorFindingsNoticeSent,
  RegulatorInitialNoticeSent,
  UnauthorizedAccessReported,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from '@letopis/school';
import { defineRegister, type Labels } from './register';
import { type Sealed, sealedOf } from './sealed';

type Outcome =
  | 'reported'
  | 'registered'
  | 'confirmed'
  | 'dismissed'
  | 'contained'
  | 'restored'
  | 'investigated'
  | 'closed';

const violationJournal = defineTable({
  name: 'violation_journal',
  columns: {
    /** The violation or the incident. */
    entry_id: 'uuid',
    position: 'bigint',
    sort: typed<'violation' | 'incident'>('text'),
    /** What kind of violation or incident. */
    nature: 'text?',
    detected_at: 'timestamptz?',
    reported_at: 'timestamptz?',
    clauses: 'text[]',
    description: nullable(typed<Sealed>('jsonb')),
    participants: 'uuid[]',
    pdn_affected: 'boolean?',
    pdn_categories: 'text[]',
    subjects_count: 'integer?',
    /** In Russian, in the order in which they were taken. */
    measures: 'text[]',
    initial_notice: 'text?',
    initial_notice_at: 'timestamptz?',
    findings_notice: 'text?',
    findings_notice_at: 'timestamptz?',
    outcome: typed<Outcome>('text'),
    conclusion: 'text?',
    closed_at: 'timestamptz?',
  },
  key: ['entry_id'],
  indexes: [['organization_id', 'position']],
});

type Entry = NonNullable<(typeof violationJournal)['shape']>['row'];

const MEASURES_RU: Labels = {
  talk: 'беседа',
  warning: 'предупреждение',
  parents_informed: 'уведомлены родители',
  disciplinary: 'дисциплинарное взыскание',
  kdn: 'сообщено в КДН',
  police: 'сообщено в полицию',
};

const ACTIONS_RU: Labels = {
  sessions_ended: 'завершены сеансы',
  password: 'сменён пароль',
  removed_from_chats: 'исключён из чатов',
  link_revoked: 'аннулирована ссылка',
};

const at = (id: string): RowRef[] => [violationJournal.at({ entry_id: id })];

/** Writes what becomes of an entry; facts come in any order, so the first one, whichever it is, begins it. */
function change(
  rows: Rows,
  { position, id }: { readonly position: bigint; readonly id: string },
  sort: Entry['sort'],
  next: (entry: Entry) => Partial<Entry>,
): void {
  const entry = rows.get(violationJournal, { entry_id: id }) ?? {
    entry_id: id,
    position: position.toString(),
    sort,
    nature: null,
    detected_at: null,
    reported_at: null,
    clauses: [],
    description: null,
    participants: [],
    pdn_affected: null,
    pdn_categories: [],
    subjects_count: null,
    measures: [],
    initial_notice: null,
    initial_notice_at: null,
    findings_notice: null,
    findings_notice_at: null,
    outcome: 'reported',
    conclusion: null,
    closed_at: null,
  };
  rows.put(violationJournal, { ...entry, ...next(entry) });
}

function changeViolation<Data extends { readonly violationId: string }>(
  rows: Rows,
  { position, data }: ProjectedEvent<Data>,
  next: (entry: Entry) => Partial<Entry>,
): void {
  change(rows, { position, id: data.violationId }, 'violation', next);
}

function changeIncident<Data extends { readonly incidentId: string }>(
  rows: Rows,
  { position, data }: ProjectedEvent<Data>,
  next: (entry: Entry) => Partial<Entry>,
): void {
  change(rows, { position, id: data.incidentId }, 'incident', next);
}

function earlier(one: string | null, other: string): string {
  return one !== null && one < other ? one : other;
}

function together(list: readonly string[], ...more: readonly (string | undefined)[]): readonly string[] {
  return [...new Set([...list, ...more.filter((each) => each !== undefined)])];
}

const ofViolation = {
  reads: ({ data }: { readonly data: { readonly violationId: string } }) => at(data.violationId),
};
const ofIncident = {
  reads: ({ data }: { readonly data: { readonly incidentId: string } }) => at(data.incidentId),
};

/** The journal of violations and incidents: one row each, as far as it has come. */
export const violationsProjection = defineProjection({
  name: 'violation-journal',
  version: 1,
  tables: [violationJournal],
  on: [
    on(ViolationReported, {
      ...ofViolation,
      apply: (rows, event) => {
        const { kind, clauseId, subjectId, at: reportedAt } = event.data;
        changeViolation(rows, event, (entry) => ({
          nature: entry.nature ?? kind,
          detected_at: earlier(entry.detected_at, reportedAt),
          reported_at: earlier(entry.reported_at, reportedAt),
          clauses: together(entry.clauses, clauseId),
          description: entry.description ?? sealedOf(event, 'description', 'subjectId'),
          participants: together(entry.participants, subjectId),
          // Who reports after a dismissal was not heard in it: it is open again.
          ...(entry.outcome === 'dismissed' && { outcome: 'reported', closed_at: null }),
        }));
      },
    }),
    on(ViolationConfirmed, {
      ...ofViolation,
      apply: (rows, event) => changeViolation(rows, event, () => ({ outcome: 'confirmed', closed_at: null })),
    }),
    on(ViolationDismissed, {
      ...ofViolation,
      apply: (rows, event) =>
        changeViolation(rows, event, () => ({
          outcome: 'dismissed',
          conclusion: event.data.reason,
          closed_at: event.occurredAt,
        })),
    }),
    on(MeasureRecorded, {
      ...ofViolation,
      apply: (rows, event) => {
        const { kind, orderRef, date } = event.data;
        const measure = [
          MEASURES_RU[kind] ?? kind,
          ...(orderRef === undefined ? [] : [orderRef]),
          date.split('-').reverse().join('.'),
        ].join(' ');
        changeViolation(rows, event, ({ measures }) => ({
          measures: [...measures, measure],
          closed_at: event.occurredAt,
        }));
      },
    }),
    on(ContentPreserved, {
      ...ofViolation,
      apply: (rows, event) =>
        changeViolation(rows, event, ({ measures }) => ({
          measures: together(measures, 'сообщение сохранено'),
        })),
    }),
    on(ContentRemovalRequested, {
      ...ofViolation,
      apply: (rows, event) =>
        changeViolation(rows, event, ({ measures }) => ({
          measures: together(measures, 'запрошено удаление сообщения'),
        })),
    }),
    on(ContentRemoved, {
      ...ofViolation,
      apply: (rows, event) =>
        changeViolation(rows, event, ({ measures }) => ({
          measures: together(measures, 'сообщение удалено'),
        })),
    }),
    on(UnauthorizedAccessReported, {
      ...ofIncident,
      apply: (rows, event) => {
        const { affectedPersonId, detectedAt, reportedAt } = event.data;
        changeIncident(rows, event, (entry) => ({
          nature: entry.nature ?? 'unauthorized_access',
          detected_at: earlier(entry.detected_at, detectedAt),
          reported_at: earlier(entry.reported_at, reportedAt),
          clauses: together(entry.clauses, '3.5.4', '4.5.2'),
          description: entry.description ?? sealedOf(event, 'circumstances', 'affectedPersonId'),
          participants: together(entry.participants, affectedPersonId),
          // A report of a closed incident opens it again.
          ...(entry.outcome === 'closed' && { outcome: 'reported', closed_at: null }),
        }));
      },
    }),
    on(IncidentRegistered, {
      ...ofIncident,
      apply: (rows, event) => {
        const { kind, clauseIds, detectedAt } = event.data;
        changeIncident(rows, event, (entry) => ({
          nature: kind,
          detected_at: earlier(entry.detected_at, detectedAt),
          clauses: together(entry.clauses, ...clauseIds),
          ...(entry.outcome === 'reported' && { outcome: 'registered' }),
        }));
      },
    }),
    on(AccountContained, {
      ...ofIncident,
      apply: (rows, event) =>
        changeIncident(rows, event, ({ measures }) => ({
          outcome: 'contained',
          measures: together(measures, ...event.data.actions.map((action) => ACTIONS_RU[action] ?? action)),
        })),
    }),
    on(AccountRestored, {
      ...ofIncident,
      apply: (rows, event) => changeIncident(rows, event, () => ({ outcome: 'restored' })),
    }),
    on(PersonalDataImpactAssessed, {
      ...ofIncident,
      apply: (rows, event) => {
        const { pdnAffected, categories, subjectsCount } = event.data;
        changeIncident(rows, event, () => ({
          pdn_affected: pdnAffected,
          pdn_categories: categories,
          subjects_count: subjectsCount,
        }));
      },
    }),
    on(RegulatorInitialNoticeSent, {
      ...ofIncident,
      apply: (rows, event) =>
        changeIncident(rows, event, () => ({
          initial_notice: event.data.rknRef,
          initial_notice_at: event.data.sentAt,
        })),
    }),
    on(RegulatorFindingsNoticeSent, {
      ...ofIncident,
      apply: (rows, event) =>
        changeIncident(rows, event, () => ({
          findings_notice: event.data.rknRef,
          findings_notice_at: event.data.sentAt,
        })),
    }),
    on(IncidentInvestigationCompleted, {
      ...ofIncident,
      apply: (rows, event) =>
        changeIncident(rows, event, () => ({
          outcome: 'investigated',
          conclusion: event.data.conclusion,
        })),
    }),
    on(IncidentClosed, {
      ...ofIncident,
      apply: (rows, event) =>
        changeIncident(rows, event, () => ({ outcome: 'closed', closed_at: event.data.at })),
    }),
  ],
});

/** F7: the journal of violations and incidents (clauses 4.5, 4.6; 152-ФЗ ст. 21 ч. 3.1). */
export const violationsRegister = defineRegister({
  form: 'F7',
  nameRu: 'Журнал нарушений и инцидентов',
  about: 'One row for each violation that was reported and each incident.',
  columns: [
    { key: 'number', headingRu: '№', type: 'number', width: 6 },
    {
      key: 'sort',
      headingRu: 'Запись',
      type: 'text',
      width: 12,
      labels: { violation: 'нарушение', incident: 'инцидент' },
    },
    { key: 'detectedAt', headingRu: 'Обнаружено', type: 'instant', width: 17 },
    { key: 'reportedAt', headingRu: 'Сообщено', type: 'instant', width: 17 },
    { key: 'clauses', headingRu: 'Пункты Положения', type: 'list', width: 16 },
    {
      key: 'nature',
      headingRu: 'Вид',
      type: 'text',
      width: 28,
      labels: {
        foreign_platform: 'сторонняя платформа',
        false_data: 'недостоверные сведения',
        ethics: 'нарушение этики общения',
        unlawful_content: 'противоправное содержание',
        pdn_collection: 'сбор персональных данных',
        account_sharing: 'передача аккаунта',
        unauthorized_access: 'несанкционированный доступ',
        data_leak: 'утечка данных',
        other: 'иное',
      },
    },
    { key: 'description', headingRu: 'Описание', type: 'personal', width: 50 },
    { key: 'participants', headingRu: 'Участники', type: 'people', width: 36 },
    { key: 'pdnAffected', headingRu: 'Затронуты ПДн', type: 'flag', width: 12 },
    { key: 'pdnCategories', headingRu: 'Категории ПДн', type: 'list', width: 28 },
    { key: 'subjectsCount', headingRu: 'Число субъектов', type: 'number', width: 12, total: true },
    { key: 'measures', headingRu: 'Меры', type: 'list', width: 40 },
    { key: 'initialNotice', headingRu: 'РКН, 24 ч: №', type: 'text', width: 18 },
    { key: 'initialNoticeAt', headingRu: 'РКН, 24 ч: дата', type: 'instant', width: 17 },
    { key: 'findingsNotice', headingRu: 'РКН, 72 ч: №', type: 'text', width: 18 },
    { key: 'findingsNoticeAt', headingRu: 'РКН, 72 ч: дата', type: 'instant', width: 17 },
    {
      key: 'outcome',
      headingRu: 'Итог',
      type: 'text',
      width: 22,
      labels: {
        reported: 'на рассмотрении',
        registered: 'зарегистрирован',
        confirmed: 'подтверждено',
        dismissed: 'не подтвердилось',
        contained: 'аккаунт взят под контроль',
        restored: 'доступ восстановлен',
        investigated: 'расследование завершено',
        closed: 'закрыт',
      } satisfies Record<Outcome, string>,
    },
    { key: 'conclusion', headingRu: 'Вывод', type: 'text', width: 40 },
    { key: 'closedAt', headingRu: 'Закрыто', type: 'instant', width: 17 },
  ],
  filters: { period: true, status: { open: 'открыто', closed: 'закрыто' } },
  views: ['violation-journal', 'people', 'organizations'],
  sql: `
    SELECT *, row_number() OVER (ORDER BY position) AS number, coalesce(detected_at, reported_at) AS at,
           CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END AS status
    FROM violation_journal WHERE organization_id = $1`,
});
