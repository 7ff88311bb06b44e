import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { dayOf, instantOf, type JsonSchema } from '@letopis/kernel';

/**
 * The fields of command payloads: one decorator says how a field is checked (class-validator) and how it stands in the
 * API's description (JSON Schema).
 */
interface FieldOptions {
  /** The field may be left out. */
  readonly optional?: true;
}

interface Field {
  readonly schema: JsonSchema;
  readonly optional: boolean;
}

const fieldsOf = new WeakMap<object, Map<string, Field>>();

function field(
  schema: JsonSchema,
  checks: readonly PropertyDecorator[],
  { optional }: FieldOptions,
): PropertyDecorator {
  return (target, property) => {
    const fields = fieldsOf.get(target) ?? new Map<string, Field>();
    fieldsOf.set(target, fields.set(String(property), { schema, optional: optional === true }));
    const all = optional === true ? [IsOptional(), ...checks] : checks;
    for (const check of all) check(target, property);
  };
}

/** The fields of a class, those that it inherits first. */
function declaredFields(prototype: unknown): readonly (readonly [string, Field])[] {
  if (typeof prototype !== 'object' || prototype === null) return [];
  return [...declaredFields(Object.getPrototypeOf(prototype)), ...(fieldsOf.get(prototype) ?? [])];
}

/** JSON Schema of a payload class, from its fields. */
export function schemaOfPayload(payload: new () => object): JsonSchema {
  const fields = declaredFields(payload.prototype);
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    required: fields.filter(([, { optional }]) => !optional).map(([name]) => name),
    additionalProperties: false,
  };
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && instantOf(value) !== undefined;
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value) && dayOf(value) !== undefined;
}

/** A time zone that this machine can reckon in. */
function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** Text that every store and every canonical form can hold: no NUL, no half of a surrogate pair, not only blanks. */
function isCleanText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') && value.trim() !== '';
}

function checkedBy(name: string, test: (value: unknown) => boolean, message: string): PropertyDecorator {
  return ValidateBy({
    name,
    validator: { validate: (value) => test(value), defaultMessage: () => `$property ${message}` },
  });
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** One spelling for one id: in another, the same person would be two. */
function isId(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

export function Id(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    { type: 'string', format: 'uuid', description },
    [checkedBy('id', isId, 'must be a UUID in lower case')],
    options,
  );
}

/** A pseudonymous id of a person. */
export const PersonId = Id;

export function Ids(
  description: string,
  { max, ...options }: FieldOptions & { max: number },
): PropertyDecorator {
  return field(
    {
      type: 'array',
      items: { type: 'string', format: 'uuid' },
      minItems: 1,
      maxItems: max,
      uniqueItems: true,
      description,
    },
    [
      IsArray(),
      ArrayMinSize(1),
      ArrayMaxSize(max),
      ArrayUnique(),
      checkedBy('ids', (list) => Array.isArray(list) && list.every(isId), 'must hold UUIDs in lower case'),
    ],
    options,
  );
}

export function Text(
  description: string,
  { max = 200, ...options }: FieldOptions & { max?: number } = {},
): PropertyDecorator {
  return field(
    { type: 'string', minLength: 1, maxLength: max, description },
    [
      IsString(),
      Length(1, max),
      checkedBy('cleanText', isCleanText, 'must be text without control characters'),
    ],
    options,
  );
}

export function Email(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field({ type: 'string', format: 'email', description }, [IsEmail()], options);
}

/** A phone number in E.164: `+79000000001`. */
export function Phone(description: string, options: FieldOptions = {}): PropertyDecorator {
  const pattern = /^\+[1-9]\d{6,14}$/;
  return field(
    { type: 'string', pattern: pattern.source, description },
    [Matches(pattern, { message: '$property must be a phone number such as +79000000001' })],
    options,
  );
}

/** Lower-case hexadecimal SHA-256. */
export function Sha256(description: string, options: FieldOptions = {}): PropertyDecorator {
  const pattern = /^[0-9a-f]{64}$/;
  return field(
    { type: 'string', pattern: pattern.source, description },
    [Matches(pattern, { message: '$property must be a SHA-256 in lower-case hexadecimal' })],
    options,
  );
}

/** Text of one form. `example` shows it to whoever writes another. */
export function Pattern(
  pattern: RegExp,
  example: string,
  description: string,
  options: FieldOptions = {},
): PropertyDecorator {
  return field(
    { type: 'string', pattern: pattern.source, description },
    [Matches(pattern, { message: `$property must be written as in ${example}` })],
    options,
  );
}

/** A 64-bit integer of the messenger, as a string. */
export function Int64(description: string, options: FieldOptions = {}): PropertyDecorator {
  const pattern = /^-?\d{1,19}$/;
  const isInt64 = (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
  return field(
    { type: 'string', pattern: pattern.source, description },
    [checkedBy('int64', isInt64, 'must be a 64-bit integer written as a string')],
    options,
  );
}

export function Instant(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    { type: 'string', format: 'date-time', description },
    [checkedBy('instant', isInstant, 'must be an instant with a time zone, such as 2026-09-01T08:00:00Z')],
    options,
  );
}

export function Day(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    { type: 'string', format: 'date', description },
    [checkedBy('day', isDay, 'must be a day that exists, such as 2026-09-01')],
    options,
  );
}

