import { LRUCache } from 'lru-cache';
import { type RecordedEvent } from '@letopis/kernel';

/** How many ids are remembered over all streams; some 15 MB. */
const CAPACITY = 100_000;

/** The ids of a stream's events, from its first to revision `last` (-1n: of none), with their revisions. */
export interface KnownIds {
  readonly last: bigint;
  readonly revisions: ReadonlyMap<string, bigint>;
}

const NOTHING: KnownIds = { last: -1n, revisions: new Map() };

/**
 * What this process has seen of the streams' events, most recently used streams first. What is recorded never changes,
 * so what is known stays true; it may only be less than there is.
 */
export class IdMemory {
  private readonly streams = new LRUCache<string, { last: bigint; revisions: Map<string, bigint> }>({
    maxSize: CAPACITY,
    sizeCalculation: ({ revisions }) => revisions.size + 1,
  });

  of(stream: string): KnownIds {
    return this.streams.get(stream) ?? NOTHING;
  }

  /**
   * Takes note of events in the order of their revisions, and returns what is known with them. A gap before the first
   * of them would make "not known" mean nothing, so such events are left out.
   */
  learn(stream: string, events: readonly Pick<RecordedEvent, 'id' | 'revision'>[]): KnownIds {
    const known = this.streams.get(stream);
    const before = known?.last ?? -1n;
    const [first] = events;
    const end = events.at(-1);
    if (first === undefined || end === undefined || first.revision > before + 1n || end.revision <= before) {
      return known ?? NOTHING;
    }
    const revisions = known?.revisions ?? new Map<string, bigint>();
    for (const { id, revision } of events) revisions.set(id, revision);
    // A new object each time: the cache would not measure one that it holds already.
    const grown = { last: end.revision, revisions };
    this.streams.set(stream, grown);
    return grown;
  }
}
