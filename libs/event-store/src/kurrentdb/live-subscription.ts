import { streamNameFilter, START, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import { isLetopisError, type RecordedEvent } from '@letopis/kernel';
import { type SubscribeOptions, type Subscription } from '../event-store';
import { recordedEventOf, streamPrefixOf } from './stored-event';
import { pauseBefore } from './trouble';

/** How many events the server looks at before it sends a sign of life, where the filter lets none through. */
const SEARCH_WINDOW = 1_000;

export interface Log {
  warn(details: object, message: string): void;
}

/**
 * A subscription to `$all` behind the filter of one organisation or all. It reconnects for ever, from the last event that
 * was consumed; it ends when it is closed, and by itself only where `onEvent` throws or an event cannot be read.
 *
 * The server's checkpoints are not used: their positions have differed from version to version.
 */
export class LiveSubscription implements Subscription {
  private open = true;
  private attempt = 0;
  private wake: () => void = () => undefined;
  private readonly ended: Promise<void>;

  constructor(
    private readonly client: KurrentDBClient,
    private consumed: bigint,
    private readonly onEvent: (event: RecordedEvent) => Promise<void>,
    private readonly options: SubscribeOptions,
    private readonly log: Log | undefined,
  ) {
    this.ended = this.run();
  }

  async close(): Promise<void> {
    this.open = false;
    this.wake();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (this.open) {
      try {
        await this.follow();
      } catch (error) {
        if (error instanceof HandlerFailure || isLetopisError(error, 'integrity-broken')) {
          this.open = false;
          const cause = error instanceof HandlerFailure ? error.cause : error;
          this.options.onFailure(cause instanceof Error ? cause : new Error(String(cause)));
          return;
        }
        if (this.open) this.log?.warn({ err: error, after: this.consumed.toString() }, 'subscription lost');
      }
      if (this.open) await this.pause();
    }
  }

  /** Delivers until the connection is lost (returns or throws), the handler fails (throws) or it is closed (returns). */
  private async follow(): Promise<void> {
    const live = this.client.subscribeToAll({
      fromPosition: this.consumed === 0n ? START : { commit: this.consumed, prepare: this.consumed },
      filter: streamNameFilter({
        prefixes: [streamPrefixOf(this.options.organizationId)],
        maxSearchWindow: SEARCH_WINDOW,
        checkpointInterval: 1,
      }),
    });
    const stop = (): void => {
      // An error that comes after the end is of no interest, but without a listener it would end the process.
      live.on('error', () => undefined);
      live.unsubscribe().catch(() => undefined);
      live.destroy();
    };
    this.wake = stop;
    live.on('confirmation', () => (this.attempt = 0));
    try {
      for await (const { event: stored } of live) {
        if (!this.open) return;
        if (stored === undefined) continue;
        const event = recordedEventOf(stored);
        if (event.position > this.consumed) await this.deliver(event);
      }
    } finally {
      stop();
    }
  }

  private async deliver(event: RecordedEvent): Promise<void> {
    try {
      await this.onEvent(event);
    } catch (error) {
      throw new HandlerFailure(error);
    }
    this.consumed = event.position;
  }

  private async pause(): Promise<void> {
    this.attempt += 1;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseBefore(this.attempt));
      this.wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Tells an error of the handler from one of the connection. */
class HandlerFailure extends Error {
  constructor(override readonly cause: unknown) {
    super('The handler of a subscription failed');
  }
}
