import { defineProjection, defineTable, on, type Rows } from '@letopis/projections';
import {
  GuardianRecorded,
  LocalActAcknowledged,
  LocalActIssued,
  LocalActRevoked,
  MemberMovementRecorded,
} from '@letopis/school';
import { defineRegister } from './register';

/** Acknowledged before the act was on record: the version is not known. */
const UNKNOWN_VERSION = '';

/** Versions of local acts, also those that somebody acknowledged and nobody entered. */
const actVersions = defineTable({
  name: 'act_versions',
  columns: {
    act_id: 'uuid',
    version: 'text',
    position: 'bigint',
    kind: 'text?',
    number: 'text?',
    date: 'date?',
    title: 'text?',
  },
  key: ['act_id', 'version'],
});

/** The version that an act has now, and whether the act was revoked. */
const sheetActs = defineTable({
  name: 'sheet_acts',
  columns: { act_id: 'uuid', version: 'text?', revoked: 'boolean' },
  key: ['act_id'],
});

/** Who may have to acknowledge anything, each with the event that first named the person. */
const sheetPeople = defineTable({
  name: 'sheet_people',
  columns: { person_id: 'uuid', position: 'bigint' },
  key: ['person_id'],
});

/** When each person first acknowledged each version, and how. */
const sheetSignatures = defineTable({
  name: 'sheet_signatures',
  columns: { person_id: 'uuid', act_id: 'uuid', version: 'text', at: 'timestamptz', method: 'text' },
  key: ['person_id', 'act_id', 'version'],
  indexes: [['organization_id', 'act_id', 'version']],
});

function meet(
  rows: Rows,
  { data, position }: { readonly data: { readonly personId: string }; readonly position: bigint },
): void {
  rows.putIfAbsent(sheetPeople, { person_id: data.personId, position });
}

/** Local acts, and who acknowledged which version. */
export const acknowledgementsProjection = defineProjection({
  name: 'acknowledgement-sheet',
  version: 1,
  tables: [actVersions, sheetActs, sheetPeople, sheetSignatures],
  on: [
    on([MemberMovementRecorded, GuardianRecorded], meet),
    on(LocalActIssued, {
      reads: ({ data: { actId, clausesVersion } }) => [
        actVersions.at({ act_id: actId, version: clausesVersion }),
        sheetActs.at({ act_id: actId }),
      ],
      apply: (rows, { data, position }) => {
        const key = { act_id: data.actId, version: data.clausesVersion };
        rows.put(actVersions, {
          ...key,
          position: rows.get(actVersions, key)?.position ?? position,
          kind: data.kind,
          number: data.number,
          date: data.date,
          title: data.titleRu,
        });
        const revoked = rows.get(sheetActs, { act_id: data.actId })?.revoked ?? false;
        rows.put(sheetActs, { ...key, revoked });
      },
    }),
    on(LocalActRevoked, {
      reads: ({ data }) => [sheetActs.at({ act_id: data.actId })],
      apply: (rows, { data }) => {
        rows.change(sheetActs, { act_id: data.actId }, (row) => ({ ...row, revoked: true }));
      },
    }),
    on(LocalActAcknowledged, {
      reads: ({ data }) => [sheetSignatures.at(signatureOf(data))],
      apply: (rows, event) => {
        const { data, position } = event;
        meet(rows, event);
        const { person_id, act_id, version } = signatureOf(data);
        rows.putIfAbsent(actVersions, { act_id, version, position });
        const before = rows.get(sheetSignatures, { person_id, act_id, version });
        if (before !== undefined && before.at <= data.at) return;
        rows.put(sheetSignatures, { person_id, act_id, version, at: data.at, method: data.method });
      },
    }),
  ],
});

function signatureOf(data: {
  readonly actId: string;
  readonly personId: string;
  readonly clausesVersion?: string;
}) {
  const { actId, personId, clausesVersion = UNKNOWN_VERSION } = data;
  return { person_id: personId, act_id: actId, version: clausesVersion };
}

const STATUSES_RU = { acknowledged: 'ознакомлен', pending: 'не ознакомлен' };

/**
 * F12: the acknowledgement sheet (clause 3.2.1, control C02). On it stand
 *
 * - for the present version of each act that is not revoked: the staff and the parents of pupils as the rosters have them
 *   now, whether they acknowledged it or not;
 * - everybody who acknowledged any version of any act, for good.
 *
 * A row begins when both its act and its person are on record. Versions and people are numbered together as they came;
 * the greater number squared, plus the smaller one, is a place that no two pairs share and that never changes.
 */
