import { type Pool, type PoolClient } from 'pg';
import { type JsonObject, parseJson } from '@letopis/kernel';
import { defineProjection, defineTable } from '@letopis/projections';
import { controlCatalogue } from './catalogue';
import { type Control } from './control';
import { type Decision, decisionOf, decisionsOf, type Decisions } from './decisions';
import { marksOf, nameOf } from './evaluation';
import { type Mark } from './marks';

/** What events say to the rules of controls: one row a mark, only ever inserted. Findings are judged from these. */
const complianceMarks = defineTable({
  name: 'compliance_marks',
  columns: {
    control: 'text',
    rule: 'text',
    kind: 'text',
    subject: 'text',
    refers_to: 'text?',
    at: 'timestamptz',
    detail: 'jsonb?',
    event_id: 'uuid',
    event_type: 'text',
    occurred_at: 'timestamptz',
    recorded_at: 'timestamptz',
    position: 'bigint',
  },
  key: ['control', 'rule', 'subject', 'kind', 'position'],
  indexes: [
    ['organization_id', 'position'],
    '(organization_id, control, rule, refers_to) WHERE refers_to IS NOT NULL',
  ],
});

/** What the organisation has decided: parameters, exceptions, terms, and what is to become of findings. */
const complianceDecisions = defineTable({
  name: 'compliance_decisions',
  columns: { position: 'bigint', recorded_at: 'timestamptz', event_id: 'uuid', decision: 'jsonb' },
  key: ['position'],
});

/** The position of each organisation's last mark or decision. */
const complianceHeads = defineTable({
  name: 'compliance_heads',
  columns: { position: 'bigint' },
  key: [],
});

/** The version grows with the versions of the controls: marks of another catalogue are of no use. */
export const complianceProjection = defineProjection({
  name: 'compliance',
  version: controlCatalogue.reduce((sum, { version }) => sum + version, 1),
  tables: [complianceMarks, complianceDecisions, complianceHeads],
  on: [],
  any: (rows, event) => {
    const marks = marksOf(controlCatalogue, [event]);
    for (const mark of marks) {
      rows.put(complianceMarks, {
        control: mark.control,
        rule: mark.rule,
        kind: mark.kind,
        subject: mark.subject,
        refers_to: mark.refersTo,
        at: mark.at,
        detail: mark.detail,
        event_id: mark.eventId,
        event_type: mark.eventType,
        occurred_at: mark.occurredAt,
        recorded_at: mark.recordedAt,
        position: mark.position,
      });
    }
    const decided = decisionOf(event);
    if (decided !== undefined) {
      const { eventId: event_id, recordedAt: recorded_at, position, ...decision } = decided;
      rows.put(complianceDecisions, {
        ...{ position, recorded_at, event_id },
        decision: parseJson(JSON.stringify(decision)),
      });
    }
    if (marks.length > 0 || decided !== undefined) rows.put(complianceHeads, { position: event.position });
  },
});

/** Under another name, the marks were made by other rules. */
export const catalogueVersion = `controls-${complianceProjection.version}`;

/** The live table of marks, as SQL: each rebuild of the view makes another one. */
export const MARKS_TABLE = `'compliance_marks'::regclass::oid::text`;

/** Whether the live view was made by this catalogue, as SQL. */
export const VIEW_IS_OURS = `EXISTS (
  SELECT FROM letopis.projection_checkpoints
  WHERE projection = '${complianceProjection.name}' AND place = 'live' AND version = ${complianceProjection.version}
)`;

/** The live view: by its table of marks, and whether this catalogue made it. */
export async function readBuild(views: Views): Promise<{ readonly marks: string; readonly ours: boolean }> {
  const { rows } = await views.query<{ marks: string; ours: boolean }>(
    `SELECT ${MARKS_TABLE} AS marks, ${VIEW_IS_OURS} AS ours`,
  );
  return rows[0] ?? { marks: '', ours: false };
}

interface MarkRow {
  readonly control: string;
  readonly rule: string;
  readonly kind: string;
  readonly subject: string;
  readonly refers_to: string | null;
  readonly detail: JsonObject | null;
  readonly event_id: string;
  readonly event_type: string;
  readonly position: string;
  /** Milliseconds since the epoch: cheaper than dates, and there are many. */
  readonly at: number;
  readonly occurred_at: number;
  readonly recorded_at: number;
}

