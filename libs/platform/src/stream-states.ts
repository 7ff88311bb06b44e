import { LRUCache } from 'lru-cache';
import { type EventStore } from '@letopis/event-store';
import { type AnyEvent, type Concept, type RecordedEvent, type StreamRef } from '@letopis/kernel';

/**
 * A stream's folded state. It runs ahead of the store while appends are under way: these carry the revision they rest
 * on, so one that fails takes everything behind it along, and the entry is thrown away.
 */
export interface StreamState {
  readonly ref: StreamRef;
  readonly concept: Concept;
  /** Revision of the last event folded in; -1n for an empty stream. */
  revision: bigint;
  /** Revision of the last event folded in that is known to be recorded. */
  recorded: bigint;
  state: unknown;
  /** False once the entry was thrown away: what was folded in ahead of the store did not come to be. */
  valid: boolean;
}

/** Folded states by stream, so that a busy stream is not read again for each command. */
export class StreamStates {
  private readonly cache: LRUCache<string, StreamState>;

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly upcast: (event: RecordedEvent) => RecordedEvent,
    max = 20_000,
  ) {
    this.cache = new LRUCache({ max });
  }

  /** The state as this process knows it, without asking the store; good enough where a revision guards the outcome. */
  known(ref: StreamRef): StreamState | undefined {
    return this.cache.get(keyOf(ref));
  }

  /** The state of a stream that is known to be new, without asking the store. */
  begin(ref: StreamRef, concept: Concept): StreamState {
    const entry = emptyState(ref, concept);
    this.cache.set(keyOf(ref), entry);
    return entry;
  }

  /** The state with everything folded in that the store had when it was asked. */
  async fresh(ref: StreamRef, concept: Concept): Promise<StreamState> {
    const before = this.cache.get(keyOf(ref));
    const from = before === undefined ? 0n : before.revision + 1n;
    const events = concept.journal
      ? await this.store.readStream(ref, { backwards: true, limit: 1 })
      : await this.store.readStream(ref, { from });
    // Another caller may have folded meanwhile: take what is newest now.
    const entry = this.cache.get(keyOf(ref)) ?? emptyState(ref, concept);
    // The entry was thrown away while the store was asked, and what came does not join on to a new one.
    if (!concept.journal && from > entry.revision + 1n) return this.fresh(ref, concept);
    for (const event of events) {
      if (concept.journal) entry.revision = event.revision > entry.revision ? event.revision : entry.revision;
      else if (event.revision === entry.revision + 1n) this.foldIn(entry, this.upcast(event));
      this.confirm(entry, event.revision);
    }
    this.cache.set(keyOf(ref), entry);
    return entry;
  }

  foldIn(entry: StreamState, event: AnyEvent): void {
    entry.revision += 1n;
    entry.state = entry.concept.evolve(entry.state, event);
  }

  /** Everything up to `revision` is recorded. */
  confirm(entry: StreamState, revision: bigint): void {
    if (revision > entry.recorded) entry.recorded = revision;
  }

  forget(ref: StreamRef): void {
    const entry = this.cache.get(keyOf(ref));
    if (entry === undefined) return;
    entry.valid = false;
    this.cache.delete(keyOf(ref));
  }
}

function emptyState(ref: StreamRef, concept: Concept): StreamState {
  return { ref, concept, revision: -1n, recorded: -1n, state: concept.initial, valid: true };
}

function keyOf({ organizationId, stream }: StreamRef): string {
  return `${organizationId}/${stream}`;
}
