import { type Pool, type PoolClient } from 'pg';
import { type Clock, type Json, LetopisError, parseJson } from '@letopis/kernel';
import { readOrganization } from '@letopis/school';
import { type Calendar } from './calendar';
import {
  catalogueVersion,
  type JudgedSubject,
  MARKS_TABLE,
  readBuild,
  readDecisions,
  readHead,
  readMarks,
  readMarksOf,
  subjectsAfter,
  thinnedKinds,
  VIEW_IS_OURS,
} from './compliance.projection';
import { type Control } from './control';
import { type Decisions } from './decisions';
import {
  type BareFinding,
  bySince,
  changesAt,
  decided,
  type Finding,
  type Frame,
  frameOf,
  isAtRisk,
  isBroken,
  judgeEach,
  nameOf,
  stands,
  statusOf,
} from './evaluation';
import { type CitedEvent } from './findings';
import { type Mark } from './marks';
import { APPLIES } from './parameters';
import { type Rule } from './rules';

/** How many subjects are judged before others may use the thread. */
const SUBJECTS_AT_ONCE = 200;
const ROWS_AT_ONCE = 2_000;
/** How many events a control's status cites; its findings cite all of theirs. */
const CITED = 50;

export interface EvaluatorOptions {
  /** A pool with the live views on its search path. */
  readonly views: Pool;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly catalogue: readonly Control[];
}

/** What an organisation's evaluation was made of. */
export interface Evaluated {
  readonly position: bigint;
  readonly evaluatedAt: string;
}

/**
 * Keeps what controls say as of now, so that nobody who asks has to wait for an evaluation. Only subjects on whom new marks
 * bear, or whose time has come, are judged; the outcome is the same as of judging everything (`evaluate`), whatever had
 * been judged before. After a rebuild of the view everything is judged anew: the same positions may hold other marks.
 * Marks that another catalogue made are not judged: until the view is rebuilt, what was kept stands still, as the view
 * does. Any number of processes may refresh: they take turns on an organisation.
 */
export class Evaluator {
  /** What was judged by another catalogue or calendar, or from another build of the view, does not match it. */
  private readonly sameVersion: string;
  /** By organisation, so that those who wait for one hold one connection together, not one each. */
  private readonly underway = new Map<string, Promise<Evaluated>>();

  constructor(private readonly options: EvaluatorOptions) {
    this.sameVersion = `${catalogueVersion} % ${options.calendar.version} `;
  }

  /**
   * Organisations whose evaluation is behind their marks, or whose time has come: the longest waiting first.
   */
  async due(limit: number): Promise<readonly string[]> {
    const { rows } = await this.options.views.query<{ organization_id: string }>(
      `SELECT h.organization_id FROM compliance_heads h JOIN organizations USING (organization_id)
       LEFT JOIN letopis.compliance_evaluations e ON e.organization_id = h.organization_id
       WHERE ${VIEW_IS_OURS} AND (e.position IS NULL OR e.position < h.position
         OR e.catalogue NOT LIKE $1 || ${MARKS_TABLE} OR e.changes_at <= $2)
       ORDER BY e.evaluated_at NULLS FIRST LIMIT $3`,
      [this.sameVersion, this.options.clock.now(), limit],
    );
    return rows.map(({ organization_id }) => organization_id);
  }

  /**
   * Brings the organisation up to its marks and to the present instant. Costs one query where there is nothing to do.
   *
   * @throws LetopisError `not-found`; `unavailable` where it was never judged and the view awaits a rebuild
   */
  async refresh(organizationId: string): Promise<Evaluated> {
    for (;;) {
      const current = await this.current(this.options.views, organizationId);
      if (current !== undefined) return current;
      const underway = this.underway.get(organizationId);
      if (underway === undefined) break;
      // What is under way may have begun before the marks that are asked for: look again when it is done.
      await underway.catch(() => undefined);
    }
    const turn = this.takeTurn(organizationId).finally(() => this.underway.delete(organizationId));
    this.underway.set(organizationId, turn);
    return turn;
  }

