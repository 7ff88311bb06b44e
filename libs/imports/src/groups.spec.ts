import { classTitle, Groups } from './groups';

const groups = new Groups([
  { groupId: 'a', kind: 'class', title: '5А' },
  { groupId: 'b', kind: 'club', title: 'Шахматы' },
]);

describe('the groups of a school', () => {
  it.each(['5А', '5 а', '5-А', '5 «А»', '5A'])('%s is the class 5А', (title) => {
    expect(groups.class(title, 'Класс').groupId).toBe('a');
  });

  it('have no class that is not there', () => {
    expect(() => groups.class('6А', 'Класс')).toThrow('Класса «6А» нет среди действующих');
  });

  it('take no club for a class', () => {
    expect(() => groups.class('Шахматы', 'Класс')).toThrow('«Шахматы» — не класс');
  });

  it('write the title of a class in one way', () => {
    expect([classTitle('10 "б"'), classTitle('Кадетский')]).toEqual(['10Б', 'Кадетский']);
  });
});
