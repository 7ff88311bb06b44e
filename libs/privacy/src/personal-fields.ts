import {
  type EventType,
  type Json,
  type JsonObject,
  type JsonSchema,
  LetopisError,
  parseJson,
} from '@letopis/kernel';
import { type SubjectKeys, subjectKeyOf, type SubjectRef } from './key-vault';
import { decrypt, encrypt } from './master-key';

/** A personal field as it is stored: ciphertext, or that the subject's key was gone when it came. */
export type SealedValue =
  | { readonly $sealed: { readonly subject: string; readonly value: string } }
  | { readonly $erased: { readonly subject: string } };

/** Where a personal field of an event type stands, and where the id of the person it is about does. */
interface PersonalField {
  readonly path: readonly string[];
  readonly subject: readonly string[];
}

/** The event whose data is sealed or opened; the ciphertext is bound to it. */
export interface DataPlace {
  readonly organizationId: string;
  readonly id: string;
  readonly type: string;
}

/** Encrypts the fields that event schemas mark as personal, each with the key of the person it is about. */
export class PersonalFields {
  private readonly fields: ReadonlyMap<string, readonly PersonalField[]>;

  /** @throws LetopisError `invalid` where personal data is declared that could not be sealed, such as in a list */
  constructor(eventTypes: Iterable<Pick<EventType, 'type' | 'schema'>>) {
    this.fields = new Map(
      [...eventTypes].map(({ type, schema }) => [type, personalFieldsOf(schema, [])] as const),
    );
  }

  /** Whose keys are needed to seal or to open this data. */
  subjectsOf({ organizationId, type }: DataPlace, data: JsonObject): SubjectRef[] {
    const subjects: SubjectRef[] = [];
    for (const { path, subject } of this.fields.get(type) ?? []) {
      if (at(data, path) === undefined) continue;
      subjects.push({ organizationId, subjectId: subjectAt(data, subject) });
    }
    return subjects;
  }

  /** `data` with its personal fields encrypted. Only needs the keys of `subjectsOf`. */
  seal(place: DataPlace, data: JsonObject, keys: SubjectKeys): JsonObject {
    return this.map(place, data, (value, subjectId, context): Json => {
      const key = keys.get(subjectKeyOf({ organizationId: place.organizationId, subjectId }));
      if (key === undefined) throw new LetopisError('unavailable', `No key for subject ${subjectId}`);
      if (key === 'destroyed') return { $erased: { subject: subjectId } };
      const sealed = encrypt(key, Buffer.from(JSON.stringify(value)), context);
      return { $sealed: { subject: subjectId, value: sealed.toString('base64') } };
    });
  }

  /** `data` with its personal fields readable where the key still exists; others stay as they are stored. */
  open(place: DataPlace, data: JsonObject, keys: SubjectKeys): JsonObject {
    return this.map(place, data, (value, subjectId, context): Json => {
      const sealed = sealedValueOf(value);
      const key = keys.get(subjectKeyOf({ organizationId: place.organizationId, subjectId }));
      if (sealed === undefined || key === undefined || key === 'destroyed') return value;
      return parseJson(decrypt(key, Buffer.from(sealed, 'base64'), context).toString());
    });
  }

  private map(
    { organizationId, id, type }: DataPlace,
    data: JsonObject,
    change: (value: Json, subjectId: string, context: string) => Json,
  ): JsonObject {
    let result = data;
    for (const { path, subject } of this.fields.get(type) ?? []) {
      const value = at(data, path);
      if (value === undefined) continue;
      const context = `${organizationId}/${id}/${path.join('/')}`;
      result = replaced(result, path, change(value, subjectAt(data, subject), context));
    }
    return result;
  }
}

function personalFieldsOf(schema: JsonSchema, path: readonly string[]): PersonalField[] {
  const marked = schema['x-personal'];
  if (typeof marked === 'string') return [{ path, subject: marked.split('/').slice(1) }];
  const { properties, ...rest } = schema;
  // Only members of objects are sealed: a mark anywhere else would leave its data in clear, and nobody would notice.
  if (JSON.stringify(rest).includes('"x-personal"')) {
    throw new LetopisError(
      'invalid',
      `Personal data at /${path.join('/')} cannot be sealed: only members of objects can`,
    );
  }
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).flatMap(([name, property]: [string, JsonSchema]) =>
    personalFieldsOf(property, [...path, name]),
  );
}

function at(data: Json | undefined, path: readonly string[]): Json | undefined {
  let value: Json | undefined = data;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !isObject(value)) return undefined;
    value = value[name];
  }
  return value;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function subjectAt(data: JsonObject, path: readonly string[]): string {
  const subject = at(data, path);
  if (typeof subject !== 'string') {
    throw new LetopisError('invalid', 'Personal data must say whom it is about', {
      fields: [{ path: `/${path.join('/')}`, message: 'must be given' }],
    });
  }
  return subject;
}

function replaced(data: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
  const inner = data[name];
  return {
    ...data,
    [name]:
      rest.length === 0 || inner === undefined || !isObject(inner) ? value : replaced(inner, rest, value),
  };
}

function sealedValueOf(value: Json): string | undefined {
  if (!isObject(value)) return undefined;
  const { $sealed } = value;
  if ($sealed === undefined || !isObject($sealed)) return undefined;
  return typeof $sealed.value === 'string' ? $sealed.value : undefined;
}
