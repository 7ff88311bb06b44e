/** The queues of the workers; the metrics tell how many jobs each of them holds. */
export const QUEUES = {
  /** Hints that views can go on. */
  advance: 'projections',
  /** What follows from events by itself. */
  policies: 'policies',
  reports: 'reports',
  imports: 'imports',
  /** Asking the messenger. */
  max: 'max',
  /** What only time brings about. */
  timers: 'timers',
} as const;
