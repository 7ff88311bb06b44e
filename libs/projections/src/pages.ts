import { isLetopisError, type RecordedEvent } from '@letopis/kernel';
import { type EventStore, type ReadAllOptions } from '@letopis/event-store';
import { type ProjectedEvent } from './projection';

/** What the runtime needs of an event store. */
export type EventSource = Pick<EventStore, 'readAll' | 'head'>;

/**
 * Brings events into the form that handlers see: upcast, and opened where they are encrypted. Gives one event for each,
 * in order. `unavailable` means "not now"; any other error means that an event cannot be brought into that form.
 */
export type Prepare = (
  events: readonly RecordedEvent[],
) => readonly ProjectedEvent[] | Promise<readonly ProjectedEvent[]>;

/** An event as handlers see it, or, with `error`, as it was recorded: it could not be prepared. */
export interface Prepared {
  readonly event: ProjectedEvent;
  readonly error?: unknown;
}

export interface Page {
  readonly after: bigint;
  readonly events: readonly Prepared[];
  /** As in `AllPage`. */
  readonly through: bigint;
}

/** Pages that are kept, and how long: a page may hold opened personal data, so not for long. */
const KEPT_PAGES = 8;
const KEPT_MS = 1_000;

/** Reads pages of prepared events; projections that follow one another through the store share what is read. */
export class Pages {
  private readonly kept = new Map<bigint, { readonly page: Promise<Page>; readonly until: number }>();
  private sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly source: EventSource,
    private readonly prepare: Prepare,
    private readonly size: number,
  ) {}

  /** A page that is read now. */
  async read(after: bigint, options: Partial<ReadAllOptions> = {}): Promise<Page> {
    const { events, through } = await this.source.readAll(after, { limit: this.size, ...options });
    return { after, events: await this.prepared(events), through };
  }

  /** The page after `after`, perhaps one that was read for another projection. Empty only if it was so just now. */
  async shared(after: bigint): Promise<Page> {
    this.sweep();
    const known = this.kept.get(after);
    if (known !== undefined) {
      const page = await known.page;
      // Somebody else's empty page may be older than the event that this caller was called for.
      if (page.through > after) return page;
      return this.read(after);
    }
    const page = this.read(after);
    this.kept.set(after, { page, until: Date.now() + KEPT_MS });
    this.sweeper ??= setInterval(() => this.sweep(), KEPT_MS).unref();
    try {
      const { through } = await page;
      if (through === after) this.kept.delete(after);
    } catch (error) {
      this.kept.delete(after);
      throw error;
    }
    return page;
  }

  /** Forgets every page. */
  clear(): void {
    this.kept.clear();
    clearInterval(this.sweeper);
    this.sweeper = undefined;
  }

  private sweep(): void {
    const now = Date.now();
    for (const [after, { until }] of this.kept) {
      if (until <= now || this.kept.size > KEPT_PAGES) this.kept.delete(after);
    }
    if (this.kept.size === 0) this.clear();
  }

  private async prepared(events: readonly RecordedEvent[]): Promise<readonly Prepared[]> {
    if (events.length === 0) return [];
    try {
      const prepared = await this.prepare(events);
      if (prepared.length !== events.length) throw new Error('Preparing gave another number of events');
      return prepared.map((event) => ({ event }));
    } catch (error) {
      if (isLetopisError(error, 'unavailable')) throw error;
      const [only] = events;
      if (only !== undefined && events.length === 1) return [{ event: only, error }];
      // One event spoils the page: halve until it is alone.
      const middle = Math.ceil(events.length / 2);
      const halves = [events.slice(0, middle), events.slice(middle)];
      const [first = [], second = []] = await Promise.all(halves.map((half) => this.prepared(half)));
      return [...first, ...second];
    }
  }
}
