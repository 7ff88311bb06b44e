import { type Concept, type RecordedEvent } from '@letopis/kernel';
import { StreamStates } from './stream-states';

const COUNTER: Concept<number> = {
  name: 'counter',
  titleRu: 'Счётчик',
  events: [],
  initial: 0,
  evolve: (count) => count + 1,
};
const REF = { organizationId: '0d5f8f52-6f0e-4d53-9f0b-52f1f1f0b001', stream: 'counter-1' };

function eventAt(revision: bigint): RecordedEvent {
  return {
    ...REF,
    id: `00000000-0000-4000-8000-00000000000${revision}`,
    type: 'Counted',
    schemaVersion: 1,
    occurredAt: '2026-03-02T08:00:00.000Z',
    recordedAt: '2026-03-02T08:00:00.000Z',
    actor: { id: 'somebody', role: 'director' },
    source: 'operator',
    commandId: '00000000-0000-4000-8000-0000000000c0',
    correlationId: '00000000-0000-4000-8000-0000000000c0',
    causationId: null,
    revision,
    position: revision + 1n,
    data: {},
  };
}

describe('the states of streams', () => {
  it('given an entry is thrown away while the store is asked, then the state still holds the whole stream', async () => {
    const recorded = [eventAt(0n), eventAt(1n)];
    const states = new StreamStates(
      { readStream: async (_ref, { from = 0n } = {}) => recorded.filter(({ revision }) => revision >= from) },
      (event) => event,
    );
    await states.fresh(REF, COUNTER);

    const asked = states.fresh(REF, COUNTER);
    states.forget(REF);

    expect(await asked).toMatchObject({ revision: 1n, recorded: 1n, state: 2, valid: true });
  });
});
