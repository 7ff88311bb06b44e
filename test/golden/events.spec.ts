import {
  type CloudEvent,
  derivedId,
  type EventType,
  type Json,
  type JsonObject,
  type JsonSchema,
  toCloudEvent,
} from '@letopis/kernel';
import { EventCatalogue } from '@letopis/platform';
import { PersonalFields, subjectKeyOf } from '@letopis/privacy';
import { school } from '@letopis/school';
import { expectGolden, listGolden, readGolden } from './golden';

const catalogue = new EventCatalogue(school);
const types = catalogue.eventTypes.map((eventType) => [eventType.type, eventType] as const);
const nameOf = ({ type, version }: EventType): string => `${type}.v${version}`;

const HINT =
  'a version that has shipped never changes, so declare the next one with an upcaster; before the first release, ' +
  'UPDATE_GOLDEN=1 npx jest test/golden --selectProjects unit';

const idOf = (name: string): string => derivedId('golden', name);
const ORGANIZATION = idOf('organization');
const INSTANT = '2025-11-17T13:40:00.000Z';

/** Strings that patterns of the schemas admit, found by trying. */
const CANDIDATES = ['ab'.repeat(32), '9223372036854775807', '2025/2026', 'C08', '09-15'];

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value with everything that the schema admits. @throws Error where a schema is new to this sample */
function sampleOf(schema: JsonSchema, name: string): Json {
  const { type, enum: values, items, properties } = schema;
  if (Array.isArray(values)) return String(values[0]);
  switch (type) {
    case 'object':
      return isSchema(properties) ? sampleOfAll(properties) : {};
    case 'array':
      return isSchema(items) ? [sampleOf(items, name)] : [];
    case 'integer':
      return 3;
    case 'boolean':
      return true;
    case 'string':
      return textOf(schema, name);
    default:
      throw new Error(`No sample for ${name}: ${JSON.stringify(schema)}`);
  }
}

function textOf({ format, pattern, maxLength }: JsonSchema, name: string): string {
  if (format === 'uuid') return idOf(name);
  if (format === 'date-time') return INSTANT;
  if (format === 'date') return '2025-11-17';
  if (typeof pattern !== 'string') return `«${name}»`.slice(0, Number(maxLength));
  const candidate = CANDIDATES.find((text) => new RegExp(pattern).test(text));
  if (candidate === undefined) throw new Error(`No sample for ${name}: /${pattern}/`);
  return candidate;
}

function sampleOfAll(properties: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      sampleOf(isSchema(property) ? property : {}, name),
    ]),
  );
}

/** Ciphertext is another each time: what stays is where it stands, and whose it is. */
function withoutCiphertext(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(withoutCiphertext);
  const { $sealed, ...rest } = value;
  if ($sealed !== undefined && typeof $sealed === 'object' && $sealed !== null && !isList($sealed)) {
    return { $sealed: { ...$sealed, value: '<AES-256-GCM: nonce, ciphertext, tag in base64>' } };
  }
  return Object.fromEntries(Object.entries(rest).map(([name, field]) => [name, withoutCiphertext(field)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** An event of the type as it is stored and handed out. */
function storedEvent(eventType: EventType): CloudEvent {
  const personal = new PersonalFields([eventType]);
  const { type } = eventType;
  const { version, data } = catalogue.check(type, sampleOf(eventType.schema, type));
  const place = { organizationId: ORGANIZATION, id: idOf(type), type };
  const subjects = personal.subjectsOf(place, data);
  const keys = new Map(subjects.map((subject) => [subjectKeyOf(subject), Buffer.alloc(32, 7)]));
  return toCloudEvent({
    ...place,
    schemaVersion: version,
    stream: `thing-${idOf('thing')}`,
    revision: 0n,
    position: 1n,
    occurredAt: INSTANT,
    recordedAt: '2025-11-17T14:05:00.000Z',
    actor: { id: idOf('actor'), role: 'platform_admin' },
    source: 'operator',
    commandId: idOf('command'),
    correlationId: idOf('correlation'),
    causationId: idOf('cause'),
    data: personal.seal(place, data, keys),
  });
}

describe.each(types)('%s', (_type, eventType) => {
  it('given its schema, then it is the one that was agreed upon for its version', () => {
    expectGolden(`schemas/${nameOf(eventType)}.json`, eventType.schema, HINT);
  });

  it('given an event, then it is stored and handed out in the form that was agreed upon', () => {
    const { data, ...attributes } = storedEvent(eventType);
    expectGolden(`events/${nameOf(eventType)}.json`, { ...attributes, data: withoutCiphertext(data) }, HINT);
  });

  it('given its personal fields, then each is found wherever it stands', () => {
    const marks = JSON.stringify(eventType.schema).split('"x-personal"').length - 1;
    const found = new PersonalFields([eventType]).subjectsOf(
      { organizationId: ORGANIZATION, id: idOf(eventType.type), type: eventType.type },
      sampleOfAll(isSchema(eventType.schema.properties) ? eventType.schema.properties : {}),
    );
    expect(found).toHaveLength(marks);
  });

  it('given its versions, then each but the last has an upcaster, and each is on record here', () => {
    const older = Array.from({ length: eventType.version - 1 }, (_, index) => index + 1);
    expect(Object.keys(eventType.upcasters).map(Number)).toEqual(older);
    for (const version of older) {
      expect(readGolden(`events/${nameOf({ ...eventType, version })}.json`)).toBeDefined();
    }
  });
});

it.each(['events', 'schemas'])('given a file in %s, then its type is still declared', (folder) => {
  const declared = new Set(types.map(([type]) => type));
  const orphans = listGolden(folder).filter((name) => !declared.has(name.replace(/\.v\d+$/, '')));
  expect(orphans).toEqual([]);
});
