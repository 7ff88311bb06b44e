import { type Control } from './control';
import { administratorByOrder } from './controls/c03-administrator';
import { invitationLinkHygiene } from './controls/c08-invitation-links';
import { teacherVerified } from './controls/c10-teacher-verified';
import { joinProvenance } from './controls/c16-join-provenance';
import { unauthorizedAccess } from './controls/c23-unauthorized-access';

/** Every control that Letopis evaluates, in order of id. */
export const controlCatalogue: readonly Control[] = [
  administratorByOrder,
  invitationLinkHygiene,
  teacherVerified,
  joinProvenance,
  unauthorizedAccess,
];
