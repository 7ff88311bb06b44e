import { MAX_FILE_BYTES, mustFit, readTable } from './table';

const read = (text: string) => readTable(Buffer.from(text));

describe('the table of a file', () => {
  it('has its headings in the first row that is not blank', async () => {
    const { headings, rows } = await read('\n;;\nФИО;Класс\nБелов;5А\n');
    expect([headings.number, rows.map(({ number }) => number)]).toEqual([3, [4]]);
  });

  it.each(['', '\n;;\n', '\uFEFF'])('is not there in an empty file', async (text) => {
    await expect(read(text)).rejects.toMatchObject({
      message: 'Файл пуст',
      remedy: 'Возьмите шаблон и заполните его',
    });
  });

  it('is not there where a file has nothing but headings', async () => {
    await expect(read('ФИО;Класс\n')).rejects.toThrow('В файле только заголовки');
  });

  it('may have 100,000 rows', async () => {
    const { rows } = await read(`ФИО\n${'Белов\n'.repeat(100_000)}`);
    expect(rows).toHaveLength(100_000);
  });

  it('may not have more', async () => {
    await expect(read(`ФИО\n${'Белов\n'.repeat(100_001)}`)).rejects.toThrow(/больше 100\s000 строк/);
  });

  it('is not read from a workbook of the old format', async () => {
    await expect(readTable(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]))).rejects.toThrow(
      'старого формата XLS',
    );
  });

  it('is not read from a file of 50 MB', () => {
    expect(() => mustFit(50_000_000)).toThrow('Файл больше 20 МиБ');
    expect(() => mustFit(MAX_FILE_BYTES)).not.toThrow();
  });
});