const COLUMNS = `control, rule, kind, subject, refers_to, detail, event_id, event_type, position,
  round(extract(epoch FROM at) * 1000)::float8 AS at, round(extract(epoch FROM occurred_at) * 1000)::float8 AS occurred_at,
  round(extract(epoch FROM recorded_at) * 1000)::float8 AS recorded_at`;

/** Where rows are read from: a pool with the live views on its search path, or one of its connections. */
export type Views = Pick<Pool | PoolClient, 'query'>;

/** Which marks are read. */
export interface MarkFilter {
  readonly control?: string;
  /** Only marks of events up to this position. */
  readonly upTo?: bigint;
  /** Only marks of events that were recorded by then. */
  readonly recordedBy?: string;
  /** Only marks that can count as of this instant. */
  readonly asOf?: string;
  /** Only marks that cannot count yet as of this instant. */
  readonly notAsOf?: string;
}

/**
 * Of the marks `m` that `counts` admits, those of the kinds that three parameters from `first` on name (controls, rules,
 * kinds): the first and the last of each subject's day in the zone of the parameter behind them.
 */
function thinnedOut(counts: string, first: number): string {
  return `SELECT ${COLUMNS} FROM (
      SELECT *, row_number() OVER (day ORDER BY at, position) AS nth, count(*) OVER day AS of
      FROM (
        SELECT m.*, date_trunc('day', m.at AT TIME ZONE $${first + 3}) AS day
        FROM compliance_marks m JOIN ${kindsAt(first)} USING (control, rule, kind) WHERE ${counts}
      ) AS many
      WINDOW day AS (PARTITION BY control, rule, subject, kind, day)
    ) AS m WHERE nth = 1 OR nth = of`;
}

/** Whether the mark `m` is of none of the kinds. */
function isOfNone(first: number): string {
  return `NOT EXISTS (
    SELECT FROM ${kindsAt(first)} WHERE t.control = m.control AND t.rule = m.rule AND t.kind = m.kind
  )`;
}

function kindsAt(first: number): string {
  const [controls, rules, kinds] = [first, first + 1, first + 2].map((index) => `$${index}::text[]`);
  return `unnest(${controls}, ${rules}, ${kinds}) AS t (control, rule, kind)`;
}

function thinnedParameters(thinned: readonly ThinnedKind[], timeZone: string): readonly unknown[] {
  return [
    thinned.map(({ control }) => control),
    thinned.map(({ rule }) => rule),
    thinned.map(({ kind }) => kind),
    timeZone,
  ];
}

/**
 * The marks of an organisation. Of kinds that a rule calls thinned, only the first and the last of each subject's day in
 * the time zone: the judgement is the same, and there may be hundreds of thousands. As of an instant before the last of them
 * it is so only where `asOf` leaves out what does not count yet: it would stand in the place of what does.
 */
export async function readMarks(
  views: Views,
  organizationId: string,
  { control, upTo, recordedBy, asOf, notAsOf }: MarkFilter,
  timeZone: string,
  thinned: readonly ThinnedKind[],
): Promise<readonly Mark[]> {
  const counts = `m.organization_id = $1 AND ($2::text IS NULL OR m.control = $2)
    AND ($3::bigint IS NULL OR m.position <= $3) AND ($4::timestamptz IS NULL OR m.recorded_at <= $4)
    AND ($5::timestamptz IS NULL OR (m.at <= $5 AND m.occurred_at <= $5))
    AND ($6::timestamptz IS NULL OR m.at > $6 OR m.occurred_at > $6)`;
  const { rows } = await views.query<MarkRow>(
    `SELECT ${COLUMNS} FROM compliance_marks m WHERE ${counts} AND ${isOfNone(7)}
     UNION ALL
     ${thinnedOut(counts, 7)}`,
    [
      ...[organizationId, control ?? null, upTo ?? null, recordedBy ?? null, asOf ?? null, notAsOf ?? null],
      ...thinnedParameters(thinned, timeZone),
    ],
  );
  return rows.map(markOf);
}

