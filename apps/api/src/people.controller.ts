import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOperation } from '@nestjs/swagger';
import { type FastifyRequest } from 'fastify';
import { PeopleQueries } from '@letopis/audit';
import { Access, callerOf, type Core } from '@letopis/platform';
import { personalDataOf, SEE_NAMES } from './open-personal';
import { bodyOf, QueryReader, uuidOf } from './requests';
import { CORE } from './tokens';

/** People as they are: their names of now and before, their rosters, families and accounts. */
@Controller('v1/organizations/:organizationId/people')
export class PeopleController {
  private readonly people: PeopleQueries;

  constructor(@Inject(CORE) private readonly core: Core) {
    this.people = new PeopleQueries(core.views, personalDataOf(core));
  }

  /** A name travels in the body: addresses end up in the logs of proxies. */
  @Post('search')
  @HttpCode(200)
  @Access({ roles: SEE_NAMES })
  @ApiOperation({
    summary: 'Найти человека по имени, нынешнему или прежнему',
    description:
      'The whole name as an order or a correction has it: names lie encrypted, so parts cannot be found.',
  })
  @ApiBody({
    schema: {
      type: 'object',
      properties: { fullName: { type: 'string', minLength: 1, maxLength: 200 } },
      required: ['fullName'],
      additionalProperties: false,
      example: { fullName: 'Соколова Мария Петровна' },
    },
  })
  async search(
    @Param('organizationId') organization: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ) {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(bodyOf(body, ['fullName']));
    const fullName = read.required('fullName', read.text('fullName')).trim().replaceAll(/\s+/g, ' ');
    const hash = this.core.commands.pseudonym(organizationId, 'full-name', fullName);
    const people = await this.people.named(organizationId, hash);
    this.looked(organizationId, request, people.length);
    return { people };
  }

  @Get(':personId')
  @Access({ roles: SEE_NAMES })
  @ApiOperation({ summary: 'Человек: имена, списки, семья, учётные записи' })
  async read(
    @Param('organizationId') organization: string,
    @Param('personId') person: string,
    @Req() request: FastifyRequest,
  ) {
    const organizationId = uuidOf(organization, '/organizationId');
    const entry = await this.people.person(organizationId, uuidOf(person, '/personId'));
    this.looked(organizationId, request, 1);
    return entry;
  }

  private looked(organizationId: string, request: FastifyRequest, count: number): void {
    this.core.log.info({ organizationId, caller: callerOf(request).id, count }, 'People were looked up');
  }
}
