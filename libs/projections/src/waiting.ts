import { LetopisError } from '@letopis/kernel';

/** How far projections are, and which organisations are stopped at which position, by `stopKey`. */
export interface Standing {
  readonly positions: ReadonlyMap<string, bigint>;
  readonly stops: ReadonlyMap<string, bigint>;
}

export function stopKey(projection: string, organizationId: string): string {
  return `${projection}/${organizationId}`;
}

interface Waiter {
  readonly projections: readonly string[];
  readonly organizationId: string;
  readonly position: bigint;
  readonly settle: (error?: LetopisError) => void;
}

/** How often is looked, in milliseconds. */
const EVERY = 15;

/** Readers that wait for their own writes: one look serves all of them. */
export class Waiting {
  private readonly waiters = new Set<Waiter>();
  private looking = false;

  constructor(private readonly look: () => Promise<Standing>) {}

  /**
   * Resolves when `projections` have taken every event of the organisation up to `position`.
   *
   * @throws LetopisError `unavailable`: after `timeoutMs`, or at once where one of them is stopped before that
   */
  wait(
    projections: readonly string[],
    organizationId: string,
    position: bigint,
    timeoutMs: number,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        projections,
        organizationId,
        position,
        settle: (error) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      const late = (): void => waiter.settle(notYet(`The views have not reached position ${position} yet`));
      const timer = setTimeout(late, timeoutMs);
      this.waiters.add(waiter);
      if (!this.looking) void this.watch();
    });
  }

  /** Turns every waiter away. */
  close(): void {
    for (const waiter of this.waiters) waiter.settle(notYet('The views are closing'));
  }

  private async watch(): Promise<void> {
    this.looking = true;
    while (this.waiters.size > 0) {
      // Who comes during the look waits for the next one.
      const present = [...this.waiters];
      try {
        const standing = await this.look();
        for (const waiter of present) serve(waiter, standing);
      } catch (error) {
        for (const waiter of present) waiter.settle(notYet('The views cannot be reached', error));
      }
      if (this.waiters.size > 0) await new Promise((resolve) => setTimeout(resolve, EVERY));
    }
    this.looking = false;
  }
}

function serve(
  { projections, organizationId, position, settle }: Waiter,
  { positions, stops }: Standing,
): void {
  const stopped = projections.find((name) => {
    const stop = stops.get(stopKey(name, organizationId));
    return stop !== undefined && stop <= position;
  });
  if (stopped !== undefined) settle(notYet(`The view ${stopped} is stopped for the organisation`));
  else if (projections.every((name) => (positions.get(name) ?? -1n) >= position)) settle();
}

function notYet(message: string, cause?: unknown): LetopisError {
  return new LetopisError('unavailable', message, { retryAfterSeconds: 1, cause });
}
