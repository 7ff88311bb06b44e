import { type AnyTable } from './table';

/** An identifier as SQL takes it, reserved words included. */
export function quote(identifier: string): string {
  return `"${identifier}"`;
}

export function qualified(schema: string, table: AnyTable): string {
  return `${quote(schema)}.${quote(table.name)}`;
}

/** The DDL of a table in `schema`: the table, then its secondary indexes, which a rebuild makes when it is filled. */
export function createStatements(
  schema: string,
  table: AnyTable,
): { readonly create: string; readonly indexes: readonly string[] } {
  const name = qualified(schema, table);
  const columns = [
    ...table.stored.map(
      (column) => `${quote(column.name)} ${column.type}${column.nullable ? '' : ' NOT NULL'}`,
    ),
    ...Object.entries(table.generated).map(
      ([column, { type, as }]) => `${quote(column)} ${type} GENERATED ALWAYS AS (${as}) STORED`,
    ),
    `PRIMARY KEY (${names(table.storedKey)})`,
  ];
  return {
    create: `CREATE TABLE ${name} (${columns.join(', ')})`,
    indexes: table.indexes.map(
      (index) =>
        `CREATE INDEX ON ${name} ${typeof index === 'string' ? index : `(${index.map(quote).join(', ')})`}`,
    ),
  };
}

/** A list of columns. */
export function names(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => quote(name)).join(', ');
}
