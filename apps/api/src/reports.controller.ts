import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { LetopisError } from '@letopis/kernel';
import { Access, callerOf, type Core } from '@letopis/platform';
import {
  DOCUMENT_FORMATS,
  FOUNDER_TIME_ZONE,
  type FounderScope,
  type ReportCheck,
  reportDocument,
  ReportService,
  type ReportView,
} from '@letopis/reports';
import { caughtUp } from './caught-up';
import { personalDataOf, SEE_NAMES } from './open-personal';
import { bodyOf, QueryReader, uuidOf } from './requests';
import { CORE, PUBLIC_URL } from './tokens';

const MAKERS = ['director', 'deputy', 'platform_admin'] as const;
const READERS = [...SEE_NAMES, 'inspector', 'founder'] as const;
const FOUNDERS = ['founder', 'operator'] as const;

/** Free texts of a request; they become part of what is frozen. */
const WORDS = ['basisRu', 'goalRu', 'objectRu', 'methodsRu'] as const;
const WORDS_LENGTH = 2_000;
const MOST_ORGANIZATIONS = 1_000;
const DIGEST = /^[0-9a-f]{64}$/;

const period = {
  from: { type: 'string', format: 'date-time', description: 'From this instant on' },
  to: {
    type: 'string',
    format: 'date-time',
    description: 'Up to and not including this one; not in the future',
  },
};
const words = {
  type: 'string',
  maxLength: WORDS_LENGTH,
  description: 'Russian, names nobody; frozen with the report',
};

/** Control reports: asked for, made by a job, frozen, registered; and what becomes of them. */
@Controller('v1')
export class ReportsController {
  constructor(
    @Inject(CORE) private readonly core: Core,
    @Inject(ReportService) private readonly reports: ReportService,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | undefined,
  ) {}

