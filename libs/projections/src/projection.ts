import { createHash } from 'node:crypto';
import { type EventOf, type EventType, type JsonObject, type RecordedEvent } from '@letopis/kernel';
import { type Rows } from './rows';
import { createStatements } from './ddl';
import { type AnyTable, type RowRef } from './table';

/** An event as handlers see it: data brought up to the type's present version, and opened where it was encrypted. */
export interface ProjectedEvent<Data extends object = JsonObject> extends Omit<RecordedEvent, 'data'> {
  readonly data: Data;
}

/** Turns an event into rows. Pure and synchronous: no clock, no I/O, and the event is left as it is. */
export interface Handler<Data extends object = JsonObject> {
  /** Rows that `apply` may read. */
  reads?(event: ProjectedEvent<Data>): readonly RowRef[];
  apply(rows: Rows, event: ProjectedEvent<Data>): void;
}

/** The `apply` of a handler that reads nothing. */
export type Apply<Data extends object = JsonObject> = (rows: Rows, event: ProjectedEvent<Data>) => void;

/** A handler with the types of event that it is for. */
export interface Binding {
  readonly types: readonly string[];
  readonly handler: Handler<object>;
}

type DataOf<Type> = Extract<EventOf<Type>['data'], object>;

/** What becomes of events of these types. */
export function on<Type extends EventType>(
  types: Type | readonly Type[],
  apply: Apply<DataOf<Type>>,
): Binding;
export function on<Type extends EventType>(
  types: Type | readonly Type[],
  handler: Handler<DataOf<Type>>,
): Binding;
export function on<Type extends EventType>(
  types: Type | readonly Type[],
  handler: Apply<DataOf<Type>> | Handler<DataOf<Type>>,
): Binding {
  const declared: readonly EventType[] = isList(types) ? types : [types];
  return { types: declared.map(({ type }) => type), handler: asHandler(handler) };
}

/** A view of the events. A change of its tables or of what its handlers write needs a greater version, and a rebuild. */
export interface Projection {
  /** Kebab case. */
  readonly name: string;
  readonly version: number;
  readonly tables: readonly AnyTable[];
  readonly on: readonly Binding[];
  /** For events of every type; runs after the handler of the event's own type. */
  readonly any?: Handler<object>;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME = 50;

/** Declares a projection. @throws Error where its name does not fit or two handlers are for one type */
export function defineProjection(declaration: {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly AnyTable[];
  readonly on: readonly Binding[];
  readonly any?: Apply | Handler;
}): Projection {
  const { name, version, tables, any } = declaration;
  if (!NAME.test(name) || name.length > MAX_NAME) throw new Error(`"${name}" is no name for a projection`);
  if (!Number.isInteger(version) || version < 1) throw new Error(`Projection ${name} needs a version from 1`);
  const twice = firstRepeated(declaration.on.flatMap((binding) => binding.types));
  if (twice !== undefined) throw new Error(`Projection ${name} has two handlers for ${twice}`);
  return { name, version, tables, on: declaration.on, ...(any && { any: asHandler(any) }) };
}

/** The `search_path` under which queries find the live tables of all projections by their bare names. */
export function searchPath(projections: readonly Projection[]): string {
  return projections.map(({ name }) => schemaOf(name, 'live')).join(',');
}

/** A projection as the runtime works with it. */
export interface Registered {
  readonly name: string;
  readonly version: number;
  readonly tables: readonly AnyTable[];
  /** Digest of the tables' DDL. */
  readonly definition: string;
  /** The handlers for a type of event, in the order in which they run. */
  handlersFor(type: string): readonly Handler<object>[];
}

/** Checks projections against each other. @throws Error where two share a name or a table's name */
export function register(projections: readonly Projection[]): readonly Registered[] {
  const name = firstRepeated(projections.map((projection) => projection.name));
  if (name !== undefined) throw new Error(`Two projections are called ${name}`);
  const table = firstRepeated(projections.flatMap(({ tables }) => tables.map((each) => each.name)));
  if (table !== undefined) throw new Error(`Two tables of projections are called ${table}`);
  return projections.map(registered);
}

function registered({ name, version, tables, on: bindings, any }: Projection): Registered {
  const always = any === undefined ? [] : [any];
  const byType = new Map(
    bindings.flatMap(({ types, handler }) => types.map((type) => [type, [handler, ...always]])),
  );
  const ddl = tables.flatMap((table) => {
    const { create, indexes } = createStatements('definition', table);
    return [create, ...indexes];
  });
  return {
    name,
    version,
    tables,
    definition: createHash('sha256').update(ddl.join('\n')).digest('hex'),
    handlersFor: (type) => byType.get(type) ?? always,
  };
}

/** `live` is read by queries, `build` is a rebuild under way, `old` was live and is about to go. */
export type SchemaRole = 'live' | 'build' | 'old';

const PREFIXES: Readonly<Record<SchemaRole, string>> = { live: 'view', build: 'build', old: 'old' };

/** The schema that holds a projection's tables. */
export function schemaOf(name: string, role: SchemaRole): string {
  return `${PREFIXES[role]}_${name.replaceAll('-', '_')}`;
}

function asHandler<Data extends object>(declaration: Apply<Data> | Handler<Data>): Handler<Data> {
  return typeof declaration === 'function' ? { apply: declaration } : declaration;
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

function firstRepeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}
