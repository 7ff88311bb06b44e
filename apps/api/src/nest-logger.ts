import { type LoggerService } from '@nestjs/common';
import { type Logger } from 'pino';

/** What Nest says, in our log. Its start-up chatter is for debugging. */
export function nestLogger(log: Logger): LoggerService {
  const text = (message: unknown): string =>
    typeof message === 'string' ? message : JSON.stringify(message);
  return {
    log: (message: unknown) => log.debug(text(message)),
    debug: (message: unknown) => log.debug(text(message)),
    verbose: (message: unknown) => log.debug(text(message)),
    warn: (message: unknown) => log.warn(text(message)),
    error: (message: unknown, ...details: unknown[]) => log.error({ details }, text(message)),
    fatal: (message: unknown, ...details: unknown[]) => log.fatal({ details }, text(message)),
  };
}