/** An IANA time zone: `Europe/Moscow`. */
export function TimeZone(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field(
    { type: 'string', minLength: 1, maxLength: 60, description },
    [checkedBy('timeZone', isTimeZone, 'must be an IANA time zone such as Europe/Moscow')],
    options,
  );
}

export function OneOf(
  values: readonly string[],
  description: string,
  options: FieldOptions = {},
): PropertyDecorator {
  return field({ type: 'string', enum: [...values], description }, [IsIn([...values])], options);
}

export function ManyOf(
  values: readonly string[],
  description: string,
  options: FieldOptions = {},
): PropertyDecorator {
  return field(
    {
      type: 'array',
      items: { type: 'string', enum: [...values] },
      minItems: 1,
      uniqueItems: true,
      description,
    },
    [IsArray(), ArrayMinSize(1), ArrayUnique(), IsIn([...values], { each: true })],
    options,
  );
}

export function Texts(
  description: string,
  { max, length = 200, ...options }: FieldOptions & { max: number; length?: number },
): PropertyDecorator {
  return field(
    { type: 'array', items: { type: 'string', minLength: 1, maxLength: length }, maxItems: max, description },
    [
      IsArray(),
      ArrayMaxSize(max),
      IsString({ each: true }),
      Length(1, length, { each: true }),
      checkedBy(
        'cleanTexts',
        (list) => Array.isArray(list) && list.every(isCleanText),
        'must hold clean text',
      ),
    ],
    options,
  );
}

export function Count(
  description: string,
  { min, max, ...options }: FieldOptions & { min: number; max: number },
): PropertyDecorator {
  return field(
    { type: 'integer', minimum: min, maximum: max, description },
    [IsInt(), Min(min), Max(max)],
    options,
  );
}

export function Flag(description: string, options: FieldOptions = {}): PropertyDecorator {
  return field({ type: 'boolean', description }, [IsBoolean()], options);
}

/** A list of objects, each checked as `item`. */
export function ListOf(
  item: new () => object,
  description: string,
  { max, ...options }: FieldOptions & { max: number },
): PropertyDecorator {
  return field(
    { type: 'array', items: schemaOfPayload(item), minItems: 1, maxItems: max, description },
    [IsArray(), ArrayMinSize(1), ArrayMaxSize(max), ValidateNested({ each: true }), Type(() => item)],
    options,
  );
}

/** An object, checked as `item`. */
export function Nested(
  item: new () => object,
  description: string,
  options: FieldOptions = {},
): PropertyDecorator {
  return field(
    { ...schemaOfPayload(item), description },
    [
      checkedBy(
        'object',
        (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
        'must be an object',
      ),
      ValidateNested(),
      Type(() => item),
    ],
    options,
  );
}

/** An instant that must not lie behind the one in `other`, where both are there. */
export function NotAfter(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'notAfter',
    constraints: [other],
    validator: {
      validate: (value, args) => {
        const bound: unknown = Reflect.get(args?.object ?? {}, other);
        return (
          typeof value !== 'string' || typeof bound !== 'string' || Date.parse(value) <= Date.parse(bound)
        );
      },
      defaultMessage: () => `$property must not be after ${other}`,
    },
  });
}

/** A school year: `2025/2026`. */
export function SchoolYear(description: string, options: FieldOptions = {}): PropertyDecorator {
  const isSchoolYear = (value: unknown): boolean => {
    const [, from, to] = typeof value === 'string' ? (/^(\d{4})\/(\d{4})$/.exec(value) ?? []) : [];
    return from !== undefined && Number(to) === Number(from) + 1;
  };
  return field(
    { type: 'string', pattern: '^\\d{4}/\\d{4}$', description },
    [checkedBy('schoolYear', isSchoolYear, 'must be a school year such as 2025/2026')],
    options,
  );
}

/** The field makes sense only together with `other`. */
export function Needs(other: string): PropertyDecorator {
  return ValidateBy({
    name: 'needs',
    constraints: [other],
    validator: {
      validate: (value, args) => value === undefined || Reflect.get(args?.object ?? {}, other) !== undefined,
      defaultMessage: () => `$property needs ${other}`,
    },
  });
}
