/** The queues of the workers; the metrics tell how many jobs each of them holds. */
export const QUEUES = {
  /** Hints that views can go on. */
  advance: 'projections',
  /** What follows from events by itself. */
  policies: 'policies',
  /** Judging organisations anew. */
  compliance: 'compliance',
  reports: 'reports',
  imports: 'imports',
  /** Messages that leave. */
  notifications: 'notifications',
  /** Asking the messenger. */
  max: 'max',
  /** What only time brings about. */
  timers: 'timers',
} as const;
