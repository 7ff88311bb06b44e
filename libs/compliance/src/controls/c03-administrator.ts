import { type EventType, type RecordedEvent } from '@letopis/kernel';
import {
  AccessGranted,
  AccessRevoked,
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  BroadcastHeld,
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatAutoProvisioned,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatOwnerTransferred,
  ChatRosterDiscrepancyDetected,
  ChatRosterSnapshotTaken,
  ChatTitleChanged,
  ContentRemoved,
  EvidencePackageVerified,
  GuardianRecorded,
  GuardianshipEnded,
  IntegrationSubscribed,
  IntegrationUnsubscribed,
  InvitationLinkUsed,
  JoinRequestSubmitted,
  LocalActAcknowledged,
  MemberJoined,
  MemberMovementRecorded,
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
  PersonalDataViewed,
  ReportAcknowledged,
  ServiceOutageEnded,
  ServiceOutageReported,
  SignInFailed,
  SupportRequestOpened,
  UnauthorizedAccessReported,
  UsageStatisticsCaptured,
  UserAgreementAccepted,
  UserSignedIn,
  VendorTicketAnswered,
  VendorTicketOpened,
  ViolationReported,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, on, type Recorder } from '../marks';
import { invariant, presence, prohibition, stretches } from '../rules';

/** The person of an event as the subject of a rule. */
const person = ({ data }: { data: { personId: string } }) => ({ subject: data.personId });

/** The person of an event as a holder of the organisation's office. */
const holder = ({ organizationId, data }: RecordedEvent & { data: { personId: string } }) => ({
  subject: organizationId,
  detail: { holder: data.personId },
});

const dismissed = on(MemberMovementRecorded, ({ data }) =>
  data.kind === 'dismissed' ? { subject: data.personId, at: data.effectiveAt } : undefined,
);
const hired = on(MemberMovementRecorded, ({ data }) =>
  data.kind === 'hired' ? { subject: data.personId, at: data.effectiveAt } : undefined,
);

/** A change of a person's employment as one of a possible holder's. */
const heldBy =
  (movement: Recorder): Recorder =>
  (event) =>
    movement(event).map(({ subject, at }) => ({
      subject: event.organizationId,
      ...(at !== undefined && { at }),
      detail: { holder: subject },
    }));

/** Facts that happened elsewhere: whoever enters one has not acted as an administrator when it happened. */
export const OBSERVED: ReadonlySet<string> = new Set(
  [
    AccessGranted,
    AccessRevoked,
    BroadcastHeld,
    ChatAdminGranted,
    ChatAdminRevoked,
    ChatAutoProvisioned,
    ChatMemberAdded,
    ChatMemberLeft,
    ChatMemberRemoved,
    ChatOwnerTransferred,
    ChatRosterDiscrepancyDetected,
    ChatRosterSnapshotTaken,
    ChatTitleChanged,
    ContentRemoved,
    EvidencePackageVerified,
    GuardianRecorded,
    GuardianshipEnded,
    IntegrationSubscribed,
    IntegrationUnsubscribed,
    InvitationLinkUsed,
    JoinRequestSubmitted,
    LocalActAcknowledged,
    MemberJoined,
    MemberMovementRecorded,
    OrganizationRegistrationConfirmed,
    OrganizationRegistrationRejected,
    PersonalDataViewed,
    ReportAcknowledged,
    ServiceOutageEnded,
    ServiceOutageReported,
    SignInFailed,
    SupportRequestOpened,
    UnauthorizedAccessReported,
    UsageStatisticsCaptured,
    UserAgreementAccepted,
    UserSignedIn,
    VendorTicketAnswered,
    VendorTicketOpened,
    ViolationReported,
  ].map(({ type }: Pick<EventType, 'type'>) => type),
);

const acted: Recorder = ({ actor, type }) =>
  actor.role === 'platform_admin' && !OBSERVED.has(type) ? [{ subject: actor.id }] : [];

const rights = {
  appointed: [on(AdministratorAppointed, person)],
  revoked: [on(AdministratorAppointmentRevoked, person)],
  assigned: [on(AdditionalAdministratorAssigned, person)],
  withdrawn: [on(AdditionalAdministratorRevoked, person)],
};

interface Rights {
  readonly appointed?: Mark;
  readonly assigned?: Mark;
  readonly dismissed?: Mark;
}

export const administratorByOrder = control({
  ...headingOf('C03'),
  version: 3,
  parameters: {
    adminGapMax: parameter('Сколько школа может быть без администратора', workingDays(3)),
  },
  rules: [
    presence({
      id: 'administrator-present',
      absence: 'нет действующего администратора, назначенного приказом из числа работников',
      toleratedFor: 'adminGapMax',
      since: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
      begins: [on(AdministratorAppointed, holder)],
      ends: [on(AdministratorAppointmentRevoked, holder)],
      suspends: [heldBy(dismissed)],
      resumes: [heldBy(hired)],
    }),
    prohibition({
      id: 'acts-within-appointment',
      about: 'person',
      marks: { ...rights, acted: [acted] },
      evidence: ['acted'],
      spans: (marks) => {
        const changes = marks.filter(({ kind }) => kind !== 'acted');
        return marks
          .filter(({ kind, at }) => kind === 'acted' && !hasRightsAt(changes, at))
          .map((act) => ({
            from: act,
            what: 'действие администратора совершено вне срока его назначения',
          }));
      },
    }),
    invariant({
      id: 'rights-end-with-employment',
      about: 'person',
      toleratedFor: 'adminGapMax',
      marks: { ...rights, dismissed: [dismissed], hired: [hired] },
      evidence: ['appointed', 'assigned'],
      spans: (marks) =>
        stretches<keyof typeof rights | 'dismissed' | 'hired', Rights>(marks, {
          initial: {},
          evolve: (state, mark) => {
            switch (mark.kind) {
              case 'appointed':
                return { ...state, appointed: mark };
              case 'revoked':
                return { ...state, appointed: undefined };
              case 'assigned':
                return { ...state, assigned: mark };
              case 'withdrawn':
                return { ...state, assigned: undefined };
              case 'dismissed':
                return { ...state, dismissed: mark };
              case 'hired':
                return { ...state, dismissed: undefined };
            }
          },
          broken: ({ appointed, assigned, dismissed: dismissal }) => {
            const held = [appointed, assigned].filter((mark) => mark !== undefined);
            return dismissal === undefined || held.length === 0 ? undefined : [...held, dismissal];
          },
          what: 'права администратора не отозваны у уволенного работника',
        }),
    }),
  ],
});

/** Whether the person had rights at the instant, by changes in order of time; the instant of a change is within them. */
function hasRightsAt(changes: readonly Mark[], at: string): boolean {
  const held = (begins: string, ends: string): boolean => {
    let holds = false;
    for (const mark of changes) {
      if (mark.at > at) break;
      if (mark.kind === begins) holds = true;
      if (mark.kind === ends && mark.at < at) holds = false;
    }
    return holds;
  };
  return held('appointed', 'revoked') || held('assigned', 'withdrawn');
}
