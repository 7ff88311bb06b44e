import { type RecordedEvent } from '@letopis/kernel';
import { LetopisError } from '@letopis/kernel';
import { type Deadline, deadlineOf, leastOf } from './calendar';
import { type Judgement, judgementOf, type Manner, type Moment, type Severity, type Span } from './findings';
import { byTime, type Mark, type MarkOf, marksOfRule, type Recorder, type Recorders, textOf } from './marks';
import { type SubjectKind } from './mentions';
import { isDuration, type ParameterInForce, type ParameterValue } from './parameters';

/** The moment that is asked about, and the control's parameters in force. */
export interface Circumstances<Parameter extends string> extends Moment {
  /** The value in force at the instant: a duty is reckoned by what held when it arose. */
  readonly valueOf: (parameter: Parameter, at: string) => ParameterValue;
  /** The same, with the order that set it. */
  readonly inForce: (parameter: Parameter, at: string) => ParameterInForce;
}

/** @throws LetopisError `invalid` where the parameter is no duration */
function dueAt<Parameter extends string>(
  since: string,
  name: Parameter,
  circumstances: Circumstances<Parameter>,
): Deadline {
  const value = circumstances.valueOf(name, since);
  if (!isDuration(value)) throw new LetopisError('invalid', `Parameter ${name} is no duration`);
  return deadlineOf(since, value, circumstances);
}

/** One rule of a control. `Parameter` names the control's parameters that it uses. */
export interface Rule<Parameter extends string = string> {
  readonly id: string;
  /** What the rule judges. */
  readonly about: SubjectKind;
  /** Graver or milder than its control, where it differs. */
  readonly severity?: Severity;
  /**
   * Kinds of marks of which only the first and the last of a day matter, and their number: a reader of many may leave the
   * others out.
   */
  readonly thinned?: readonly string[];
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
  /**
   * When, after `asOf`, the judgement changes by time alone and neither a mark's `at` nor a deadline of a finding tells so.
   */
  readonly wakesAt?: (
    subject: string,
    marks: readonly Mark[],
    circumstances: Circumstances<Parameter>,
  ) => string | undefined;
}

/** A rule in its general form; `obligation`, `presence` and `invariant` say most things shorter. */
export interface RuleDeclaration<Kind extends string, Parameter extends string> {
  readonly id: string;
  readonly about: SubjectKind;
  readonly severity?: Severity;
  readonly manner: Manner;
  /** The parameter that says how long there is time; nothing is tolerated without it. */
  readonly within?: Parameter;
  readonly marks: Recorders<Kind>;
  /** Kinds of marks that show that there was something to judge. */
  readonly evidence: readonly NoInfer<Kind>[];
  readonly thinned?: readonly NoInfer<Kind>[];
  /** What the rule speaks about, from the marks in order of time. */
  readonly spans: (
    marks: readonly MarkOf<Kind>[],
    subject: string,
    circumstances: Circumstances<Parameter>,
  ) => readonly Span<Parameter>[];
  /** As in `Rule`. */
  readonly wakesAt?: (
    marks: readonly MarkOf<Kind>[],
    subject: string,
    circumstances: Circumstances<Parameter>,
  ) => string | undefined;
}

