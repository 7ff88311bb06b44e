import { piecesOf } from './recording';

/** The pieces of a text that is read in chunks of `size` bytes: bodies as text, or what is broken. */
async function piecesIn(text: string, size = 7): Promise<readonly (readonly [number, string])[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size)
      yield await Promise.resolve(bytes.subarray(at, at + size));
  }
  const pieces: [number, string][] = [];
  for await (const piece of piecesOf(chunks())) {
    pieces.push([piece.line, 'body' in piece ? piece.body.toString() : `! ${piece.broken}`]);
  }
  return pieces;
}

const inBatch = (item: string): string => `{"updates":[${item}]}`;

describe('the pieces of a recorded file', () => {
  it.each([1, 3, 1_000])(
    'given one update a line, in chunks of %i, then each line is one with its number',
    async (size) => {
      expect(await piecesIn('{"a":1}\n\n{"b":"ы"}\r\n{"c":\n{"d":4}', size)).toEqual([
        [1, '{"a":1}'],
        [3, '{"b":"ы"}'],
        [4, '{"c":'],
        [5, '{"d":4}'],
      ]);
    },
  );

  it.each([1, 3, 1_000])(
    'given a list, in chunks of %i, then each item is one with its line',
    async (size) => {
      expect(await piecesIn('[\n {"a":"],}\\""},\n {"b":[1,{}]} , 7,\n{"ы":"[{"}\n]\n', size)).toEqual([
        [2, inBatch('{"a":"],}\\""}')],
        [3, inBatch('{"b":[1,{}]}')],
        [3, inBatch('7')],
        [4, inBatch('{"ы":"[{"}')],
      ]);
    },
  );

  it.each([
    ['in one line', '{"updates":[{"a":1},{"b":2}],"marker":95412}'],
    ['over lines', '{\n  "updates": [\n{"a":1},\n{"b":2}\n], "marker": 95412\n}'],
    ['with the marker first', '{"marker":1,"updates":[{"a":1},{"b":2}]}'],
    ['with a byte order mark', '\ufeff{"updates":[{"a":1},{"b":2}]}'],
  ])('given an answer of long polling %s, then each of its updates is one', async (_what, text) => {
    expect((await piecesIn(text)).map(([, body]) => body)).toEqual([inBatch('{"a":1}'), inBatch('{"b":2}')]);
  });

  it('given answers of long polling and updates, one a line, then each line is one', async () => {
    expect(await piecesIn('{"updates":[{"a":1}],"marker":1}\n{"b":2}\n')).toEqual([
      [1, '{"updates":[{"a":1}],"marker":1}'],
      [2, '{"b":2}'],
    ]);
  });

  it('given several answers over lines, then the updates of all are found', async () => {
    const answer = '{\n"updates":[{"a":1}],\n"marker":1}\n';
    expect((await piecesIn(answer + answer)).map(([line]) => line)).toEqual([2, 5]);
  });

  it.each([
    [
      'a list that does not end',
      '[{"a":1},\n{"b":',
      [1, inBatch('{"a":1}')],
      [2, expect.stringMatching(/^! .*ends/)],
    ],
    [
      'something behind the list',
      '[{"a":1}]\n}',
      [1, inBatch('{"a":1}')],
      [2, expect.stringMatching(/^! .*no list/)],
    ],
  ])('given %s, then it is told where, and what came before counts', async (_what, text, ...expected) => {
    expect(await piecesIn(text)).toEqual(expected);
  });

  it('given an empty file, then there are none', async () => {
    expect(await piecesIn(' \n')).toEqual([]);
  });

  it('given a line that fills the memory, then it is told and the next one counts', async () => {
    const long = 'x'.repeat(17 * 1_024 * 1_024);
    expect(await piecesIn(`${long}\n{"a":1}`, 1 << 20)).toEqual([
      [1, expect.stringMatching(/^! longer than/)],
      [2, '{"a":1}'],
    ]);
  });
});
