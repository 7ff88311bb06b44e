import { type Finding, type Workflow } from '@letopis/compliance';
import { derivedId } from '@letopis/kernel';

export const NOW = '2025-11-20T09:00:00.000Z';
/** The channel was switched on long before. */
export const LONG_AGO = '2025-01-01T00:00:00.000Z';

const HOUR = 3_600_000;

/** So many hours after `NOW`, or before it where negative. */
export function inHours(hours: number): string {
  return new Date(Date.parse(NOW) + hours * HOUR).toISOString();
}

/** A claim to join that nobody has decided and that has four hours left, or whatever differs. */
export function findingOf(change: Partial<Finding> = {}): Finding {
  return {
    id: derivedId('test', 'finding'),
    control: 'C09',
    rule: 'request-decided',
    subject: 'a3b1c2d4-0000-4000-8000-000000000001',
    subjectKind: 'request',
    severity: 'medium',
    state: 'open',
    manner: 'duty',
    since: inHours(-100),
    dueAt: inHours(4),
    evidence: [derivedId('test', 'event')],
    cited: [{ id: derivedId('test', 'event'), type: 'JoinRequestSubmitted', occurredAt: inHours(-100) }],
    what: 'рассмотреть заявку на вступление',
    ...change,
  };
}

/** The same after its deadline has passed so many hours ago. */
export function overdueFor(hours: number, change: Partial<Finding> = {}): Finding {
  return findingOf({ state: 'overdue', dueAt: inHours(-hours), ...change });
}

/** Somebody was told two hours ago to mend it. */
export function assignedUntil(until: string): Workflow {
  return {
    status: 'assigned',
    personId: '0b9cdf00-0000-4000-8000-000000000001',
    at: inHours(-2),
    until,
    reason: 'Пусть Иванова разберёт заявки',
    eventId: derivedId('test', 'assignment'),
  };
}
