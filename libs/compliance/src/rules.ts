import { type RecordedEvent } from '@letopis/kernel';
import { type Duration } from './calendar';
import { type Judgement, judgementOf, type Manner, type Moment, type Severity, type Span } from './findings';
import { byTime, type Mark, type MarkOf, marksOfRule, type Recorder, type Recorders, textOf } from './marks';

/** The moment that is asked about, and the control's parameters in force. */
export interface Circumstances<Parameter extends string> extends Moment {
  readonly duration: (parameter: Parameter) => Duration;
}

/** One rule of a control. `Parameter` names the control's parameters that it uses. */
export interface Rule<Parameter extends string = string> {
  readonly id: string;
  /** Graver or milder than its control, where it differs. */
  readonly severity?: Severity;
  /** The event's marks for this rule, from the event alone. */
  readonly marksOf: (event: RecordedEvent, control: string) => readonly Mark[];
  /** Whether the mark shows that there was something to judge, so that no finding means compliance. */
  readonly isEvidence: (mark: Mark) => boolean;
  /**
   * Judges one subject by its marks and those of the subjects that they refer to. The order of `marks` does not matter;
   * none is later than `asOf`.
   */
  readonly judge: (
    subject: string,
    marks: readonly Mark[],
    circumstances: Circumstances<Parameter>,
  ) => readonly Judgement[];
}

/** A rule in its general form; `obligation`, `presence` and `invariant` say most things shorter. */
export interface RuleDeclaration<Kind extends string, Parameter extends string> {
  readonly id: string;
  readonly severity?: Severity;
  readonly manner: Manner;
  /** The parameter that says how long there is time; nothing is tolerated without it. */
  readonly within?: Parameter;
  readonly marks: Recorders<Kind>;
  /** Kinds of marks that show that there was something to judge. */
  readonly evidence: readonly NoInfer<Kind>[];
  /** What the rule speaks about, from the marks in order of time. */
  readonly spans: (marks: readonly MarkOf<Kind>[], subject: string) => readonly Span[];
}

/** Declares a rule in its general form. */
export function rule<Kind extends string, const Parameter extends string = never>(
  declaration: RuleDeclaration<Kind, Parameter>,
): Rule<Parameter> {
  const { id, severity, manner, within, marks: recorders, evidence, spans } = declaration;
  const isOurs = (mark: Mark): mark is MarkOf<Kind> => Object.hasOwn(recorders, mark.kind);
  return {
    id,
    severity,
    marksOf: marksOfRule(id, recorders),
    isEvidence: (mark) => evidence.some((kind) => kind === mark.kind),
    judge: (subject, marks, circumstances) => {
      const duration = within === undefined ? undefined : circumstances.duration(within);
      return spans(marks.filter(isOurs).toSorted(byTime), subject).map((span) =>
        judgementOf(span, manner, duration, circumstances),
      );
    },
  };
}

/**
 * The stretches during which a state that `evolve` folds from the marks is broken. `broken` gives the facts that make it
 * so. What breaks and is mended in the same instant was never broken.
 */
export function stretches<Kind extends string, State>(
  marks: readonly MarkOf<Kind>[],
  fold: {
    readonly initial: State;
    readonly evolve: (state: State, mark: MarkOf<Kind>) => State;
    readonly broken: (state: State) => readonly Mark[] | undefined;
    readonly what: string;
  },
): readonly Span[] {
  const spans: Span[] = [];
  let state = fold.initial;
  let current: Span | undefined;
  for (const mark of marks) {
    state = fold.evolve(state, mark);
    const because = fold.broken(state);
    if (because !== undefined) {
      current ??= { from: mark, because, what: fold.what };
    } else if (current !== undefined) {
      if (current.from.at !== mark.at) spans.push({ ...current, until: mark });
      current = undefined;
    }
  }
  return current === undefined ? spans : [...spans, current];
}

/**
 * Something must be done within a time after an event. Once fulfilled it stays fulfilled for its subject, even where the
 * fulfilment came before the duty, until it lapses.
 */
