import { type Json } from '@letopis/kernel';
import { normalValue, type StoredRow } from './columns';
import { type AnyTable, ORGANIZATION, type RowRef, type Shape, type Table } from './table';

/**
 * The rows of one organisation, as a handler sees them. Whether a call is allowed depends on the handler's own event
 * alone, so how events are cut into pages changes nothing.
 */
export interface Rows {
  /** The row, or undefined where there is none. @throws Error unless the event's `reads` named it or it just wrote it */
  get<S extends Shape>(table: Table<S>, key: S['key']): S['row'] | undefined;

  /** Writes the whole row, over one with the same key. */
  put<S extends Shape>(table: Table<S>, row: S['newRow']): void;

  /** Writes the row unless there is one with its key: the first one wins. Needs no `reads`. */
  putIfAbsent<S extends Shape>(table: Table<S>, row: S['newRow']): void;

  /**
   * Replaces the row by what `next` makes of it and returns true; where there is no row, nothing happens and it returns
   * false. @throws Error where `get` would, and where `next` changes the key
   */
  change<S extends Shape, const Next extends S['newRow']>(
    table: Table<S>,
    key: S['key'],
    next: (row: S['row']) => Next,
  ): boolean;

  /** Removes the row if it is there. Needs no `reads`. */
  remove<S extends Shape>(table: Table<S>, key: S['key']): void;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What is known of a row. `loaded`: it is as in the database. `put`: to be written over what is there. `first`: to be
 * written unless one is there, which is not known. `removed`: to be removed.
 */
type Entry =
  | { readonly state: 'loaded'; readonly row: StoredRow | undefined }
  | { readonly state: 'put' | 'first'; readonly row: StoredRow }
  | { readonly state: 'removed'; readonly key: Key };

/** Values of a table's key columns, the organisation's first. */
export type Key = readonly Json[];

type Entries = Map<string, Entry>;

/** What one table has to be told. Every key occurs once in all three together. */
export interface TableChanges {
  readonly table: AnyTable;
  readonly removed: readonly Key[];
  readonly put: readonly StoredRow[];
  readonly first: readonly StoredRow[];
}

/** A row's place in the unit of work. */
export interface Place {
  readonly table: AnyTable;
  readonly key: Key;
  readonly id: string;
}

/** Where a row of an organisation stands. @throws Error where the key is not complete */
export function placeOf(organizationId: string, { table, key }: RowRef): Place {
  const values = table.storedKey.map((column) =>
    normalValue(column, column.name === ORGANIZATION ? organizationId : key[column.name]),
  );
  return { table, key: values, id: idOf(values) };
}

/** A key as text. No two keys of a table share it: text never holds NUL. */
export function idOf(key: Key): string {
  return key.map(String).join('\u0000');
}

function named({ table, key }: Place): string {
  return `${table.name} ${JSON.stringify(key)}`;
}

/** How many rows may be remembered from one run of events to the next. */
const REMEMBERED = 200_000;

/** The changes of a run of events, kept in memory until they are written together. */
export class UnitOfWork implements Rows {
  private readonly tables = new Map<AnyTable, Entries>();
  /** Tables that handlers read. */
  private readonly read = new Set<AnyTable>();
  private organizationId = '';
  /** Rows that the event at hand may read: those it named, and those it wrote. */
  private readable = new Map<AnyTable, Set<string>>();
  /** What the event at hand has replaced, oldest first. */
  private undo: { readonly entries: Entries; readonly id: string; readonly before: Entry | undefined }[] = [];

  /** Whether it is known what is at `place`. */
  knows({ table, id }: Place): boolean {
    const entry = this.tables.get(table)?.get(id);
    return entry !== undefined && entry.state !== 'first';
  }

  /** Tells what is in the database at `place`, before any event is folded. */
  load(place: Place, row: StoredRow | undefined): void {
    this.read.add(place.table);
    this.entries(place.table).set(place.id, { state: 'loaded', row });
  }

  /** Tells that the changes have been written. Of tables that are read, rows are remembered for the next run of events. */
  written(): void {
    for (const [table, entries] of this.tables) {
      if (!this.read.has(table) || entries.size > REMEMBERED) entries.clear();
      for (const [id, entry] of entries) {
        if (entry.state === 'first') entries.delete(id);
        else if (entry.state === 'put') entries.set(id, { state: 'loaded', row: entry.row });
        else if (entry.state === 'removed') entries.set(id, { state: 'loaded', row: undefined });
      }
    }
  }

