import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { AuditTrailQueries } from '@letopis/audit';
import { toCloudEvent } from '@letopis/kernel';
import { Access, type Core } from '@letopis/platform';
import { caughtUp } from './caught-up';
import { QueryReader, uuidOf } from './requests';
import { CORE } from './tokens';

const READERS = ['director', 'deputy', 'platform_admin', 'pdn_officer', 'inspector', 'investigator'] as const;

/** The record, to be read: the audit trail and the feed of events. */
@Controller('v1/organizations/:organizationId')
export class AuditController {
  private readonly trail: AuditTrailQueries;

  constructor(@Inject(CORE) private readonly core: Core) {
    this.trail = new AuditTrailQueries(
      core.views,
      (text) => core.masterKey.digest(text),
      core.catalogue.eventTypes,
    );
  }

  @Get('audit-trail')
  @Access({ roles: READERS })
  async page(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const minPosition = read.position('minPosition');
    const filter = {
      from: read.instant('from'),
      to: read.instant('to'),
      actor: read.text('actor'),
      subject: read.uuid('subject'),
      type: read.text('type'),
      clause: read.text('clause', 10),
      chat: read.uuid('chat'),
      correlation: read.text('correlation'),
      q: read.text('q'),
      order: read.oneOf('order', ['asc', 'desc']) ?? 'desc',
      limit: read.integer('limit', 50, 1, 500),
      cursor: read.text('cursor', 100),
    };
    read.end();
    await caughtUp(this.core, 'audit-trail', organizationId, minPosition);
    return this.trail.page(organizationId, filter);
  }

  @Get('audit-trail/:eventId')
  @Access({ roles: READERS })
  async event(
    @Param('organizationId') organization: string,
    @Param('eventId') eventId: string,
    @Query() query: Record<string, unknown>,
  ) {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const minPosition = read.position('minPosition');
    read.end();
    await caughtUp(this.core, 'audit-trail', organizationId, minPosition);
    const found = await this.trail.event(organizationId, uuidOf(eventId, '/eventId'));
    // Sealing comes with the ledger: until then no event is under a signed checkpoint.
    return { ...found, states: { recorded: true, projected: true, sealed: false } };
  }

  @Get('events')
  @Access({ roles: READERS })
  async events(
    @Param('organizationId') organization: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const after = read.position('after') ?? 0n;
    const limit = read.integer('limit', 500, 1, 2_000);
    read.end();
    const page = await this.core.store.readAll(after, { limit, organizationId });
    await reply
      .header('x-letopis-next-after', page.through.toString())
      .type('application/x-ndjson')
      .send(page.events.map((event) => `${JSON.stringify(toCloudEvent(event))}\n`).join(''));
  }
}
