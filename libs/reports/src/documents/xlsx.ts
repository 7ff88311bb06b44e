import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { stream as exceljs, type Worksheet } from 'exceljs';
import { type ReportContent } from '../content';
import { type DocumentOptions } from './options';
import { type Field, type Table, tablesOf } from './tables';
import { Turns } from './turns';
import { type Clock, clockOf } from './wording';

/** What a workbook can hold in one cell. */
const MAX_TEXT = 32_767;
const INSTANT_FORMAT = 'dd.mm.yyyy hh:mm';

/**
 * The report as an XLSX workbook, a sheet for each of its tables: bold headings that stay in sight, filters, real numbers
 * and dates (as the clock on the wall of the organisation shows them). Texts are cells of type string, so no text becomes a
 * formula.
 */
export function xlsxOf(content: ReportContent, options: DocumentOptions): Readable {
  const packed = new PassThrough();
  write(packed).catch((error: unknown) => {
    packed.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return packed;

  async function write(target: PassThrough): Promise<void> {
    const gone = new AbortController();
    target.once('close', () => gone.abort(new Error('Nobody reads the workbook')));
    const book = new exceljs.xlsx.WorkbookWriter({
      stream: target,
      useStyles: true,
      useSharedStrings: false,
    });
    book.creator = book.lastModifiedBy = 'Letopis';
    book.created = book.modified = new Date(options.requestedAt);
    const clock = clockOf(content);
    const turns = new Turns(gone.signal);
    for (const table of tablesOf(content, options)) {
      const sheet = book.addWorksheet(table.nameRu, { views: [{ state: 'frozen', ySplit: 1 }] });
      await fill(sheet, table, clock, async () => {
        await turns.offer();
        if (target.writableNeedDrain) await once(target, 'drain', { signal: gone.signal });
      });
    }
    await book.commit();
  }
}

async function fill(
  sheet: Worksheet,
  { columns, rows }: Table,
  clock: Clock,
  pause: () => Promise<void>,
): Promise<void> {
  sheet.columns = columns.map(({ width }) => ({
    width,
    style: { alignment: { vertical: 'top', wrapText: true } },
  }));
  const heading = sheet.addRow(columns.map(({ headingRu }) => headingRu));
  heading.font = { bold: true };
  heading.commit();
  let count = 0;
  for (const fields of rows) {
    await pause();
    const row = sheet.addRow(fields.map((field) => valueOf(field, clock)));
    fields.forEach((field, index) => {
      if (typeof field === 'object' && field !== null) row.getCell(index + 1).numFmt = INSTANT_FORMAT;
    });
    row.commit();
    count += 1;
  }
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: count + 1, column: columns.length } };
  sheet.commit();
}

function valueOf(field: Field, clock: Clock): string | number | Date | null {
  if (field === null || typeof field === 'number') return field;
  if (typeof field === 'string') return field.length > MAX_TEXT ? `${field.slice(0, MAX_TEXT - 1)}…` : field;
  return clock.shown(field.at);
}
