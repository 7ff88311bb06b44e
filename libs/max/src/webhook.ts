import { type Clock } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { type MaxBots } from './bots';
import { type MaxConnections } from './connections';
import { type MaxIntake } from './intake';
import { readUpdates } from './updates';

export interface MaxWebhookParts {
  readonly bots: MaxBots;
  readonly intake: MaxIntake;
  readonly connections: Pick<MaxConnections, 'noteUpdate'>;
  readonly clock: Clock;
  readonly log: Core['log'];
}

/** What became of a body. What is neither a duplicate nor quarantined was recorded. */
export interface Received {
  /** Updates in the body. */
  readonly received: number;
  /** Of these, recorded before, or nothing new. */
  readonly duplicates: number;
  /** Of these, kept in quarantine. */
  readonly quarantined: number;
}

/**
 * Takes in what MAX posts. When `receive` resolves, every update of the body is durable: as events, or in quarantine
 * with its body and an event that says so. MAX delivers at least once and in any order; an update is recorded once, also
 * where several bots of the organisation sit in one chat.
 */
export class MaxWebhook {
  constructor(private readonly parts: MaxWebhookParts) {}

  /**
   * @param secretHeader the header X-Max-Bot-Api-Secret
   * @param rawBody the body, untouched
   * @throws LetopisError `unauthenticated`; `unavailable` where nothing or not all was recorded and MAX should come again
   */
  async receive(
    organizationId: string,
    secretHeader: string | undefined,
    rawBody: Buffer,
  ): Promise<Received> {
    const { bots, intake, connections, clock, log } = this.parts;
    const botId = await bots.authenticate(organizationId, secretHeader);
    const fates = await intake.take(organizationId, readUpdates(rawBody), 'platform');
    // The updates are recorded: that their coming is not noted must not bring them again.
    await connections
      .noteUpdate(organizationId, botId, clock.now())
      .catch((error: unknown) => log.warn({ err: error }, 'The coming of an update was not noted'));
    return {
      received: fates.length,
      duplicates: fates.filter(({ repeated }) => repeated).length,
      quarantined: fates.filter(({ kept, repeated }) => kept && !repeated).length,
    };
  }
}
