import { auditTrailProjection, registerProjections } from '@letopis/audit';
import { complianceMigrations, compliancePreconditions, complianceProjection } from '@letopis/compliance';
import { importMigrations } from '@letopis/imports';
import { maxMigrations } from '@letopis/max';
import { notificationMigrations } from '@letopis/notifications';
import { type Application } from '@letopis/platform';
import { reportMigrations, reportsProjection } from '@letopis/reports';
import { invitationsProjection, messengerProjection, organizationsProjection, school } from '@letopis/school';

/** Letopis as it is put together: one domain, its views, and what its rooms keep in the database. */
export const letopis: Application = {
  domain: school,
  projections: (catalogue) => [
    organizationsProjection,
    auditTrailProjection(catalogue.eventTypes),
    invitationsProjection,
    messengerProjection,
    complianceProjection,
    reportsProjection,
    ...registerProjections,
  ],
  migrations: [
    complianceMigrations,
    reportMigrations,
    maxMigrations,
    importMigrations,
    notificationMigrations,
  ],
  preconditions: compliancePreconditions,
};
