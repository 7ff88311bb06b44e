import { type Pool, type PoolClient } from 'pg';
import { LetopisError } from '@letopis/kernel';
import { defineProjection, defineTable, on } from '@letopis/projections';
import {
  OrganizationCreated,
  OrganizationProfileUpdated,
  OrganizationRegistrationConfirmed,
} from './organization';

const organizations = defineTable({
  name: 'organizations',
  columns: {
    name: 'text',
    time_zone: 'text',
    created_at: 'timestamptz',
    platform_org_id: 'text?',
  },
  key: [],
});

/** The tenants. */
export const organizationsProjection = defineProjection({
  name: 'organizations',
  version: 1,
  tables: [organizations],
  on: [
    on(OrganizationCreated, (rows, { data, occurredAt }) => {
      rows.put(organizations, { name: data.name, time_zone: data.timeZone, created_at: occurredAt });
    }),
    on(OrganizationProfileUpdated, {
      reads: () => [organizations.at({})],
      apply: (rows, { data: { after } }) => {
        rows.change(organizations, {}, (row) => ({ ...row, name: after.name ?? row.name }));
      },
    }),
    on(OrganizationRegistrationConfirmed, {
      reads: () => [organizations.at({})],
      apply: (rows, { data }) => {
        rows.change(organizations, {}, (row) => ({ ...row, platform_org_id: data.platformOrgId }));
      },
    }),
  ],
});

export interface OrganizationView {
  readonly organizationId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly createdAt: string;
  readonly platformOrgId: string | null;
}

interface OrganizationRow {
  readonly organization_id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly created_at: Date;
  readonly platform_org_id: string | null;
}

function viewOf(row: OrganizationRow): OrganizationView {
  return {
    organizationId: row.organization_id,
    name: row.name,
    timeZone: row.time_zone,
    createdAt: row.created_at.toISOString(),
    platformOrgId: row.platform_org_id,
  };
}

/** @throws LetopisError `not-found` */
export async function readOrganization(
  views: Pick<Pool | PoolClient, 'query'>,
  organizationId: string,
): Promise<OrganizationView> {
  const { rows } = await views.query<OrganizationRow>(
    'SELECT * FROM organizations WHERE organization_id = $1',
    [organizationId],
  );
  const [row] = rows;
  if (row === undefined) throw new LetopisError('not-found', 'There is no such organisation');
  return viewOf(row);
}

/** All tenants by name. */
export async function listOrganizations(views: Pool): Promise<readonly OrganizationView[]> {
  const { rows } = await views.query<OrganizationRow>(
    'SELECT * FROM organizations ORDER BY name, organization_id',
  );
  return rows.map(viewOf);
}
