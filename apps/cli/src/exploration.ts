import {
  type AnyCommand,
  type AnyEvent,
  type Concept,
  derivedId,
  type Domain,
  fold,
  isLetopisError,
  type JsonSchema,
} from '@letopis/kernel';
import { readPayload } from '@letopis/platform';
import { schemaOfPayload } from '@letopis/school';

/** A command that has recorded something is left alone when so many tries on end have shown nothing new. */
const SETTLED = 300;
/** A command that has recorded nothing is given up after so many tries. */
const PATIENCE = 50_000;
const LONGEST_HISTORY = 12;

/**
 * Types of the events that each command of the domain records, by the command's name: found out by carrying the commands
 * out over and over again, on histories of their concepts and of what they read that are thrown together from the schemas
 * of the events. What is found is certain; that nothing is missing is as good as certain where tries are many.
 *
 * The same domain gives the same answer, and no command bears on what is found of another.
 */
export function eventsOfCommands({ commands }: Domain): ReadonlyMap<string, readonly string[]> {
  return new Map(commands.map((command) => [command.name, eventsOf(command)]));
}

function eventsOf(command: AnyCommand): readonly string[] {
  const found = new Set<string>();
  const dice = new Dice(command.name);
  const schema = schemaOfPayload(command.payload);
  let dull = 0;
  for (let tries = 0; tries < PATIENCE && (found.size === 0 || dull < SETTLED); tries += 1) {
    const before = found.size;
    for (const { type } of recordedIn(new Supply(dice), command, schema)) found.add(type);
    dull = found.size === before ? dull + 1 : 0;
  }
  return [...found].sort();
}

/** What one try records; a refused one records nothing. */
function recordedIn(supply: Supply, command: AnyCommand, schema: JsonSchema): readonly AnyEvent[] {
  try {
    const payload = readPayload(command.payload, supply.valueOf(schema));
    if (command.assigns !== undefined && Reflect.get(payload, command.assigns) === undefined) {
      Reflect.set(payload, command.assigns, supply.id());
    }
    const context = {
      organizationId: ORGANIZATION,
      actor: { id: supply.id(), role: supply.dice.pick(command.actors) },
    };
    const [occurredAt = '', recordedAt = ''] = [supply.instant(), supply.instant()].sort();
    const read = Object.entries(command.reads(payload, context)).map(
      ([name, { concept }]) => [name, fold(concept, supply.historyOf(concept))] as const,
    );
    return command.decide(
      fold(command.concept, supply.historyOf(command.concept)),
      { ...context, payload, occurredAt, recordedAt, pseudonym: (...parts) => supply.digestOf(parts) },
      Object.fromEntries(read),
    );
  } catch (error) {
    if (isLetopisError(error)) return [];
    throw error;
  }
}

/** Names of the commands that each policy of the domain issues, by the policy's name; found out in the same way. */
export function commandsOfPolicies({ concepts, policies }: Domain): ReadonlyMap<string, readonly string[]> {
  const events = concepts.flatMap((concept) => concept.events);
  return new Map(
    policies.map((policy) => {
      const dice = new Dice(policy.name);
      const schema = events.find(({ type }) => type === policy.on)?.schema;
      const tries = schema === undefined ? [] : Array.from({ length: SETTLED }, () => new Supply(dice));
      const issued = tries.flatMap((supply) =>
        policy.follow({ data: supply.objectOf(schema ?? {}), occurredAt: supply.instant() }),
      );
      return [policy.name, [...new Set(issued.map(({ command }) => command))].sort()];
    }),
  );
}

/** Few ids, texts and instants, so that events and commands are often about the same things. */
const ORGANIZATION = derivedId('exploration', 'organization');
const IDS = [derivedId('exploration', 'a'), ORGANIZATION, derivedId('exploration', 'b')] as const;
const INSTANTS = [
  '2025-09-01T00:00:00.000Z',
  '2025-11-17T14:05:00.000Z',
  '2026-03-01T08:00:00.000Z',
  '2036-09-15T00:00:00.000Z',
];
const TEXTS = ['5А', '6А', '№ 1', 'Europe/Moscow', 'https://school.example/news/1'];
/** For texts with a pattern: each pattern takes those that match it. */
const PATTERNED = [
  ...['2025/2026', '2026/2027'],
  ...['0'.repeat(64), 'f'.repeat(64)],
  ...['+79000000001', '+79000000002'],
  ...['1', '2'],
  ...['C03', 'C08'],
  '09-15',
];

