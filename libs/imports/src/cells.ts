/** A cell that is not empty. */
export type Cell =
  | { readonly kind: 'text'; readonly text: string }
  /** A number as its program wrote it: `45536`, `1.5`, `1.2E+17`. */
  | { readonly kind: 'number'; readonly text: string }
  /** A number that its cell shows as a date: `2025-09-01`, or `2025-09-01T10:30:00`. */
  | { readonly kind: 'date'; readonly text: string }
  /** A formula. What it would give is not known: it is never evaluated. */
  | { readonly kind: 'formula' };

/** A row that has a cell; `number` is the one that a spreadsheet shows. */
export interface TableRow {
  readonly number: number;
  readonly cells: readonly (Cell | undefined)[];
}

/** The cell that a text makes; nothing where it is blank. A spreadsheet would take a leading `=` for a formula. */
export function textCell(text: string): Cell | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return trimmed.startsWith('=') ? { kind: 'formula' } : { kind: 'text', text: trimmed };
}
