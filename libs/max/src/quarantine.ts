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

/** Keeps the bodies of updates that could not be read, encrypted, until they can be. */
export class MaxQuarantine {
  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
  ) {}

  /** Durable when it resolves. A body that is kept already stays as it is, with its first reason. */
  async keep(organizationId: string, update: QuarantinedUpdate, raw: Buffer): Promise<void> {
    const { rawSha256, dedupKey, updateType, reason, receivedAt } = update;
    await this.pool.query(
      `INSERT INTO letopis.max_quarantine
         (organization_id, raw_sha256, dedup_key, update_type, reason, raw, received_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [
        organizationId,
        rawSha256,
        dedupKey,
        updateType,
        reason,
        this.masterKey.wrap(raw, contextOf(organizationId, rawSha256)),
        receivedAt,
      ],
    );
  }

  /** What is in quarantine, oldest first, at most 1,000. */
  async list(organizationId: string): Promise<readonly QuarantinedUpdate[]> {
    const { rows } = await this.pool.query<QuarantineRow>(
      `SELECT raw_sha256, dedup_key, update_type, reason, received_at FROM letopis.max_quarantine
       WHERE organization_id = $1 ORDER BY received_at, raw_sha256 LIMIT ${PAGE}`,
      [organizationId],
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

  /** Forgets a body that has been recorded after all. */
  async discard(organizationId: string, rawSha256: string): Promise<void> {
    await this.pool.query(
      'DELETE FROM letopis.max_quarantine WHERE organization_id = $1 AND raw_sha256 = $2',
      [organizationId, rawSha256],
    );
  }
}

function contextOf(organizationId: string, rawSha256: string): string {
  return `max-quarantine/${organizationId}/${rawSha256}`;
}
