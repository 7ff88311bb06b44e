import { type Pool } from 'pg';
import { type JsonObject, LetopisError } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { MAX_ATTEMPTS, waitAfter } from './backoff';
import {
  type Channel,
  CHANNELS,
  type Delivery,
  DIGEST,
  type Notice,
  type Outgoing,
  TEST_TOPIC,
  WEBHOOK,
} from './notice';

export const NOTIFICATION_STATUSES = ['waiting', 'sent', 'dead'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** A notice on its way, as the organisation sees it. */
export interface NotificationView {
  readonly id: string;
  readonly channel: Channel;
  /** An e-mail address, or `webhook`. */
  readonly recipient: string;
  readonly topic: string;
  readonly subject: string;
  readonly createdAt: string;
  /** `dead`: it was given up; it can be sent again by hand. */
  readonly status: NotificationStatus;
  readonly attempts: number;
  /** Null unless it waits. */
  readonly nextAttemptAt: string | null;
  /** What came of the last attempt, where it was no success. */
  readonly lastError: string | null;
  readonly sentAt: string | null;
}

export interface NotificationPage {
  readonly items: readonly NotificationView[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

export interface NotificationQuestion {
  readonly status?: NotificationStatus;
  readonly limit: number;
  readonly cursor?: string;
}

/** A notice that this process has taken, to deliver it. */
export interface Taken {
  readonly outgoing: Outgoing;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly targets: readonly string[];
  /** The webhook's secret, sealed. */
  readonly secret: Buffer | null;
}

interface NotificationRow {
  readonly id: string;
  readonly organization_id: string;
  readonly channel: string;
  readonly recipient: string;
  readonly topic: string;
  readonly subject: string;
  readonly body: string;
  readonly data: JsonObject;
  readonly created_at: Date;
  readonly status: NotificationStatus;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly last_error: string | null;
  readonly sent_at: Date | null;
}

type NewNotice = Omit<Notice, 'topic'> & { readonly topic: Notice['topic'] | typeof TEST_TOPIC };

/** Longer than any attempt can take; whoever dies meanwhile has its notices taken by another then. */
const TAKEN_FOR_MS = 5 * 60_000;
const MAX_ERROR_LENGTH = 500;

/** Keeps notices until they have arrived, or cannot. */
export class Outbox {
  private readonly pool: Pool;

  constructor(private readonly core: Pick<Core, 'database' | 'masterKey' | 'clock'>) {
    this.pool = core.database;
  }

  /**
   * Keeps the notices for every recipient whose organisation wants them; those of the test topic, whatever it has chosen.
   *
   * @returns ids of what was not there before
   */
  async put(notices: readonly NewNotice[]): Promise<readonly string[]> {
    if (notices.length === 0) return [];
    const { rows } = await this.pool.query<{ id: string }>(
      `INSERT INTO letopis.notifications
         (organization_id, channel, recipient, topic, key, subject, body, data, created_at, next_attempt_at)
       SELECT n.organization_id, s.channel, r.recipient, n.topic, n.key, n.subject, n.body, n.data::jsonb, $8::timestamptz, $8
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         AS n (organization_id, topic, channel, key, subject, body, data)
       JOIN letopis.notification_settings s ON s.organization_id = n.organization_id AND s.enabled
         AND (n.channel IS NULL OR n.channel = s.channel) AND (n.topic = $10 OR n.topic = ANY (s.topics))
       CROSS JOIN LATERAL unnest(CASE s.channel WHEN 'webhook' THEN ARRAY[$9::text] ELSE s.targets END) AS r (recipient)
       ON CONFLICT (organization_id, channel, recipient, key) DO NOTHING
       RETURNING id`,
      [
        notices.map(({ organizationId }) => organizationId),
        notices.map(({ topic }) => topic),
        notices.map(({ channel }) => channel ?? null),
        notices.map(({ key }) => key),
        notices.map(({ subject }) => subject),
        notices.map(({ body }) => body),
        notices.map(({ data }) => JSON.stringify(data)),
        this.core.clock.now(),
        WEBHOOK,
        TEST_TOPIC,
      ],
    );
    return rows.map(({ id }) => id);
  }

  /** Which of the keys were put in for the channel before, by themselves or within a digest, and when first. */
  async told(
    organizationId: string,
    channel: Channel,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    if (keys.length === 0) return new Map();
    const { rows } = await this.pool.query<{ key: string; first: Date }>(
      `SELECT key, min(created_at) AS first FROM (
         SELECT key, created_at FROM letopis.notifications
         WHERE organization_id = $1 AND channel = $2 AND key = ANY ($3::text[])
         UNION ALL
         SELECT k.key, n.created_at
         FROM letopis.notifications n CROSS JOIN LATERAL jsonb_array_elements_text(n.data -> 'keys') AS k (key)
         WHERE n.organization_id = $1 AND n.channel = $2 AND starts_with(n.key, $4) AND k.key = ANY ($3::text[])
       ) AS told GROUP BY key`,
      [organizationId, channel, keys, DIGEST],
    );
    return new Map(rows.map(({ key, first }) => [key, first.toISOString()]));
  }

  /**
   * Takes notices of the channel whose time has come, the most overdue first. Nobody else gets them within five minutes.
   *
   * @param except organisations that are left out
   */
  async take(channel: Channel, limit: number, except: readonly string[]): Promise<readonly Taken[]> {
    const now = this.core.clock.now();
    const { rows } = await this.pool.query<
      NotificationRow & { readonly targets: readonly string[]; readonly secret: Buffer | null }
    >(
      `WITH due AS MATERIALIZED (
         SELECT n.id, s.targets, s.secret
         FROM letopis.notifications n
         JOIN letopis.notification_settings s USING (organization_id, channel)
         WHERE n.channel = $1 AND n.status = 'waiting' AND n.next_attempt_at <= $2 AND s.enabled
           AND n.organization_id <> ALL ($5::uuid[])
         ORDER BY n.next_attempt_at, n.id
         LIMIT $4
         FOR UPDATE OF n SKIP LOCKED
       )
       UPDATE letopis.notifications n SET attempts = n.attempts + 1, next_attempt_at = $3
       FROM due WHERE n.id = due.id
       RETURNING n.*, due.targets, due.secret`,
      [channel, now, new Date(now.getTime() + TAKEN_FOR_MS), limit, except],
    );
    return rows.map((row) => ({
      outgoing: outgoingOf(row),
      attempt: row.attempts,
      targets: row.targets,
      secret: row.secret,
    }));
  }

  /** Notes what became of an attempt. @returns the status that the notice has now, where this attempt decides it */
  async settle(
    { outgoing: { id }, attempt }: Taken,
    delivery: Delivery,
  ): Promise<NotificationStatus | undefined> {
    const now = this.core.clock.now();
    if (delivery.kind === 'sent') {
      await this.pool.query(
        `UPDATE letopis.notifications SET status = 'sent', sent_at = $2, last_error = NULL WHERE id = $1 AND status <> 'sent'`,
        [id, now],
      );
      return 'sent';
    }
    const dead = delivery.kind === 'refused' || attempt >= MAX_ATTEMPTS;
    // Where somebody else has taken it meanwhile, that attempt counts.
    const { rowCount } = await this.pool.query(
      `UPDATE letopis.notifications SET status = $3, next_attempt_at = $4, last_error = $5
       WHERE id = $1 AND attempts = $2 AND status = 'waiting'`,
      [
        id,
        attempt,
        dead ? 'dead' : 'waiting',
        new Date(now.getTime() + waitAfter(attempt)),
        // A server may answer anything, even what the database does not store.
        delivery.reason
          .replace(/[\s\p{Cc}]+/gu, ' ')
          .trim()
          .slice(0, MAX_ERROR_LENGTH),
      ],
    );
    if (rowCount === 0) return undefined;
    return dead ? 'dead' : 'waiting';
  }

  /** The organisation's notices, the latest first. @throws LetopisError `invalid` for a cursor of another question */
  async list(
    organizationId: string,
    { status, limit, cursor }: NotificationQuestion,
  ): Promise<NotificationPage> {
    const seal = (place: string): string =>
      this.core.masterKey.digest(JSON.stringify(['notifications', organizationId, status, place]));
    const [createdAt, id] = placeOf(cursor, seal);
    const { rows } = await this.pool.query<NotificationRow>(
      `SELECT * FROM letopis.notifications
       WHERE organization_id = $1 AND ($2::text IS NULL OR status = $2)
         AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
       ORDER BY created_at DESC, id DESC LIMIT $5`,
      [organizationId, status ?? null, createdAt, id, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const place = last === undefined ? '' : `${last.created_at.getTime()}_${last.id}`;
    return {
      items: items.map(viewOf),
      ...(rows.length > limit && { nextCursor: `${place}.${seal(place)}` }),
    };
  }

  /**
   * Lets a dead notice be tried again, with all its attempts.
   *
   * @throws LetopisError `not-found`; `conflict` where it is not dead, or its channel is off or has this recipient no more
   */
  async revive(organizationId: string, id: string): Promise<NotificationView> {
    const { rows } = await this.pool.query<NotificationRow>(
      `UPDATE letopis.notifications n SET status = 'waiting', attempts = 0, next_attempt_at = $3
       FROM letopis.notification_settings s
       WHERE n.organization_id = $1 AND n.id = $2 AND n.status = 'dead'
         AND s.organization_id = n.organization_id AND s.channel = n.channel AND s.enabled
         AND (n.channel = 'webhook' OR n.recipient = ANY (s.targets))
       RETURNING n.*`,
      [organizationId, id, this.core.clock.now()],
    );
    const [row] = rows;
    if (row !== undefined) return viewOf(row);
    const { status } = await this.read(organizationId, id);
    throw new LetopisError(
      'conflict',
      status === 'dead'
        ? 'Its channel is switched off, or its recipient is none any more'
        : `Only what is dead is sent again; this is ${status}`,
    );
  }

  private async read(organizationId: string, id: string): Promise<NotificationView> {
    const { rows } = await this.pool.query<NotificationRow>(
      'SELECT * FROM letopis.notifications WHERE organization_id = $1 AND id = $2',
      [organizationId, id],
    );
    const [row] = rows;
    if (row === undefined) throw new LetopisError('not-found', 'There is no such notification');
    return viewOf(row);
  }
}

/** How many notices have not arrived, over all organisations; for metrics. */
export async function notificationOverview(
  pool: Pool,
): Promise<Readonly<Record<Exclude<NotificationStatus, 'sent'>, number>>> {
  const { rows } = await pool.query<{ waiting: number; dead: number }>(
    `SELECT count(*) FILTER (WHERE status = 'waiting')::integer AS waiting,
       count(*) FILTER (WHERE status = 'dead')::integer AS dead
     FROM letopis.notifications WHERE status <> 'sent'`,
  );
  const { waiting = 0, dead = 0 } = rows[0] ?? {};
  return { waiting, dead };
}

/** Where the page begins: after which notice. */
function placeOf(
  cursor: string | undefined,
  seal: (place: string) => string,
): readonly [Date | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [place = '', signature] = cursor.split('.');
  const [, at, id] = /^(\d{1,15})_([0-9a-f-]{36})$/.exec(place) ?? [];
  if (at === undefined || id === undefined || signature !== seal(place)) {
    throw new LetopisError('invalid', 'The cursor belongs to another question', {
      fields: [{ path: '/cursor', message: 'must be a nextCursor of the same filters' }],
    });
  }
  return [new Date(Number(at)), id];
}

function outgoingOf(row: NotificationRow): Outgoing {
  return {
    id: row.id,
    organizationId: row.organization_id,
    recipient: row.recipient,
    topic: row.topic,
    subject: row.subject,
    body: row.body,
    data: row.data,
    createdAt: row.created_at,
  };
}

function viewOf(row: NotificationRow): NotificationView {
  return {
    id: row.id,
    channel: CHANNELS.find((channel) => channel === row.channel) ?? 'webhook',
    recipient: row.recipient,
    topic: row.topic,
    subject: row.subject,
    createdAt: row.created_at.toISOString(),
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: row.status === 'waiting' ? row.next_attempt_at.toISOString() : null,
    lastError: row.last_error,
    sentAt: row.sent_at?.toISOString() ?? null,
  };
}
