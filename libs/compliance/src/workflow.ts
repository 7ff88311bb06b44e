/** What was decided about a finding, once. */
export interface FindingDecision {
  readonly finding: string;
  readonly kind: 'assigned' | 'remedied' | 'verified' | 'returned' | 'excepted' | 'dismissed' | 'reopened';
  /** Who is to mend it, for `assigned`; who decided, for the rest. */
  readonly personId: string;
  readonly at: string;
  /** Until when it is to be mended, or the exception holds. */
  readonly until?: string;
  /** Reason or recommendation; names nobody. */
  readonly reason?: string;
  readonly eventId: string;
  readonly recordedAt: string;
  readonly position: bigint;
}

export const WORKFLOW_STATUSES = ['assigned', 'remedied', 'verified', 'excepted', 'dismissed'] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

/** What has become of a finding by decision of people. */
export interface Workflow {
  readonly status: WorkflowStatus;
  readonly personId: string;
  readonly at: string;
  readonly until?: string;
  readonly reason?: string;
  readonly eventId: string;
}

/**
 * Where a finding stands as of an instant: of what had been decided by then, the decision that was recorded last
 * counts, as it does for the commands, whatever instants they name. An exception that has run out,
 * and a finding that was reopened, stand as if nothing had been decided, but for an assignment of before.
 */
export function workflowOf(decisions: readonly FindingDecision[], asOf: string): Workflow | undefined {
  const inOrder = decisions
    .filter(({ at }) => at <= asOf)
    .toSorted((a, b) => (a.position < b.position ? -1 : 1));
  let assignment: Workflow | undefined;
  let standing: Workflow | undefined;
  for (const { kind, personId, at, until, reason, eventId } of inOrder) {
    const details = {
      personId,
      at,
      ...(until !== undefined && { until }),
      ...(reason !== undefined && { reason }),
      eventId,
    };
    switch (kind) {
      case 'assigned':
        assignment = { status: 'assigned', ...details };
        standing = assignment;
        break;
      case 'returned':
      case 'reopened':
        standing = assignment;
        break;
      case 'remedied':
      case 'verified':
      case 'excepted':
      case 'dismissed':
        standing = { status: kind, ...details };
        break;
    }
  }
  const isOver = standing?.status === 'excepted' && standing.until !== undefined && standing.until < asOf;
  return isOver ? assignment : standing;
}
