import { derivedId, LetopisError, type RecordedEvent } from '@letopis/kernel';
import { type Place } from './calendar';
import { type Control, type Parameters, parametersInForce } from './control';
import { type FindingState, type Judgement, type Severity } from './findings';
import { type Mark } from './marks';
import { type Rule } from './rules';
import { utc } from './zones';

/** A judgement in its place. */
export interface Finding extends Judgement {
  /** The same for the same rule, subject and opening event, whatever has become of it since. */
  readonly id: string;
  readonly control: string;
  readonly rule: string;
  readonly subject: string;
  readonly severity: Severity;
}

/**
 * - `violated`: something is overdue or violated;
 * - `at-risk`: something is to be done, and there is still time;
 * - `compliant`: there was something to judge, and nothing of that;
 * - `no-evidence`: there was nothing to judge.
 *
 * A waiver or a control that does not apply would come first in `statusOf`, each with the event that decided it.
 */
export const CONTROL_STATUSES = ['compliant', 'at-risk', 'violated', 'no-evidence'] as const;
export type ControlStatus = (typeof CONTROL_STATUSES)[number];

/** What a control says as of an instant. */
export interface ControlEvaluation {
  readonly control: string;
  readonly version: number;
  readonly status: ControlStatus;
  readonly asOf: string;
  readonly parameters: Parameters;
  /** Everything there is to say up to `asOf`, also what was mended; in order of `since`. */
  readonly findings: readonly Finding[];
}

/** What is asked for, and by which decisions of the organisation it is answered. */
export interface Question extends Place {
  /** The instant whose truth is asked for: only what had happened by then counts. RFC 3339. */
  readonly asOf: string;
  /** Only what was recorded up to this position counts: the truth as it was known then. */
  readonly known?: { readonly position: bigint };
  /** The organisation's decisions on parameters, by control; defaults hold for the rest. */
  readonly parameters?: Readonly<Record<string, Parameters>>;
}

/** The marks of the events for every rule of the catalogue, each from its event alone. */
export function marksOf(catalogue: readonly Control[], events: Iterable<RecordedEvent>): readonly Mark[] {
  return [...events].flatMap((event) =>
    catalogue.flatMap(({ id, rules }) => rules.flatMap((rule) => rule.marksOf(event, id))),
  );
}

/**
 * The control as of an instant: a pure function of the marks that count, in whatever order they come. `marks` may hold
 * those of other controls.
 *
 * @throws LetopisError `invalid` where `asOf` is no instant, the time zone is unknown, or a parameter is decided on that
 * the control does not have
 */
export function evaluate(control: Control, marks: Iterable<Mark>, question: Question): ControlEvaluation {
  const asOf = utc(question.asOf);
  const parameters = parametersInForce(control, question.parameters?.[control.id]);
  const duration = (name: string) => {
    const value = parameters[name];
    if (value === undefined)
      throw new LetopisError('invalid', `Control ${control.id} has no parameter ${name}`);
    return value;
  };
  const { timeZone, calendar, known } = question;
  const counts = (mark: Mark): boolean =>
    mark.control === control.id &&
    mark.occurredAt <= asOf &&
    mark.at <= asOf &&
    (known === undefined || mark.position <= known.position);

  const marksByRule = groupBy([...marks].filter(counts), ({ rule }) => rule);
  let evidence = false;
  const findings = control.rules.flatMap((rule) => {
    const ofRule = marksByRule.get(rule.id) ?? [];
    evidence ||= ofRule.some((mark) => rule.isEvidence(mark));
    return subjectsOf(rule, ofRule).flatMap(({ subject, marks: ofSubject }) =>
      rule.judge(subject, ofSubject, { asOf, timeZone, calendar, duration }).map((judgement): Finding => ({
        id: derivedId('finding', control.id, rule.id, subject, judgement.evidence[0] ?? ''),
        control: control.id,
        rule: rule.id,
        subject,
        severity: rule.severity ?? control.severity,
        ...judgement,
      })),
    );
  });
  return {
    control: control.id,
    version: control.version,
    status: statusOf(findings, evidence),
    asOf,
    parameters,
    findings: findings.toSorted(bySince),
  };
}

/** Every control of the catalogue as of an instant; see `evaluate`. */
export function evaluateAll(
  catalogue: readonly Control[],
  marks: Iterable<Mark>,
  question: Question,
): readonly ControlEvaluation[] {
  const unknown = Object.keys(question.parameters ?? {}).filter((id) => !catalogue.some((c) => c.id === id));
  if (unknown.length > 0) throw new LetopisError('invalid', `Unknown control: ${unknown.join(', ')}`);
  const marksByControl = groupBy([...marks], ({ control }) => control);
  return catalogue.map((control) => evaluate(control, marksByControl.get(control.id) ?? [], question));
}

/** Each subject that there is something to judge about, with its marks and those of the subjects they refer to. */
function subjectsOf(
  rule: Rule,
  marks: readonly Mark[],
): readonly { subject: string; marks: readonly Mark[] }[] {
  const bySubject = groupBy(marks, ({ subject }) => subject);
  return [...bySubject]
    .filter(([, own]) => own.some((mark) => rule.isEvidence(mark)))
    .map(([subject, own]) => {
      const others = new Set(own.flatMap(({ refersTo }) => refersTo ?? []));
      others.delete(subject);
      return { subject, marks: [...own, ...[...others].flatMap((other) => bySubject.get(other) ?? [])] };
    });
}

function statusOf(findings: readonly { readonly state: FindingState }[], evidence: boolean): ControlStatus {
  const has = (...states: readonly FindingState[]): boolean =>
    findings.some(({ state }) => states.includes(state));
  if (has('overdue', 'violated')) return 'violated';
  if (has('open')) return 'at-risk';
  return evidence ? 'compliant' : 'no-evidence';
}

function bySince(a: Finding, b: Finding): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}

function groupBy<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
