import { DAY, HOUR, isSchoolDay, plusDays, plusWorkingDays, weekdayOf, YEAR_ENDS } from './calendar';
import { converse } from './conversation';
import { type Chat, type ClassRoom, type Person } from './people';
import { asCurator, asParent, asPupil, asTeacher, MAX, type School, LETOPIS } from './school';
import { type Caller, type Issued } from './year';

type PlatformRole = 'teacher' | 'student' | 'parent';

/** The messenger is read at weekends by night, when nobody comes or goes. */
const FIRST_READ = 2 * 60;
/** Each reading is a little earlier in the night than the last one, so that a week is never exceeded. */
const DRIFT = 3 * 60_000;

export interface Registration {
  readonly kind: string;
  readonly title: string;
  readonly owner: Person;
  readonly by: Caller;
  readonly classRoom?: ClassRoom;
  readonly groupId?: string;
  readonly subject?: string;
  readonly purpose?: string;
  readonly basis?: string;
  /** The platform created it by itself, earlier. */
  readonly provisioned?: true;
}

/** The chat of this title, before it is registered: its id follows from that of the messenger. */
export function chatOf(
  school: School,
  title: string,
  owner: Person,
  kind: string,
  classRoom?: ClassRoom,
): Chat {
  const random = school.random('chat', title);
  const maxChatId = `-${70_000_000_000_000 + random.between(0, 999_999_999_999)}`;
  return {
    id: school.chatIdOf(maxChatId),
    maxChatId,
    kind,
    title,
    owner,
    members: [],
    admins: new Set(),
    live: false,
    ...(classRoom !== undefined && { classRoom }),
  };
}

/** Enters the chat in the register, with its owner and a deputy as its administrators, and reads it weekly from then on. */
export function register(school: School, chat: Chat, registration: Registration): Issued {
  const { kind, title, by, owner, groupId, subject, purpose, basis } = registration;
  const head = kind === 'head_deputies' || kind === 'head_teachers';
  const issued = school.issue(
    by,
    'RegisterChat',
    { maxChatId: chat.maxChatId, kind, title, groupId, ownerId: owner.id, subject, purpose, basis },
    head ? ['ChatRegistered', 'HeadChatDesignated'] : ['ChatRegistered'],
  );
  chat.live = true;
  school.chats.push(chat);
  // Whoever founds a chat was invited by nobody.
  enter(school, chat, owner, 'teacher', 'sync');
  grant(school, chat, owner, owner);
  const deputy = school.deputy(school.chats.length);
  const second = deputy === owner ? school.adminPerson() : deputy;
  enter(school, chat, second, 'teacher', 'administrator');
  grant(school, chat, second, owner);
  school.issue(MAX, 'RecordAuditBotAdded', { chatId: chat.id, maxChatId: chat.maxChatId, by: owner.account });
  readWeekly(school, chat);
  converse(school, chat);
  return issued;
}

/** Records that somebody is in the chat without a link: brought by the platform, or by the administrator. */
export function enter(
  school: School,
  chat: Chat,
  person: Person,
  platformRole: PlatformRole,
  how: 'sync' | 'administrator',
): Issued {
  const invited = how === 'sync' ? { via: 'sync' } : { via: 'inviter', inviterId: school.adminPerson().id };
  chat.members.push(person);
  return school.issue(MAX, 'RecordChatMemberAdded', {
    chatId: chat.id,
    personId: person.id,
    platformRole,
    ...invited,
  });
}

export function grant(school: School, chat: Chat, person: Person, by: Person): Issued {
  chat.admins.add(person);
  return school.issue(school.admin, 'RecordChatAdminGranted', {
    chatId: chat.id,
    personId: person.id,
    permissions: ['add_remove_members', 'pin_message'],
    by: by.id,
  });
}

export function revoke(school: School, chat: Chat, person: Person, by: Person): Issued {
  chat.admins.delete(person);
  return school.issue(school.admin, 'RecordChatAdminRevoked', {
    chatId: chat.id,
    personId: person.id,
    by: by.id,
  });
}

export function forget(chat: Chat, person: Person): void {
  const index = chat.members.indexOf(person);
  if (index >= 0) chat.members.splice(index, 1);
}

/** Takes a person out of a chat. */
export function remove(school: School, chat: Chat, person: Person): Issued {
  const by = chat.owner.gone ? school.adminPerson() : chat.owner;
  if (chat.admins.has(person)) revoke(school, chat, person, by);
  forget(chat, person);
  return school.issue(MAX, 'RecordChatMemberRemoved', { chatId: chat.id, personId: person.id, by: by.id });
}

/** Chats that the person is in. */
export function chatsOf(school: School, person: Person): readonly Chat[] {
  return school.chats.filter(({ live, members }) => live && members.includes(person));
}

/** Chats that a pupil of the class belongs to. */
export function pupilChats({ pupilsChat, courses }: ClassRoom): readonly Chat[] {
  return [pupilsChat, ...courses.map(({ chat }) => chat)].filter((chat) => chat !== undefined);
}

export interface Link {
  readonly id: string;
  readonly created: Issued;
  readonly expires: number;
  readonly role: PlatformRole;
  readonly chat?: Chat;
}

