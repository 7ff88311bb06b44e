import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { type FieldProblem, LetopisError } from '@letopis/kernel';
import { readFlatPayload } from './flat-payloads';

/** Three times what the largest command of a large school holds: 500 classes with their teachers. */
const MAX_VALUES = 5_000;
const MAX_DEPTH = 20;
/** A caller who has read a hundred problems has seen enough. */
const MAX_PROBLEMS = 100;
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The payload as an instance of its class.
 *
 * @param at JSON Pointer of the payload within what the caller sent; field paths begin with it
 * @throws LetopisError `invalid` with path and message of the fields that are wrong, missing or unknown, 100 at most
 */
export function readPayload<Payload extends object>(
  type: new () => Payload,
  value: unknown,
  at = '/payload',
): Payload {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LetopisError('invalid', 'The payload must be an object', {
      fields: [{ path: at, message: 'must be an object' }],
    });
  }
  mustBeModest(value, at);
  const flat = readFlatPayload(type, value);
  if (flat !== undefined) return flat;
  const payload = plainToInstance(type, value);
  const errors = validateSync(payload, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) {
    throw new LetopisError('invalid', 'The payload is not valid', {
      fields: errors.flatMap((error) => problemsOf(error, at)).slice(0, MAX_PROBLEMS),
    });
  }
  return payload;
}

/**
 * Validation walks a payload by recursion, field by field: what is too deep or too large for any command is refused
 * before. So are names with which an object's prototype can be reached; class-transformer would drop them in silence.
 */
function mustBeModest(payload: object, at: string): void {
  const refuse = (path: string, message: string): LetopisError =>
    new LetopisError('invalid', 'The payload is not valid', { fields: [{ path, message }] });
  let values = 0;
  let level: { readonly value: object; readonly path: string }[] = [{ value: payload, path: at }];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) throw refuse(at, `must not be nested more than ${MAX_DEPTH} levels deep`);
    const next: typeof level = [];
    for (const { value, path } of level) {
      for (const name of Object.keys(value)) {
        values += 1;
        if (values > MAX_VALUES) throw refuse(at, `must not hold more than ${MAX_VALUES} values`);
        if (FORBIDDEN_NAMES.has(name)) throw refuse(pointer(path, name), 'is not expected here');
        const child: unknown = Reflect.get(value, name);
        if (typeof child === 'object' && child !== null)
          next.push({ value: child, path: pointer(path, name) });
      }
    }
    level = next;
  }
}

function pointer(at: string, name: string): string {
  return `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function problemsOf({ property, constraints, children }: ValidationError, at: string): FieldProblem[] {
  const path = pointer(at, property);
  return [
    ...Object.values(constraints ?? {}).map((message) => ({ path, message })),
    ...(children ?? []).flatMap((child) => problemsOf(child, path)),
  ];
}
