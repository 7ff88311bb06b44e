import { type TableRow } from './cells';
import { csvRows } from './csv';

async function rowsOf(text: string): Promise<readonly TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of csvRows(Buffer.from(text))) rows.push(row);
  return rows;
}

const textsOf = (rows: readonly TableRow[]) =>
  rows.map(({ cells }) =>
    cells.map((cell) => (cell === undefined || cell.kind === 'formula' ? null : cell.text)),
  );

describe('a CSV file', () => {
  it.each([
    ['semicolons', 'ФИО;Класс\nБелов;5А\n'],
    ['commas', 'ФИО,Класс\nБелов,5А\n'],
    ['tabs', 'ФИО\tКласс\nБелов\t5А\n'],
    ['line ends of Windows', 'ФИО;Класс\r\nБелов;5А\r\n'],
    ['no line end at the end', 'ФИО;Класс\nБелов;5А'],
  ])('is read with %s', async (_name, text) => {
    expect(textsOf(await rowsOf(text))).toEqual([
      ['ФИО', 'Класс'],
      ['Белов', '5А'],
    ]);
  });

  it('takes the delimiter that the headings have most of, outside of quotation marks', async () => {
    expect(textsOf(await rowsOf('"ФИО, как в паспорте, полностью";Класс\nБелов;5А\n'))).toEqual([
      ['ФИО, как в паспорте, полностью', 'Класс'],
      ['Белов', '5А'],
    ]);
  });

  it('keeps quotation marks within a value', async () => {
    expect(textsOf(await rowsOf('Класс;Приказ\n5 "А";"№ 1 ""о классах"""\n'))[1]).toEqual([
      '5 "А"',
      '№ 1 "о классах"',
    ]);
  });

  it('numbers rows as a spreadsheet does: blank ones count, line ends within a value do not', async () => {
    const rows = await rowsOf('ФИО;Приказ\n;\nБелов;"№ 1\nот 1.09"\n\nЗимина;№ 2\n');
    expect(rows.map(({ number }) => number)).toEqual([1, 3, 5]);
  });

  it('takes a value that begins with = for a formula, and keeps nothing of it', async () => {
    const [, row] = await rowsOf('ФИО\n=HYPERLINK("https://example.org")\n');
    expect(row?.cells).toEqual([{ kind: 'formula' }]);
  });

  it('names the row of a quotation mark that is not closed', async () => {
    await expect(rowsOf('ФИО;Класс\nБелов;5А\n"Зимина;5А\n')).rejects.toThrow(
      /В строке 3 или ниже открыта кавычка/,
    );
  });
});
