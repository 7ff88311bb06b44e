import { type Fold } from './decider';
import { type Actor, type AnyEvent, type DomainEvent, type Json, type JsonObject } from './envelope';
import { type Role } from './roles';

/** A JSON Schema (draft 2020-12), with the annotations that `SchemaAnnotations` names. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** What Letopis adds to a property's schema. */
export interface SchemaAnnotations {
  /** The value is a pseudonymous id of a person, so the event concerns that person. */
  readonly 'x-person'?: true;
  /** The value is personal data: stored encrypted with the key of the person whose id stands at this JSON Pointer. */
  readonly 'x-personal'?: string;
}

/**
 * A type of event. `version` is the version that is written today; `upcasters[n]` turns data of version n into data of
 * version n + 1 on the way to a reader. What is stored, hashed and exported stays as it was written.
 */
export interface EventType<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly version: number;
  readonly titleRu: string;
  /** Clauses of the regulation that the event bears on. */
  readonly clauses: readonly string[];
  readonly schema: JsonSchema;
  readonly upcasters: Readonly<Record<number, (data: JsonObject) => JsonObject>>;
  of(data: Data): DomainEvent<Type, Data>;
}

/** The event that an event type declares. */
export type EventOf<T> = T extends EventType<infer Type, infer Data> ? DomainEvent<Type, Data> : never;

/** A concept: one stream for each of its things, and the state that its decisions rest on. */
export interface Concept<State = unknown, Event extends AnyEvent = AnyEvent> extends Fold<State, Event> {
  /** Prefix of its streams; lower case letters only. */
  readonly name: string;
  readonly titleRu: string;
  readonly events: readonly EventType[];
  /** A journal only takes facts in: nothing is decided on it, so its state is not folded. */
  readonly journal?: true;
}

/** The stream of one thing of a concept. */
export function streamOf(concept: { readonly name: string }, id: string): string {
  return `${concept.name}-${id}`;
}

/** The state of a stream of another concept, read for a decision and guaranteed no longer than that. */
export interface StateRead<State = unknown> {
  readonly stream: string;
  readonly concept: Concept<State>;
  /** Only names the type. */
  readonly state?: State;
}

export type States<Reads> = {
  readonly [Key in keyof Reads]: Reads[Key] extends StateRead<infer State> ? State : never;
};

/** A command as its decider sees it. */
export interface Command<Payload> {
  readonly payload: Payload;
  readonly organizationId: string;
  readonly actor: Actor;
  /** When it happened; for decisions, when it was taken. */
  readonly occurredAt: string;
  /** When Letopis took it in. */
  readonly recordedAt: string;
  /**
   * A keyed digest of `parts`, written as a UUID: the same for the same parts in the same organisation. So a decision can
   * compare personal data, such as a phone number, with data of before that lies encrypted.
   */
  pseudonym(...parts: readonly string[]): string;
}

/**
 * One command, declared once: its route, its OpenAPI operation, its row in the access table and its entry in the
 * catalogue all follow from here.
 *
 * A `decision` may be refused by a rule. A `fact` happened elsewhere: `decide` MUST NOT refuse it; a rule that it breaks
 * becomes a finding of a control. The same facts again give `[]`.
 */
export interface CommandDeclaration<
  Payload extends object,
  State,
  Event extends AnyEvent,
  Reads extends Readonly<Record<string, StateRead>>,
> {
  readonly name: string;
  readonly titleRu: string;
  /** One English sentence for the API's reader. */
  readonly about: string;
  readonly kind: 'decision' | 'fact';
  readonly clauses: readonly string[];
  readonly actors: readonly Role[];
  readonly concept: Concept<State, Event>;
  readonly payload: new () => Payload;
  readonly example: { readonly [field: string]: Json };
  /** The payload's id field that is given an id where the caller left it out. */
  readonly assigns?: keyof Payload & string;
  /** Whether the caller is to stay unknown: the envelope then names a pseudonym that is used once. */
  anonymous?(payload: Payload): boolean;
  /** Id of the thing that the command is about. */
  id(payload: Payload, organizationId: string): string;
  reads?(payload: Payload, context: { organizationId: string; actor: Actor }): Reads;
  decide(state: State, command: Command<Payload>, known: States<Reads>): readonly Event[];
}

/** A command declaration whose types have been forgotten, as the machinery handles it. */
export interface AnyCommand {
  readonly name: string;
  readonly titleRu: string;
  readonly about: string;
  readonly kind: 'decision' | 'fact';
  readonly clauses: readonly string[];
  readonly actors: readonly Role[];
  readonly concept: Concept;
  readonly payload: new () => object;
  readonly example: { readonly [field: string]: Json };
  readonly assigns?: string;
  anonymous?(payload: object): boolean;
  id(payload: object, organizationId: string): string;
  reads(
    payload: object,
    context: { organizationId: string; actor: Actor },
  ): Readonly<Record<string, StateRead>>;
  decide(
    state: unknown,
    command: Command<object>,
    known: Readonly<Record<string, unknown>>,
  ): readonly AnyEvent[];
}

/**
 * What follows from an event without anybody deciding: commands that Letopis issues itself. They are issued at once, and
 * again by a reader with a checkpoint if a crash came between; derived ids make both the same command.
 */
export interface Policy {
  readonly name: string;
  readonly on: string;
  follow(event: { readonly data: object; readonly occurredAt: string }): readonly FollowUp[];
}

export interface FollowUp {
  readonly command: string;
  readonly payload: JsonObject;
}

/**
 * After an event of this type the key of one person is destroyed: whatever was encrypted with it, wherever it lies, can be
 * read by nobody any more.
 */
export interface Erasure {
  readonly on: string;
  /** Whose key. */
  subject(event: { readonly data: object }): string;
}

/** Everything a school's domain declares. */
export interface Domain {
  readonly concepts: readonly Concept[];
  readonly commands: readonly AnyCommand[];
  readonly policies: readonly Policy[];
  readonly erasures: readonly Erasure[];
}

/** Declares a command; the types of its parts are checked here and forgotten behind it. */
export function defineCommand<
  Payload extends object,
  State,
  Event extends AnyEvent,
  Reads extends Readonly<Record<string, StateRead>> = Readonly<Record<string, never>>,
>(declaration: CommandDeclaration<Payload, State, Event, Reads>): AnyCommand {
  return { reads: () => ({}), ...declaration };
}

/** Declares what Letopis does by itself after events of one type. */
export function definePolicy<Data extends object>(declaration: {
  readonly name: string;
  readonly on: EventType<string, Data>;
  follow(event: { readonly data: Data; readonly occurredAt: string }): readonly FollowUp[];
}): Policy {
  return { name: declaration.name, on: declaration.on.type, follow: declaration.follow.bind(declaration) };
}

/** Declares which events order that a person's key be destroyed. */
export function defineErasure<Data extends object>(declaration: {
  readonly on: EventType<string, Data>;
  subject(event: { readonly data: Data }): string;
}): Erasure {
  return { on: declaration.on.type, subject: declaration.subject.bind(declaration) };
}

/** The state of the thing `id` of `concept`, for a decision on something else. */
export function readState<State, Event extends AnyEvent>(
  concept: Concept<State, Event>,
  id: string,
): StateRead<State> {
  return { stream: streamOf(concept, id), concept };
}