export const acknowledgementsRegister = defineRegister({
  form: 'F12',
  nameRu: 'Лист ознакомления',
  about: 'One row for each version of a local act and each person who has acknowledged it or is to.',
  columns: [
    { key: 'person', headingRu: 'ФИО', type: 'person', width: 34 },
    {
      key: 'roles',
      headingRu: 'Роль',
      type: 'list',
      width: 24,
      labels: {
        staff: 'работник',
        parent: 'родитель (законный представитель)',
        student: 'обучающийся',
        unlisted: 'нет в списках',
      },
    },
    { key: 'act', headingRu: 'Локальный акт', type: 'text', width: 46 },
    { key: 'actRef', headingRu: 'Реквизиты акта', type: 'text', width: 28 },
    { key: 'version', headingRu: 'Версия акта', type: 'text', width: 14 },
    { key: 'acknowledgedAt', headingRu: 'Дата', type: 'instant', width: 17 },
    {
      key: 'method',
      headingRu: 'Способ',
      type: 'text',
      width: 22,
      labels: { signature: 'под подпись', electronic: 'в электронной форме' },
    },
    { key: 'status', headingRu: 'Состояние', type: 'text', width: 16, labels: STATUSES_RU },
  ],
  filters: { act: true, status: STATUSES_RU },
  views: ['acknowledgement-sheet', 'people', 'organizations'],
  sql: `
    WITH arrivals AS MATERIALIZED (
      SELECT *, row_number() OVER (ORDER BY position, person_id NULLS LAST) AS number FROM (
        SELECT position, person_id, NULL::uuid AS act_id, NULL AS version FROM sheet_people
        WHERE organization_id = $1
        UNION ALL
        SELECT position, NULL, act_id, version FROM act_versions WHERE organization_id = $1) AS arrival),
    parents AS MATERIALIZED (
      SELECT DISTINCT parent.person_id FROM guardianships parent
      JOIN people pupil ON pupil.organization_id = $1 AND pupil.person_id = parent.child_id
      WHERE parent.organization_id = $1 AND parent.holds AND pupil.enrolled),
    readers AS MATERIALIZED (
      SELECT reader.number, reader.person_id, person.employed OR parent.person_id IS NOT NULL AS active,
             array_remove(ARRAY[CASE WHEN person.employed THEN 'staff' END,
                                CASE WHEN parent.person_id IS NOT NULL THEN 'parent' END,
                                CASE WHEN person.enrolled THEN 'student' END], NULL) AS roles
      FROM arrivals reader
      LEFT JOIN people person ON person.organization_id = $1 AND person.person_id = reader.person_id
      LEFT JOIN parents parent ON parent.person_id = reader.person_id
      WHERE reader.person_id IS NOT NULL),
    versions AS MATERIALIZED (
      SELECT arrival.number, version.act_id, version.version, coalesce(version.title, present.title) AS title,
             CASE version.kind WHEN 'order' THEN 'Приказ' WHEN 'polozhenie' THEN 'Положение' END
               || ' № ' || version.number || ' от ' || to_char(version.date, 'DD.MM.YYYY') AS ref,
             coalesce(version.version = act.version AND NOT act.revoked, false) AS in_force
      FROM arrivals arrival
      JOIN act_versions version ON version.organization_id = $1
        AND version.act_id = arrival.act_id AND version.version = arrival.version
      LEFT JOIN sheet_acts act ON act.organization_id = $1 AND act.act_id = arrival.act_id
      LEFT JOIN act_versions present ON present.organization_id = $1
        AND present.act_id = act.act_id AND present.version = act.version),
    sheet AS (
      SELECT reader.person_id, version.act_id, version.version, NULL::timestamptz AS at, NULL AS method
      FROM versions version JOIN readers reader ON reader.active
      WHERE version.in_force
      UNION ALL
      SELECT person_id, act_id, version, at, method FROM sheet_signatures WHERE organization_id = $1),
    lines AS (
      SELECT person_id, act_id, version, max(at) AS at, max(method) AS method FROM sheet
      GROUP BY person_id, act_id, version)
    SELECT greatest(reader.number, version.number) * greatest(reader.number, version.number)
             + least(reader.number, version.number) AS position,
           line.person_id AS person, line.act_id,
           CASE WHEN reader.roles = '{}' THEN '{unlisted}' ELSE reader.roles END AS roles,
           version.title AS act, version.ref AS act_ref, nullif(line.version, '') AS version,
           line.at AS acknowledged_at, line.method,
           CASE WHEN line.at IS NULL THEN 'pending' ELSE 'acknowledged' END AS status
    FROM lines line
    JOIN readers reader ON reader.person_id = line.person_id
    JOIN versions version ON version.act_id = line.act_id AND version.version = line.version`,
});
