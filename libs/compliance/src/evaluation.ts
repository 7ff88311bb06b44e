import { derivedId, LetopisError, type RecordedEvent } from '@letopis/kernel';
import { type Place } from './calendar';
import { type Control } from './control';
import {
  type Decisions,
  type ExceptionDecision,
  isKnown,
  type Known,
  knownOf,
  NO_DECISIONS,
} from './decisions';
import { type Judgement, type Severity } from './findings';
import { type Mark } from './marks';
import { type SubjectKind } from './mentions';
import { APPLIES, decisionAt, type ParameterInForce, shapeOf } from './parameters';
import { type Circumstances, type Rule } from './rules';
import { termsOf } from './terms';
import { type Workflow, workflowOf } from './workflow';
import { utc } from './zones';

/** A judgement in its place, as facts and parameters alone make it. */
export interface BareFinding extends Judgement {
  /** The same for the same rule, subject and opening event, whatever has become of it since. */
  readonly id: string;
  readonly control: string;
  readonly rule: string;
  readonly subject: string;
  readonly subjectKind: SubjectKind;
  readonly severity: Severity;
}

/** A finding with what people have decided about it. */
export interface Finding extends BareFinding {
  readonly workflow?: Workflow;
  /** The rest from the control that covers it. */
  readonly waiver?: Pick<ExceptionDecision, 'by' | 'reason' | 'until' | 'eventId'>;
}

/**
 * - `not-applicable`: the organisation has decided that the control does not apply to it;
 * - `waived`: something is overdue or violated, and all of it is excepted; or the whole control rests;
 * - `violated`: something is overdue or violated;
 * - `at-risk`: something is to be done, and there is still time; the next turn of what is done again and again does not
 *   count;
 * - `compliant`: there was something to judge, and nothing of that;
 * - `no-evidence`: there was nothing to judge.
 */
export const CONTROL_STATUSES = [
  'compliant',
  'at-risk',
  'violated',
  'waived',
  'not-applicable',
  'no-evidence',
] as const;
export type ControlStatus = (typeof CONTROL_STATUSES)[number];

/** What a control says as of an instant. */
export interface ControlEvaluation {
  readonly control: string;
  readonly version: number;
  readonly status: ControlStatus;
  readonly asOf: string;
  readonly parameters: Readonly<Record<string, ParameterInForce>>;
  /** Everything there is to say up to `asOf`, also what was mended; in order of `since`. */
  readonly findings: readonly Finding[];
}

/** What is asked for, and by which decisions of the organisation it is answered. */
export interface Question extends Omit<Place, 'terms'> {
  readonly organizationId: string;
  /** The instant whose truth is asked for: only what had happened by then counts. RFC 3339. */
  readonly asOf: string;
  /** As known then: later facts and decisions do not count. As known now without it. */
  readonly known?: Known;
  readonly decisions?: Decisions;
}

/** A question as rules see it: what was known, and nothing else. */
export interface Frame extends Place {
  readonly organizationId: string;
  readonly asOf: string;
  readonly known?: Known;
  readonly decisions: Decisions;
}

/** @throws LetopisError `invalid` where `asOf` is no instant */
export function frameOf({ decisions: all = NO_DECISIONS, ...question }: Question): Frame {
  const decisions = knownOf(all, question.known);
  return { ...question, asOf: utc(question.asOf), decisions, terms: termsOf(decisions.terms) };
}

/** The marks of the events for every rule of the catalogue, each from its event alone. */
export function marksOf(catalogue: readonly Control[], events: Iterable<RecordedEvent>): readonly Mark[] {
  const marks: Mark[] = [];
  for (const event of events) {
    for (const { id, rules } of catalogue) for (const rule of rules) marks.push(...rule.marksOf(event, id));
  }
  return marks;
}

/** Whether the mark's event had happened, was known, and its time had come. */
export function counts(mark: Mark, { asOf, known }: Pick<Frame, 'asOf' | 'known'>): boolean {
  return mark.occurredAt <= asOf && mark.at <= asOf && isKnown(mark, known);
}

/**
 * The findings of one rule on one subject: a pure function of the subject's marks and of those of the subjects that they
 * refer to, in whatever order they come. Marks that do not count are passed over.
 */
export function judge(
  control: Control,
  rule: Rule,
  subject: string,
  marks: readonly Mark[],
  frame: Frame,
): readonly BareFinding[] {
  const counting = marks.filter((mark) => counts(mark, frame));
  if (!counting.some((mark) => mark.subject === subject && rule.isEvidence(mark))) return [];
  return rule.judge(subject, counting, circumstancesOf(control, frame)).map((judgement) => ({
    id: derivedId(
      'finding',
      control.id,
      rule.id,
      subject,
      judgement.evidence[0] ?? '',
      ...(judgement.key === undefined ? [] : [judgement.key]),
    ),
    control: control.id,
    rule: rule.id,
    subject,
    subjectKind: rule.about,
    severity: rule.severity ?? control.severity,
    ...judgement,
  }));
}

