import { setImmediate as turn } from 'node:timers/promises';

/** In milliseconds. Who waits for an answer meanwhile does not notice so little. */
const LONGEST = 10;

/** Keeps long work from holding the thread: the work offers others a turn wherever it can, and they get one when it is time. */
export class Turns {
  private since = performance.now();

  /** @param signal ends the work where nobody wants it any more */
  constructor(private readonly signal?: AbortSignal) {}

  /** @throws what the signal was aborted with */
  async offer(): Promise<void> {
    if (performance.now() - this.since >= LONGEST) {
      await turn();
      this.since = performance.now();
    }
    this.signal?.throwIfAborted();
  }
}
