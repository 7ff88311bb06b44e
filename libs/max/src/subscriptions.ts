import { type Clock, instant, isLetopisError, type JsonObject } from '@letopis/kernel';
import {
  type CommandRequest,
  type CommandService,
  type Core,
  IDEMPOTENCY_KEY_REUSED,
  LETOPIS,
} from '@letopis/platform';
import { type BotApis, UPDATE_TYPES } from './bot-api';
import { type MaxBots } from './bots';
import { type Connection, type GapReason, type MaxConnections } from './connections';
import { webhookAddress } from './webhook-address';

export interface MaxSubscriptionsParts {
  readonly commands: Pick<CommandService, 'executeAll'>;
  readonly bots: MaxBots;
  readonly connections: MaxConnections;
  readonly apis: BotApis;
  readonly clock: Clock;
  readonly log: Core['log'];
}

export interface ConnectRequest {
  /** The bot's token. */
  readonly token: string;
  /** Address of this installation as MAX reaches it. */
  readonly url: string;
  /** Name of the bot here; the bot's id in the messenger unless it is given. */
  readonly botId?: string;
  /** Address of the Bot API, where it is not the official client's. */
  readonly apiUrl?: string;
}

/** A connection, and what MAX says of it now. */
export interface ConnectionStatus {
  readonly connection: Connection;
  readonly subscribed: boolean;
  /** Why it is not known whether MAX is subscribed. */
  readonly problem?: string;
}

/** Who carries a command out, as `CommandRequest` has it. */
type Issuer = Pick<CommandRequest, 'caller' | 'source'>;

const HOUR = 3_600_000;
/** MAX ends a subscription after eight hours without a success: the alarm has to come before that. */
const GAP_AFTER_MS = 6 * HOUR;
/** A gap is to be seen within the hour (C31, gapAlert). */
const CHECK_EVERY_MS = HOUR / 2;
const CHECK_AGAIN_MS = HOUR / 12;
/** Without these the record has holes; others MAX may know or not. */
const NEEDED = [
  'bot_added',
  'bot_removed',
  'chat_title_changed',
  'message_created',
  'message_edited',
  'message_removed',
  'user_added',
  'user_removed',
];
const SYSTEM: Issuer = { caller: LETOPIS, source: 'system' };

/** Subscribes bots to updates, and sees to it that they stay subscribed. */
export class MaxSubscriptions {
  constructor(private readonly parts: MaxSubscriptionsParts) {}

  /**
   * Lets MAX post the bot's updates here, with a fresh secret, and looks after that from now on. Connecting again renews
   * everything; what a bot posts with its old secret is taken for 24 hours more.
   *
   * @throws LetopisError `invalid` where MAX could not post to the address; what `BotApi` rejects with, and then the
   *   connection of before stays as it was
   */
  async connect(organizationId: string, request: ConnectRequest, issuer: Issuer): Promise<Connection> {
    const { connections, apis, clock } = this.parts;
    const { token, apiUrl } = request;
    const url = webhookAddress(request.url, organizationId, apiUrl);
    const maxUserId = await apis.of(token, apiUrl).me();
    const botId = request.botId ?? maxUserId;
    const before = (await connections.list(organizationId)).find((connection) => connection.botId === botId);
    const secret = await this.subscribe({ organizationId, botId, url, apiUrl }, token);
    const now = clock.now();
    await connections.keep(
      { organizationId, botId, maxUserId, url, apiUrl, connectedAt: now, token, secret },
      new Date(now.getTime() + CHECK_EVERY_MS),
    );
    await this.recordSubscribed({ organizationId, botId, url }, issuer);
    if (before !== undefined && before.url !== url) {
      // Otherwise MAX posts everything twice; harmless, so a failure is only told.
      await apis
        .of(token, apiUrl)
        .unsubscribe(before.url)
        .catch((error: unknown) =>
          this.parts.log.warn({ err: error, botId }, 'The old address stays subscribed'),
        );
    }
    return connections.read(organizationId, botId);
  }

