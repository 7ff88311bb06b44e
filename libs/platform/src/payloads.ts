import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { type FieldProblem, LetopisError } from '@letopis/kernel';

/**
 * The payload as an instance of its class.
 *
 * @param at JSON Pointer of the payload within what the caller sent; field paths begin with it
 * @throws LetopisError `invalid` with the path and the message of every field that is wrong, missing or unknown
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
  const payload = plainToInstance(type, value);
  const errors = validateSync(payload, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) {
    throw new LetopisError('invalid', 'The payload is not valid', {
      fields: errors.flatMap((error) => problemsOf(error, at)),
    });
  }
  return payload;
}

function problemsOf({ property, constraints, children }: ValidationError, at: string): FieldProblem[] {
  const path = `${at}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return [
    ...Object.values(constraints ?? {}).map((message) => ({ path, message })),
    ...(children ?? []).flatMap((child) => problemsOf(child, path)),
  ];
}
