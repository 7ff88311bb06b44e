import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { LetopisError, parseJson, PARTICIPANTS } from '@letopis/kernel';
import {
  Access,
  type Caller,
  callerOf,
  type CommandOutcome,
  type CommandRequest,
  CommandService,
  letopisErrorOf,
  problemOf,
  type Underway,
} from '@letopis/platform';
import { lines } from './lines';
import { bodyOf, headerOf, uuidOf } from './requests';

export const MAX_BATCH_BYTES = 64 * 1024 * 1024;
const MAX_LINES = 10_000;
const MAX_LINE_BYTES = 1024 * 1024;
/** Commands that are carried out together; their answers leave together too. */
const CHUNK = 1_000;

/** Many commands in one request: NDJSON in, NDJSON out, a line for a line. */
@Controller('v1/organizations')
export class BatchesController {
  constructor(@Inject(CommandService) private readonly commands: CommandService) {}

  @Post(':organizationId/command-batches')
  @Access({ roles: PARTICIPANTS })
  async batch(
    @Param('organizationId') organization: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organizationId = uuidOf(organization, '/organizationId');
    if (!(request.body instanceof Readable)) {
      throw new LetopisError('invalid', 'A batch is sent with Content-Type: application/x-ndjson');
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_BATCH_BYTES) {
      throw new LetopisError('too-large', `A batch may have ${MAX_BATCH_BYTES / 1024 / 1024} MiB`);
    }
    const correlationId = headerOf(request, 'x-correlation-id', 128);
    const common = {
      organizationId,
      caller: callerOf(request),
      source: 'operator',
      ...(correlationId !== undefined && { correlationId }),
    } as const;
    await reply
      .status(200)
      .type('application/x-ndjson')
      .send(Readable.from(this.answers(request.body, common), { objectMode: false }));
  }

  /** One bad line never harms another: each has its own answer, in the order of the lines. */
  private async *answers(
    body: Readable,
    common: Pick<CommandRequest, 'organizationId' | 'source' | 'correlationId'> & { readonly caller: Caller },
  ): AsyncGenerator<string> {
    const chunks = lines(body, { chunk: CHUNK, lineBytes: MAX_LINE_BYTES, bytes: MAX_BATCH_BYTES });
    let begun = 0;
    // While a chunk is being recorded, the next one is read and decided on.
    let before: Chunk | undefined;
    try {
      for (;;) {
        const next = chunks.next();
        if (before !== undefined && (await settlesFirst(before.underway.outcomes, next))) {
          // Somebody who sends slowly wants the answers meanwhile.
          yield await answersOf(before);
          before = undefined;
        }
        const read = await next;
        if (read.done === true) break;
        const chunk: readonly string[] = read.value;
        const allowed = chunk.slice(0, MAX_LINES - begun);
        const requests = allowed.map((line): CommandRequest | Error => {
          try {
            return { ...common, ...commandOf(line) };
          } catch (error) {
            return letopisErrorOf(error);
          }
        });
        const good = requests.filter((request): request is CommandRequest => !(request instanceof Error));
        const underway = this.commands.start(good, before?.underway);
        const answered = before;
        before = { first: begun + 1, requests, underway };
        begun += allowed.length;
        await underway.decided;
        if (answered !== undefined) yield await answersOf(answered);
        if (allowed.length < chunk.length)
          throw new LetopisError('too-large', `A batch may have ${MAX_LINES} lines`);
      }
      if (before !== undefined) yield await answersOf(before);
    } catch (error) {
      // The answer is under way: what was carried out is told, and the last line says why it ends here.
      if (before !== undefined) yield await answersOf(before);
      yield answerLine(begun + 1, { ok: false, error: letopisErrorOf(error) });
    } finally {
      chunks.return(undefined).catch(() => undefined);
    }
  }
}

/** Whether `one` is settled before `other` is. */
async function settlesFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const settled = (which: Promise<unknown>, is: boolean): Promise<boolean> =>
    which.then(
      () => is,
      () => is,
    );
  return Promise.race([settled(one, true), settled(other, false)]);
}

/** Lines that are carried out together. */
interface Chunk {
  /** The number of its first line. */
  readonly first: number;
  readonly requests: readonly (CommandRequest | Error)[];
  readonly underway: Underway;
}

async function answersOf({ first, requests, underway }: Chunk): Promise<string> {
  const outcomes = (await underway.outcomes).values();
  let text = '';
  for (const [index, request] of requests.entries()) {
    const outcome: CommandOutcome | undefined =
      request instanceof Error ? { ok: false, error: request } : outcomes.next().value;
    if (outcome !== undefined) text += answerLine(first + index, outcome);
  }
  return text;
}

function commandOf(line: string): Pick<CommandRequest, 'name' | 'payload' | 'occurredAt' | 'idempotencyKey'> {
  const { command, payload, occurredAt, idempotencyKey } = bodyOf(parsed(line), [
    'command',
    'payload',
    'occurredAt',
    'idempotencyKey',
  ]);
  if (typeof command !== 'string') throw field('/command', 'must be the name of a command');
  return {
    name: command,
    payload,
    ...(occurredAt !== undefined && { occurredAt: text(occurredAt, '/occurredAt', 40) }),
    ...(idempotencyKey !== undefined && { idempotencyKey: text(idempotencyKey, '/idempotencyKey', 200) }),
  };
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    throw new LetopisError('invalid', 'The line is no JSON', {
      fields: [{ path: '', message: 'must be JSON' }],
      cause: error,
    });
  }
}

function text(value: unknown, path: string, max: number): string {
  if (typeof value !== 'string' || value === '' || value.length > max) {
    throw field(path, `must be text of 1 to ${max} characters`);
  }
  return value;
}

function field(path: string, message: string): LetopisError {
  return new LetopisError('invalid', 'The line is not valid', { fields: [{ path, message }] });
}

function answerLine(line: number, outcome: CommandOutcome): string {
  if (!outcome.ok) {
    const problem = problemOf(letopisErrorOf(outcome.error));
    return `${JSON.stringify({ line, status: problem.status, problem })}\n`;
  }
  const { repeated, ...reply } = outcome.reply;
  return `${JSON.stringify({ line, status: repeated ? 200 : 201, ...reply })}\n`;
}