/** What has to be judged as of a past instant, and what is known of the rest. */
export interface Unsettled {
  /** Subjects whose judgement may differ from that of now. */
  readonly subjects: ReadonlySet<string>;
  /** Their marks, with those of the subjects that they refer to. */
  readonly marks: readonly Mark[];
  /** Of all others, by control: how many duties were done in time. */
  readonly settled: ReadonlyMap<string, number>;
}

/** What the evaluation of now leaves to be judged as of a past instant. It has to be up to date. */
export async function readUnsettled(
  views: Views,
  organizationId: string,
  asOf: string,
  timeZone: string,
  thinned: readonly ThinnedKind[],
): Promise<Unsettled> {
  const unsettled = `SELECT control, rule, subject FROM letopis.compliance_subjects
    WHERE organization_id = $1 AND (settled_at IS NULL OR settled_at > $2)`;
  const counts = 'm.organization_id = $1 AND m.at <= $2 AND m.occurred_at <= $2';
  const [subjects, settled, marks] = await Promise.all([
    views.query<JudgedSubject>(unsettled, [organizationId, asOf]),
    views.query<{ control: string; in_time: string }>(
      `SELECT control, sum(in_time) AS in_time FROM letopis.compliance_subjects
       WHERE organization_id = $1 AND settled_at <= $2 AND evidence GROUP BY control`,
      [organizationId, asOf],
    ),
    views.query<MarkRow>(
      `WITH unsettled AS MATERIALIZED (${unsettled}),
         own AS MATERIALIZED (
           SELECT m.* FROM compliance_marks m JOIN unsettled USING (control, rule, subject)
           WHERE ${counts} AND ${isOfNone(3)}
         ),
         ${referred('own', 'unsettled', counts)}
       SELECT ${COLUMNS} FROM own
       UNION ALL SELECT ${COLUMNS} FROM of_first
       UNION ALL SELECT ${COLUMNS} FROM of_second
       UNION ALL ${thinnedOut(`${counts} AND (control, rule, subject) IN (SELECT * FROM unsettled)`, 3)}`,
      [organizationId, asOf, ...thinnedParameters(thinned, timeZone)],
    ),
  ]);
  return {
    subjects: new Set(subjects.rows.map(({ control, rule, subject }) => nameOf(control, rule, subject))),
    marks: marks.rows.map(markOf),
    settled: new Map(settled.rows.map(({ control, in_time }) => [control, Number(in_time)])),
  };
}

/** Marks of subjects that the marks in `own` refer to, and of those that these refer to; `seen` are not read again. */
function referred(own: string, seen: string, counts: string): string {
  return `first AS MATERIALIZED (
      SELECT DISTINCT control, rule, refers_to AS subject FROM ${own} WHERE refers_to IS NOT NULL
      EXCEPT SELECT control, rule, subject FROM ${seen}
    ),
    of_first AS MATERIALIZED (
      SELECT m.* FROM compliance_marks m JOIN first USING (control, rule, subject) WHERE ${counts}
    ),
    second AS MATERIALIZED (
      SELECT DISTINCT control, rule, refers_to AS subject FROM of_first WHERE refers_to IS NOT NULL
      EXCEPT SELECT control, rule, subject FROM ${seen}
      EXCEPT SELECT control, rule, subject FROM first
    ),
    of_second AS MATERIALIZED (
      SELECT m.* FROM compliance_marks m JOIN second USING (control, rule, subject) WHERE ${counts}
    )`;
}

/** The marks of some subjects, with those of the subjects that they refer to, directly or over one other. */
export async function readMarksOf(
  views: Views,
  organizationId: string,
  subjects: readonly JudgedSubject[],
): Promise<readonly Mark[]> {
  const { rows } = await views.query<MarkRow>(
    `WITH wanted AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS t (control, rule, subject)),
       own AS MATERIALIZED (
         SELECT m.* FROM compliance_marks m JOIN wanted USING (control, rule, subject) WHERE m.organization_id = $1
       ),
       ${referred('own', 'wanted', 'm.organization_id = $1')}
     SELECT ${COLUMNS} FROM own
     UNION ALL SELECT ${COLUMNS} FROM of_first
     UNION ALL SELECT ${COLUMNS} FROM of_second`,
    [
      organizationId,
      subjects.map(({ control }) => control),
      subjects.map(({ rule }) => rule),
      subjects.map(({ subject }) => subject),
    ],
  );
  return rows.map(markOf);
}

