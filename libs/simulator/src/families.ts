import { HOUR, plusWorkingDays } from './calendar';
import { acceptLink, chatOf, createLink, type Link, linkAccount, register, sendLink } from './chats';
import { fullName } from './names';
import { type Chat, type ClassRoom, type Family, type Person, type Pupil } from './people';
import { type Random } from './random';
import { asCurator, asParent, asTeacher, at, MAX, type School } from './school';
import { acceptAgreement, acknowledgeActs } from './staff';
import { type Issued } from './year';

/** The day on which the pupils of the new year are in the roster. */
const ENROLLED_FROM = '2025-09-01';

/** Pupils and parents: enrolled, asked for consent, and brought into the chats of their class. */
export function families(school: School): void {
  const specials = specialsOf(school);
  for (const family of school.population.families) enrolment(school, family, specials);
  for (const classRoom of school.population.classes) classChats(school, classRoom, specials);
}

/** Whom something is planted about while everybody joins. */
interface Specials {
  /** Refused, and waits too long for another channel. */
  readonly neglected: Pupil;
  /** Refused, and gets another channel at the last moment. */
  readonly served: Pupil;
  /** Refused; the rest of them. */
  readonly refused: ReadonlySet<Pupil>;
  /** Is in the chat before there is a consent. */
  readonly early: Pupil;
  /** Comes in by a link whose time is over. */
  readonly belated: Pupil;
  /** Accepts the user agreement too late. */
  readonly tardy: Person;
}

function specialsOf(school: School): Specials {
  const random = school.random('specials');
  const refusing = Math.floor(school.parameters.pupils * 0.02);
  return {
    neglected: reservePupil(school, school.classRoom(0), 'neglected'),
    served: reservePupil(school, school.classRoom(1), 'served'),
    refused: new Set(
      Array.from({ length: refusing }, (_, index) =>
        reservePupil(school, spaciousClass(school, random), `refused ${index}`),
      ),
    ),
    early: reservePupil(school, school.classRoom(2), 'early'),
    belated: reservePupil(school, school.classRoom(0), 'belated'),
    tardy: at(reservePupil(school, school.classRoom(1), 'tardy').family.parents, 0),
  };
}

/**
 * A pupil without siblings about whom nothing else is planted, and from now on something is.
 *
 * @throws RangeError where the class is too small
 */
export function reservePupil(school: School, classRoom: ClassRoom, key: string): Pupil {
  const pupil = school.random('reserve', key).pick(freePupils(school, classRoom));
  pupil.reserved = true;
  for (const parent of pupil.family.parents) parent.reserved = true;
  return pupil;
}

function freePupils(school: School, { pupils }: ClassRoom): readonly Pupil[] {
  return pupils.filter(
    ({ reserved, family: { children, parents } }) =>
      !reserved &&
      children.length === 1 &&
      parents.every((parent) => !school.population.staff.includes(parent)),
  );
}

/**
 * A class by chance in which there are still pupils about whom nothing is planted, and some to spare for what happens in
 * a class of its own: where no class has so many, one that has any to spare.
 *
 * @throws RangeError where there is none
 */
export function spaciousClass(school: School, random: Random): ClassRoom {
  const withMoreThan = (count: number): readonly ClassRoom[] =>
    school.population.classes.filter((classRoom) => freePupils(school, classRoom).length > count);
  const spacious = withMoreThan(4);
  return random.pick(spacious.length > 0 ? spacious : withMoreThan(2));
}

function enrolment(school: School, family: Family, specials: Specials): void {
  const { children, parents } = family;
  const first = at(children, 0);
  const random = school.random('enrolment', first.id);
  const day = random.chance(0.5) ? '2025-08-27' : '2025-08-28';
  const enrolled = school.clock.at(day, random.between(10 * 60, 16 * 60));
  school.later(enrolled, () => {
    for (const child of children) enrol(school, child, random.between(0, 3));
  });
  school.later(school.office('2025-08-29', random), () => declareConsents(school, family, specials));
  for (const parent of parents) {
    if (school.population.staff.includes(parent)) continue;
    const acknowledged = school.someDay('2025-08-29', '2025-09-04', random);
    const electronic = random.chance(0.5);
    school.later(school.office(acknowledged, random), () =>
      acknowledgeActs(school, parent, electronic ? asParent(parent) : school.asDeputy()),
    );
  }
}

