import { type Logger } from 'pino';
import { type Jobs } from '@letopis/jobs';
import { QUEUES } from './queues';

/** Shorter than anybody notices, long enough that a burst of commands gives one hint. */
const GATHER_MS = 20;

/**
 * Tells the workers that there are new events. A hint may be lost (Redis flushed, unreachable): the sweep of the workers
 * finds the events all the same, a little later. So giving one never fails and never waits.
 */
export class Hints {
  private timer: NodeJS.Timeout | undefined;
  private underway: Promise<void> = Promise.resolve();

  constructor(
    private readonly jobs: Jobs,
    private readonly log: Logger,
  ) {}

  give(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.underway = this.underway.then(() => this.send());
    }, GATHER_MS);
  }

  /** Sends a hint that is still being gathered. */
  async close(): Promise<void> {
    if (this.timer !== undefined) {
      clearTimeout(this.timer);
      this.timer = undefined;
      await this.send();
    }
    await this.underway;
  }

  private async send(): Promise<void> {
    try {
      await this.jobs.add(QUEUES.advance, 'advance', {}, { collapse: 'advance', attempts: 1 });
    } catch (error) {
      this.log.warn({ err: error }, 'A hint was lost; the sweep will find the events');
    }
  }
}
