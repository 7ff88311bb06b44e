import { type Column } from './columns';
import { type ImportKind } from './kind';

export const TEMPLATE_FORMATS = ['csv', 'xlsx'] as const;
export type TemplateFormat = (typeof TEMPLATE_FORMATS)[number];

export const MEDIA_TYPES: Readonly<Record<TemplateFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/** Excel takes a file for UTF-8 by it. */
const BYTE_ORDER_MARK = '\uFEFF';
/** Excel in Russian splits by it. */
const DELIMITER = ';';

/** A file of this kind with headings and example rows; XLSX says on a second sheet what the columns hold. */
export async function templateOf(kind: ImportKind, format: TemplateFormat): Promise<Buffer> {
  switch (format) {
    case 'csv':
      return Buffer.from(
        BYTE_ORDER_MARK +
          linesOf(kind)
            .map((line) => `${line.map(quoted).join(DELIMITER)}\r\n`)
            .join(''),
      );
    case 'xlsx':
      return workbookOf(kind);
  }
}

function linesOf({ columns, examples }: ImportKind): readonly (readonly string[])[] {
  const headings = columns.map(({ heading }) => heading);
  return [headings, ...examples.map((example) => headings.map((heading) => example[heading] ?? ''))];
}

function quoted(text: string): string {
  return /[";\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function workbookOf(kind: ImportKind): Promise<Buffer> {
  // Large, and needed for nothing else.
  const { Workbook } = await import('exceljs');
  const workbook = new Workbook();
  const [headings = [], ...examples] = linesOf(kind);
  const sheet = workbook.addWorksheet('Данные', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = headings.map((heading) => ({
    width: Math.max(14, heading.length + 2),
    // Text, so that Excel neither rounds long numbers nor takes leading zeros away.
    style: { numFmt: '@' },
  }));
  sheet.addRow(headings).font = { bold: true };
  for (const example of examples) sheet.addRow(example);

  const legend = workbook.addWorksheet('Пояснения');
  legend.columns = [{ width: 34 }, { width: 22 }, { width: 60 }, { width: 60 }];
  legend.addRow(['Столбец', 'Нужен ли', 'Что указывать', 'Другие названия столбца']).font = { bold: true };
  for (const column of kind.columns) {
    legend.addRow([column.heading, needOf(column, kind), column.holds, column.synonyms.join(', ')]);
  }
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

function needOf(column: Column, { needed }: ImportKind): string {
  const alternatives = needed.find((list) => list.includes(column));
  if (alternatives === undefined) return 'по желанию';
  return alternatives.length === 1 ? 'обязателен' : 'один из нескольких';
}