/** The order of enrolment, and whose child it is. */
export function enrol(school: School, child: Pupil, deputy: number, from = ENROLLED_FROM): Issued {
  const day = school.today();
  const { family, classRoom } = child;
  const enrolled = school.issue(school.asDeputy(deputy), 'RecordMovement', {
    personId: child.id,
    kind: 'enrolled',
    orderRef: school.order(day, '-у'),
    effectiveAt: new Date(school.clock.at(from, 0)).toISOString(),
    toGroup: classRoom.groupId,
    fullName: fullName(child.name),
  });
  for (const parent of family.parents) {
    school.issue(school.asDeputy(deputy), 'RecordGuardian', {
      personId: parent.id,
      childId: child.id,
      relation: parent.gender === 'female' ? 'mother' : 'father',
      fullName: fullName(parent.name),
      documentRef: 'Свидетельство о рождении',
    });
  }
  return enrolled;
}

function declareConsents(school: School, { children, parents }: Family, specials: Specials): void {
  for (const parent of parents) giveConsent(school, parent);
  const declarant = at(parents, 0);
  for (const child of children) {
    const refuses = child === specials.neglected || child === specials.served || specials.refused.has(child);
    if (refuses) refuseConsent(school, child, declarant, specials);
    else if (child !== specials.early) giveConsent(school, declarant, child);
  }
}

export function giveConsent(school: School, declarant: Person, child?: Pupil): Issued {
  const day = school.today();
  return school.issue(school.officer, 'RecordConsent', {
    personId: declarant.id,
    onBehalfOf: child?.id,
    purpose: 'platform_use',
    documentRef: `Согласие ${school.order(day, '-с')}`,
  });
}

export function provideChannel(school: School, declarant: Person, child: Pupil): Issued {
  const channel = school.random('channel', child.id).pick(['e_diary', 'paper', 'email', 'meeting'] as const);
  return school.issue(school.officer, 'ProvideAlternativeChannel', {
    personId: declarant.id,
    onBehalfOf: child.id,
    channel,
  });
}

function refuseConsent(
  school: School,
  child: Pupil,
  declarant: Person,
  { neglected, served }: Specials,
): void {
  const { clock } = school;
  const random = school.random('refusal', child.id);
  child.consented = false;
  const opened = school.issue(school.officer, 'RecordRefusal', {
    personId: declarant.id,
    onBehalfOf: child.id,
    purpose: 'platform_use',
  });
  const day = school.today();
  const after = child === neglected ? random.between(5, 8) : child === served ? 3 : random.between(1, 2);
  const minutes = child === served ? 16 * 60 + 55 : random.between(9 * 60, 16 * 60);
  school.later(clock.at(plusWorkingDays(day, after), minutes), () => {
    const ended = provideChannel(school, declarant, child);
    const planted = {
      control: 'C28',
      rule: 'alternative-channel',
      subject: child.id,
      concerns: [declarant.id],
      about: `Another channel is provided ${after} working days after the refusal.`,
      opened,
      due: clock.inWorkingDays(opened.at, 3),
      ended,
    };
    if (child === neglected) school.breach(planted);
    if (child === served) school.nearMiss(planted);
  });
}

/** When the chats of a class are there. */
interface Opening {
  readonly pupils: number;
  readonly parents: number;
}

function openingOf(school: School, { index }: ClassRoom): Opening {
  const { clock } = school;
  const random = school.random('opening', index);
  const usual = clock.at(
    random.chance(0.5) ? '2025-08-29' : '2025-09-01',
    random.between(10 * 60 + 30, 12 * 60),
  );
  const late = school.someDay('2025-09-17', '2025-09-22', school.random('C13'));
  return {
    pupils: index === 1 ? clock.at('2025-09-15', 16 * 60 + 30) : usual,
    parents: index === 0 ? clock.at(late, 11 * 60) : usual + 5 * 60_000,
  };
}

