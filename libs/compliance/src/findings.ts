import { deadlineOf, type Deadline, type Duration, type Place } from './calendar';
import { type Mark } from './marks';
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

/** What a rule says about its subject, with the events that show it. */
export interface Judgement {
  readonly state: FindingState;
  readonly since: string;
  /** Up to and including this instant there is time. */
  readonly dueAt?: string;
  readonly closedAt?: string;
  /** Ids of the events that opened it, bear on it and closed it, in that order. */
  readonly evidence: readonly string[];
  /** One or two Russian sentences: what, since when, until when; times are the organisation's own. */
  readonly explanationRu: string;
}

/** A stretch of time that a rule speaks about, before deadlines are reckoned. */
export interface Span {
  readonly from: Mark;
  /** What ended it; it lasts where there is nothing. */
  readonly until?: Mark;
  /** It ended because the duty fell away, not because it was done. */
  readonly ceased?: boolean;
  /** Further facts that bear on it. */
  readonly because?: readonly Mark[];
  /** A duty in the infinitive, or a state or act as a sentence; Russian, without a full stop. */
  readonly what: string;
}

/** A `duty` is to be done in time; a `state` must not last longer than tolerated; an `act` must not be done at all. */
export type Manner = 'duty' | 'state' | 'act';

export interface Moment extends Place {
  /** The instant whose truth is asked for: RFC 3339, UTC, milliseconds. */
  readonly asOf: string;
}

/** The judgement on a span. Without `within` nothing is tolerated. */
export function judgementOf(
  span: Span,
  manner: Manner,
  within: Duration | undefined,
  moment: Moment,
): Judgement {
  const since = span.from.at;
  const deadline = within === undefined ? undefined : deadlineOf(since, within, moment);
  // What was done before the duty arose counts from when it arose.
  const closedAt = span.until === undefined || span.until.at > since ? span.until?.at : since;
  const late = deadline === undefined || (closedAt ?? moment.asOf) > deadline.at;
  const state = stateOf(manner, closedAt !== undefined, late, span.ceased === true);
  const marks = [span.from, ...(span.because ?? []), ...(span.until === undefined ? [] : [span.until])];
  return {
    state,
    since,
    ...(deadline !== undefined && { dueAt: deadline.at }),
    ...(closedAt !== undefined && { closedAt }),
    evidence: [...new Set(marks.map(({ eventId }) => eventId))],
    explanationRu: explanation(span, manner, state, { closedAt, deadline }, moment.timeZone),
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

function explanation(
  { what, from }: Span,
  manner: Manner,
  state: FindingState,
  { closedAt, deadline }: { closedAt: string | undefined; deadline: Deadline | undefined },
  timeZone: string,
): string {
  const tell = (at: string | undefined): string => (at === undefined ? '' : inRussian(at, timeZone));
  const told = { what, since: tell(from.at), due: tell(deadline?.at), closed: tell(closedAt) };
  const year = deadline?.provisionalYear;
  const doubt =
    year === undefined
      ? ''
      : ` Срок предварительный: производственный календарь на ${year} год не утверждён.`;
  return sentence(manner, state, told) + doubt;
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
