import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { LetopisError, newId, PARTICIPANTS } from '@letopis/kernel';
import { Access, callerOf, type CommandReply, type CommandRequest } from '@letopis/platform';
import { RunCommand } from './run-command';
import { bodyOf, expectedRevisionOf, headerOf, uuidOf } from './requests';

const MAX_KEY = 200;
const MAX_CORRELATION = 128;

/** Commands of the regulation: each by its own name, declared in libs/school. */
@Controller('v1/organizations')
export class CommandsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Access({ roles: ['operator'] })
  async createOrganization(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { organizationId, ...payload } = bodyOf(body, ['organizationId', 'name', 'timeZone']);
    const id = organizationId === undefined ? newId() : uuidOf(organizationId, '/organizationId');
    const caller = callerOf(request);
    if (caller.organizationId !== '*' && caller.organizationId !== id) {
      throw new LetopisError('forbidden', 'The token is for another organisation');
    }
    const result = await this.run({ ...requestOf(request, id), name: 'CreateOrganization', payload });
    await answer(reply, result, { organizationId: id });
  }

  @Post(':organizationId/commands/:commandName')
  @Access({ roles: PARTICIPANTS })
  async execute(
    @Param('organizationId') organizationId: string,
    @Param('commandName') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { payload = {}, occurredAt } = bodyOf(body, ['payload', 'occurredAt']);
    if (occurredAt !== undefined && typeof occurredAt !== 'string') {
      throw new LetopisError('invalid', 'occurredAt is not valid', {
        fields: [{ path: '/occurredAt', message: 'must be a string' }],
      });
    }
    const result = await this.run({
      ...requestOf(request, uuidOf(organizationId, '/organizationId')),
      name,
      payload,
      ...(occurredAt !== undefined && { occurredAt }),
    });
    await answer(reply, result);
  }

  private run(request: CommandRequest): Promise<CommandReply> {
    return this.commands.execute(new RunCommand(request));
  }
}

function requestOf(
  request: FastifyRequest,
  organizationId: string,
): Omit<CommandRequest, 'name' | 'payload'> {
  const idempotencyKey = headerOf(request, 'idempotency-key', MAX_KEY);
  const correlationId = headerOf(request, 'x-correlation-id', MAX_CORRELATION);
  const expectedRevision = expectedRevisionOf(request);
  return {
    organizationId,
    caller: callerOf(request),
    source: 'operator',
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(correlationId !== undefined && { correlationId }),
    ...(expectedRevision !== undefined && { expectedRevision }),
  };
}

async function answer(
  reply: FastifyReply,
  { repeated, ...result }: CommandReply,
  more: object = {},
): Promise<void> {
  await reply.status(repeated ? 200 : 201).send({ ...more, ...result });
}
