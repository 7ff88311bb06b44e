import { type MaxIntake } from './intake';
import { piecesOf } from './recording';
import { readUpdates, type Update } from './updates';

/** What became of a recorded file. */
export interface Replayed {
  readonly updates: number;
  readonly recorded: number;
  /** Recorded before, or nothing new. */
  readonly duplicates: number;
  readonly quarantined: number;
  /** Lines or items that are no JSON: told, and not kept. */
  readonly broken: number;
}

const AT_ONCE = 200;

/**
 * Takes a recorded file in as if MAX posted its updates now; what the webhook has taken is not recorded again. What is
 * broken is told and harms nothing else.
 *
 * @param tell is given the line, from 1, of what is broken or went into quarantine
 * @throws LetopisError `unavailable`; what was recorded until then is, and the file can be replayed again
 */
export async function replay(
  intake: MaxIntake,
  organizationId: string,
  file: AsyncIterable<Buffer>,
  tell: (line: number, message: string) => void,
): Promise<Replayed> {
  const count = { updates: 0, recorded: 0, duplicates: 0, quarantined: 0, broken: 0 };
  let waiting: { readonly line: number; readonly update: Update }[] = [];
  const flush = async (): Promise<void> => {
    const taken = waiting;
    waiting = [];
    const updates = taken.map(({ update }) => update);
    const fates = await intake.take(organizationId, updates, 'import');
    for (const [index, { kept, repeated }] of fates.entries()) {
      count.updates += 1;
      if (repeated) count.duplicates += 1;
      else if (kept) count.quarantined += 1;
      else count.recorded += 1;
      if (kept) tell(taken[index]?.line ?? 0, 'cannot be read yet; it is kept in quarantine');
    }
  };
  for await (const piece of piecesOf(file)) {
    const { line } = piece;
    const updates = 'broken' in piece ? [] : readUpdates(piece.body, Infinity);
    const broken =
      'broken' in piece
        ? piece.broken
        : updates
            .map(({ content }) => ('unreadable' in content ? content.unreadable : undefined))
            .find(Boolean);
    if (broken !== undefined) {
      count.broken += 1;
      tell(line, broken);
    }
    for (const update of updates) {
      if ('unreadable' in update.content) continue;
      waiting.push({ line, update });
      if (waiting.length >= AT_ONCE) await flush();
    }
  }
  await flush();
  return count;
}
