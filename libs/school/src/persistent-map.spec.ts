import fc from 'fast-check';
import { PersistentMap } from './persistent-map';

/** Two texts of one hash (FNV-1a, 32 bits). */
const COLLIDING = ['costarring', 'liquid'] as const;

const mapOf = (entries: Iterable<readonly [string, number]>): PersistentMap<number> => {
  let map = PersistentMap.empty<number>();
  for (const [key, value] of entries) map = map.with(key, value);
  return map;
};

it('given any entries in turn, then it holds what a Map holds', () => {
  const keys = fc.oneof(fc.string(), fc.uuid(), fc.constantFrom(...COLLIDING, ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, fc.integer())), fc.string(), (entries, other) => {
      const [map, expected] = [mapOf(entries), new Map(entries)];
      expect(new Map(map)).toEqual(expected);
      for (const key of [...expected.keys(), other]) {
        expect([map.get(key), map.has(key)]).toEqual([expected.get(key), expected.has(key)]);
      }
    }),
  );
});

it('given texts of one hash, then each keeps its own value', () => {
  const map = mapOf([
    [COLLIDING[0], 1],
    [COLLIDING[1], 2],
    [COLLIDING[0], 3],
  ]);
  expect(COLLIDING.map((key) => map.get(key))).toEqual([3, 2]);
});

it('given an entry is put in, then the map of before is as it was', () => {
  const before = mapOf([['a', 1]]);
  mapOf([...before, ['a', 2]]);
  before.with('a', 2).with('b', 3);
  expect([...before]).toEqual([['a', 1]]);
});