/** Whom or what a rule judges. */
export interface JudgedSubject {
  readonly control: string;
  readonly rule: string;
  readonly subject: string;
}

/** Subjects on whom marks after `position` bear, themselves or through subjects that they refer to. */
export async function subjectsAfter(
  views: Views,
  organizationId: string,
  position: bigint,
): Promise<readonly JudgedSubject[]> {
  const referring = (to: string): string =>
    `SELECT DISTINCT m.control, m.rule, m.subject FROM compliance_marks m
     JOIN ${to} c ON m.control = c.control AND m.rule = c.rule AND m.refers_to = c.subject
     WHERE m.organization_id = $1`;
  const { rows } = await views.query<JudgedSubject>(
    `WITH changed AS MATERIALIZED (
       SELECT DISTINCT control, rule, subject FROM compliance_marks WHERE organization_id = $1 AND position > $2
     ),
     first AS MATERIALIZED (${referring('changed')})
     SELECT control, rule, subject FROM changed
     UNION SELECT control, rule, subject FROM first
     UNION ${referring('first')}`,
    [organizationId, position],
  );
  return rows;
}

/** A kind of marks of which a day's first and last are enough. */
export interface ThinnedKind {
  readonly control: string;
  readonly rule: string;
  readonly kind: string;
}

/**
 * The kinds of marks of the catalogue of which a day's first and last are enough. Where an organisation reckons a
 * control's terms in hours, all of its marks count.
 */
export function thinnedKinds(catalogue: readonly Control[], decisions: Decisions): readonly ThinnedKind[] {
  return catalogue
    .filter(
      ({ id }) => !decisions.parameters.some(({ control, value }) => control === id && 'hours' in value),
    )
    .flatMap(({ id, rules }) =>
      rules.flatMap((rule) =>
        (rule.thinned ?? []).map((kind): ThinnedKind => ({ control: id, rule: rule.id, kind })),
      ),
    );
}

/** The position of the organisation's last mark or decision; 0 where there is none. */
export async function readHead(views: Views, organizationId: string): Promise<bigint> {
  const { rows } = await views.query<{ position: string }>(
    'SELECT position FROM compliance_heads WHERE organization_id = $1',
    [organizationId],
  );
  return BigInt(rows[0]?.position ?? 0);
}

/** Everything that the organisation has decided. */
export async function readDecisions(views: Views, organizationId: string): Promise<Decisions> {
  const { rows } = await views.query<{
    readonly position: string;
    readonly recorded_at: Date;
    readonly event_id: string;
    readonly decision: WithoutFact<Decision>;
  }>(
    'SELECT position, recorded_at, event_id, decision FROM compliance_decisions WHERE organization_id = $1 ORDER BY position',
    [organizationId],
  );
  return decisionsOf(
    rows.map(({ position, recorded_at, event_id, decision }): Decision => ({
      ...decision,
      position: BigInt(position),
      recordedAt: recorded_at.toISOString(),
      eventId: event_id,
    })),
  );
}

type WithoutFact<Union> = Union extends unknown ? Omit<Union, 'position' | 'recordedAt' | 'eventId'> : never;

function markOf(row: MarkRow): Mark {
  const at = new Date(row.at).toISOString();
  const occurredAt = row.occurred_at === row.at ? at : new Date(row.occurred_at).toISOString();
  return {
    control: row.control,
    rule: row.rule,
    subject: row.subject,
    kind: row.kind,
    at,
    eventId: row.event_id,
    eventType: row.event_type,
    occurredAt,
    recordedAt: row.recorded_at === row.occurred_at ? occurredAt : new Date(row.recorded_at).toISOString(),
    position: BigInt(row.position),
    ...(row.refers_to !== null && { refersTo: row.refers_to }),
    ...(row.detail !== null && { detail: row.detail }),
  };
}
