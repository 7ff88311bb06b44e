import { isLetopisError, type LetopisError } from '@letopis/kernel';
import { type CommandOutcome } from '@letopis/platform';
import { type ImportProblem } from './mistakes';
import { type PlannedCommand } from './sheet';

/** What became of a planned command, or would become of it. */
export type StepOutcome =
  | { readonly kind: 'recorded' }
  /** It was on record already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly error: LetopisError };

/** @throws Error the trouble of Letopis itself, where that was the reason: the command is to be tried again */
export function stepOutcomeOf(outcome: CommandOutcome): StepOutcome {
  if (!outcome.ok) return { kind: 'refused', error: refusalOf(outcome.error) };
  return { kind: outcome.reply.repeated ? 'unchanged' : 'recorded' };
}

/** The error, where it is an answer to the command. @throws Error any other */
export function refusalOf(error: unknown): LetopisError {
  if (!isLetopisError(error)) throw error;
  switch (error.code) {
    case 'invalid':
    case 'rule-violated':
    case 'conflict':
    case 'forbidden':
    case 'not-found':
    case 'too-large':
      return error;
    case 'unauthenticated':
    case 'throttled':
    case 'unavailable':
    case 'integrity-broken':
      throw error;
  }
}

/** How often a command came to what. */
export interface CommandTally {
  readonly command: string;
  readonly titleRu: string;
  readonly recorded: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Not tried: the caller's roles may not do this. */
  readonly notAllowed: number;
}

/** What an import has come to so far; of a dry run, what it would come to. */
export interface ImportResult {
  /** Rows below the headings that are not blank. */
  readonly rows: number;
  /** Rows that were not recorded because of an error. */
  readonly rowsWithErrors: number;
  readonly commands: readonly CommandTally[];
}

export const NOTHING_YET: ImportResult = { rows: 0, rowsWithErrors: 0, commands: [] };

/** The result with one more outcome counted in. */
export function counted(result: ImportResult, command: string, outcome: StepOutcome['kind']): ImportResult {
  return {
    ...result,
    commands: result.commands.map((tally) =>
      tally.command === command ? { ...tally, [outcome]: tally[outcome] + 1 } : tally,
    ),
  };
}

/** What a refusal tells the owner of the file. */
export function problemOfRefusal(
  { row }: PlannedCommand,
  headingsRow: number,
  error: LetopisError,
): ImportProblem {
  return {
    severity: 'error',
    row: row === headingsRow ? null : row,
    column: null,
    message: messageOf(error),
    remedy:
      error.clause === undefined
        ? 'Сверьте данные с шаблоном и загрузите файл ещё раз'
        : `Исправьте данные и загрузите файл ещё раз (п. ${error.clause} регламента)`,
  };
}

function messageOf({ code, message, fields = [] }: LetopisError): string {
  switch (code) {
    case 'rule-violated':
      return message;
    case 'conflict':
      return 'Запись в это же время менял кто-то другой';
    case 'invalid':
    case 'unauthenticated':
    case 'forbidden':
    case 'not-found':
    case 'too-large':
    case 'throttled':
    case 'unavailable':
    case 'integrity-broken':
      return `Данные не приняты: ${[message, ...fields.map((field) => `${field.path} ${field.message}`)].join('; ')}`;
  }
}
