import { join } from 'node:path';
import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type EventStore, type MigrationSet } from '@letopis/event-store';
import { type Erasure, isLetopisError, type RecordedEvent } from '@letopis/kernel';
import { type KeyVault } from '@letopis/privacy';
import { type CommandService, IDEMPOTENCY_KEY_REUSED } from './command-service';

export const platformMigrations: MigrationSet = {
  component: 'platform',
  directory: join(__dirname, 'migrations'),
};

const PAGE = 500;

export interface PolicyRunnerParts {
  readonly pool: Pool;
  readonly store: Pick<EventStore, 'readAll'>;
  readonly commands: Pick<CommandService, 'follow'>;
  readonly vault: Pick<KeyVault, 'destroy'>;
  readonly erasures: readonly Erasure[];
  readonly log: Logger;
}

/**
 * Does what follows from an event, although a crash came between: reads the store behind the command service, follows
 * every event by policy once more, and destroys the keys that events order to be destroyed. A second time is the same as
 * the first: ids are derived, and a destroyed key stays destroyed.
 */
export class PolicyRunner {
  constructor(private readonly parts: PolicyRunnerParts) {}

  /** Follows everything up to the store's end. One process at a time does; another returns at once. */
  async run(): Promise<void> {
    while (await this.takePage());
  }

  /** One page in one transaction, so that what is done stays done. Whether there may be more. */
  private async takePage(): Promise<boolean> {
    const client = await this.parts.pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ position: string }>(
        'SELECT position FROM letopis.policy_checkpoint FOR UPDATE SKIP LOCKED',
      );
      const [row] = rows;
      const after = BigInt(row?.position ?? 0);
      const { position, more } =
        row === undefined ? { position: after, more: false } : await this.follow(after);
      if (position > after)
        await client.query('UPDATE letopis.policy_checkpoint SET position = $1', [position]);
      await client.query('COMMIT');
      return more;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** How far it came, and whether to go on from there. */
  private async follow(after: bigint): Promise<{ readonly position: bigint; readonly more: boolean }> {
    const { store, commands, log } = this.parts;
    const page = await store.readAll(after, { limit: PAGE });
    let position = after;
    for (const event of page.events) {
      await this.erase(event);
      for (const outcome of await commands.follow(event, event.organizationId)) {
        if (outcome.ok) continue;
        const final = isFinal(outcome.error);
        const message = final ? 'A policy could not be followed' : 'A policy is followed later';
        log[final ? 'error' : 'warn']({ err: outcome.error, eventId: event.id }, message);
        if (!final) return { position, more: false };
      }
      position = event.position;
    }
    return { position: page.through, more: page.events.length > 0 };
  }

  private async erase(event: RecordedEvent): Promise<void> {
    const { organizationId, data } = event;
    for (const erasure of this.parts.erasures) {
      if (erasure.on !== event.type) continue;
      await this.parts.vault.destroy({ organizationId, subjectId: erasure.subject({ data }) });
      this.parts.log.info({ eventId: event.id }, 'A key of a data subject is destroyed');
    }
  }
}

/** Whether the command would fail again; what else goes wrong (a store that is away, a lost race) passes. */
function isFinal(error: Error): boolean {
  return (
    isLetopisError(error, 'invalid') ||
    isLetopisError(error, 'rule-violated') ||
    isLetopisError(error, 'not-found') ||
    isLetopisError(error, 'forbidden') ||
    (isLetopisError(error, 'conflict') && error.rule === IDEMPOTENCY_KEY_REUSED)
  );
}
