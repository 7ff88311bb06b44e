import {
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TString,
  Type,
} from '@sinclair/typebox';
import { type AnyEvent, type EventType, type JsonObject } from '@letopis/kernel';

/** A pseudonymous id of a person: what the event says, it says about that person too. */
export const PersonId = (): TString => Type.String({ format: 'uuid', 'x-person': true });

/** An id of a thing: group, chat, link, incident, order. */
export const Id = (): TString => Type.String({ format: 'uuid' });

/** An instant: RFC 3339, UTC, milliseconds. */
export const At = (): TString => Type.String({ format: 'date-time' });

/** A calendar day, `2026-09-01`. */
export const Day = (): TString => Type.String({ format: 'date' });

export const Text = (maxLength = 2_000): TString => Type.String({ minLength: 1, maxLength });

/** One of `values`, each a string. */
export function OneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] });
}

/**
 * Personal data: stored encrypted with the key of the person whose id stands at `subject`, a JSON Pointer into the
 * event's data (152-ФЗ; docs/decisions/0004-personal-data.md).
 */
export function Personal<Schema extends TSchema>(schema: Schema, subject: string): Schema {
  return { ...schema, 'x-personal': subject };
}

/** Declares an event type. Only ever add a version; what has shipped stays (docs/decisions/0003-event-versions.md). */
export function defineEvent<const Type_ extends string, Properties extends TProperties>(declaration: {
  readonly type: Type_;
  readonly titleRu: string;
  readonly clauses: readonly string[];
  readonly data: Properties;
  readonly version?: number;
  readonly upcasters?: Readonly<Record<number, (data: JsonObject) => JsonObject>>;
}): EventType<Type_, Static<TObject<Properties>>> {
  const { type, titleRu, clauses, data, version = 1, upcasters = {} } = declaration;
  return {
    type,
    version,
    titleRu,
    clauses,
    upcasters,
    schema: Type.Object(data, { additionalProperties: false }),
    of: (content) => ({ type, data: content }),
  };
}

/** The union of the events that `types` declare; names the event type of a concept. */
export type EventsOf<Types extends readonly EventType[]> = Extract<
  { [Index in keyof Types]: ReturnType<Types[Index]['of']> }[number],
  AnyEvent
>;
