import { DAY, HOUR, plusWorkingDays } from './calendar';
import {
  acceptLink,
  chatsOf,
  createLink,
  grant,
  inviteOne,
  linkAccount,
  pupilChats,
  remove,
  revoke,
  sendLink,
} from './chats';
import { enrol, giveConsent, provideChannel, reservePupil, spaciousClass } from './families';
import { fullName, renamed } from './names';
import { type ClassRoom, type Person, type Pupil } from './people';
import { asTeacher, at, type School } from './school';
import { acceptAgreement, acknowledgeActs } from './staff';
import { type Issued } from './year';

/** Pupils and parents who come, go and change during the year. */
export function movement(school: School): void {
  departures(school);
  transfers(school);
  admissions(school);
  changesOfData(school);
  withdrawals(school);
  parentAsAdministrator(school);
  broughtByTeacher(school);
}

/** Removes the pupil, and the parents with them, from everything. @returns the last command */
function expel(school: School, pupil: Pupil, reason: string): Issued {
  for (const parent of pupil.family.parents) {
    for (const chat of chatsOf(school, parent))
      if (chat.kind === 'class_parents') remove(school, chat, parent);
  }
  for (const chat of chatsOf(school, pupil)) remove(school, chat, pupil);
  return school.issue(school.admin, 'RemoveMember', { personId: pupil.id, reason });
}

function depart(
  school: School,
  pupil: Pupil,
  effective: 'day' | 'instant',
  then: (departed: Issued) => void,
): void {
  const day = school.today();
  const departed = school.issueAt(school.asDeputy(1), 'RecordMovement', (occurredAt) => ({
    personId: pupil.id,
    kind: 'departed',
    orderRef: school.order(day, '-у'),
    effectiveAt: effective === 'day' ? new Date(school.clock.at(day, 0)).toISOString() : occurredAt,
    fromGroup: pupil.classRoom.groupId,
  }));
  pupil.gone = true;
  then(departed);
}

/** C12: one who is gone stays in the chats for days, one for nearly a day; others are out within hours. */
function departures(school: School): void {
  const { clock } = school;
  const leave = (
    key: string,
    classRoom: ClassRoom,
    day: string,
    hours: number,
    plant?: 'breach' | 'nearMiss',
  ): void => {
    const pupil = reservePupil(school, classRoom, key);
    school.later(clock.at(day, 10 * 60), () => {
      depart(school, pupil, plant === undefined ? 'day' : 'instant', (opened) => {
        school.later(opened.at + hours * HOUR, () => {
          const ended = expel(school, pupil, 'Отчисление');
          if (plant === undefined) return;
          school[plant]({
            control: 'C12',
            rule: 'removed-after-departure',
            subject: pupil.id,
            concerns: [classRoom.groupId],
            about: `A pupil who has left is in the chats of the class for another ${hours} hours.`,
            opened,
            due: opened.at + DAY,
            ended,
            related: plant === 'breach' ? ['C14'] : [],
          });
        });
      });
    });
  };
  const random = school.random('departures');
  // From Monday to Wednesday, so that the weekend's readings see nothing of it.
  leave(
    'stays',
    school.classRoom(0),
    random.pick(['2025-11-17', '2025-11-24', '2025-12-01']),
    random.between(48, 54),
    'breach',
  );
  leave('stays a day', school.classRoom(1), random.pick(['2026-01-19', '2026-01-26']), 23, 'nearMiss');
  const others = Math.max(1, Math.floor(school.parameters.classes / 5));
  for (let index = 0; index < others; index += 1) {
    const day = school.someDay('2025-10-06', '2026-05-15', random);
    leave(`leaves ${index}`, spaciousClass(school, random), day, 2);
  }
}

function transfers(school: School): void {
  const random = school.random('transfers');
  const count = Math.max(1, Math.floor(school.parameters.classes / 8));
  for (let index = 0; index < count; index += 1) {
    const from = spaciousClass(school, random);
    const to = school.classRoom(from.index + 1);
    const pupil = reservePupil(school, from, `transferred ${index}`);
    const day = random.chance(0.5)
      ? school.someDay('2025-10-13', '2025-12-19', random)
      : school.someDay('2026-02-09', '2026-04-17', random);
    school.later(school.clock.at(day, 9 * 60 + 30), () => transfer(school, pupil, to, `transfer ${index}`));
  }
}

