import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { documentOf, FORMATS, type Register, Registers, registers, schemaOfPage } from '@letopis/audit';
import { calendarFor } from '@letopis/compliance';
import { LetopisError } from '@letopis/kernel';
import { Access, callerOf, type Core } from '@letopis/platform';
import { readOrganization } from '@letopis/school';
import { caughtUp } from './caught-up';
import { personalDataOf, SEE_NAMES } from './open-personal';
import { QueryReader, uuidOf } from './requests';
import { CORE } from './tokens';

const READERS = [...SEE_NAMES, 'inspector', 'investigator', 'founder'] as const;

const forms = registers.map(({ form }) => form);

/** Live registers: the forms of the regulation, read from views whenever somebody asks. */
@Controller('v1/organizations/:organizationId/registers')
export class RegistersController {
  private readonly registers: Registers;

  constructor(@Inject(CORE) private readonly core: Core) {
    const sign = (text: string): string => core.masterKey.digest(text);
    this.registers = new Registers(core.views, personalDataOf(core), core.clock, sign, calendarFor(core));
  }

  @Get()
  @Access({ roles: READERS })
  @ApiOperation({ summary: 'Реестры и журналы', description: 'The forms, their columns and their filters.' })
  list(@Param('organizationId') organization: string) {
    uuidOf(organization, '/organizationId');
    return { registers: registers.map(headingOf) };
  }

  @Get(':form')
  @Access({ roles: READERS })
  @ApiOperation({
    summary: 'Реестр или журнал',
    description:
      'A page as JSON, or the whole register as it stands now as CSV or XLSX. Names are for the director, deputies, the ' +
      'platform administrator and the officer for personal data; others read that they are hidden. ' +
      registers.map(({ form, nameRu, about }) => `${form}, «${nameRu}»: ${about}`).join(' '),
  })
  @ApiParam({ name: 'form', schema: { type: 'string', enum: forms } })
  @ApiQuery({ name: 'format', required: false, schema: { type: 'string', enum: ['json', ...FORMATS] } })
  @ApiQuery({ name: 'from', required: false, schema: { type: 'string', format: 'date-time' } })
  @ApiQuery({ name: 'to', required: false, schema: { type: 'string', format: 'date-time' } })
  @ApiQuery({ name: 'class', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'act', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'status', required: false, schema: { type: 'string' } })
  @ApiQuery({ name: 'cursor', required: false, schema: { type: 'string' } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500, default: 100 },
  })
  @ApiQuery({ name: 'minPosition', required: false, schema: { type: 'string' } })
  @ApiProduces(
    'application/json',
    'text/csv',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  )
  @ApiResponse({
    status: 200,
    description: 'The register',
    content: { 'application/json': { schema: { oneOf: registers.map(schemaOfPage) } } },
  })
  async read(
    @Param('organizationId') organization: string,
    @Param('form') form: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const register = registers.find((each) => each.form === form);
    if (register === undefined) {
      throw new LetopisError('not-found', `There is no register ${form}; there are ${forms.join(', ')}`);
    }
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const format = read.oneOf('format', ['json', ...FORMATS]) ?? 'json';
    const caller = callerOf(request);
    const question = {
      organizationId,
      names: caller.roles.some((role) => SEE_NAMES.includes(role)) ? ('shown' as const) : ('hidden' as const),
      from: read.instant('from'),
      to: read.instant('to'),
      class: read.uuid('class'),
      act: read.uuid('act'),
      status: read.text('status', 50),
    };
    const details = { form, format, organizationId, caller: caller.id, names: question.names };
    if (format === 'json') {
      const page = { limit: read.integer('limit', 100, 1, 500), cursor: read.text('cursor', 100) };
      await this.ready(register, organizationId, read);
      const answer = await this.registers.page(register, question, page);
      this.core.log.info(details, 'A register was read');
      await reply.send({ form, nameRu: register.nameRu, ...answer });
      return;
    }
    // A file is the whole register, so it takes no page.
    const timeZone = await this.ready(register, organizationId, read);
    const rows = this.registers.rows(register, question);
    const { content, contentType, disposition } = await documentOf(register, format, rows, {
      timeZone,
      at: this.core.clock.now(),
    });
    this.core.log.info(details, 'A register was read');
    await reply.header('content-disposition', disposition).type(contentType).send(content);
  }

  /** Refuses parameters that nobody asked for, and waits for the views. Returns the organisation's time zone. */
  private async ready(register: Register, organizationId: string, read: QueryReader): Promise<string> {
    const minPosition = read.position('minPosition');
    read.end();
    await caughtUp(this.core, register.views, organizationId, minPosition);
    const { timeZone } = await readOrganization(this.core.views, organizationId);
    return timeZone;
  }
}

/** What a reader has to know to ask for the register and to show it. */
function headingOf({ form, nameRu, about, columns, filters }: Register) {
  return {
    form,
    nameRu,
    about,
    columns: columns.map(({ key, headingRu, type, labels, total }) => ({
      key,
      headingRu,
      type,
      ...(labels !== undefined && { labels }),
      ...(total === true && { total }),
    })),
    filters: [
      ...(filters.period === true ? [{ name: 'from' }, { name: 'to' }] : []),
      ...(filters.until === true ? [{ name: 'to' }] : []),
      ...(filters.class === true ? [{ name: 'class' }] : []),
      ...(filters.act === true ? [{ name: 'act' }] : []),
      ...(filters.status === undefined ? [] : [{ name: 'status', values: filters.status }]),
    ],
  };
}
