import {
  type AnyEvent,
  type Concept,
  type EventType,
  isLetopisError,
  type JsonObject,
} from '@letopis/kernel';
import { EventCatalogue } from './event-catalogue';

function eventType(
  version: number,
  upcasters: EventType['upcasters'],
  schema: EventType['schema'] = { type: 'object' },
): EventType {
  return {
    type: 'ChatNamed',
    version,
    titleRu: 'Чат назван',
    clauses: [],
    schema,
    upcasters,
    of: (data) => ({ type: 'ChatNamed', data }),
  };
}

function concept(...events: EventType[]): Concept<null, AnyEvent> {
  return { name: 'chat', titleRu: 'Чат', events, initial: null, evolve: (state) => state };
}

const catalogueOf = (...events: EventType[]) => new EventCatalogue({ concepts: [concept(...events)] });

const named = eventType(
  1,
  {},
  {
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1 },
      by: { type: 'string', format: 'uuid', 'x-person': true },
    },
    required: ['title'],
    additionalProperties: false,
  },
);

function problemsOf(data: unknown): readonly object[] | undefined {
  try {
    catalogueOf(named).check('ChatNamed', data);
    return undefined;
  } catch (error) {
    if (!isLetopisError(error, 'invalid')) throw error;
    return error.fields;
  }
}

describe('what is written', () => {
  it('given data that matches the schema, then it has the version of today', () => {
    expect(catalogueOf(named).check('ChatNamed', { title: '5А' })).toEqual({
      version: 1,
      data: { title: '5А' },
    });
  });

  it.each<[string, unknown, string]>([
    ['a wrong field', { title: '' }, '/title'],
    ['an extra field', { title: '5А', extra: 1 }, '/extra'],
    ['a malformed id', { title: '5А', by: 'me' }, '/by'],
    ['a missing field', {}, ''],
  ])('given %s, then it is invalid there', (_what, data, path) => {
    expect(problemsOf(data)).toEqual([{ path, message: expect.any(String) }]);
  });

  it('given a type that nobody declared, then it is invalid', () => {
    expect(() => catalogueOf(named).check('ChatForgotten', {})).toThrow('ChatForgotten is no event type');
  });

  it('given one type is declared twice, then there is no catalogue', () => {
    expect(() => catalogueOf(named, named)).toThrow('ChatNamed is declared twice');
  });
});

describe('what is read', () => {
  const v3 = eventType(3, {
    1: ({ name, ...rest }: JsonObject) => ({ ...rest, title: name ?? '' }),
    2: (data) => ({ ...data, language: 'ru' }),
  });
  const stored = (schemaVersion: number, data: JsonObject) => ({ type: 'ChatNamed', schemaVersion, data });

  it('given the first version, then it goes through every upcaster', () => {
    expect(catalogueOf(v3).upcast(stored(1, { name: '5А' }))).toEqual(
      stored(3, { title: '5А', language: 'ru' }),
    );
  });

  it('given the second version, then it goes through the last upcaster only', () => {
    expect(catalogueOf(v3).upcast(stored(2, { title: '5А' }))).toEqual(
      stored(3, { title: '5А', language: 'ru' }),
    );
  });

  it('given it is upcast, then what was stored stays as it was', () => {
    const event = stored(1, { name: '5А' });
    catalogueOf(v3).upcast(event);
    expect(event).toEqual(stored(1, { name: '5А' }));
  });

  it.each([
    ['of today', stored(3, { title: '5А' })],
    ['that a newer program wrote', stored(4, { caption: '5А' })],
    ['of a type that a newer program wrote', { ...stored(1, {}), type: 'ChatForgotten' }],
  ])('given an event %s, then it is left as it is', (_what, event) => {
    expect(catalogueOf(v3).upcast(event)).toBe(event);
  });

  it('given an upcaster is missing, then the record cannot be read', () => {
    expect(() => catalogueOf(eventType(2, {})).upcast(stored(1, {}))).toThrow(
      'ChatNamed has no upcaster from version 1',
    );
  });
});