function transfer(school: School, pupil: Pupil, to: ClassRoom, key: string): void {
  const day = school.today();
  const from = pupil.classRoom;
  school.issue(school.asDeputy(), 'RecordMovement', {
    personId: pupil.id,
    kind: 'transferred',
    orderRef: school.order(day, '-у'),
    effectiveAt: new Date(school.clock.at(day, 0)).toISOString(),
    fromGroup: from.groupId,
    toGroup: to.groupId,
  });
  const parents = pupil.family.parents.filter(
    (parent) => from.parentsChat?.members.includes(parent) === true,
  );
  school.later(school.moment() + 90 * 60_000, () => {
    for (const chat of chatsOf(school, pupil)) remove(school, chat, pupil);
    for (const parent of parents)
      if (from.parentsChat !== undefined) remove(school, from.parentsChat, parent);
    from.pupils.splice(from.pupils.indexOf(pupil), 1);
    pupil.classRoom = to;
    to.pupils.push(pupil);
    pupilChats(to).forEach((chat, number) => inviteOne(school, chat, pupil, 'student', `${key} ${number}`));
    const chat = to.parentsChat;
    if (chat !== undefined)
      parents.forEach((parent, number) =>
        inviteOne(school, chat, parent, 'parent', `${key} parent ${number}`),
      );
  });
}

/** Families that come during the year: everything is done on the day of the order. */
function admissions(school: School): void {
  const random = school.random('admissions');
  const count = Math.max(2, Math.floor(school.parameters.classes / 6));
  for (let index = 0; index < count; index += 1) {
    const classRoom = spaciousClass(school, random);
    const family = school.people.family(`admitted ${index}`, random.chance(0.5) ? 2 : 1, [classRoom]);
    const child = at(family.children, 0);
    child.reserved = true;
    const day = random.chance(0.5)
      ? school.someDay('2025-10-08', '2025-12-19', random)
      : school.someDay('2026-02-09', '2026-03-18', random);
    school.later(school.clock.at(day, 9 * 60 + 15), () =>
      admit(school, child, `admitted ${index}`, index === 0),
    );
  }
}

function admit(school: School, child: Pupil, key: string, accepts: boolean): void {
  const { clock } = school;
  const { classRoom, family } = child;
  const day = school.today();
  enrol(school, child, 0, day);
  classRoom.pupils.push(child);
  school.later(clock.at(day, 10 * 60), () => {
    for (const parent of family.parents) {
      parent.reserved = true;
      giveConsent(school, parent);
      acknowledgeActs(school, parent, school.asDeputy());
    }
    giveConsent(school, at(family.parents, 0), child);
  });
  school.later(clock.at(day, 12 * 60), () => {
    const { groupId } = classRoom;
    const link = createLink(school, school.admin, key, { groupId }, { role: 'student', days: 7, maxUses: 1 });
    sendLink(school, school.admin, link, [child]);
    school.later(clock.at(day, 15 * 60 + 20), () => {
      acceptLink(school, link, child);
      acceptAgreement(school, child, 'student');
      linkAccount(school, child);
    });
    pupilChats(classRoom).forEach((chat, number) =>
      inviteOne(school, chat, child, 'student', `${key} ${number}`),
    );
    const chat = classRoom.parentsChat;
    if (chat === undefined) return;
    family.parents.forEach((parent, number) => {
      inviteOne(school, chat, parent, 'parent', `${key} parent ${number}`, (opened) => {
        linkAccount(school, parent);
        if (accepts && number === 0) acceptLast(school, parent, opened);
        else acceptAgreement(school, parent, 'parent');
      });
    });
  });
}

