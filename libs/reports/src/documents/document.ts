import { type Readable } from 'node:stream';
import { type ReportContent } from '../content';
import { csvOf } from './csv';
import { jsonOf } from './json';
import { type DocumentOptions } from './options';
import { pdfOf } from './pdf';
import { xlsxOf } from './xlsx';

export { type DocumentOptions } from './options';

/** Files that a report can be had as. */
export const DOCUMENT_FORMATS = ['pdf', 'xlsx', 'csv', 'json'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export const DOCUMENT_TYPES: Readonly<Record<DocumentFormat, string>> = {
  pdf: 'application/pdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
};

/**
 * The report as a file, made as it is read; whoever stops reading destroys it. Names stand in the place of mentions in all
 * formats but JSON, which is the frozen content itself.
 */
export function documentOf(
  format: DocumentFormat,
  content: ReportContent,
  options: DocumentOptions,
): Readable {
  switch (format) {
    case 'pdf':
      return pdfOf(content, options);
    case 'xlsx':
      return xlsxOf(content, options);
    case 'csv':
      return csvOf(content, options);
    case 'json':
      return jsonOf(content);
  }
}
