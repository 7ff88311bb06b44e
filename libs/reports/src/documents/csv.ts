import { pipeline, Readable } from 'node:stream';
import { BOM, harmless, lineOf } from '@letopis/audit';
import { type ReportContent } from '../content';
import { Batches } from './batches';
import { type DocumentOptions } from './options';
import { type Field, mainTableOf } from './tables';
import { Turns } from './turns';
import { type Clock, clockOf, NBSP } from './wording';

/**
 * The findings as CSV for Russian spreadsheets: UTF-8 with BOM, semicolons, CRLF, RFC 4180 quoting, instants as the clock on
 * the wall of the organisation shows them. A row for each finding; for the founder, one for each school and control.
 */
export function csvOf(content: ReportContent, options: DocumentOptions): Readable {
  return pipeline(Readable.from(parts(content, options)), new Batches(), () => undefined);
}

async function* parts(content: ReportContent, options: DocumentOptions): AsyncGenerator<string> {
  const { columns, rows } = mainTableOf(content, options);
  const clock = clockOf(content);
  const turns = new Turns();
  yield BOM + lineOf(columns.map(({ headingRu }) => headingRu));
  for (const row of rows) {
    await turns.offer();
    yield lineOf(row.map((field) => textOf(field, clock)));
  }
}

function textOf(field: Field, clock: Clock): string {
  if (field === null) return '';
  if (typeof field === 'number') return String(field);
  if (typeof field === 'string') return harmless(field);
  return clock.moment(field.at).replace(`,${NBSP}`, ' ');
}
