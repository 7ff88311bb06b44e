import { type Control } from './control';
import { localActInForce } from './controls/c01-local-act';
import { localActAcknowledged } from './controls/c02-acknowledgement';
import { administratorByOrder } from './controls/c03-administrator';
import { registrationMatchesApplication } from './controls/c04-registration';
import { organizationProfileCurrent } from './controls/c05-organization-profile';
import { staffRoomComplete } from './controls/c06-staff-room';
import { structureByNomenclature } from './controls/c07-nomenclature';
import { invitationLinkHygiene } from './controls/c08-invitation-links';
import { joinRequestsDecided } from './controls/c09-join-requests';
import { teacherVerified } from './controls/c10-teacher-verified';
import { classTeachersAssigned } from './controls/c11-class-teachers';
import { movementReflected } from './controls/c12-movement-reflected';
import { mandatoryChats } from './controls/c13-mandatory-chats';
import { chatRoster } from './controls/c14-chat-roster';
import { chatAdministrators } from './controls/c15-chat-administrators';
import { joinProvenance } from './controls/c16-join-provenance';
import { systemChannels } from './controls/c17-system-channels';
import { remoteSessions } from './controls/c18-remote-sessions';
import { support } from './controls/c19-support';
import { usageReports } from './controls/c20-usage-reports';
import { administrationControl } from './controls/c21-administration-control';
import { truthfulData } from './controls/c22-truthful-data';
import { unauthorizedAccess } from './controls/c23-unauthorized-access';
import { regulatorNotices } from './controls/c24-regulator-notices';
import { ethics } from './controls/c25-ethics';
import { lawfulContent } from './controls/c26-lawful-content';
import { accountSharing } from './controls/c27-account-sharing';
import { consentAndAlternatives } from './controls/c28-consent';
import { subjectRights } from './controls/c29-subject-rights';
import { approvedPlatformOnly } from './controls/c30-approved-platform';
import { logIntegrity } from './controls/c31-log-integrity';
import { guidanceAndTraining } from './controls/c32-guidance';
import { userAgreement } from './controls/c33-user-agreement';
import { chatActivity } from './controls/c34-chat-activity';

/** Every control that Letopis evaluates, in order of id. */
export const controlCatalogue: readonly Control[] = [
  localActInForce,
  localActAcknowledged,
  administratorByOrder,
  registrationMatchesApplication,
  organizationProfileCurrent,
  staffRoomComplete,
  structureByNomenclature,
  invitationLinkHygiene,
  joinRequestsDecided,
  teacherVerified,
  classTeachersAssigned,
  movementReflected,
  mandatoryChats,
  chatRoster,
  chatAdministrators,
  joinProvenance,
  systemChannels,
  remoteSessions,
  support,
  usageReports,
  administrationControl,
  truthfulData,
  unauthorizedAccess,
  regulatorNotices,
  ethics,
  lawfulContent,
  accountSharing,
  consentAndAlternatives,
  subjectRights,
  approvedPlatformOnly,
  logIntegrity,
  guidanceAndTraining,
  userAgreement,
  chatActivity,
];
