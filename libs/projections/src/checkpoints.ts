import { type Registered } from './projection';
import { type Sql } from './storage';

/** Which of a projection's two sets of tables: the one that queries read, or a rebuild under way. */
export type CheckpointPlace = 'live' | 'build';

export interface Checkpoint {
  readonly projection: string;
  readonly version: number;
  readonly definition: string;
  readonly position: bigint;
}

/** An event that a projection could not take: later events of its organisation wait behind it. */
export interface ProjectionFailure {
  readonly projection: string;
  readonly organizationId: string;
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  /** Why, without values of rows: they may be personal data. */
  readonly error: string;
  readonly attempts: number;
  readonly firstFailedAt: Date;
  readonly lastFailedAt: Date;
}

export interface StoredFailure extends ProjectionFailure {
  readonly readAfter: bigint;
}

/** A failure as it was just met. */
export type NewFailure = Omit<
  ProjectionFailure,
  'projection' | 'attempts' | 'firstFailedAt' | 'lastFailedAt'
>;

interface CheckpointRow {
  readonly projection: string;
  readonly version: number;
  readonly definition: string;
  readonly position: string;
}

interface FailureRow {
  readonly projection: string;
  readonly organization_id: string;
  readonly position: string;
  readonly read_after: string;
  readonly event_id: string;
  readonly type: string;
  readonly error: string;
  readonly attempts: number;
  readonly first_failed_at: number;
  readonly last_failed_at: number;
}

const FIELDS = `projection, version, definition, position::text AS position`;

export async function readCheckpoints(
  sql: Sql,
  place: CheckpointPlace,
): Promise<ReadonlyMap<string, Checkpoint>> {
  const { rows } = await sql.query<CheckpointRow>(
    `SELECT ${FIELDS} FROM letopis.projection_checkpoints WHERE place = $1`,
    [place],
  );
  return new Map(rows.map((row) => [row.projection, checkpointOf(row)]));
}

/**
 * The checkpoint, locked to the end of the transaction: whoever holds it writes the projection's tables.
 *
 * @param taken what to do where somebody else holds it
 * @returns undefined where there is none, or it is taken and to be skipped
 */
export async function lockCheckpoint(
  sql: Sql,
  projection: string,
  place: CheckpointPlace,
  taken: 'wait' | 'skip',
): Promise<Checkpoint | undefined> {
  const { rows } = await sql.query<CheckpointRow>(
    `SELECT ${FIELDS} FROM letopis.projection_checkpoints
     WHERE projection = $1 AND place = $2 FOR UPDATE ${taken === 'skip' ? 'SKIP LOCKED' : ''}`,
    [projection, place],
  );
  return rows[0] && checkpointOf(rows[0]);
}

/** Sets the checkpoint of a projection whose tables are new. */
export async function startCheckpoint(
  sql: Sql,
  { name, version, definition }: Registered,
  place: CheckpointPlace,
  at: Date,
): Promise<void> {
  await sql.query(
    `INSERT INTO letopis.projection_checkpoints (projection, place, version, definition, position, updated_at)
     VALUES ($1, $2, $3, $4, 0, $5)`,
    [name, place, version, definition, at],
  );
}

export async function moveCheckpoint(
  sql: Sql,
  projection: string,
  place: CheckpointPlace,
  position: bigint,
  at: Date,
): Promise<void> {
  await sql.query(
    `UPDATE letopis.projection_checkpoints SET position = $3, updated_at = $4
     WHERE projection = $1 AND place = $2`,
    [projection, place, position, at],
  );
}

/** Forgets the checkpoint and the failures of a build. */
export async function dropBuildCheckpoint(sql: Sql, projection: string): Promise<void> {
  await sql.query(`DELETE FROM letopis.projection_failures WHERE projection = $1 AND place = 'build'`, [
    projection,
  ]);
  await sql.query(`DELETE FROM letopis.projection_checkpoints WHERE projection = $1 AND place = 'build'`, [
    projection,
  ]);
}

