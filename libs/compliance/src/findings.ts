import { school } from '@letopis/school';
import { type Deadline, type Place } from './calendar';
import { type Mark } from './marks';
import { mention, type SubjectKind } from './mentions';
import { type ParameterInForce, valueRu } from './parameters';
import { inRussian } from './zones';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * - `open`: something is to be done, or a tolerated state to be ended, and there is still time;
 * - `overdue`: a duty was not done in time, and still is not;
 * - `fulfilled`, `fulfilled-late`: a duty was done in time or late; a tolerated state ended in time;
 * - `cancelled`: a duty fell away before its deadline;
 * - `violated`: a forbidden state lasts, or a forbidden act was done;
 * - `remedied`: a forbidden state ended, or an overdue duty fell away.
 */
export const FINDING_STATES = [
  'open',
  'overdue',
  'fulfilled',
  'fulfilled-late',
  'cancelled',
  'violated',
  'remedied',
] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** An event that a finding rests on. */
export interface CitedEvent {
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
}

/** What a rule says about its subject, with the events that show it. */
export interface Judgement {
  readonly state: FindingState;
  readonly manner: Manner;
  readonly since: string;
  /** Up to and including this instant there is time. */
  readonly dueAt?: string;
  /** The parameter that the deadline was reckoned by, as it was in force when the duty arose. */
  readonly term?: ParameterInForce & { readonly parameter: string };
  /** The first year whose production calendar the deadline needs and nobody has decreed yet. */
  readonly provisionalYear?: number;
  readonly closedAt?: string;
  /** Ids of the events that opened it, bear on it and closed it, in that order. */
  readonly evidence: readonly string[];
  /** The same events, with what they are. */
  readonly cited: readonly CitedEvent[];
  /** Tells spans apart that begin with the same event: the month that a report is about. */
  readonly key?: string;
  /** As in `Span`. */
  readonly what: string;
  readonly routine?: true;
}

/** A stretch of time that a rule speaks about, before deadlines are reckoned. */
export interface Span<Parameter extends string = never> {
  readonly from: Mark;
  /** From when it counts, where that is not the instant of `from`: the first day of a month, long after the last report. */
  readonly since?: string;
  /** What ended it; it lasts where there is nothing. */
  readonly until?: Mark;
  /** It ended because the duty fell away, not because it was done. */
  readonly ceased?: boolean;
  /** Further facts that bear on it. */
  readonly because?: readonly Mark[];
  /**
   * A duty in the infinitive, or a state or act as a sentence; Russian, without a full stop. May hold mentions of others
   * than the subject.
   */
  readonly what: string;
  /** Until when there is time, where that is not the rule's own `within`: another parameter, or an instant. */
  readonly due?: NoInfer<Parameter> | { readonly at: string };
  /** Tells spans apart that begin with the same event. */
  readonly key?: string;
  /** The next turn of what is done again and again: there is always one, so while there is time it endangers nothing. */
  readonly routine?: boolean;
}

/** A `duty` is to be done in time; a `state` must not last longer than tolerated; an `act` must not be done at all. */
export type Manner = 'duty' | 'state' | 'act';

export interface Moment extends Place {
  /** The instant whose truth is asked for: RFC 3339, UTC, milliseconds. */
  readonly asOf: string;
}

/** The judgement on a span. Without a deadline nothing is tolerated. */
export function judgementOf(
  span: Span<string>,
  manner: Manner,
  deadline: Deadline | undefined,
  moment: Moment,
): Judgement {
  const since = span.since ?? span.from.at;
  // What was done before the duty arose counts from when it arose.
  const closedAt = span.until === undefined || span.until.at > since ? span.until?.at : since;
  const late = deadline === undefined || (closedAt ?? moment.asOf) > deadline.at;
  const marks = [span.from, ...(span.because ?? []), ...(span.until === undefined ? [] : [span.until])];
  const cited = new Map(
    marks.map(({ eventId: id, eventType: type, occurredAt }) => [id, { id, type, occurredAt }]),
  );
  return {
    state: stateOf(manner, closedAt !== undefined, late, span.ceased === true),
    manner,
    since,
    ...(deadline !== undefined && { dueAt: deadline.at }),
    ...(deadline?.provisionalYear !== undefined && { provisionalYear: deadline.provisionalYear }),
    ...(closedAt !== undefined && { closedAt }),
    evidence: [...cited.keys()],
    cited: [...cited.values()],
    ...(span.key !== undefined && { key: span.key }),
    what: span.what,
    ...(span.routine === true && { routine: true as const }),
  };
}

