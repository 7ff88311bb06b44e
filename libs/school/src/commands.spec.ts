import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import {
  type AnyCommand,
  type AnyEvent,
  type Concept,
  fold,
  isLetopisError,
  type JsonSchema,
} from '@letopis/kernel';
import { schemaOfPayload, school } from './index';
import { carryOut, idOf, mustMatchSchema, NOW, ORGANIZATION, payloadOf, problemsOf } from './testing';

const ajv = addFormats(new Ajv2020({ strict: true }));

const commands = school.commands.map((command) => [command.name, command] as const);
const facts = commands.filter(([, { kind }]) => kind === 'fact');

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const { properties } = schema;
  return typeof properties === 'object' && properties !== null ? { ...properties } : {};
}

function requiredOf({ required }: JsonSchema): readonly string[] {
  return Array.isArray(required) ? required.map(String) : [];
}

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** Few ids, titles and instants, so that events and commands are often about the same things. */
const IDS = [ORGANIZATION, idOf('a'), idOf('b')];
const TEXTS = ['5А', '6А', '№ 1', 'Europe/Moscow'];
const INSTANTS = ['2025-09-01T00:00:00.000Z', NOW, '2026-03-01T08:00:00.000Z'];

function textOf(maxLength: number): fc.Arbitrary<string> {
  return fc.constantFrom(...TEXTS.filter(({ length }) => length <= maxLength), 'ы'.repeat(maxLength));
}

/** Values that a schema admits. */
function arbitraryOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, format, pattern, enum: values, items } = schema;
  if (Array.isArray(values)) return fc.constantFrom(...values.map(String));
  switch (type) {
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(propertiesOf(schema)).map(([name, property]) => [name, arbitraryOf(property)]),
        ),
        { requiredKeys: [...requiredOf(schema)] },
      );
    case 'array':
      return fc.uniqueArray(arbitraryOf({ ...(typeof items === 'object' ? items : {}) }), {
        minLength: numberOf(schema.minItems, 0),
        maxLength: 3,
        comparator: (a, b) => JSON.stringify(a) === JSON.stringify(b),
      });
    case 'integer':
      return fc.integer({ min: numberOf(schema.minimum, 0), max: numberOf(schema.maximum, 10) });
    case 'boolean':
      return fc.boolean();
    case 'string':
      if (format === 'uuid') return fc.constantFrom(...IDS);
      if (format === 'date-time') return fc.constantFrom(...INSTANTS);
      if (format === 'date') return fc.constantFrom(...INSTANTS.map((at) => at.slice(0, 10)));
      if (format === 'email') return fc.constantFrom('admin@school7.example', 'a.b@c.example');
      if (pattern === '^\\d{4}/\\d{4}$') return fc.constantFrom('2025/2026', '2026/2027');
      if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
      return textOf(numberOf(schema.maxLength, 10));
    default:
      throw new Error(`No values for ${JSON.stringify(schema)}`);
  }
}

/** Any history of a concept, possible or not. */
function historyOf({ events }: Concept): fc.Arbitrary<readonly AnyEvent[]> {
  const event = fc.oneof(
    ...events.map(({ type, schema }) => arbitraryOf(schema).map((data): AnyEvent => ({ type, data }))),
  );
  return fc.array(event, { maxLength: 12 });
}

/** Any payload that passes the command's checks. */
function payloadsOf(command: AnyCommand): fc.Arbitrary<object> {
  return arbitraryOf(schemaOfPayload(command.payload)).filter(
    (payload): payload is object =>
      typeof payload === 'object' && payload !== null && problemsOf(command, payload).length === 0,
  );
}

/** What the decider records; an input that it finds malformed records nothing. @throws what else it throws */
function recordedBy(command: AnyCommand, state: unknown, payload: object, occurredAt: string) {
  try {
    return carryOut(command, { state, others: [], payload, occurredAt });
  } catch (error) {
    if (isLetopisError(error, 'invalid')) return [];
    throw error;
  }
}

it('given all commands, then each has a name of its own', () => {
  expect(new Set(commands.map(([name]) => name)).size).toBe(commands.length);
});

describe.each(commands)('the command %s', (_name, command) => {
  const schema = schemaOfPayload(command.payload);
  const fields = Object.keys(propertiesOf(schema));

  it('names clauses and who may', () => {
    expect([command.clauses.length > 0, command.actors.length > 0]).toEqual([true, true]);
  });

  it('has an example that passes its checks', () => {
    expect(problemsOf(command, command.example)).toEqual([]);
  });

  it('has an example that its schema accepts', () => {
    const accepts = ajv.validate(schema, command.example);
    expect([accepts, ajv.errorsText()]).toEqual([true, 'No errors']);
  });

  it('refuses a payload without the fields that it needs, each by name', () => {
    const named = problemsOf(command, {}).map((problem) => problem.split(' ')[0]);
    expect(requiredOf(schema).filter((field) => !named.includes(`/${field}`))).toEqual([]);
  });

  it.each(fields)('refuses a wrong kind of value in %s by name', (field) => {
    const problems = problemsOf(command, { ...command.example, [field]: { wrong: true } });
    expect(problems).toContainEqual(expect.stringMatching(`^/${field}[ /]`));
  });

  it('refuses a field that it does not have', () => {
    expect(problemsOf(command, { ...command.example, extra: 1 })).toEqual([
      '/extra property extra should not exist',
    ]);
  });

  it('leads to a stream of its concept', () => {
    const id = command.id(payloadOf(command, command.example), ORGANIZATION);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('records events of its concept, each as its schema has it', () => {
    const types = command.concept.events.map(({ type }) => type);
    fc.assert(
      fc.property(historyOf(command.concept), payloadsOf(command), (events, payload) => {
        const act = () => carryOut(command, { state: fold(command.concept, events), others: [], payload });
        const recorded = unlessRefused(act);
        for (const event of recorded) mustMatchSchema(event);
        return recorded.every(({ type }) => types.includes(type));
      }),
      { numRuns: 30 },
    );
  });
});

function unlessRefused(act: () => readonly AnyEvent[]): readonly AnyEvent[] {
  try {
    return act();
  } catch (error) {
    if (isLetopisError(error)) return [];
    throw error;
  }
}

describe.each(facts)('the fact %s', (_name, command) => {
  const instants = fc.constantFrom(...INSTANTS);

  it('given any history at all, then it is never refused by a rule', () => {
    fc.assert(
      fc.property(historyOf(command.concept), payloadsOf(command), instants, (events, payload, at) => {
        recordedBy(command, fold(command.concept, events), payload, at);
      }),
    );
  });

  if (command.concept.journal !== true) {
    it('given it is on record, when the same fact comes again, then nothing is recorded', () => {
      fc.assert(
        fc.property(payloadsOf(command), instants, (payload, at) => {
          const first = recordedBy(command, command.concept.initial, payload, at);
          return recordedBy(command, fold(command.concept, first), payload, at).length === 0;
        }),
      );
    });
  }
});
