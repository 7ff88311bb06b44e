import { type Core } from '@letopis/platform';

const PATIENCE_MS = 5_000;

/**
 * Waits until a view holds what a caller has written (`?minPosition=`).
 *
 * @throws LetopisError `unavailable` with Retry-After where it does not in time
 */
export async function caughtUp(
  core: Core,
  views: string | readonly string[],
  organizationId: string,
  minPosition: bigint | undefined,
): Promise<void> {
  if (minPosition === undefined) return;
  await core.projections.waitFor(views, organizationId, minPosition, PATIENCE_MS);
}