function classChats(school: School, classRoom: ClassRoom, specials: Specials): void {
  const { clock } = school;
  const { index, title, curator, groupId } = classRoom;
  const opening = openingOf(school, classRoom);
  const basis = 'Приказ о распределении классного руководства';

  const pupilsChat = chatOf(school, `${title} — ученики`, curator, 'class_students', classRoom);
  classRoom.pupilsChat = pupilsChat;
  const provisioned = index % 3 === 2;
  if (provisioned) {
    school.later(clock.at('2025-08-28', 20 * 60 + index), () => {
      school.issue(MAX, 'ImportAutoProvisionedChats', {
        maxChatId: pupilsChat.maxChatId,
        source: 'sferum_sync',
        kind: 'class_students',
        title: pupilsChat.title,
        groupId,
      });
    });
  }
  school.later(opening.pupils, () => {
    const { kind, title: chatTitle } = pupilsChat;
    const ended = register(school, pupilsChat, {
      kind,
      title: chatTitle,
      owner: curator,
      by: asCurator(curator),
      groupId,
      basis,
      classRoom,
    });
    if (index === 1)
      school.nearMiss(
        chatPlanted(school, classRoom, ended, 'The chat of the pupils is registered on the last day.'),
      );
    pupilsJoin(school, classRoom, pupilsChat, specials);
  });

  const parentsChat = chatOf(school, `${title} — родители`, curator, 'class_parents', classRoom);
  classRoom.parentsChat = parentsChat;
  school.later(opening.parents, () => {
    const { kind, title: chatTitle } = parentsChat;
    const ended = register(school, parentsChat, {
      kind,
      title: chatTitle,
      owner: curator,
      by: asCurator(curator),
      groupId,
      basis,
      classRoom,
    });
    if (index === 0)
      school.breach(
        chatPlanted(school, classRoom, ended, 'The chat of the parents is registered after 15 September.'),
      );
    parentsJoin(school, classRoom, parentsChat, specials);
  });

  for (const [number, course] of classRoom.courses.entries()) {
    const { subject, teacher } = course;
    const chat = chatOf(school, `${title} — ${subject.toLowerCase()}`, teacher, 'subject', classRoom);
    course.chat = chat;
    const random = school.random('course', index, number);
    school.later(clock.at('2025-09-02', random.between(9 * 60, 16 * 60)), () => {
      register(school, chat, {
        kind: 'subject',
        title: chat.title,
        owner: teacher,
        by: asTeacher(teacher),
        groupId,
        subject,
        basis: 'Учебный план',
        classRoom,
      });
    });
    school.later(clock.at('2025-09-03', 10 * 60 + 20 + index), () =>
      pupilsJoinCourse(school, classRoom, chat, specials),
    );
  }
}

function chatPlanted(school: School, { groupId }: ClassRoom, ended: Issued, about: string) {
  return {
    control: 'C13',
    rule: 'class-chats-registered',
    subject: groupId,
    concerns: [school.organizationId],
    about,
    opened: school.remembered(`group ${groupId}`),
    due: school.clock.endOf('2025-09-15'),
    ended,
  };
}

/** Everybody who may be in the chats of the class. */
function consenting({ pupils }: ClassRoom): readonly Pupil[] {
  return pupils.filter(({ consented, gone }) => consented && !gone);
}

/** The first working moment after which links for September may go out. */
function invitingFrom(school: School): number {
  return Math.max(school.clock.at('2025-09-01', 13 * 60), school.moment() + HOUR);
}

function pupilsJoin(school: School, classRoom: ClassRoom, chat: Chat, specials: Specials): void {
  const { index, groupId } = classRoom;
  school.later(invitingFrom(school) + index * 60_000, () => {
    const invited = consenting(classRoom);
    const asked = invited.filter((pupil) => pupil !== specials.early);
    const curator = asCurator(classRoom.curator);
    const terms = { role: 'student', days: 10, maxUses: classRoom.pupils.length + 5 } as const;
    const groupLink = createLink(school, school.admin, `group ${index}`, { groupId }, terms);
    const chatLink = createLink(school, curator, `pupils ${index}`, { chat }, terms);
    sendLink(school, school.admin, groupLink, asked);
    sendLink(school, curator, chatLink, asked);
    const random = school.random('pupils join', index);
    for (const pupil of invited) {
      const day = plusWorkingDays(school.today(), random.between(0, 2));
      const comes = Math.max(school.evening(day, random), school.moment() + HOUR);
      if (pupil === specials.early) joinEarly(school, pupil, groupLink, chatLink, comes);
      else if (pupil === specials.belated) joinBelatedly(school, pupil, groupLink, chatLink, comes);
      else
        school.later(comes, () => {
          joinCommunity(school, pupil, groupLink);
          acceptLink(school, chatLink, pupil);
        });
    }
  });
}

