import {
  type DomainEvent,
  derivedId,
  type ErrorCode,
  isLetopisError,
  type Json,
  type JsonObject,
  type RecordedEvent,
} from '@letopis/kernel';
import { productionCalendar } from './calendar';
import { type Control } from './control';
import { type Decisions, NO_DECISIONS } from './decisions';
import { type ControlEvaluation, evaluate, type Finding, marksOf, type Question } from './evaluation';
import { explanationOf } from './findings';
import { type ParameterDecision } from './parameters';

export const ORGANIZATION = derivedId('test', 'organization');

/** A stable id for a name: `idOf('Anna')`. */
export const idOf = (name: string): string => derivedId('test', name);

interface Circumstance {
  readonly by?: { readonly id: string; readonly role: string };
  /** When it was recorded, where that was later than it happened. */
  readonly recordedAt?: string;
}

/** A happening, before the store has given it a place. */
export interface Happening extends Circumstance {
  readonly at: string;
  readonly event: DomainEvent<string, unknown>;
}

/** `event` happened `at`, by the director where nobody else is named. */
export function happened(
  at: string,
  event: DomainEvent<string, unknown>,
  circumstance: Circumstance = {},
): Happening {
  return { at, event, ...circumstance };
}

function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  return objectOf(value);
}

function objectOf(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null) throw new TypeError('not JSON');
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, jsonOf(field)]),
  );
}

/** The happenings as the store would hold them, recorded in the order in which they stand. */
export function history(...happenings: readonly Happening[]): readonly RecordedEvent[] {
  return happenings.map(({ at, event, by, recordedAt }, index) => {
    const occurredAt = new Date(at).toISOString();
    const id = idOf(`event ${index}`);
    return {
      id,
      type: event.type,
      data: objectOf(event.data),
      schemaVersion: 1,
      occurredAt,
      recordedAt: recordedAt ?? occurredAt,
      actor: by ?? { id: idOf('director'), role: 'director' },
      source: 'operator',
      commandId: id,
      correlationId: id,
      causationId: null,
      organizationId: ORGANIZATION,
      stream: 'test-1',
      revision: BigInt(index),
      position: BigInt(index + 1),
    };
  });
}

/** The control as of an instant over the events, in Moscow where no other place is named. */
export function evaluateOver(
  control: Control,
  events: readonly RecordedEvent[],
  question: Partial<Question> & Pick<Question, 'asOf'>,
): ControlEvaluation {
  return evaluate(control, marksOf([control], events), {
    organizationId: ORGANIZATION,
    timeZone: 'Europe/Moscow',
    calendar: productionCalendar,
    ...question,
  });
}

/** States of the findings of one rule, in order of `since`. */
export function statesOf({ findings }: ControlEvaluation, rule: string): readonly string[] {
  return findings.filter((finding) => finding.rule === rule).map(({ state }) => state);
}

/** The only finding of a rule. */
export function findingOf({ findings }: ControlEvaluation, rule: string): Finding {
  const [finding, ...others] = findings.filter((one) => one.rule === rule);
  if (finding === undefined || others.length > 0)
    throw new Error(`${others.length} other findings of ${rule}`);
  return finding;
}

/** What is said of the only finding of a rule, to a reader in Moscow where no other place is named. */
export function explained(evaluation: ControlEvaluation, rule: string, timeZone = 'Europe/Moscow'): string {
  return explanationOf(findingOf(evaluation, rule), timeZone);
}

/** An organisation that decided once on a parameter. */
export function decidedOn(
  control: string,
  parameter: string,
  value: ParameterDecision['value'],
  effectiveFrom = '2025-08-01T00:00:00.000Z',
): Decisions {
  const eventId = idOf(`decision on ${control} ${parameter}`);
  return {
    ...NO_DECISIONS,
    parameters: [
      {
        ...{ control, parameter, value, effectiveFrom, eventId },
        ...{ orderNo: '17', orderDate: '2025-08-01', recordedAt: effectiveFrom, position: 1n },
      },
    ],
  };
}

/** The code with which `act` is refused. */
export function refusalOf(act: () => unknown): ErrorCode | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return isLetopisError(error) ? error.code : undefined;
  }
}

/** One deadline: what is peculiar, when the duty arose, the last instant that is in time, and where, if not in Moscow. */
export type DeadlineCase = readonly [name: string, since: string, due: string, timeZone?: string];

/**
 * Declares tests of a rule's deadline: with nothing done, the finding is open up to and including `due`, and late a
 * millisecond after; `given` makes what happened from the instant at which the duty arose.
 */
export function deadlineTable(
  control: Control,
  rule: string,
  given: (since: string) => readonly Happening[],
  cases: readonly DeadlineCase[],
): void {
  const table = cases.map(
    ([name, since, due, timeZone = 'Europe/Moscow']) => [name, since, due, timeZone] as const,
  );
  it.each(table)('given %s (%s), then %s is the last instant in time', (_name, since, due, timeZone) => {
    const events = history(...given(since));
    const at = (instant: number) =>
      evaluateOver(control, events, {
        asOf: new Date(instant).toISOString(),
        timeZone,
      }).findings.filter(
        (finding) => finding.rule === rule && finding.since === new Date(since).toISOString(),
      );
    const last = Date.parse(due);
    expect(at(last).map(({ state, dueAt }) => [state, dueAt])).toEqual([
      ['open', new Date(last).toISOString()],
    ]);
    expect(at(last + 1).map(({ state }) => state)).toEqual([
      at(last)[0]?.manner === 'duty' ? 'overdue' : 'violated',
    ]);
  });
}
