import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { stream as exceljs, type Worksheet } from 'exceljs';
import { type Cell, type Row, textOf, shownAt } from './cells';
import { type Column, type Register } from './register';

/** What a workbook can hold in one cell. */
const MAX_TEXT = 32_767;
/** What a workbook can hold as the name of a sheet. */
const MAX_SHEET_NAME = 31;

const FORMATS: Partial<Record<Column['type'], string>> = {
  number: '0',
  day: 'dd.mm.yyyy',
  instant: 'dd.mm.yyyy hh:mm',
};

/**
 * A register as an XLSX workbook: bold headings that stay in sight, a filter, real numbers and dates (as the clock on the
 * wall of the organisation shows them), the totals under the table. Texts are written as cells of type string, so no text
 * becomes a formula, and they stand as they were recorded.
 *
 * Rows are packed as they come; no more are asked for while nobody reads what is packed.
 */
export function xlsxOf(
  { nameRu, columns }: Pick<Register, 'nameRu' | 'columns'>,
  pages: AsyncIterable<readonly Row[]>,
  { timeZone, at }: { readonly timeZone: string; readonly at: Date },
): Readable {
  const packed = new PassThrough();
  write(packed).catch((error: unknown) => {
    packed.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return packed;

  async function write(target: PassThrough): Promise<void> {
    const gone = new AbortController();
    target.once('close', () => gone.abort());
    const book = new exceljs.xlsx.WorkbookWriter({
      stream: target,
      useStyles: true,
      useSharedStrings: false,
    });
    book.creator = book.lastModifiedBy = 'Letopis';
    book.created = book.modified = at;
    const sheet = book.addWorksheet(sheetNameOf(nameRu), { views: [{ state: 'frozen', ySplit: 1 }] });
    sheet.columns = columns.map(({ width, type }) => ({
      width,
      style: { ...(FORMATS[type] !== undefined && { numFmt: FORMATS[type] }) },
    }));
    addBold(
      sheet,
      columns.map(({ headingRu }) => headingRu),
    );

    const totals = new Map(columns.filter(({ total }) => total === true).map(({ key }) => [key, 0]));
    let count = 0;
    for await (const rows of pages) {
      for (const row of rows) {
        for (const [key, sum] of totals) {
          const cell = row[key];
          if (typeof cell === 'number') totals.set(key, sum + cell);
        }
        sheet.addRow(columns.map((column) => valueOf(column, row[column.key] ?? null, timeZone))).commit();
      }
      count += rows.length;
      await packedUp(sheet, target, gone.signal);
    }
    sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: count + 1, column: columns.length } };
    if (totals.size > 0) {
      addBold(
        sheet,
        columns.map(({ key }, index) => totals.get(key) ?? (index === 0 ? 'Итого' : null)),
      );
    }
    await book.commit();
  }
}

function addBold(sheet: Worksheet, values: readonly (string | number | null)[]): void {
  const row = sheet.addRow([...values]);
  row.font = { bold: true };
  row.commit();
}

function sheetNameOf(name: string): string {
  return name.replace(/[[\]*?/\\:]/g, ' ').slice(0, MAX_SHEET_NAME);
}

function valueOf(column: Column, cell: Cell, timeZone: string): string | number | Date | null {
  if (cell === null) return null;
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string' && column.type === 'day') return new Date(cell);
  if (typeof cell === 'string' && column.type === 'instant') return shownAt(cell, timeZone);
  const text = textOf(column, cell, timeZone);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}

/**
 * Resolves when what the sheet has handed on is packed, and somebody takes what is packed. ExcelJS hands rows on without
 * heeding whether they are taken: they would pile up in the stream that its sheet is piped into.
 *
 * @throws Error when the reader is gone
 */
async function packedUp(sheet: Worksheet, target: PassThrough, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const gone = (): void => reject(new Error('The reader is gone'));
    signal.addEventListener('abort', gone, { once: true });
    // Nothing is written; but writes are done in their order, so this one is done when those before it are.
    packerOf(sheet).write('', () => {
      signal.removeEventListener('abort', gone);
      resolve();
    });
  });
  if (target.writableNeedDrain) await once(target, 'drain', { signal });
}

interface Packer {
  write(chunk: string, done: () => void): unknown;
}

/** @throws Error where ExcelJS is made in another way than the version that this was written for */
function packerOf(sheet: Worksheet): Packer {
  const sheetStream: unknown = Reflect.get(sheet, 'stream');
  const pipes: unknown =
    typeof sheetStream === 'object' && sheetStream !== null && Reflect.get(sheetStream, 'pipes');
  const packer: unknown = Array.isArray(pipes) ? pipes[0] : undefined;
  if (!isPacker(packer)) throw new Error('The stream behind a sheet of ExcelJS is not where it was');
  return packer;
}

function isPacker(value: unknown): value is Packer {
  return typeof value === 'object' && value !== null && 'write' in value && typeof value.write === 'function';
}
