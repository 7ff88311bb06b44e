import {
  type Control,
  type ControlEvaluation,
  type ControlStatus,
  explanationOf,
  eventTitleRu,
  type ExceptionDecision,
  type Finding,
  isAtRisk,
  isBroken,
  isKept,
  isPressing,
  mention,
  type ParameterInForce,
  RESPONSIBLE,
  stands,
  tallyOf,
  valueRu,
} from '@letopis/compliance';
import { offsetAt, wallClock } from '@letopis/kernel';
import { CLAUSES } from '@letopis/school';
import {
  type ControlReportContent,
  type ReportControl,
  type ReportCounts,
  type ReportEvent,
  type ReportFinding,
  type ReportPeriod,
  type ReportWords,
  type ReportWorkflow,
} from './content';

const WEEK_DAYS = 7;
const DAY = 24 * 3_600_000;

/** A control as it was evaluated, with what it is. */
export interface EvaluatedControl {
  readonly control: Control;
  readonly evaluation: ControlEvaluation;
  /** The exception by which the whole control rests; see `restOf`. */
  readonly rest?: ExceptionDecision;
}

/** What a report cites of an event; `ReportEvent` adds its title. */
export type SourceEvent = Omit<ReportEvent, 'titleRu'>;

/** Everything that a control report is made of, and nothing of who asked for it, or when. */
export interface ControlReportSources {
  readonly organization: ControlReportContent['organization'];
  readonly period: ReportPeriod;
  /** The store's position up to which events count. */
  readonly position: bigint;
  /** Names of the catalogue's and the calendar's versions. */
  readonly catalogue: string;
  readonly calendar: string;
  readonly words: ReportWords;
  /** In order of the catalogue, as of the period's last instant. */
  readonly controls: readonly EvaluatedControl[];
  /** What the evaluations cite (`citedBy`), by id. */
  readonly events: ReadonlyMap<string, SourceEvent>;
}

/** The last instant of the period: the one that a report speaks of. */
export function asOfEnd({ to }: ReportPeriod): string {
  return new Date(Date.parse(to) - 1).toISOString();
}

/** The exception by which the control rests for the whole organisation at the instant; of several the one that ends last. */
export function restOf(
  control: string,
  organizationId: string,
  asOf: string,
  exceptions: readonly ExceptionDecision[],
): ExceptionDecision | undefined {
  return exceptions
    .filter(
      (one) =>
        one.control === control && one.scope === organizationId && one.from <= asOf && asOf <= one.until,
    )
    .toSorted((a, b) => (a.until === b.until ? Number(b.position - a.position) : a.until < b.until ? 1 : -1))
    .at(0);
}

/**
 * Whether a finding bears on the period: it arose before the end, and was neither over nor settled by a decision before
 * the beginning. An exception settles nothing for good, so what is excepted bears on every period.
 */
export function bearsOn({ since, closedAt, workflow }: Finding, { from, to }: ReportPeriod): boolean {
  const settled = (workflow?.status === 'verified' || workflow?.status === 'dismissed') && workflow.at < from;
  return since < to && (closedAt === undefined || closedAt >= from) && !settled;
}

/** The findings of the period: those that a report lists, and how many of each kind there are. */
export function findingsOf(
  { findings: all }: ControlEvaluation,
  period: ReportPeriod,
): { readonly findings: readonly Finding[]; readonly counts: ReportCounts } {
  const bearing = all.filter((finding) => bearsOn(finding, period));
  // Of what is done again and again there is always a next turn: while there is time, it says nothing.
  const findings = bearing.filter(
    (finding) => isKept(finding) && (finding.state !== 'open' || isAtRisk(finding)),
  );
  const inTime = bearing.filter((finding) => !isKept(finding)).length;
  return { findings, counts: { inTime, ...tallyOf(findings) } };
}

/** Ids of the events that a report on the period cites: they are to be looked up before it is made. */
export function citedBy(controls: readonly EvaluatedControl[], period: ReportPeriod): readonly string[] {
  const ids = new Set<string>();
  for (const { evaluation, rest } of controls) {
    if (rest) ids.add(rest.eventId);
    for (const { order } of Object.values(evaluation.parameters)) if (order) ids.add(order.eventId);
    for (const { evidence, term, workflow, waiver } of findingsOf(evaluation, period).findings) {
      for (const id of evidence) ids.add(id);
      if (term?.order) ids.add(term.order.eventId);
      if (workflow) ids.add(workflow.eventId);
      if (waiver) ids.add(waiver.eventId);
    }
  }
  return [...ids];
}