  /** Judges as soon as no other process is at the organisation. */
  private async takeTurn(organizationId: string): Promise<Evaluated> {
    const { views, clock } = this.options;
    const client = await views.connect();
    try {
      await client.query('BEGIN');
      await client.query("SELECT pg_advisory_xact_lock(hashtext('letopis.compliance'), hashtext($1))", [
        organizationId,
      ]);
      const done =
        (await this.current(client, organizationId)) ??
        (await this.evaluate(client, organizationId, clock.now()));
      await client.query('COMMIT');
      return done;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** The evaluation, where it stands for this instant and for all marks. */
  private async current(client: Pool | PoolClient, organizationId: string): Promise<Evaluated | undefined> {
    const { rows } = await client.query<{ position: string; evaluated_at: Date }>(
      `SELECT e.position, e.evaluated_at FROM letopis.compliance_evaluations e
       LEFT JOIN compliance_heads h ON h.organization_id = e.organization_id
       WHERE e.organization_id = $1 AND e.position = coalesce(h.position, 0)
         AND e.catalogue LIKE $2 || ${MARKS_TABLE} AND (e.changes_at IS NULL OR e.changes_at > $3)`,
      [organizationId, this.sameVersion, this.options.clock.now()],
    );
    const [row] = rows;
    return row && { position: BigInt(row.position), evaluatedAt: row.evaluated_at.toISOString() };
  }

  private async evaluate(client: PoolClient, organizationId: string, clock: Date): Promise<Evaluated> {
    const { timeZone } = await readOrganization(client, organizationId);
    const build = await readBuild(client);
    const version = `${catalogueVersion} ${timeZone} ${this.options.calendar.version} ${build.marks}`;
    const position = await readHead(client, organizationId);
    const decisions = await readDecisions(client, organizationId);
    const { rows } = await client.query<{ position: string; catalogue: string; evaluated_at: Date }>(
      'SELECT position, catalogue, evaluated_at FROM letopis.compliance_evaluations WHERE organization_id = $1',
      [organizationId],
    );
    const [before] = rows;
    if (!build.ours) {
      if (before === undefined)
        throw new LetopisError('unavailable', 'The view of compliance awaits a rebuild');
      return { position: BigInt(before.position), evaluatedAt: before.evaluated_at.toISOString() };
    }
    // A clock that was put back must not mix what was judged before with what is judged now.
    const now = new Date(Math.max(clock.getTime(), before?.evaluated_at.getTime() ?? 0)).toISOString();
    const since = before?.catalogue === version ? BigInt(before.position) : undefined;
    const frame = frameOf({
      organizationId,
      asOf: now,
      timeZone,
      calendar: this.options.calendar,
      decisions,
    });

    if (since === undefined || position < since || reckonsAnew(decisions, since)) {
      await this.judgeAll(client, frame);
    } else {
      await this.judgeChanged(client, frame, since);
    }
    const changes = await this.summarize(client, frame);
    await client.query(
      `INSERT INTO letopis.compliance_evaluations (organization_id, position, catalogue, evaluated_at, changes_at)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (organization_id) DO UPDATE
       SET position = $2, catalogue = $3, evaluated_at = $4, changes_at = $5`,
      [organizationId, position, version, now, changes ?? null],
    );
    return { position, evaluatedAt: now };
  }

  private async judgeAll(client: PoolClient, frame: Frame): Promise<void> {
    const { organizationId, timeZone, decisions, asOf } = frame;
    const { catalogue } = this.options;
    for (const table of ['compliance_subjects', 'compliance_findings', 'compliance_controls']) {
      await client.query(`DELETE FROM letopis.${table} WHERE organization_id = $1`, [organizationId]);
    }
    const thinned = thinnedKinds(catalogue, decisions);
    const counting = await readMarks(client, organizationId, { asOf }, timeZone, thinned);
    const awaited = await readMarks(client, organizationId, { notAsOf: asOf }, timeZone, []);
    await this.judge(client, frame, [...counting, ...awaited]);
  }

  private async judgeChanged(client: PoolClient, frame: Frame, since: bigint): Promise<void> {
    const { organizationId, asOf } = frame;
    const changed = await subjectsAfter(client, organizationId, since);
    const { rows: ripe } = await client.query<JudgedSubject>(
      `SELECT control, rule, subject FROM letopis.compliance_subjects WHERE organization_id = $1 AND changes_at <= $2`,
      [organizationId, asOf],
    );
    const named = [...changed, ...ripe].map(
      (one) => [nameOf(one.control, one.rule, one.subject), one] as const,
    );
    const wanted = [...new Map(named).values()];
    if (wanted.length === 0) return;
    const parameters = [
      organizationId,
      wanted.map(({ control }) => control),
      wanted.map(({ rule }) => rule),
      wanted.map(({ subject }) => subject),
    ];
    for (const table of ['compliance_subjects', 'compliance_findings']) {
      await client.query(
        `DELETE FROM letopis.${table} AS t USING unnest($2::text[], $3::text[], $4::text[]) AS w (control, rule, subject)
         WHERE t.organization_id = $1 AND t.control = w.control AND t.rule = w.rule AND t.subject = w.subject`,
        parameters,
      );
    }
    await this.judge(
      client,
      frame,
      await readMarksOf(client, organizationId, wanted),
      new Set(named.map(([name]) => name)),
    );
  }

  /** Judges the subjects of the marks, or only those that are named. */
  private async judge(
    client: PoolClient,
    frame: Frame,
    marks: readonly Mark[],
    only?: ReadonlySet<string>,
  ): Promise<void> {
    const judged: object[] = [];
    const findings: object[] = [];
    let count = 0;
    for (const one of judgeEach(this.options.catalogue, marks, frame, only)) {
      const { control, rule, subject, evidence } = one;
      const changes = changesAt(control, rule, subject, one.marks, one.findings, frame);
      if (evidence || changes !== undefined) {
        const kept = one.findings.filter(isKept);
        judged.push({
          ...{ control: control.id, rule: rule.id, subject, evidence },
          in_time: one.findings.length - kept.length,
          changes_at: changes ?? null,
          settled_at: settledAt(rule, one.marks, kept, changes),
        });
        findings.push(...kept.map(rowOf));
      }
      count += 1;
      if (count % SUBJECTS_AT_ONCE === 0) await new Promise((go) => setImmediate(go));
    }
    await insert(client, frame.organizationId, 'compliance_subjects', SUBJECT_COLUMNS, judged);
    await insert(client, frame.organizationId, 'compliance_findings', FINDING_COLUMNS, findings);
  }

  /** Writes the status of every control. @returns when time alone changes something next */
  private async summarize(client: PoolClient, frame: Frame): Promise<string | undefined> {
    const { organizationId } = frame;
    const findings = decided(await readFindings(client, organizationId), frame);
    const { rows: counted } = await client.query<{
      control: string;
      evidence: boolean;
      in_time: string;
      changes_at: Date | null;
    }>(
      `SELECT control, bool_or(evidence) AS evidence, sum(in_time) AS in_time, min(changes_at) AS changes_at
       FROM letopis.compliance_subjects WHERE organization_id = $1 GROUP BY control`,
      [organizationId],
    );
    const rows = this.options.catalogue.map(({ id, version, severity }) => {
      const own = findings.filter(({ control }) => control === id);
      const seen = counted.find(({ control }) => control === id);
      const pressing = own.filter((finding) => (isBroken(finding) || isAtRisk(finding)) && stands(finding));
      return {
        ...{ control: id, version, severity, status: statusOf(id, own, seen?.evidence === true, frame) },
        in_time: Number(seen?.in_time ?? 0),
        ...tallyOf(own),
        evidence: [...new Set(pressing.flatMap(({ evidence }) => evidence))].slice(0, CITED),
      };
    });
    await client.query('DELETE FROM letopis.compliance_controls WHERE organization_id = $1', [
      organizationId,
    ]);
    await insert(client, organizationId, 'compliance_controls', CONTROL_COLUMNS, rows);
    const instants = counted.flatMap(({ changes_at }) =>
      changes_at === null ? [] : [changes_at.toISOString()],
    );
    return [...instants, ...turningPoints(frame)].sort()[0];
  }
}

/** The organisation's findings, as facts alone make them. */
export async function readFindings(
  views: Pool | PoolClient,
  organizationId: string,
  control?: string,
): Promise<readonly BareFinding[]> {
  const { rows } = await views.query<FindingRow>(
    `SELECT * FROM letopis.compliance_findings WHERE organization_id = $1 AND ($2::text IS NULL OR control = $2)`,
    [organizationId, control ?? null],
  );
  return rows.map(findingOf).toSorted(bySince);
}

/** How findings count: standing ones by their state, and those that do not stand as excepted. */
export function tallyOf(
  findings: readonly Finding[],
): Readonly<Record<'open' | 'violated' | 'mended' | 'excepted', number>> {
  const tally = { open: 0, violated: 0, mended: 0, excepted: 0 };
  for (const finding of findings) {
    if (!isPressing(finding)) tally.mended += 1;
    else if (!stands(finding)) tally.excepted += 1;
    else if (isBroken(finding)) tally.violated += 1;
    else if (isAtRisk(finding)) tally.open += 1;
  }
  return tally;
}

/** Whether there is still something to do about it, as far as facts tell. */
export function isPressing(finding: Pick<Finding, 'state'>): boolean {
  return finding.state === 'open' || isBroken(finding);
}

/** Duties that were done in time, or fell away, are many and say nothing but that: they are only counted. */
export function isKept({ state }: Pick<Finding, 'state'>): boolean {
  return state !== 'fulfilled' && state !== 'cancelled';
}

/** Whether decisions after the position change how deadlines are reckoned, also of what was judged before. */
function reckonsAnew({ parameters, terms }: Decisions, position: bigint): boolean {
  return [...parameters.filter(({ parameter }) => parameter !== APPLIES), ...terms].some(
    (decision) => decision.position > position,
  );
}

/** Instants after that of the frame at which a decision begins or ends to hold. */
function turningPoints({ decisions: { parameters, exceptions, findings }, asOf }: Frame): readonly string[] {
  const after = (at: string): string => new Date(Date.parse(at) + 1).toISOString();
  return [
    ...parameters.filter(({ parameter }) => parameter === APPLIES).map(({ effectiveFrom }) => effectiveFrom),
    ...exceptions.flatMap(({ from, until }) => [from, after(until)]),
    ...findings.flatMap(({ at, kind, until }) => [
      at,
      ...(kind === 'excepted' && until !== undefined ? [after(until)] : []),
    ]),
  ].filter((at) => at > asOf);
}

/** When the last of the marks had happened, where they leave nothing to say and time will not change that. */
function settledAt(
  rule: Rule,
  marks: readonly Mark[],
  kept: readonly BareFinding[],
  changes: string | undefined,
): string | null {
  if (kept.length > 0 || changes !== undefined || rule.wakesAt !== undefined) return null;
  return marks.reduce((last, { at, occurredAt }) => {
    const effective = at > occurredAt ? at : occurredAt;
    return effective > last ? effective : last;
  }, '');
}

const SUBJECT_COLUMNS =
  'control text, rule text, subject text, evidence boolean, in_time integer, changes_at timestamptz, settled_at timestamptz';
const FINDING_COLUMNS =
  'id uuid, control text, rule text, subject text, subject_kind text, severity text, state text, manner text, ' +
  'since timestamptz, due_at timestamptz, closed_at timestamptz, provisional_year integer, key text, what text, routine boolean, term jsonb, cited jsonb';
const CONTROL_COLUMNS =
  'control text, version integer, severity text, status text, in_time integer, open integer, violated integer, ' +
  'mended integer, excepted integer, evidence uuid[]';

async function insert(
  client: PoolClient,
  organizationId: string,
  table: string,
  columns: string,
  rows: readonly object[],
): Promise<void> {
  const names = columns.split(', ').map((column) => column.split(' ')[0]);
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await client.query(
      `INSERT INTO letopis.${table} (organization_id, ${names.join(', ')})
       SELECT $1, ${names.map((name) => `r.${name}`).join(', ')} FROM jsonb_to_recordset($2::jsonb) AS r (${columns})`,
      [organizationId, JSON.stringify(rows.slice(from, from + ROWS_AT_ONCE))],
    );
  }
}

interface FindingRow {
  readonly id: string;
  readonly control: string;
  readonly rule: string;
  readonly subject: string;
  readonly subject_kind: BareFinding['subjectKind'];
  readonly severity: BareFinding['severity'];
  readonly state: BareFinding['state'];
  readonly manner: BareFinding['manner'];
  readonly since: Date;
  readonly due_at: Date | null;
  readonly closed_at: Date | null;
  readonly provisional_year: number | null;
  readonly key: string | null;
  readonly what: string;
  readonly routine: boolean;
  readonly term: BareFinding['term'] | null;
  readonly cited: readonly CitedEvent[];
}

function rowOf(finding: BareFinding): Readonly<Record<string, Json>> {
  return {
    id: finding.id,
    control: finding.control,
    rule: finding.rule,
    subject: finding.subject,
    subject_kind: finding.subjectKind,
    severity: finding.severity,
    state: finding.state,
    manner: finding.manner,
    since: finding.since,
    due_at: finding.dueAt ?? null,
    closed_at: finding.closedAt ?? null,
    provisional_year: finding.provisionalYear ?? null,
    key: finding.key ?? null,
    what: finding.what,
    routine: finding.routine ?? false,
    term: finding.term === undefined ? null : parseJson(JSON.stringify(finding.term)),
    cited: finding.cited.map(({ id, type, occurredAt }) => ({ id, type, occurredAt })),
  };
}

function findingOf(row: FindingRow): BareFinding {
  return {
    id: row.id,
    control: row.control,
    rule: row.rule,
    subject: row.subject,
    subjectKind: row.subject_kind,
    severity: row.severity,
    state: row.state,
    manner: row.manner,
    since: row.since.toISOString(),
    ...(row.due_at !== null && { dueAt: row.due_at.toISOString() }),
    ...(row.closed_at !== null && { closedAt: row.closed_at.toISOString() }),
    ...(row.provisional_year !== null && { provisionalYear: row.provisional_year }),
    ...(row.key !== null && { key: row.key }),
    evidence: row.cited.map(({ id }) => id),
    cited: row.cited,
    what: row.what,
    ...(row.routine && { routine: true as const }),
    ...(row.term !== null && { term: row.term }),
  };
}
