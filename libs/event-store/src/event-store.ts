import { type NewEvent, type RecordedEvent, type StreamRef } from '@letopis/kernel';

/** The stream's last revision as the writer knows it, or that the stream has no event yet. */
export type ExpectedRevision = bigint | 'no-stream';

/** One append of a batch. */
export interface Append extends StreamRef {
  readonly expectedRevision: ExpectedRevision;
  /** At least one; ids are unique within the append. */
  readonly events: readonly NewEvent[];
}

/** What became of an append. */
export interface Appended {
  /** Revision of the append's last event. */
  readonly revision: bigint;
  /** Position of the append's last event. */
  readonly position: bigint;
  /**
   * Set where the append had been recorded before: its events as they were recorded then. The caller compares
   * `requestDigest` to tell a harmless repeat from another request under the same key.
   */
  readonly repeated?: readonly RecordedEvent[];
}

/** The outcome of one item of a batch: recorded, or the error that `append` would have thrown. */
export type AppendOutcome =
  { readonly ok: true; readonly appended: Appended } | { readonly ok: false; readonly error: Error };

export interface ReadStreamOptions {
  /** First revision to read; the stream's first without it. */
  readonly from?: bigint;
  /** At most so many events; all without it. */
  readonly limit?: number;
  /** Newest first, from the stream's end (`from` does not apply). */
  readonly backwards?: boolean;
}

export interface ReadAllOptions {
  /** At most so many events a page. */
  readonly limit: number;
  /** Only this organisation's events. */
  readonly organizationId?: string;
  /** Do not read past this position. */
  readonly upTo?: bigint;
}

export interface AllPage {
  readonly events: readonly RecordedEvent[];
  /**
   * Everything up to here has been looked at: pass it as the next `after`. Greater than the last event's position where
   * a filter left events out; equal to `after` where there was nothing new.
   */
  readonly through: bigint;
}

export interface Subscription {
  /** Resolves when no further event will be delivered. Idempotent. */
  close(): Promise<void>;
}

export interface SubscribeOptions {
  readonly organizationId?: string;
  /**
   * Called once, when `onEvent` threw or an event could not be read (`integrity-broken`): the subscription has ended, and
   * that event was not consumed. Trouble with the connection does not end a subscription: it reconnects for ever.
   */
  readonly onFailure: (error: Error) => void;
}

/**
 * Where events live. Every adapter MUST hold each clause below; `test/contract/event-store.contract.ts` checks each by
 * its name.
 *
 * - **durable**: `append` and `appendMany` MUST NOT acknowledge an event that a crash of the store could lose.
 * - **atomic**: the events of one append MUST be recorded together, contiguous in revision, or not at all.
 * - **optimistic**: an append whose expected revision is not the stream's MUST fail with `conflict` and record nothing.
 *   Nothing else fails with `conflict`.
 * - **idempotent**: an append whose first event id is already recorded in the organisation is the same append again. It
 *   MUST record nothing and give back what was recorded, whatever expected revision came with it, for ever. Appends that
 *   carry a `requestDigest` are recognised in every stream, others within their own.
 * - **per item**: in `appendMany` an item MUST NOT change the outcome of an item of another stream; items of one stream
 *   take effect in their order.
 * - **ordered**: `readAll` MUST give the same order on every read. An event MUST NOT become visible after one with a
 *   greater position was visible: there are no gaps that fill later.
 * - **subscribed**: a subscriber MUST see each event after its checkpoint once, in order, one at a time, through restarts
 *   and reconnects.
 * - **isolated**: a stream is named within its organisation; the same name in two organisations is two streams.
 *
 * Nothing here can change or remove an event. A store that cannot be reached fails with `unavailable`.
 */
export interface EventStore {
  append(
    stream: StreamRef,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended>;

  /** Outcomes in the order of the items. Rejects only where nothing of the batch is known to be recorded. */
  appendMany(batch: readonly Append[]): Promise<readonly AppendOutcome[]>;

  /** Events of a stream in order; empty where there is no such stream. */
  readStream(stream: StreamRef, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;

  /** The events that a command with a `requestDigest` recorded, in order; empty where it recorded none. */
  readCommand(organizationId: string, commandId: string): Promise<readonly RecordedEvent[]>;

  /** A page of the whole store, in order of position, after `after` (0n: from the start). */
  readAll(after: bigint, options: ReadAllOptions): Promise<AllPage>;

  /** Delivers every event after `after`, then new ones as they come. */
  subscribe(
    after: bigint,
    onEvent: (event: RecordedEvent) => Promise<void>,
    options: SubscribeOptions,
  ): Promise<Subscription>;

  /** Position of the last recorded event; 0n in an empty store. */
  head(): Promise<bigint>;

  /** Ends subscriptions and connections; appends under way finish first. */
  close(): Promise<void>;
}
