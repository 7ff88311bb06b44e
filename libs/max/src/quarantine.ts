import { type Pool } from 'pg';
import { LetopisError } from '@letopis/kernel';
import { type MasterKey } from '@letopis/privacy';

/** An update in quarantine, without its body. */
export interface QuarantinedUpdate {
  readonly rawSha256: string;
  readonly dedupKey: string;
  readonly updateType: string;
  readonly reason: string;
  /** RFC 3339 in UTC. */
  readonly receivedAt: string;
}

interface QuarantineRow {
  readonly raw_sha256: string;
  readonly dedup_key: string;
  readonly update_type: string;
  readonly reason: string;
  readonly received_at: Date;
}

const PAGE = 1_000;
/** What one organisation may keep: far more than a messenger that speaks its own language ever leaves here. */
export const MAX_KEPT_BODIES = 100_000;
const MAX_KEPT_BYTES = 512 * 1_024 * 1_024;
/** How long it is taken as read that there is room. */
const ROOM_MS = 10_000;
/** Accounts of one body that erasure can find it by. */
const MAX_ACCOUNTS = 1_000;

/**
 * Keeps the bodies of updates that could not be read, encrypted, until they can be. Bodies hold personal data: beside
 * each stand the pseudonyms of the accounts that it names, so that `erase` finds it.
 */
export class MaxQuarantine {
  private readonly roomUntil = new Map<string, number>();

  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
    private readonly maxBodies = MAX_KEPT_BODIES,
  ) {}

  /**
   * Durable when it resolves. A body that is kept already stays as it is, with its first reason.
   *
   * @throws LetopisError `unavailable` where the organisation's quarantine is full: MAX comes again, for as long as it does
   */
  async keep(organizationId: string, update: QuarantinedUpdate, raw: Buffer): Promise<void> {
    const { rawSha256, dedupKey, updateType, reason, receivedAt } = update;
    await this.mustHaveRoom(organizationId);
    await this.pool.query(
      `INSERT INTO letopis.max_quarantine
         (organization_id, raw_sha256, dedup_key, update_type, reason, raw, received_at, accounts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [
        organizationId,
        rawSha256,
        dedupKey,
        updateType,
        reason,
        this.masterKey.wrap(raw, contextOf(organizationId, rawSha256)),
        receivedAt,
        this.accountsIn(organizationId, raw),
      ],
    );
  }

  /** What is in quarantine, oldest first, at most 1,000, behind `after`. */
  async list(organizationId: string, after?: QuarantinedUpdate): Promise<readonly QuarantinedUpdate[]> {
    const { rows } = await this.pool.query<QuarantineRow>(
      `SELECT raw_sha256, dedup_key, update_type, reason, received_at FROM letopis.max_quarantine
       WHERE organization_id = $1 AND ($2::timestamptz IS NULL OR (received_at, raw_sha256) > ($2, $3))
       ORDER BY received_at, raw_sha256 LIMIT ${PAGE}`,
      [organizationId, after?.receivedAt ?? null, after?.rawSha256 ?? null],
    );
    return rows.map((row) => ({
      rawSha256: row.raw_sha256,
      dedupKey: row.dedup_key,
      updateType: row.update_type,
      reason: row.reason,
      receivedAt: row.received_at.toISOString(),
    }));
  }

  /** The body, byte for byte as it came. It holds personal data. @throws LetopisError `not-found` */
  async body(organizationId: string, rawSha256: string): Promise<Buffer> {
    const { rows } = await this.pool.query<{ raw: Buffer }>(
      'SELECT raw FROM letopis.max_quarantine WHERE organization_id = $1 AND raw_sha256 = $2',
      [organizationId, rawSha256],
    );
    const [row] = rows;
    if (row === undefined) throw new LetopisError('not-found', 'There is no such update in quarantine');
    return this.masterKey.unwrap(row.raw, contextOf(organizationId, rawSha256));
  }

  /**
   * Erases the bodies that name one of the accounts, by their pseudonyms; how many. The events that speak of them hold
   * digests only and stay.
   */
  async erase(organizationId: string, accounts: readonly string[]): Promise<number> {
    const { rowCount } = await this.pool.query(
      'DELETE FROM letopis.max_quarantine WHERE organization_id = $1 AND accounts && $2::uuid[]',
      [organizationId, accounts],
    );
    return rowCount ?? 0;
  }

  /** Forgets a body that has been recorded after all. */
  async discard(organizationId: string, rawSha256: string): Promise<void> {
    await this.pool.query(
      'DELETE FROM letopis.max_quarantine WHERE organization_id = $1 AND raw_sha256 = $2',
      [organizationId, rawSha256],
    );
  }

  /** Every number that stands as an account's id somewhere in the text, whether or not it is JSON. */
  private accountsIn(organizationId: string, raw: Buffer): readonly string[] {
    const ids = raw
      .toString('utf8')
      .matchAll(/"(?:user|inviter|admin|owner)_id"\s*:\s*"?(-?\d{1,19})(?!\d)/g);
    const accounts = new Set<string>();
    for (const [, id = ''] of ids) {
      accounts.add(accountPseudonym(this.masterKey, organizationId, BigInt(id).toString()));
      if (accounts.size === MAX_ACCOUNTS) break;
    }
    return [...accounts];
  }

  private async mustHaveRoom(organizationId: string): Promise<void> {
    const now = performance.now();
    if ((this.roomUntil.get(organizationId) ?? 0) > now) return;
    const { rows } = await this.pool.query<{ bodies: number; bytes: string }>(
      `SELECT count(*)::integer AS bodies, coalesce(sum(octet_length(raw)), 0)::text AS bytes
       FROM letopis.max_quarantine WHERE organization_id = $1`,
      [organizationId],
    );
    const { bodies = 0, bytes = '0' } = rows[0] ?? {};
    if (bodies >= this.maxBodies || Number(bytes) >= MAX_KEPT_BYTES) {
      throw new LetopisError(
        'unavailable',
        'The quarantine of the organisation is full: letopis max reprocess',
        {
          retryAfterSeconds: 60,
        },
      );
    }
    this.roomUntil.set(organizationId, now + ROOM_MS);
  }
}

/** The pseudonym of an account of the messenger within the organisation. It cannot be traced back without the key. */
export function accountPseudonym(masterKey: MasterKey, organizationId: string, maxUserId: string): string {
  return masterKey.pseudonym('max-user', organizationId, maxUserId);
}

function contextOf(organizationId: string, rawSha256: string): string {
  return `max-quarantine/${organizationId}/${rawSha256}`;
}
