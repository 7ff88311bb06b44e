import { type Domain } from '@letopis/kernel';
import { administration, administrationCommands } from './administration/administration';
import { chat, chatCommands } from './chats/chat';
import { incident, incidentCommands } from './incidents/incident';
import { integration, journalCommands, messages } from './integration/journal';
import { invitation, invitationCommands, joinByLink } from './invitations/invitation';
import { localActCommands, localActs } from './local-acts/local-act';
import { membership, membershipCommands } from './membership/membership';
import { organization, organizationCommands } from './organization/organization';
import { structure, structureCommands } from './structure/structure';
import { violation, violationCommands } from './violations/violation';

export * from './administration/administration';
export * from './chats/chat';
export { schemaOfPayload } from './fields';
export * from './incidents/incident';
export * from './integration/journal';
export * from './invitations/invitation';
export * from './invitations/invitations.projection';
export * from './local-acts/local-act';
export * from './membership/membership';
export * from './organization/organization';
export * from './organization/organizations.projection';
export * from './structure/structure';
export * from './violations/violation';

/** The school's regulation, as far as Letopis carries it out. */
export const school: Domain = {
  concepts: [
    organization,
    localActs,
    administration,
    structure,
    membership,
    invitation,
    chat,
    incident,
    violation,
    messages,
    integration,
  ],
  commands: [
    ...organizationCommands,
    ...localActCommands,
    ...administrationCommands,
    ...structureCommands,
    ...membershipCommands,
    ...invitationCommands,
    ...chatCommands,
    ...incidentCommands,
    ...violationCommands,
    ...journalCommands,
  ],
  policies: [joinByLink],
};
