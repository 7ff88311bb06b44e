import { ValueType, Workbook, type Worksheet } from 'exceljs';
import { mention } from '@letopis/compliance';
import { type ReportContent } from '../content';
import { type DocumentOptions } from './options';
import { bytesOf, controlContent, founderContent, nameOf, optionsFor } from './testing';
import { xlsxOf } from './xlsx';

async function bookOf(content: ReportContent, options: DocumentOptions): Promise<Workbook> {
  const bytes = await bytesOf(xlsxOf(content, options));
  const book = new Workbook();
  // ExcelJS declares a Buffer of its own, which is an ArrayBuffer.
  await book.xlsx.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return book;
}

function sheetOf(book: Workbook, name: string): Worksheet {
  const sheet = book.getWorksheet(name);
  if (sheet === undefined) throw new Error(`There is no sheet ${name}`);
  return sheet;
}

/** The column under a heading. */
function columnOf(sheet: Worksheet, heading: string): number {
  const headings = sheet.getRow(1).values;
  return Array.isArray(headings) ? headings.indexOf(heading) : -1;
}

describe('a report as a workbook', () => {
  const content = controlContent(60);
  const options = optionsFor(content);

  it('given a control report, then there is a sheet for each of its parts', async () => {
    const { worksheets } = await bookOf(content, options);

    expect(worksheets.map(({ name }) => name)).toEqual([
      'Сводка',
      'Контроли',
      'Нарушения',
      'Доказательства',
      'Параметры',
    ]);
    expect(worksheets.slice(1).map(({ actualRowCount }) => actualRowCount - 1)).toEqual([34, 60, 120, 28]);
  });

  it('given a control that rests as a whole, then it says until when, by whom and why', async () => {
    const until = '2026-02-01T18:59:59.999Z';
    const by = mention('person', '000003');
    const controls = content.controls.map((control) =>
      control.id === 'C01' ? { ...control, waiver: { by, reasonRu: 'Расследование', until } } : control,
    );
    const sheet = sheetOf(await bookOf({ ...content, controls }, options), 'Контроли');
    const cell = (row: number, heading: string) => sheet.getRow(row).getCell(columnOf(sheet, heading)).value;

    expect(cell(2, 'Исключение до')).toEqual(new Date('2026-02-01T23:59:59Z'));
    expect(cell(2, 'Кем разрешено')).toBe(nameOf({ kind: 'person', id: '000003' }));
    expect(cell(2, 'Причина исключения')).toBe('Расследование');
    expect(cell(3, 'Причина исключения')).toBeNull();
  });

  it('given a sheet, then its headings are bold, stay in sight and can be filtered by', async () => {
    const sheet = sheetOf(await bookOf(content, options), 'Контроли');

    expect(sheet.getCell('A1').font.bold).toBe(true);
    expect(sheet.views).toMatchObject([{ state: 'frozen', ySplit: 1 }]);
    expect(sheet.autoFilter).toBe('A1:O35');
    expect(sheet.getColumn(2).width).toBe(52);
  });

  it('given instants, then they are dates on the clock of the organisation', async () => {
    const sheet = sheetOf(await bookOf(content, options), 'Нарушения');
    const cell = sheet.getRow(2).getCell(columnOf(sheet, 'С какого времени'));

    expect(cell.value).toEqual(new Date('2025-09-01T00:00:00Z'));
    expect(cell.numFmt).toBe('dd.mm.yyyy hh:mm');
  });

  it('given counts, then they are numbers', async () => {
    const sheet = sheetOf(await bookOf(content, options), 'Контроли');
    expect(sheet.getRow(2).getCell(columnOf(sheet, 'Не устранено')).type).toBe(ValueType.Number);
  });

  it('given a name that looks like a formula, then it is a string as it is', async () => {
    const sheet = sheetOf(await bookOf(content, optionsFor(content, { nameOf: () => '=1+1' })), 'Нарушения');
    const cell = sheet.getRow(2).getCell(columnOf(sheet, 'Предмет'));

    expect([cell.type, cell.value]).toEqual([ValueType.String, '=1+1']);
  });

  it('given mentions, then names stand in their place', async () => {
    const sheet = sheetOf(await bookOf(content, options), 'Нарушения');
    sheet.eachRow((row) => row.eachCell((cell) => expect(cell.text).not.toContain('[[')));
  });

  it('given a text that is too long for a cell, then it is cut and says so', async () => {
    const sheet = sheetOf(
      await bookOf(content, optionsFor(content, { nameOf: () => 'а'.repeat(40_000) })),
      'Нарушения',
    );
    const { text } = sheet.getRow(2).getCell(columnOf(sheet, 'Предмет'));

    expect(text).toHaveLength(32_767);
    expect(text.endsWith('…')).toBe(true);
  });

  it('given that it was approved and withdrawn, then the summary says when', async () => {
    const decided = optionsFor(content, {
      approval: { nameRu: 'Заречная Мария Степановна', at: '2026-01-06T07:00:00.000Z' },
      withdrawn: { reason: 'Пересчитана.', at: '2026-02-01T07:00:00.000Z' },
    });
    const sheet = sheetOf(await bookOf(content, decided), 'Сводка');
    const facts = new Map<unknown, unknown>();
    sheet.eachRow((row) => facts.set(row.getCell(1).value, row.getCell(2).value));

    expect(facts.get('Утверждено')).toEqual(new Date('2026-01-06T12:00:00Z'));
    expect(facts.get('Причина отзыва')).toBe('Пересчитана.');
    expect(facts.get('Отпечаток (SHA-256)')).toBe(decided.digest);
  });

  it('given a founder report, then there are schools, controls and both together', async () => {
    const founder = founderContent(5);
    const { worksheets } = await bookOf(founder, optionsFor(founder));

    expect(worksheets.map(({ name, actualRowCount }) => [name, actualRowCount - 1]).slice(1)).toEqual([
      ['Организации', 5],
      ['Контроли', 34],
      ['Организации и контроли', 5 * 34],
    ]);
  });

  it('given that the reader goes, then the work ends', async () => {
    const stream = xlsxOf(content, options);
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(stream.readableEnded).toBe(false);
  });
});