/**
 * A control report: what every control says as of the end of the period, from events up to a position of the store. Pure:
 * the same sources give the same content, and so the same digest, on every machine.
 *
 * @throws Error where an event is cited that is not among the sources
 */
export function controlReportContent(sources: ControlReportSources): ControlReportContent {
  const { organization, period, position, catalogue, calendar, words, controls } = sources;
  const asOf = asOfEnd(period);
  const parts = controls.map((evaluated) => controlOf(evaluated, sources));
  const bearing = controls.flatMap(({ evaluation }) =>
    evaluation.findings.filter((finding) => bearsOn(finding, period)),
  );
  return {
    schema: 'letopis/control-report/2',
    kind: 'control',
    formRu: 'Справка по итогам контроля',
    ...words,
    organization,
    period,
    asOf,
    position: position.toString(),
    // The ledger comes with its own version: until then a report says plainly that nothing is sealed.
    ledgerCheckpoint: null,
    catalogue,
    calendar,
    provisionalYears: provisionalYears(controls, period),
    controls: parts,
    byClause: byClause(parts),
    trend: trendOf(bearing, [...weekEnds(period, organization.timeZone), asOf], sources.events),
    byResponsible: byResponsible(controls),
    evidence: citedBy(controls, period)
      .map((id) => sourceOf(id, sources.events))
      .map((event) => ({ ...event, titleRu: eventTitleRu(event.type) }))
      .sort(byPosition),
  };
}

function controlOf(
  { control, evaluation, rest }: EvaluatedControl,
  { period, organization, events }: ControlReportSources,
): ReportControl {
  const { findings, counts } = findingsOf(evaluation, period);
  return {
    id: control.id,
    version: evaluation.version,
    titleRu: control.title.ru,
    clauses: control.clauses,
    severity: control.severity,
    responsibleRu: RESPONSIBLE[control.responsible],
    parameters: Object.entries(evaluation.parameters).map(([name, { value, order }]) => {
      const { titleRu = name, law } = control.parameters[name] ?? {};
      return {
        ...{ name, titleRu, valueRu: valueRu(value) },
        ...(order !== undefined && { order: orderRu(order) }),
        ...(law !== undefined && { law }),
      };
    }),
    status: evaluation.status,
    ...(rest !== undefined && {
      waiver: { by: mention('person', rest.by), reasonRu: rest.reason, until: rest.until },
    }),
    counts,
    findings: findings.map((finding) => findingOf(finding, organization.timeZone, events)),
  };
}

function orderRu({ no, date }: NonNullable<ParameterInForce['order']>): string {
  return `№ ${no} от ${date.split('-').reverse().join('.')}`;
}

function findingOf(
  finding: Finding,
  timeZone: string,
  events: ReadonlyMap<string, SourceEvent>,
): ReportFinding {
  const { id, rule, subject, subjectKind, severity, state, since, dueAt, closedAt, evidence } = finding;
  const workflow = workflowOf(finding, events);
  return {
    ...{ id, rule, subject, subjectKind, severity, state, since },
    ...(dueAt !== undefined && { dueAt }),
    ...(closedAt !== undefined && { closedAt }),
    evidence,
    explanationRu: explanationOf(finding, timeZone),
    ...(workflow !== undefined && { workflow }),
  };
}

/**
 * What was decided: where the control rests for the subject, that is what counts, unless there is nothing left to rest
 * from: what was mended before says nothing of a rest that was granted later.
 */
function workflowOf(finding: Finding, events: ReadonlyMap<string, SourceEvent>): ReportWorkflow | undefined {
  const { workflow, waiver } = finding;
  if (waiver !== undefined && isPressing(finding)) {
    const { by: personId, reason: reasonRu, until, eventId } = waiver;
    return { status: 'excepted', personId, at: sourceOf(eventId, events).occurredAt, until, reasonRu };
  }
  if (workflow === undefined) return undefined;
  const { status, personId, at, until, reason: reasonRu } = workflow;
  return {
    ...{ status, personId, at },
    ...(until !== undefined && { until }),
    ...(reasonRu !== undefined && { reasonRu }),
  };
}

function provisionalYears(controls: readonly EvaluatedControl[], period: ReportPeriod): readonly number[] {
  const years = controls.flatMap(({ evaluation }) =>
    findingsOf(evaluation, period).findings.flatMap(({ provisionalYear }) => provisionalYear ?? []),
  );
  return [...new Set(years)].sort((a, b) => a - b);
}

