import { setImmediate } from 'node:timers/promises';
import { type JsonObject } from '@letopis/kernel';
import { type Cell } from './cells';
import { type Column } from './columns';
import { type Groups } from './groups';
import { type ImportProblem, Mistake, problemOf } from './mistakes';
import { type Alias, type People } from './people';

/** What is on record that rows refer to. */
export interface Register {
  readonly organizationId: string;
  /** IANA name: days of the file begin and end in it. */
  readonly timeZone: string;
  readonly now: Date;
  readonly groups: Groups;
  readonly people: People;
}

/** A command that comes of a file. */
export interface PlannedCommand {
  /** The row that it comes of; the headings' where it comes of the whole file. */
  readonly row: number;
  readonly command: string;
  readonly payload: JsonObject;
  /** By what names people are known once it is carried out. */
  readonly aliases?: readonly Alias[];
}

/** A row that reads its cells by column. */
export class SheetRow {
  constructor(
    readonly number: number,
    private readonly cells: readonly (Cell | undefined)[],
    private readonly places: ReadonlyMap<Column, number>,
  ) {}

  /** @throws Mistake where the cell does not hold what its column does */
  get<Value>(column: Column<Value>): Value | undefined {
    const place = this.places.get(column);
    const cell = place === undefined ? undefined : this.cells[place];
    return cell === undefined ? undefined : column.read(cell);
  }

  /** @throws Mistake as `get`, and where the cell is empty */
  need<Value>(column: Column<Value>): Value {
    const value = this.get(column);
    if (value === undefined)
      throw new Mistake('Ячейка не заполнена', `Заполните: ${column.holds}`, column.heading);
    return value;
  }
}

/** Rows that are dealt with before others get their turn. */
const AT_ONCE = 500;

/** The rows of a file, with the problems that are found in them. A row that has one is left out of what follows. */
export class Sheet {
  readonly problems: ImportProblem[] = [];
  private readonly seen = new Map<string, number>();

  constructor(
    private rows: readonly SheetRow[],
    readonly headingsRow: number,
    readonly register: Register,
  ) {}

  /** Whether no row is left that could give a command. */
  get isEmpty(): boolean {
    return this.rows.length === 0;
  }

  /** Reads every cell that a column has and keeps the rows that hold what their columns do. */
  async check(columns: readonly Column[]): Promise<void> {
    const good: SheetRow[] = [];
    await this.inTurn((row) => {
      const before = this.problems.length;
      for (const column of columns) this.noting(row, () => row.get(column));
      if (this.problems.length === before) good.push(row);
    });
    this.rows = good;
  }

  /** What `read` makes of each row, in order; rows for which it throws a Mistake are left out from now on. */
  async each<Result>(read: (row: SheetRow) => Result): Promise<readonly Result[]> {
    const results: Result[] = [];
    const good: SheetRow[] = [];
    await this.inTurn((row) => {
      this.noting(row, () => {
        results.push(read(row));
        good.push(row);
      });
    });
    this.rows = good;
    return results;
  }

  /**
   * The one value that the whole file has in a column; blank cells take it over.
   *
   * @throws Mistake where there is none, or several
   */
  shared<Value>(column: Column<Value>): Value {
    const values = this.rows.flatMap((row) => {
      const value = row.get(column);
      return value === undefined ? [] : [{ value, row: row.number }];
    });
    const [first] = values;
    if (first === undefined) {
      throw new Mistake(`Столбец «${column.heading}» пуст`, `Заполните: ${column.holds}`, column.heading);
    }
    const other = values.find(({ value }) => value !== first.value);
    if (other !== undefined) {
      throw new Mistake(
        `В столбце «${column.heading}» разные значения: строки ${first.row} и ${other.row}`,
        'Весь файл утверждается одним приказом на один учебный год: разделите файл или исправьте значения',
        column.heading,
      );
    }
    return first.value;
  }

  /** @throws Mistake where more rows are good than one command can hold */
  mustHoldAtMost(max: number): void {
    if (this.rows.length > max) {
      throw new Mistake(
        `В файле больше ${max} строк: одним приказом столько не утверждают`,
        'Проверьте, тот ли это файл',
      );
    }
  }

  /** @throws Mistake where another row had the same `parts` before */
  once(row: SheetRow, what: string, ...parts: readonly string[]): void {
    const key = JSON.stringify(parts);
    const before = this.seen.get(key);
    if (before !== undefined) {
      throw new Mistake(`${what}: то же самое уже есть в строке ${before}`, 'Оставьте одну из двух строк');
    }
    this.seen.set(key, row.number);
  }

  private noting(row: SheetRow, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      this.problems.push(problemOf(error, row.number));
    }
  }

  private async inTurn(act: (row: SheetRow) => void): Promise<void> {
    for (const [index, row] of this.rows.entries()) {
      act(row);
      // A long file must not keep the process from everything else.
      if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
    }
  }
}