/**
 * The first instant after `asOf` at which `judge` may say something else though nothing happens: a deadline runs out, or
 * the time of a mark comes. `undefined` where only events change it.
 */
export function changesAt(
  control: Control,
  rule: Rule,
  subject: string,
  marks: readonly Mark[],
  findings: readonly BareFinding[],
  frame: Frame,
): string | undefined {
  const { asOf } = frame;
  const instants: string[] = [];
  for (const { at, occurredAt } of marks) {
    const effective = at > occurredAt ? at : occurredAt;
    if (effective > asOf) instants.push(effective);
  }
  for (const { state, dueAt } of findings)
    if (state === 'open' && dueAt !== undefined) instants.push(after(dueAt));
  const counting = marks.filter((mark) => counts(mark, frame));
  const wakes = rule.wakesAt?.(subject, counting, circumstancesOf(control, frame));
  if (wakes !== undefined) instants.push(wakes);
  return instants.reduce<string | undefined>(
    (first, at) => (first === undefined || at < first ? at : first),
    undefined,
  );
}

function after(at: string): string {
  return new Date(Date.parse(at) + 1).toISOString();
}

function circumstancesOf(control: Control, frame: Frame): Circumstances<string> {
  return {
    ...frame,
    valueOf: (name, at) => valueAt(control, name, at, frame).value,
    inForce: (name, at) => valueAt(control, name, at, frame),
  };
}

/**
 * The parameter in force at the instant, by the organisation's decisions that were known.
 *
 * @throws LetopisError `invalid` where the control has no such parameter
 */
export function valueAt(
  { id, parameters }: Pick<Control, 'id' | 'parameters'>,
  name: string,
  at: string,
  { decisions }: Pick<Frame, 'decisions'>,
): ParameterInForce {
  const declared = parameters[name];
  if (declared === undefined) throw new LetopisError('invalid', `Control ${id} has no parameter ${name}`);
  const decision = decisionAt(decisions.parameters, id, name, at);
  // What was decided under an earlier catalogue may have another form: then the default holds.
  if (
    decision === undefined ||
    shapeOf(decision.value) !== shapeOf(declared.value) ||
    'applies' in decision.value
  ) {
    return { value: declared.value };
  }
  const { value, orderNo, orderDate, eventId } = decision;
  return { value, order: { no: orderNo, date: orderDate, eventId } };
}

/** Findings with what people have decided about them as of the instant. */
export function decided(findings: readonly BareFinding[], frame: Frame): readonly Finding[] {
  const byFinding = groupBy(frame.decisions.findings, ({ finding }) => finding);
  const rests = frame.decisions.exceptions.filter(
    ({ from, until }) => from <= frame.asOf && frame.asOf <= until,
  );
  return findings.map((finding) => {
    const workflow = workflowOf(byFinding.get(finding.id) ?? [], frame.asOf);
    const rest = rests.find(
      ({ control, scope }) =>
        control === finding.control && (scope === finding.subject || scope === frame.organizationId),
    );
    return {
      ...finding,
      ...(workflow !== undefined && { workflow }),
      ...(rest !== undefined && {
        waiver: { by: rest.by, reason: rest.reason, until: rest.until, eventId: rest.eventId },
      }),
    };
  });
}

/** One rule's judgement on one subject. */
export interface Judged {
  readonly control: Control;
  readonly rule: Rule;
  readonly subject: string;
  /** The subject's marks, and those of the subjects that they refer to; also those whose time has not come. */
  readonly marks: readonly Mark[];
  /** Whether there was anything to judge. */
  readonly evidence: boolean;
  readonly findings: readonly BareFinding[];
}

/** The name of a rule's subject, unique within an organisation. */
export function nameOf(control: string, rule: string, subject: string): string {
  return `${control}/${rule}/${subject}`;
}

/** Judges each subject that has marks, or each of the wanted ones; see `judge`. */
export function* judgeEach(
  catalogue: readonly Control[],
  marks: Iterable<Mark>,
  frame: Frame,
  wanted?: ReadonlySet<string>,
): Generator<Judged> {
  const byRule = groupBy(marks, ({ control, rule }) => nameOf(control, rule, ''));
  for (const control of catalogue) {
    for (const rule of control.rules) {
      const bySubject = groupBy(byRule.get(nameOf(control.id, rule.id, '')) ?? [], ({ subject }) => subject);
      for (const [subject, own] of bySubject) {
        if (wanted !== undefined && !wanted.has(nameOf(control.id, rule.id, subject))) continue;
        const evidence = own.some((mark) => rule.isEvidence(mark) && counts(mark, frame));
        const all = withReferred(subject, own, bySubject);
        const findings = evidence ? judge(control, rule, subject, all, frame) : [];
        yield { control, rule, subject, marks: all, evidence, findings };
      }
    }
  }
}

