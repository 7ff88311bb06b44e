import { createHash } from 'node:crypto';
import { isLosslessNumber, parse, stringify } from 'lossless-json';

/** One update as it came. */
export interface Update {
  /** The body; of an update that came in a batch, its own part of it, its numbers digit for digit. */
  readonly raw: Buffer;
  /** SHA-256 of `raw`, in lower-case hexadecimal. */
  readonly rawSha256: string;
  readonly content: { readonly fields: Fields } | { readonly unreadable: string };
}

/** A JSON object as it was written: numbers keep their digits, and nothing is known of the fields. */
export type Fields = Readonly<Record<string, unknown>>;

/** An update that is not what it should be; the message says which field is wrong and holds none of its values. */
export class Unreadable extends Error {}

/** Updates in one body that the webhook takes: as many as one answer of long polling holds at most. */
export const MAX_UPDATES = 1_000;

/**
 * The updates in a body: one, or those of a batch `{updates: […]}` as long polling gives them. Never throws: a body that
 * is no JSON object, or holds more than `most` updates, is one update whose content is unreadable.
 */
export function readUpdates(body: Buffer, most = MAX_UPDATES): readonly Update[] {
  try {
    const value = parseLossless(body);
    if (!isFields(value)) throw new Unreadable('the body is no JSON object');
    // Its own field only: JSON text may name a prototype.
    const updates = Object.hasOwn(value, 'updates') ? value.updates : undefined;
    if (Object.hasOwn(value, 'update_type') || !Array.isArray(updates)) {
      return [update(body, { fields: value })];
    }
    if (updates.length > most) throw new Unreadable(`the body holds more than ${most} updates`);
    return updates.map((item: unknown) =>
      update(
        Buffer.from(stringify(item) ?? ''),
        isFields(item) ? { fields: item } : { unreadable: 'the update is no JSON object' },
      ),
    );
  } catch (error) {
    const unreadable = error instanceof Unreadable ? error.message : 'the body is no JSON';
    return [update(body, { unreadable })];
  }
}

function update(raw: Buffer, content: Update['content']): Update {
  return { raw, rawSha256: sha256(raw), content };
}

/** SHA-256 in lower-case hexadecimal; of text, over its UTF-8, where half a surrogate pair counts as U+FFFD. */
export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** JSON.parse would round `seq`, which is greater than 2^53. @throws Unreadable, SyntaxError, RangeError */
function parseLossless(body: Buffer): unknown {
  return parse(decode(body), null, {
    onDuplicateKey: ({ key }) => {
      const name = /^\w{1,50}$/.test(key) ? key : 'a field';
      throw new Unreadable(`${name} stands twice with different values`);
    },
  });
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Unreadable('the body is not UTF-8');
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

/** Reads the fields of an update one by one. `null` is as good as absent. */
export class FieldReader {
  constructor(
    private readonly fields: Fields,
    private readonly path = '',
  ) {}

  /** @throws Unreadable where the field is there and is no object */
  optionalObject(name: string): FieldReader | undefined {
    return this.optional(name, 'an object', (value) =>
      isFields(value) ? new FieldReader(value, this.pathOf(name)) : undefined,
    );
  }

  /** @throws Unreadable */
  object(name: string): FieldReader {
    return this.required(name, this.optionalObject(name));
  }

  /** A 64-bit integer, exact, in its shortest form. @throws Unreadable where the field is there and is none */
  optionalInt64(name: string): string | undefined {
    return this.optional(name, 'a 64-bit integer', int64Of);
  }

  /** @throws Unreadable */
  int64(name: string): string {
    return this.required(name, this.optionalInt64(name));
  }

  /** Text as it stands. @throws Unreadable where the field is there and is none */
  optionalText(name: string): string | undefined {
    return this.optional(name, 'text', (value) => (typeof value === 'string' ? value : undefined));
  }

  /** @throws Unreadable */
  text(name: string): string {
    return this.required(name, this.optionalText(name));
  }

  /** @throws Unreadable where the field is there and is no list */
  optionalList(name: string): readonly unknown[] | undefined {
    return this.optional(name, 'a list', (value) => (Array.isArray(value) ? value : undefined));
  }

  /** The field's full name, for messages. */
  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  private optional<Value>(
    name: string,
    what: string,
    read: (value: unknown) => Value | undefined,
  ): Value | undefined {
    const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
    if (value === undefined || value === null) return undefined;
    const found = read(value);
    if (found === undefined) throw new Unreadable(`${this.pathOf(name)} is not ${what}`);
    return found;
  }

  private required<Value>(name: string, value: Value | undefined): Value {
    if (value === undefined) throw new Unreadable(`${this.pathOf(name)} is missing`);
    return value;
  }
}

/** The value, or nothing where it cannot be read: for fields that a fact can do without. */
export function lenient<Value>(read: () => Value | undefined): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** The `type` of an item of a list; nothing where it has none. */
export function typeOf(item: unknown): string | undefined {
  return isFields(item) ? lenient(() => new FieldReader(item).optionalText('type')) : undefined;
}

function int64Of(value: unknown): string | undefined {
  const text = isLosslessNumber(value) ? value.value : value;
  if (typeof text !== 'string' || !/^-?\d{1,19}$/.test(text)) return undefined;
  const number = BigInt(text);
  return number >= INT64.min && number <= INT64.max ? number.toString() : undefined;
}
