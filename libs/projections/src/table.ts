import {
  type Column,
  type Columns,
  type KeyOf,
  type NewRow,
  type Row,
  type StoredColumn,
  storedColumn,
} from './columns';

/** The column that every table has first, and first in its key; the runtime fills it from the event. */
export const ORGANIZATION = 'organization_id';

/** Columns of an index, or what stands behind `CREATE INDEX ON <table>`: `USING gin (search)`. */
export type Index = readonly string[] | string;

/**
 * A column that PostgreSQL computes. Under the locale C `to_tsvector` folds the case of ASCII only, so Russian text is
 * folded before: `{ type: 'tsvector', as: `to_tsvector('russian', lower(title COLLATE "und-x-icu"))` }`.
 */
export interface GeneratedColumn {
  readonly type: 'tsvector' | 'text' | 'boolean' | 'integer';
  /** An immutable SQL expression over columns of the row. */
  readonly as: string;
}

/** A table whose types have been forgotten. */
export interface AnyTable {
  readonly name: string;
  readonly columns: Columns;
  readonly key: readonly string[];
  readonly indexes: readonly Index[];
  readonly generated: Readonly<Record<string, GeneratedColumn>>;
  /** Columns that are written: the organisation's first, then the declared ones. */
  readonly stored: readonly StoredColumn[];
  /** Columns of the primary key: the organisation's first, then the declared ones. */
  readonly storedKey: readonly StoredColumn[];
}

/** One row by its key, within the organisation of the event that asks for it. */
export interface RowRef {
  readonly table: AnyTable;
  readonly key: Readonly<Record<string, unknown>>;
}

/** The types of a table's rows: as they are read, as they are written, and their keys. */
export interface Shape {
  readonly row: object;
  readonly newRow: object;
  readonly key: object;
}

export interface Table<S extends Shape> extends AnyTable {
  /** The row with this key, for a handler's `reads`. */
  at(key: S['key']): RowRef;
  /** Only names the types. */
  readonly shape?: S;
}

/** What `columns` and `key` make of rows. */
export interface ShapeOf<C extends Columns, K extends keyof C> extends Shape {
  readonly row: Row<C>;
  readonly newRow: NewRow<C>;
  readonly key: KeyOf<C, K>;
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const KEY_TYPES = new Set(['uuid', 'text', 'bigint', 'integer', 'date', 'timestamptz']);

/**
 * Declares a table of a projection. `organization_id` is not declared: every table has it, first in its key, and a
 * handler can neither read nor write rows of another organisation. An empty `key` means one row an organisation.
 * Queries and `indexes` name it as any other column.
 *
 * @throws Error where names, key or indexes do not fit
 */
export function defineTable<
  const C extends Columns & { readonly [ORGANIZATION]?: never },
  const K extends keyof C & string,
>(declaration: {
  readonly name: string;
  readonly columns: C;
  readonly key: readonly K[];
  readonly indexes?: readonly Index[];
  readonly generated?: Readonly<Record<string, GeneratedColumn>>;
}): Table<ShapeOf<C, K>> {
  const { name, columns, key, indexes = [], generated = {} } = declaration;
  const organization = storedColumn(ORGANIZATION, 'uuid');
  const stored = [organization, ...Object.entries<Column>(columns).map((entry) => storedColumn(...entry))];
  const storedKey = [
    organization,
    ...key.flatMap((column) => stored.filter(({ name: known }) => known === column)),
  ];
  const known = new Set([...stored.map((column) => column.name), ...Object.keys(generated)]);

  for (const identifier of [name, ...known]) {
    if (!NAME.test(identifier)) throw new Error(`"${identifier}" is no name for a table or column`);
  }
  if (storedKey.length !== key.length + 1)
    throw new Error(`The key of table ${name} names a column it has not`);
  if (known.size !== stored.length + Object.keys(generated).length) {
    throw new Error(`Table ${name} declares a column twice`);
  }
  for (const column of storedKey) {
    if (column.nullable || !KEY_TYPES.has(column.type)) {
      throw new Error(`Column ${column.name} of table ${name} cannot be in its key`);
    }
  }
  for (const column of indexes.filter((index) => typeof index !== 'string').flat()) {
    if (!known.has(column)) throw new Error(`Table ${name} has no column ${column} to index`);
  }
  const table: Table<ShapeOf<C, K>> = {
    name,
    columns,
    key,
    indexes,
    generated,
    stored,
    storedKey,
    at: (rowKey) => ({ table, key: rowKey }),
  };
  return table;
}
