import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ROLES } from '@letopis/kernel';
import { Access, type Core } from '@letopis/platform';
import { listOrganizations, readOrganization } from '@letopis/school';
import { caughtUp } from './caught-up';
import { QueryReader, uuidOf } from './requests';
import { CORE } from './tokens';

/** The tenants. */
@Controller('v1/organizations')
export class OrganizationsController {
  constructor(@Inject(CORE) private readonly core: Core) {}

  @Get()
  @Access({ roles: ['operator'] })
  async list() {
    return { items: await listOrganizations(this.core.views) };
  }

  @Get(':organizationId')
  @Access({ roles: ROLES })
  async read(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const organizationId = uuidOf(organization, '/organizationId');
    const read = new QueryReader(query);
    const minPosition = read.position('minPosition');
    read.end();
    await caughtUp(this.core, 'organizations', organizationId, minPosition);
    return readOrganization(this.core.views, organizationId);
  }
}
