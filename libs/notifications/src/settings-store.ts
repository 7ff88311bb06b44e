import { randomBytes } from 'node:crypto';
import { type Core } from '@letopis/platform';
import { type Channel, CHANNELS, type Topic, TOPICS, WEBHOOK } from './notice';
import { type ChannelSettings, type SettingsChange } from './settings';

/** Settings as they are shown: never with the secret. */
export interface SettingsView extends ChannelSettings {
  /** Whether deliveries can be signed; false for e-mail. */
  readonly hasSecret: boolean;
  /** Null where nobody has set anything yet. */
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

/** Somebody who wants to be told. */
export interface Subscription extends Pick<ChannelSettings, 'channel' | 'topics' | 'remindBeforeHours'> {
  readonly organizationId: string;
  /** Since when it is as it is; what came about before is old news. */
  readonly updatedAt: string;
}

interface SettingsRow {
  readonly organization_id: string;
  readonly channel: string;
  readonly enabled: boolean;
  readonly targets: readonly string[];
  readonly secret: Buffer | null;
  readonly topics: readonly string[];
  readonly remind_before_hours: readonly number[];
  readonly updated_at: Date;
  readonly updated_by: string;
}

const SECRET_BYTES = 32;

/** Keeps what organisations have set; secrets encrypted by the master key. */
export class SettingsStore {
  constructor(private readonly core: Pick<Core, 'database' | 'masterKey' | 'clock'>) {}

  async read(organizationId: string, channel: Channel): Promise<SettingsView> {
    const { rows } = await this.core.database.query<SettingsRow>(
      'SELECT * FROM letopis.notification_settings WHERE organization_id = $1 AND channel = $2',
      [organizationId, channel],
    );
    const [row] = rows;
    return row === undefined ? nothingSet(channel) : viewOf(row);
  }

  /** Channels that are on, over all organisations. */
  async subscriptions(): Promise<readonly Subscription[]> {
    const { rows } = await this.core.database.query<SettingsRow>(
      'SELECT * FROM letopis.notification_settings WHERE enabled ORDER BY organization_id, channel',
    );
    return rows.map((row) => {
      const { channel, topics, remindBeforeHours } = viewOf(row);
      const updatedAt = row.updated_at.toISOString();
      return { organizationId: row.organization_id, channel, topics, remindBeforeHours, updatedAt };
    });
  }

  /**
   * Keeps the settings. What waits for a channel that is switched off, or for a mailbox that has gone, is dead from then on.
   *
   * @returns with the webhook's secret where it is a fresh one: nobody is shown it again
   */
  async save(
    organizationId: string,
    channel: Channel,
    change: SettingsChange,
    by: string,
  ): Promise<{ readonly settings: SettingsView; readonly secret?: string }> {
    const { database, masterKey, clock } = this.core;
    const { enabled, targets, topics, remindBeforeHours, rotateSecret } = change;
    const needsSecret = channel === 'webhook' && targets.length > 0;
    const fresh =
      needsSecret && (rotateSecret || !(await this.read(organizationId, channel)).hasSecret)
        ? randomBytes(SECRET_BYTES).toString('base64url')
        : undefined;
    const sealed =
      fresh === undefined ? null : masterKey.wrap(Buffer.from(fresh), secretContext(organizationId));
    const { rows } = await database.query<SettingsRow>(
      `WITH kept AS (
         INSERT INTO letopis.notification_settings AS s
           (organization_id, channel, enabled, targets, secret, topics, remind_before_hours, updated_at, updated_by)
         VALUES ($1, $2, $3, $4, COALESCE($5::bytea, (
           SELECT secret FROM letopis.notification_settings WHERE organization_id = $1 AND channel = $2
         )), $6, $7, $8, $9)
         ON CONFLICT (organization_id, channel) DO UPDATE SET enabled = EXCLUDED.enabled, targets = EXCLUDED.targets,
           secret = COALESCE($5, s.secret), topics = EXCLUDED.topics,
           remind_before_hours = EXCLUDED.remind_before_hours, updated_at = EXCLUDED.updated_at,
           updated_by = EXCLUDED.updated_by
         RETURNING *
       ), stopped AS (
         UPDATE letopis.notifications
         SET status = 'dead', last_error = CASE WHEN $3 THEN 'The recipient is none any more' ELSE 'The channel was switched off' END
         WHERE organization_id = $1 AND channel = $2 AND status = 'waiting' AND (NOT $3 OR recipient <> ALL ($10::text[]))
       )
       SELECT * FROM kept`,
      [
        organizationId,
        channel,
        enabled,
        targets,
        sealed,
        topics,
        remindBeforeHours,
        clock.now(),
        by,
        channel === 'webhook' ? [WEBHOOK] : targets,
      ],
    );
    const [row] = rows;
    const settings = row === undefined ? nothingSet(channel) : viewOf(row);
    return { settings, ...(fresh !== undefined && { secret: fresh }) };
  }

  /** The secret as it is kept, opened. @throws LetopisError `integrity-broken` */
  secretOf(organizationId: string, sealed: Buffer): string {
    return this.core.masterKey.unwrap(sealed, secretContext(organizationId)).toString();
  }
}

function nothingSet(channel: Channel): SettingsView {
  return {
    channel,
    enabled: false,
    targets: [],
    topics: [],
    remindBeforeHours: [],
    hasSecret: false,
    updatedAt: null,
    updatedBy: null,
  };
}

function viewOf(row: SettingsRow): SettingsView {
  return {
    channel: CHANNELS.find((channel) => channel === row.channel) ?? 'webhook',
    enabled: row.enabled,
    targets: row.targets,
    // A topic that there is no more is nobody's wish any more.
    topics: row.topics.flatMap((name): Topic[] => TOPICS.filter((topic) => topic === name)),
    remindBeforeHours: row.remind_before_hours,
    hasSecret: row.secret !== null,
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
  };
}

/** Binds the sealed secret to its place. */
function secretContext(organizationId: string): string {
  return `notification-secret/${organizationId}`;
}
