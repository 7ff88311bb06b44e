/** Something in a file that its owner has to mend, in plain Russian. */
export class Mistake extends Error {
  constructor(
    /** What is wrong. */
    message: string,
    /** How to mend it. */
    readonly remedy: string,
    /** Heading of the column that it stands in, where it stands in one. */
    readonly column: string | null = null,
  ) {
    super(message);
    this.name = 'Mistake';
  }
}

/** What an import tells of a row, or of the whole file. */
export interface ImportProblem {
  /** An `error` kept the row, or the whole file, from being recorded; a `notice` kept nothing. */
  readonly severity: 'error' | 'notice';
  /** Number of the row as a spreadsheet shows it; null for the whole file. */
  readonly row: number | null;
  /** Heading of the column; null where it is not about one. */
  readonly column: string | null;
  readonly message: string;
  readonly remedy: string;
}

/** The problem that a mistake makes of a row, or of the file. */
export function problemOf(
  { message, remedy, column }: Mistake,
  row: number | null,
  severity: ImportProblem['severity'] = 'error',
): ImportProblem {
  return { severity, row, column, message, remedy };
}

const SHOWN = 40;

/** What stands in a cell, short enough for a message. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `«${line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}»`;
}