export function obligation<const Parameter extends string>(declaration: {
  readonly id: string;
  readonly severity?: Severity;
  /** What is to be done: Russian, infinitive. */
  readonly duty: string;
  readonly dueWithin: Parameter;
  readonly opens: readonly Recorder[];
  readonly fulfils: readonly Recorder[];
  /** The duty that is open falls away. */
  readonly cancels?: readonly Recorder[];
  /** What was fulfilled counts no longer; the next opening asks for it anew. */
  readonly lapses?: readonly Recorder[];
}): Rule<Parameter> {
  const { id, severity, duty: what, dueWithin, opens, fulfils, cancels = [], lapses = [] } = declaration;
  return rule({
    id,
    severity,
    manner: 'duty',
    within: dueWithin,
    marks: { opens, fulfils, cancels, lapses },
    evidence: ['opens'],
    spans: (marks) => {
      const spans: Span[] = [];
      let open: Mark | undefined;
      let fulfilment: Mark | undefined;
      for (const mark of marks) {
        switch (mark.kind) {
          case 'opens':
            if (fulfilment === undefined) open ??= mark;
            else spans.push({ from: mark, until: fulfilment, what });
            break;
          case 'fulfils':
            if (open !== undefined) spans.push({ from: open, until: mark, what });
            open = undefined;
            fulfilment ??= mark;
            break;
          case 'cancels':
            if (open !== undefined) spans.push({ from: open, until: mark, ceased: true, what });
            open = undefined;
            break;
          case 'lapses':
            fulfilment = undefined;
            break;
        }
      }
      return open === undefined ? spans : [...spans, { from: open, what }];
    },
  });
}

function without(set: ReadonlySet<string>, item: string): Set<string> {
  return new Set([...set].filter((other) => other !== item));
}

/**
 * Somebody must be there at every instant, from `since` or the first beginning on; who it is stands in the detail
 * `holder`. A holder who is suspended is not there.
 */
export function presence<const Parameter extends string>(declaration: {
  readonly id: string;
  readonly severity?: Severity;
  /** The absence as a sentence: Russian, without a full stop. */
  readonly absence: string;
  readonly toleratedFor: Parameter;
  readonly since: readonly Recorder[];
  readonly begins: readonly Recorder[];
  readonly ends: readonly Recorder[];
  readonly suspends: readonly Recorder[];
  readonly resumes: readonly Recorder[];
}): Rule<Parameter> {
  const { id, severity, absence, toleratedFor, since, begins, ends, suspends, resumes } = declaration;
  return rule({
    id,
    severity,
    manner: 'state',
    within: toleratedFor,
    marks: { since, begins, ends, suspends, resumes },
    evidence: ['since', 'begins'],
    spans: (marks) =>
      stretches(marks, {
        initial: { started: false, holders: new Set<string>(), suspended: new Set<string>() },
        evolve: (state, mark) => {
          const holder = textOf(mark, 'holder') ?? mark.subject;
          switch (mark.kind) {
            case 'since':
              return { ...state, started: true };
            case 'begins':
              return { ...state, started: true, holders: new Set(state.holders).add(holder) };
            case 'ends':
              return { ...state, holders: without(state.holders, holder) };
            case 'suspends':
              return { ...state, suspended: new Set(state.suspended).add(holder) };
            case 'resumes':
              return { ...state, suspended: without(state.suspended, holder) };
          }
        },
        broken: ({ started, holders, suspended }) =>
          started && [...holders].every((holder) => suspended.has(holder)) ? [] : undefined,
        what: absence,
      }),
  });
}

/** A state that must not last longer than tolerated, or at all; `spans` finds where it does. */
export function invariant<Kind extends string, const Parameter extends string = never>(
  declaration: Omit<RuleDeclaration<Kind, Parameter>, 'manner' | 'within'> & {
    readonly toleratedFor?: Parameter;
  },
): Rule<Parameter> {
  const { toleratedFor, ...rest } = declaration;
  return rule({ ...rest, manner: 'state', within: toleratedFor });
}

/** Something that must never be done. Nothing heals it. */
export function prohibition<Kind extends string>(
  declaration: Omit<RuleDeclaration<Kind, never>, 'manner' | 'within'>,
): Rule<never> {
  return rule({ ...declaration, manner: 'act' });
}
