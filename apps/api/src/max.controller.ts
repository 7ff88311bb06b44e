import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { LetopisError } from '@letopis/kernel';
import { MaxBots, MaxQuarantine, MaxWebhook } from '@letopis/max';
import { Access } from '@letopis/platform';
import { bodyOf, QueryReader, uuidOf } from './requests';

/** The messenger’s door: updates of a school’s audit bot. */
@Controller('v1/organizations/:organizationId/integrations/max')
export class MaxController {
  constructor(
    @Inject(MaxWebhook) private readonly webhook: MaxWebhook,
    @Inject(MaxBots) private readonly bots: MaxBots,
    @Inject(MaxQuarantine) private readonly quarantine: MaxQuarantine,
  ) {}

  /** Answers with the secret, once: it is what MAX has to send with each update. */
  @Post('bots')
  @Access({ roles: ['platform_admin', 'operator'] })
  registerBot(@Param('organizationId') organization: string, @Body() body: unknown) {
    const read = new QueryReader(bodyOf(body, ['botId', 'secret']));
    const botId = read.required('botId', read.text('botId', 100));
    return this.bots.register(uuidOf(organization, '/organizationId'), botId, read.text('secret', 256));
  }

  @Post('webhook')
  @HttpCode(200)
  @Access('secret')
  async receive(@Param('organizationId') organization: string, @Req() request: FastifyRequest) {
    const secret = request.headers['x-max-bot-api-secret'];
    if (!Buffer.isBuffer(request.body)) {
      throw new LetopisError('invalid', 'An update is sent with Content-Type: application/json');
    }
    return this.webhook.receive(
      uuidOf(organization, '/organizationId'),
      typeof secret === 'string' ? secret : undefined,
      request.body,
    );
  }

  @Get('quarantine')
  @Access({ roles: ['platform_admin', 'operator'] })
  async quarantined(@Param('organizationId') organization: string) {
    return { items: await this.quarantine.list(uuidOf(organization, '/organizationId')) };
  }
}
