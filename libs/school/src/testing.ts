import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import {
  type Actor,
  type AnyCommand,
  type AnyEvent,
  type Concept,
  derivedId,
  fold,
  isLetopisError,
  type LetopisError,
  streamOf,
} from '@letopis/kernel';
import { school } from './index';

export const ORGANIZATION = derivedId('test', 'organization');
/** When commands are given and recorded where a test does not say otherwise. */
export const NOW = '2025-11-17T14:05:00.000Z';

/** A stable id for a name: `idOf('Anna')`. */
export const idOf = (name: string): string => derivedId('test', name);

/** The keyed digest that a decision would be given. */
export const pseudonymOf = (...parts: readonly string[]): string => derivedId('pseudonym', ...parts);

/** What is recorded of another thing that a decision reads. */
export interface Known {
  readonly stream: string;
  readonly events: readonly AnyEvent[];
}

/** The stream of the thing `id` of `concept` with these events. */
export function known<State, Event extends AnyEvent>(
  concept: Concept<State, Event>,
  id: string,
  events: readonly Event[],
): Known {
  return { stream: streamOf(concept, id), events };
}

/** The event with something of what the store adds to it: a fold must make nothing of that. */
function recorded<Event extends AnyEvent>(event: Event, index: number): Event {
  return { ...event, id: idOf(`event ${index}`), revision: BigInt(index), position: BigInt(index + 1) };
}

interface Circumstance {
  /** Where it is left out: somebody in the first role that may. */
  readonly actor?: Actor;
  readonly occurredAt?: string;
  readonly recordedAt?: string;
}

/** What a command came to. */
export interface Result {
  /** Exactly these events are recorded, each as its schema has it. */
  then(events: readonly AnyEvent[]): void;
  /** The same facts again: nothing is recorded. */
  thenNothing(): void;
  /** A rule of this clause refuses it. */
  thenRefused(clause: string, rule: string): void;
  /** It is malformed in a way that its decider finds: in the field at `path`. */
  thenInvalid(path: string): void;
}

/**
 * The things that a command meets: the events of its own stream, and streams that its decision reads.
 *
 * @throws Error from `when` where there is no such command on this concept, or its payload is not valid
 */
export function given<State, Event extends AnyEvent>(
  concept: Concept<State, Event>,
  events: readonly Event[] = [],
  others: readonly Known[] = [],
): { when(name: string, payload: object, circumstance?: Circumstance): Result } {
  return {
    when: (name, payload, circumstance = {}) => {
      const command = commandOf(name);
      if (command.concept.name !== concept.name) throw new Error(`${name} is not about ${concept.titleRu}`);
      const act = (): readonly AnyEvent[] =>
        carryOut(command, { state: fold(concept, events.map(recorded)), others, payload, ...circumstance });
      return {
        then: (expected) => {
          const recorded = act();
          expect(recorded).toEqual(expected);
          for (const event of recorded) mustMatchSchema(event);
        },
        thenNothing: () => expect(act()).toEqual([]),
        thenRefused: (clause, rule) =>
          expect(refusalOf(act)).toMatchObject({ code: 'rule-violated', clause, rule }),
        thenInvalid: (path) => {
          const refusal = refusalOf(act);
          expect(refusal?.code).toBe('invalid');
          expect(refusal?.fields?.map((field) => field.path)).toEqual([path]);
        },
      };
    },
  };
}

/** The declared command. @throws Error where there is none of that name */
export function commandOf(name: string): AnyCommand {
  const command = school.commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new Error(`There is no command ${name}`);
  return command;
}

/** The payload as its decider gets it, with an id assigned where one is. @throws Error where it is not valid */
export function payloadOf(command: AnyCommand, plain: object): object {
  const problems = problemsOf(command, plain);
  if (problems.length > 0) throw new Error(`The payload of ${command.name}: ${problems.join('; ')}`);
  const payload: object = plainToInstance(command.payload, plain);
  if (command.assigns !== undefined && Reflect.get(payload, command.assigns) === undefined) {
    Reflect.set(payload, command.assigns, idOf('assigned'));
  }
  return payload;
}

/** What the payload's own checks say of it: `/field message`, one for each check that fails. */
export function problemsOf({ payload }: Pick<AnyCommand, 'payload'>, plain: object): readonly string[] {
  const errors = validateSync(plainToInstance(payload, plain), {
    whitelist: true,
    forbidNonWhitelisted: true,
  });
  return errors.flatMap((error) => messagesOf(error, ''));
}

function messagesOf({ property, constraints, children }: ValidationError, within: string): string[] {
  const path = `${within}/${property}`;
  return [
    ...Object.values(constraints ?? {}).map((message) => `${path} ${message}`),
    ...(children ?? []).flatMap((child) => messagesOf(child, path)),
  ];
}

interface Situation extends Circumstance {
  readonly state: unknown;
  readonly others: readonly Known[];
  readonly payload: object;
}

/** The events that a command records. @throws LetopisError its refusal */
export function carryOut(
  command: AnyCommand,
  { state, others, payload: plain, ...circumstance }: Situation,
): readonly AnyEvent[] {
  const payload = payloadOf(command, plain);
  const {
    actor = { id: idOf('actor'), role: command.actors[0] ?? 'system' },
    occurredAt = NOW,
    recordedAt = NOW,
  } = circumstance;
  const reads = command.reads(payload, { organizationId: ORGANIZATION, actor });
  const states = Object.entries(reads).map(([name, { stream, concept }]) => {
    const events = others.find((other) => other.stream === stream)?.events ?? [];
    return [name, fold(concept, events.map(recorded))] as const;
  });
  return command.decide(
    state,
    { payload, organizationId: ORGANIZATION, actor, occurredAt, recordedAt, pseudonym: pseudonymOf },
    Object.fromEntries(states),
  );
}

function refusalOf(act: () => unknown): LetopisError | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!isLetopisError(error)) throw error;
    return error;
  }
}

const ajv = addFormats(new Ajv2020({ keywords: ['x-person', 'x-personal'] }));

/** @throws Error where the event's data is not as its type's schema has it */
export function mustMatchSchema({ type, data }: AnyEvent): void {
  const eventType = school.concepts.flatMap(({ events }) => events).find((each) => each.type === type);
  if (eventType === undefined) throw new Error(`${type} is not declared`);
  if (!ajv.validate(eventType.schema, data)) throw new Error(`${type}: ${ajv.errorsText()}`);
}
