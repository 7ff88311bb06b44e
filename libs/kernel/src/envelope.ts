/** What JSON can hold. Event data is a JSON object; 64-bit numbers travel as strings. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Who acted: a pseudonymous id and the role in which the action was allowed. From the token, never from a body. */
export interface Actor {
  readonly id: string;
  readonly role: string;
}

/** How a fact came in: entered by a person, a file import, the messenger's webhook, or Letopis itself. */
export type Source = 'operator' | 'import' | 'platform' | 'system';

/** A stream is named within its organisation: `<concept>-<id>`. */
export interface StreamRef {
  readonly organizationId: string;
  readonly stream: string;
}

/** An event of the domain: what happened, in the past tense, with no envelope yet. */
export interface DomainEvent<Type extends string = string, Data = JsonObject> {
  readonly type: Type;
  readonly data: Data;
}

/** A domain event of whatever type. */
export type AnyEvent = DomainEvent<string, unknown>;

/** An event in its envelope, before the store has given it a place. Instants are RFC 3339 in UTC with milliseconds. */
export interface NewEvent extends DomainEvent {
  /** UUIDv7, or UUIDv5 of (commandId, index) where the command may be repeated. */
  readonly id: string;
  readonly schemaVersion: number;
  /** When it happened. */
  readonly occurredAt: string;
  /** When Letopis learned of it. */
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly source: Source;
  readonly commandId: string;
  readonly correlationId: string;
  /** The event that caused this one, if one did. */
  readonly causationId: string | null;
  /**
   * Keyed digest of the request that made the event: a repeated Idempotency-Key is compared by it. It is kept beside
   * the envelope, is no part of the CloudEvent and never leaves the store.
   */
  readonly requestDigest?: string;
}

/** An event in its place. `revision` counts within the stream from 0; `position` orders the whole store. */
export interface RecordedEvent extends NewEvent, StreamRef {
  readonly revision: bigint;
  readonly position: bigint;
}

/** CloudEvents 1.0 in JSON: the outside form of an event in exports, the feed and the ledger's leaves. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  readonly organizationid: string;
  readonly schemaversion: number;
  readonly revision: string;
  readonly position: string;
  readonly recordedtime: string;
  readonly actorid: string;
  readonly actorrole: string;
  readonly origin: Source;
  readonly commandid: string;
  readonly correlationid: string;
  readonly causationid?: string;
  readonly data: JsonObject;
}

/**
 * The CloudEvent of a recorded event. Extension attributes are lower case letters only, as CloudEvents 1.0 demands;
 * 64-bit numbers are strings. `data` is what is stored, so personal fields are still encrypted.
 */
export function toCloudEvent(event: RecordedEvent): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    type: event.type,
    source: `letopis/${event.organizationId}`,
    subject: event.stream,
    time: event.occurredAt,
    datacontenttype: 'application/json',
    dataschema: `urn:letopis:event:${event.type}:${event.schemaVersion}`,
    organizationid: event.organizationId,
    schemaversion: event.schemaVersion,
    revision: event.revision.toString(),
    position: event.position.toString(),
    recordedtime: event.recordedAt,
    actorid: event.actor.id,
    actorrole: event.actor.role,
    origin: event.source,
    commandid: event.commandId,
    correlationid: event.correlationId,
    ...(event.causationId === null ? {} : { causationid: event.causationId }),
    data: event.data,
  };
}
