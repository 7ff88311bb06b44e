import { type Pool } from 'pg';
import { type Clock } from '@letopis/kernel';
import { readOrganization } from '@letopis/school';
import { type Calendar } from './calendar';
import { readDecisions, readMarks, readUnsettled, thinnedKinds } from './compliance.projection';
import { type Control } from './control';
import { type Decisions, type Known } from './decisions';
import {
  type BareFinding,
  bySince,
  type ControlEvaluation,
  type ControlStatus,
  decided,
  evaluateAll,
  type Finding,
  frameOf,
  parametersAt,
  type Question,
  isBroken,
  judgeEach,
  stands,
  statusOf,
} from './evaluation';
import { Evaluator, isKept, readFindings } from './evaluator';
import { type Severity } from './findings';

export interface ComplianceViewOptions {
  /** A pool with the live views on its search path. */
  readonly views: Pool;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly catalogue: readonly Control[];
}

/** A control's status as of now, and what it comes from. */
export interface ControlSummary {
  readonly control: string;
  readonly version: number;
  readonly status: ControlStatus;
  /** How many duties were done in time or fell away, are open, broken, were mended late, and stand excepted. */
  readonly inTime: number;
  readonly open: number;
  readonly violated: number;
  readonly mended: number;
  readonly excepted: number;
  /** Ids of events that open and broken findings rest on, some of them. */
  readonly evidence: readonly string[];
}

/** What is asked of a past instant. */
export interface PastQuestion {
  readonly asOf: string;
  /** As known then; as known now without it. */
  readonly known?: Known;
  readonly control?: string;
}

/** A control as of a past instant. */
export interface PastControl extends Pick<ControlEvaluation, 'control' | 'status' | 'parameters'> {
  /** How many duties had been done in time, or had fallen away. */
  readonly inTime: number;
  readonly findings: readonly Finding[];
}

/** One school among many: numbers only; controls that do not apply to it are not summed up. */
export interface SchoolSummary {
  readonly organizationId: string;
  readonly evaluatedAt: string;
  readonly statuses: Readonly<Record<ControlStatus, number>>;
  readonly open: number;
  readonly violated: number;
  /** Of these, findings of the gravest kind. */
  readonly critical: number;
  readonly controls: readonly {
    readonly control: string;
    readonly status: ControlStatus;
    readonly violated: number;
    readonly open: number;
  }[];
}

/** How many findings of a control were overdue or violated at an instant. */
export interface TrendPoint {
  readonly control: string;
  readonly at: string;
  readonly violated: number;
}

/** A control that endangers the school most, with its oldest broken finding. */
export interface Risk {
  readonly control: string;
  readonly severity: Severity;
  readonly violated: number;
  readonly oldestSince: string;
  /** Gravity times number times age: comparable within one answer only. */
  readonly score: number;
}

const GRAVITY: Readonly<Record<Severity, number>> = { low: 1, medium: 3, high: 9, critical: 27 };
const DAY = 24 * 3_600_000;

/** Questions about compliance: as of now from what the evaluator keeps, as of a past instant by evaluating anew. */
export class ComplianceView {
  readonly evaluator: Evaluator;

  constructor(private readonly options: ComplianceViewOptions) {
    this.evaluator = new Evaluator(options);
  }

  /** Every control as of now, by all marks that the view has. @throws LetopisError `not-found` */
  async overview(
    organizationId: string,
  ): Promise<{ readonly asOf: string; readonly controls: readonly ControlSummary[] }> {
    const { evaluatedAt } = await this.evaluator.refresh(organizationId);
    const { rows } = await this.options.views.query<SummaryRow>(
      'SELECT * FROM letopis.compliance_controls WHERE organization_id = $1 ORDER BY control',
      [organizationId],
    );
    return { asOf: evaluatedAt, controls: rows.map(summaryOf) };
  }

  /**
   * Findings as of now that are open, broken, or were mended late, with what was decided about them, in order of `since`.
   */
  async findings(
    organizationId: string,
    control?: string,
  ): Promise<{ readonly asOf: string; readonly findings: readonly Finding[] }> {
    const { evaluatedAt: asOf } = await this.evaluator.refresh(organizationId);
    const frame = frameOf(await this.question(organizationId, { asOf }));
    return {
      asOf,
      findings: decided(await readFindings(this.options.views, organizationId, control), frame),
    };
  }