/** Makes the checkpoint and the failures of the build those of the live projection. */
export async function promoteBuildCheckpoint(sql: Sql, projection: string): Promise<void> {
  await sql.query(`DELETE FROM letopis.projection_failures WHERE projection = $1 AND place = 'live'`, [
    projection,
  ]);
  await sql.query(
    `UPDATE letopis.projection_checkpoints AS live
     SET version = build.version, definition = build.definition, position = build.position,
         updated_at = build.updated_at
     FROM letopis.projection_checkpoints AS build
     WHERE live.projection = $1 AND live.place = 'live' AND build.projection = $1 AND build.place = 'build'`,
    [projection],
  );
  await sql.query(
    `UPDATE letopis.projection_failures SET place = 'live' WHERE projection = $1 AND place = 'build'`,
    [projection],
  );
  await dropBuildCheckpoint(sql, projection);
}

/** Organisations that are stopped, and the position of the event that stopped each. */
export async function readStops(
  sql: Sql,
  projection: string,
  place: CheckpointPlace,
): Promise<ReadonlyMap<string, bigint>> {
  const failures = await readFailures(sql, place, projection);
  return new Map(failures.map(({ organizationId, position }) => [organizationId, position]));
}

export async function readFailures(
  sql: Sql,
  place: CheckpointPlace,
  projection?: string,
): Promise<readonly StoredFailure[]> {
  const { rows } = await sql.query<FailureRow>(
    `SELECT projection, organization_id, position::text AS position, read_after::text AS read_after, event_id,
            type, error, attempts,
            extract(epoch FROM first_failed_at)::float8 * 1000 AS first_failed_at,
            extract(epoch FROM last_failed_at)::float8 * 1000 AS last_failed_at
     FROM letopis.projection_failures WHERE place = $1 AND ($2::text IS NULL OR projection = $2)
     ORDER BY projection, organization_id`,
    [place, projection],
  );
  return rows.map((row) => ({
    projection: row.projection,
    organizationId: row.organization_id,
    position: BigInt(row.position),
    readAfter: BigInt(row.read_after),
    eventId: row.event_id,
    type: row.type,
    error: row.error,
    attempts: row.attempts,
    firstFailedAt: new Date(row.first_failed_at),
    lastFailedAt: new Date(row.last_failed_at),
  }));
}

/**
 * Stops the organisation, or counts one more attempt at the event that it is stopped at.
 *
 * @param readAfter where to read from to meet the event again: a store need not know the position just before it
 */
export async function recordFailure(
  sql: Sql,
  projection: string,
  place: CheckpointPlace,
  failure: NewFailure,
  readAfter: bigint,
  at: Date,
): Promise<void> {
  await sql.query(
    `INSERT INTO letopis.projection_failures AS known
       (projection, place, organization_id, position, event_id, type, error, attempts, first_failed_at,
        last_failed_at, read_after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8, $9)
     ON CONFLICT (projection, place, organization_id) DO UPDATE SET
       position = EXCLUDED.position, event_id = EXCLUDED.event_id, type = EXCLUDED.type, error = EXCLUDED.error,
       attempts = CASE WHEN known.position = EXCLUDED.position THEN known.attempts + 1 ELSE 1 END,
       first_failed_at = CASE WHEN known.position = EXCLUDED.position THEN known.first_failed_at
                              ELSE EXCLUDED.first_failed_at END,
       last_failed_at = EXCLUDED.last_failed_at, read_after = EXCLUDED.read_after`,
    [
      projection,
      place,
      failure.organizationId,
      failure.position,
      failure.eventId,
      failure.type,
      failure.error,
      at,
      readAfter,
    ],
  );
}

export async function removeFailure(sql: Sql, projection: string, organizationId: string): Promise<void> {
  await sql.query(
    `DELETE FROM letopis.projection_failures
     WHERE projection = $1 AND place = 'live' AND organization_id = $2`,
    [projection, organizationId],
  );
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  return { ...row, position: BigInt(row.position) };
}
