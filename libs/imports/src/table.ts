import { LetopisError } from '@letopis/kernel';
import { type TableRow } from './cells';
import { csvRows } from './csv';
import { Mistake } from './mistakes';
import { xlsxRows } from './xlsx';

export const MAX_FILE_BYTES = 20 * 1024 * 1024;
export const MAX_ROWS = 100_000;

const ZIP = Buffer.from('PK\u0003\u0004', 'latin1');
const OLD_EXCEL = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** A file as a table: its headings, and the rows below. */
export interface Table {
  readonly headings: TableRow;
  readonly rows: readonly TableRow[];
}

/** @throws LetopisError `too-large` */
export function mustFit(size: number): void {
  if (size > MAX_FILE_BYTES) {
    throw new LetopisError(
      'too-large',
      `Файл больше ${MAX_FILE_BYTES / 1024 / 1024} МиБ: разделите его на части или удалите лишнее`,
    );
  }
}

/**
 * Reads a CSV or XLSX file, told apart by their content. The first row that is not blank holds the headings.
 *
 * @param sheet of a workbook; the first where it is left out
 * @throws Mistake where the file cannot be read, or has no rows, or more than 100,000
 */
export async function readTable(bytes: Buffer, sheet?: string): Promise<Table> {
  let headings: TableRow | undefined;
  const rows: TableRow[] = [];
  for await (const row of rowsOf(bytes, sheet)) {
    if (headings === undefined) headings = row;
    else rows.push(row);
    if (rows.length > MAX_ROWS) {
      throw new Mistake(
        `В файле больше ${MAX_ROWS.toLocaleString('ru')} строк`,
        'Разделите файл на части и загрузите их по очереди',
      );
    }
  }
  if (headings === undefined) {
    throw new Mistake('Файл пуст', 'Возьмите шаблон и заполните его');
  }
  if (rows.length === 0) {
    throw new Mistake('В файле только заголовки', 'Заполните строки под заголовками');
  }
  return { headings, rows };
}

function rowsOf(bytes: Buffer, sheet: string | undefined): AsyncGenerator<TableRow> {
  if (bytes.subarray(0, ZIP.length).equals(ZIP)) return xlsxRows(bytes, sheet);
  if (bytes.subarray(0, OLD_EXCEL.length).equals(OLD_EXCEL)) {
    throw new Mistake(
      'Это книга старого формата XLS или книга с паролем',
      'Сохраните её без пароля как «Книга Excel (XLSX)» и загрузите ещё раз',
    );
  }
  return csvRows(bytes);
}
