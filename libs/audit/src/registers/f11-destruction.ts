import { defineProjection, defineTable, on, type Rows } from '@letopis/projections';
import {
  DestructionActSigned,
  OrganizationCreated,
  OrganizationProfileUpdated,
  PersonalDataDestroyed,
} from '@letopis/school';
import { defineRegister } from './register';

const destructionJournal = defineTable({
  name: 'destruction_journal',
  columns: {
    subject_id: 'uuid',
    act_no: 'text',
    position: 'bigint',
    /** The school as it was called, and where it was, when the act was signed. */
    operator_name: 'text?',
    operator_address: 'text?',
    processor: 'text?',
    act_date: 'date?',
    signed_at: 'timestamptz?',
    signers: 'uuid[]',
    /** Of the signers, in their order. */
    positions: 'text[]',
    categories: 'text[]',
    information_system: 'text?',
    reason: 'text?',
    log_export_ref: 'text?',
    /** What the log says of the destruction itself. */
    destroyed_at: 'timestamptz?',
    destroyed_by: 'uuid?',
    method: 'text?',
    destroyed_categories: 'text[]',
    destroyed_system: 'text?',
    destroyed_reason: 'text?',
  },
  key: ['subject_id', 'act_no'],
  indexes: [['organization_id', 'position']],
});

/** The school as the operator of personal data. */
const dataOperator = defineTable({
  name: 'data_operator',
  columns: { name: 'text?', address: 'text?' },
  key: [],
});

type Entry = NonNullable<(typeof destructionJournal)['shape']>['row'];

interface Destruction {
  readonly subjectId: string;
  readonly actNo: string;
}

const keyOf = ({ subjectId, actNo }: Destruction) => ({ subject_id: subjectId, act_no: actNo });

function change(
  rows: Rows,
  { data, position }: { readonly data: Destruction; readonly position: bigint },
  next: Partial<Entry>,
): void {
  const key = keyOf(data);
  const entry = rows.get(destructionJournal, key) ?? {
    ...key,
    position: position.toString(),
    signers: [],
    positions: [],
    categories: [],
    destroyed_categories: [],
  };
  rows.put(destructionJournal, { ...entry, ...next });
}

/** Acts of destruction and what was destroyed by them. */
export const destructionsProjection = defineProjection({
  name: 'destruction-journal',
  version: 1,
  tables: [destructionJournal, dataOperator],
  on: [
    on(OrganizationCreated, {
      reads: () => [dataOperator.at({})],
      apply: (rows, { data }) => {
        rows.put(dataOperator, { ...rows.get(dataOperator, {}), name: data.name });
      },
    }),
    on(OrganizationProfileUpdated, {
      reads: () => [dataOperator.at({})],
      apply: (rows, { data: { after } }) => {
        const before = rows.get(dataOperator, {});
        rows.put(dataOperator, {
          name: after.name ?? before?.name ?? null,
          address: after.address ?? before?.address ?? null,
        });
      },
    }),
    on(DestructionActSigned, {
      reads: ({ data }) => [destructionJournal.at(keyOf(data)), dataOperator.at({})],
      apply: (rows, event) => {
        const { data, occurredAt } = event;
        const operator = rows.get(dataOperator, {});
        change(rows, event, {
          operator_name: operator?.name ?? null,
          operator_address: operator?.address ?? null,
          processor: data.processor ?? null,
          act_date: data.date,
          signed_at: occurredAt,
          signers: data.signers.map(({ personId }) => personId),
          positions: data.signers.map(({ position }) => position),
          categories: data.categories,
          information_system: data.informationSystem,
          reason: data.reason,
          log_export_ref: data.logExportRef,
        });
      },
    }),
    on(PersonalDataDestroyed, {
      reads: ({ data }) => [destructionJournal.at(keyOf(data))],
      apply: (rows, event) => {
        const { data } = event;
        change(rows, event, {
          destroyed_at: data.at,
          destroyed_by: data.by,
          method: data.method,
          destroyed_categories: data.categories,
          destroyed_system: data.informationSystem,
          destroyed_reason: data.reason,
        });
      },
    }),
  ],
});