  /** One control as of now, with its findings and the parameters in force. @throws LetopisError `not-found` */
  async control(organizationId: string, control: Control) {
    const { asOf, controls } = await this.overview(organizationId);
    const frame = frameOf(await this.question(organizationId, { asOf }));
    const findings = decided(await readFindings(this.options.views, organizationId, control.id), frame);
    const summary = controls.find((one) => one.control === control.id);
    return {
      asOf,
      status: summary?.status ?? ('no-evidence' as const),
      inTime: summary?.inTime ?? 0,
      parameters: parametersAt(control, frame),
      findings,
    };
  }

  /** Controls as of an instant, as known now or then. @throws LetopisError `not-found` */
  async asOf(organizationId: string, past: PastQuestion): Promise<readonly ControlEvaluation[]> {
    const { views } = this.options;
    const catalogue = this.options.catalogue.filter(
      ({ id }) => past.control === undefined || id === past.control,
    );
    const question = await this.question(organizationId, past);
    const marks = await readMarks(
      views,
      organizationId,
      {
        asOf: past.asOf,
        ...(past.control !== undefined && { control: past.control }),
        ...(past.known !== undefined &&
          ('position' in past.known ? { upTo: past.known.position } : { recordedBy: past.known.recordedBy })),
      },
      question.timeZone,
      thinnedKinds(catalogue, question.decisions),
    );
    return evaluateAll(catalogue, marks, question);
  }

  /**
   * Every control as of an instant, as known now: the same as `asOf` says, but sooner, since most of a school's subjects
   * were settled by then. Duties that were done in time are counted only. @throws LetopisError `not-found`
   */
  async past(organizationId: string, asOf: string): Promise<readonly PastControl[]> {
    await this.evaluator.refresh(organizationId);
    const { views, catalogue } = this.options;
    const question = await this.question(organizationId, { asOf });
    const frame = frameOf(question);
    const { subjects, marks, settled } = await readUnsettled(
      views,
      organizationId,
      asOf,
      frame.timeZone,
      thinnedKinds(catalogue, frame.decisions),
    );
    const judged = new Map<string, { evidence: boolean; inTime: number; findings: BareFinding[] }>();
    for (const { id } of catalogue) {
      judged.set(id, { evidence: settled.has(id), inTime: settled.get(id) ?? 0, findings: [] });
    }
    for (const { control, evidence, findings } of judgeEach(catalogue, marks, frame, subjects)) {
      const all = judged.get(control.id);
      if (all === undefined) continue;
      const kept = findings.filter(isKept);
      all.evidence ||= evidence;
      all.inTime += findings.length - kept.length;
      all.findings.push(...kept);
    }
    return catalogue.map((control) => {
      const { evidence = false, inTime = 0, findings: bare = [] } = judged.get(control.id) ?? {};
      const findings = decided(bare, frame).toSorted(bySince);
      return {
        control: control.id,
        status: statusOf(control.id, findings, evidence, frame),
        inTime,
        parameters: parametersAt(control, frame),
        findings,
      };
    });
  }

  /** What a question of the organisation is answered by: its place and its decisions. @throws LetopisError `not-found` */
  async question(
    organizationId: string,
    { asOf, known }: PastQuestion,
  ): Promise<Question & { readonly decisions: Decisions }> {
    const { views, calendar } = this.options;
    const [{ timeZone }, decisions] = await Promise.all([
      readOrganization(views, organizationId),
      readDecisions(views, organizationId),
    ]);
    return { organizationId, asOf, timeZone, calendar, decisions, ...(known !== undefined && { known }) };
  }