  /** Gives the bot a fresh secret; the old one ends in 24 hours. @throws LetopisError as `connect` does, or `not-found` */
  async rotate(organizationId: string, botId: string, issuer: Issuer): Promise<void> {
    const { connections, clock } = this.parts;
    const connection = await connections.read(organizationId, botId);
    const { token } = await connections.credentials(connection);
    const secret = await this.subscribe(connection, token);
    const now = clock.now();
    await connections.keep(
      { ...connection, connectedAt: now, token, secret },
      new Date(now.getTime() + CHECK_EVERY_MS),
    );
    await this.recordSubscribed(connection, issuer);
  }

  /**
   * Ends the subscription and forgets token and secrets. What the bot recorded stays, and the record says that it ended.
   *
   * @param force although MAX does not confirm
   * @throws LetopisError `not-found`; what `BotApi` rejects with, and then nothing has changed
   */
  async disconnect(
    organizationId: string,
    botId: string,
    issuer: Issuer,
    { force }: { readonly force: boolean },
  ): Promise<void> {
    const { connections, bots, apis, log } = this.parts;
    const connection = await connections.read(organizationId, botId);
    const { url, apiUrl } = connection;
    const { token } = await connections.credentials(connection);
    try {
      await apis.of(token, apiUrl).unsubscribe(url);
    } catch (error) {
      if (!force) throw error;
      log.warn({ err: error, botId }, 'MAX did not confirm the end of a subscription');
    }
    await this.record(organizationId, 'RecordIntegrationUnsubscribed', { botId, url }, issuer);
    await connections.remove(organizationId, botId);
    await bots.revoke(organizationId, botId);
  }

  /** The organisation's connections, and what MAX says of each now. Never rejects because of MAX. */
  async status(organizationId?: string): Promise<readonly ConnectionStatus[]> {
    const { connections } = this.parts;
    return Promise.all(
      (await connections.list(organizationId)).map(async (connection) => {
        try {
          return { connection, subscribed: (await this.missing(connection)) === undefined };
        } catch (error) {
          return { connection, subscribed: false, problem: messageOf(error) };
        }
      }),
    );
  }

  /** Checks the connections whose time has come, and mends them. Never rejects because of MAX. */
  async checkDue(): Promise<void> {
    const { connections, clock } = this.parts;
    const now = clock.now();
    const due = await connections.claimChecks(now, new Date(now.getTime() + CHECK_AGAIN_MS));
    await Promise.all(due.map((connection) => this.check(connection)));
  }

  private async check(connection: Connection): Promise<void> {
    const { connections, clock, log } = this.parts;
    const { organizationId, botId } = connection;
    const later = (milliseconds: number): Date => new Date(clock.now().getTime() + milliseconds);
    try {
      const missing = await this.missing(connection);
      if (missing === 'subscription') await this.openGap(connection, '8h_unsubscribe');
      if (missing !== undefined) {
        const { token, secret } = await connections.credentials(connection);
        await this.parts.apis.of(token, connection.apiUrl).subscribe(connection.url, secret);
        log.warn({ organizationId, botId, missing }, 'A bot of MAX was subscribed again');
      }
      if (missing !== undefined || connection.gap !== undefined)
        await this.recordSubscribed(connection, SYSTEM);
      await connections.noteSuccess(connection, clock.now(), later(CHECK_EVERY_MS));
    } catch (error) {
      if (!isLetopisError(error)) throw error;
      log.warn(
        { err: error, organizationId, botId },
        'The subscription of a bot of MAX could not be checked',
      );
      if (clock.now().getTime() - lastSuccess(connection).getTime() >= GAP_AFTER_MS) {
        await this.openGap(connection, 'outage');
      }
      await connections.noteFailure(connection, error.message, later(CHECK_AGAIN_MS));
    }
  }

