import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseError, Pool, type PoolConfig, type QueryResultRow } from 'pg';
import { type NewEvent, LetopisError, eventIdOf, type RecordedEvent, type StreamRef } from '@letopis/kernel';
import {
  type AllPage,
  type Append,
  type Appended,
  type AppendOutcome,
  type EventStore,
  type ExpectedRevision,
  type ReadAllOptions,
  type ReadStreamOptions,
  type SubscribeOptions,
  type Subscription,
} from '../event-store';
import { GroupCommit, type Run, type RunVerdict } from './group-commit';
import { type MigrationSet } from './migrate';
import { recordedEventOf, rowTypes, type EventRow } from './rows';

export const eventStoreMigrations: MigrationSet = {
  component: 'event-store',
  directory: join(__dirname, 'migrations'),
};

export interface PostgresEventStoreOptions {
  /** Connection of the application's role: it may insert and select, nothing else. */
  readonly url: string;
  readonly poolSize?: number;
  /** How often a waiting subscription looks for events of other processes, in milliseconds. */
  readonly pollEvery?: number;
}

const sql = {
  append: load('append'),
  readStreams: load('read-streams'),
  readForwards: load('read-stream-forwards'),
  readBackwards: load('read-stream-backwards'),
  readAppend: load('read-append'),
  readAll: load('read-all'),
  readOrganization: load('read-organization'),
  head: load('head'),
};

function load(name: string): { name: string; text: string } {
  return { name: `letopis-${name}`, text: readFileSync(join(__dirname, 'sql', `${name}.sql`), 'utf8') };
}

/**
 * Plans are made anew each time: one that was made while the table was small and had no statistics would be kept, and can
 * cost more with every event (it looks through an organisation's events for one of them).
 */
const SETTINGS = '-c timezone=UTC -c search_path=letopis -c plan_cache_mode=force_custom_plan';

/** SQLSTATE classes that say "not now", not "not so": connection, resources, operator intervention, system. */
const PASSING = /^(08|53|57|58)/;
const MAX_POSITION = '9223372036854775807';
const ATTEMPTS = 6;

/** An outcome of letopis.append_events; the other exception is a conflict. */
const REPEATED = 1;

/** Run 0 stands for the batch; then come the runs that were not appended. */
interface VerdictRow {
  readonly run: number;
  readonly outcome: number;
  readonly actual_revision: string;
  /** Position of the store's last event before this batch. */
  readonly head: string;
}

