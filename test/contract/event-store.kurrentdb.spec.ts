import { randomUUID } from 'node:crypto';
import { KurrentEventStore } from '@letopis/event-store';
import { commandEvents, newEvents, newStream } from '../support/events';
import { KurrentDouble } from '../support/kurrentdb-double';
import { describeEventStoreContract } from './event-store.contract';

async function onServer(url: string): Promise<{
  store: KurrentEventStore;
  reopen(): Promise<KurrentEventStore>;
  close(): Promise<void>;
}> {
  const stores = [await KurrentEventStore.open({ url })];
  return {
    store: stores[0]!,
    reopen: async () => {
      const store = await KurrentEventStore.open({ url });
      stores.push(store);
      return store;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

describeEventStoreContract('KurrentDB at the wire (double)', async () => {
  const double = await KurrentDouble.start();
  const server = await onServer(double.url);
  return {
    ...server,
    interrupt: () => double.restart(50),
    close: async () => {
      await server.close();
      await double.stop();
    },
  };
});

const realServer = process.env.LETOPIS_TEST_KURRENTDB_URL;
if (realServer) describeEventStoreContract('KurrentDB', () => onServer(realServer));

describe('event store on KurrentDB', () => {
  let double: KurrentDouble;
  let store: KurrentEventStore;

  beforeEach(async () => {
    double = await KurrentDouble.start();
    store = await KurrentEventStore.open({ url: double.url });
  });
  afterEach(async () => {
    await store.close();
    await double.stop();
  });

  it('is empty where only others have written', async () => {
    double.record('order-1', 'OrderPlaced', {});

    expect(await store.head()).toBe(0n);
    expect(await store.readAll(0n, { limit: 10 })).toEqual({ events: [], through: 0n });
  });

  it('appends for the first time in one request, and in one more for a command', async () => {
    const stream = newStream();
    await store.append(stream, 'no-stream', newEvents(2));
    await store.readStream(stream);
    const before = double.requests;

    await store.append(stream, 1n, newEvents(2));
    const plain = double.requests - before;
    await store.append(stream, 3n, commandEvents(randomUUID(), 'one', 2));
    const command = double.requests - before - plain;

    expect({ plain, command }).toEqual({ plain: 1, command: 2 });
  });

  it('records once, and as its own, an append whose answer got lost', async () => {
    const stream = newStream();
    double.loseAnswers(1);

    const { repeated, revision } = await store.append(stream, 'no-stream', newEvents(2));

    expect({ repeated, revision }).toEqual({ repeated: undefined, revision: 1n });
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('records once a command whose reservation got lost on its way back', async () => {
    const stream = newStream();
    double.loseAnswers(1);

    const { repeated } = await store.append(stream, 'no-stream', commandEvents(randomUUID(), 'one', 2));

    expect(repeated).toBeUndefined();
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  describe('after a crash between the reservation of a command and its events', () => {
    const commandId = randomUUID();
    const stream = newStream();
    const [first] = commandEvents(commandId, 'one');

    beforeEach(() => {
      const data = { stream: stream.stream, digest: 'one', firstEventId: first!.id, count: 1 };
      double.record(`command:${stream.organizationId}/${commandId}`, 'CommandReserved', data);
    });

    it('records the same request', async () => {
      const { repeated } = await store.append(stream, 'no-stream', commandEvents(commandId, 'one'));

      expect(repeated).toBeUndefined();
      expect(await store.readCommand(stream.organizationId, commandId)).toHaveLength(1);
    });

    it('refuses another request under the same key', async () => {
      const appending = store.append(stream, 'no-stream', commandEvents(commandId, 'two'));

      await expect(appending).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.readCommand(stream.organizationId, commandId)).toEqual([]);
    });
  });

  it('says that it is unavailable, and when to come again, while the server is away', async () => {
    await double.stop();

    const failures = await Promise.allSettled([
      store.append(newStream(), 'no-stream', newEvents(1)),
      store.readStream(newStream()),
      store.readAll(0n, { limit: 1 }),
      store.head(),
    ]);

    const unavailable = { reason: { code: 'unavailable', retryAfterSeconds: 5 } };
    expect(failures).toMatchObject([unavailable, unavailable, unavailable, unavailable]);
  });

  it('does not try the rest of a stream whose append may have been recorded', async () => {
    const stream = newStream();
    await double.stop();

    const outcomes = await store.appendMany([
      { ...stream, expectedRevision: 'no-stream', events: newEvents(1) },
      { ...stream, expectedRevision: 0n, events: newEvents(1) },
    ]);

    const lost = { ok: false, error: { code: 'unavailable' } };
    expect(outcomes).toMatchObject([lost, lost]);
  });

  it('refuses an append that is larger than the server takes', async () => {
    const events = [newEvents(1, { data: { text: 'x'.repeat(1_100_000) } })[0]!];

    await expect(store.append(newStream(), 'no-stream', events)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('does not read past what another program has written among its events', async () => {
    const stream = newStream();
    double.record(`event:${stream.organizationId}/${stream.stream}`, 'Foreign', { text: 'x' });

    await expect(store.readStream(stream)).rejects.toMatchObject({ code: 'integrity-broken' });
  });

  it.each([
    ['beside the connection string', '', { username: 'letopis', password: 'p@ss:/w?rd#%' }],
    ['within it', 'letopis:p%40ss%3A%2Fw%3Frd%23%25@', {}],
  ])('gives the server the credentials %s as they are meant', async (_where, inside, beside) => {
    const url = double.url.replace('://', `://${inside}`);
    const another = await KurrentEventStore.open({ url, ...beside });
    await another.close();

    expect(double.authorization).toBe(`Basic ${btoa('letopis:p@ss:/w?rd#%')}`);
  });

  it.each([
    ['no connection string', 'http//nowhere'],
    ['one that hides conflicts', 'kurrentdb://127.0.0.1:2113?tls=false&throwOnAppendFailure=false'],
  ])('refuses to open %s', async (_what, url) => {
    await expect(KurrentEventStore.open({ url })).rejects.toMatchObject({ code: 'invalid' });
  });
});