function joinCommunity(school: School, pupil: Pupil, groupLink: Link): void {
  acceptLink(school, groupLink, pupil);
  acceptAgreement(school, pupil, 'student');
  linkAccount(school, pupil);
}

/** C28: in the chat first, asked afterwards. */
function joinEarly(school: School, pupil: Pupil, groupLink: Link, chatLink: Link, comes: number): void {
  const { clock } = school;
  school.later(comes, () => {
    const opened = acceptLink(school, chatLink, pupil);
    acceptAgreement(school, pupil, 'student');
    const asked = plusWorkingDays(school.today(), school.random('C28').between(3, 4));
    school.later(clock.at(asked, 12 * 60), () => {
      const ended = giveConsent(school, at(pupil.family.parents, 0), pupil);
      acceptLink(school, groupLink, pupil);
      linkAccount(school, pupil);
      school.breach({
        control: 'C28',
        rule: 'consent-before-joining',
        subject: pupil.id,
        concerns: [chatLink.chat?.id ?? ''],
        about: 'A pupil is in the chat of the class days before a parent consents.',
        opened,
        ended,
      });
    });
  });
}

/** C08: the link of September is used when its time is over. */
function joinBelatedly(school: School, pupil: Pupil, groupLink: Link, chatLink: Link, comes: number): void {
  school.later(comes, () => joinCommunity(school, pupil, groupLink));
  const day = school.someDay(
    school.clock.dayOf(chatLink.expires + 24 * HOUR),
    '2025-09-19',
    school.random('C08'),
  );
  school.later(school.evening(day, school.random('belated')), () => {
    const opened = acceptLink(school, chatLink, pupil);
    school.breach({
      control: 'C08',
      rule: 'used-while-valid',
      subject: chatLink.id,
      concerns: [pupil.id, chatLink.chat?.id ?? ''],
      about: 'A pupil comes into the chat of the class by a link that has expired.',
      opened,
    });
  });
}

function parentsJoin(school: School, classRoom: ClassRoom, chat: Chat, specials: Specials): void {
  const { index, curator } = classRoom;
  school.later(invitingFrom(school) + (30 + index) * 60_000, () => {
    const random = school.random('parents join', index);
    const parents = new Set(
      classRoom.pupils.filter(({ gone }) => !gone).flatMap(({ family }) => family.parents),
    );
    const invited = [...parents].filter((parent) => parent.reserved || random.chance(0.9));
    const terms = { role: 'parent', days: 9, maxUses: invited.length + 5 } as const;
    const link = createLink(school, asCurator(curator), `parents ${index}`, { chat }, terms);
    sendLink(school, asCurator(curator), link, invited);
    for (const parent of invited) {
      const day = plusWorkingDays(school.today(), random.between(0, 3));
      const comes = Math.max(school.evening(day, random), school.moment() + HOUR);
      school.later(comes, () => parentJoins(school, parent, link, specials));
    }
  });
}

function parentJoins(school: School, parent: Person, link: Link, { tardy }: Specials): void {
  const { clock } = school;
  const opened = acceptLink(school, link, parent);
  const joinedBefore = parent.linked;
  linkAccount(school, parent);
  if (parent !== tardy) {
    if (!joinedBefore) acceptAgreement(school, parent, 'parent');
    return;
  }
  const days = school.random('C33').between(11, 14);
  school.later(clock.at(plusWorkingDays(school.today(), days), 19 * 60), () => {
    const ended = acceptAgreement(school, parent, 'parent');
    school.breach({
      control: 'C33',
      rule: 'agreement-accepted',
      subject: parent.id,
      about: `A parent accepts the user agreement ${days} working days after joining, instead of ten.`,
      opened,
      due: clock.inWorkingDays(opened.at, 10),
      ended,
    });
  });
}

function pupilsJoinCourse(school: School, classRoom: ClassRoom, chat: Chat, { early }: Specials): void {
  const random = school.random('course join', chat.id);
  const curator = asCurator(classRoom.curator);
  const invited = consenting(classRoom).filter((pupil) => pupil !== early);
  const link = createLink(
    school,
    curator,
    chat.title,
    { chat },
    { role: 'student', days: 9, maxUses: classRoom.pupils.length + 5 },
  );
  sendLink(school, curator, link, invited);
  for (const pupil of invited) {
    const day = random.pick(['2025-09-03', '2025-09-04', '2025-09-05']);
    school.later(school.evening(day, random), () => acceptLink(school, link, pupil));
  }
}
