import { type Pool } from 'pg';
import { type Clock, LetopisError } from '@letopis/kernel';
import { applyEvents, takePage } from './apply';
import {
  lockCheckpoint,
  type NewFailure,
  type ProjectionFailure,
  readCheckpoints,
  readFailures,
  recordFailure,
  removeFailure,
  startCheckpoint,
} from './checkpoints';
import { type EventSource, type Page, Pages, type Prepare } from './pages';
import { type Projection, register, type Registered, schemaOf } from './projection';
import { rebuild, type RebuildOptions, type Rebuilt, type Workshop } from './rebuild';
import { createTables, digestTables, indexTables } from './storage';
import { eachOf, inTransaction } from './transaction';
import { stopKey, Waiting } from './waiting';

/** Where trouble is told. A pino logger fits. */
export interface ProjectionLog {
  error(details: object, message: string): void;
}

export interface ProjectionRuntimeOptions {
  /** Connections of the application's role. A rebuild uses up to six of them at a time, `advance` up to four. */
  readonly pool: Pool;
  readonly store: EventSource;
  readonly projections: readonly Projection[];
  /** Upcasting, and opening of what is encrypted; without it events are seen as they were recorded. */
  readonly prepare?: Prepare;
  readonly clock: Clock;
  readonly log: ProjectionLog;
  /** Events a page; 1,000 without it. */
  readonly pageSize?: number;
}

export interface ProjectionStatus {
  readonly name: string;
  /** Of the live tables. */
  readonly version: number;
  /** Whether this program has another version: the live tables stand still until `rebuild`. */
  readonly awaitsRebuild: boolean;
  readonly position: bigint;
  /** How far the store's last event is away; 0n where there is nothing to do. */
  readonly lag: bigint;
  readonly failures: readonly ProjectionFailure[];
}

/** What a retry came to: the organisation goes on, or is stopped still (perhaps at a later event). */
export interface Retried {
  readonly projection: string;
  readonly organizationId: string;
  readonly lifted: boolean;
}

const PAGE_SIZE = 1_000;
/** How many projections write at a time. */
const PARALLEL = 4;
const STOPPED = 'A projection is stopped for an organisation';

/**
 * Folds events into the tables of projections.
 *
 * - Rows and checkpoint of a page are one transaction: each event takes effect once, whoever else calls `advance`.
 * - An event that cannot be taken stops its organisation in that projection, visibly, until `retryFailures` or a rebuild;
 *   other organisations go on.
 * - How events are cut into pages makes no difference to the rows.
 *
 * The database must have been migrated (`projectionMigrations`). Queries read the tables by their bare names, over
 * connections whose `search_path` is `searchPath(projections)`.
 */
export class ProjectionRuntime {
  private readonly projections: ReadonlyMap<string, Registered>;
  private readonly pool: Pool;
  private readonly store: EventSource;
  private readonly clock: Clock;
  private readonly log: ProjectionLog;
  private readonly pages: Pages;
  private readonly waiting = new Waiting(() => this.standing());
  private readonly underway = new Set<Promise<unknown>>();
  private closing = false;

  /** @throws Error where projections share names of projections or tables */
  constructor({ pool, store, projections, prepare, clock, log, pageSize }: ProjectionRuntimeOptions) {
    this.projections = new Map(register(projections).map((projection) => [projection.name, projection]));
    this.pool = pool;
    this.store = store;
    this.clock = clock;
    this.log = log;
    this.pages = new Pages(store, prepare ?? ((events) => events), pageSize ?? PAGE_SIZE);
  }

