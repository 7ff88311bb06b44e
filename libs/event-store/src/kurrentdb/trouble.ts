import { ErrorType, isCommandError } from '@kurrent/kurrentdb-client';
import { LetopisError } from '@letopis/kernel';

const ATTEMPTS = 7;
/** Pause before the first repetition, in milliseconds; it doubles each time. */
const FIRST_PAUSE = 50;
/** An attempt that fails after so many milliseconds in all is the last one. */
const PATIENCE = 15_000;
const RETRY_AFTER_SECONDS = 5;
/** Errors that the caller of `persistently` tells apart by itself. */
const ANSWERS = [ErrorType.WRONG_EXPECTED_VERSION, ErrorType.STREAM_NOT_FOUND, ErrorType.INVALID_ARGUMENT];

/** Whether the error of the client is of this type. */
export function isOfType(error: unknown, type: ErrorType): boolean {
  return error instanceof Error && isCommandError(error) && error.type === type;
}

/**
 * Does `work`, again and again while the server cannot be reached, a bounded number of times. After a server is lost the
 * client says "cancelled" of an append, "unavailable" or "unknown" of a read, and passes on bare gRPC errors, so all but
 * what is known to be an answer counts as trouble on the way. `work` must be safe to repeat.
 *
 * @throws LetopisError `unavailable` when it gives up; whatever the server answered as it is
 */
export async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  const startedAt = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const answer = answerOf(error);
      if (answer !== undefined) throw answer;
      if (attempt === ATTEMPTS || Date.now() - startedAt > PATIENCE) throw unavailable(error);
    }
    await pause(pauseBefore(attempt));
  }
}

/** Milliseconds to wait before repetition `attempt` (from 1), at most five seconds. */
export function pauseBefore(attempt: number): number {
  return Math.min(FIRST_PAUSE * 2 ** (attempt - 1), 5_000);
}

/** Rejects with `unavailable` when nothing has come of `work` after so many milliseconds. */
export async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function unavailable(cause: unknown): LetopisError {
  return new LetopisError('unavailable', 'The event store cannot be reached', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}

/** The error to pass on where the server has answered; undefined where it may answer otherwise the next time. */
function answerOf(error: unknown): Error | undefined {
  if (error instanceof LetopisError) return error;
  if (!(error instanceof Error)) return undefined;
  if (ANSWERS.some((type) => isOfType(error, type))) return error;
  // The limit of a single event has no type of its own in the client.
  if (
    isOfType(error, ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED) ||
    /append.*size.*exceeded/i.test(error.message)
  ) {
    return new LetopisError('too-large', 'The events are larger than KurrentDB takes in one append', {
      cause: error,
    });
  }
  if (isOfType(error, ErrorType.ACCESS_DENIED)) {
    return new LetopisError('unavailable', 'KurrentDB refuses the credentials of the event store', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  if (isOfType(error, ErrorType.STREAM_DELETED)) {
    return new LetopisError('integrity-broken', 'A stream of events was deleted in KurrentDB', {
      cause: error,
    });
  }
  return undefined;
}
