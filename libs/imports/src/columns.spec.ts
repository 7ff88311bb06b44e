import { createHash } from 'node:crypto';
import { type Cell } from './cells';
import { choice, count, date, day, link, maxChatId, phone, schoolYear, text, uuid } from './columns';
import { mistakeOf } from './testing';

const cell = (value: string): Cell => ({ kind: 'text', text: value });
const number = (value: string): Cell => ({ kind: 'number', text: value });

describe('a column of days', () => {
  const column = day('Дата');

  it.each([
    ['01.09.2025', '2025-09-01'],
    ['1.9.2025', '2025-09-01'],
    ['01/09/2025', '2025-09-01'],
    ['01.09.2025 г.', '2025-09-01'],
    ['2025-09-01', '2025-09-01'],
    ['2025-09-01T00:00:00', '2025-09-01'],
    ['45901', '2025-09-01'],
  ])('takes %s', (given, expected) => {
    expect(column.read(cell(given))).toBe(expected);
  });

  it('takes the serial number of a cell that shows no date', () => {
    expect(column.read(number('45901'))).toBe('2025-09-01');
  });

  it.each(['30.02.2025', '1.13.2025', '01.09.25', 'сентябрь', '0'])('refuses %s', (given) => {
    expect(() => column.read(cell(given))).toThrow('не дата');
  });

  it('names its column and how to mend it', () => {
    expect(mistakeOf(() => column.read(cell('вчера')))).toMatchObject({
      column: 'Дата',
      remedy: 'Укажите дату в виде 01.09.2025',
    });
  });
});

describe('a column of days with times', () => {
  it('takes both', () => {
    expect(date('До').read(cell('31.12.2026 9:05'))).toEqual({ day: '2026-12-31', time: '09:05' });
  });

  it('refuses a time that no clock shows', () => {
    expect(() => date('До').read(cell('31.12.2026 25:00'))).toThrow('не дата');
  });
});

describe('a column of text', () => {
  it('refuses a formula', () => {
    expect(() => text('ФИО').read({ kind: 'formula' })).toThrow('В ячейке формула');
  });

  it('refuses text that is too long', () => {
    expect(() => text('Класс', { max: 3 }).read(cell('5А класс'))).toThrow('Текст длиннее 3 знаков');
  });

  it('refuses control characters', () => {
    expect(() => text('ФИО').read(cell('Бе\u0098лов'))).toThrow('недопустимые знаки');
  });

  it('takes blanks of all kinds for one', () => {
    expect(text('ФИО').read(cell('Белов\u00A0 Артём'))).toBe('Белов Артём');
  });
});

describe('a column of words', () => {
  const column = choice('Родство', { mother: ['мать', 'мама'], adopted: ['приёмный родитель'] });

  it('takes each way of writing one', () => {
    expect([column.read(cell('МАМА')), column.read(cell('приемный  родитель'))]).toEqual([
      'mother',
      'adopted',
    ]);
  });

  it('says what it takes', () => {
    expect(mistakeOf(() => column.read(cell('тётя')))).toMatchObject({
      remedy: 'Укажите одно из: «мать», «приёмный родитель»',
    });
  });
});

describe('other columns', () => {
  it.each(['+7 900 000-00-01', '8(900)0000001', '9000000001'])(
    'the phone number of %s is the same',
    (given) => {
      expect(phone('Телефон').read(cell(given))).toBe('9000000001');
    },
  );

  it('no phone number is refused', () => {
    expect(() => phone('Телефон').read(cell('12-34'))).toThrow('не номер телефона');
  });

  it.each(['2025/2026', '2025-2026', '2025/26', '2025 – 2026 уч. год'])('%s is a school year', (given) => {
    expect(schoolYear('Год').read(cell(given))).toBe('2025/2026');
  });

  it.each(['2025', '2025/2027'])('%s is none', (given) => {
    expect(() => schoolYear('Год').read(cell(given))).toThrow('не учебный год');
  });

  it.each(['0', '2001', '1,5', 'много'])('%s is no count of 1 to 2000', (given) => {
    expect(() => count('Лимит', { min: 1, max: 2_000 }).read(cell(given))).toThrow('не подходящее число');
  });

  it('a long id is taken as text', () => {
    expect(maxChatId('Чат').read(cell('-7100000000000000017'))).toBe('-7100000000000000017');
  });

  it.each(['-7.1000000000000003E+16', '-71000000000000017'])(
    'a long id %s that a spreadsheet keeps as a number has been rounded',
    (given) => {
      expect(() => maxChatId('Чат').read(number(given))).toThrow('округлила длинное число');
    },
  );

  it('a link is kept as its digest only', () => {
    const url = 'https://max.example/join/1';
    expect(link('Ссылка').read(cell(url))).toBe(createHash('sha256').update(url).digest('hex'));
  });

  it('what is no link is refused', () => {
    expect(() => link('Ссылка').read(cell('max.example/join'))).toThrow('не ссылка');
  });

  it('what is no id is refused', () => {
    expect(() => uuid('Идентификатор').read(cell('17'))).toThrow('не идентификатор');
  });
});
