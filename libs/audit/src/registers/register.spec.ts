import { registers } from './catalogue';
import { type Column, defineRegister, type Register, sqlNameOf } from './register';

const register: Register = {
  form: 'F1',
  nameRu: 'Журнал',
  about: 'A row.',
  columns: [],
  filters: {},
  views: [],
  sql: 'SELECT 1',
};
const column: Column = { key: 'title', headingRu: 'Название', type: 'text', width: 10 };

describe('the declaration of a register', () => {
  it.each<[string, readonly Column[]]>([
    ['a column twice', [column, column]],
    ['a key that is no name', [{ ...column, key: 'the title' }]],
    ['labels for what is no text', [{ ...column, type: 'number', labels: {} }]],
    ['a total of what is no number', [{ ...column, total: true }]],
  ])('given %s, then it is refused', (_name, columns) => {
    expect(() => defineRegister({ ...register, columns })).toThrow();
  });

  it('given a key, then SQL has it in snake case', () => {
    expect(sqlNameOf({ key: 'lastChatLeftAt' })).toBe('last_chat_left_at');
  });
});

it('given the registers, then each form has one', () => {
  const forms = registers.map(({ form }) => form);
  expect(new Set(forms).size).toBe(forms.length);
});
