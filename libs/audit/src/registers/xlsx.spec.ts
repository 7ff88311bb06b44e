import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { ValueType, Workbook, type Worksheet } from 'exceljs';
import { type Row } from './cells';
import { type Column } from './register';
import { xlsxOf } from './xlsx';

const AT = new Date('2025-11-17T14:05:00Z');
const columns: readonly Column[] = [
  { key: 'number', headingRu: '№', type: 'number', width: 6 },
  { key: 'title', headingRu: 'Название', type: 'text', width: 30 },
  { key: 'day', headingRu: 'День', type: 'day', width: 11 },
  { key: 'at', headingRu: 'Когда', type: 'instant', width: 17 },
  { key: 'uses', headingRu: 'Использований', type: 'number', width: 14, total: true },
];
const row = { number: 1, title: '5А', day: '2025-09-01', at: '2025-09-01T19:30:00.000Z', uses: 3 };

async function* pagesOf(...pages: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* pages;
}

async function sheetOf(rows: readonly Row[]): Promise<Worksheet> {
  const stream = xlsxOf({ nameRu: 'Журнал: ссылок/приглашений', columns }, pagesOf(rows), {
    timeZone: 'Asia/Yekaterinburg',
    at: AT,
  });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  const book = new Workbook();
  // ExcelJS declares a Buffer of its own, which is an ArrayBuffer.
  const bytes = Buffer.concat(chunks);
  await book.xlsx.load(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const [sheet] = book.worksheets;
  if (sheet === undefined) throw new Error('There is no sheet');
  return sheet;
}

describe('a register as a workbook', () => {
  it('given rows, then the headings are bold, stay in sight and can be filtered by', async () => {
    const sheet = await sheetOf([row]);

    expect(sheet.name).toBe('Журнал  ссылок приглашений');
    expect(columns.map((_, index) => sheet.getCell(1, index + 1).value)).toEqual(
      columns.map(({ headingRu }) => headingRu),
    );
    expect(sheet.getCell('A1').font.bold).toBe(true);
    expect(sheet.views).toMatchObject([{ state: 'frozen', ySplit: 1 }]);
    expect(sheet.autoFilter).toBe('A1:E2');
  });

  it('given widths, then the columns have them', async () => {
    const sheet = await sheetOf([row]);
    expect(columns.map((_, index) => sheet.getColumn(index + 1).width)).toEqual([6, 30, 11, 17, 14]);
  });

  it('given numbers and dates, then they are numbers and dates on the clock of the organisation', async () => {
    const sheet = await sheetOf([row]);

    expect(['A2', 'C2', 'D2'].map((cell) => sheet.getCell(cell).value)).toEqual([
      1,
      new Date('2025-09-01T00:00:00Z'),
      new Date('2025-09-02T00:30:00Z'),
    ]);
    expect(['C2', 'D2'].map((cell) => sheet.getCell(cell).numFmt)).toEqual([
      'dd.mm.yyyy',
      'dd.mm.yyyy hh:mm',
    ]);
  });

  it.each(['=1+1', '+79000000001', '-1', '@SUM(A1)', '\t=1'])(
    'given text that looks like a formula (%j), then it is a string as it was recorded',
    async (title) => {
      const cell = (await sheetOf([{ ...row, title }])).getCell('B2');

      expect([cell.type, cell.value]).toEqual([ValueType.String, title]);
      expect(cell.formula).toBeUndefined();
    },
  );

  it('given a text that is too long for a cell, then it is cut and says so', async () => {
    const cell = (await sheetOf([{ ...row, title: 'а'.repeat(40_000) }])).getCell('B2');

    expect(cell.text).toHaveLength(32_767);
    expect(cell.text.endsWith('…')).toBe(true);
  });

  it('given a column with a total, then it stands under the table, outside of the filter', async () => {
    const sheet = await sheetOf([row, { ...row, number: 2, uses: 4 }]);

    expect(sheet.getRow(4).values).toEqual([undefined, 'Итого', undefined, undefined, undefined, 7]);
    expect(sheet.getCell('A4').font.bold).toBe(true);
    expect(sheet.autoFilter).toBe('A1:E3');
  });

  it('given nothing to list, then there are headings and totals', async () => {
    expect((await sheetOf([])).getCell('E2').value).toBe(0);
  });

  describe('without end', () => {
    const counted = () => {
      const seen = { pages: 0, ended: false };
      async function* pages(): AsyncGenerator<readonly Row[]> {
        try {
          for (;;) {
            seen.pages += 1;
            const rows = Array.from({ length: 500 }, (_, index) => ({
              ...row,
              title: `${seen.pages}/${index}/${Math.sin(seen.pages * 500 + index)}`,
            }));
            yield await turn(rows);
          }
        } finally {
          seen.ended = true;
        }
      }
      return { seen, pages: pages() };
    };
    const settled = async (seen: { readonly pages: number }): Promise<void> => {
      for (let before = -1; before !== seen.pages;) {
        before = seen.pages;
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    };

    it('given that nobody reads, then no more is asked for than fits', async () => {
      const { seen, pages } = counted();
      const stream = xlsxOf({ nameRu: 'Журнал', columns }, pages, { timeZone: 'UTC', at: AT });

      await settled(seen);

      expect(seen.pages).toBeLessThan(50);
      stream.destroy();
    });

    it('given that the reader goes, then the rows are let go', async () => {
      const { seen, pages } = counted();
      const stream = xlsxOf({ nameRu: 'Журнал', columns }, pages, { timeZone: 'UTC', at: AT });
      await once(stream, 'readable');

      stream.destroy();
      await settled(seen);

      expect(seen.ended).toBe(true);
    });
  });

  it('given that reading the rows fails, then the workbook fails with it', async () => {
    async function* broken(): AsyncGenerator<readonly Row[]> {
      yield [row];
      throw new Error('lost');
    }
    const stream = xlsxOf({ nameRu: 'Журнал', columns }, broken(), { timeZone: 'UTC', at: AT });

    await expect(async () => {
      for await (const chunk of stream) void chunk;
    }).rejects.toThrow('lost');
  });
});