/**
 * The control as of an instant: a pure function of the marks that count, in whatever order they come. `marks` may hold
 * those of other controls.
 *
 * @throws LetopisError `invalid` where `asOf` is no instant or the time zone is unknown
 */
export function evaluate(control: Control, marks: Iterable<Mark>, question: Question): ControlEvaluation {
  const [evaluation] = evaluateAll([control], marks, question);
  if (evaluation === undefined) throw new LetopisError('not-found', `There is no control ${control.id}`);
  return evaluation;
}

/** Every control of the catalogue as of an instant; see `evaluate`. */
export function evaluateAll(
  catalogue: readonly Control[],
  marks: Iterable<Mark>,
  question: Question,
): readonly ControlEvaluation[] {
  const frame = frameOf(question);
  const judged = groupBy(judgeEach(catalogue, marks, frame), ({ control }) => control.id);
  return catalogue.map((control) => {
    const own = judged.get(control.id) ?? [];
    const findings = decided(
      own.flatMap((one) => one.findings),
      frame,
    ).toSorted(bySince);
    const evidence = own.some((one) => one.evidence);
    return {
      control: control.id,
      version: control.version,
      status: statusOf(control.id, findings, evidence, frame),
      asOf: frame.asOf,
      parameters: parametersAt(control, frame),
      findings,
    };
  });
}

/**
 * The subject's marks, with those of the subjects that they refer to and of those that these refer to: from a chat over
 * an account to the person whose account it is.
 */
function withReferred(
  subject: string,
  own: readonly Mark[],
  bySubject: ReadonlyMap<string, readonly Mark[]>,
): readonly Mark[] {
  const seen = new Set([subject]);
  let reached = own;
  let all = own;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const others = new Set<string>();
    for (const { refersTo } of reached)
      if (refersTo !== undefined && !seen.has(refersTo)) others.add(refersTo);
    if (others.size === 0) break;
    for (const other of others) seen.add(other);
    reached = [...others].flatMap((other) => bySubject.get(other) ?? []);
    all = [...all, ...reached];
  }
  return all;
}

/** How far marks of other subjects are followed. The queries of the projection go as far. */
const HOPS = 2;

/** The control's parameters in force at the instant asked about. */
export function parametersAt(control: Control, frame: Frame): ControlEvaluation['parameters'] {
  return Object.fromEntries(
    Object.keys(control.parameters).map((name) => [name, valueAt(control, name, frame.asOf, frame)]),
  );
}

/** Whether a finding still speaks against its control. */
export function stands({ workflow, waiver }: Finding): boolean {
  if (waiver !== undefined) return false;
  switch (workflow?.status) {
    case 'verified':
    case 'excepted':
    case 'dismissed':
      return false;
    case 'assigned':
    case 'remedied':
    case undefined:
      return true;
  }
}

/** Whether something is overdue or violated, before anybody decided about it. */
export function isBroken({ state }: Pick<Judgement, 'state'>): boolean {
  return state === 'overdue' || state === 'violated';
}

/** Whether something is to be done that is not always to be done next. */
export function isAtRisk({ state, routine }: Pick<Judgement, 'state' | 'routine'>): boolean {
  return state === 'open' && routine !== true;
}

/** The control's status by its findings; `evidence` tells whether there was anything to judge. */
export function statusOf(
  control: string,
  findings: readonly Finding[],
  evidence: boolean,
  { decisions, asOf, organizationId }: Pick<Frame, 'decisions' | 'asOf' | 'organizationId'>,
): ControlStatus {
  const applies = decisionAt(decisions.parameters, control, APPLIES, asOf);
  if (applies !== undefined && 'applies' in applies.value && !applies.value.applies) return 'not-applicable';
  const rests = decisions.exceptions.some(
    (rest) =>
      rest.control === control && rest.scope === organizationId && rest.from <= asOf && asOf <= rest.until,
  );
  if (rests) return 'waived';
  const broken = findings.filter(isBroken);
  if (broken.some(stands)) return 'violated';
  if (broken.some(({ waiver, workflow }) => waiver !== undefined || workflow?.status === 'excepted')) {
    return 'waived';
  }
  if (findings.some((finding) => isAtRisk(finding) && stands(finding))) return 'at-risk';
  return evidence ? 'compliant' : 'no-evidence';
}

export function bySince(a: BareFinding, b: BareFinding): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}

function groupBy<Item>(
  items: Iterable<Item>,
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
