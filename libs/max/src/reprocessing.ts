import { type MaxIntake } from './intake';
import { type MaxQuarantine, type QuarantinedUpdate } from './quarantine';
import { readUpdates } from './updates';

/** What became of the bodies that were in quarantine. */
export interface Reprocessed {
  readonly recorded: number;
  /** Still in quarantine. */
  readonly left: number;
}

/**
 * Records what is in quarantine and can be read by now: after an upgrade, or when a clock was wrong. Its events have the
 * ids that they would have had at once, so what has been recorded meanwhile is not recorded again. What still cannot be
 * read stays; of a batch, its unreadable parts.
 *
 * @throws LetopisError `unavailable`; what was recorded until then is, and the rest can be reprocessed again
 */
export async function reprocess(
  { intake, quarantine }: { readonly intake: MaxIntake; readonly quarantine: MaxQuarantine },
  organizationId: string,
): Promise<Reprocessed> {
  let recorded = 0;
  let left = 0;
  let page: readonly QuarantinedUpdate[] = [];
  do {
    page = await quarantine.list(organizationId, page.at(-1));
    for (const { rawSha256 } of page) {
      const body = await quarantine.body(organizationId, rawSha256);
      // The webhook's limit protects the webhook; here somebody asked for it.
      const updates = readUpdates(body, Infinity);
      const fates = await intake.take(organizationId, updates, 'platform');
      const stays = updates.some(
        (update, index) => update.rawSha256 === rawSha256 && fates[index]?.kept === true,
      );
      if (stays) {
        left += 1;
      } else {
        await quarantine.discard(organizationId, rawSha256);
        recorded += 1;
      }
    }
  } while (page.length > 0);
  return { recorded, left };
}
