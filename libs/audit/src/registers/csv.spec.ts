import { type Row } from './cells';
import { csvOf } from './csv';
import { type Column } from './register';

const title: Column = { key: 'title', headingRu: 'Название', type: 'text', width: 20 };

async function* pagesOf(...pages: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* pages;
}

async function csv(columns: readonly Column[], rows: readonly Row[]): Promise<string> {
  let text = '';
  for await (const part of csvOf(columns, pagesOf(rows), 'Asia/Yekaterinburg')) text += part;
  return text;
}

/** The only field of the only row. */
async function field(column: Column, cell: Row[string]): Promise<string> {
  const text = await csv([column], [{ [column.key]: cell }]);
  return text.split('\r\n')[1] ?? '';
}

describe('a register as CSV', () => {
  it('given rows, then it is UTF-8 with BOM, headings first, semicolons and CRLF', async () => {
    const number: Column = { key: 'number', headingRu: '№', type: 'number', width: 5 };

    const text = await csv(
      [number, title],
      [
        { number: 1, title: '5А' },
        { number: 2, title: null },
      ],
    );

    expect(text).toBe('\uFEFF№;Название\r\n1;5А\r\n2;\r\n');
  });

  it.each([
    ['a semicolon', 'а;б', '"а;б"'],
    ['a quotation mark', 'чат «5"А"»', '"чат «5""А""»"'],
    ['a line feed', 'а\nб', '"а\nб"'],
  ])('given text with %s, then it is quoted', async (_name, text, quoted) => {
    expect((await csv([title], [{ title: text }])).slice('\uFEFFНазвание\r\n'.length)).toBe(`${quoted}\r\n`);
  });

  it.each(['=1+1', '+79000000001', '-1', '@SUM(A1)', '\t=1'])(
    'given text that a spreadsheet would run (%j), then it is made harmless',
    async (text) => {
      expect(await field(title, text)).toBe(`'${text}`);
    },
  );

  it('given text that begins with a carriage return, then it is made harmless and quoted', async () => {
    expect(await csv([title], [{ title: '\r=1' }])).toBe('\uFEFFНазвание\r\n"\'\r=1"\r\n');
  });

  it('given names and lists that a spreadsheet would run, then they are made harmless', async () => {
    const person = { id: 'a', state: 'shown', name: '=Иванов' } as const;
    const list: Column = { ...title, type: 'list' };

    expect([
      await field({ ...title, type: 'person' }, person),
      await field({ ...title, type: 'people' }, [person]),
      await field({ ...title, type: 'personal' }, { state: 'shown', text: '=1' }),
      await field(list, ['=1', 'два']),
    ]).toEqual(["'=Иванов", "'=Иванов", "'=1", "'=1, два"]);
  });

  it('given a negative number, then it stays a number', async () => {
    expect(await field({ ...title, type: 'number' }, -1.5)).toBe('-1,5');
  });

  it.each([
    ['an instant', 'instant', '2025-11-17T19:05:30.000Z', '18.11.2025 00:05'],
    ['a day', 'day', '2025-11-17', '17.11.2025'],
    ['yes', 'flag', true, 'да'],
    ['no', 'flag', false, 'нет'],
  ] as const)('given %s, then it is written as people here write it', async (_name, type, cell, text) => {
    expect(await field({ ...title, type }, cell)).toBe(text);
  });

  it('given codes, then their labels are written', async () => {
    const labels = { live: 'действует' };
    expect([
      await field({ ...title, labels }, 'live'),
      await field({ ...title, type: 'list', labels }, ['live', 'other']),
    ]).toEqual(['действует', 'действует, other']);
  });

  it.each([
    ['shown', { id: 'abcdef0123', state: 'shown', name: 'Соколова М. П.' }, 'Соколова М. П.'],
    [
      'renamed',
      { id: 'a', state: 'shown', name: 'Соколова М.', formerNames: ['Белова М.'] },
      'Соколова М. (ранее Белова М.)',
    ],
    ['unnamed', { id: 'abcdef0123', state: 'unnamed' }, 'abcdef01'],
    ['hidden', { id: 'a', state: 'hidden' }, 'скрыто'],
    ['erased', { id: 'a', state: 'destroyed' }, 'данные уничтожены'],
  ] as const)('given a person who is %s, then it says so', async (_name, person, text) => {
    expect(await field({ ...title, type: 'person' }, person)).toBe(text);
  });
});
