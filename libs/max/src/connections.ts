import { type Pool } from 'pg';
import { LetopisError } from '@letopis/kernel';
import { type MasterKey } from '@letopis/privacy';

export const GAP_REASONS = ['8h_unsubscribe', 'no_admin_rights', 'outage'] as const;
export type GapReason = (typeof GAP_REASONS)[number];

/** A bot whose subscription Letopis looks after. */
export interface Connection {
  readonly organizationId: string;
  readonly botId: string;
  /** The bot's own id in the messenger. */
  readonly maxUserId: string;
  /** The webhook that MAX posts to. */
  readonly url: string;
  /** Where its Bot API is; the official client's own address unless it is there. */
  readonly apiUrl?: string;
  readonly connectedAt: Date;
  /** When an update last came, to the minute. */
  readonly lastUpdateAt?: Date;
  /** When MAX last confirmed the subscription. */
  readonly lastCheckAt?: Date;
  /** The gap that is open: since when, and why. */
  readonly gap?: { readonly from: Date; readonly reason: string };
  /** Why the last check did not succeed. */
  readonly failure?: string;
}

export interface NewConnection extends Pick<
  Connection,
  'organizationId' | 'botId' | 'maxUserId' | 'url' | 'apiUrl' | 'connectedAt'
> {
  readonly token: string;
  readonly secret: string;
}

/** How the integration is, over all organisations. */
export interface MaxOverview {
  readonly bots: number;
  /** Bots whose updates do not come. */
  readonly gaps: number;
  /** Chats whose members no bot may read. */
  readonly unreadableChats: number;
  /** Bodies in quarantine. */
  readonly quarantined: number;
}

interface Row {
  readonly organization_id: string;
  readonly bot_id: string;
  readonly max_user_id: string;
  readonly url: string;
  readonly api_url: string | null;
  readonly connected_at: Date;
  readonly last_update_at: Date | null;
  readonly last_check_at: Date | null;
  readonly gap_from: Date | null;
  readonly gap_reason: string | null;
  readonly failure: string | null;
}

const COLUMNS = `organization_id, bot_id, max_user_id, url, api_url, connected_at, last_update_at, last_check_at,
  gap_from, gap_reason, failure`;
/** The last update is noted no oftener: a busy chat must not write this row with each message. */
const NOTE_EVERY_MS = 60_000;

