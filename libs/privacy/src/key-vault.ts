import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Pool } from 'pg';
import { type MigrationSet } from '@letopis/event-store';
import { type MasterKey } from './master-key';

export const privacyMigrations: MigrationSet = {
  component: 'privacy',
  directory: join(__dirname, 'migrations'),
};

export interface SubjectRef {
  readonly organizationId: string;
  readonly subjectId: string;
}

/** A subject's data key, or that it was destroyed. */
export type SubjectKey = Buffer | 'destroyed';

/** Keys by `subjectKeyOf`. */
export type SubjectKeys = ReadonlyMap<string, SubjectKey>;

export function subjectKeyOf({ organizationId, subjectId }: SubjectRef): string {
  return `${organizationId}/${subjectId}`;
}

/** Keeps the key of each data subject. */
export interface KeyVault {
  /** The keys of `subjects`; missing ones are made, and are durable before they are given out. */
  obtain(subjects: readonly SubjectRef[]): Promise<SubjectKeys>;
  /** The keys of those of `subjects` that have one. */
  find(subjects: readonly SubjectRef[]): Promise<SubjectKeys>;
  /** Makes everything that was encrypted with the subject's key unreadable, everywhere and for ever. */
  destroy(subject: SubjectRef): Promise<void>;
}

interface KeyRow {
  readonly organization_id: string;
  readonly subject_id: string;
  readonly wrapped: Buffer | null;
}

/** Keys in PostgreSQL, wrapped by the master key. A small cache spares the database; destroying clears it here. */
export class PostgresKeyVault implements KeyVault {
  private readonly cache = new LRUCache<string, Buffer>({ max: 20_000, ttl: 60_000 });

  constructor(
    private readonly pool: Pool,
    private readonly masterKey: MasterKey,
  ) {}

  async obtain(subjects: readonly SubjectRef[]): Promise<SubjectKeys> {
    const keys = this.cached(subjects);
    const missing = without(subjects, keys);
    if (missing.length === 0) return keys;
    const fresh = missing.map((subject) => this.masterKey.wrap(randomBytes(32), subjectKeyOf(subject)));
    await this.pool.query(
      `INSERT INTO letopis.subject_keys (organization_id, subject_id, wrapped)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) ORDER BY 1, 2
       ON CONFLICT DO NOTHING`,
      [missing.map((s) => s.organizationId), missing.map((s) => s.subjectId), fresh],
    );
    // Another writer may have been first: what is stored counts.
    return new Map([...keys, ...(await this.load(missing))]);
  }

  async find(subjects: readonly SubjectRef[]): Promise<SubjectKeys> {
    const keys = this.cached(subjects);
    const missing = without(subjects, keys);
    return missing.length === 0 ? keys : new Map([...keys, ...(await this.load(missing))]);
  }

  async destroy(subject: SubjectRef): Promise<void> {
    await this.pool.query(
      `INSERT INTO letopis.subject_keys AS k (organization_id, subject_id, wrapped, destroyed_at)
       VALUES ($1, $2, NULL, now())
       ON CONFLICT (organization_id, subject_id) DO UPDATE SET wrapped = NULL, destroyed_at = now()
       WHERE k.wrapped IS NOT NULL`,
      [subject.organizationId, subject.subjectId],
    );
    this.cache.delete(subjectKeyOf(subject));
  }

  private cached(subjects: readonly SubjectRef[]): Map<string, SubjectKey> {
    const keys = new Map<string, SubjectKey>();
    for (const subject of subjects) {
      const key = this.cache.get(subjectKeyOf(subject));
      if (key !== undefined) keys.set(subjectKeyOf(subject), key);
    }
    return keys;
  }

  private async load(subjects: readonly SubjectRef[]): Promise<Map<string, SubjectKey>> {
    const { rows } = await this.pool.query<KeyRow>(
      `SELECT k.organization_id, k.subject_id, k.wrapped
       FROM unnest($1::uuid[], $2::uuid[]) AS wanted(organization_id, subject_id)
       JOIN letopis.subject_keys k USING (organization_id, subject_id)`,
      [subjects.map((s) => s.organizationId), subjects.map((s) => s.subjectId)],
    );
    const keys = new Map<string, SubjectKey>();
    for (const row of rows) {
      const name = subjectKeyOf({ organizationId: row.organization_id, subjectId: row.subject_id });
      if (row.wrapped === null) keys.set(name, 'destroyed');
      else {
        const key = this.masterKey.unwrap(row.wrapped, name);
        this.cache.set(name, key);
        keys.set(name, key);
      }
    }
    return keys;
  }
}

function without(subjects: readonly SubjectRef[], keys: SubjectKeys): SubjectRef[] {
  const missing = new Map<string, SubjectRef>();
  for (const subject of subjects) {
    const name = subjectKeyOf(subject);
    if (!keys.has(name)) missing.set(name, subject);
  }
  return [...missing.values()];
}
