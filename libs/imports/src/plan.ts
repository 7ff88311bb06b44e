import { matchHeadings } from './headings';
import { type ImportKind } from './kind';
import { type ImportProblem } from './mistakes';
import { type PlannedCommand, type Register, Sheet, SheetRow } from './sheet';
import { type Table } from './table';

/** What a file comes to on what is on record. */
export interface ImportPlan {
  readonly rows: number;
  /** Row by row: commands of the whole file first. A row gives one command at most. */
  readonly commands: readonly PlannedCommand[];
  readonly problems: readonly ImportProblem[];
}

/**
 * Plans an import; carries nothing out. The same table on the same record gives the same plan.
 *
 * @throws Mistake where the file as a whole cannot be imported
 */
export async function planImport(kind: ImportKind, table: Table, register: Register): Promise<ImportPlan> {
  const { places, notices } = matchHeadings(table.headings, kind.columns, kind.needed);
  const rows = table.rows.map(({ number, cells }) => new SheetRow(number, cells, places));
  const sheet = new Sheet(rows, table.headings.number, register);
  await sheet.check([...places.keys()]);
  const commands = sheet.isEmpty ? [] : await kind.plan(sheet);
  return { rows: rows.length, commands, problems: [...notices, ...sheet.problems] };
}
