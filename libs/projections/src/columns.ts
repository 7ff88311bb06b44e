import { type Json } from '@letopis/kernel';

/** What a column of each PostgreSQL type holds in a row. */
interface ColumnValues {
  uuid: string;
  text: string;
  'text[]': readonly string[];
  'uuid[]': readonly string[];
  /** Decimal digits. */
  bigint: string;
  integer: number;
  boolean: boolean;
  /** RFC 3339 in UTC with milliseconds. */
  timestamptz: string;
  /** `2026-09-01`. */
  date: string;
  /** The order of an object's members means nothing: PostgreSQL does not keep it. */
  jsonb: Json;
}

export type ColumnType = keyof ColumnValues;

/** A column whose values are known better than by its PostgreSQL type; made by `typed`. */
export interface TypedColumn<Value> {
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** Only names the type. */
  readonly value?: Value;
}

/** A column: `text` is never null, `text?` may be. */
export type Column = ColumnType | `${ColumnType}?` | TypedColumn<unknown>;
export type Columns = Readonly<Record<string, Column>>;

/** A column that holds only `Value`: `typed<'open' | 'closed'>('text')`, `typed<readonly Member[]>('jsonb')`. */
export function typed<Value>(type: ColumnType): TypedColumn<Value> {
  return { type, nullable: false };
}

/** The same column, but it may be null. */
export function nullable<Value>(column: TypedColumn<Value>): TypedColumn<Value | null> {
  return { type: column.type, nullable: true };
}

type ValueOf<C> =
  C extends TypedColumn<infer Value>
    ? Value
    : C extends `${infer Type extends ColumnType}?`
      ? ColumnValues[Type] | null
      : C extends ColumnType
        ? ColumnValues[C]
        : never;

/** What may be written: a bigint is welcome where digits are read. */
type InputOf<C> = C extends 'bigint' | 'bigint?' ? ValueOf<C> | bigint : ValueOf<C>;

type NullableNames<C> = { [Name in keyof C]: null extends ValueOf<C[Name]> ? Name : never }[keyof C];

/** A row as handlers read it: the same whether it was just written or comes from the database. */
export type Row<C> = { readonly [Name in keyof C]: ValueOf<C[Name]> };

/** A row as handlers write it. A column that is left out is null. */
export type NewRow<C> = { readonly [Name in Exclude<keyof C, NullableNames<C>>]: InputOf<C[Name]> } & {
  readonly [Name in NullableNames<C>]?: InputOf<C[Name]>;
};

/** The key columns of a row. */
export type KeyOf<C, K extends keyof C> = { readonly [Name in K]: InputOf<C[Name]> };

/** A column as it stands in the database. */
export interface StoredColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

export type StoredRow = Readonly<Record<string, Json>>;

export function storedColumn(name: string, column: Column): StoredColumn {
  if (typeof column !== 'string') return { name, type: column.type, nullable: column.nullable };
  const type = COLUMN_TYPES.find((candidate) => column === candidate || column === `${candidate}?`);
  if (type === undefined) throw new Error(`Column ${name} has no known type`);
  return { name, type, nullable: column.endsWith('?') };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MIN_INTEGER = -(2 ** 31);
const MAX_INTEGER = 2 ** 31 - 1;

/** The value in its one form, or undefined where the type does not have it. */
type Normalise = (value: unknown) => Json | undefined;

const text: Normalise = (value) =>
  typeof value === 'string' && value.isWellFormed() && !value.includes('\u0000') ? value : undefined;

const uuid: Normalise = (value) => {
  if (typeof value !== 'string') return undefined;
  if (UUID.test(value)) return value;
  const lower = value.toLowerCase();
  return UUID.test(lower) ? lower : undefined;
};

const list =
  (item: Normalise): Normalise =>
  (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: Json[] = [];
    for (const each of value) {
      const normal = item(each);
      if (normal === undefined) return undefined;
      items.push(normal);
    }
    return items;
  };

/** Every projection writes the same few instants of an event, and parsing one is the dearest of all values. */
const instants = new Map<string, string>();
const KNOWN_INSTANTS = 10_000;

const instant: Normalise = (value) => {
  if (typeof value !== 'string') return undefined;
  const known = instants.get(value);
  if (known !== undefined) return known;
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return undefined;
  if (instants.size >= KNOWN_INSTANTS) instants.clear();
  const normal = at.toISOString();
  instants.set(value, normal);
  return normal;
};

const bigint: Normalise = (value) => {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value).toString() : undefined;
};

const normalisers: Readonly<Record<ColumnType, Normalise>> = {
  text,
  uuid,
  'text[]': list(text),
  'uuid[]': list(uuid),
  bigint,
  integer: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= MIN_INTEGER && value <= MAX_INTEGER
      ? value
      : undefined,
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  timestamptz: instant,
  date: (value) => (typeof value === 'string' && DATE.test(value) ? value : undefined),
  jsonb: (value) => (isJson(value) ? value : undefined),
};

const COLUMN_TYPES: readonly ColumnType[] = [
  'uuid',
  'text',
  'text[]',
  'uuid[]',
  'bigint',
  'integer',
  'boolean',
  'timestamptz',
  'date',
  'jsonb',
];

/** Looks at the outermost value only: what is within is serialised as JSON, and PostgreSQL refuses what it cannot hold. */
function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'bigint';
}

/**
 * The value of a column in its one form.
 *
 * @throws Error that names the column, never the value: it may be personal data
 */
export function normalValue(column: StoredColumn, value: unknown): Json {
  if (value === null || value === undefined) {
    if (column.nullable) return null;
    throw new Error(`Column ${column.name} may not be null`);
  }
  const normal = normalisers[column.type](value);
  if (normal === undefined)
    throw new Error(`Column ${column.name} is given a value that is no ${column.type}`);
  return normal;
}