/** C33: on the last day. */
function acceptLast(school: School, parent: Person, opened: Issued): void {
  const { clock } = school;
  school.later(clock.at(plusWorkingDays(school.today(), 10), 19 * 60 + 30), () => {
    const ended = acceptAgreement(school, parent, 'parent');
    school.nearMiss({
      control: 'C33',
      rule: 'agreement-accepted',
      subject: parent.id,
      about: 'A parent accepts the user agreement on the tenth working day.',
      opened,
      due: clock.inWorkingDays(opened.at, 10),
      ended,
    });
  });
}

/** Names and guardians change, and an account turns out to be somebody else's. */
function changesOfData(school: School): void {
  const random = school.random('changes');
  const teacher = at(school.classRoom(1).courses, 0).teacher;
  const correct = (person: Person, day: string, basis: string): void => {
    school.later(school.office(day, random), () => {
      person.name = renamed(school.random('renamed', person.id), person.name, person.gender);
      school.issue(school.admin, 'CorrectMemberData', {
        personId: person.id,
        basis,
        fullName: fullName(person.name),
      });
    });
  };
  correct(
    teacher,
    school.someDay('2025-10-20', '2025-12-12', random),
    'Свидетельство о заключении брака предъявлено',
  );
  const pupil = reservePupil(school, school.classRoom(0), 'renamed');
  correct(
    pupil,
    school.someDay('2026-02-02', '2026-03-20', random),
    'Свидетельство о перемене имени предъявлено',
  );

  const child = reservePupil(school, school.classRoom(1), 'guardianship');
  const guardian = at(child.family.parents, child.family.parents.length - 1);
  school.later(school.clock.at(school.someDay('2026-02-24', '2026-03-20', random), 9 * 60 + 40), () => {
    school.issue(school.asDeputy(), 'EndGuardianship', {
      personId: guardian.id,
      childId: child.id,
      reason: 'Решение суда',
    });
    for (const chat of chatsOf(school, guardian)) remove(school, chat, guardian);
    guardian.gone = true;
  });

  const owner = at(reservePupil(school, school.classRoom(0), 'account').family.parents, 0);
  school.later(school.clock.at(school.someDay('2025-12-01', '2025-12-19', random), 11 * 60), () => {
    if (!owner.linked) return;
    const account = { personId: owner.id, externalUserId: owner.account };
    school.issue(school.admin, 'UnlinkAccount', {
      ...account,
      basis: 'Номер телефона передан другому человеку',
    });
    school.later(school.moment() + 2 * HOUR, () => {
      school.issue(school.admin, 'LinkAccount', {
        personId: owner.id,
        externalUserId: school.id('account', 'second', owner.id),
        maxUserId: owner.maxUserId,
        basis: 'Личное заявление, новый номер',
      });
    });
  });
}

/** Consents that are withdrawn: out of the chats on the same day, another channel, and destruction within the month. */
function withdrawals(school: School): void {
  const { clock } = school;
  const random = school.random('withdrawals');
  const pupil = reservePupil(school, school.classRoom(0), 'withdrawn');
  const declarant = at(pupil.family.parents, 0);
  const day = school.someDay('2026-01-19', '2026-02-06', random);
  school.later(clock.at(day, 9 * 60 + 10), () => {
    school.issue(school.officer, 'WithdrawConsent', {
      personId: declarant.id,
      onBehalfOf: pupil.id,
      purpose: 'platform_use',
    });
    pupil.consented = false;
    school.later(clock.at(day, 10 * 60), () => expelPupilOnly(school, pupil));
    school.later(clock.at(plusWorkingDays(day, 1), 12 * 60), () => provideChannel(school, declarant, pupil));
    school.later(clock.at(plusWorkingDays(day, random.between(12, 16)), 15 * 60), () =>
      destroy(school, pupil.id, '1', 'Отзыв согласия'),
    );
  });
}

function expelPupilOnly(school: School, pupil: Pupil): void {
  for (const chat of chatsOf(school, pupil)) remove(school, chat, pupil);
  school.issue(school.admin, 'RemoveMember', { personId: pupil.id, reason: 'Отзыв согласия' });
}

