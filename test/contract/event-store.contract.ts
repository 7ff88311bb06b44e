import { randomUUID } from 'node:crypto';
import { isLetopisError, type RecordedEvent } from '@letopis/kernel';
import { type Append, type AppendOutcome, type EventStore, type Subscription } from '@letopis/event-store';
import { commandEvents, newEvent, newEvents, newStream } from '../support/events';

/** An event store under test. The server behind it may be shared: others may write to it, and it need not be empty. */
export interface EventStoreUnderTest {
  readonly store: EventStore;
  /** Another client on the same data, which has seen nothing of what the first one did. */
  reopen(): Promise<EventStore>;
  /** Breaks the connections of all clients, or restarts the server. */
  interrupt?(): Promise<void>;
  /** Closes every client and removes what the suite made. */
  close(): Promise<void>;
}

/** What `EventStore` promises, clause by clause. Every adapter runs it. */
export function describeEventStoreContract(name: string, open: () => Promise<EventStoreUnderTest>): void {
  describe(`event store contract: ${name}`, () => {
    let underTest: EventStoreUnderTest;
    let store: EventStore;

    beforeAll(async () => {
      underTest = await open();
      store = underTest.store;
    });
    afterAll(() => underTest.close());

    describe('reading back', () => {
      it('gives events as they were appended, each in its place', async () => {
        const stream = newStream();
        const events = [
          newEvent({ causationId: randomUUID(), source: 'import' }),
          newEvent({ requestDigest: undefined }),
        ];

        const { revision, position } = await store.append(stream, 'no-stream', events);

        const recorded = await store.readStream(stream);
        expect(recorded).toEqual(
          events.map((event, index) => ({
            ...event,
            ...stream,
            revision: BigInt(index),
            position: expect.any(BigInt),
          })),
        );
        expect(recorded.at(-1)).toMatchObject({ revision, position });
        expect(recorded[0]!.position).toBeLessThan(position);
      });

      it.each([
        ['Russian text', { text: 'Заявление № 5 — «о приёме в чат 5 „А“»' }],
        ['emoji and combining marks', { text: '👩🏽‍🏫 ёж и́ 🇷🇺', '🔑': ['🙂'] }],
        ['64-bit numbers as text', { position: '18446744073709551615' }],
        ['numbers, booleans, nulls', { a: 0, b: -1.5e-7, c: true, d: null, e: '' }],
        ['deep objects', { a: { b: [{ c: [[], {}, [{ d: { e: { f: ['g'] } } }]] }] } }],
      ])('keeps data: %s', async (_what, data) => {
        const stream = newStream();

        await store.append(stream, 'no-stream', [newEvent({ data })]);

        expect((await store.readStream(stream))[0]!.data).toEqual(data);
      });

      it('keeps an event of 500 kB', async () => {
        const stream = newStream();
        const data = { text: 'я'.repeat(250_000) };

        await store.append(stream, 'no-stream', [newEvent({ data })]);

        expect((await store.readStream(stream))[0]!.data).toEqual(data);
      });

      it('keeps a digest where there is one, and nothing where there is none', async () => {
        const stream = newStream();
        await store.append(stream, 'no-stream', commandEvents(randomUUID(), 'digest'));
        await store.append(stream, 0n, [newEvent()]);

        const digests = (await store.readStream(stream)).map(({ requestDigest }) => requestDigest);

        expect(digests).toEqual(['digest', undefined]);
      });

      it('gives nothing for a stream that is not there', async () => {
        expect(await store.readStream(newStream())).toEqual([]);
        expect(await store.readStream(newStream(), { backwards: true })).toEqual([]);
      });

      it.each([
        ['from a revision on', { from: 3n }, [3n, 4n]],
        ['at most so many', { limit: 2 }, [0n, 1n]],
        ['at most so many from a revision on', { from: 1n, limit: 2 }, [1n, 2n]],
        ['backwards', { backwards: true }, [4n, 3n, 2n, 1n, 0n]],
        ['the last ones backwards', { backwards: true, limit: 2 }, [4n, 3n]],
        ['nothing from behind the end', { from: 5n }, []],
      ])('reads a stream %s', async (_what, options, revisions) => {
        const stream = newStream();
        await store.append(stream, 'no-stream', newEvents(5));

        const events = await store.readStream(stream, options);

        expect(events.map(({ revision }) => revision)).toEqual(revisions);
      });

      it('knows how far it reaches', async () => {
        const { position } = await store.append(newStream(), 'no-stream', newEvents(2));

        expect(await store.head()).toBeGreaterThanOrEqual(position);
      });
    });

    describe('durable', () => {
      it('shows what was acknowledged to a client that comes later', async () => {
        const stream = newStream();
        const events = newEvents(3);
        await store.append(stream, 'no-stream', events);

        const later = await underTest.reopen();

        expect(idsOf(await later.readStream(stream))).toEqual(idsOf(events));
      });

      it('loses nothing and doubles nothing when connections break while appends are under way', async () => {
        const streams = Array.from({ length: 20 }, () => newStream());
        const events = streams.map(() => newEvents(2));

        const appends = streams.map((stream, index) =>
          store.append(stream, 'no-stream', events[index]!).catch((error: unknown) => error),
        );
        await underTest.interrupt?.();
        const outcomes = await Promise.all(appends);

        for (const [index, outcome] of outcomes.entries()) {
          const recorded = idsOf(await store.readStream(streams[index]!));
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'unavailable' });
          else expect(recorded).toEqual(idsOf(events[index]!));
          await store.append(streams[index]!, 'no-stream', events[index]!);
          expect(idsOf(await store.readStream(streams[index]!))).toEqual(idsOf(events[index]!));
        }
      });
    });

    describe('atomic', () => {
      it('records the events of an append contiguously while others write', async () => {
        const organizationId = randomUUID();
        const streams = Array.from({ length: 10 }, () => newStream(organizationId));

        await Promise.all(streams.map((stream) => store.append(stream, 'no-stream', newEvents(20))));

        for (const stream of streams) {
          const events = await store.readStream(stream);
          expect(events.map(({ revision }) => revision)).toEqual(upTo(20));
        }
      });

      it('records nothing of an append that fails', async () => {
        const stream = newStream();
        await store.append(stream, 'no-stream', newEvents(1));

        await store.append(stream, 5n, newEvents(3)).catch(() => undefined);

        expect(await store.readStream(stream)).toHaveLength(1);
      });

      it('refuses an append of nothing', async () => {
        await expect(store.append(newStream(), 'no-stream', [])).rejects.toMatchObject({ code: 'invalid' });
      });
    });

    describe('optimistic', () => {
      it.each([
        ['a revision of a stream that is not there', 0n],
        ['a revision before the last', 1n],
        ['a revision behind the last', 3n],
        ['no stream', 'no-stream' as const],
      ])('fails with conflict where %s was expected', async (what, expected) => {
        const stream = newStream();
        if (!what.includes('not there')) await store.append(stream, 'no-stream', newEvents(3));
        const before = await store.readStream(stream);

        const appending = store.append(stream, expected, newEvents(1));

        await expect(appending).rejects.toMatchObject({ name: 'LetopisError', code: 'conflict' });
        expect(await store.readStream(stream)).toEqual(before);
      });

      it('lets exactly one of fifty racers win each revision', async () => {
        const stream = newStream();
        for (const expected of ['no-stream', 0n, 1n] as const) {
          const outcomes = await Promise.allSettled(
            Array.from({ length: 50 }, () => store.append(stream, expected, newEvents(1))),
          );

          expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
          for (const outcome of outcomes) {
            if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
          }
        }
        expect(await store.readStream(stream)).toHaveLength(3);
      });
    });

    describe('idempotent', () => {
      it.each([
        ['the revision expected at first', 'no-stream' as const],
        ['the revision it ended at itself', 1n],
        ['the last revision', 3n],
        ['a revision in between', 0n],
        ['a revision that is not reached', 9n],
      ])('gives back what was recorded, whoever repeats it expecting %s', async (_what, expected) => {
        const stream = newStream();
        const events = newEvents(2);
        const first = await store.append(stream, 'no-stream', events);
        await store.append(stream, 1n, newEvents(2));
        const recorded = (await store.readStream(stream)).slice(0, 2);

        const another = await underTest.reopen();
        const repeats = [
          await store.append(stream, expected, events),
          await another.append(stream, expected, events),
        ];

        expect(first.repeated).toBeUndefined();
        for (const repeat of repeats) expect(repeat).toEqual({ ...first, repeated: recorded });
        expect(await store.readStream(stream)).toHaveLength(4);
      });

      it('takes the first event id for the append', async () => {
        const stream = newStream();
        const events = newEvents(2);
        await store.append(stream, 'no-stream', events);

        const repeat = await store.append(stream, 'no-stream', [events[0]!, newEvent()]);

        expect(idsOf(repeat.repeated ?? [])).toEqual(idsOf(events));
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('records once what several send at the same time', async () => {
        const stream = newStream();
        const events = newEvents(2);

        const outcomes = await Promise.all(
          Array.from({ length: 10 }, () => store.append(stream, 'no-stream', events)),
        );

        expect(outcomes.filter(({ repeated }) => repeated === undefined)).toHaveLength(1);
        expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1);
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('recognises a command in another stream, and tells what it was', async () => {
        const [stream, other] = [newStream(), newStream()];
        const elsewhere = { ...other, organizationId: stream.organizationId };
        const commandId = randomUUID();
        const first = await store.append(stream, 'no-stream', commandEvents(commandId, 'one', 2));

        const repeat = await store.append(elsewhere, 'no-stream', commandEvents(commandId, 'two', 2));

        expect(repeat).toMatchObject({ revision: first.revision, position: first.position });
        expect(repeat.repeated?.map(({ requestDigest }) => requestDigest)).toEqual(['one', 'one']);
        expect(await store.readStream(elsewhere)).toEqual([]);
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('recognises a command after others have written to its stream, also when it has just been opened', async () => {
        const stream = newStream();
        const commandId = randomUUID();
        await store.append(stream, 'no-stream', newEvents(1));
        await store.append(stream, 0n, commandEvents(commandId, 'one', 2));
        await store.append(stream, 2n, newEvents(2));

        const another = await underTest.reopen();
        const repeat = await another.append(stream, 4n, commandEvents(commandId, 'one', 2));

        expect(repeat.repeated?.map(({ revision }) => revision)).toEqual([1n, 2n]);
        expect(await store.readStream(stream)).toHaveLength(5);
      });

      it('records a command once that several send at the same time', async () => {
        const stream = newStream();
        const commandId = randomUUID();

        const outcomes = await Promise.all(
          Array.from({ length: 10 }, () =>
            store.append(stream, 'no-stream', commandEvents(commandId, 'one', 2)),
          ),
        );

        expect(outcomes.filter(({ repeated }) => repeated === undefined)).toHaveLength(1);
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('lets a command that lost a race come again', async () => {
        const stream = newStream();
        const commandId = randomUUID();
        await store.append(stream, 'no-stream', newEvents(1));
        const losing = store.append(stream, 'no-stream', commandEvents(commandId, 'one'));
        await expect(losing).rejects.toMatchObject({ code: 'conflict' });

        const { repeated, revision } = await store.append(stream, 0n, commandEvents(commandId, 'one'));

        expect({ repeated, revision }).toEqual({ repeated: undefined, revision: 1n });
      });

      it('finds the events of a command, and none of another', async () => {
        const stream = newStream();
        const commandId = randomUUID();
        await store.append(stream, 'no-stream', newEvents(1));
        await store.append(stream, 0n, commandEvents(commandId, 'one', 3));
        await store.append(stream, 3n, newEvents(1));

        const events = await store.readCommand(stream.organizationId, commandId);

        expect(events.map(({ revision }) => revision)).toEqual([1n, 2n, 3n]);
        expect(await store.readCommand(stream.organizationId, randomUUID())).toEqual([]);
        expect(await store.readCommand(randomUUID(), commandId)).toEqual([]);
      });
    });

    describe('per item', () => {
      it('gives each item of a batch its own outcome, in their order', async () => {
        const [fresh, repeating, contested, chained] = [newStream(), newStream(), newStream(), newStream()];
        const earlier = newEvents(2);
        await store.append(repeating, 'no-stream', earlier);
        await store.append(contested, 'no-stream', newEvents(1));
        const item = (at: typeof fresh, expectedRevision: Append['expectedRevision'], count = 1): Append => ({
          ...at,
          expectedRevision,
          events: newEvents(count),
        });

        const outcomes = await store.appendMany([
          item(chained, 'no-stream', 2),
          item(contested, 'no-stream'),
          { ...repeating, expectedRevision: 'no-stream', events: earlier },
          item(chained, 1n),
          item(fresh, 'no-stream'),
          item(chained, 7n),
          item(chained, 2n),
          item(contested, 0n),
        ]);

        expect(outcomes.map(summaryOf)).toEqual([1n, 'conflict', 'repeated 1', 2n, 0n, 'conflict', 3n, 1n]);
        expect(await store.readStream(chained)).toHaveLength(4);
      });

      it('takes a batch of many streams', async () => {
        const organizationId = randomUUID();
        const batch = Array.from({ length: 200 }, (): Append => {
          return { ...newStream(organizationId), expectedRevision: 'no-stream', events: newEvents(2) };
        });
        const start = await store.head();

        const outcomes = await store.appendMany(batch);

        expect(outcomes.every(({ ok }) => ok)).toBe(true);
        const all = await pagesOf(store, start, { organizationId, limit: 150, count: 400 });
        expect(new Set(idsOf(all))).toEqual(new Set(batch.flatMap(({ events }) => idsOf(events))));
      });

      it('has no outcomes for an empty batch', async () => {
        expect(await store.appendMany([])).toEqual([]);
      });
    });

    describe('ordered', () => {
      it('shows each event once and in order to a pager and a subscriber while others write', async () => {
        const organizationId = randomUUID();
        const start = await store.head();
        const heard = collect();
        const subscription = await subscribe(store, start, heard, organizationId);
        const paging = pagesOf(store, start, { organizationId, limit: 7, count: 200 });

        await Promise.all(
          Array.from({ length: 8 }, async () => {
            const stream = newStream(organizationId);
            for (let revision = -1n; revision < 24n; revision += 1n) {
              await store.append(stream, revision < 0n ? 'no-stream' : revision, newEvents(1));
            }
          }),
        );

        const paged = await paging;
        await heard.reaches(200);
        await subscription.close();
        const again = await pagesOf(store, start, { organizationId, limit: 1_000, count: 200 });
        expect(positionsOf(paged)).toEqual([...new Set(positionsOf(paged))].sort(ascending));
        expect(idsOf(heard.events)).toEqual(idsOf(paged));
        expect(again).toEqual(paged);
      });

      it('pages through the whole store, foreign events among ours', async () => {
        const start = await store.head();
        const streams = Array.from({ length: 4 }, () => newStream());
        for (const stream of streams) await store.append(stream, 'no-stream', newEvents(3));

        const ours: RecordedEvent[] = [];
        for (let after = start; ours.length < 12;) {
          const page = await store.readAll(after, { limit: 5 });
          expect(page.events.length).toBeLessThanOrEqual(5);
          ours.push(...page.events.filter(({ stream }) => streams.some((one) => one.stream === stream)));
          after = page.through;
        }

        expect(ours.map(({ stream }) => stream)).toEqual(
          streams.flatMap(({ stream }) => [stream, stream, stream]),
        );
      });

      it('reads no further than asked', async () => {
        const stream = newStream();
        const { organizationId } = stream;
        const start = await store.head();
        await store.append(stream, 'no-stream', newEvents(4));
        const positions = positionsOf(await store.readStream(stream));

        const page = await store.readAll(start, { limit: 10, organizationId, upTo: positions[1]! });
        const rest = await store.readAll(page.through, { limit: 10, organizationId });
        const none = await store.readAll(positions[1]!, { limit: 10, upTo: positions[1]! });

        expect(positionsOf(page.events)).toEqual(positions.slice(0, 2));
        expect(page.through).toBe(positions[1]);
        expect(positionsOf(rest.events)).toEqual(positions.slice(2));
        expect(none).toEqual({ events: [], through: positions[1] });
      });

      it('says how far it looked where the filter left events out', async () => {
        const stream = newStream();
        const { organizationId } = stream;
        const start = await store.head();
        await store.append(stream, 'no-stream', newEvents(2));
        const { position: end } = await store.append(newStream(), 'no-stream', newEvents(20));

        const full = await store.readAll(start, { limit: 1, organizationId });
        const page = await store.readAll(full.through, { limit: 10, organizationId });
        await store.append(stream, 1n, newEvents(1));
        const next = await store.readAll(page.through, { limit: 10, organizationId });

        expect(full.through).toBe(full.events[0]!.position);
        expect(page.events).toHaveLength(1);
        expect(page.through).toBeGreaterThanOrEqual(end);
        expect(next.events.map(({ revision }) => revision)).toEqual([2n]);
      });
    });

    describe('subscribed', () => {
      it('delivers what is there, then what comes, through broken connections, until it is closed', async () => {
        const stream = newStream();
        const start = await store.head();
        await store.append(stream, 'no-stream', newEvents(3));
        const heard = collect();
        const subscription = await subscribe(store, start, heard, stream.organizationId);

        await heard.reaches(3);
        await store.append(stream, 2n, newEvents(2));
        await heard.reaches(5);
        await underTest.interrupt?.();
        await store.append(stream, 4n, newEvents(2));
        await heard.reaches(7);
        await subscription.close();
        await subscription.close();
        await store.append(stream, 6n, newEvents(2));

        const resumed = collect();
        const checkpoint = heard.events.at(-1)!.position;
        const again = await subscribe(await underTest.reopen(), checkpoint, resumed, stream.organizationId);
        await resumed.reaches(2);
        await again.close();
        expect(revisionsOf(heard.events)).toEqual(upTo(7));
        expect(revisionsOf(resumed.events)).toEqual([7n, 8n]);
      });

      it('delivers every organisation to who asks for none', async () => {
        const streams = [newStream(), newStream()];
        const start = await store.head();
        const heard = collect(({ stream }) => streams.some((one) => one.stream === stream));
        const subscription = await subscribe(store, start, heard);

        for (const stream of streams) await store.append(stream, 'no-stream', newEvents(1));

        await heard.reaches(2);
        await subscription.close();
        expect(heard.events.map(({ stream }) => stream)).toEqual(streams.map(({ stream }) => stream));
      });

      it('waits for one event to be consumed before it delivers the next', async () => {
        const stream = newStream();
        const start = await store.head();
        await store.append(stream, 'no-stream', newEvents(20));
        let [busy, most] = [0, 0];
        const heard = collect();
        const subscription = await store.subscribe(
          start,
          async (event) => {
            busy += 1;
            most = Math.max(most, busy);
            await new Promise((resolve) => setTimeout(resolve, 2));
            busy -= 1;
            await heard.onEvent(event);
          },
          { organizationId: stream.organizationId, onFailure: heard.onFailure },
        );

        await heard.reaches(20);
        await subscription.close();
        expect(most).toBe(1);
      });

      it('ends where the handler throws, says so once, and delivers that event again to who resumes', async () => {
        const stream = newStream();
        const { organizationId } = stream;
        const start = await store.head();
        await store.append(stream, 'no-stream', newEvents(5));
        const heard = collect();
        const failures: Error[] = [];
        const failed = new Promise<void>((resolve) => {
          void store.subscribe(
            start,
            async (event) => {
              if (event.revision === 2n) throw new Error('disk full');
              await heard.onEvent(event);
            },
            {
              organizationId,
              onFailure: (error) => {
                failures.push(error);
                resolve();
              },
            },
          );
        });

        await failed;
        await store.append(stream, 4n, newEvents(1));
        const resumed = collect();
        const again = await subscribe(store, heard.events.at(-1)!.position, resumed, organizationId);
        await resumed.reaches(4);
        await again.close();

        expect(revisionsOf(heard.events)).toEqual([0n, 1n]);
        expect(failures.map(({ message }) => message)).toEqual(['disk full']);
        expect(revisionsOf(resumed.events)).toEqual([2n, 3n, 4n, 5n]);
      });
    });

    describe('isolated', () => {
      it('keeps streams of the same name in two organisations apart', async () => {
        const stream = newStream();
        const namesake = { ...stream, organizationId: randomUUID() };
        const [ours, theirs] = [newEvents(2), newEvents(1)];

        await store.append(stream, 'no-stream', ours);
        await store.append(namesake, 'no-stream', theirs);

        expect(idsOf(await store.readStream(stream))).toEqual(idsOf(ours));
        expect(idsOf(await store.readStream(namesake))).toEqual(idsOf(theirs));
      });

      it('takes the same command in two organisations for two', async () => {
        const stream = newStream();
        const namesake = { ...stream, organizationId: randomUUID() };
        const commandId = randomUUID();

        await store.append(stream, 'no-stream', commandEvents(commandId, 'one'));
        const second = await store.append(namesake, 'no-stream', commandEvents(commandId, 'one'));

        expect(second.repeated).toBeUndefined();
        expect(await store.readCommand(namesake.organizationId, commandId)).toHaveLength(1);
      });

      it('pages and subscribes to one organisation without the other', async () => {
        const [stream, other] = [newStream(), newStream()];
        const start = await store.head();
        await store.append(other, 'no-stream', newEvents(3));
        await store.append(stream, 'no-stream', newEvents(2));
        await store.append(other, 2n, newEvents(3));
        const heard = collect();
        const subscription = await subscribe(store, start, heard, stream.organizationId);

        const { events } = await store.readAll(start, { limit: 10, organizationId: stream.organizationId });
        await heard.reaches(2);
        await subscription.close();

        expect(events.map((event) => event.stream)).toEqual([stream.stream, stream.stream]);
        expect(heard.events).toEqual(events);
      });
    });
  });
}

interface Collected {
  readonly events: readonly RecordedEvent[];
  readonly onEvent: (event: RecordedEvent) => Promise<void>;
  readonly onFailure: (error: Error) => void;
  /** Resolves when so many events were delivered; rejects where the subscription failed before. */
  reaches(count: number): Promise<void>;
}

function collect(wanted: (event: RecordedEvent) => boolean = () => true): Collected {
  const events: RecordedEvent[] = [];
  let failure: Error | undefined;
  return {
    events,
    onEvent: async (event) => {
      if (wanted(event)) events.push(event);
    },
    onFailure: (error) => (failure = error),
    reaches: async (count) => {
      const deadline = Date.now() + 20_000;
      while (events.length < count) {
        if (failure) throw failure;
        if (Date.now() > deadline) throw new Error(`${events.length} of ${count} events were delivered`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

function subscribe(
  store: EventStore,
  after: bigint,
  { onEvent, onFailure }: Collected,
  organizationId?: string,
): Promise<Subscription> {
  return store.subscribe(after, onEvent, { organizationId, onFailure });
}

/** Reads pages until `count` events of the organisation have come, new ones included. */
async function pagesOf(
  store: EventStore,
  start: bigint,
  { organizationId, limit, count }: { organizationId: string; limit: number; count: number },
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = start; events.length < count;) {
    const page = await store.readAll(after, { organizationId, limit });
    if (page.events.length > limit)
      throw new Error(`a page of ${page.events.length} where ${limit} was asked`);
    if (page.through < after) throw new Error('a page went back');
    events.push(...page.events);
    after = page.through;
  }
  return events;
}

function summaryOf(outcome: AppendOutcome): string | bigint {
  if (!outcome.ok) return isLetopisError(outcome.error) ? outcome.error.code : outcome.error.message;
  const { repeated, revision } = outcome.appended;
  return repeated === undefined ? revision : `repeated ${revision.toString()}`;
}

function idsOf(events: readonly { readonly id: string }[]): string[] {
  return events.map(({ id }) => id);
}

function positionsOf(events: readonly RecordedEvent[]): bigint[] {
  return events.map(({ position }) => position);
}

function revisionsOf(events: readonly RecordedEvent[]): bigint[] {
  return events.map(({ revision }) => revision);
}

function upTo(count: number): bigint[] {
  return Array.from({ length: count }, (_, index) => BigInt(index));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}
