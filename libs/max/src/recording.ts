/** One part of a recorded file: the text of an update or of an answer of long polling, or why there is none. */
export type Piece = { readonly line: number } & ({ readonly body: Buffer } | { readonly broken: string });

/** No update is nearly as long; a file that is no recording must not fill the memory. */
const MAX_PIECE = 16 * 1_024 * 1_024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LOOK_AHEAD = 64 * 1_024;
const BEGINS_ENVELOPE = /^\{\s*(?:"marker"\s*:\s*(?:-?\d+|null)\s*,\s*)?"updates"\s*:\s*\[/;

const LONGEST_OPENING = 200;

const [NEWLINE, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The updates of a recorded file, as it is read: one a line (NDJSON; also whole answers of long polling), a JSON list, or
 * `{"updates": […]}`. Lines count from 1. A broken line is told and harms no other.
 */
export async function* piecesOf(file: AsyncIterable<Buffer>): AsyncGenerator<Piece> {
  let head: Buffer = Buffer.alloc(0);
  let splitter: Splitter | undefined;
  for await (const chunk of file) {
    if (splitter === undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length < LOOK_AHEAD) continue;
      splitter = splitterFor(head);
      yield* splitter.take(withoutMark(head));
    } else {
      yield* splitter.take(chunk);
    }
  }
  if (splitter === undefined) {
    splitter = splitterFor(head);
    yield* splitter.take(withoutMark(head));
  }
  yield* splitter.end();
}

function withoutMark(head: Buffer): Buffer {
  return head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? head.subarray(BYTE_ORDER_MARK.length)
    : head;
}

function splitterFor(head: Buffer): Splitter {
  const text = withoutMark(head).toString('utf8').trimStart();
  if (text.startsWith('[')) return new DocumentSplitter();
  const newline = text.indexOf('\n');
  // A whole value in the first line: then each line is one, the first like the others.
  if (newline >= 0 && isJson(text.slice(0, newline))) return new LineSplitter();
  return BEGINS_ENVELOPE.test(text) ? new DocumentSplitter() : new LineSplitter();
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

interface Splitter {
  take(chunk: Buffer): Iterable<Piece>;
  end(): Iterable<Piece>;
}

/** Bytes of a piece that is still being read. */
class Gathered {
  private parts: Buffer[] = [];
  private size = 0;

  add(part: Buffer): void {
    this.size += part.length;
    // What is too long is told as such; it need not be kept for that.
    if (this.size <= MAX_PIECE) this.parts.push(part);
    else this.parts = [];
  }

  /** What was gathered, from `line` on; nothing where it was blank. */
  flush(line: number, wrap = (body: Buffer): Buffer => body): readonly Piece[] {
    const { size, parts } = this;
    this.parts = [];
    this.size = 0;
    if (size > MAX_PIECE) return [{ line, broken: `longer than ${MAX_PIECE} bytes` }];
    const body = trimmed(Buffer.concat(parts));
    return body.length === 0 ? [] : [{ line, body: wrap(body) }];
  }
}

function trimmed(body: Buffer): Buffer {
  let [from, to] = [0, body.length];
  while (from < to && isBlank(body.readUInt8(from))) from += 1;
  while (to > from && isBlank(body.readUInt8(to - 1))) to -= 1;
  return body.subarray(from, to);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE;
}

class LineSplitter implements Splitter {
  private readonly gathered = new Gathered();
  private line = 1;

  *take(chunk: Buffer): Iterable<Piece> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.gathered.add(chunk.subarray(from, at));
      yield* this.gathered.flush(this.line);
      this.line += 1;
      from = at + 1;
    }
    this.gathered.add(chunk.subarray(from));
  }

  end(): Iterable<Piece> {
    return this.gathered.flush(this.line);
  }
}

/** Finds the items of lists by brackets and quotes alone, so that a list of any length needs the memory of one item. */
class DocumentSplitter implements Splitter {
  private readonly gathered = new Gathered();
  private place: 'before' | 'list' | 'item' | 'behind' | 'lost' = 'before';
  private line = 1;
  private beganAt = 1;
  /** What stands before the list. */
  private opening = '';
  private enveloped = false;
  /** Open brackets within the item. */
  private depth = 0;
  private quoted = false;
  private escaped = false;

  *take(chunk: Buffer): Iterable<Piece> {
    let from = 0;
    for (const [at, byte] of chunk.entries()) {
      if (byte === NEWLINE) this.line += 1;
      if (this.place === 'item' && this.endsItem(byte)) {
        this.gathered.add(chunk.subarray(from, at));
        yield* this.gathered.flush(this.beganAt, asBatch);
        this.place = 'list';
      }
      switch (this.place) {
        case 'before':
          yield* this.open(byte);
          break;
        case 'list':
          if (byte === CLOSE_LIST) {
            this.place = this.enveloped ? 'behind' : 'before';
          } else if (!isBlank(byte) && byte !== COMMA) {
            this.place = 'item';
            this.beganAt = this.line;
            from = at;
            this.track(byte);
          }
          break;
        case 'item':
          this.track(byte);
          break;
        case 'behind':
          if (byte === CLOSE_OBJECT) this.place = 'before';
          break;
        case 'lost':
          break;
      }
    }
    if (this.place === 'item') this.gathered.add(chunk.subarray(from));
  }

  *end(): Iterable<Piece> {
    if (this.place === 'lost' || (this.place === 'before' && this.opening.trim() === '')) return;
    const line = this.place === 'item' ? this.beganAt : this.line;
    yield { line, broken: 'the file ends within the value that begins here' };
  }

  private *open(byte: number): Iterable<Piece> {
    this.opening += String.fromCharCode(byte);
    if (byte === OPEN_LIST) {
      this.enveloped = BEGINS_ENVELOPE.test(this.opening.trimStart());
      if (this.enveloped || this.opening.trim() === '[') {
        this.place = 'list';
        this.opening = '';
      }
    }
    if (byte !== NEWLINE && (byte === CLOSE_OBJECT || this.opening.trimStart().length > LONGEST_OPENING)) {
      this.place = 'lost';
      yield { line: this.line, broken: 'from here on there is no list of updates' };
    }
  }

  private endsItem(byte: number): boolean {
    return this.depth === 0 && !this.quoted && (byte === COMMA || byte === CLOSE_LIST);
  }

  private track(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (this.quoted) {
      this.escaped = byte === BACKSLASH;
      this.quoted = byte !== QUOTE;
    } else if (byte === QUOTE) this.quoted = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.depth += 1;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.depth -= 1;
  }
}

/** An item of a list is the same update as an item of an answer of long polling: its blanks do not count. */
function asBatch(item: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"updates":['), item, Buffer.from(']}')]);
}