function stateOf(manner: Manner, closed: boolean, late: boolean, ceased: boolean): FindingState {
  switch (manner) {
    case 'duty':
      if (!closed) return late ? 'overdue' : 'open';
      if (ceased) return late ? 'remedied' : 'cancelled';
      return late ? 'fulfilled-late' : 'fulfilled';
    case 'state':
    case 'act':
      if (!closed) return late ? 'violated' : 'open';
      return late ? 'remedied' : 'fulfilled';
  }
}

/** `01.12.2025` for `2025-12-01`. */
function dayRu(day: string): string {
  return day.split('-').reverse().join('.');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Instants as the reader writes them; '' for what there is not. */
interface Told {
  readonly what: string;
  readonly since: string;
  readonly due: string;
  readonly closed: string;
}

/** More events than these are counted, not named. */
const NAMED_EVENTS = 6;

const TITLES: ReadonlyMap<string, string> = new Map(
  school.concepts.flatMap(({ events }) => events.map(({ type, titleRu }) => [type, titleRu])),
);

/** The Russian title of a type of event; the type itself where it is not of the school's. */
export function eventTitleRu(type: string): string {
  return TITLES.get(type) ?? type;
}

/**
 * Why the finding is in its state: whom or what it is about, what, since when, until when, and the events that show it.
 * Russian, times are the organisation's own; names are mentions (`mentions.ts`).
 */
export function explanationOf(
  finding: Judgement & { readonly subject: string; readonly subjectKind: SubjectKind },
  timeZone: string,
): string {
  const { manner, state, what, since, dueAt, closedAt, term, provisionalYear, subject, subjectKind, cited } =
    finding;
  const tell = (at: string | undefined): string => (at === undefined ? '' : inRussian(at, timeZone));
  const told = { what, since: tell(since), due: tell(dueAt), closed: tell(closedAt) };
  const about = subjectKind === 'organization' ? '' : `${mention(subjectKind, subject)}. `;
  const reckoned =
    term?.order === undefined
      ? ''
      : ` Срок установлен приказом № ${term.order.no} от ${dayRu(term.order.date)}: ${valueRu(term.value)}.`;
  const doubt =
    provisionalYear === undefined
      ? ''
      : ` Срок предварительный: производственный календарь на ${provisionalYear} год не утверждён.`;
  const named = cited
    .slice(0, NAMED_EVENTS)
    .map(({ type, occurredAt }) => `«${eventTitleRu(type)}» (${tell(occurredAt)})`);
  const others = cited.length > NAMED_EVENTS ? ` и ещё ${cited.length - NAMED_EVENTS}` : '';
  return `${about}${sentence(manner, state, told)}${reckoned}${doubt} События: ${named.join('; ')}${others}.`;
}

function sentence(manner: Manner, state: FindingState, told: Told): string {
  switch (manner) {
    case 'duty':
      return dutySentence(state, told);
    case 'state':
      return stateSentence(told);
    case 'act':
      return `${capital(told.what)}: ${told.since}.`;
  }
}

function dutySentence(state: FindingState, { what, since, due, closed }: Told): string {
  switch (state) {
    case 'open':
      return `Нужно ${what}: срок до ${due}. Обязанность возникла ${since}.`;
    case 'overdue':
    case 'violated':
      return `Не выполнено в срок: ${what}. Обязанность возникла ${since}, срок истёк ${due}.`;
    case 'fulfilled':
      return `Выполнено в срок: ${what}. Обязанность возникла ${since}, выполнена ${closed}, срок до ${due}.`;
    case 'fulfilled-late':
      return `Выполнено с опозданием: ${what}. Обязанность возникла ${since}, срок истёк ${due}, выполнена ${closed}.`;
    case 'cancelled':
      return `Больше не требуется: ${what}. Обязанность возникла ${since}, отпала ${closed}, срок был до ${due}.`;
    case 'remedied':
      return `Не выполнено в срок, больше не требуется: ${what}. Обязанность возникла ${since}, срок истёк ${due}, отпала ${closed}.`;
  }
}

function stateSentence({ what, since, due, closed }: Told): string {
  const term = due === '' ? '' : `, допустимо до ${due}`;
  return closed === ''
    ? `${capital(what)}: с ${since}${term}.`
    : `${capital(what)}: с ${since} по ${closed}${term}. Устранено.`;
}
