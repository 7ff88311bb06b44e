const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;

/** After so many attempts without success a notice is dead: some fourteen hours after the first. */
export const MAX_ATTEMPTS = 12;

/** Milliseconds to wait after the `attempts`-th attempt, from 1: 30 seconds, then twice as long each time, at most 6 hours. */
export function waitAfter(attempts: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
}
