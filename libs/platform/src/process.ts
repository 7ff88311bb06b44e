import pino, { type Logger } from 'pino';
import { isLetopisError } from '@letopis/kernel';
import { LOG_LEVELS, type LogLevel } from './config';

/** What a log may say of an error. Drivers hang connections with their secrets on errors; those stay out. */
function errorForLog(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: String(error.code) }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  };
}

/**
 * Logs as JSON lines to stderr from `level` on; with `file`, also everything from `info` on to that file, the access log
 * among it.
 */
export function createLog(level: LogLevel, file?: string): Logger {
  const options = {
    level: file === undefined || level === 'debug' ? level : 'info',
    base: null,
    serializers: { err: errorForLog },
    redact: ['req.headers.authorization', 'headers.authorization', '*.password', '*.secret', '*.token'],
  };
  if (file === undefined) return pino(options, pino.destination(2));
  return pino(
    options,
    pino.multistream([
      ...(level === 'silent' ? [] : [{ level, stream: pino.destination(2) }]),
      { level: 'info' as const, stream: pino.destination({ dest: file, mode: 0o600, sync: false }) },
    ]),
  );
}

/** Ends something that was begun. */
export type Stop = () => Promise<void>;

/**
 * Runs a program until SIGINT or SIGTERM, then undoes what it began, in the opposite order. What goes wrong is told in a
 * sentence; a second signal ends the process at once.
 */
export async function runUntilStopped(
  program: (log: Logger, onStop: (stop: Stop) => void, fail: (error: Error) => void) => Promise<void>,
  log: Logger = createLog(levelOf(process.env.LETOPIS_LOG)),
): Promise<void> {
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (code: number): Promise<void> => {
    stopping ??= (async () => {
      for (const step of stops.splice(0).reverse()) {
        await step().catch((error: unknown) => log.error({ err: error }, 'Something did not stop cleanly'));
      }
      process.exitCode = code;
    })();
    return stopping;
  };
  const fail = (error: unknown): void => {
    tell(error);
    void stop(1).then(() => process.exit(1));
  };
  let signals = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(130);
      void stop(0).then(() => process.exit(0));
    });
  }
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'An error that nobody awaited'));
  try {
    await program(log, (step) => void stops.push(step), fail);
  } catch (error) {
    fail(error);
  }
}

function levelOf(text: string | undefined): LogLevel {
  return LOG_LEVELS.find((level) => level === text) ?? 'warn';
}

/** An error that a person can do something about is a sentence; others come with all that is known. */
export function tell(error: unknown): void {
  const text = isLetopisError(error)
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : error;
  process.stderr.write(`${String(text)}\n`);
}