/** The connections that Letopis keeps. Tokens and secrets are encrypted by the master key. */
export class MaxConnections {
  private readonly noted = new Map<string, number>();

  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
  ) {}

  /** Keeps the connection in place of the bot's one before; no gap is open in it. It is due for a roster at once. */
  async keep(connection: NewConnection, nextCheckAt: Date): Promise<void> {
    const { organizationId, botId, maxUserId, url, apiUrl, connectedAt, token, secret } = connection;
    await this.pool.query(
      `INSERT INTO letopis.max_connections (organization_id, bot_id, max_user_id, url, api_url, token, secret, connected_at,
         last_check_at, next_check_at, next_roster_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $8)
       ON CONFLICT (organization_id, bot_id) DO UPDATE SET max_user_id = EXCLUDED.max_user_id, url = EXCLUDED.url,
         api_url = EXCLUDED.api_url, token = EXCLUDED.token, secret = EXCLUDED.secret, last_check_at = EXCLUDED.last_check_at,
         next_check_at = EXCLUDED.next_check_at, next_roster_at = EXCLUDED.next_roster_at,
         gap_from = NULL, gap_reason = NULL, failure = NULL`,
      [
        organizationId,
        botId,
        maxUserId,
        url,
        apiUrl ?? null,
        this.masterKey.wrap(Buffer.from(token), contextOf('token', organizationId, botId)),
        this.masterKey.wrap(Buffer.from(secret), contextOf('secret', organizationId, botId)),
        connectedAt,
        nextCheckAt,
      ],
    );
  }

  /** Connections of one organisation, or of all. */
  async list(organizationId?: string): Promise<readonly Connection[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT ${COLUMNS} FROM letopis.max_connections WHERE $1::uuid IS NULL OR organization_id = $1
       ORDER BY organization_id, bot_id`,
      [organizationId ?? null],
    );
    return rows.map(connectionOf);
  }

  /** @throws LetopisError `not-found` */
  async read(organizationId: string, botId: string): Promise<Connection> {
    const { rows } = await this.pool.query<Row>(
      `SELECT ${COLUMNS} FROM letopis.max_connections WHERE organization_id = $1 AND bot_id = $2`,
      [organizationId, botId],
    );
    const [row] = rows;
    if (row === undefined) throw unknownBot(botId);
    return connectionOf(row);
  }

  /** What MAX knows the bot by, and what MAX sends with updates. @throws LetopisError `not-found` */
  async credentials({ organizationId, botId }: Pick<Connection, 'organizationId' | 'botId'>): Promise<{
    readonly token: string;
    readonly secret: string;
  }> {
    const { rows } = await this.pool.query<{ token: Buffer; secret: Buffer }>(
      'SELECT token, secret FROM letopis.max_connections WHERE organization_id = $1 AND bot_id = $2',
      [organizationId, botId],
    );
    const [row] = rows;
    if (row === undefined) throw unknownBot(botId);
    const open = (what: string, sealed: Buffer): string =>
      this.masterKey.unwrap(sealed, contextOf(what, organizationId, botId)).toString();
    return { token: open('token', row.token), secret: open('secret', row.secret) };
  }

  async remove(organizationId: string, botId: string): Promise<void> {
    await this.pool.query('DELETE FROM letopis.max_connections WHERE organization_id = $1 AND bot_id = $2', [
      organizationId,
      botId,
    ]);
  }

  /** Notes that an update of the bot came; of several within a minute, the first. */
  async noteUpdate(organizationId: string, botId: string, at: Date): Promise<void> {
    const key = `${organizationId}/${botId}`;
    if (at.getTime() - (this.noted.get(key) ?? 0) < NOTE_EVERY_MS) return;
    this.noted.set(key, at.getTime());
    await this.pool.query(
      `UPDATE letopis.max_connections SET last_update_at = $3
       WHERE organization_id = $1 AND bot_id = $2 AND (last_update_at IS NULL OR last_update_at < $3)`,
      [organizationId, botId, at],
    );
  }

  /** Connections that are to be checked at `now`; nobody else gets them before `until`. */
  async claimChecks(now: Date, until: Date): Promise<readonly Connection[]> {
    const { rows } = await this.pool.query<Row>(
      `UPDATE letopis.max_connections SET next_check_at = $2 WHERE next_check_at <= $1 RETURNING ${COLUMNS}`,
      [now, until],
    );
    return rows.map(connectionOf);
  }

  /** MAX confirmed the subscription: no gap is open any more. */
  async noteSuccess({ organizationId, botId }: Connection, at: Date, nextCheckAt: Date): Promise<void> {
    await this.pool.query(
      `UPDATE letopis.max_connections
       SET last_check_at = $3, next_check_at = $4, gap_from = NULL, gap_reason = NULL, failure = NULL
       WHERE organization_id = $1 AND bot_id = $2`,
      [organizationId, botId, at, nextCheckAt],
    );
  }

  async noteFailure(
    { organizationId, botId }: Connection,
    failure: string,
    nextCheckAt: Date,
  ): Promise<void> {
    await this.pool.query(
      `UPDATE letopis.max_connections SET failure = $3, next_check_at = $4
       WHERE organization_id = $1 AND bot_id = $2`,
      [organizationId, botId, failure, nextCheckAt],
    );
  }

  async openGap({ organizationId, botId }: Connection, from: Date, reason: GapReason): Promise<void> {
    await this.pool.query(
      `UPDATE letopis.max_connections SET gap_from = $3, gap_reason = $4 WHERE organization_id = $1 AND bot_id = $2`,
      [organizationId, botId, from, reason],
    );
  }

  /** Organisations whose chats are to be read at `now`; nobody else gets them before `until`. */
  async claimRosters(now: Date, until: Date): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ organization_id: string }>(
      `UPDATE letopis.max_connections SET next_roster_at = $2
       WHERE organization_id IN (SELECT organization_id FROM letopis.max_connections WHERE next_roster_at <= $1)
       RETURNING organization_id`,
      [now, until],
    );
    return [...new Set(rows.map((row) => row.organization_id))];
  }

  async scheduleRosters(organizationId: string, at: Date): Promise<void> {
    await this.pool.query(
      'UPDATE letopis.max_connections SET next_roster_at = $2 WHERE organization_id = $1',
      [organizationId, at],
    );
  }
}

/** For health checks and metrics. */
export async function maxOverview(pool: Pool): Promise<MaxOverview> {
  const { rows } = await pool.query<{ bots: number; gaps: number; unreadable: number; quarantined: number }>(
    `SELECT count(*)::integer AS bots, count(gap_from)::integer AS gaps,
       (SELECT count(denied_since)::integer FROM letopis.max_rosters) AS unreadable,
       (SELECT count(*)::integer FROM letopis.max_quarantine) AS quarantined
     FROM letopis.max_connections`,
  );
  const { bots = 0, gaps = 0, unreadable = 0, quarantined = 0 } = rows[0] ?? {};
  return { bots, gaps, unreadableChats: unreadable, quarantined };
}

function connectionOf(row: Row): Connection {
  return {
    organizationId: row.organization_id,
    botId: row.bot_id,
    maxUserId: row.max_user_id,
    url: row.url,
    ...(row.api_url !== null && { apiUrl: row.api_url }),
    connectedAt: row.connected_at,
    ...(row.last_update_at !== null && { lastUpdateAt: row.last_update_at }),
    ...(row.last_check_at !== null && { lastCheckAt: row.last_check_at }),
    ...(row.gap_from !== null && { gap: { from: row.gap_from, reason: row.gap_reason ?? '' } }),
    ...(row.failure !== null && { failure: row.failure }),
  };
}

function unknownBot(botId: string): LetopisError {
  return new LetopisError('not-found', `The organisation has no connected bot ${botId}: letopis max connect`);
}

/** Binds a sealed value to its place. */
function contextOf(what: string, organizationId: string, botId: string): string {
  return `max-${what}/${organizationId}/${botId}`;
}
