import { plusWorkingDays } from './calendar';
import {
  acceptLink,
  chatsOf,
  createLink,
  enter,
  grant,
  linkAccount,
  remove,
  revoke,
  sendLink,
} from './chats';
import { fullName } from './names';
import { type Chat, type Person } from './people';
import { asTeacher, type School } from './school';
import { type Issued } from './year';

export const STAFF_ROOM = 'Учительская';
const METHODS = ['moya_shkola', 'gosuslugi', 'ezhd'] as const;

/** The version of the user agreement that is current all year. */
export const AGREEMENT = '2025-08-01';

export function hire(school: School, person: Person, by = school.director): Issued {
  const day = school.today();
  return school.issue(by, 'RecordMovement', {
    personId: person.id,
    kind: 'hired',
    orderRef: school.order(day, '-к'),
    effectiveAt: new Date(school.clock.at(day, 0)).toISOString(),
    fullName: fullName(person.name),
  });
}

/** Both acts, as the person signs for them; who has done so before, as a parent or an earlier employee, need not again. */
export function acknowledgeActs(school: School, person: Person, by = asTeacher(person)): Issued {
  const before = school.recalled(`acknowledged ${person.id}`);
  if (before !== undefined) return before;
  const method = by.id === person.id ? 'electronic' : 'signature';
  const acknowledge = (act: 'polozhenie' | 'order'): Issued =>
    school.issue(by, 'AcknowledgeLocalAct', { actId: school.id('act', act), personId: person.id, method });
  acknowledge('order');
  return school.remember(`acknowledged ${person.id}`, acknowledge('polozhenie'));
}

export function acceptAgreement(
  school: School,
  person: Person,
  role: 'teacher' | 'student' | 'parent',
): Issued {
  return school.issue({ id: person.id, role }, 'AcceptUserAgreement', {
    personId: person.id,
    version: AGREEMENT,
  });
}

/** Comes into «Учительская» by a link of the administrator's own, right after it was sent. */
export function joinStaffRoom(school: School, person: Person, key: string): Issued {
  const link = createLink(
    school,
    school.admin,
    `staff ${key}`,
    { groupId: school.id('group', 'staff room') },
    { role: 'teacher', days: 5, maxUses: 1 },
  );
  sendLink(school, school.admin, link, [person]);
  const joined = acceptLink(school, link, person);
  acceptAgreement(school, person, 'teacher');
  linkAccount(school, person);
  return joined;
}

export function requestVerification(school: School, person: Person): Issued {
  const method = school.random('verification', person.id).pick(METHODS);
  return school.issue(asTeacher(person), 'RequestRoleVerification', { personId: person.id, method });
}

export function verify(school: School, person: Person): Issued {
  const random = school.random('verification', person.id);
  const method = random.pick(METHODS);
  return school.issue(school.admin, 'ConfirmRole', {
    personId: person.id,
    method,
    evidenceRef: `Запись ${random.between(1_000, 9_999)}`,
  });
}

/** How many working days after the day of hiring each step takes; zero is the same day. */
export interface Arrival {
  readonly join?: number;
  readonly verify?: number;
  readonly acknowledge?: number;
}

/** When each step of an arrival was taken. */
export interface Arrived {
  readonly hired: Issued;
  readonly joined: Issued;
  readonly verified: Issued;
  readonly acknowledged: Issued;
}

/**
 * Somebody is hired during the year: joins «Учительская», is verified, signs for the acts, and comes into the chat of the
 * head with the teachers.
 */
export function arrive(
  school: School,
  person: Person,
  day: string,
  key: string,
  { join = 1, verify: verified = 1, acknowledge = 2 }: Arrival = {},
  then?: (arrived: Arrived) => void,
): void {
  const { clock } = school;
  school.later(clock.at(day, 9 * 60 + 20), () => {
    const happened: Partial<Record<keyof Arrived, Issued>> = {};
    const note = (step: keyof Arrived, issued: Issued): void => {
      happened[step] = issued;
      const { hired, joined, verified: confirmed, acknowledged } = happened;
      if (hired && joined && confirmed && acknowledged)
        then?.({ hired, joined, verified: confirmed, acknowledged });
    };
    school.staff.push(person);
    note('hired', hire(school, person));
    school.later(clock.at(plusWorkingDays(day, join), 15 * 60 + 40), () => {
      note('joined', joinStaffRoom(school, person, key));
    });
    const asked = clock.at(plusWorkingDays(day, join), 16 * 60);
    school.later(asked, () => requestVerification(school, person));
    school.later(clock.at(plusWorkingDays(day, join + verified), 16 * 60 + 20), () => {
      note('verified', verify(school, person));
      const chat = school.chats.find(({ kind }) => kind === 'head_teachers');
      if (chat !== undefined) enter(school, chat, person, 'teacher', 'administrator');
    });
    school.later(clock.at(plusWorkingDays(day, acknowledge), 16 * 60 + 40), () => {
      note('acknowledged', acknowledgeActs(school, person));
    });
  });
}

/** Somebody is dismissed: out of the community and of all chats within hours; what they owned goes to `heir`. */
export function dismiss(school: School, person: Person, day: string, heir: Person): void {
  school.later(school.clock.at(day, 8 * 60 + 40), () => {
    school.issue(school.director, 'RecordMovement', {
      personId: person.id,
      kind: 'dismissed',
      orderRef: school.order(day, '-к'),
      effectiveAt: new Date(school.clock.at(day, 0)).toISOString(),
    });
    person.gone = true;
    school.staff.splice(school.staff.indexOf(person), 1);
    school.later(school.clock.at(day, 10 * 60), () => {
      for (const chat of chatsOf(school, person)) {
        if (chat.owner === person) handOver(school, chat, heir);
        remove(school, chat, person);
      }
      school.issue(school.admin, 'RemoveMember', { personId: person.id, reason: 'Увольнение' });
    });
  });
}

/** Another owner, who becomes an administrator of the chat; the owner of before is one no more. */
export function handOver(school: School, chat: Chat, to: Person): void {
  const from = chat.owner;
  if (!chat.members.includes(to)) enter(school, chat, to, 'teacher', 'administrator');
  if (!chat.admins.has(to)) grant(school, chat, to, from);
  school.issue(school.admin, 'RecordChatOwnerTransferred', {
    chatId: chat.id,
    from: from.id,
    to: to.id,
    by: school.adminPerson().id,
  });
  chat.owner = to;
  if (chat.admins.has(from)) revoke(school, chat, from, to);
}
