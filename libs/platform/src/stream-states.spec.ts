import { type ReadStreamOptions } from '@letopis/event-store';
import { type AnyEvent, type Concept, type RecordedEvent } from '@letopis/kernel';
import { StreamStates } from './stream-states';

const ref = { organizationId: '11111111-1111-4111-8111-111111111111', stream: 'tally-1' };

/** Counts its events. */
const tally: Concept<number, AnyEvent> = {
  name: 'tally',
  titleRu: 'Счёт',
  events: [],
  initial: 0,
  evolve: (count) => count + 1,
};

const journal: Concept<number, AnyEvent> = { ...tally, journal: true };

function eventAt(revision: bigint): RecordedEvent {
  return {
    ...ref,
    id: `00000000-0000-4000-8000-${revision.toString().padStart(12, '0')}`,
    type: 'Counted',
    schemaVersion: 1,
    revision,
    position: revision + 1n,
    occurredAt: '2025-11-17T14:00:00.000Z',
    recordedAt: '2025-11-17T14:00:00.000Z',
    actor: { id: 'actor', role: 'system' },
    source: 'system',
    commandId: '22222222-2222-4222-8222-222222222222',
    correlationId: '22222222-2222-4222-8222-222222222222',
    causationId: null,
    data: {},
  };
}

/** A stream of so many events; it tells what it was asked for. */
function streamOf(length: number) {
  const asked: ReadStreamOptions[] = [];
  const stream = {
    length,
    asked,
    readStream: async (_ref: object, options: ReadStreamOptions = {}): Promise<readonly RecordedEvent[]> => {
      asked.push(options);
      const all = Array.from({ length: stream.length }, (_, revision) => eventAt(BigInt(revision)));
      if (options.backwards === true) return all.toReversed().slice(0, options.limit);
      return all.filter(({ revision }) => revision >= (options.from ?? 0n));
    },
  };
  return stream;
}

const statesOf = (store: ReturnType<typeof streamOf>) => new StreamStates(store, (event) => event);

describe('the state of a stream', () => {
  it('given an empty stream, then it is the initial one, at no revision', async () => {
    expect(await statesOf(streamOf(0)).fresh(ref, tally)).toMatchObject({
      revision: -1n,
      recorded: -1n,
      state: 0,
    });
  });

  it('given events, then all are folded in and known to be recorded', async () => {
    expect(await statesOf(streamOf(3)).fresh(ref, tally)).toMatchObject({
      revision: 2n,
      recorded: 2n,
      state: 3,
    });
  });

  it('given it is known, then only what is new is read', async () => {
    const store = streamOf(3);
    const states = statesOf(store);
    await states.fresh(ref, tally);
    store.length = 5;
    expect([(await states.fresh(ref, tally)).state, store.asked]).toEqual([5, [{ from: 0n }, { from: 3n }]]);
  });

  it('given it was never read, then it is not known', () => {
    expect(statesOf(streamOf(3)).known(ref)).toBeUndefined();
  });

  it('given an event is folded in ahead of the store, then it is not known to be recorded', async () => {
    const states = statesOf(streamOf(1));
    const entry = await states.fresh(ref, tally);
    states.foldIn(entry, eventAt(1n));
    expect([entry.revision, entry.recorded]).toEqual([1n, 0n]);
  });

  it('given the store has what was folded in ahead, then it is not folded in twice', async () => {
    const store = streamOf(1);
    const states = statesOf(store);
    states.foldIn(await states.fresh(ref, tally), eventAt(1n));
    store.length = 2;
    expect((await states.fresh(ref, tally)).state).toBe(2);
  });

  it('given it was thrown away, then its holder sees that, and the next read begins anew', async () => {
    const states = statesOf(streamOf(1));
    const entry = await states.fresh(ref, tally);
    states.foldIn(entry, eventAt(1n));
    states.forget(ref);
    const next = await states.fresh(ref, tally);
    expect([entry.valid, next.valid, next.state]).toEqual([false, true, 1]);
  });

  it('given two ask at once, then both have the same state, folded in once', async () => {
    const states = statesOf(streamOf(4));
    const [first, second] = await Promise.all([states.fresh(ref, tally), states.fresh(ref, tally)]);
    expect([first === second, first.state]).toEqual([true, 4]);
  });

  it('given a journal, then only its end is read', async () => {
    const store = streamOf(1_000);
    expect([(await statesOf(store).fresh(ref, journal)).revision, store.asked]).toEqual([
      999n,
      [{ backwards: true, limit: 1 }],
    ]);
  });

  it('given an older version is stored, then the state is folded from today’s', async () => {
    const seen: number[] = [];
    const watched = {
      ...tally,
      evolve: (count: number, event: AnyEvent) => {
        seen.push('schemaVersion' in event ? Number(event.schemaVersion) : 0);
        return count + 1;
      },
    };
    const states = new StreamStates(streamOf(1), (event) => ({ ...event, schemaVersion: 3 }));
    await states.fresh(ref, watched);
    expect(seen).toEqual([3]);
  });
});