// Looked up once: under Jest each look at a global costs more than the arithmetic.
const { floor, imul } = Math;

/** Chance that falls the same way every time: mulberry32, begun with a name. */
class Dice {
  private state: number;

  constructor(name: string) {
    this.state = Number.parseInt(derivedId('dice', name).slice(0, 8), 16);
  }

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('There is nothing to pick from');
    return item;
  }
}

/** What one try is made of. */
class Supply {
  private readonly ids: readonly string[];

  constructor(readonly dice: Dice) {
    this.ids = IDS.slice(0, 1 + dice.below(IDS.length));
  }

  id(): string {
    return this.dice.pick(this.ids);
  }

  instant(): string {
    return this.dice.pick(INSTANTS);
  }

  /** One of the ids, so that a digest is often the one that an event holds. */
  digestOf(parts: readonly string[]): string {
    const digest = Number.parseInt(derivedId(...parts).slice(0, 8), 16);
    return this.ids[digest % this.ids.length] ?? ORGANIZATION;
  }

  /** Any history of a concept, possible or not. */
  historyOf({ events }: Concept): readonly AnyEvent[] {
    return Array.from({ length: this.dice.below(LONGEST_HISTORY + 1) }, () => {
      const { type, schema } = this.dice.pick(events);
      return { type, data: this.valueOf(schema) };
    });
  }

  valueOf(schema: JsonSchema): unknown {
    return makerOf(schema)(this);
  }

  objectOf(schema: JsonSchema): object {
    const value = this.valueOf(schema);
    return typeof value === 'object' && value !== null ? value : {};
  }
}

/** Makes values that a schema admits. */
type Maker = (supply: Supply) => unknown;

const makers = new WeakMap<JsonSchema, Maker>();

function makerOf(schema: JsonSchema): Maker {
  const known = makers.get(schema);
  if (known !== undefined) return known;
  const maker = newMakerOf(schema);
  makers.set(schema, maker);
  return maker;
}

function newMakerOf(schema: JsonSchema): Maker {
  const { type, enum: values } = schema;
  if (Array.isArray(values)) {
    const texts = values.map(String);
    return ({ dice }) => dice.pick(texts);
  }
  switch (type) {
    case 'object':
      return newObjectMaker(schema);
    case 'array': {
      const item = makerOf(isSchema(schema.items) ? schema.items : {});
      const least = numberOf(schema.minItems, 0);
      return (supply) => {
        const list = Array.from({ length: least + supply.dice.below(3) }, () => item(supply));
        return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
      };
    }
    case 'integer': {
      const least = numberOf(schema.minimum, 0);
      const span = Math.min(numberOf(schema.maximum, least + 10) - least, 10);
      return ({ dice }) => least + dice.below(span + 1);
    }
    case 'boolean':
      return ({ dice }) => dice.below(2) === 1;
    case 'string':
      return newTextMaker(schema);
    default:
      throw new Error(`There is no value for ${JSON.stringify(schema)}`);
  }
}

function newObjectMaker({ properties, required }: JsonSchema): Maker {
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const fields = Object.entries(isSchema(properties) ? properties : {}).map(([name, property]) => ({
    name,
    make: makerOf(isSchema(property) ? property : {}),
    always: isRequired(name),
  }));
  return (supply) => {
    const object: Record<string, unknown> = {};
    for (const { name, make, always } of fields) {
      if (always || supply.dice.below(2) === 1) object[name] = make(supply);
    }
    return object;
  };
}

function newTextMaker({ pattern, format, maxLength }: JsonSchema): Maker {
  if (typeof pattern === 'string') {
    const matching = PATTERNED.filter((text) => new RegExp(pattern).test(text));
    return ({ dice }) => dice.pick(matching);
  }
  switch (format) {
    case 'uuid':
      return (supply) => supply.id();
    case 'date-time':
      return (supply) => supply.instant();
    case 'date':
      return (supply) => supply.instant().slice(0, 10);
    case 'email':
      return () => 'admin@school.example';
    case undefined: {
      const fitting = TEXTS.filter(({ length }) => length <= numberOf(maxLength, length));
      return ({ dice }) => dice.pick(fitting);
    }
    default:
      throw new Error(`There is no text of format ${JSON.stringify(format)}`);
  }
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
