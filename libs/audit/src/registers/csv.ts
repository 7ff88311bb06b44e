import { type Column } from './register';
import { type Cell, type Row, textOf } from './cells';

/** Without it, Excel takes UTF-8 for Windows-1251. */
export const BOM = '\uFEFF';
const SEPARATOR = ';';
const LINE_END = '\r\n';

/**
 * A register as CSV for Russian spreadsheets: UTF-8 with BOM, semicolons, CRLF, RFC 4180 quoting, instants as the clock on
 * the wall of the organisation shows them.
 */
export async function* csvOf(
  columns: readonly Column[],
  pages: AsyncIterable<readonly Row[]>,
  timeZone: string,
): AsyncGenerator<string> {
  yield BOM + lineOf(columns.map(({ headingRu }) => headingRu));
  for await (const rows of pages) {
    yield rows
      .map((row) => lineOf(columns.map((column) => fieldOf(column, row[column.key] ?? null, timeZone))))
      .join('');
  }
}

function fieldOf(column: Column, cell: Cell, timeZone: string): string {
  const text = textOf(column, cell, timeZone);
  switch (column.type) {
    case 'number':
    case 'flag':
    case 'day':
    case 'instant':
      return text;
    case 'text':
    case 'list':
    case 'person':
    case 'people':
    case 'personal':
      return harmless(text);
  }
}

/** A spreadsheet takes a field that begins so for a formula, and might run what somebody wrote into a chat's title. */
export function harmless(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** One line of a file for Russian Excel: separated by semicolons, quoted where it has to be. */
export function lineOf(fields: readonly string[]): string {
  return fields.map(quoted).join(SEPARATOR) + LINE_END;
}

function quoted(field: string): string {
  return /[";\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
