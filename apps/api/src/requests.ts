import { type FastifyRequest } from 'fastify';
import { type FieldProblem, instant, instantOf, LetopisError } from '@letopis/kernel';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

type Query = Readonly<Record<string, unknown>>;

function wrong(path: string, message: string): LetopisError {
  return new LetopisError('invalid', 'The request is not valid', { fields: [{ path, message }] });
}

/** A UUID of the path or the query. @throws LetopisError `invalid` */
export function uuidOf(value: unknown, path: string): string {
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  if (!UUID.test(id)) throw wrong(path, 'must be a UUID');
  return id;
}

/** One header, if it was sent. @throws LetopisError `invalid` where it is longer than `max` or holds control characters */
export function headerOf(request: FastifyRequest, name: string, max: number): string | undefined {
  const value = request.headers[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[\x21-\x7e][\x20-\x7e]*$/.test(value) || value.length > max) {
    throw wrong(`/headers/${name}`, `must be 1 to ${max} printable ASCII characters`);
  }
  return value;
}

/** `If-Match: "7"`: the stream's revision as the caller knows it; `"none"` for a stream without events. */
export function expectedRevisionOf(request: FastifyRequest): bigint | undefined {
  const value = request.headers['if-match'];
  if (value === undefined) return undefined;
  const [, revision] = /^"(none|\d{1,18})"$/.exec(value) ?? [];
  if (revision === undefined) throw wrong('/headers/if-match', 'must be a revision in quotes, or "none"');
  return revision === 'none' ? -1n : BigInt(revision);
}

/** Reads the parameters of a query or the members of a flat body, each by its kind; refuses what nobody asked for. */
export class QueryReader {
  private readonly known = new Set<string>();

  constructor(private readonly query: Query) {}

  text(name: string, max = 200): string | undefined {
    this.known.add(name);
    const value = this.query[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '' || value.length > max || value.includes('\0')) {
      throw wrong(`/${name}`, `must be text of 1 to ${max} characters, given once`);
    }
    return value;
  }

  uuid(name: string): string | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : uuidOf(value, `/${name}`);
  }

  instant(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    // A "+" of a time zone that was not percent-encoded arrives as a blank.
    const at = instantOf(value.replace(' ', '+'));
    if (at === undefined) {
      throw wrong(`/${name}`, 'must be an instant with a time zone, such as 2026-09-01T08:00:00Z');
    }
    return instant(at);
  }

  position(name: string): bigint | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,18}$/.test(value)) throw wrong(`/${name}`, 'must be a position: digits');
    return BigInt(value);
  }

  integer(name: string, otherwise: number, min: number, max: number): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = Number(value);
    if (!Number.isInteger(number) || number < min || number > max) {
      throw wrong(`/${name}`, `must be a whole number from ${min} to ${max}`);
    }
    return number;
  }

  oneOf<const Values extends readonly string[]>(name: string, values: Values): Values[number] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw wrong(`/${name}`, `must be one of ${values.join(', ')}`);
    return value;
  }

  /** @throws LetopisError `invalid` where the value is not there */
  required<Value>(name: string, value: Value | undefined): Value {
    if (value === undefined) throw wrong(`/${name}`, 'must be given');
    return value;
  }

  /** @throws LetopisError `invalid` naming every parameter that was not read */
  end(): void {
    const unknown: FieldProblem[] = Object.keys(this.query)
      .filter((name) => !this.known.has(name))
      .map((name) => ({ path: `/${name}`, message: 'is no parameter of this request' }));
    if (unknown.length > 0)
      throw new LetopisError('invalid', 'The request is not valid', { fields: unknown });
  }
}

/** The members of a JSON body, and no others. @throws LetopisError `invalid` */
export function bodyOf<const Names extends readonly string[]>(
  body: unknown,
  names: Names,
): Partial<Record<Names[number], unknown>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw wrong('', 'must be a JSON object');
  }
  const unknown = Object.keys(body).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new LetopisError('invalid', 'The request is not valid', {
      fields: unknown.map((name) => ({ path: `/${name}`, message: 'is not expected here' })),
    });
  }
  return body;
}