  /** Forgets everything: nothing has been written. */
  forget(): void {
    this.tables.clear();
  }

  /** Runs `work` for one event; where it throws, nothing of it remains. `reads` MUST have been loaded. */
  during(organizationId: string, reads: readonly Place[], work: () => void): void {
    this.organizationId = organizationId;
    this.readable = new Map();
    this.undo = [];
    for (const place of reads) this.allow(place);
    try {
      work();
    } catch (error) {
      for (const { entries, id, before } of this.undo.reverse()) {
        if (before === undefined) entries.delete(id);
        else entries.set(id, before);
      }
      throw error;
    }
  }

  changes(): readonly TableChanges[] {
    const changes: TableChanges[] = [];
    for (const [table, entries] of this.tables) {
      const removed: Key[] = [];
      const rows = { put: [] as StoredRow[], first: [] as StoredRow[] };
      for (const entry of entries.values()) {
        if (entry.state === 'removed') removed.push(entry.key);
        else if (entry.state !== 'loaded') rows[entry.state].push(entry.row);
      }
      if (removed.length + rows.put.length + rows.first.length > 0) changes.push({ table, removed, ...rows });
    }
    return changes;
  }

  get<S extends Shape>(table: Table<S>, key: S['key']): S['row'] | undefined;
  get(table: AnyTable, key: Fields): StoredRow | undefined {
    return this.readAt(placeOf(this.organizationId, { table, key }));
  }

  put<S extends Shape>(table: Table<S>, row: S['newRow']): void;
  put(table: AnyTable, row: Fields): void {
    const place = placeOf(this.organizationId, { table, key: row });
    this.set(place, { state: 'put', row: this.normal(table, row) });
    this.allow(place);
  }

  putIfAbsent<S extends Shape>(table: Table<S>, row: S['newRow']): void;
  putIfAbsent(table: AnyTable, row: Fields): void {
    const place = placeOf(this.organizationId, { table, key: row });
    const normal = this.normal(table, row);
    const entry = this.entries(table).get(place.id);
    if (entry === undefined) {
      this.set(place, { state: 'first', row: normal });
    } else if (entry.state === 'removed' || (entry.state === 'loaded' && entry.row === undefined)) {
      this.set(place, { state: 'put', row: normal });
    }
  }

  change<S extends Shape, const Next extends S['newRow']>(
    table: Table<S>,
    key: S['key'],
    next: (row: S['row']) => Next,
  ): boolean;
  change(table: AnyTable, key: Fields, next: (row: StoredRow) => Fields): boolean {
    const place = placeOf(this.organizationId, { table, key });
    const row = this.readAt(place);
    if (row === undefined) return false;
    const changed = this.normal(table, next(row));
    if (placeOf(this.organizationId, { table, key: changed }).id !== place.id) {
      throw new Error(`A change of ${named(place)} may not change its key`);
    }
    this.set(place, { state: 'put', row: changed });
    return true;
  }

  remove<S extends Shape>(table: Table<S>, key: S['key']): void;
  remove(table: AnyTable, key: Fields): void {
    const place = placeOf(this.organizationId, { table, key });
    this.set(place, { state: 'removed', key: place.key });
    this.allow(place);
  }

  private readAt(place: Place): StoredRow | undefined {
    const entry = this.entries(place.table).get(place.id);
    if (entry === undefined || !this.readable.get(place.table)?.has(place.id)) {
      throw new Error(`${named(place)} is read, but the handler's "reads" does not name it`);
    }
    return entry.state === 'removed' ? undefined : entry.row;
  }

  private set(place: Place, entry: Entry): void {
    const entries = this.entries(place.table);
    this.undo.push({ entries, id: place.id, before: entries.get(place.id) });
    entries.set(place.id, entry);
  }

  private allow({ table, id }: Place): void {
    const ids = this.readable.get(table);
    if (ids === undefined) this.readable.set(table, new Set([id]));
    else ids.add(id);
  }

  private normal(table: AnyTable, row: Fields): StoredRow {
    const normal: Record<string, StoredRow[string]> = {};
    for (const column of table.stored) {
      const value = column.name === ORGANIZATION ? this.organizationId : row[column.name];
      normal[column.name] = normalValue(column, value);
    }
    return normal;
  }

  private entries(table: AnyTable): Entries {
    let entries = this.tables.get(table);
    if (entries === undefined) {
      entries = new Map();
      this.tables.set(table, entries);
    }
    return entries;
  }
}