/** From what speaks most against a clause to what says nothing of it. */
const WORST_FIRST: readonly ControlStatus[] = [
  'violated',
  'at-risk',
  'waived',
  'compliant',
  'no-evidence',
  'not-applicable',
];

/** Every clause that a control is about, in the regulation's order, with the worst status of its controls. */
export function byClause(
  controls: readonly Pick<ReportControl, 'id' | 'clauses' | 'status'>[],
): ControlReportContent['byClause'] {
  return CLAUSES.flatMap(({ id: clause, textRu: titleRu }) => {
    const own = controls.filter(({ clauses }) => clauses.includes(clause));
    const status = WORST_FIRST.find((worst) => own.some((control) => control.status === worst));
    return status === undefined ? [] : [{ clause, titleRu, status, controls: own.map(({ id }) => id) }];
  });
}

/** The last millisecond of every week (Monday to Sunday) that ends within the period, as the school's clock has it. */
export function weekEnds({ from, to }: ReportPeriod, timeZone: string): readonly string[] {
  const ends: string[] = [];
  const wall = wallClock(Date.parse(from), timeZone);
  const daysFromMonday = (new Date(wall).getUTCDay() + WEEK_DAYS - 1) % WEEK_DAYS;
  let monday = Math.floor(wall / DAY) * DAY + (WEEK_DAYS - daysFromMonday) * DAY;
  for (;;) {
    // The offset near that midnight; where the clocks change within the hour, the one that holds at the instant itself.
    const near = monday - offsetAt(monday - offsetAt(monday, timeZone), timeZone);
    const end = new Date(near - 1).toISOString();
    if (end >= asOfEnd({ from, to })) return ends;
    ends.push(end);
    monday += WEEK_DAYS * DAY;
  }
}

/** From when on a finding no longer stands by decision, as of the instant that the evaluation is of; '' for from ever. */
function settledAt(finding: Finding, events: ReadonlyMap<string, SourceEvent>): string | undefined {
  if (stands(finding)) return undefined;
  const { workflow, waiver } = finding;
  const rest = waiver === undefined ? [] : [sourceOf(waiver.eventId, events).occurredAt];
  const decision =
    workflow === undefined || workflow.status === 'assigned' || workflow.status === 'remedied'
      ? []
      : [workflow.status === 'dismissed' ? '' : workflow.at];
  return [...rest, ...decision].sort()[0];
}

/** How many of the findings, all of which bear on the period, stood violated and open at each of the instants. */
export function trendOf(
  findings: readonly Finding[],
  instants: readonly string[],
  events: ReadonlyMap<string, SourceEvent>,
): ControlReportContent['trend'] {
  const stretches = findings.map((finding) => ({
    since: finding.since,
    due: finding.dueAt,
    routine: finding.routine === true,
    closed: finding.closedAt,
    settled: isKept(finding) ? settledAt(finding, events) : undefined,
  }));
  return instants.map((at) => {
    const alive = stretches.filter(
      ({ since, closed, settled }) =>
        since <= at && (closed === undefined || closed > at) && (settled === undefined || settled > at),
    );
    const isLate = ({ due }: { readonly due?: string }): boolean => due === undefined || due < at;
    return {
      at,
      violated: alive.filter(isLate).length,
      open: alive.filter((stretch) => !isLate(stretch) && !stretch.routine).length,
    };
  });
}

function byResponsible(controls: readonly EvaluatedControl[]): ControlReportContent['byResponsible'] {
  const overdue = new Map<string, number>();
  for (const { control, evaluation } of controls) {
    for (const finding of evaluation.findings) {
      if (!isBroken(finding) || !stands(finding)) continue;
      const { workflow } = finding;
      const responsibleRu =
        workflow?.status === 'assigned'
          ? mention('person', workflow.personId)
          : RESPONSIBLE[control.responsible];
      overdue.set(responsibleRu, (overdue.get(responsibleRu) ?? 0) + 1);
    }
  }
  return [...overdue]
    .map(([responsibleRu, count]) => ({ responsibleRu, overdue: count }))
    .sort((a, b) => b.overdue - a.overdue || (a.responsibleRu < b.responsibleRu ? -1 : 1));
}

function sourceOf(id: string, events: ReadonlyMap<string, SourceEvent>): SourceEvent {
  const event = events.get(id);
  if (event === undefined) throw new Error(`Event ${id} is cited and was not looked up`);
  return event;
}

function byPosition(a: ReportEvent, b: ReportEvent): number {
  const difference = BigInt(a.position) - BigInt(b.position);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