const STATUSES_RU = { signed: 'подписан, не исполнен', destroyed: 'исполнен' };

/**
 * F11: acts of destruction of personal data with the extract of the log (152-ФЗ ст. 21; приказ Роскомнадзора № 179; X.1).
 *
 * The act is told as it was signed, by the operator of that time; an address that was not on record then is that of today.
 * The extract is told by the record of the destruction itself, and is empty until then.
 */
export const destructionsRegister = defineRegister({
  form: 'F11',
  nameRu: 'Акты об уничтожении ПДн и выгрузка из журнала',
  about:
    'One row for each person and act of destruction: the act, and the extract of the log once it is carried out.',
  columns: [
    { key: 'actNo', headingRu: 'Акт №', type: 'text', width: 10 },
    { key: 'actDate', headingRu: 'Дата акта', type: 'day', width: 12 },
    { key: 'operator', headingRu: 'Оператор', type: 'text', width: 34 },
    { key: 'operatorAddress', headingRu: 'Адрес оператора', type: 'text', width: 36 },
    {
      key: 'processor',
      headingRu: 'Лицо, обрабатывающее по поручению',
      type: 'text',
      width: 34,
    },
    { key: 'subject', headingRu: 'Субъект', type: 'person', width: 32 },
    { key: 'signers', headingRu: 'Уничтожили (ФИО)', type: 'people', width: 40 },
    { key: 'positions', headingRu: 'Должности', type: 'list', width: 40 },
    { key: 'signedAt', headingRu: 'Подписи поставлены', type: 'instant', width: 19 },
    { key: 'categories', headingRu: 'Перечень категорий', type: 'list', width: 36 },
    { key: 'informationSystem', headingRu: 'ИСПДн', type: 'text', width: 22 },
    {
      key: 'method',
      headingRu: 'Способ',
      type: 'text',
      width: 28,
      labels: { key_destroyed: 'уничтожен ключ шифрования' },
    },
    { key: 'reason', headingRu: 'Причина', type: 'text', width: 30 },
    { key: 'destroyedAt', headingRu: 'Дата уничтожения', type: 'instant', width: 17 },
    { key: 'destroyedBy', headingRu: 'Исполнил', type: 'person', width: 32 },
    { key: 'status', headingRu: 'Состояние акта', type: 'text', width: 22, labels: STATUSES_RU },
    { key: 'logExportRef', headingRu: 'Выгрузка из журнала', type: 'text', width: 28 },
    { key: 'extractSubject', headingRu: 'Выгрузка: субъект', type: 'person', width: 32 },
    { key: 'extractCategories', headingRu: 'Выгрузка: категории', type: 'list', width: 36 },
    { key: 'extractInformationSystem', headingRu: 'Выгрузка: ИСПДн', type: 'text', width: 22 },
    { key: 'extractReason', headingRu: 'Выгрузка: причина', type: 'text', width: 30 },
    { key: 'extractDate', headingRu: 'Выгрузка: дата', type: 'instant', width: 17 },
  ],
  filters: { period: true, status: STATUSES_RU },
  views: ['destruction-journal', 'people', 'organizations'],
  sql: `
    SELECT act.position, act.act_no, act.act_date, coalesce(act.operator_name, operator.name) AS operator,
           coalesce(act.operator_address, operator.address) AS operator_address, act.processor,
           act.signers, act.positions, act.signed_at, act.categories, act.information_system, act.method, act.reason,
           act.destroyed_at, act.destroyed_by, act.log_export_ref,
           act.subject_id AS subject,
           coalesce(act.destroyed_at, act.signed_at) AS at,
           CASE WHEN act.destroyed_at IS NULL THEN 'signed' ELSE 'destroyed' END AS status,
           CASE WHEN act.destroyed_at IS NOT NULL THEN act.subject_id END AS extract_subject,
           act.destroyed_categories AS extract_categories, act.destroyed_system AS extract_information_system,
           act.destroyed_reason AS extract_reason, act.destroyed_at AS extract_date
    FROM destruction_journal act
    LEFT JOIN data_operator operator ON operator.organization_id = $1
    WHERE act.organization_id = $1`,
});