  /** What of the subscription MAX does not have. */
  private async missing(connection: Connection): Promise<'subscription' | 'types' | undefined> {
    const { token } = await this.parts.connections.credentials(connection);
    const subscriptions = await this.parts.apis.of(token, connection.apiUrl).subscriptions();
    const own = subscriptions.find(({ url }) => url === connection.url);
    if (own === undefined) return 'subscription';
    // MAX may leave the list out where it posts everything.
    const complete = own.updateTypes.length === 0 || NEEDED.every((type) => own.updateTypes.includes(type));
    return complete ? undefined : 'types';
  }

  /** Once for each gap: the record first, so that a crash in between cannot swallow it. */
  private async openGap(connection: Connection, reason: GapReason): Promise<void> {
    if (connection.gap !== undefined) return;
    const { organizationId, botId } = connection;
    const from = lastSuccess(connection);
    await recordGap(this.parts, organizationId, { from, reason, botId });
    await this.parts.connections.openGap(connection, from, reason);
  }

  /** A fresh secret that MAX knows; the bot's old ones end in 24 hours. */
  private async subscribe(
    { organizationId, botId, url, apiUrl }: Pick<Connection, 'organizationId' | 'botId' | 'url' | 'apiUrl'>,
    token: string,
  ): Promise<string> {
    const { bots, apis } = this.parts;
    // Taken from now on, since MAX may post with it before it has answered; an answer may also get lost.
    const registered = await bots.admit(organizationId, botId);
    await apis.of(token, apiUrl).subscribe(url, registered.secret);
    await bots.supersede(organizationId, registered);
    return registered.secret;
  }

  private recordSubscribed(
    { organizationId, botId, url }: Pick<Connection, 'organizationId' | 'botId' | 'url'>,
    issuer: Issuer,
  ): Promise<void> {
    const payload = { botId, url, updateTypes: [...UPDATE_TYPES] };
    return this.record(organizationId, 'RecordIntegrationSubscribed', payload, issuer);
  }

  private async record(
    organizationId: string,
    name: string,
    payload: JsonObject,
    issuer: Issuer,
  ): Promise<void> {
    const [outcome] = await this.parts.commands.executeAll([{ name, organizationId, payload, ...issuer }]);
    if (outcome?.ok === false) throw outcome.error;
  }
}

/**
 * Records a gap that was found now, and raises the alarm. A gap is named by where it begins: found again, it is the same.
 *
 * @throws LetopisError `unavailable` where it could not be recorded
 */
export async function recordGap(
  { commands, clock, log }: Pick<MaxSubscriptionsParts, 'commands' | 'clock' | 'log'>,
  organizationId: string,
  { from, ...gap }: { from: Date; reason: GapReason; botId?: string; chatId?: string },
): Promise<void> {
  const subject = gap.botId ?? gap.chatId ?? '';
  const payload = { ...gap, from: instant(from), to: instant(clock.now()) };
  const [outcome] = await commands.executeAll([
    {
      name: 'RecordIntegrationGap',
      organizationId,
      payload,
      ...SYSTEM,
      idempotencyKey: `max/gap/${gap.reason}/${subject}/${payload.from}`,
    },
  ]);
  // Found before, at another instant.
  const known = outcome?.ok === false && isKnown(outcome.error);
  if (outcome?.ok === false && !known) throw outcome.error;
  log.error({ organizationId, ...payload }, 'Updates or members of MAX are missing: a gap in the record');
}

function isKnown(error: Error): boolean {
  return isLetopisError(error, 'conflict') && error.rule === IDEMPOTENCY_KEY_REUSED;
}

/** When MAX last posted an update of the bot or confirmed its subscription. */
function lastSuccess({ connectedAt, lastUpdateAt, lastCheckAt }: Connection): Date {
  return [connectedAt, lastUpdateAt, lastCheckAt]
    .filter((at) => at !== undefined)
    .reduce((latest, at) => (at > latest ? at : latest));
}

function messageOf(error: unknown): string {
  if (!isLetopisError(error)) throw error;
  return error.message;
}
