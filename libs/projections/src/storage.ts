import { type ClientBase } from 'pg';
import { type StoredColumn, type StoredRow } from './columns';
import { createStatements, names, qualified, quote } from './ddl';
import { idOf, type Key, type Place, type UnitOfWork } from './rows';
import { type AnyTable, ORGANIZATION } from './table';

/** The part of a connection that storage needs. */
export type Sql = Pick<ClientBase, 'query'>;

/** Creates a schema with the tables, without their secondary indexes. */
export async function createTables(sql: Sql, schema: string, tables: readonly AnyTable[]): Promise<void> {
  const creates = tables.map((table) => createStatements(schema, table).create);
  await sql.query([`CREATE SCHEMA ${quote(schema)}`, ...creates].join(';\n'));
}

/** Creates the secondary indexes of filled tables, and brings the planner's statistics up to date. */
export async function indexTables(sql: Sql, schema: string, tables: readonly AnyTable[]): Promise<void> {
  for (const table of tables) {
    for (const statement of createStatements(schema, table).indexes) await sql.query(statement);
    await sql.query(`ANALYZE ${qualified(schema, table)}`);
  }
}

/** Tells `unit` what is in the database at those of `places` that it does not know: one statement a table. */
export async function loadRows(
  sql: Sql,
  schema: string,
  unit: UnitOfWork,
  places: Iterable<Place>,
): Promise<void> {
  const wanted = new Map<AnyTable, Map<string, Place>>();
  for (const place of places) {
    if (unit.knows(place)) continue;
    const ids = wanted.get(place.table);
    if (ids === undefined) wanted.set(place.table, new Map([[place.id, place]]));
    else ids.set(place.id, place);
  }
  for (const [table, ids] of wanted) {
    const keys = [...ids.values()].map(({ key }) => key);
    const { rows } = await sql.query<StoredRow>(
      `SELECT ${table.stored.map((column) => `${readable(column)} AS ${quote(column.name)}`).join(', ')}
       FROM ${qualified(schema, table)} AS t JOIN ${keyList(table)} ON ${sameKey(table)}`,
      keyValues(table, keys),
    );
    const found = new Map(rows.map((row) => [idOf(keyIn(table, row)), row]));
    for (const [id, place] of ids) unit.load(place, found.get(id));
  }
}

/** Writes the changes of `unit`: at most three statements a table. */
export async function writeRows(sql: Sql, schema: string, unit: UnitOfWork): Promise<void> {
  for (const { table, removed, put, first } of unit.changes()) {
    const name = qualified(schema, table);
    if (removed.length > 0) {
      await sql.query(
        `DELETE FROM ${name} AS t USING ${keyList(table)} WHERE ${sameKey(table)}`,
        keyValues(table, removed),
      );
    }
    const columns = names(table.stored);
    const insert = `INSERT INTO ${name} (${columns})
      SELECT ${columns} FROM json_populate_recordset(null::${name}, $1::json)`;
    const key = names(table.storedKey);
    if (put.length > 0) {
      const others = table.stored.filter(
        (column) => !table.storedKey.some(({ name }) => name === column.name),
      );
      const sets = others.map((column) => `${quote(column.name)} = EXCLUDED.${quote(column.name)}`);
      const action = sets.length === 0 ? 'NOTHING' : `UPDATE SET ${sets.join(', ')}`;
      await sql.query(`${insert} ON CONFLICT (${key}) DO ${action}`, [JSON.stringify(put)]);
    }
    if (first.length > 0) {
      await sql.query(`${insert} ON CONFLICT (${key}) DO NOTHING`, [JSON.stringify(first)]);
    }
  }
}

/**
 * A digest of each table's rows, whatever their order, without those of the organisations in `except`. It depends on
 * the values alone: not on the session's settings, nor on the schema.
 */
export async function digestTables(
  sql: Sql,
  schema: string,
  tables: readonly AnyTable[],
  except: readonly string[] = [],
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const table of tables) {
    const { rows } = await sql.query<{ digest: string }>(
      `SELECT concat_ws(':', count(*), coalesce(sum(hash_record_extended(r, 0)::numeric), 0),
                        coalesce(sum(hash_record_extended(r, 1)::numeric), 0)) AS digest
       FROM (SELECT ROW(${names(table.stored)}) AS r
             FROM ${qualified(schema, table)} WHERE ${quote(ORGANIZATION)} <> ALL($1::uuid[])) AS each`,
      [except],
    );
    digests.set(table.name, rows[0]?.digest ?? '');
  }
  return digests;
}

/** A column in the form that handlers write, whatever the session's time zone and date style. */
function readable({ name, type }: StoredColumn): string {
  const column = `t.${quote(name)}`;
  if (type === 'timestamptz') {
    return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  }
  if (type === 'date') return `to_char(${column}, 'YYYY-MM-DD')`;
  if (type === 'bigint') return `${column}::text`;
  return type === 'uuid[]' ? `${column}::text[]` : column;
}

/** Keys as a table `k`, of parameters that `keyValues` gives. */
function keyList(table: AnyTable): string {
  const parameters = table.storedKey.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `unnest(${parameters.join(', ')}) AS k(${names(table.storedKey)})`;
}

function keyValues(table: AnyTable, keys: readonly Key[]): unknown[] {
  return table.storedKey.map((_, index) => keys.map((key) => key[index]));
}

function sameKey(table: AnyTable): string {
  return table.storedKey.map(({ name }) => `t.${quote(name)} = k.${quote(name)}`).join(' AND ');
}

function keyIn(table: AnyTable, row: StoredRow): Key {
  return table.storedKey.map(({ name }) => row[name] ?? null);
}
