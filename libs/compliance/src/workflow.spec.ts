import { type FindingDecision, workflowOf } from './workflow';

const ASSIGNEE = 'c0a80101-0000-4000-8000-000000000001';

/** Decisions in the order in which they were recorded. */
function recorded(...decisions: readonly Pick<FindingDecision, 'kind' | 'at' | 'until'>[]) {
  return decisions.map((decision, index): FindingDecision => ({
    ...decision,
    finding: 'c0a80101-0000-4000-8000-000000000002',
    personId: ASSIGNEE,
    eventId: `c0a80101-0000-4000-8000-00000000001${index}`,
    recordedAt: '2025-11-20T12:00:00.000Z',
    position: BigInt(index + 1),
  }));
}

const at = (hour: string): string => `2025-11-17T${hour}:00.000Z`;
const statusAt = (decisions: readonly FindingDecision[], hour: string) =>
  workflowOf(decisions, at(hour))?.status;

describe('the workflow of a finding', () => {
  const mended = recorded(
    { kind: 'assigned', at: at('10:00') },
    { kind: 'remedied', at: at('11:00') },
    { kind: 'verified', at: at('12:00') },
  );

  it.each([
    ['09:59', undefined],
    ['10:00', 'assigned'],
    ['11:30', 'remedied'],
    ['12:00', 'verified'],
  ])('at %s is %s, as was decided by then', (hour, status) => {
    expect(statusAt(mended, hour)).toBe(status);
  });

  it('does not depend on the order in which decisions are read', () => {
    expect(statusAt(mended.toReversed(), '13:00')).toBe('verified');
  });

  it('given a decision was recorded last though it is dated before the others, then it counts', () => {
    const decisions = recorded(
      { kind: 'assigned', at: at('10:00') },
      { kind: 'remedied', at: at('11:00') },
      { kind: 'verified', at: at('09:00') },
    );
    expect(statusAt(decisions, '12:00')).toBe('verified');
  });

  it.each([
    ['in its last instant', '15:00', 'excepted'],
    ['afterwards', '15:01', 'assigned'],
  ])('given an exception of what was assigned, then %s it is so', (_name, hour, status) => {
    const decisions = recorded(
      { kind: 'assigned', at: at('10:00') },
      { kind: 'excepted', at: at('11:00'), until: at('15:00') },
    );
    expect(statusAt(decisions, hour)).toBe(status);
  });

  it.each(['returned', 'reopened'] as const)(
    'given it was %s, then the assignment is in force again',
    (kind) => {
      const decisions = recorded(
        { kind: 'assigned', at: at('10:00') },
        { kind: 'remedied', at: at('11:00') },
        { kind, at: at('12:00') },
      );
      expect(workflowOf(decisions, at('13:00'))).toEqual(workflowOf(decisions.slice(0, 1), at('13:00')));
    },
  );
});
