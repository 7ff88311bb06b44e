import { type Pool, type PoolClient } from 'pg';
import { type Clock, type Json, type JsonObject, LetopisError } from '@letopis/kernel';
import { type Cell, type PersonalCell, type PersonCell, type Row } from './cells';
import { type Column, type Register, sqlNameOf } from './register';
import { type PersonalData, type Sealed } from './sealed';
import { type WorkingDays, workingDaysUntil } from './working-days';

/** What a register is asked for. */
export interface RegisterQuestion {
  readonly organizationId: string;
  /** Whether the reader may see names and other personal data. */
  readonly names: 'shown' | 'hidden';
  /** Only the filters that the register declares. */
  readonly from?: string;
  readonly to?: string;
  readonly class?: string;
  readonly act?: string;
  readonly status?: string;
}

export interface RegisterPage {
  readonly items: readonly Row[];
  /** Where the next page begins; absent on the last one. */
  readonly nextCursor?: string;
}

/** Rows at a time of a register that is read as a whole. */
const CHUNK = 500;
/** How many registers are read as a whole at a time: each holds a connection. */
const MAX_WHOLE = 4;
/** Who takes no rows for so long loses the connection to those who wait for one. */
const STALL_MS = 60_000;

type SqlRow = Readonly<Record<string, unknown>>;
type Sql = Pick<PoolClient, 'query'>;

/** Reads registers from live views, one organisation at a time. */
export class Registers {
  private whole = 0;

  /**
   * @param views a pool whose search path finds the projections' tables
   * @param sign keyed digest: a cursor that was edited, or made for another question, is refused
   * @param calendar by which terms of working days are counted
   */
  constructor(
    private readonly views: Pool,
    private readonly personal: PersonalData,
    private readonly clock: Clock,
    private readonly sign: (text: string) => string,
    private readonly calendar: WorkingDays,
  ) {}