/** The act with its signatures, and the order to destroy right after it. */
export function destroy(school: School, subjectId: string, actNo: string, reason: string): Issued {
  const date = school.today();
  school.issue(school.officer, 'SignDestructionAct', {
    subjectId,
    actNo,
    date,
    signers: [
      { personId: school.population.officer.id, position: 'Ответственный за обработку персональных данных' },
      { personId: school.deputy().id, position: 'Заместитель директора' },
    ],
    categories: ['фамилия, имя, отчество', 'номер телефона'],
    informationSystem: 'Летопись',
    reason,
    logExportRef: `Выгрузка № ${actNo}`,
  });
  return school.issue(school.officer, 'DestroyPersonalData', { subjectId, actNo });
}

/** C15: a parent is given the rights of an administrator of a chat. */
function parentAsAdministrator(school: School): void {
  const { clock } = school;
  const random = school.random('C15');
  const raise = (
    classRoom: ClassRoom,
    key: string,
    day: string,
    days: number,
    plant: 'breach' | 'nearMiss',
  ): void => {
    const parents = reservePupil(school, classRoom, key).family.parents;
    school.later(clock.at(day, 18 * 60), () => {
      const chat = classRoom.parentsChat;
      const parent = parents.find((one) => chat?.members.includes(one) === true);
      if (chat === undefined || parent === undefined) return;
      const opened = grant(school, chat, parent, chat.owner);
      school.later(clock.at(plusWorkingDays(day, days), 15 * 60), () => {
        const ended = revoke(school, chat, parent, chat.owner);
        school[plant]({
          control: 'C15',
          rule: 'admins-are-staff',
          subject: chat.id,
          concerns: [parent.id],
          about: `A parent administers the chat of the parents for ${days} working days.`,
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
        });
      });
    });
  };
  raise(
    school.classRoom(1),
    'raised',
    school.someDay('2025-12-01', '2025-12-10', random),
    random.between(5, 7),
    'breach',
  );
  raise(
    school.classRoom(0),
    'raised in time',
    school.someDay('2026-04-13', '2026-04-22', random),
    3,
    'nearMiss',
  );
}

/** C16: a teacher who leads no class brings a pupil into the chat of the subject. */
function broughtByTeacher(school: School): void {
  const { clock } = school;
  const random = school.random('C16');
  const bring = (
    key: string,
    course: number,
    day: string,
    days: number,
    plant: 'breach' | 'nearMiss',
  ): void => {
    const classRoom = school.classRoom(1);
    const family = school.people.family(key, 1, [classRoom]);
    const child = at(family.children, 0);
    child.reserved = true;
    school.later(clock.at(day, 8 * 60 + 30), () => {
      enrol(school, child, 0, day);
      classRoom.pupils.push(child);
      for (const parent of family.parents) {
        parent.reserved = true;
        giveConsent(school, parent);
        acknowledgeActs(school, parent, school.asDeputy());
      }
      giveConsent(school, at(family.parents, 0), child);
    });
    school.later(clock.at(day, 10 * 60), () => {
      acceptAgreement(school, child, 'student');
      linkAccount(school, child);
      const { chat, teacher } = at(classRoom.courses, course);
      if (chat === undefined) return;
      chat.members.push(child);
      const opened = school.issue(asTeacher(teacher), 'RecordChatMemberAdded', {
        chatId: chat.id,
        personId: child.id,
        platformRole: 'student',
        via: 'inviter',
        inviterId: teacher.id,
      });
      school.later(clock.at(plusWorkingDays(day, days), 14 * 60), () => {
        const ended = remove(school, chat, child);
        pupilChats(classRoom).forEach((each, number) =>
          inviteOne(school, each, child, 'student', `${key} ${number}`),
        );
        school[plant]({
          control: 'C16',
          rule: 'join-traced',
          subject: child.id,
          concerns: [chat.id, teacher.id],
          about: `A teacher brings a pupil into a chat; the pupil is out after ${days} working days, and comes by a link.`,
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
        });
      });
    });
  };
  bring('brought', 0, school.someDay('2025-10-06', '2025-10-10', random), random.between(5, 6), 'breach');
  bring('brought in time', 2, school.someDay('2025-11-17', '2025-11-26', random), 2, 'nearMiss');
}
