import { type AnyEvent } from './envelope';

/**
 * The pure heart of a concept. `evolve` folds events into the state that decisions need; it knows no clock, makes no id,
 * does no I/O, and is exhaustive over the concept's events.
 */
export interface Fold<State, Event extends AnyEvent> {
  readonly initial: State;
  evolve(state: State, event: Event): State;
}

/** State after `events`, in order. */
export function fold<State, Event extends AnyEvent>(
  decider: Fold<State, Event>,
  events: Iterable<Event>,
): State {
  let state = decider.initial;
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
