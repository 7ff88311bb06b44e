import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  ErrorType,
  jsonEvent,
  KurrentDBClient,
  NO_STREAM,
  START,
  streamNameFilter,
  type AppendResult,
  type BaseOptions,
  type BasicCredentials,
  type Direction,
  type EventData,
  type ReadPosition,
  type ReadRevision,
} from '@kurrent/kurrentdb-client';
import {
  isLetopisError,
  LetopisError,
  type NewEvent,
  type RecordedEvent,
  type StreamRef,
} from '@letopis/kernel';
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
import { Gate } from './gate';
import { IdMemory, type KnownIds } from './known-ids';
import { LiveSubscription, type Log } from './live-subscription';
import { isPosition, recordedEventOf, storedEventOf, streamNameOf, streamPrefixOf } from './stored-event';
import { isOfType, persistently, within } from './trouble';

export interface KurrentEventStoreOptions {
  /** Connection string, e.g. `kurrentdb://one.example:2113?tls=true`. */
  readonly url: string;
  /** Set into the connection string; KurrentDB ignores them without TLS. */
  readonly username?: string;
  readonly password?: string;
  readonly log?: Log;
}

/**
 * Appends on their way at once. All travel in one gRPC stream, whose buffer holds 16: a write that waited for a place
 * there when the connection breaks would reject where nobody listens, which ends a Node process.
 */
const IN_FLIGHT = 15;
/** Streams of a batch that are written at the same time. */
const FAN_OUT = 15;
/** The client waits for the answer to an append for ever, even where its request got lost; milliseconds. */
const ANSWER_WITHIN = 10_000;

/** What holds a command's place: written, in a stream of its own, before the command's events are. */
interface Reservation {
  readonly stream: string;
  readonly digest: string;
  readonly firstEventId: string;
  readonly count: number;
}

/**
 * The event store on KurrentDB (EventStoreDB 22.6 and later), for production.
 *
 * How a repeat is told from a first append:
 *
 * - KurrentDB refuses an append whose expected revision is not the stream's. Then the stream is searched for the append's
 *   first event id: found, it is a repeat; otherwise a conflict.
 * - An append whose expected revision *is* the stream's may be a repeat as well, by a writer that has seen its first
 *   append. So the ids up to that revision must be known. They mostly are (`IdMemory`): whoever decides on a stream has
 *   just read it. Otherwise the unknown part is read first. A first append thus takes one round trip.
 * - With a `requestDigest` the command's place is reserved first, in the stream `command:<organization>/<command>`, which
 *   can begin only once: that makes it known whichever stream it went to. Two round trips. A process that dies between the
 *   two leaves a reservation without events; a repeat of the same request to the same stream then goes on from there.
 *
 * Reads ask the leader of a cluster, so that what was acknowledged is seen.
 */
export class KurrentEventStore implements EventStore {
  private readonly writes = new Gate(IN_FLIGHT);
  private readonly ids = new IdMemory();
  private readonly underway = new Set<Promise<unknown>>();
  private readonly subscriptions = new Set<Subscription>();
  /** The part of the client that reads does not decode the credentials in its connection string: it is given them. */
  private readonly reading: BaseOptions;

  private constructor(
    private readonly client: KurrentDBClient,
    credentials: BasicCredentials | undefined,
    private readonly log: Log | undefined,
  ) {
    this.reading = { requiresLeader: true, credentials };
  }

  /** Connects. @throws LetopisError `invalid` for a URL that is no connection string, `unavailable` */
  static async open(options: KurrentEventStoreOptions): Promise<KurrentEventStore> {
    const { url, credentials } = credentialsIn(options);
    const client = connect(url);
    const store = new KurrentEventStore(client, credentials, options.log);
    try {
      await store.head();
    } catch (error) {
      await client.dispose();
      throw error;
    }
    return store;
  }

  append(
    stream: StreamRef,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const appended = this.appendOnce(stream, expectedRevision, events);
    this.underway.add(appended);
    const done = (): boolean => this.underway.delete(appended);
    appended.then(done, done);
    return appended;
  }

  /** Never rejects. What follows an `unavailable` item on its stream is not tried: it cannot be known whether it may. */
  async appendMany(batch: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const chains = new Map<string, Promise<AppendOutcome>>();
    const gate = new Gate(FAN_OUT);
    const outcomes = batch.map((item) => {
      const name = streamNameOf(item);
      const before = chains.get(name);
      const outcome = (async () => {
        const lost = await before;
        if (lost?.ok === false && isLetopisError(lost.error, 'unavailable')) return lost;
        return gate.pass(() => this.outcomeOf(item));
      })();
      chains.set(name, outcome);
      return outcome;
    });
    return Promise.all(outcomes);
  }

