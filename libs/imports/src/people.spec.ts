import { derivedId } from '@letopis/kernel';
import { type Alias, nameKey, People, type PersonInFile } from './people';

const headings = { fullName: 'ФИО', number: 'Номер', born: 'Дата рождения' };
const people = (known: readonly Alias[] = []) => new People((...parts) => derivedId('test', ...parts), known);
const MARIA: PersonInFile = { fullName: 'Соколова Мария Петровна', number: '0417', born: '1985-02-14' };

/** People of one group, as an earlier import has left them. */
function after(group: 'staff' | 'pupil' | 'guardian', ...persons: readonly PersonInFile[]): People {
  const earlier = people();
  return people(persons.flatMap((person) => earlier.identify(group, person, headings).aliases));
}

describe('a name', () => {
  it.each([
    'Зелёнкина-Рощина Ольга',
    'ЗЕЛЕНКИНА - РОЩИНА  ольга',
    'Зелёнкина‑Рощина Ольга',
    'Зеленкина Рощина Ольга',
  ])('%s is the same', (name) => {
    expect(nameKey(name)).toBe('зеленкина рощина ольга');
  });
});

describe('people whom a file records', () => {
  it('get the same id from every file', () => {
    expect(people().identify('staff', MARIA, headings).personId).toBe(
      people().identify('staff', { ...MARIA, fullName: 'СОКОЛОВА Мария  Петровна' }, headings).personId,
    );
  });

  it('are known by their number even where the name has changed', () => {
    const { personId } = people().identify('staff', MARIA, headings);
    expect(
      after('staff', MARIA).identify(
        'staff',
        { fullName: 'Орлова Мария Петровна', number: '№ 0417' },
        headings,
      ).personId,
    ).toBe(personId);
  });

  it('have the same number with leading zeros and without', () => {
    const number = (written: string) =>
      people().identify('staff', { fullName: 'Соколова Мария', number: written }, headings).personId;
    expect(number('417')).toBe(number('0417'));
  });

  it('are known by name and day of birth where a number comes later', () => {
    const { number: _, ...unnumbered } = MARIA;
    const { personId } = people().identify('staff', unnumbered, headings);
    expect(after('staff', unnumbered).identify('staff', MARIA, headings).personId).toBe(personId);
  });

  it('are two where numbers differ, though name and day of birth do not', () => {
    const { personId } = people().identify('staff', MARIA, headings);
    expect(after('staff', MARIA).identify('staff', { ...MARIA, number: '0418' }, headings).personId).not.toBe(
      personId,
    );
  });

  it('are one as employee and as parent', () => {
    const { personId } = people().identify('staff', MARIA, headings);
    const { number: _, ...parent } = MARIA;
    expect(after('staff', MARIA).identify('guardian', parent, headings).personId).toBe(personId);
  });

  it('must be told apart from namesakes', () => {
    expect(() => people().identify('pupil', { fullName: 'Белов Артём' }, headings)).toThrow(
      'от однофамильцев',
    );
  });
});

describe('people whom a file refers to', () => {
  it('are found by name alone where nobody else bears it', () => {
    const { personId } = people().identify('staff', MARIA, headings);
    expect(after('staff', MARIA).find('staff', { fullName: 'соколова мария петровна' }, headings)).toBe(
      personId,
    );
  });

  it('are not found by name alone where two bear it', () => {
    const known = after('staff', MARIA, { ...MARIA, number: '0900', born: '1990-01-01' });
    expect(() => known.find('staff', { fullName: 'Соколова Мария Петровна' }, headings)).toThrow(
      'несколько человек',
    );
  });

  it('are not found among others', () => {
    expect(() =>
      after('guardian', { ...MARIA, number: undefined }).find(
        'staff',
        { fullName: MARIA.fullName },
        headings,
      ),
    ).toThrow('не найден');
  });

  it('are not found by a number that nobody has, whatever the name', () => {
    expect(() =>
      after('staff', MARIA).find('staff', { fullName: MARIA.fullName, number: '1' }, headings),
    ).toThrow('не найден');
  });

  it('are one: number and name must not be of two', () => {
    expect(() =>
      after('staff', MARIA).find('staff', { fullName: 'Орлов Пётр', number: '0417' }, headings),
    ).toThrow('указывают на разных людей');
  });
});
