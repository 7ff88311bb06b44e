import { text } from './columns';
import { matchHeadings } from './headings';
import { mistakeOf } from './testing';

const name = text(['ФИО', 'Ученик']);
const group = text('Класс');
const note = text('Примечание');
const columns = [name, group, note];

const row = (...headings: readonly string[]) => ({
  number: 1,
  cells: headings.map((heading) => (heading === '' ? undefined : ({ kind: 'text', text: heading } as const))),
});
const match = (...headings: readonly string[]) => matchHeadings(row(...headings), columns, [[name], [group]]);

describe('the headings of a file', () => {
  it('are found in any order, by synonyms, whatever their case and marks', () => {
    expect([...match('КЛАСС *', '', 'ученик:').places]).toEqual([
      [group, 0],
      [name, 2],
    ]);
  });

  it('are refused where a column is there twice, under whatever name', () => {
    expect(() => match('ФИО', 'Класс', 'Ученик')).toThrow('Столбец «ФИО» есть в файле дважды');
  });

  it('are refused with all that is missing and all that is unknown', () => {
    expect(() => match('Адрес')).toThrow('Нет столбцов: «ФИО»; «Класс». Неизвестные столбцы: «Адрес»');
  });

  it('that are almost right are told how to be right', () => {
    expect(mistakeOf(() => match('ФИО', 'Клас'))).toMatchObject({
      remedy: 'Возможно, «Клас» переименуйте в «Класс»',
    });
  });

  it('that nobody asked for are left alone, with a notice', () => {
    expect(match('ФИО', 'Класс', 'Адрес').notices).toEqual([
      expect.objectContaining({
        severity: 'notice',
        column: 'Адрес',
        message: 'Столбец «Адрес» не используется',
      }),
    ]);
  });

  it('that are almost those of an optional column are noticed', () => {
    expect(match('ФИО', 'Класс', 'Примичание').notices[0]?.remedy).toMatch(
      'Если это «Примечание», переименуйте',
    );
  });
});