  /**
   * Makes the tables of projections that are new, and returns the names of those whose live version is another than this
   * program's: they need `rebuild`. Safe to run from several processes at once.
   *
   * @throws LetopisError `integrity-broken` where tables have changed under an unchanged version
   */
  async ensure(): Promise<readonly string[]> {
    return inTransaction(this.pool, 'durable', async (client) => {
      await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('letopis.projections.ensure', 0))`);
      const live = await readCheckpoints(client, 'live');
      const outdated: string[] = [];
      for (const projection of this.projections.values()) {
        const { name, version, definition, tables } = projection;
        const checkpoint = live.get(name);
        if (checkpoint === undefined) {
          const schema = schemaOf(name, 'live');
          await createTables(client, schema, tables);
          await indexTables(client, schema, tables);
          await startCheckpoint(client, projection, 'live', this.clock.now());
        } else if (checkpoint.version !== version) {
          outdated.push(name);
        } else if (checkpoint.definition !== definition) {
          throw new LetopisError(
            'integrity-broken',
            `The tables of projection ${name} have changed: it needs a version greater than ${version}`,
          );
        }
      }
      return outdated;
    });
  }

  /**
   * Takes every event that was recorded before the call into the live tables, and returns how far each projection is.
   * Where another process is at a projection, or its version is another, it is left to that; whoever is at it sees the
   * events too.
   *
   * @param name only this projection
   */
  async advance(name?: string): Promise<ReadonlyMap<string, bigint>> {
    return this.running(() => this.advanceAll(this.chosen(name)));
  }

  /**
   * Tries the events again that organisations are stopped at, and those that wait behind them.
   *
   * @param name only this projection
   */
  async retryFailures(name?: string): Promise<readonly Retried[]> {
    return this.running(async () => {
      const projections = this.chosen(name);
      const retried: Retried[] = [];
      for (const projection of projections) {
        for (const { organizationId } of await readFailures(this.pool, 'live', projection.name)) {
          retried.push(await this.retry(projection, organizationId));
        }
      }
      // While a checkpoint was held here, others may have turned away from it.
      await this.advanceAll(projections);
      return retried;
    });
  }

  /**
   * Builds projections anew from the first event, beside the live tables, and switches in one transaction: readers see
   * the one or the other. Several together read the store once. With an unchanged version the build must have the rows
   * that are live, at the same position; organisations that are stopped in one of them only are left out of the
   * comparison. No build may stop an organisation that is not stopped now. What is not switched stays in its `build_`
   * schema until the next rebuild. A REPEATABLE READ transaction that began before a switch may see the new tables empty.
   *
   * @throws LetopisError `integrity-broken` where a build was not switched; `conflict` where a rebuild is under way
   */
  async rebuild(
    names: string | readonly string[],
    options: RebuildOptions = {},
  ): Promise<readonly Rebuilt[]> {
    return this.running(async () => {
      const projections = [names].flat().map((name) => this.one(name));
      const results = await rebuild(this.workshop(projections), projections, options);
      await this.advanceAll(projections);
      const refused = results.filter(({ switched }) => !switched);
      if (refused.length > 0) throw refusal(refused);
      return results;
    });
  }

  /** A digest of the rows of each live table, by its name; equal rows give equal digests, whatever their order. */
  async digest(name: string): Promise<ReadonlyMap<string, string>> {
    const { tables } = this.one(name);
    return inTransaction(this.pool, 'quick', async (client) => {
      // All tables are of the same position then.
      await lockCheckpoint(client, name, 'live', 'wait');
      return digestTables(client, schemaOf(name, 'live'), tables);
    });
  }

  /** How each projection stands, for health, metrics and alerts. */
  async status(): Promise<readonly ProjectionStatus[]> {
    const live = await readCheckpoints(this.pool, 'live');
    const failures = await readFailures(this.pool, 'live');
    const head = await this.store.head();
    return [...this.projections.values()].map(({ name, version }) => {
      const { version: liveVersion = version, position = 0n } = live.get(name) ?? {};
      return {
        name,
        version: liveVersion,
        awaitsRebuild: liveVersion !== version,
        position,
        lag: head > position ? head - position : 0n,
        failures: failures.filter(({ projection }) => projection === name),
      };
    });
  }

  /**
   * Resolves when the live tables hold every event of the organisation up to `position`.
   *
   * @throws LetopisError `unavailable`: after `timeoutMs`, or at once where the organisation is stopped before that
   */
  async waitFor(
    names: string | readonly string[],
    organizationId: string,
    position: bigint,
    timeoutMs: number,
  ): Promise<void> {
    this.checkOpen();
    const projections = [names].flat().map((name) => this.one(name).name);
    return this.waiting.wait(projections, organizationId, position, timeoutMs);
  }

  /** Ends what is under way at the next page, and waits for that. The pool stays open. */
  async close(): Promise<void> {
    this.closing = true;
    this.waiting.close();
    await Promise.allSettled(this.underway);
    this.pages.clear();
  }

  /**
   * A page of each projection in turn, until there was a turn without any. So one that is done early does not stand still
   * while another runs after events that keep coming.
   */
  private async advanceAll(projections: readonly Registered[]): Promise<ReadonlyMap<string, bigint>> {
    const checkpoints = await readCheckpoints(this.pool, 'live');
    const positions = new Map<string, bigint>();
    for (const { name } of projections) {
      const checkpoint = checkpoints.get(name);
      if (checkpoint === undefined) {
        throw new LetopisError('unavailable', `Projection ${name} has no tables yet`);
      }
      positions.set(name, checkpoint.position);
    }
    const ours = projections.filter(({ name, version }) => checkpoints.get(name)?.version === version);
    for (let moved = true; moved;) {
      moved = false;
      await eachOf(ours, PARALLEL, async (projection) => {
        const before = positions.get(projection.name) ?? 0n;
        const reached = await this.advanceOne(projection, before);
        positions.set(projection.name, reached);
        if (reached !== before) moved = true;
      });
    }
    return positions;
  }

  /**
   * Takes one page. The store is read before the checkpoint is locked, and again in the turn after it was released. So
   * whoever turns away from a locked checkpoint may rely on its holder to see the events that are recorded by then.
   */
  private async advanceOne(projection: Registered, position: bigint): Promise<bigint> {
    if (this.closing) return position;
    const page = await this.pages.shared(position);
    if (page.through <= position) return position;
    return (await this.take(projection, page)) ?? position;
  }

  /** Takes the page if the checkpoint is at its start. Returns where it is then; undefined: it is somebody else's. */
  private async take(projection: Registered, page: Page): Promise<bigint | undefined> {
    const { position, failures } = await inTransaction(this.pool, 'quick', async (client) => {
      const checkpoint = await lockCheckpoint(client, projection.name, 'live', 'skip');
      if (checkpoint?.version !== projection.version) return { position: undefined, failures: [] };
      if (checkpoint.position !== page.after) return { position: checkpoint.position, failures: [] };
      return {
        position: page.through,
        failures: await takePage(client, projection, 'live', page, this.clock.now()),
      };
    });
    this.tell(projection.name, failures);
    return position;
  }

  private async retry(projection: Registered, organizationId: string): Promise<Retried> {
    const { name } = projection;
    const { lifted, failures } = await inTransaction(this.pool, 'durable', async (client) => {
      const checkpoint = await lockCheckpoint(client, name, 'live', 'wait');
      const stops = await readFailures(client, 'live', name);
      const stop = stops.find((failure) => failure.organizationId === organizationId);
      if (stop === undefined) return { lifted: true, failures: [] };
      if (checkpoint?.version !== projection.version) return { lifted: false, failures: [] };
      let after = stop.readAfter;
      while (after < checkpoint.position) {
        this.checkOpen();
        const page = await this.pages.read(after, { organizationId, upTo: checkpoint.position });
        const waiting = page.events.filter(({ event }) => event.position >= stop.position);
        const failed = await applyEvents(client, schemaOf(name, 'live'), projection, waiting, new Set());
        for (const failure of failed) {
          await recordFailure(client, name, 'live', failure, page.after, this.clock.now());
        }
        if (failed.length > 0) {
          return { lifted: false, failures: failed.filter(({ position }) => position !== stop.position) };
        }
        if (page.through <= after) break;
        after = page.through;
      }
      await removeFailure(client, name, organizationId);
      return { lifted: true, failures: [] };
    });
    this.tell(name, failures);
    return { projection: name, organizationId, lifted };
  }

  private workshop(projections: readonly Registered[]): Workshop {
    return {
      pool: this.pool,
      pages: this.pages,
      parallel: PARALLEL,
      now: () => this.clock.now(),
      head: () => this.store.head(),
      advance: () => this.advanceAll(projections),
      tell: (projection, failures) =>
        this.tell(projection, failures, 'A rebuild of a projection is stopped for an organisation'),
      checkOpen: () => this.checkOpen(),
    };
  }

  private async standing(): Promise<{ positions: Map<string, bigint>; stops: Map<string, bigint> }> {
    // Positions first: a stop that comes with a position is then never missed.
    const checkpoints = await readCheckpoints(this.pool, 'live');
    const failures = await readFailures(this.pool, 'live');
    return {
      positions: new Map([...checkpoints].map(([name, { position }]) => [name, position])),
      stops: new Map(
        failures.map((failure) => [stopKey(failure.projection, failure.organizationId), failure.position]),
      ),
    };
  }

  private tell(projection: string, failures: readonly NewFailure[], message = STOPPED): void {
    for (const failure of failures) {
      this.log.error({ ...failure, projection, position: failure.position.toString() }, message);
    }
  }

  private async running<Result>(work: () => Promise<Result>): Promise<Result> {
    this.checkOpen();
    const run = work();
    this.underway.add(run);
    try {
      return await run;
    } finally {
      this.underway.delete(run);
    }
  }

  private checkOpen(): void {
    if (this.closing) {
      throw new LetopisError('unavailable', 'The projections are closing', { retryAfterSeconds: 1 });
    }
  }

  private chosen(name: string | undefined): readonly Registered[] {
    return name === undefined ? [...this.projections.values()] : [this.one(name)];
  }

  private one(name: string): Registered {
    const projection = this.projections.get(name);
    if (projection === undefined) throw new LetopisError('not-found', `There is no projection ${name}`);
    return projection;
  }
}

function refusal(refused: readonly Rebuilt[]): LetopisError {
  const parts = refused.map(({ projection, tables, stopped }) => {
    const differs = tables.length === 0 ? [] : [`its rebuild differs in ${tables.join(', ')}`];
    const stops = stopped.length === 0 ? [] : [`its rebuild stops ${stopped.length} organisation(s) more`];
    return `${projection}: ${[...differs, ...stops].join('; ')}`;
  });
  return new LetopisError('integrity-broken', `Not switched: ${parts.join(' | ')}`);
}
