import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { type ErrorCode, type FieldProblem, LetopisError } from '@letopis/kernel';

/** RFC 9457, with what Letopis adds: a stable code, the fields that are wrong, the clause and rule of a refusal. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fields?: readonly FieldProblem[];
  readonly clause?: string;
  readonly rule?: string;
}

const STATUS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Nobody is signed in' },
  forbidden: { status: 403, title: 'This is not allowed' },
  'not-found': { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'Something else came first' },
  'rule-violated': { status: 422, title: 'A rule of the regulation forbids it' },
  'too-large': { status: 413, title: 'The request is too large' },
  throttled: { status: 429, title: 'Too many requests' },
  unavailable: { status: 503, title: 'Not available now' },
  'integrity-broken': { status: 500, title: 'The record is damaged' },
};

export function problemOf(error: LetopisError): Problem {
  const { status, title } = STATUS[error.code];
  return {
    type: `urn:letopis:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.fields !== undefined && { fields: error.fields }),
    ...(error.clause !== undefined && { clause: error.clause }),
    ...(error.rule !== undefined && { rule: error.rule }),
  };
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  415: 'invalid',
  429: 'throttled',
  503: 'unavailable',
};

/** Any error as one of ours. What nobody foresaw becomes `unavailable` and tells the caller nothing about the inside. */
export function letopisErrorOf(error: unknown): LetopisError {
  if (error instanceof LetopisError) return error;
  const status = statusOf(error);
  const code = status === undefined ? undefined : BY_STATUS[status];
  if (code !== undefined && error instanceof Error)
    return new LetopisError(code, error.message, { cause: error });
  return new LetopisError('unavailable', 'Something went wrong here; try again later', {
    retryAfterSeconds: 5,
    cause: error,
  });
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The one place where errors become HTTP. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const ours = letopisErrorOf(error);
    const problem = problemOf(ours);
    if (problem.status >= 500) {
      this.log.error(
        { err: ours.cause ?? ours, requestId: request.id, path: request.routeOptions.url },
        ours.message,
      );
    }
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (ours.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(ours.retryAfterSeconds));
    if (ours.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer');
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }
}
