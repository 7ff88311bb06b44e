import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { LetopisError } from '@letopis/kernel';
import {
  type Channel,
  CHANNELS,
  NOTIFICATION_STATUSES,
  NotificationService,
  TOPICS,
} from '@letopis/notifications';
import { Access, callerOf } from '@letopis/platform';
import { QueryReader, uuidOf } from './requests';

const READERS = ['director', 'deputy', 'platform_admin'] as const;
const SETTERS = ['director', 'platform_admin'] as const;

/** What leaves Letopis by e-mail and webhook: settings of an organisation, and what became of its notices. */
@Controller('v1/organizations/:organizationId/notifications')
export class NotificationsController {
  constructor(@Inject(NotificationService) private readonly notifications: NotificationService) {}

  @Get()
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Уведомления и что с ними стало',
    description: 'The latest first. `dead` ones were given up, and can be sent again.',
  })
  @ApiQuery({ name: 'status', required: false, schema: { type: 'string', enum: [...NOTIFICATION_STATUSES] } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  list(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const question = {
      status: read.oneOf('status', NOTIFICATION_STATUSES),
      limit: read.integer('limit', 50, 1, 500),
      cursor: read.text('cursor'),
    };
    read.end();
    return this.notifications.list(organizationId, question);
  }

  @Post(':notificationId/retry')
  @HttpCode(200)
  @Access({ roles: READERS })
  @ApiOperation({ summary: 'Отправить недоставленное уведомление ещё раз' })
  retry(@Param('organizationId') organization: string, @Param('notificationId') notification: string) {
    return this.notifications.retry(
      uuidOf(organization, '/organizationId'),
      uuidOf(notification, '/notificationId'),
    );
  }

  @Get('settings/:channel')
  @Access({ roles: SETTERS })
  @ApiOperation({ summary: 'Настройки уведомлений', description: 'Never with the secret of the webhook.' })
  @ApiParam({ name: 'channel', schema: { type: 'string', enum: [...CHANNELS] } })
  settings(@Param('organizationId') organization: string, @Param('channel') channel: string) {
    return this.notifications.readSettings(uuidOf(organization, '/organizationId'), channelOf(channel));
  }

  @Put('settings/:channel')
  @Access({ roles: SETTERS })
  @ApiOperation({
    summary: 'Настроить уведомления',
    description:
      'Replaces the settings of the channel. The webhook’s secret is in the answer when it is a fresh one (the first time, ' +
      'or with rotateSecret), and never again. E-mail needs a mail server of the installation.',
  })
  @ApiParam({ name: 'channel', schema: { type: 'string', enum: [...CHANNELS] } })
  @ApiBody({
    schema: {
      type: 'object',
      properties: {
        enabled: { type: 'boolean' },
        targets: {
          type: 'array',
          items: { type: 'string' },
          maxItems: 20,
          description: 'E-mail addresses, or the one address of the webhook (https)',
        },
        topics: { type: 'array', items: { type: 'string', enum: [...TOPICS] } },
        remindBeforeHours: {
          type: 'array',
          items: { type: 'integer', minimum: 1, maximum: 8_760 },
          maxItems: 10,
          description: 'How long before a deadline to remind',
        },
        rotateSecret: { type: 'boolean', description: 'Webhook only: give it a fresh secret' },
      },
      required: ['enabled'],
      additionalProperties: false,
      example: {
        enabled: true,
        targets: ['https://hooks.school7.example/letopis'],
        topics: ['deadline-approaching', 'deadline-missed'],
        remindBeforeHours: [72, 24],
      },
    },
  })
  save(
    @Param('organizationId') organization: string,
    @Param('channel') channel: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ) {
    return this.notifications.saveSettings(
      uuidOf(organization, '/organizationId'),
      channelOf(channel),
      body,
      callerOf(request).id,
    );
  }

  @Post('settings/:channel/test')
  @HttpCode(202)
  @Access({ roles: SETTERS })
  @ApiOperation({
    summary: 'Отправить проверочное уведомление',
    description: 'One for each recipient; what became of them is among the notifications.',
  })
  @ApiParam({ name: 'channel', schema: { type: 'string', enum: [...CHANNELS] } })
  async test(@Param('organizationId') organization: string, @Param('channel') channel: string) {
    const organizationId = uuidOf(organization, '/organizationId');
    return { notificationIds: await this.notifications.test(organizationId, channelOf(channel)) };
  }
}

/** @throws LetopisError `not-found` */
function channelOf(name: string): Channel {
  const channel = CHANNELS.find((each) => each === name);
  if (channel === undefined) {
    throw new LetopisError('not-found', `Notifications go by: ${CHANNELS.join(', ')}`);
  }
  return channel;
}
