import { type Pool } from 'pg';
import { type Clock, instant, isLetopisError } from '@letopis/kernel';
import { type CommandService, type Core } from '@letopis/platform';
import { type MasterKey } from '@letopis/privacy';
import { membersOfAccounts, type MessengerChat, openMessengerChats } from '@letopis/school';
import { type BotApis, type Roster } from './bot-api';
import { type Connection, type MaxConnections } from './connections';
import { MAX } from './intake';
import { accountPseudonym } from './quarantine';
import { recordGap } from './subscriptions';

export interface MaxRostersParts {
  readonly commands: Pick<CommandService, 'executeAll'>;
  readonly connections: MaxConnections;
  readonly apis: BotApis;
  readonly masterKey: MasterKey;
  readonly database: Pool;
  readonly views: Pool;
  readonly clock: Clock;
  readonly log: Core['log'];
}

/** What became of an organisation's chats. */
export interface Reconciled {
  /** Chats whose members were read and compared with the record. */
  readonly taken: number;
  /** Chats that no bot of the organisation may read. */
  readonly denied: number;
  /** Chats that could not be read, which says nothing of the bots' rights. */
  readonly failed: number;
}

const HOUR = 3_600_000;
/** C14 asks for every seven days. */
const EVERY_MS = 24 * HOUR;
const AGAIN_MS = HOUR;

/** Reads back who is in the chats: what the messenger does not tell, snapshots bring to light. */
export class MaxRosters {
  constructor(private readonly parts: MaxRostersParts) {}

  /** Reads the chats of the organisations whose time has come. Never rejects because of MAX. */
  async reconcileDue(): Promise<void> {
    const { connections, clock } = this.parts;
    const at = (milliseconds: number): Date => new Date(clock.now().getTime() + milliseconds);
    for (const organizationId of await connections.claimRosters(clock.now(), at(AGAIN_MS))) {
      const { failed } = await this.reconcile(organizationId);
      if (failed === 0) await connections.scheduleRosters(organizationId, at(EVERY_MS));
    }
  }

  /**
   * Reads the members and administrators of the organisation's registered chats, each through a bot that is an
   * administrator of it, and records them as snapshots. That no bot may is recorded as a gap, once.
   */
  async reconcile(organizationId: string): Promise<Reconciled> {
    const { connections, views, log } = this.parts;
    const bots = await connections.list(organizationId);
    const count = { taken: 0, denied: 0, failed: 0 };
    if (bots.length === 0) return count;
    for (const chat of await openMessengerChats(views, organizationId)) {
      try {
        const taken = await this.take(organizationId, chat, bots);
        if (taken) count.taken += 1;
        else count.denied += 1;
      } catch (error) {
        if (!isLetopisError(error)) throw error;
        count.failed += 1;
        log.warn(
          { err: error, organizationId, chatId: chat.chatId },
          'The members of a chat could not be read',
        );
      }
    }
    return count;
  }

  /** Whether there was a bot that may. @throws LetopisError where it is not known */
  private async take(
    organizationId: string,
    chat: MessengerChat,
    bots: readonly Connection[],
  ): Promise<boolean> {
    const { apis, connections } = this.parts;
    for (const bot of bots) {
      const { token } = await connections.credentials(bot);
      const api = apis.of(token, bot.apiUrl);
      if (!(await api.isAdministrator(chat.maxChatId))) continue;
      // Whatever happens while it is read happens after it.
      const takenAt = this.parts.clock.now();
      const roster = await api.roster(chat.maxChatId);
      await this.record(organizationId, chat, takenAt, withoutBots(roster, bots));
      await this.note(organizationId, chat.chatId, 'taken_at = $3, denied_since = NULL', takenAt);
      return true;
    }
    await this.deny(organizationId, chat);
    return false;
  }

  private async record(
    organizationId: string,
    { chatId }: MessengerChat,
    takenAt: Date,
    { members, admins, owner }: Roster,
  ): Promise<void> {
    const { commands, masterKey, views } = this.parts;
    const accountOf = (id: string): string => accountPseudonym(masterKey, organizationId, id);
    const names = await membersOfAccounts(views, organizationId, chatId, members.map(accountOf));
    const memberOf = (id: string): string => names.get(accountOf(id)) ?? accountOf(id);
    // One person may have two accounts in a chat.
    const all = (ids: readonly string[]): string[] => [...new Set(ids.map(memberOf))];
    const [outcome] = await commands.executeAll([
      {
        name: 'RecordChatRosterSnapshot',
        organizationId,
        payload: {
          chatId,
          memberIds: all(members),
          // A list must not be empty; where only the bot is one, nothing is said of administrators.
          ...(admins.length > 0 && { adminIds: all(admins) }),
          ...(owner !== undefined && { ownerId: memberOf(owner) }),
          takenAt: instant(takenAt),
          source: 'api',
        },
        caller: MAX,
        source: 'platform',
        occurredAt: instant(takenAt),
        idempotencyKey: `max/roster/${chatId}/${instant(takenAt)}`,
      },
    ]);
    if (outcome?.ok === false) throw outcome.error;
  }

  private async deny(organizationId: string, { chatId, registeredAt }: MessengerChat): Promise<void> {
    const { database, clock } = this.parts;
    const { rows } = await database.query<{ taken_at: Date | null; denied_since: Date | null }>(
      'SELECT taken_at, denied_since FROM letopis.max_rosters WHERE organization_id = $1 AND chat_id = $2',
      [organizationId, chatId],
    );
    const [known] = rows;
    if (known !== undefined && known.denied_since !== null) return;
    const from = known?.taken_at ?? new Date(registeredAt);
    await recordGap(this.parts, organizationId, { from, reason: 'no_admin_rights', chatId });
    await this.note(organizationId, chatId, 'denied_since = $3', clock.now());
  }

  private async note(
    organizationId: string,
    chatId: string,
    change: 'taken_at = $3, denied_since = NULL' | 'denied_since = $3',
    at: Date,
  ): Promise<void> {
    const { database } = this.parts;
    await database.query(
      'INSERT INTO letopis.max_rosters (organization_id, chat_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [organizationId, chatId],
    );
    await database.query(
      `UPDATE letopis.max_rosters SET ${change} WHERE organization_id = $1 AND chat_id = $2`,
      [organizationId, chatId, at],
    );
  }
}

/** The organisation's own bots keep the record; they are no members that it is about. */
function withoutBots({ members, admins, owner }: Roster, bots: readonly Connection[]): Roster {
  const own = new Set(bots.map(({ maxUserId }) => maxUserId));
  const others = (ids: readonly string[]): string[] => ids.filter((id) => !own.has(id));
  return { members: others(members), admins: others(admins), owner };
}