  @Post('organizations/:organizationId/reports')
  @Access({ roles: MAKERS })
  @ApiOperation({
    summary: 'Составить справку по итогам контроля',
    description:
      'A job makes and freezes it, and registers it in the record (ControlReportRegistered). Approving, acknowledging and ' +
      'withdrawing it are commands.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['from', 'to'],
      additionalProperties: false,
      properties: {
        kind: { type: 'string', enum: ['control'] },
        ...period,
        ...Object.fromEntries(WORDS.map((name) => [name, words])),
        revises: {
          type: 'string',
          format: 'uuid',
          description: 'The report that this one takes the place of',
        },
      },
      example: { from: '2025-10-01T00:00:00+05:00', to: '2025-11-01T00:00:00+05:00', basisRu: 'Приказ № 41' },
    },
  })
  async request(
    @Param('organizationId') organization: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(bodyOf(body, ['kind', 'from', 'to', ...WORDS, 'revises']));
    const kind = read.oneOf('kind', ['control']) ?? 'control';
    const from = read.required('from', read.instant('from'));
    const to = read.required('to', read.instant('to'));
    const report = await this.reports.request(organizationId, callerOf(request).id, {
      ...{ kind, from, to },
      ...Object.fromEntries(WORDS.map((name) => [name, read.text(name, WORDS_LENGTH)])),
      revises: read.uuid('revises'),
    });
    await reply
      .status(202)
      .header('location', `/v1/organizations/${organizationId}/reports/${report.id}`)
      .send(report);
  }

  @Get('organizations/:organizationId/reports')
  @Access({ roles: READERS })
  @ApiOperation({ summary: 'Справки организации', description: 'The latest first, without what they show.' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
  })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'minPosition', required: false, schema: { type: 'string' } })
  async list(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const read = new QueryReader(query);
    const page = { limit: read.integer('limit', 50, 1, 500), cursor: read.text('cursor') };
    return this.reports.list(await this.ready(organization, read), page);
  }

  @Get('organizations/:organizationId/reports/:reportId')
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Справка: состояние и содержание',
    description:
      'With its approval, who has seen it, whether it was withdrawn, and the trail of its revisions. The content holds ' +
      'places like [[person:…]] where the documents have names.',
  })
  @ApiQuery({ name: 'minPosition', required: false, schema: { type: 'string' } })
  async read(
    @Param('organizationId') organization: string,
    @Param('reportId') report: string,
    @Query() query: Record<string, unknown>,
  ) {
    const organizationId = await this.ready(organization, new QueryReader(query));
    return this.reports.read(organizationId, uuidOf(report, '/reportId'));
  }

  @Post('organizations/:organizationId/reports/:reportId/recompute')
  @HttpCode(200)
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Пересчитать справку и сравнить с тем, что сохранено',
    description:
      'Evaluates the period anew: `known=then` (the default) from the events that were known when the report was asked ' +
      'for, which must give the same digest; `known=now` with what came to light since. Nothing is kept.',
  })
  @ApiQuery({ name: 'known', required: false, schema: { type: 'string', enum: ['then', 'now'] } })
  async recompute(
    @Param('organizationId') organization: string,
    @Param('reportId') report: string,
    @Query() query: Record<string, unknown>,
  ) {
    const read = new QueryReader(query);
    const known = read.oneOf('known', ['then', 'now']) ?? 'then';
    read.end();
    return this.reports.recompute(
      uuidOf(organization, '/organizationId'),
      uuidOf(report, '/reportId'),
      known,
    );
  }

  @Get('organizations/:organizationId/reports/:reportId/comparison')
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Сравнить две справки',
    description: 'The one whose period ends earlier is `before`. Findings are the same by their ids.',
  })
  @ApiQuery({ name: 'with', required: true, schema: { type: 'string', format: 'uuid' } })
  async compare(
    @Param('organizationId') organization: string,
    @Param('reportId') report: string,
    @Query() query: Record<string, unknown>,
  ) {
    const read = new QueryReader(query);
    const other = read.required('with', read.uuid('with'));
    read.end();
    return this.reports.compare(uuidOf(organization, '/organizationId'), uuidOf(report, '/reportId'), other);
  }

  @Get('organizations/:organizationId/reports/:reportId/document')
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Справка как документ',
    description:
      'Names are for the director, deputies, the platform administrator and the officer for personal data; others read ' +
      'pseudonyms. JSON is the frozen content itself, byte for byte what the digest was taken of. 409 while it is not done; ' +
      '429 where others are being made for long.',
  })
  @ApiQuery({ name: 'format', required: true, schema: { type: 'string', enum: [...DOCUMENT_FORMATS] } })
  @ApiQuery({ name: 'minPosition', required: false, schema: { type: 'string' } })
  @ApiProduces(
    'application/pdf',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'text/csv',
    'application/json',
  )
  async document(
    @Param('organizationId') organization: string,
    @Param('reportId') report: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const read = new QueryReader(query);
    const format = read.required('format', read.oneOf('format', DOCUMENT_FORMATS));
    const organizationId = await this.ready(organization, read);
    const view = await this.reports.read(organizationId, uuidOf(report, '/reportId'));
    await this.send(view, format, request, reply);
  }

  @Post('reports')
  @Access({ roles: FOUNDERS })
  @ApiOperation({
    summary: 'Составить отчёт учредителю',
    description: 'Numbers of many schools, no people. On all schools of the caller where none are named.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['from', 'to'],
      additionalProperties: false,
      properties: {
        kind: { type: 'string', enum: ['founder'] },
        ...period,
        organizations: {
          type: 'array',
          maxItems: MOST_ORGANIZATIONS,
          items: { type: 'string', format: 'uuid' },
        },
        timeZone: {
          type: 'string',
          default: FOUNDER_TIME_ZONE,
          description: 'IANA time zone whose clock the documents show',
        },
      },
    },
  })
  async requestFounder(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { organizations, ...rest } = bodyOf(body, ['kind', 'from', 'to', 'organizations', 'timeZone']);
    const read = new QueryReader(rest);
    read.oneOf('kind', ['founder']);
    const report = await this.reports.requestFounder(scopeOf(request), callerOf(request).id, {
      from: read.required('from', read.instant('from')),
      to: read.required('to', read.instant('to')),
      organizations: organizationsIn(organizations),
      timeZone: read.text('timeZone'),
    });
    await reply.status(202).header('location', `/v1/reports/${report.id}`).send(report);
  }

  @Get('reports/check/:digest')
  @Access('public')
  @ApiOperation({
    summary: 'Проверить справку по контрольной сумме',
    description:
      'For whoever holds a paper with a digest or its QR code: whether Letopis made it, for whom, and whether it stands. ' +
      'Nothing of what it says.',
  })
  async check(@Param('digest') digest: string): Promise<ReportCheck> {
    const asked = digest.toLowerCase();
    return DIGEST.test(asked) ? this.reports.check(asked) : { known: false };
  }

  @Get('reports/:reportId')
  @Access({ roles: FOUNDERS })
  @ApiOperation({ summary: 'Отчёт учредителю: состояние и содержание' })
  readFounder(@Param('reportId') report: string, @Req() request: FastifyRequest) {
    return this.reports.readFounder(scopeOf(request), uuidOf(report, '/reportId'));
  }

  @Get('reports/:reportId/document')
  @Access({ roles: FOUNDERS })
  @ApiOperation({
    summary: 'Отчёт учредителю как документ',
    description: '409 while it is not done; 429 where others are being made for long.',
  })
  @ApiQuery({ name: 'format', required: true, schema: { type: 'string', enum: [...DOCUMENT_FORMATS] } })
  @ApiProduces(
    'application/pdf',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'text/csv',
    'application/json',
  )
  async founderDocument(
    @Param('reportId') report: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const read = new QueryReader(query);
    const format = read.required('format', read.oneOf('format', DOCUMENT_FORMATS));
    read.end();
    const view = await this.reports.readFounder(scopeOf(request), uuidOf(report, '/reportId'));
    await this.send(view, format, request, reply);
  }

  /** Refuses parameters that nobody asked for, and waits for the view of reports. Returns the organisation's id. */
  private async ready(organization: string, read: QueryReader): Promise<string> {
    const organizationId = uuidOf(organization, '/organizationId');
    const minPosition = read.position('minPosition');
    read.end();
    await caughtUp(this.core, 'reports', organizationId, minPosition);
    return organizationId;
  }

  private async send(
    view: ReportView,
    format: (typeof DOCUMENT_FORMATS)[number],
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const seesNames = caller.roles.some((role) => SEE_NAMES.includes(role));
    const { contentType, disposition, etag, open } = await reportDocument(this.core, view, format, {
      ...(seesNames && { personal: personalDataOf(this.core) }),
      checkUrl: (digest) =>
        `${this.publicUrl ?? `${request.protocol}://${request.host}`}/v1/reports/check/${digest}`,
    });
    // Whoever has it may keep it, but must ask whether it still stands: it may be withdrawn, and names may be destroyed.
    const caching = { etag, 'cache-control': 'private, no-cache' };
    if (isKnown(request.headers['if-none-match'], etag)) {
      await reply.status(304).headers(caching).send();
      return;
    }
    const file = await open();
    this.core.log.info(
      { report: view.id, format, caller: caller.id, names: seesNames ? 'shown' : 'hidden' },
      'A report was read',
    );
    await reply
      .headers({ ...caching, 'content-disposition': disposition })
      .type(contentType)
      .send(file);
  }
}

/** Whose schools the caller may see. */
function scopeOf(request: FastifyRequest): FounderScope {
  const { organizationId } = callerOf(request);
  return organizationId === '*' ? 'all' : { organizationId };
}

/** @throws LetopisError `invalid` where it is no list of UUIDs */
function organizationsIn(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ORGANIZATIONS) {
    throw new LetopisError('invalid', 'The request is not valid', {
      fields: [{ path: '/organizations', message: `must be a list of 1 to ${MOST_ORGANIZATIONS} UUIDs` }],
    });
  }
  return value.map((id: unknown, index) => uuidOf(id, `/organizations/${index}`));
}

/** Whether `If-None-Match` names the tag: whoever asks has the document already. */
function isKnown(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
