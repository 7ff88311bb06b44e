import { type Pool } from 'pg';
import { type EventType, type Json, type JsonObject, type JsonSchema, LetopisError } from '@letopis/kernel';
import { defineProjection, defineTable, type Projection } from '@letopis/projections';

/** The audit trail: one row an event, as it was recorded. Personal fields stay encrypted here. */
export const auditTrail = defineTable({
  name: 'audit_trail',
  columns: {
    position: 'bigint',
    event_id: 'uuid',
    type: 'text',
    schema_version: 'integer',
    stream: 'text',
    revision: 'bigint',
    occurred_at: 'timestamptz',
    recorded_at: 'timestamptz',
    actor_id: 'text',
    actor_role: 'text',
    source: 'text',
    command_id: 'uuid',
    correlation_id: 'text',
    causation_id: 'uuid?',
    /** People whom the event concerns. */
    subjects: 'uuid[]',
    chat_id: 'uuid?',
    data: 'jsonb',
    /** Title and free texts of the event; null where it has none, and its title alone can be searched for. */
    words: 'text?',
  },
  key: ['position'],
  indexes: [
    ['organization_id', 'occurred_at', 'position'],
    ['organization_id', 'type', 'position'],
    ['organization_id', 'actor_id', 'position'],
    ['organization_id', 'correlation_id', 'position'],
    ['event_id'],
    '(causation_id) WHERE causation_id IS NOT NULL',
    'USING gin (subjects)',
    'USING gin (search)',
  ],
  generated: { search: { type: 'tsvector', as: "to_tsvector('russian', words)" } },
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

/** A way into the data of an event; `*` stands for the items of a list. */
type Path = readonly string[];

/** What the trail needs to know of a type of event. */
interface Annotations {
  readonly titleRu: string;
  readonly clauses: readonly string[];
  /** Where pseudonymous ids of people stand. */
  readonly people: readonly Path[];
  /** Where free texts stand: what people wrote, neither encrypted nor one of a list of words. */
  readonly texts: readonly Path[];
}

function annotationsOf(eventTypes: readonly EventType[]): ReadonlyMap<string, Annotations> {
  return new Map(
    eventTypes.map(({ type, titleRu, clauses, schema }) => [
      type,
      { titleRu, clauses, people: pathsIn(schema, isPerson, []), texts: pathsIn(schema, isFreeText, []) },
    ]),
  );
}

/**
 * The projection of the audit trail.
 *
 * @param eventTypes what is known of each type of event: its title, and which fields name people or hold free text
 */
export function auditTrailProjection(eventTypes: readonly EventType[]): Projection {
  const known = annotationsOf(eventTypes);
  return defineProjection({
    name: 'audit-trail',
    version: 2,
    tables: [auditTrail],
    on: [],
    any: (rows, event) => {
      const found = known.get(event.type);
      const { data } = event;
      const texts = (found?.texts ?? []).flatMap((path) => textsAt(data, path));
      const { chatId } = data;
      rows.put(auditTrail, {
        position: event.position,
        event_id: event.id,
        type: event.type,
        schema_version: event.schemaVersion,
        stream: event.stream,
        revision: event.revision,
        occurred_at: event.occurredAt,
        recorded_at: event.recordedAt,
        actor_id: event.actor.id,
        actor_role: event.actor.role,
        source: event.source,
        command_id: event.commandId,
        correlation_id: event.correlationId,
        causation_id: event.causationId,
        subjects: [...new Set((found?.people ?? []).flatMap((path) => textsAt(data, path)))],
        chat_id: typeof chatId === 'string' && UUID.test(chatId) ? chatId : null,
        data,
        words: texts.length === 0 ? null : searchable([found?.titleRu, ...texts].join(' ')),
      });
    },
  });
}

const isPerson = (schema: JsonSchema): boolean => schema['x-person'] === true;

const isFreeText = (schema: JsonSchema): boolean =>
  schema.type === 'string' &&
  schema.enum === undefined &&
  schema.format === undefined &&
  schema.pattern === undefined;

/** The paths of a schema that lead to what `is` asks for; what is encrypted is left out. */
function pathsIn(schema: JsonSchema, is: (schema: JsonSchema) => boolean, path: Path): Path[] {
  if ('x-personal' in schema) return [];
  if (is(schema)) return [path];
  const { properties, items } = schema;
  if (isSchema(items)) return pathsIn(items, is, [...path, '*']);
  if (!isSchema(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) =>
    isSchema(property) ? pathsIn(property, is, [...path, name]) : [],
  );
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null;
}

/** The strings that stand at `path`. */
function textsAt(value: Json | undefined, [name, ...rest]: Path): string[] {
  if (name === undefined) return typeof value === 'string' ? [value] : [];
  if (name === '*') return isList(value) ? value.flatMap((item) => textsAt(item, rest)) : [];
  return isObject(value) ? textsAt(value[name], rest) : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Text and question in one spelling. PostgreSQL would have to know how Cyrillic is lowered, which depends on the locale
 * that a cluster was made with; and people write «ё» or not.
 */
function searchable(text: string): string {
  return text.toLowerCase().replaceAll('ё', 'е');
}

/** An event as the audit trail shows it. Personal fields are shown as hidden: `{ "hidden": true, "subject": … }`. */
export interface AuditEntry {
  readonly id: string;
  readonly position: string;
  readonly type: string;
  readonly titleRu: string;
  readonly clauses: readonly string[];
  readonly stream: string;
  readonly revision: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** Recorded more than a day after it happened. */
  readonly late: boolean;
  readonly actor: { readonly id: string; readonly role: string };
  readonly source: string;
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly subjects: readonly string[];
  readonly data: JsonObject;
}

export interface AuditFilter {
  readonly from?: string;
  readonly to?: string;
  readonly actor?: string;
  readonly subject?: string;
  readonly type?: string;
  readonly clause?: string;
  readonly chat?: string;
  readonly correlation?: string;
  /** Russian full text. */
  readonly q?: string;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly cursor?: string;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  /** Where the next page begins; absent on the last one. Later events never change a page that was read. */
  readonly nextCursor?: string;
}

interface AuditRow {
  readonly position: string;
  readonly event_id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly actor_id: string;
  readonly actor_role: string;
  readonly source: string;
  readonly command_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly subjects: readonly string[];
  readonly data: JsonObject;
}

const COLUMNS =
  'position, event_id, type, stream, revision, occurred_at, recorded_at, actor_id, actor_role, ' +
  'source, command_id, correlation_id, causation_id, subjects, data';
const LATE_MS = 24 * 3_600_000;
const MAX_RELATED = 200;

/** Reads the audit trail of one organisation at a time. */
export class AuditTrailQueries {
  private readonly known: ReadonlyMap<string, Annotations>;

  /**
   * @param views a pool whose search path finds the projections' tables
   * @param sign keyed digest: a cursor that was edited, or made for another question, is refused
   * @param eventTypes as the projection was given them
   */
  constructor(
    private readonly views: Pool,
    private readonly sign: (text: string) => string,
    eventTypes: readonly EventType[],
  ) {
    this.known = annotationsOf(eventTypes);
  }

  /** A page of the trail in order of position. @throws LetopisError `invalid` for a cursor of another question */
  async page(organizationId: string, filter: AuditFilter): Promise<AuditPage> {
    const { cursor, limit, order, ...question } = filter;
    const values: unknown[] = [organizationId];
    const conditions = ['organization_id = $1'];
    const where = (condition: (parameter: string) => string, value: unknown): void => {
      if (value === undefined) return;
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    where((p) => `occurred_at >= ${p}`, question.from);
    where((p) => `occurred_at < ${p}`, question.to);
    where((p) => `actor_id = ${p}`, question.actor);
    where((p) => `subjects @> ARRAY[${p}::uuid]`, question.subject);
    where((p) => `type = ${p}`, question.type);
    const { clause, q } = question;
    where((p) => `type = ANY (${p})`, clause && this.typesWhere(({ clauses }) => clauses.includes(clause)));
    where((p) => `chat_id = ${p}`, question.chat);
    where((p) => `correlation_id = ${p}`, question.correlation);
    if (q !== undefined) {
      const text = searchable(q);
      values.push(text, await this.typesCalled(text));
      const [p, types] = [values.length - 1, values.length];
      conditions.push(
        `(search @@ websearch_to_tsquery('russian', $${p}) OR (search IS NULL AND type = ANY ($${types})))`,
      );
    }
    const seal = (position: string): string =>
      this.sign(JSON.stringify(['audit-trail', organizationId, order, question, position]));
    if (cursor !== undefined) {
      const [position = '', signature] = cursor.split('.');
      if (!/^\d{1,19}$/.test(position) || signature !== seal(position)) {
        throw new LetopisError('invalid', 'The cursor belongs to another question', {
          fields: [{ path: '/cursor', message: 'must be a nextCursor of the same filters' }],
        });
      }
      where((p) => `position ${order === 'asc' ? '>' : '<'} ${p}`, position);
    }
    values.push(limit + 1);
    const { rows } = await this.views.query<AuditRow>(
      `SELECT ${COLUMNS} FROM audit_trail WHERE ${conditions.join(' AND ')}
       ORDER BY position ${order} LIMIT $${values.length}`,
      values,
    );
    const items = rows.slice(0, limit).map((row) => this.entryOf(row));
    const last = items.at(-1);
    return {
      items,
      ...(rows.length > limit &&
        last !== undefined && { nextCursor: `${last.position}.${seal(last.position)}` }),
    };
  }

  /**
   * One event, what led to it and what it led to.
   *
   * @throws LetopisError `not-found` where the organisation has no such event, or not yet in the view
   */
  async event(
    organizationId: string,
    eventId: string,
  ): Promise<{ event: AuditEntry; causes: readonly AuditEntry[]; effects: readonly AuditEntry[] }> {
    const { rows } = await this.views.query<AuditRow>(
      `SELECT ${COLUMNS} FROM audit_trail WHERE organization_id = $1 AND event_id = $2`,
      [organizationId, eventId],
    );
    const [row] = rows;
    if (row === undefined) throw new LetopisError('not-found', 'The audit trail holds no such event');
    const [causes, effects] = await Promise.all([
      this.related(organizationId, eventId, 'next.event_id = related.causation_id'),
      this.related(organizationId, eventId, 'next.causation_id = related.event_id'),
    ]);
    return { event: this.entryOf(row), causes, effects };
  }

  private async related(organizationId: string, eventId: string, step: string): Promise<AuditEntry[]> {
    const { rows } = await this.views.query<AuditRow>(
      `WITH RECURSIVE related (event_id, causation_id) AS (
         SELECT event_id, causation_id FROM audit_trail WHERE organization_id = $1 AND event_id = $2
         UNION
         SELECT next.event_id, next.causation_id
         FROM related JOIN audit_trail next ON next.organization_id = $1 AND ${step}
       )
       SELECT ${COLUMNS} FROM audit_trail
       WHERE organization_id = $1 AND event_id IN (SELECT event_id FROM related) AND event_id <> $2
       ORDER BY position LIMIT ${MAX_RELATED}`,
      [organizationId, eventId],
    );
    return rows.map((row) => this.entryOf(row));
  }

  private typesWhere(is: (annotations: Annotations) => boolean): readonly string[] {
    return [...this.known].filter(([, annotations]) => is(annotations)).map(([type]) => type);
  }

  /** Types of event whose title answers the question, by the rules that texts are searched by. */
  private async typesCalled(text: string): Promise<readonly string[]> {
    const { rows } = await this.views.query<{ type: string }>(
      `SELECT type FROM unnest($1::text[], $2::text[]) AS known (type, title)
       WHERE to_tsvector('russian', title) @@ websearch_to_tsquery('russian', $3)`,
      [[...this.known.keys()], [...this.known.values()].map(({ titleRu }) => searchable(titleRu)), text],
    );
    return rows.map(({ type }) => type);
  }

  private entryOf(row: AuditRow): AuditEntry {
    const found = this.known.get(row.type);
    return {
      id: row.event_id,
      position: row.position,
      type: row.type,
      titleRu: found?.titleRu ?? row.type,
      clauses: found?.clauses ?? [],
      stream: row.stream,
      revision: row.revision,
      occurredAt: row.occurred_at.toISOString(),
      recordedAt: row.recorded_at.toISOString(),
      late: row.recorded_at.getTime() - row.occurred_at.getTime() > LATE_MS,
      actor: { id: row.actor_id, role: row.actor_role },
      source: row.source,
      commandId: row.command_id,
      correlationId: row.correlation_id,
      causationId: row.causation_id,
      subjects: row.subjects,
      data: hidden(row.data),
    };
  }
}

function hidden(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, hiddenValue(value)]));
}

function hiddenValue(value: Json): Json {
  if (isList(value)) return value.map(hiddenValue);
  if (!isObject(value)) return value;
  const sealed = value.$sealed ?? value.$erased;
  if (sealed === undefined || !isObject(sealed)) return hidden(value);
  return { hidden: true, subject: sealed.subject ?? null, ...('$erased' in value && { erased: true }) };
}
