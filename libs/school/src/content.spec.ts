import { contentOf } from './content';

const data = { a: 1, list: [{ b: 'б', c: true }] };

it.each<[string, object]>([
  ['members stand in another order', { list: [{ c: true, b: 'б' }], a: 1 }],
  ['a member has no value', { ...data, d: undefined }],
])('given %s, then the content is the same', (_case, other) => {
  expect(contentOf(other)).toBe(contentOf(data));
});

it.each<[string, object]>([
  ['another value', { ...data, a: 2 }],
  ['a value of another kind', { ...data, a: '1' }],
  ['a member more', { ...data, d: null }],
  ['a longer list', { ...data, list: [...data.list, 'а'] }],
])('given %s, then the content is another', (_case, other) => {
  expect(contentOf(other)).not.toBe(contentOf(data));
});
