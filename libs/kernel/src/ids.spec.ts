import { derivedId, eventIdOf, newId } from './ids';

describe('ids', () => {
  it('given the same parts, then the derived id is the same on every machine, for ever', () => {
    expect(derivedId('command', 'school', 'Anna', 'key-1')).toBe('c6c22415-3cea-58fa-9228-4fa814f8fd5a');
  });

  it('given parts that are cut differently, then their ids differ', () => {
    expect(derivedId('a', 'bc')).not.toBe(derivedId('ab', 'c'));
  });

  it('given one command, then each of its events has an id of its own', () => {
    const commandId = newId();
    expect(new Set([0, 1, 2].map((index) => eventIdOf(commandId, index))).size).toBe(3);
  });

  it('given fresh ids, then they stand in the order of their milliseconds', () => {
    const instants = Array.from({ length: 1_000 }, () => newId().slice(0, 13));
    expect(instants.toSorted()).toEqual(instants);
  });
});
