import { LetopisError, type RecordedEvent } from '@letopis/kernel';
import { type AllPage } from '@letopis/event-store';
import { type EventSource, Pages, type Prepare } from './pages';

function eventAt(position: bigint): RecordedEvent {
  return {
    id: `018f2a4e-7f1a-7c3e-9a54-${position.toString().padStart(12, '0')}`,
    organizationId: '5e000000-0000-4000-8000-000000000001',
    stream: 'chat-1',
    revision: position - 1n,
    position,
    type: 'ChatOpened',
    schemaVersion: 1,
    occurredAt: '2026-09-01T05:30:00.000Z',
    recordedAt: '2026-09-01T05:30:00.000Z',
    actor: { id: '018f2a4e-7f1a-7c3e-9a54-2f6f1c9d0b11', role: 'teacher' },
    source: 'operator',
    commandId: '018f2a4e-7f1a-7c3e-9a54-2f6f1c9d0b12',
    correlationId: 'none',
    causationId: null,
    data: {},
  };
}

/** A store of so many events that counts its reads. */
class CountingSource implements EventSource {
  reads = 0;
  constructor(public events: number) {}

  async readAll(after: bigint, { limit }: { limit: number }): Promise<AllPage> {
    this.reads += 1;
    const count = Math.min(limit, this.events - Number(after));
    const events = Array.from({ length: count }, (_, index) => eventAt(after + BigInt(index + 1)));
    return { events, through: after + BigInt(count) };
  }

  async head(): Promise<bigint> {
    return BigInt(this.events);
  }
}

const asRecorded: Prepare = (events) => events;
const opened: Pages[] = [];
afterEach(() => opened.splice(0).forEach((pages) => pages.clear()));

function pagesOf(source: EventSource, prepare = asRecorded): Pages {
  const pages = new Pages(source, prepare, 10);
  opened.push(pages);
  return pages;
}

it('reads a page once for all who ask for it', async () => {
  const source = new CountingSource(5);
  const pages = pagesOf(source);
  await Promise.all([pages.shared(0n), pages.shared(0n)]);
  await pages.shared(0n);
  expect(source.reads).toBe(1);
});

it('never takes the emptiness of a page on another reader’s word', async () => {
  const source = new CountingSource(0);
  const pages = pagesOf(source);
  const early = pages.shared(0n);
  source.events = 1;
  const late = await pages.shared(0n);
  await early;
  expect(late.through).toBe(1n);
});

it('finds the one event that cannot be prepared, and prepares the others', async () => {
  const spoilt: Prepare = (events) => {
    if (events.some(({ position }) => position === 7n)) throw new Error('no upcaster');
    return events;
  };
  const page = await pagesOf(new CountingSource(10), spoilt).read(0n);
  const failed = page.events.filter(({ error }) => error !== undefined);
  expect({ all: page.events.length, failed: failed.map(({ event }) => event.position) }).toEqual({
    all: 10,
    failed: [7n],
  });
});

it('fails as a whole where preparing is unavailable', async () => {
  const locked: Prepare = () => {
    throw new LetopisError('unavailable', 'The key vault cannot be reached');
  };
  await expect(pagesOf(new CountingSource(10), locked).read(0n)).rejects.toMatchObject({
    code: 'unavailable',
  });
});