  /**
   * A page of the register in its order.
   *
   * @throws LetopisError `invalid` for a filter that the register has not, or a cursor of another question
   */
  async page(
    register: Register,
    question: RegisterQuestion,
    { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
  ): Promise<RegisterPage> {
    const { organizationId, from, to, class: group, act, status } = question;
    const asked = [register.form, organizationId, from, to, group, act, status];
    const seal = (position: string): string => this.sign(JSON.stringify(['register', ...asked, position]));
    const { text, values } = this.statement(register, question, positionOf(cursor, seal));
    const { rows } = await this.views.query<SqlRow>(`${text} LIMIT $${values.length + 1}`, [
      ...values,
      limit + 1,
    ]);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const position = String(last?.position);
    return {
      items: await this.cells(this.views, register, question, shown),
      ...(rows.length > limit && last !== undefined && { nextCursor: `${position}.${seal(position)}` }),
    };
  }

  /**
   * The whole register as it stands at one instant, in chunks: what is recorded meanwhile is not in it. Holds a connection
   * until it is at its end or `return` is called, or nobody has asked for the next chunk for a minute.
   *
   * @throws LetopisError `invalid` for a filter that the register has not; `throttled` where too many are being read;
   *   `unavailable` where the next chunk was asked for too late
   */
  async *rows(register: Register, question: RegisterQuestion): AsyncGenerator<readonly Row[], void, void> {
    const { text, values } = this.statement(register, question);
    if (this.whole >= MAX_WHOLE) {
      throw new LetopisError('throttled', 'Too many registers are being read', { retryAfterSeconds: 10 });
    }
    this.whole += 1;
    const held: { client?: PoolClient } = {};
    const giveUp = (): void => {
      held.client?.release(true);
      held.client = undefined;
    };
    try {
      held.client = await this.views.connect();
      await held.client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await held.client.query(`DECLARE register NO SCROLL CURSOR FOR ${text}`, values);
      for (;;) {
        const { client } = held;
        if (client === undefined)
          throw new LetopisError('unavailable', 'The register was not read on in time');
        const { rows } = await client.query<SqlRow>(`FETCH ${CHUNK} FROM register`);
        const cells = await this.cells(client, register, question, rows);
        const stalled = setTimeout(giveUp, STALL_MS);
        try {
          yield cells;
        } finally {
          clearTimeout(stalled);
        }
        if (rows.length < CHUNK) return;
      }
    } finally {
      this.whole -= 1;
      const { client } = held;
      // Where this fails the connection is lost, and the transaction with it.
      await client?.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
    }
  }

  /** The rows of the question behind `after`, in the register's order. */
  private statement(
    { form, columns, filters, workingDays, sql }: Register,
    { organizationId, from, to, class: group, act, status }: RegisterQuestion,
    after?: string,
  ): { readonly text: string; readonly values: unknown[] } {
    const now = this.clock.now();
    const values: unknown[] = [organizationId, filters.until === true ? (to ?? now) : now];
    if (workingDays === true) values.push(workingDaysUntil(now, this.calendar));
    // Says what $2 is where the register does not ask for it.
    const conditions = ['$2::timestamptz IS NOT NULL'];
    const where = (condition: (parameter: string) => string, value: unknown): void => {
      if (value === undefined) return;
      values.push(value);
      conditions.push(condition(`$${values.length}`));
    };
    const mustHave = (name: string, value: unknown, has: boolean): void => {
      if (value === undefined || has) return;
      throw wrong(name, `the register ${form} cannot be narrowed down by it`);
    };
    mustHave('from', from, filters.period === true);
    mustHave('to', to, filters.period === true || filters.until === true);
    mustHave('class', group, filters.class === true);
    mustHave('act', act, filters.act === true);
    mustHave('status', status, filters.status !== undefined);
    const statuses = Object.keys(filters.status ?? {});
    if (status !== undefined && !statuses.includes(status)) {
      throw wrong('status', `must be one of ${statuses.join(', ')}`);
    }
    where((p) => `position > ${p}`, after);
    where((p) => `at >= ${p}`, from);
    if (filters.period === true) where((p) => `at < ${p}`, to);
    where((p) => `${p}::uuid = ANY (class_ids)`, group);
    where((p) => `act_id = ${p}`, act);
    where((p) => `status = ${p}`, status);
    // Numbered, so that no column of a register can be taken for its position.
    const cells = columns.map((column, index) => `"${sqlNameOf(column)}"${CASTS[column.type]} AS c${index}`);
    return {
      text: `SELECT position::text AS position, ${cells.join(', ')} FROM (${sql}) AS register
             WHERE ${conditions.join(' AND ')} ORDER BY register.position`,
      values,
    };
  }

  private async cells(
    sql: Sql,
    { columns }: Register,
    question: RegisterQuestion,
    rows: readonly SqlRow[],
  ): Promise<readonly Row[]> {
    const known = await this.known(sql, columns, question, rows);
    return rows.map((row) =>
      Object.fromEntries(
        columns.map((column, index) => [column.key, cellOf(column, row[`c${index}`] ?? null, known)]),
      ),
    );
  }

  /** What has to be looked up for the cells of these rows: who the people are, and what is encrypted. */
  private async known(
    sql: Sql,
    columns: readonly Column[],
    { organizationId, names }: RegisterQuestion,
    rows: readonly SqlRow[],
  ): Promise<Known> {
    const valuesOf = (types: readonly Column['type'][]): unknown[] =>
      columns.flatMap(({ type }, index) =>
        types.includes(type) ? rows.map((row) => row[`c${index}`] ?? null) : [],
      );
    const ids = new Set(
      valuesOf(['person', 'people'])
        .flat()
        .filter((id) => typeof id === 'string'),
    );
    const people = await readPeople(sql, organizationId, [...ids]);
    const sealed =
      names === 'hidden' ? [] : [...people.flatMap(sealedIn), ...valuesOf(['personal']).filter(isSealed)];
    const opened = new Map<string, JsonObject>();
    const data = sealed.length === 0 ? [] : await this.personal.open(organizationId, sealed);
    sealed.forEach((each, index) => opened.set(placeOf(each), data[index] ?? {}));
    return { names, people: new Map(people.map((person) => [person.id, person])), opened };
  }
}

/** What a column's expression is read as. */
const CASTS: Readonly<Record<Column['type'], string>> = {
  text: '::text',
  list: '::text[]',
  number: '::float8',
  flag: '::boolean',
  day: '::date::text',
  instant: '::timestamptz',
  person: '::uuid',
  people: '::uuid[]',
  personal: '::jsonb',
};

interface PersonRow {
  readonly id: string;
  readonly person_id: string;
  readonly full_name: Sealed | null;
  readonly former_names: readonly Sealed[] | null;
  readonly display_name: Sealed | null;
}

interface Known {
  readonly names: RegisterQuestion['names'];
  readonly people: ReadonlyMap<string, PersonRow>;
  readonly opened: ReadonlyMap<string, JsonObject>;
}

/** An account that was linked to a person is that person, also in what was recorded before. */
async function readPeople(
  sql: Sql,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly PersonRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql.query<PersonRow>(
    `SELECT asked.id, coalesce(account.person_id, asked.id) AS person_id, person.full_name, account.display_name,
            (SELECT jsonb_agg(former.full_name ORDER BY former.position) FROM former_names former
             WHERE former.organization_id = $1 AND former.person_id = coalesce(account.person_id, asked.id)
            ) AS former_names
     FROM unnest($2::uuid[]) AS asked(id)
     LEFT JOIN accounts account ON account.organization_id = $1 AND account.account_id = asked.id
     LEFT JOIN people person
       ON person.organization_id = $1 AND person.person_id = coalesce(account.person_id, asked.id)`,
    [organizationId, ids],
  );
  return rows;
}

function sealedIn({ full_name, former_names, display_name }: PersonRow): readonly Sealed[] {
  return [full_name, ...(former_names ?? []), display_name].filter((each) => each !== null);
}

function placeOf({ eventId, field }: Sealed): string {
  return `${eventId}/${field}`;
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === 'object' && value !== null && 'eventId' in value && 'data' in value;
}

function cellOf({ type }: Column, value: unknown, known: Known): Cell {
  switch (type) {
    case 'text':
    case 'day':
      return typeof value === 'string' ? value : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'flag':
      return typeof value === 'boolean' ? value : null;
    case 'instant':
      return value instanceof Date ? value.toISOString() : null;
    case 'list':
      return textsIn(value);
    case 'person':
      return typeof value === 'string' ? personCell(value, known) : null;
    case 'people': {
      const cells = textsIn(value).map((id) => personCell(id, known));
      // An account and the person whom it belongs to are one.
      return [...new Map(cells.map((cell) => [cell.id, cell])).values()];
    }
    case 'personal':
      if (typeof value === 'string') return { state: 'shown', text: value };
      return isSealed(value) ? personalCell(value, known) : null;
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function personCell(id: string, { names, people, opened }: Known): PersonCell {
  const row = people.get(id);
  const cell = { id: row?.person_id ?? id };
  if (names === 'hidden') return { ...cell, state: 'hidden' };
  const name = row?.full_name ?? row?.display_name ?? null;
  if (name === null) return { ...cell, state: 'unnamed' };
  const shown = openedText(name, opened);
  if (shown === undefined) return { ...cell, state: 'destroyed' };
  const former = (row?.former_names ?? []).map((each) => openedText(each, opened));
  const others = [...new Set(former)].filter((each) => each !== undefined && each !== shown);
  return {
    ...cell,
    state: 'shown',
    name: shown,
    ...(others.length > 0 && { formerNames: others.filter((each) => each !== undefined) }),
  };
}

function personalCell(sealed: Sealed, { names, opened }: Known): PersonalCell {
  if (names === 'hidden') return { state: 'hidden' };
  const text = openedText(sealed, opened);
  return text === undefined ? { state: 'destroyed' } : { state: 'shown', text };
}

/** The text of the field; undefined where its key is gone. */
function openedText(sealed: Sealed, opened: Known['opened']): string | undefined {
  let value: Json | undefined = opened.get(placeOf(sealed));
  for (const name of sealed.field.split('/')) value = isObject(value) ? value[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function positionOf(cursor: string | undefined, seal: (position: string) => string): string | undefined {
  if (cursor === undefined) return undefined;
  const [position = '', signature] = cursor.split('.');
  if (/^\d{1,19}$/.test(position) && signature === seal(position)) return position;
  throw wrong('cursor', 'must be a nextCursor of the same filters');
}

function wrong(name: string, message: string): LetopisError {
  return new LetopisError('invalid', 'The request is not valid', { fields: [{ path: `/${name}`, message }] });
}
