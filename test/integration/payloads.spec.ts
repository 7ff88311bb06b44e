import { plainToInstance } from 'class-transformer';
import fc from 'fast-check';
import { type AnyCommand, isLetopisError } from '@letopis/kernel';
import { readPayload } from '@letopis/platform';
import { school } from '@letopis/school';
import { problemsOf } from '../../libs/school/src/testing';

const commands = school.commands.map((command) => [command.name, command] as const);

/** The payload as a command would get it; undefined where it is refused. */
function read({ payload }: AnyCommand, plain: object): object | undefined {
  try {
    return readPayload(payload, plain);
  } catch (error) {
    if (!isLetopisError(error, 'invalid')) throw error;
    return undefined;
  }
}

/** Values that a field may be given by mistake. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    'текст',
    '2025-02-30',
    '2025-11-17T14:05:00Z',
    true,
    0,
    -1,
    1.5,
    1e9,
  ),
  fc.constantFrom<unknown>([], {}, [''], ['2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02'], [[]], [null], { a: 1 }),
  fc.uuid(),
);

/** The command's example with some fields left out, replaced or added. */
function variants({ example }: AnyCommand): fc.Arbitrary<object> {
  const names = [...Object.keys(example), 'unknown'];
  return fc
    .tuple(fc.subarray(Object.keys(example)), fc.dictionary(fc.constantFrom(...names), anything))
    .map(([kept, changed]) => ({
      ...Object.fromEntries(kept.map((name) => [name, example[name]])),
      ...changed,
    }));
}

describe('payloads', () => {
  it.each(commands)(
    'given %s, then it is accepted exactly where class-validator accepts it',
    (_, command) => {
      fc.assert(
        fc.property(variants(command), (plain) => {
          const accepted = problemsOf(command, plain).length === 0;
          expect(read(command, plain)).toEqual(
            accepted ? plainToInstance(command.payload, plain) : undefined,
          );
        }),
        { numRuns: 100 },
      );
    },
  );
});