/** Declares a rule in its general form. */
export function rule<Kind extends string, const Parameter extends string = never>(
  declaration: RuleDeclaration<Kind, Parameter>,
): Rule<Parameter> {
  const {
    id,
    about,
    severity,
    manner,
    within,
    marks: recorders,
    evidence,
    thinned,
    spans,
    wakesAt,
  } = declaration;
  const isOurs = (mark: Mark): mark is MarkOf<Kind> => Object.hasOwn(recorders, mark.kind);
  const inOrder = (marks: readonly Mark[]) => marks.filter(isOurs).toSorted(byTime);
  return {
    id,
    about,
    severity,
    thinned,
    marksOf: marksOfRule(id, recorders),
    isEvidence: (mark) => evidence.some((kind) => kind === mark.kind),
    judge: (subject, marks, circumstances) =>
      spans(inOrder(marks), subject, circumstances).map((span) => {
        const due = span.due ?? within;
        if (due === undefined || typeof due === 'object') {
          return judgementOf(span, manner, due, circumstances);
        }
        const since = span.since ?? span.from.at;
        const deadline = dueAt(since, due, circumstances);
        return {
          ...judgementOf(span, manner, deadline, circumstances),
          term: { parameter: due, ...circumstances.inForce(due, since) },
        };
      }),
    ...(wakesAt !== undefined && {
      wakesAt: (subject: string, marks: readonly Mark[], circumstances: Circumstances<Parameter>) =>
        wakesAt(inOrder(marks), subject, circumstances),
    }),
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
  readonly about: SubjectKind;
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
  const {
    id,
    about,
    severity,
    duty: what,
    dueWithin,
    opens,
    fulfils,
    cancels = [],
    lapses = [],
  } = declaration;
  return rule({
    id,
    about,
    severity,
    manner: 'duty',
    within: dueWithin,
    marks: { opens, fulfils, cancels, lapses },
    evidence: ['opens'],
    spans: (marks) => {
      const spans: Span<Parameter>[] = [];
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
  /** The organisation, where nothing else is named. */
  readonly about?: SubjectKind;
  readonly severity?: Severity;
  /** The absence as a sentence: Russian, without a full stop. */
  readonly absence: string;
  readonly toleratedFor: Parameter;
  readonly since: readonly Recorder[];
  readonly begins: readonly Recorder[];
  readonly ends: readonly Recorder[];
  readonly suspends?: readonly Recorder[];
  readonly resumes?: readonly Recorder[];
}): Rule<Parameter> {
  const {
    id,
    about = 'organization',
    severity,
    absence,
    toleratedFor,
    since,
    begins,
    ends,
    suspends = [],
    resumes = [],
  } = declaration;
  return rule({
    id,
    about,
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

/**
 * Something must happen again and again: within a time after `starts` and after each time that it happened, until `ends`.
 * Only the turns that were missed are spoken of, and the one that is awaited: what happened in time is evidence enough.
 */
export function cadence<const Parameter extends string>(declaration: {
  readonly id: string;
  readonly about: SubjectKind;
  readonly severity?: Severity;
  /** What is to be done each time: Russian, infinitive. */
  readonly duty: string;
  readonly every: Parameter;
  readonly starts: readonly Recorder[];
  readonly happens: readonly Recorder[];
  readonly ends?: readonly Recorder[];
  /** It has begun with the first time that it happened, also where no `starts` did. */
  readonly startsByItself?: boolean;
  /** Whether there are so many that a reader may leave out all but a day's first and last. */
  readonly many?: boolean;
}): Rule<Parameter> {
  const { id, about, severity, duty: what, every, starts, happens, ends = [] } = declaration;
  return rule({
    id,
    about,
    severity,
    manner: 'duty',
    within: every,
    marks: { starts, happens, ends },
    evidence: declaration.startsByItself === true ? ['starts', 'happens'] : ['starts'],
    ...(declaration.many === true && { thinned: ['happens'] }),
    spans: (marks, _subject, circumstances) => {
      const spans: Span<Parameter>[] = [];
      const missed = (from: Mark, at: string): boolean => {
        const value = circumstances.valueOf(every, from.at);
        const passed = Date.parse(at) - Date.parse(from.at);
        return isDuration(value) && passed > leastOf(value) && at > dueAt(from.at, every, circumstances).at;
      };
      let last: Mark | undefined;
      for (const mark of marks) {
        switch (mark.kind) {
          case 'starts':
            last ??= mark;
            break;
          case 'happens':
            if (last !== undefined && missed(last, mark.at)) spans.push({ from: last, until: mark, what });
            if (last !== undefined || declaration.startsByItself === true) last = mark;
            break;
          case 'ends':
            if (last !== undefined && missed(last, mark.at)) {
              spans.push({ from: last, until: mark, ceased: true, what });
            }
            last = undefined;
            break;
        }
      }
      return last === undefined ? spans : [...spans, { from: last, what, routine: true }];
    },
  });
}