interface WaitingRead {
  readonly stream: StreamRef;
  readonly from: bigint;
  readonly resolve: (events: RecordedEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The event store on PostgreSQL, the embedded default. Concurrent appends are committed together (`GroupCommit`), and
 * reads of streams that are asked for in the same turn of the event loop travel in one query.
 */
export class PostgresEventStore implements EventStore {
  private readonly commits: GroupCommit;
  private readonly wakers = new Set<() => void>();
  private readonly subscriptions = new Set<Subscription>();
  private reads: WaitingRead[] = [];

  private constructor(
    private readonly pool: Pool,
    /** One connection: batches of appends go over it in their order, the next as soon as the last is written. */
    private readonly writer: Pool,
    private readonly pollEvery: number,
  ) {
    this.commits = new GroupCommit((runs) => this.writeRuns(runs));
  }

  /** Connects; the database must have been migrated. @throws LetopisError `unavailable` */
  static async open(options: PostgresEventStoreOptions): Promise<PostgresEventStore> {
    const config: PoolConfig = {
      connectionString: options.url,
      max: options.poolSize ?? 8,
      options: SETTINGS,
      application_name: 'letopis-event-store',
    };
    const pool = new Pool(config);
    const writer = new Pool({ ...config, max: 1 });
    // A connection that breaks while idle is replaced at the next query; without a listener it would end the process.
    for (const each of [pool, writer]) each.on('error', () => undefined);
    const store = new PostgresEventStore(pool, writer, options.pollEvery ?? 100);
    try {
      await store.head();
    } catch (error) {
      await Promise.all([pool.end(), writer.end()]);
      throw error;
    }
    return store;
  }

  append(
    { organizationId, stream }: StreamRef,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    if (events.length === 0) {
      return Promise.reject(new LetopisError('invalid', 'An append needs at least one event'));
    }
    return this.commits.append({ organizationId, stream, expectedRevision, events });
  }

  appendMany(batch: readonly Append[]): Promise<readonly AppendOutcome[]> {
    return Promise.all(
      batch.map((item) =>
        this.append(item, item.expectedRevision, item.events).then(
          (appended): AppendOutcome => ({ ok: true, appended }),
          (error: Error): AppendOutcome => ({ ok: false, error }),
        ),
      ),
    );
  }

  async readStream(
    stream: StreamRef,
    { from = 0n, limit, backwards = false }: ReadStreamOptions = {},
  ): Promise<readonly RecordedEvent[]> {
    const { organizationId, stream: name } = stream;
    if (backwards) {
      return this.events(sql.readBackwards, [organizationId, name, limit ?? MAX_POSITION]);
    }
    if (limit !== undefined) return this.events(sql.readForwards, [organizationId, name, from, limit]);
    return new Promise((resolve, reject) => {
      this.reads.push({ stream, from, resolve, reject });
      if (this.reads.length === 1) setImmediate(() => void this.readTogether());
    });
  }

  readCommand(organizationId: string, commandId: string): Promise<readonly RecordedEvent[]> {
    return this.events(sql.readAppend, [organizationId, eventIdOf(commandId, 0)]);
  }

  async readAll(after: bigint, { limit, organizationId, upTo }: ReadAllOptions): Promise<AllPage> {
    const last = upTo ?? MAX_POSITION;
    if (organizationId === undefined) {
      const events = await this.events(sql.readAll, [after, last, limit]);
      return { events, through: events.at(-1)?.position ?? after };
    }
    // The head is taken first: whatever is recorded behind it belongs to the next page.
    const head = await this.head();
    const bound = upTo === undefined || upTo > head ? head : upTo;
    const events = await this.events(sql.readOrganization, [after, bound, limit, organizationId]);
    const full = events.length === limit;
    const through = full ? (events.at(-1)?.position ?? after) : bound > after ? bound : after;
    return { events, through };
  }

  async subscribe(
    after: bigint,
    onEvent: (event: RecordedEvent) => Promise<void>,
    { organizationId, onFailure }: SubscribeOptions,
  ): Promise<Subscription> {
    let open = true;
    let wake = (): void => undefined;
    const waker = (): void => wake();
    this.wakers.add(waker);
    const pause = (): Promise<void> =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, this.pollEvery);
        wake = (): void => {
          clearTimeout(timer);
          resolve();
        };
      });
    const deliver = async (): Promise<void> => {
      let position = after;
      while (open) {
        let page: AllPage;
        try {
          page = await this.readAll(position, { limit: 500, ...(organizationId && { organizationId }) });
        } catch {
          await pause();
          continue;
        }
        for (const event of page.events) {
          if (!open) return;
          await onEvent(event);
        }
        position = page.through;
        if (page.events.length === 0 && open) await pause();
      }
    };
    const ended = deliver().catch((error: unknown) => {
      open = false;
      onFailure(error instanceof Error ? error : new Error(String(error)));
    });
    const subscription: Subscription = {
      close: async () => {
        open = false;
        wake();
        await ended;
        this.wakers.delete(waker);
        this.subscriptions.delete(subscription);
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  async head(): Promise<bigint> {
    const [row] = await this.query<{ position: string }>(sql.head, []);
    return BigInt(row?.position ?? 0);
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.commits.drained();
    await Promise.all([this.pool.end(), this.writer.end()]);
  }

  /** What is sent is made ready at once, and waits at the connection while the batch before it is being written. */
  private async writeRuns(runs: readonly Run[]): Promise<readonly RunVerdict[]> {
    const heads = runs.flatMap(({ appends: [head] }) => head ?? []);
    const values = [
      heads.map(({ organizationId }) => organizationId),
      heads.map(({ stream }) => stream),
      heads.map(({ expectedRevision }) => (expectedRevision === 'no-stream' ? -1n : expectedRevision)),
      heads.map(({ events }) => events[0]?.id),
      JSON.stringify(runs.flatMap(eventRows)),
    ];
    const [head, ...exceptions] = await this.query<VerdictRow>(sql.append, values, this.writer);
    for (const waker of this.wakers) waker();
    const exceptional = new Map(exceptions.map((row) => [row.run, row]));
    const verdicts: RunVerdict[] = [];
    let position = BigInt(head?.head ?? 0);
    for (const [index, run] of runs.entries()) {
      const exception = exceptional.get(index + 1);
      if (exception === undefined) {
        for (const { events } of run.appends) position += BigInt(events.length);
        verdicts.push({ outcome: 'appended', lastPosition: position });
      } else if (exception.outcome === REPEATED) {
        verdicts.push({ outcome: 'repeated', events: await this.readAppend(run) });
      } else {
        verdicts.push({ outcome: 'conflict', actualRevision: BigInt(exception.actual_revision) });
      }
    }
    return verdicts;
  }

  private readAppend({ appends: [head] }: Run): Promise<RecordedEvent[]> {
    return this.events(sql.readAppend, [head?.organizationId, head?.events[0]?.id]);
  }

  private async readTogether(): Promise<void> {
    const reads = this.reads.splice(0);
    // The same stream may be asked for twice, from different revisions: read it once, from the lowest.
    const wanted = new Map<string, WaitingRead>();
    for (const read of reads) {
      const known = wanted.get(keyOf(read.stream));
      if (known === undefined || read.from < known.from) wanted.set(keyOf(read.stream), read);
    }
    const asked = [...wanted.values()];
    try {
      const events = await this.events(sql.readStreams, [
        asked.map(({ stream }) => stream.organizationId),
        asked.map(({ stream }) => stream.stream),
        asked.map(({ from }) => from),
      ]);
      const found = new Map<string, RecordedEvent[]>();
      for (const event of events) {
        const list = found.get(keyOf(event));
        if (list === undefined) found.set(keyOf(event), [event]);
        else list.push(event);
      }
      for (const { stream, from, resolve } of reads) {
        resolve((found.get(keyOf(stream)) ?? []).filter(({ revision }) => revision >= from));
      }
    } catch (error) {
      for (const { reject } of reads) reject(error);
    }
  }

  private async events(query: { name: string; text: string }, values: unknown[]): Promise<RecordedEvent[]> {
    return (await this.query<EventRow>(query, values)).map(recordedEventOf);
  }

  /** Every statement here may be repeated: reads change nothing, and an append is known by its event ids. */
  private async query<Row extends QueryResultRow>(
    query: { name: string; text: string },
    values: unknown[],
    pool = this.pool,
  ): Promise<Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await pool.query<Row>({ ...query, values, types: rowTypes })).rows;
      } catch (error) {
        if (error instanceof DatabaseError && !PASSING.test(error.code ?? '')) throw refusal(error);
        if (attempt === ATTEMPTS) {
          throw new LetopisError('unavailable', 'The event store cannot be reached', {
            retryAfterSeconds: 5,
            cause: error,
          });
        }
        await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt));
      }
    }
  }
}

function keyOf({ organizationId, stream }: StreamRef): string {
  return `${organizationId}/${stream}`;
}

function refusal(error: DatabaseError): Error {
  if (error.constraint === 'events_id') {
    return new LetopisError('invalid', `An event id of the append is taken: ${error.detail ?? ''}`);
  }
  return error;
}

function eventRows({ appends }: Run, run: number): Record<string, unknown>[] {
  return appends
    .flatMap(({ organizationId, stream, events }) =>
      events.map((event) => ({ organizationId, stream, event })),
    )
    .map(({ organizationId, stream, event }, index) => ({
      run: run + 1,
      index,
      organization_id: organizationId,
      stream,
      id: event.id,
      type: event.type,
      schema_version: event.schemaVersion,
      occurred_at: event.occurredAt,
      recorded_at: event.recordedAt,
      actor_id: event.actor.id,
      actor_role: event.actor.role,
      source: event.source,
      command_id: event.commandId,
      correlation_id: event.correlationId,
      causation_id: event.causationId,
      request_digest: event.requestDigest,
      data: event.data,
    }));
}
