import { type Pool } from 'pg';
import { LetopisError } from '@letopis/kernel';
import { takePage } from './apply';
import {
  dropBuildCheckpoint,
  lockCheckpoint,
  type NewFailure,
  promoteBuildCheckpoint,
  readCheckpoints,
  readStops,
  startCheckpoint,
} from './checkpoints';
import { quote } from './ddl';
import { type Page, type Pages } from './pages';
import { type Registered, schemaOf } from './projection';
import { UnitOfWork } from './rows';
import { createTables, digestTables, indexTables, type Sql } from './storage';
import { eachOf, inTransaction, withClient } from './transaction';

export interface RebuildOptions {
  /** Events a page; 5,000 without it. */
  readonly batch?: number;
  /** Switch although the build differs from what is live, or stops organisations that are not stopped there. */
  readonly force?: boolean;
}

/** What a rebuild of one projection came to. */
export interface Rebuilt {
  readonly projection: string;
  readonly version: number;
  /** Both digests are of this position. */
  readonly position: bigint;
  /** Whether the build has the rows that were live; undefined where the version is new. */
  readonly equal: boolean | undefined;
  /** Tables that differ. */
  readonly tables: readonly string[];
  /** Organisations that the build is stopped for and the live tables were not. */
  readonly stopped: readonly string[];
  /** Whether the build is live now. */
  readonly switched: boolean;
}

/** What a rebuild needs of the runtime. */
export interface Workshop {
  readonly pool: Pool;
  readonly pages: Pages;
  /** How many projections write at a time. */
  readonly parallel: number;
  readonly now: () => Date;
  readonly head: () => Promise<bigint>;
  /** Brings the live tables up to date, as far as nobody else is at it. */
  readonly advance: () => Promise<unknown>;
  readonly tell: (projection: string, failures: readonly NewFailure[]) => void;
  /** @throws LetopisError `unavailable` where the runtime is closing */
  readonly checkOpen: () => void;
}

const BATCH = 5_000;

/**
 * Builds `projections` anew beside the live ones, reading the store once for all of them, and switches each that is as
 * it should be. @throws LetopisError `conflict` where one of them is being rebuilt already
 */
export async function rebuild(
  workshop: Workshop,
  projections: readonly Registered[],
  { batch = BATCH, force = false }: RebuildOptions,
): Promise<readonly Rebuilt[]> {
  const { pool, parallel } = workshop;
  return withClient(pool, async (guard) => {
    try {
      for (const { name } of projections) await claim(guard, name);
      for (const projection of projections) await begin(workshop, projection);
      const reached = await build(workshop, projections, batch, 0n);
      await eachOf(projections, parallel, ({ name, tables }) =>
        inTransaction(pool, 'quick', (client) => indexTables(client, schemaOf(name, 'build'), tables)),
      );
      await build(workshop, projections, batch, reached);
      const results: Rebuilt[] = [];
      for (const projection of projections) results.push(await finish(workshop, projection, batch, force));
      return results;
    } finally {
      // Where this fails the connection is lost, and the locks with it.
      await guard.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    }
  });
}

async function claim(guard: Sql, name: string): Promise<void> {
  const { rows } = await guard.query<{ claimed: boolean }>(
    `SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS claimed`,
    [`letopis.projections.rebuild/${name}`],
  );
  if (!rows[0]?.claimed) throw new LetopisError('conflict', `Projection ${name} is being rebuilt already`);
}

async function begin({ pool, now }: Workshop, projection: Registered): Promise<void> {
  await inTransaction(pool, 'durable', async (client) => {
    await dropSchemas(client, projection.name);
    await dropBuildCheckpoint(client, projection.name);
    await createTables(client, schemaOf(projection.name, 'build'), projection.tables);
    await startCheckpoint(client, projection, 'build', now());
  });
}

/** Takes events into the builds, from `position` to where the live tables are, and returns the position reached. */
async function build(
  workshop: Workshop,
  projections: readonly Registered[],
  batch: number,
  position: bigint,
): Promise<bigint> {
  await workshop.advance();
  const target = await targetOf(workshop, projections);
  if (position >= target) return position;
  const units = new Map(projections.map(({ name }) => [name, new UnitOfWork()]));
  const read = (after: bigint): Promise<Page> => workshop.pages.read(after, { limit: batch, upTo: target });
  let next = read(position);
  for (;;) {
    workshop.checkOpen();
    const page = await next;
    // Nothing was left to read: everything up to the target has been looked at.
    const through = page.through > position ? page.through : target;
    if (through < target) next = read(through);
    try {
      await eachOf(projections, workshop.parallel, async (projection) => {
        await inTransaction(workshop.pool, 'quick', async (client) => {
          const checkpoint = await lockCheckpoint(client, projection.name, 'build', 'wait');
          if (checkpoint?.position !== page.after) throw interfered(projection.name);
          const failures = await takePage(
            client,
            projection,
            'build',
            { ...page, through },
            workshop.now(),
            units.get(projection.name),
          );
          workshop.tell(projection.name, failures);
        });
      });
    } catch (error) {
      await next.catch(() => undefined);
      throw error;
    }
    if (through >= target) return through;
    position = through;
  }
}