/** Creates an invitation that lasts some days; Letopis notes its end, unless it was revoked before. */
export function createLink(
  school: School,
  by: Caller,
  key: string,
  target: { readonly chat: Chat } | { readonly groupId: string },
  terms: {
    readonly role: PlatformRole;
    readonly days: number;
    readonly maxUses: number;
    readonly revoked?: true;
  },
): Link {
  const { role, days, maxUses } = terms;
  const linkId = school.id('link', key);
  const chat = 'chat' in target ? target.chat : undefined;
  let expires = 0;
  const created = school.issueAt(by, 'CreateInvitationLink', (occurredAt) => {
    expires = Date.parse(occurredAt) + days * DAY;
    return {
      linkId,
      targetKind: 'chat' in target ? 'chat' : 'group',
      targetId: 'chat' in target ? target.chat.id : target.groupId,
      platformRole: role,
      expiresAt: new Date(expires).toISOString(),
      maxUses,
      urlHash: school.sha256('link', key),
    };
  });
  if (terms.revoked !== true)
    school.later(expires, () => school.issue(LETOPIS, 'ExpireInvitationLink', { linkId }));
  return { id: linkId, created, expires, role, ...(chat !== undefined && { chat }) };
}

/** Sends the link; there are at most 200 recipients a time. */
export function sendLink(school: School, by: Caller, link: Link, people: readonly Person[]): void {
  for (let first = 0; first < people.length; first += 200) {
    const recipientIds = people.slice(first, first + 200).map(({ id }) => id);
    school.issue(by, 'SendInvitationLink', { linkId: link.id, recipientIds, channel: 'e_diary' });
  }
}

const AS = { teacher: asTeacher, student: asPupil, parent: asParent } as const;

/** Comes in by the link: into its chat, or into the community. */
export function acceptLink(school: School, link: Link, person: Person): Issued {
  const { id: linkId, role, chat } = link;
  if (chat !== undefined) chat.members.push(person);
  return school.issue(AS[role](person), 'AcceptInvitation', { linkId, personId: person.id }, [
    'InvitationLinkUsed',
    chat === undefined ? 'MemberJoined' : 'ChatMemberAdded',
  ]);
}

/** Who invites into the chat: the curator of the class, or the owner. */
function inviterOf({ classRoom, owner }: Chat): Caller {
  return asCurator(classRoom?.curator ?? owner);
}

/** A link for one person, sent and used within the hour. */
export function inviteOne(
  school: School,
  chat: Chat,
  person: Person,
  role: PlatformRole,
  key: string,
  then?: (joined: Issued) => void,
): void {
  const by = inviterOf(chat);
  const link = createLink(school, by, key, { chat }, { role, days: 7, maxUses: 1 });
  sendLink(school, by, link, [person]);
  school.later(link.created.at + HOUR / 2, () => {
    const joined = acceptLink(school, link, person);
    then?.(joined);
  });
}

/** The weekend on which the chat is read: Saturday for some, Sunday for others. */
export function readingDay(school: School, chat: Chat, from: string): string {
  const weekday = school.random('reading', chat.id).chance(0.5) ? 6 : 0;
  let day = from;
  while (weekdayOf(day) !== weekday) day = plusDays(day, 1);
  return day;
}

function readWeekly(school: School, chat: Chat): void {
  const random = school.random('reading time', chat.id);
  const minutes = FIRST_READ + random.between(160, 200);
  const first = readingDay(school, chat, plusDays(school.today(), 1));
  const read = (day: string, drift: number): void => {
    school.later(school.clock.at(day, minutes) - drift, () => {
      if (!chat.live) return;
      takeSnapshot(school, chat, day);
      const next = plusDays(day, 7);
      if (next <= YEAR_ENDS) read(next, drift + DRIFT);
    });
  };
  read(first, 0);
}

function takeSnapshot(school: School, chat: Chat, day: string): void {
  const plan = school.readings.of(chat, day);
  if (plan?.reading === 'missed') return;
  const { strangers, unseen } = plan?.reading ?? { strangers: [], unseen: [] };
  const memberIds = [
    ...chat.members.filter((member) => !unseen.includes(member)).map(({ id }) => id),
    ...strangers,
  ];
  const differs = strangers.length + unseen.length > 0;
  const issued = school.issueAt(
    MAX,
    'RecordChatRosterSnapshot',
    (takenAt) => ({
      chatId: chat.id,
      memberIds,
      adminIds: [...chat.admins].map(({ id }) => id),
      ownerId: chat.owner.id,
      takenAt,
      source: 'api',
    }),
    differs ? ['ChatRosterSnapshotTaken', 'ChatRosterDiscrepancyDetected'] : ['ChatRosterSnapshotTaken'],
  );
  plan?.then?.(issued);
}

/** Links the account of somebody who has joined to the person, on the next working day. */
export function linkAccount(school: School, person: Person): void {
  if (person.linked) return;
  person.linked = true;
  const day = plusWorkingDays(school.today(), 1);
  school.later(school.office(day, school.random('link account', person.id)), () => {
    school.issue(school.admin, 'LinkAccount', {
      personId: person.id,
      externalUserId: person.account,
      maxUserId: person.maxUserId,
      basis: 'Вход по именной ссылке, сверено со списком',
    });
  });
}

/** The days with lessons between the two, both included. */
export function daysOfLessons(from: string, to: string): readonly string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = plusDays(day, 1)) if (isSchoolDay(day)) days.push(day);
  return days;
}