  /** Many schools at once, as they were last evaluated; those that never were are not among them. */
  async schools(organizationIds?: readonly string[]): Promise<readonly SchoolSummary[]> {
    const { rows } = await this.options.views.query<SchoolRow>(
      `SELECT e.organization_id, e.evaluated_at,
         sum(c.open) FILTER (WHERE c.status <> 'not-applicable') AS open,
         sum(c.violated) FILTER (WHERE c.status <> 'not-applicable') AS violated,
         sum(c.violated) FILTER (WHERE c.status <> 'not-applicable' AND c.severity = 'critical') AS critical,
         json_agg(json_build_array(c.control, c.status, c.violated, c.open) ORDER BY c.control) AS controls
       FROM letopis.compliance_evaluations e JOIN letopis.compliance_controls c USING (organization_id)
       WHERE $1::uuid[] IS NULL OR e.organization_id = ANY ($1)
       GROUP BY e.organization_id, e.evaluated_at ORDER BY violated DESC NULLS LAST, e.organization_id`,
      [organizationIds ?? null],
    );
    return rows.map((row) => {
      const controls = row.controls.map(([control, status, violated, open]) => ({
        control,
        status,
        violated,
        open,
      }));
      const count = (status: ControlStatus): number => controls.filter((one) => one.status === status).length;
      return {
        organizationId: row.organization_id,
        evaluatedAt: row.evaluated_at.toISOString(),
        statuses: {
          compliant: count('compliant'),
          'at-risk': count('at-risk'),
          violated: count('violated'),
          waived: count('waived'),
          'not-applicable': count('not-applicable'),
          'no-evidence': count('no-evidence'),
        },
        open: Number(row.open ?? 0),
        violated: Number(row.violated ?? 0),
        critical: Number(row.critical ?? 0),
        controls,
      };
    });
  }

  /**
   * How many findings of each control were broken at each of the instants, as known now; what people decided about them is
   * left out, since it says nothing of when something was wrong.
   */
  async trend(organizationId: string, instants: readonly string[]): Promise<readonly TrendPoint[]> {
    await this.evaluator.refresh(organizationId);
    const { rows } = await this.options.views.query<{
      control: string;
      at: Date;
      violated: string;
    }>(
      `SELECT c.control, i.at,
         count(f.id) FILTER (WHERE f.due_at IS NULL OR f.due_at < i.at) AS violated
       FROM letopis.compliance_controls c CROSS JOIN unnest($2::timestamptz[]) AS i (at)
       LEFT JOIN letopis.compliance_findings f ON f.organization_id = c.organization_id AND f.control = c.control
         AND f.since <= i.at AND (f.closed_at IS NULL OR f.closed_at > i.at)
       WHERE c.organization_id = $1 GROUP BY c.control, i.at ORDER BY c.control, i.at`,
      [organizationId, instants],
    );
    return rows.map(({ control, at, violated }) => ({
      control,
      at: at.toISOString(),
      violated: Number(violated),
    }));
  }

  /** The controls that endanger the school most, gravest first; not those that do not apply to it. */
  async risks(organizationId: string, limit: number): Promise<readonly Risk[]> {
    const { controls } = await this.overview(organizationId);
    const idle = new Set(
      controls.filter(({ status }) => status === 'not-applicable').map(({ control }) => control),
    );
    const { asOf, findings } = await this.findings(organizationId);
    const broken = findings.filter(
      (finding) => isBroken(finding) && stands(finding) && !idle.has(finding.control),
    );
    const risks = new Map<
      string,
      { severity: Severity; violated: number; oldestSince: string; score: number }
    >();
    for (const { control, severity, since, dueAt } of broken) {
      const days = Math.max(1, (Date.parse(asOf) - Date.parse(dueAt ?? since)) / DAY);
      const before = risks.get(control);
      risks.set(control, {
        severity:
          before === undefined || GRAVITY[severity] > GRAVITY[before.severity] ? severity : before.severity,
        violated: (before?.violated ?? 0) + 1,
        oldestSince: before === undefined || since < before.oldestSince ? since : before.oldestSince,
        score: (before?.score ?? 0) + GRAVITY[severity] * (1 + Math.log2(days)),
      });
    }
    return [...risks]
      .map(([control, { score, ...risk }]) => ({ control, ...risk, score: Math.round(score * 10) / 10 }))
      .sort((a, b) => b.score - a.score || (a.control < b.control ? -1 : 1))
      .slice(0, limit);
  }
}

interface SummaryRow {
  readonly control: string;
  readonly version: number;
  readonly status: ControlStatus;
  readonly in_time: number;
  readonly open: number;
  readonly violated: number;
  readonly mended: number;
  readonly excepted: number;
  readonly evidence: readonly string[];
}

function summaryOf({ in_time: inTime, ...row }: SummaryRow): ControlSummary {
  const { control, version, status, open, violated, mended, excepted, evidence } = row;
  return { control, version, status, inTime, open, violated, mended, excepted, evidence };
}

interface SchoolRow {
  readonly organization_id: string;
  readonly evaluated_at: Date;
  readonly open: string | null;
  readonly violated: string | null;
  readonly critical: string | null;
  readonly controls: readonly (readonly [
    control: string,
    status: ControlStatus,
    violated: number,
    open: number,
  ])[];
}