  async readStream(
    stream: StreamRef,
    { from, limit, backwards = false }: ReadStreamOptions = {},
  ): Promise<readonly RecordedEvent[]> {
    const name = streamNameOf(stream);
    if (backwards) return this.eventsOf(name, { direction: BACKWARDS, fromRevision: END, limit });
    const events = await this.eventsOf(name, { fromRevision: from ?? START, limit });
    this.ids.learn(name, events);
    return events;
  }

  async readCommand(organizationId: string, commandId: string): Promise<readonly RecordedEvent[]> {
    const reservation = await this.reservationOf(organizationId, commandId);
    return reservation === undefined ? [] : this.eventsReservedBy(organizationId, reservation);
  }

  async readAll(after: bigint, { limit, organizationId, upTo }: ReadAllOptions): Promise<AllPage> {
    const bound = await this.boundOf(organizationId, upTo);
    if (limit <= 0 || (bound !== undefined && bound <= after)) return { events: [], through: after };
    const events = await this.eventsAfter(after, limit, organizationId, bound);
    const last = events.at(-1)?.position ?? after;
    return { events, through: events.length === limit ? last : (bound ?? last) };
  }

  async subscribe(
    after: bigint,
    onEvent: (event: RecordedEvent) => Promise<void>,
    options: SubscribeOptions,
  ): Promise<Subscription> {
    const live = new LiveSubscription(this.client, after, onEvent, options, this.log);
    const subscription: Subscription = {
      close: async () => {
        await live.close();
        this.subscriptions.delete(subscription);
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  async head(): Promise<bigint> {
    const [last] = await this.readFiltered({
      direction: BACKWARDS,
      fromPosition: END,
      maxCount: 1,
      organizationId: undefined,
      wanted: () => true,
    });
    return last?.position ?? 0n;
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await Promise.allSettled(this.underway);
    await this.client.dispose();
  }

  private async outcomeOf(item: Append): Promise<AppendOutcome> {
    try {
      return { ok: true, appended: await this.append(item, item.expectedRevision, item.events) };
    } catch (error) {
      return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  private async appendOnce(
    stream: StreamRef,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const [first] = events;
    if (first === undefined) throw new LetopisError('invalid', 'An append needs at least one event');
    const { requestDigest: digest } = first;
    if (digest !== undefined) {
      const reservation: Reservation = {
        stream: stream.stream,
        digest,
        firstEventId: first.id,
        count: events.length,
      };
      const earlier = await this.reserve(stream.organizationId, first.commandId, reservation);
      if (earlier !== undefined) {
        const recorded = await this.eventsReservedBy(stream.organizationId, earlier);
        if (recorded.length > 0) return repeatOf(recorded);
        if (earlier.digest !== digest || earlier.stream !== stream.stream) throw keyTaken(first.commandId);
      }
    }
    return this.record(stream, expected, first, events);
  }

  private async record(
    stream: StreamRef,
    expected: ExpectedRevision,
    first: NewEvent,
    events: readonly NewEvent[],
  ): Promise<Appended> {
    const name = streamNameOf(stream);
    if (expected !== 'no-stream') {
      const known = this.ids.of(name);
      const { revisions } = known.last < expected ? await this.learnOf(stream) : known;
      const at = revisions.get(first.id);
      if (at !== undefined) return repeatOf(await this.appendAt(stream, at, first.commandId));
    }
    let result: AppendResult;
    try {
      result = await this.write(
        name,
        expected,
        events.map((event) => storedEventOf(stream, event)),
      );
    } catch (error) {
      if (!isOfType(error, ErrorType.WRONG_EXPECTED_VERSION)) throw error;
      const { last, revisions } = await this.learnOf(stream);
      const at = revisions.get(first.id);
      if (at !== undefined) return repeatOf(await this.appendAt(stream, at, first.commandId));
      throw conflictOf(stream, expected, last);
    }
    const revision = result.nextExpectedRevision;
    const before = revision - BigInt(events.length);
    this.ids.learn(
      name,
      events.map(({ id }, index) => ({ id, revision: before + BigInt(index) + 1n })),
    );
    return { revision, position: await this.positionOf(stream, result) };
  }

  /** Holds the command's place. Undefined where it was free; otherwise what holds it already. */
  private async reserve(
    organizationId: string,
    commandId: string,
    { ...data }: Reservation,
  ): Promise<Reservation | undefined> {
    const event = jsonEvent({ id: randomUUID(), type: 'CommandReserved', data });
    try {
      await this.write(reservationStreamOf(organizationId, commandId), 'no-stream', [event]);
      return undefined;
    } catch (error) {
      if (!isOfType(error, ErrorType.WRONG_EXPECTED_VERSION)) throw error;
      return this.reservationOf(organizationId, commandId);
    }
  }

  private async reservationOf(organizationId: string, commandId: string): Promise<Reservation | undefined> {
    const name = reservationStreamOf(organizationId, commandId);
    const [data] = await this.readStreamOf(name, { fromRevision: START, limit: 1 }, (stored) => stored.data);
    if (data === undefined) return undefined;
    if (!isReservation(data))
      throw new LetopisError('integrity-broken', `${name} is no reservation of a command`);
    return data;
  }

  private async eventsReservedBy(
    organizationId: string,
    { stream, firstEventId, count }: Reservation,
  ): Promise<readonly RecordedEvent[]> {
    const target = { organizationId, stream };
    const at = (await this.learnOf(target)).revisions.get(firstEventId);
    return at === undefined ? [] : this.readStream(target, { from: at, limit: count });
  }

  /** The events of the append that begins at a revision: an append is contiguous and of one command. */
  private async appendAt(
    stream: StreamRef,
    at: bigint,
    commandId: string,
  ): Promise<readonly RecordedEvent[]> {
    const events = await this.readStream(stream, { from: at });
    const next = events.findIndex((event) => event.commandId !== commandId);
    return next < 0 ? events : events.slice(0, next);
  }

  /** Reads what is not yet known of the stream; returns all that is. */
  private async learnOf(stream: StreamRef): Promise<KnownIds> {
    const name = streamNameOf(stream);
    const events = await this.eventsOf(name, { fromRevision: this.ids.of(name).last + 1n });
    return this.ids.learn(name, events);
  }

  /** The server may not know the position of an append that it recognised as its own, repeated after a lost answer. */
  private async positionOf(
    stream: StreamRef,
    { nextExpectedRevision, position }: AppendResult,
  ): Promise<bigint> {
    if (isPosition(position?.commit)) return position.commit;
    const [last] = await this.readStream(stream, { from: nextExpectedRevision, limit: 1 });
    if (last === undefined)
      throw new LetopisError('integrity-broken', 'A recorded append cannot be read back');
    return last.position;
  }

  /** Up to where a page may promise to have looked. Undefined: no further than to its last event. */
  private async boundOf(
    organizationId: string | undefined,
    upTo: bigint | undefined,
  ): Promise<bigint | undefined> {
    if (organizationId === undefined && upTo === undefined) return undefined;
    // The head is taken before the page: whatever is recorded behind it belongs to the next page.
    const head = await this.head();
    return upTo === undefined || upTo > head ? head : upTo;
  }

  private eventsAfter(
    after: bigint,
    limit: number,
    organizationId: string | undefined,
    bound: bigint | undefined,
  ): Promise<RecordedEvent[]> {
    return this.readFiltered({
      fromPosition: after === 0n ? START : { commit: after, prepare: after },
      // A read includes the position it begins at.
      maxCount: limit + 1,
      organizationId,
      wanted: ({ position }) => bound === undefined || position <= bound,
    }).then((events) => events.filter(({ position }) => position > after).slice(0, limit));
  }

  /** Reads `$all` behind our filter, up to the first event that is not wanted. */
  private readFiltered(read: {
    readonly direction?: Direction;
    readonly fromPosition: ReadPosition;
    readonly maxCount: number;
    readonly organizationId: string | undefined;
    readonly wanted: (event: RecordedEvent) => boolean;
  }): Promise<RecordedEvent[]> {
    const { direction, fromPosition, maxCount, organizationId, wanted } = read;
    const filter = streamNameFilter({ prefixes: [streamPrefixOf(organizationId)] });
    return persistently(async () => {
      const events: RecordedEvent[] = [];
      const found = this.client.readAll({ direction, fromPosition, maxCount, filter, ...this.reading });
      for await (const { event: stored } of found) {
        if (stored === undefined) continue;
        const event = recordedEventOf(stored);
        if (!wanted(event)) break;
        events.push(event);
      }
      return events;
    });
  }

  private eventsOf(name: string, read: StreamRead): Promise<RecordedEvent[]> {
    return this.readStreamOf(name, read, recordedEventOf);
  }

  /** Reads a stream; empty where there is none. */
  private async readStreamOf<Result>(
    name: string,
    { direction, fromRevision, limit }: StreamRead,
    convert: (stored: Parameters<typeof recordedEventOf>[0]) => Result,
  ): Promise<Result[]> {
    if (limit !== undefined && limit <= 0) return [];
    const options = { direction, fromRevision, maxCount: limit, ...this.reading };
    try {
      return await persistently(async () => {
        const results: Result[] = [];
        for await (const { event: stored } of this.client.readStream(name, options)) {
          if (stored !== undefined) results.push(convert(stored));
        }
        return results;
      });
    } catch (error) {
      if (isOfType(error, ErrorType.STREAM_NOT_FOUND)) return [];
      throw error;
    }
  }

  /** Appends. Safe to repeat: the server recognises the ids that these events have in KurrentDB. */
  private write(name: string, expected: ExpectedRevision, events: EventData[]): Promise<AppendResult> {
    const streamState = expected === 'no-stream' ? NO_STREAM : expected;
    return persistently(() =>
      this.writes.pass(() =>
        within(ANSWER_WITHIN, this.client.appendToStream(name, events, { streamState })),
      ),
    );
  }
}

interface StreamRead {
  readonly direction?: Direction;
  readonly fromRevision: ReadRevision;
  readonly limit?: number;
}

function connect(url: string): KurrentDBClient {
  if (/throwOnAppendFailure=false/i.test(url)) {
    throw new LetopisError(
      'invalid',
      'The KurrentDB connection string must not turn throwOnAppendFailure off',
    );
  }
  try {
    return KurrentDBClient.connectionString(url);
  } catch {
    // The client's own message quotes the string, which may hold a password.
    throw new LetopisError('invalid', 'The KurrentDB connection string cannot be read');
  }
}

const CONNECTION_STRING = /^(?<scheme>[^:]+:\/\/)(?:(?<name>[^:@/?]+):(?<password>[^@/?]+)@)?(?<rest>.*)$/s;

/** Sets the credentials into the connection string, or takes out those that are in it. */
function credentialsIn({ url, username, password }: KurrentEventStoreOptions): {
  readonly url: string;
  readonly credentials: BasicCredentials | undefined;
} {
  const parts = CONNECTION_STRING.exec(url)?.groups;
  if (parts?.scheme === undefined) return { url, credentials: undefined };
  if (username !== undefined && password !== undefined) {
    const pair = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
    return { url: `${parts.scheme}${pair}@${parts.rest}`, credentials: { username, password } };
  }
  if (parts.name === undefined || parts.password === undefined) return { url, credentials: undefined };
  const [name, secret] = [decodeURIComponent(parts.name), decodeURIComponent(parts.password)];
  return { url, credentials: { username: name, password: secret } };
}

function reservationStreamOf(organizationId: string, commandId: string): string {
  return `command:${organizationId}/${commandId}`;
}

function isReservation(data: unknown): data is Reservation {
  return (
    typeof data === 'object' &&
    data !== null &&
    'stream' in data &&
    typeof data.stream === 'string' &&
    'digest' in data &&
    typeof data.digest === 'string' &&
    'firstEventId' in data &&
    typeof data.firstEventId === 'string' &&
    'count' in data &&
    typeof data.count === 'number'
  );
}

function repeatOf(recorded: readonly RecordedEvent[]): Appended {
  const last = recorded.at(-1);
  if (last === undefined) throw new LetopisError('integrity-broken', 'A recorded append cannot be read back');
  return { revision: last.revision, position: last.position, repeated: recorded };
}

function conflictOf({ stream }: StreamRef, expected: ExpectedRevision, last: bigint): LetopisError {
  const found = last < 0n ? 'no-stream' : last.toString();
  return new LetopisError('conflict', `${stream} is at ${found}, not at ${expected.toString()}`);
}

function keyTaken(commandId: string): LetopisError {
  return new LetopisError(
    'conflict',
    `Command ${commandId} was used by another request, which has recorded nothing so far`,
  );
}
