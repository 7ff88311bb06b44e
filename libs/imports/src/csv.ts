import { CsvError, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { textCell, type TableRow } from './cells';
import { decodeText } from './encoding';
import { Mistake } from './mistakes';

/** Those that programs write; Excel in Russian writes the first. */
const DELIMITERS = [';', '\t', ','] as const;
const CHUNK_BYTES = 64 * 1024;
const MAX_RECORD_BYTES = 256 * 1024;

/**
 * The rows of a CSV file, blank ones left out. The delimiter is the one that the first line has most of.
 *
 * @throws Mistake where the text cannot be read, or a quotation mark is not closed
 */
export async function* csvRows(bytes: Buffer): AsyncGenerator<TableRow> {
  const text = decodeText(bytes).replace(/\r\n?/g, '\n');
  const parser = parse({
    delimiter: delimiterOf(text),
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  const records: AsyncIterable<readonly string[]> = Readable.from(pieces(Buffer.from(text))).pipe(parser);
  let number = 0;
  try {
    for await (const record of records) {
      number += 1;
      const cells = record.map(textCell);
      if (cells.some((cell) => cell !== undefined)) yield { number, cells };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Rows that were read may not have come through yet: the parser knows how many there are.
    const row = (typeof error.records === 'number' ? error.records : number) + 1;
    throw new Mistake(
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? `В строке ${row} или ниже открыта кавычка, которая нигде не закрыта`
        : `Строку ${row} нельзя разобрать: проверьте в ней кавычки`,
      'Закройте кавычку или удвойте её внутри значения: ""',
    );
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    yield bytes.subarray(start, start + CHUNK_BYTES);
  }
}

/** Delimiters within quotation marks do not count. */
function delimiterOf(text: string): string {
  const [line = ''] = text
    .replace(/^\n+/, '')
    .replace(/"[^"]*"/g, '')
    .split('\n', 1);
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}
