import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, instant, isLetopisError, LetopisError, type Source } from '@letopis/kernel';
import {
  IDEMPOTENCY_KEY_REUSED,
  type CommandOutcome,
  type CommandRequest,
  type CommandService,
} from '@letopis/platform';
import { type MasterKey } from '@letopis/privacy';
import { commandOf, quarantineOf, type UpdateCommand } from './commands-of-updates';
import { accountPseudonym, type MaxQuarantine } from './quarantine';
import { type Update } from './updates';

export interface MaxIntakeParts {
  readonly commands: Pick<CommandService, 'executeAll'>;
  readonly quarantine: MaxQuarantine;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
}

/** What became of one update. */
export interface Fate {
  /** Its body is in quarantine. */
  readonly kept: boolean;
  /** Nothing was recorded that had not been before. */
  readonly repeated: boolean;
}

interface Item {
  readonly update: Update;
  readonly command: UpdateCommand;
}

const OVERTAKEN_ATTEMPTS = 8;
const OVERTAKEN_WAIT_MS = 50;

/** In whose name updates are recorded; an update that comes by another way is still the same command of the same caller. */
export const MAX = { id: 'max', roles: ['system'] as const };

/**
 * Takes updates in, from whichever way they come. When `take` resolves, every update is durable: as events, or in
 * quarantine with its body and an event that says so. Taken again, an update records nothing.
 */
export class MaxIntake {
  constructor(private readonly parts: MaxIntakeParts) {}

  /**
   * What became of each update, in their order.
   *
   * @throws LetopisError `unavailable` where nothing or not all was recorded, and the updates should come again
   */
  async take(organizationId: string, updates: readonly Update[], source: Source): Promise<readonly Fate[]> {
    const { masterKey, clock } = this.parts;
    const context = {
      organizationId,
      pseudonymOf: (maxUserId: string) => accountPseudonym(masterKey, organizationId, maxUserId),
      now: clock.now(),
    };
    const items = updates.map((update) => ({ update, command: commandOf(update, context) }));
    const outcomes = await this.carryOut(organizationId, items, source);
    const fates = items.map((item, index) => fateOf(item.command, outcomes[index]));
    // What is refused, though nothing should be, goes into quarantine.
    const refused = items.flatMap(({ update, command }, index) => {
      const reason = fates[index];
      return typeof reason === 'string' ? [{ update, command: quarantineOf(update, command, reason) }] : [];
    });
    const late = await this.carryOut(organizationId, refused, source);
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
  private async carryOut(
    organizationId: string,
    items: readonly Item[],
    source: Source,
  ): Promise<readonly CommandOutcome[]> {
    const { commands, quarantine, clock } = this.parts;
    for (const { update, command } of items) {
      const { dedupKey, updateType, quarantineReason: reason } = command;
      if (reason === undefined) continue;
      const receivedAt = instant(clock.now());
      const { raw, rawSha256 } = update;
      await quarantine.keep(organizationId, { rawSha256, dedupKey, updateType, reason, receivedAt }, raw);
    }
    const requests = items.map(({ command }) => requestOf(organizationId, command, source));
    const outcomes = [...(await commands.executeAll(requests))];
    // What belongs to no chat goes into one stream of the organisation: in a crowd some are overtaken time and again.
    for (let attempt = 1; attempt <= OVERTAKEN_ATTEMPTS; attempt += 1) {
      const overtaken = [...outcomes.keys()].filter((index) => isOvertaken(outcomes[index]));
      if (overtaken.length === 0) break;
      await wait(Math.random() * OVERTAKEN_WAIT_MS * attempt);
      const again = await commands.executeAll(overtaken.flatMap((index) => requests[index] ?? []));
      for (const [position, index] of overtaken.entries()) {
        const outcome = again[position];
        if (outcome !== undefined) outcomes[index] = outcome;
      }
    }
    return outcomes;
  }
}

function isOvertaken(outcome: CommandOutcome | undefined): boolean {
  return (
    outcome?.ok === false &&
    isLetopisError(outcome.error, 'conflict') &&
    outcome.error.rule !== IDEMPOTENCY_KEY_REUSED
  );
}

function requestOf(organizationId: string, command: UpdateCommand, source: Source): CommandRequest {
  const { name, payload, occurredAt, idempotencyKey } = command;
  return { name, organizationId, payload, caller: MAX, source, occurredAt, idempotencyKey };
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
      // Overtaken to the last: nothing is recorded, and MAX comes again.
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
