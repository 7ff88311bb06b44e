import { type JsonObject } from '@letopis/kernel';
import {
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ClassTeacherAssigned,
  ClassTeacherUnassigned,
  InvitationLinkCreated,
  ISSUERS,
  MemberJoined,
  MemberMovementRecorded,
  memberOf,
  MemberRemoved,
  MemberRoleChanged,
  PLATFORM_ROLES,
  type PlatformRole,
  RoleVerified,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, on, textOf } from '../marks';
import { rule } from '../rules';

/** A right that lets a person invite others, as the detail of a mark; `of` tells two rights of one kind apart. */
const right = (role: string, of = role): JsonObject => ({ role, of });

const departure = ({
  data,
}: {
  data: { chatId: string; personId?: string; externalUserId?: string; at: string };
}) => ({ subject: memberOf(data), at: data.at, detail: { place: data.chatId } });

/** Where somebody is who joined the community rather than one chat. */
const COMMUNITY = 'community';

export const joinProvenance = control({
  ...headingOf('C16'),
  version: 2,
  parameters: {
    explainWithin: parameter('Срок объяснить вступление не по ссылке уполномоченного', workingDays(3)),
  },
  rules: [
    rule({
      id: 'join-traced',
      about: 'person',
      manner: 'duty',
      within: 'explainWithin',
      marks: {
        joined: [
          on(MemberJoined, ({ data }) => ({
            subject: data.personId,
            at: data.at,
            refersTo: data.viaId,
            detail: { place: COMMUNITY, via: data.via, role: data.platformRole },
          })),
          on(ChatMemberAdded, ({ data }) => ({
            subject: memberOf(data),
            at: data.at,
            refersTo: data.via === 'inviter' ? data.inviterId : data.linkId,
            detail: {
              place: data.chatId,
              via: data.via,
              ...(data.platformRole !== undefined && { role: data.platformRole }),
            },
          })),
        ],
        left: [
          on(MemberRemoved, ({ data }) => ({
            subject: data.personId,
            at: data.at,
            detail: { place: COMMUNITY },
          })),
          // On the platform another role is another joining: the person leaves in the old one.
          on(MemberRoleChanged, ({ data }) => ({
            subject: data.personId,
            at: data.at,
            detail: { place: COMMUNITY, role: data.from },
          })),
          on(ChatMemberRemoved, departure),
          on(ChatMemberLeft, departure),
        ],
        issued: [
          on(InvitationLinkCreated, ({ data }) => ({
            subject: data.linkId,
            detail: { role: data.platformRole, issuer: data.issuer.role },
          })),
        ],
        granted: [
          on(AdministratorAppointed, ({ data }) => ({
            subject: data.personId,
            detail: right('platform_admin', 'order'),
          })),
          on(AdditionalAdministratorAssigned, ({ data }) => ({
            subject: data.personId,
            detail: right('platform_admin', 'additional'),
          })),
          on(ClassTeacherAssigned, ({ data }) => ({
            subject: data.personId,
            detail: right('curator', data.groupId),
          })),
          on(RoleVerified, ({ data }) => ({ subject: data.personId, detail: right('teacher') })),
        ],
        withdrawn: [
          on(AdministratorAppointmentRevoked, ({ data }) => ({
            subject: data.personId,
            detail: right('platform_admin', 'order'),
          })),
          on(AdditionalAdministratorRevoked, ({ data }) => ({
            subject: data.personId,
            detail: right('platform_admin', 'additional'),
          })),
          on(ClassTeacherUnassigned, ({ data }) => ({
            subject: data.personId,
            detail: right('curator', data.groupId),
          })),
        ],
        dismissed: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'dismissed' ? { subject: data.personId, at: data.effectiveAt } : undefined,
          ),
        ],
      },
      evidence: ['joined'],
      spans: (marks, subject) => {
        const own = marks.filter((mark) => mark.subject === subject);
        return own
          .filter(({ kind }) => kind === 'joined')
          .flatMap((join): readonly Span[] => {
            const doubt = doubtOf(join, marks);
            if (doubt === undefined) return [];
            const left = own.find((mark) => mark.kind === 'left' && isEndOf(join, mark));
            return [
              {
                from: join,
                because: doubt.because,
                what: `объяснить вступление участника: ${doubt.why}`,
                ...(left !== undefined && { until: left, ceased: true }),
              },
            ];
          });
      },
    }),
  ],
});

/** Whether who had joined left by this: the place, or in the role in which they had come. */
function isEndOf(join: Mark, left: Mark): boolean {
  const role = textOf(left, 'role');
  return (
    left.at >= join.at &&
    textOf(left, 'place') === textOf(join, 'place') &&
    (role === undefined || role === textOf(join, 'role'))
  );
}

interface Doubt {
  /** Russian. */
  readonly why: string;
  readonly because: readonly Mark[];
}

/** Why the join cannot be traced to somebody who may invite in its role, if it cannot. */
function doubtOf(join: Mark, marks: readonly Mark[]): Doubt | undefined {
  const before = marks.filter(({ subject, at }) => subject === join.refersTo && at <= join.at);
  const role = roleOf(textOf(join, 'role'));
  switch (textOf(join, 'via')) {
    case 'link':
      return doubtOfLink(
        role,
        before.find(({ kind }) => kind === 'issued'),
      );
    case 'inviter':
      return invites(rolesIn(before), role)
        ? undefined
        : { why: 'неизвестно, вправе ли пригласивший приглашать в этой роли', because: [] };
    case 'request':
      return join.refersTo === undefined
        ? { why: 'заявка на вступление не указана', because: [] }
        : undefined;
    case undefined:
    default:
      // The platform vouches for whom it synchronises itself.
      return undefined;
  }
}

function doubtOfLink(role: PlatformRole | undefined, issued: Mark | undefined): Doubt | undefined {
  if (issued === undefined) return { why: 'такой ссылки нет в реестре', because: [] };
  const linkRole = roleOf(textOf(issued, 'role'));
  if (role !== undefined && role !== linkRole) {
    return { why: 'ссылка выдана для другой роли', because: [issued] };
  }
  return invites(new Set([textOf(issued, 'issuer') ?? '']), linkRole)
    ? undefined
    : { why: 'ссылку выдал тот, кто не вправе приглашать в этой роли', because: [issued] };
}

function roleOf(text: string | undefined): PlatformRole | undefined {
  return PLATFORM_ROLES.find((role) => role === text);
}

/** Whether somebody in one of `roles` may invite people in `role`. */
function invites(roles: ReadonlySet<string>, role: PlatformRole | undefined): boolean {
  return role !== undefined && ISSUERS[role].some((issuer) => roles.has(issuer));
}

/** The roles that a person holds after the marks, in order of time. */
function rolesIn(marks: readonly Mark[]): ReadonlySet<string> {
  const rights = new Map<string, string>();
  for (const mark of marks) {
    const of = textOf(mark, 'of') ?? '';
    if (mark.kind === 'granted') rights.set(of, textOf(mark, 'role') ?? '');
    if (mark.kind === 'withdrawn') rights.delete(of);
    if (mark.kind === 'dismissed') rights.clear();
  }
  return new Set(rights.values());
}
