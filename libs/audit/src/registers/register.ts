/** The report forms of the regulation. */
export const FORMS = [
  'F1',
  'F2',
  'F3',
  'F4',
  'F5',
  'F6',
  'F7',
  'F8',
  'F9',
  'F10',
  'F11',
  'F12',
  'F13',
] as const;
export type Form = (typeof FORMS)[number];

/** Codes of the record and what a reader is shown for them. */
export type Labels = Readonly<Record<string, string>>;

/**
 * What the cells of a column hold, and what its SQL expression has to be.
 *
 * - `text`: text · `list`: text[] · `number`: any number · `flag`: boolean · `day`: date · `instant`: timestamptz
 * - `person`: uuid · `people`: uuid[]; a pseudonymous id of a person, or of an account of the messenger
 * - `personal`: jsonb, made by `sealedOf`: personal text, opened for those who may see it; or a JSON string: text about
 *   nobody, for all to see
 */
export type ColumnType =
  'text' | 'list' | 'number' | 'flag' | 'day' | 'instant' | 'person' | 'people' | 'personal';

export interface Column {
  /** Camel case: its name in JSON. In SQL it is the same name in snake case. */
  readonly key: string;
  readonly headingRu: string;
  readonly type: ColumnType;
  /** In characters. */
  readonly width: number;
  /** What codes are shown as in files; JSON has the codes. For `text` and `list`. */
  readonly labels?: Labels;
  /** Summed up under the table of a workbook. For `number`. */
  readonly total?: true;
}

/** What a register can be narrowed down by. */
export interface Filters {
  /** `from` (inclusive) and `to` (exclusive): instants. */
  readonly period?: true;
  /** `to` alone: the instant that is asked about, `$2`, where it is not now. Not together with `period`. */
  readonly until?: true;
  /** `class`: id of a group. */
  readonly class?: true;
  /** `act`: id of a local act. */
  readonly act?: true;
  /** `status`: one of these codes. */
  readonly status?: Labels;
}

/** A live register: a form that is read from views whenever somebody asks. */
export interface Register {
  readonly form: Form;
  readonly nameRu: string;
  /** What a row is, for the API's reader. */
  readonly about: string;
  readonly columns: readonly Column[];
  readonly filters: Filters;
  /** Names of the projections that `sql` reads. */
  readonly views: readonly string[];
  /** Whether `sql` counts working days, as `endOfTerm` does: `$3` then has them. */
  readonly workingDays?: true;
  /**
   * One SELECT over live views. `$1` is the organisation, `$2` the instant of the question. It MUST give
   *
   * - each column, by its key in snake case;
   * - `position bigint`: of the event that began the row. Rows stand in its order, no two share it, and it never changes;
   * - for the filters that are declared: `at timestamptz` (period), `class_ids uuid[]` (class), `act_id uuid` (act), `status text`
   *   (status).
   */
  readonly sql: string;
}

const KEY = /^[a-z][a-zA-Z0-9]*$/;

/** Declares a register. @throws Error where its columns do not fit */
export function defineRegister(register: Register): Register {
  const { form, columns } = register;
  const keys = columns.map(({ key }) => key);
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) throw new Error(`Register ${form} declares column ${repeated} twice`);
  for (const { key, type, labels, total } of columns) {
    if (!KEY.test(key)) throw new Error(`"${key}" is no name for a column of register ${form}`);
    if (labels !== undefined && type !== 'text' && type !== 'list') {
      throw new Error(`Column ${key} of register ${form} has labels, but is no text`);
    }
    if (total !== undefined && type !== 'number') {
      throw new Error(`Column ${key} of register ${form} has a total, but is no number`);
    }
  }
  return register;
}

/** A column's name in SQL: `createdAt` is `created_at`. */
export function sqlNameOf({ key }: Pick<Column, 'key'>): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The JSON Schema of a cell, for the API's description. */
function schemaOfCell({ type, headingRu, labels }: Column): object {
  const description =
    labels === undefined
      ? headingRu
      : `${headingRu}: ${Object.entries(labels)
          .map(([code, label]) => `${code} – ${label}`)
          .join(', ')}`;
  const person = {
    type: 'object',
    required: ['id', 'state'],
    properties: {
      id: { type: 'string', format: 'uuid' },
      state: { type: 'string', enum: ['shown', 'unnamed', 'hidden', 'destroyed'] },
      name: { type: 'string' },
      formerNames: { type: 'array', items: { type: 'string' } },
    },
  };
  switch (type) {
    case 'text':
      return { type: ['string', 'null'], description };
    case 'list':
      return { type: 'array', items: { type: 'string' }, description };
    case 'number':
      return { type: ['number', 'null'], description };
    case 'flag':
      return { type: ['boolean', 'null'], description };
    case 'day':
      return { type: ['string', 'null'], format: 'date', description };
    case 'instant':
      return { type: ['string', 'null'], format: 'date-time', description };
    case 'person':
      return { ...person, type: ['object', 'null'], description };
    case 'people':
      return { type: 'array', items: person, description };
    case 'personal':
      return {
        type: ['object', 'null'],
        required: ['state'],
        properties: {
          state: { type: 'string', enum: ['shown', 'hidden', 'destroyed'] },
          text: { type: 'string' },
        },
        description,
      };
  }
}

/** The JSON Schema of a page of the register, for the API's description. */
export function schemaOfPage({ form, nameRu, columns }: Register): object {
  return {
    type: 'object',
    title: form,
    description: nameRu,
    required: ['form', 'nameRu', 'items'],
    properties: {
      form: { type: 'string', const: form },
      nameRu: { type: 'string' },
      items: {
        type: 'array',
        items: {
          type: 'object',
          required: columns.map(({ key }) => key),
          properties: Object.fromEntries(columns.map((column) => [column.key, schemaOfCell(column)])),
        },
      },
      nextCursor: { type: 'string', description: 'Where the next page begins; absent on the last one' },
    },
  };
}