/**
 * A build of the live version must not go past the live tables, as it is compared with them at their position. Other
 * builds go along as far as the store does.
 */
async function targetOf({ pool, head }: Workshop, projections: readonly Registered[]): Promise<bigint> {
  const live = await readCheckpoints(pool, 'live');
  const bounds = projections
    .map(({ name, version }) => ({ version, checkpoint: live.get(name) }))
    .filter(({ version, checkpoint }) => checkpoint?.version === version)
    .map(({ checkpoint }) => checkpoint?.position ?? 0n);
  return bounds.length === 0 ? head() : bounds.reduce((least, bound) => (bound < least ? bound : least));
}

/** Holds the live checkpoint, brings the build to it, compares, and switches or leaves it. */
async function finish(
  workshop: Workshop,
  projection: Registered,
  batch: number,
  force: boolean,
): Promise<Rebuilt> {
  const { pool, pages, now } = workshop;
  const { name, version } = projection;
  const rebuilt = await inTransaction(pool, 'durable', async (client): Promise<Rebuilt> => {
    const live = await lockCheckpoint(client, name, 'live', 'wait');
    const start = await lockCheckpoint(client, name, 'build', 'wait');
    if (live === undefined || start === undefined) throw interfered(name);
    let { position } = start;
    while (position < live.position) {
      const page = await pages.read(position, { limit: batch, upTo: live.position });
      const through = page.through > position ? page.through : live.position;
      workshop.tell(name, await takePage(client, projection, 'build', { ...page, through }, now()));
      position = through;
    }
    const stops = {
      live: await readStops(client, name, 'live'),
      build: await readStops(client, name, 'build'),
    };
    const stopped = [...stops.build.keys()].filter((organization) => !stops.live.has(organization));
    // Where the build got further than the live tables, or not as far, there is nothing to compare.
    const elsewhere = [...stops.live]
      .filter(([organization, at]) => stops.build.get(organization) !== at)
      .map(([organization]) => organization);
    const same = live.version === version;
    const tables = same ? await differing(client, projection, [...elsewhere, ...stopped]) : [];
    const sound = tables.length === 0 && stopped.length === 0;
    if (sound || force) await swap(client, name);
    return {
      projection: name,
      version,
      position,
      equal: same ? sound : undefined,
      tables,
      stopped,
      switched: sound || force,
    };
  });
  // By itself: it waits for readers that still hold a table of the old schema.
  if (rebuilt.switched) await pool.query(dropSchema(schemaOf(name, 'old')));
  return rebuilt;
}

/** The connection that kept other rebuilds out was lost, and one has begun. */
function interfered(name: string): LetopisError {
  return new LetopisError('conflict', `Another rebuild of projection ${name} has begun`);
}

async function differing(
  sql: Sql,
  { name, tables }: Registered,
  except: readonly string[],
): Promise<readonly string[]> {
  const live = await digestTables(sql, schemaOf(name, 'live'), tables, except);
  const built = await digestTables(sql, schemaOf(name, 'build'), tables, except);
  return [...live.keys()].filter((table) => live.get(table) !== built.get(table));
}

async function swap(sql: Sql, name: string): Promise<void> {
  const [live, built, old] = [schemaOf(name, 'live'), schemaOf(name, 'build'), schemaOf(name, 'old')].map(
    quote,
  );
  await sql.query(`ALTER SCHEMA ${live} RENAME TO ${old}; ALTER SCHEMA ${built} RENAME TO ${live}`);
  await promoteBuildCheckpoint(sql, name);
}

/** Removes what an earlier rebuild has left. */
async function dropSchemas(sql: Sql, name: string): Promise<void> {
  await sql.query(`${dropSchema(schemaOf(name, 'build'))}; ${dropSchema(schemaOf(name, 'old'))}`);
}

function dropSchema(schema: string): string {
  return `DROP SCHEMA IF EXISTS ${quote(schema)} CASCADE`;
}
