import { type Json, type LetopisError } from '@letopis/kernel';
import { assertStorable, storableText } from './storable';

/** Path that `assertStorable` complains of, if it does. */
function refusedPath(value: Json): string | undefined {
  try {
    assertStorable(value);
    return undefined;
  } catch (error) {
    return (error as LetopisError).fields?.[0]?.path;
  }
}

describe('what both backends can hold', () => {
  it.each<[string, Json]>([
    ['plain values', { text: 'Привет', number: 1, flag: true, nothing: null, list: ['a', { b: 'c' }] }],
    ['a whole surrogate pair', { text: '😀' }],
    ['the six characters of an escaped NUL', { text: '\\u0000' }],
  ])('given %s, then they are accepted', (_case, value) => {
    expect(refusedPath(value)).toBeUndefined();
  });

  it.each<[string, Json, string]>([
    ['a NUL in a value', { text: 'a\0b' }, '/text'],
    ['a NUL in a nested list', { list: ['a', ['\0']] }, '/list/1/0'],
    ['a NUL in a key', { outer: { 'a/\0': 1 } }, '/outer/a~1\0'],
    ['a lone surrogate', { text: '\ud83d' }, '/text'],
  ])('given %s, then it is refused by its path', (_case, value, path) => {
    expect(refusedPath(value)).toBe(path);
  });

  it('given a text that cannot be stored, when it is made storable, then only the bad characters change', () => {
    expect(storableText('a\0b\ud83dc😀\0')).toBe('a\uFFFDb\uFFFDc😀\uFFFD');
  });
});
