import { PassThrough, pipeline, type Readable } from 'node:stream';
import { LetopisError } from '@letopis/kernel';

/** What may wait here while the lines before it are carried out. */
const READ_AHEAD_BYTES = 1024 * 1024;

/**
 * The lines of an NDJSON body in chunks: whatever lines have come in, at most `chunk` of them. Blank lines are left out.
 *
 * @throws LetopisError `too-large` for a line or a body over its limit; lines before it have been given out
 */
export async function* lines(
  body: Readable,
  limits: { readonly chunk: number; readonly lineBytes: number; readonly bytes: number },
): AsyncGenerator<string[]> {
  // Reading goes on while lines are carried out: full chunks cost less a line than those of one packet.
  const ahead = pipeline(body, new PassThrough({ highWaterMark: READ_AHEAD_BYTES }), () => undefined);
  // What comes after a limit is read and thrown away: a body that nobody reads holds its connection for ever.
  const chunks: AsyncIterable<Buffer> = ahead.iterator({ destroyOnReturn: false });
  try {
    const decoder = new TextDecoder('utf-8');
    let rest = '';
    let bytes = 0;
    let waiting: string[] = [];
    for await (const data of chunks) {
      bytes += data.length;
      const parts = (rest + decoder.decode(data, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      const tooLong = [...parts, rest].findIndex((part) => Buffer.byteLength(part) > limits.lineBytes);
      const whole = tooLong < 0 ? parts : parts.slice(0, tooLong);
      // One by one: a body of blank or tiny lines would be too many arguments for one call.
      for (const part of whole) if (part.trim() !== '') waiting.push(part);
      while (waiting.length >= limits.chunk) yield waiting.splice(0, limits.chunk);
      // Somebody who sends slowly wants answers meanwhile; and nothing that came before a limit is lost.
      const over = tooLong >= 0 || bytes > limits.bytes;
      if (waiting.length > 0 && (over || ahead.readableLength === 0)) {
        yield waiting;
        waiting = [];
      }
      if (tooLong >= 0) throw tooLarge('A line', limits.lineBytes);
      if (over) throw tooLarge('A batch', limits.bytes);
    }
    rest += decoder.decode();
    if (rest.trim() !== '') waiting.push(rest);
    if (waiting.length > 0) yield waiting;
  } finally {
    ahead.resume();
  }
}

function tooLarge(what: string, bytes: number): LetopisError {
  return new LetopisError('too-large', `${what} may have ${bytes / 1024 / 1024} MiB`);
}
