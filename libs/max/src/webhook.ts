import { type Clock, instant, isLetopisError, LetopisError } from '@letopis/kernel';
import {
  IDEMPOTENCY_KEY_REUSED,
  type CommandOutcome,
  type CommandRequest,
  type CommandService,
} from '@letopis/platform';
import { type MasterKey } from '@letopis/privacy';
import { type MaxBots } from './bots';
import { commandOf, quarantineOf, type UpdateCommand } from './commands-of-updates';
import { type MaxQuarantine } from './quarantine';
import { readUpdates, type Update } from './updates';

export interface MaxWebhookParts {
  readonly commands: Pick<CommandService, 'executeAll'>;
  readonly bots: MaxBots;
  readonly quarantine: MaxQuarantine;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
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

/** What became of the updates that were in quarantine. */
export interface Reprocessed {
  readonly recorded: number;
  /** Still in quarantine. */
  readonly left: number;
}

interface Item {
  readonly update: Update;
  readonly command: UpdateCommand;
}

/** What became of one update. */
interface Fate {
  /** Its body is in quarantine. */
  readonly kept: boolean;
  /** Nothing was recorded that had not been before. */
  readonly repeated: boolean;
}

/** In whose name updates are recorded. */
const MAX = { id: 'max', roles: ['system'] as const };

/**
 * Takes in what MAX posts. When `receive` resolves, every update of the body is durable: as events, or in quarantine
 * with its body and an event that says so. MAX delivers at least once and in any order; an update is recorded once.
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
    await this.parts.bots.authenticate(organizationId, secretHeader);
    const fates = await this.take(organizationId, this.interpret(organizationId, rawBody));
    return {
      received: fates.length,
      duplicates: fates.filter(({ repeated }) => repeated).length,
      quarantined: fates.filter(({ kept, repeated }) => kept && !repeated).length,
    };
  }

  /** Records what is in quarantine and can be read by now: after an upgrade, or when a clock was wrong. */
  async reprocess(organizationId: string): Promise<Reprocessed> {
    const { quarantine } = this.parts;
    const waiting = await quarantine.list(organizationId);
    let recorded = 0;
    for (const { rawSha256 } of waiting) {
      const body = await quarantine.body(organizationId, rawSha256);
      const fates = await this.take(organizationId, this.interpret(organizationId, body));
      if (fates.some(({ kept }) => kept)) continue;
      await quarantine.discard(organizationId, rawSha256);
      recorded += 1;
    }
    return { recorded, left: waiting.length - recorded };
  }

  private interpret(organizationId: string, body: Buffer): readonly Item[] {
    const { masterKey, clock } = this.parts;
    const context = {
      organizationId,
      pseudonymOf: (maxUserId: string) => masterKey.pseudonym('max-user', organizationId, maxUserId),
      now: clock.now(),
    };
    return readUpdates(body).map((update) => ({ update, command: commandOf(update, context) }));
  }

  /** Carries the items out; what is refused, though nothing should be, goes into quarantine. */
  private async take(organizationId: string, items: readonly Item[]): Promise<readonly Fate[]> {
    const outcomes = await this.carryOut(organizationId, items);
    const fates = items.map((item, index) => fateOf(item.command, outcomes[index]));
    const refused = items.flatMap(({ update, command }, index) => {
      const reason = fates[index];
      return typeof reason === 'string' ? [{ update, command: quarantineOf(update, command, reason) }] : [];
    });
    const late = await this.carryOut(organizationId, refused);
    let next = 0;
    return fates.map((fate) => {
      if (typeof fate !== 'string') return fate;
      const lateFate = fateOf(refused[next]?.command, late[next]);
      next += 1;
      if (typeof lateFate === 'string')
        throw new LetopisError('unavailable', `Quarantine failed: ${lateFate}`);
      return lateFate;
    });
  }

  /** Bodies come first: an event that speaks of quarantine never stands without its body. */
  private async carryOut(organizationId: string, items: readonly Item[]): Promise<readonly CommandOutcome[]> {
    const { commands, quarantine, clock } = this.parts;
    for (const { update, command } of items) {
      const { dedupKey, updateType, quarantineReason: reason } = command;
      if (reason === undefined) continue;
      const receivedAt = instant(clock.now());
      const { raw, rawSha256 } = update;
      await quarantine.keep(organizationId, { rawSha256, dedupKey, updateType, reason, receivedAt }, raw);
    }
    return commands.executeAll(items.map(({ command }) => requestOf(organizationId, command)));
  }
}

function requestOf(organizationId: string, command: UpdateCommand): CommandRequest {
  const { name, payload, occurredAt, idempotencyKey } = command;
  return { name, organizationId, payload, caller: MAX, source: 'platform', occurredAt, idempotencyKey };
}

/** The update's fate, or the reason why its command was refused. @throws the error where MAX should come again */
function fateOf(command: UpdateCommand | undefined, outcome: CommandOutcome | undefined): Fate | string {
  if (command === undefined || outcome === undefined) {
    throw new LetopisError('unavailable', 'An update was not carried out');
  }
  const kept = command.quarantineReason !== undefined;
  if (outcome.ok) return { kept, repeated: outcome.reply.repeated };
  const { error } = outcome;
  if (!isLetopisError(error)) throw error;
  switch (error.code) {
    case 'conflict':
      // A stream on which others were faster time and again: nothing is recorded, and MAX comes again.
      if (error.rule !== IDEMPOTENCY_KEY_REUSED) throw error;
      return command.opaque
        ? { kept, repeated: true }
        : 'an update that says something else was recorded under the same key';
    case 'invalid':
    case 'rule-violated':
    case 'not-found':
    case 'forbidden':
    case 'too-large':
      return `refused as ${error.code} ${(error.fields ?? []).map(({ path }) => path).join(', ')}`
        .trim()
        .slice(0, 500);
    case 'unauthenticated':
    case 'throttled':
    case 'unavailable':
    case 'integrity-broken':
      throw error;
  }
}
