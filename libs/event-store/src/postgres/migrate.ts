import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { LetopisError } from '@letopis/kernel';

/** A numbered list of SQL files (`0001-name.sql`, …) that one room brings. A file that has shipped never changes. */
export interface MigrationSet {
  /** The room, e.g. `event-store`. */
  readonly component: string;
  readonly directory: string;
}

export interface MigrationTarget {
  /** A role that may create schemas, tables and roles; never the application's own. */
  readonly adminUrl: string;
  /** The application's login role; it is created where it is missing, and its password is set. */
  readonly app: { readonly role: string; readonly password: string };
}

export interface AppliedMigration {
  readonly component: string;
  readonly name: string;
}

const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Brings the database up to date, one transaction a file, and returns what was applied. Safe to run from several
 * processes at once. `{{app}}` in a file stands for the application's role.
 *
 * @throws LetopisError `integrity-broken` where a file that was applied has changed or is gone
 */
export async function migrate(
  target: MigrationTarget,
  sets: readonly MigrationSet[],
): Promise<readonly AppliedMigration[]> {
  const { role, password } = target.app;
  if (!ROLE_NAME.test(role)) throw new LetopisError('invalid', `"${role}" is no name for a database role`);
  const client = new Client({ connectionString: target.adminUrl });
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('letopis.migrate', 0))`);
    await ensureRole(client, role, password);
    await client.query(`
      CREATE SCHEMA IF NOT EXISTS letopis;
      CREATE TABLE IF NOT EXISTS letopis.migrations (
        component text NOT NULL, name text NOT NULL, sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, name));
      GRANT USAGE ON SCHEMA letopis TO ${role};
      GRANT SELECT ON letopis.migrations TO ${role};`);
    const applied: AppliedMigration[] = [];
    for (const set of sets) applied.push(...(await applySet(client, set, role)));
    return applied;
  } finally {
    await client.end();
  }
}

async function ensureRole(client: Client, role: string, password: string): Promise<void> {
  const { rows } = await client.query<{ database: string; exists: boolean }>(
    `SELECT current_database() AS database, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists`,
    [role],
  );
  const [row] = rows;
  const verb = row?.exists ? 'ALTER' : 'CREATE';
  await client.query(
    `${verb} ROLE ${role} WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD ${client.escapeLiteral(password)}`,
  );
  // Views are the application's to build and to throw away, each in a schema of its own.
  await client.query(
    `GRANT CREATE, CONNECT ON DATABASE ${client.escapeIdentifier(row?.database ?? '')} TO ${role}`,
  );
}

async function applySet(client: Client, set: MigrationSet, role: string): Promise<AppliedMigration[]> {
  const done = new Map(
    (
      await client.query<{ name: string; sha256: string }>(
        `SELECT name, sha256 FROM letopis.migrations WHERE component = $1`,
        [set.component],
      )
    ).rows.map((row) => [row.name, row.sha256]),
  );
  const files = readdirSync(set.directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const missing = [...done.keys()].find((name) => !files.includes(name));
  if (missing !== undefined) {
    throw new LetopisError(
      'integrity-broken',
      `${set.component}/${missing} was applied to this database but is gone: this program is older than its database`,
    );
  }
  const applied: AppliedMigration[] = [];
  for (const name of files) {
    const sql = readFileSync(join(set.directory, name), 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    const before = done.get(name);
    if (before === sha256) continue;
    if (before !== undefined) {
      throw new LetopisError('integrity-broken', `${set.component}/${name} has changed since it was applied`);
    }
    await client.query('BEGIN');
    try {
      await client.query(sql.replaceAll('{{app}}', role));
      await client.query(`INSERT INTO letopis.migrations (component, name, sha256) VALUES ($1, $2, $3)`, [
        set.component,
        name,
        sha256,
      ]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
    applied.push({ component: set.component, name });
  }
  return applied;
}
