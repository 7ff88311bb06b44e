import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Access, callerOf } from '@letopis/platform';
import { ReportService } from '@letopis/reports';
import { bodyOf, QueryReader, uuidOf } from './requests';

const READERS = ['director', 'deputy', 'platform_admin', 'pdn_officer', 'inspector', 'founder'] as const;

/** Control reports: asked for, made by a job, frozen. */
@Controller('v1/organizations/:organizationId/reports')
export class ReportsController {
  constructor(@Inject(ReportService) private readonly reports: ReportService) {}

  @Post()
  @Access({ roles: ['director', 'deputy', 'platform_admin'] })
  async request(
    @Param('organizationId') organization: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(bodyOf(body, ['kind', 'from', 'to']));
    const kind = read.oneOf('kind', ['control']) ?? 'control';
    const from = read.required('from', read.instant('from'));
    const to = read.required('to', read.instant('to'));
    const report = await this.reports.request(organizationId, callerOf(request).id, { kind, from, to });
    await reply
      .status(202)
      .header('location', `/v1/organizations/${organizationId}/reports/${report.id}`)
      .send(report);
  }

  @Get(':reportId')
  @Access({ roles: READERS })
  read(@Param('organizationId') organizationId: string, @Param('reportId') reportId: string) {
    return this.reports.read(uuidOf(organizationId, '/organizationId'), uuidOf(reportId, '/reportId'));
  }
}
