/** Every way in which Letopis refuses or fails. The HTTP edge gives each its status (docs/architecture.md, "Errors"). */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'rule-violated'
  | 'too-large'
  | 'throttled'
  | 'unavailable'
  | 'integrity-broken';

/** One thing that is wrong with an input: `path` is a JSON Pointer (RFC 6901) into it. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetails {
  /** What is wrong with which field, for `invalid`. */
  readonly fields?: readonly FieldProblem[];
  /** The clause of the regulation that a refusal rests on, for `rule-violated`. */
  readonly clause?: string;
  /** The rule's stable name within its command, for `rule-violated`; which rule of the API, for others. */
  readonly rule?: string;
  /** When to come again, for `unavailable` and `throttled`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** The only error class that crosses a room's border. The domain knows codes, never HTTP statuses. */
export class LetopisError extends Error {
  readonly fields?: readonly FieldProblem[];
  readonly clause?: string;
  readonly rule?: string;
  readonly retryAfterSeconds?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'LetopisError';
    this.fields = details.fields;
    this.clause = details.clause;
    this.rule = details.rule;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/**
 * A decision that a rule of the regulation forbids.
 *
 * @param clause the clause's number, e.g. `3.1.0`
 * @param rule a stable kebab-case name, unique within the command
 * @param message Russian, for the person who made the decision: what is wrong and how to mend it
 */
export function ruleViolated(clause: string, rule: string, message: string): LetopisError {
  return new LetopisError('rule-violated', message, { clause, rule });
}

/** Whether `error` is a LetopisError, with this code if one is given. */
export function isLetopisError(error: unknown, code?: ErrorCode): error is LetopisError {
  return error instanceof LetopisError && (code === undefined || error.code === code);
}
