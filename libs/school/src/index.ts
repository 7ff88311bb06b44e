import { type Domain } from '@letopis/kernel';
import { accessJournal, accessJournalCommands } from './access-journal/access-journal';
import { administration, administrationCommands } from './administration/administration';
import { platformRegistrationCommands } from './administration/platform-registration';
import { channel, channelCommands } from './channels/channel';
import { material, publication, publicationCommands } from './channels/publication';
import { chat, chatCommands, headChatPolicies } from './chats/chat';
import { absence, absenceCommands } from './communication/absence';
import { communication, communicationCommands } from './communication/communication';
import { controlCheck, controlCheckCommands } from './control/control-check';
import { controlExceptionCommands, controlExceptions } from './control/control-exception';
import { controlParameterCommands, controlParameters } from './control/control-parameter';
import { controlPlanCommands, controlPlans } from './control/control-plan';
import { finding, findingCommands } from './control/finding';
import { controlReport, controlReportCommands } from './control/report-approval';
import { incident, incidentCommands } from './incidents/incident';
import { integration, journalCommands, messages } from './integration/journal';
import { invitation, invitationCommands, joinByLink } from './invitations/invitation';
import { joinByRequest, joinRequest, joinRequestCommands } from './join-requests/join-request';
import { acknowledgementCommands, acknowledgements } from './local-acts/acknowledgement';
import { localActCommands, localActs } from './local-acts/local-act';
import { membership, membershipCommands } from './membership/membership';
import { organization, organizationCommands } from './organization/organization';
import { keyOfDestroyedData, personalData, personalDataCommands } from './personal-data/personal-data';
import { session, sessionCommands } from './sessions/session';
import { statistics, statisticsCommands } from './statistics/statistics';
import { structure, structureCommands } from './structure/structure';
import { studyTerms, studyTermsCommands } from './structure/study-terms';
import { guidance, guidanceCommands } from './support/guidance';
import { outage, outageCommands } from './support/outage';
import { supportRequest, supportRequestCommands } from './support/support-request';
import { training, trainingCommands } from './support/training';
import { vendorTicket, vendorTicketCommands } from './support/vendor-ticket';
import { incidentOfPdnCollection, violation, violationCommands } from './violations/violation';

export * from './access-journal/access-journal';
export * from './administration/administration';
export * from './administration/platform-registration';
export * from './channels/channel';
export * from './channels/publication';
export * from './chats/chat';
export * from './clauses';
export * from './communication/absence';
export * from './communication/communication';
export * from './control/catalogue';
export * from './control/control-check';
export * from './control/control-exception';
export * from './control/control-parameter';
export * from './control/control-plan';
export * from './control/finding';
export * from './control/report-approval';
export { schemaOfPayload } from './fields';
export * from './incidents/incident';
export * from './integration/journal';
export * from './integration/messenger.projection';
export * from './invitations/invitation';
export * from './invitations/invitations.projection';
export * from './join-requests/join-request';
export * from './local-acts/acknowledgement';
export * from './local-acts/local-act';
export * from './membership/membership';
export * from './organization/organization';
export * from './organization/organizations.projection';
export * from './personal-data/personal-data';
export * from './sessions/session';
export * from './statistics/statistics';
export * from './structure/structure';
export * from './structure/study-terms';
export * from './support/guidance';
export * from './support/outage';
export * from './support/support-request';
export * from './support/training';
export * from './support/vendor-ticket';
export * from './violations/violation';

/** The school's regulation, as far as Letopis carries it out. */
export const school: Domain = {
  concepts: [
    organization,
    localActs,
    acknowledgements,
    administration,
    structure,
    studyTerms,
    membership,
    invitation,
    joinRequest,
    chat,
    incident,
    violation,
    personalData,
    controlPlans,
    controlCheck,
    controlExceptions,
    controlParameters,
    finding,
    controlReport,
    accessJournal,
    channel,
    material,
    publication,
    session,
    communication,
    absence,
    supportRequest,
    vendorTicket,
    outage,
    guidance,
    training,
    statistics,
    messages,
    integration,
  ],
  commands: [
    ...organizationCommands,
    ...localActCommands,
    ...acknowledgementCommands,
    ...administrationCommands,
    ...platformRegistrationCommands,
    ...structureCommands,
    ...studyTermsCommands,
    ...membershipCommands,
    ...invitationCommands,
    ...joinRequestCommands,
    ...chatCommands,
    ...incidentCommands,
    ...violationCommands,
    ...personalDataCommands,
    ...controlPlanCommands,
    ...controlCheckCommands,
    ...controlExceptionCommands,
    ...controlParameterCommands,
    ...findingCommands,
    ...controlReportCommands,
    ...accessJournalCommands,
    ...channelCommands,
    ...publicationCommands,
    ...sessionCommands,
    ...communicationCommands,
    ...absenceCommands,
    ...supportRequestCommands,
    ...vendorTicketCommands,
    ...outageCommands,
    ...guidanceCommands,
    ...trainingCommands,
    ...statisticsCommands,
    ...journalCommands,
  ],
  policies: [joinByLink, joinByRequest, ...headChatPolicies, incidentOfPdnCollection],
  erasures: [keyOfDestroyedData],
};
