import { plusWorkingDays } from './calendar';
import { linkAccount } from './chats';
import { approveDistribution, approveLoad } from './founding';
import { reservePupil } from './families';
import { type ClassRoom, type Person } from './people';
import { at, LETOPIS, type School } from './school';
import { type Arrived, arrive, dismiss, handOver } from './staff';
import { type Issued } from './year';

/** Teachers who come and go, class teachers who change, and the administrator's office. */
export function staffing(school: School): void {
  arrivals(school);
  comeBack(school);
  parentBecomesTeacher(school);
  classTeachers(school);
  administratorsOffice(school);
  additionalAdministrator(school);
}

/** C02, C06, C10: newcomers who are late with one thing, and some who are just in time. */
function arrivals(school: School): void {
  const { clock } = school;
  const random = school.random('arrivals');
  const newcomer = (key: string): Person =>
    school.people.person(`newcomer ${key}`, random.chance(0.7) ? 'female' : 'male');

  const late = random.between(11, 14);
  const plantAcknowledgement = (plant: 'breach' | 'nearMiss', days: number) => {
    return (person: Person) =>
      ({ hired, acknowledged }: Arrived): void =>
        school[plant]({
          control: 'C02',
          rule: 'staff-acknowledged',
          subject: person.id,
          concerns: [school.id('act', 'polozhenie'), school.id('act', 'order')],
          about: `Somebody who was hired signs for the acts ${days} working days later.`,
          opened: hired,
          due: clock.inWorkingDays(hired.at, 10),
          ended: acknowledged,
        });
  };
  const plantJoin = (plant: 'breach' | 'nearMiss', days: number) => {
    return (person: Person) =>
      ({ hired, joined }: Arrived): void =>
        school[plant]({
          control: 'C06',
          rule: 'staff-room-joined',
          subject: person.id,
          concerns: [school.id('group', 'staff room')],
          about: `Somebody who was hired joins «Учительская» ${days} working days later.`,
          opened: hired,
          due: clock.inWorkingDays(hired.at, 5),
          ended: joined,
        });
  };
  const plantVerification = (plant: 'breach' | 'nearMiss', days: number) => {
    return (person: Person) =>
      ({ joined, verified }: Arrived): void =>
        school[plant]({
          control: 'C10',
          rule: 'verified-after-joining',
          subject: person.id,
          about: `A teacher is verified ${days} working days after joining.`,
          opened: joined,
          due: clock.inWorkingDays(joined.at, 5),
          ended: verified,
        });
  };
  const plans = [
    ['2025-10-13', { acknowledge: late }, plantAcknowledgement('breach', late)],
    ['2026-03-16', { acknowledge: 10 }, plantAcknowledgement('nearMiss', 10)],
    ['2025-11-10', { join: 7, acknowledge: 9 }, plantJoin('breach', 7)],
    ['2026-01-26', { join: 5, acknowledge: 6 }, plantJoin('nearMiss', 5)],
    ['2025-12-01', { verify: 8 }, plantVerification('breach', 8)],
    ['2026-02-02', { verify: 5 }, plantVerification('nearMiss', 5)],
  ] as const;
  plans.forEach(([from, arrival, plant], index) => {
    const person = newcomer(String(index));
    arrive(
      school,
      person,
      plusWorkingDays(from, random.between(0, 3)),
      `newcomer ${index}`,
      arrival,
      plant(person),
    );
  });
}

/** Dismissed before the winter, hired again in spring: joined and verified anew. Lessons go to somebody else meanwhile. */
function comeBack(school: School): void {
  const random = school.random('come back');
  const { classes, teachers } = school.population;
  const parents = new Set(school.population.families.flatMap((family) => family.parents));
  const leaver = teachers.find(
    (teacher) => !teacher.reserved && !parents.has(teacher) && teaches(classes, teacher),
  );
  const heir = teachers.find((teacher) => teacher !== leaver && !teacher.reserved && !parents.has(teacher));
  if (leaver === undefined || heir === undefined) return;
  leaver.reserved = true;
  const leaves = school.someDay('2025-12-08', '2025-12-12', random);
  dismiss(school, leaver, leaves, heir);
  school.later(school.clock.at(leaves, 11 * 60), () => {
    for (const course of classes.flatMap(({ courses }) => courses)) {
      if (course.teacher === leaver) course.teacher = heir;
    }
    approveLoad(school);
  });
  const returns = school.someDay('2026-04-13', '2026-04-22', random);
  school.later(school.clock.at(returns, 9 * 60), () => {
    leaver.gone = false;
  });
  arrive(school, leaver, returns, 'returned');
}

function teaches(classes: readonly ClassRoom[], person: Person): boolean {
  return classes.some(({ courses }) => courses.some(({ teacher }) => teacher === person));
}

/** A parent who came in as one is hired, and changes to the role of a teacher. */
function parentBecomesTeacher(school: School): void {
  const { clock } = school;
  const parent = at(reservePupil(school, school.classRoom(0), 'becomes teacher').family.parents, 0);
  const requestId = school.id('join request', 'parent');
  school.later(clock.at('2025-09-24', 10 * 60), () => {
    school.issue(school.admin, 'SubmitJoinRequest', {
      requestId,
      claimantId: parent.id,
      personClaim: {
        fullName: `${parent.name.surname} ${parent.name.name} ${parent.name.patronymic}`,
        role: 'parent',
      },
    });
  });
  school.later(clock.at('2025-09-25', 12 * 60), () => {
    school.issue(
      school.admin,
      'ApproveJoinRequest',
      { requestId, personId: parent.id, rosterMatch: 'exact' },
      ['JoinRequestApproved', 'MemberJoined'],
    );
    linkAccount(school, parent);
  });
  const day = school.someDay('2025-11-17', '2025-11-26', school.random('parent teacher'));
  arrive(school, parent, day, 'parent teacher');
  school.later(clock.at(day, 10 * 60), () => {
    school.issue(school.admin, 'ChangeMemberRole', {
      personId: parent.id,
      from: 'parent',
      to: 'teacher',
      basis: 'Приказ о приёме на работу',
    });
  });
}

/** C11: a class is without a class teacher for too long, another one until the last day. */
function classTeachers(school: School): void {
  const { clock } = school;
  const random = school.random('C11');
  const change = (classRoom: ClassRoom, day: string, days: number, plant: 'breach' | 'nearMiss'): void => {
    school.later(clock.at(day, 10 * 60), () => {
      const before = classRoom.curator;
      const heir = successor(school);
      school.issue(school.director, 'RecordMovement', {
        personId: before.id,
        kind: 'leave',
        orderRef: school.order(day, '-к'),
        effectiveAt: new Date(clock.at(day, 0)).toISOString(),
      });
      classRoom.curator = heir;
      approveDistribution(school);
      const opened = school.issue(school.admin, 'UnassignClassTeacher', {
        groupId: classRoom.groupId,
        reason: 'Длительный отпуск',
      });
      school.later(clock.at(plusWorkingDays(day, days), 16 * 60 + 10), () => {
        const ended = school.issue(school.admin, 'AssignClassTeacher', {
          groupId: classRoom.groupId,
          personId: heir.id,
        });
        for (const chat of [classRoom.pupilsChat, classRoom.parentsChat]) {
          if (chat !== undefined) handOver(school, chat, heir);
        }
        school[plant]({
          control: 'C11',
          rule: 'class-teacher-assigned',
          subject: classRoom.groupId,
          concerns: [before.id, heir.id],
          about: `A class is without a class teacher for ${days} working days.`,
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
        });
      });
    });
  };
  change(
    school.classRoom(1),
    school.someDay('2026-01-13', '2026-01-15', random),
    random.between(5, 6),
    'breach',
  );
  change(school.classRoom(0), school.someDay('2026-05-12', '2026-05-14', random), 3, 'nearMiss');
}

/** A teacher who leads no class and is free to. */
function successor(school: School): Person {
  const { classes, teachers } = school.population;
  const curators = new Set(classes.map(({ curator }) => curator));
  const parents = new Set(school.population.families.flatMap((family) => family.parents));
  const free = teachers.filter(
    (teacher) => !curators.has(teacher) && !teacher.reserved && !teacher.gone && !parents.has(teacher),
  );
  const heir = school.random('successor', school.today()).pick(free);
  heir.reserved = true;
  return heir;
}

/** C03: the office is empty until the last day in autumn, and for too long in winter. */
function administratorsOffice(school: School): void {
  const { clock } = school;
  const random = school.random('C03');
  const vacate = (reason: string): Issued => {
    const person = school.adminPerson();
    const revoked = school.issue(school.director, 'RevokeAdministrator', {
      personId: person.id,
      orderNo: school.orderNumber(),
      reason,
    });
    school.administrator = undefined;
    return revoked;
  };
  const appoint = (person: Person): Issued => {
    const appointed = school.issue(school.director, 'AppointAdministrator', {
      personId: person.id,
      orderNo: school.orderNumber(),
      orderDate: school.today(),
      phone: school.phone,
      email: 'administrator@school.example',
    });
    school.administrator = person;
    return appointed;
  };
  const planted = (opened: Issued, ended: Issued, days: number) => ({
    control: 'C03',
    rule: 'administrator-present',
    subject: school.organizationId,
    about: `There is no administrator by order for ${days} working days.`,
    opened,
    due: clock.inWorkingDays(opened.at, 3),
    ended,
  });

  const autumn = school.someDay('2025-10-06', '2025-10-15', random);
  school.later(clock.at(autumn, 9 * 60 + 30), () => {
    const person = school.adminPerson();
    const opened = vacate('Приказ оформлен с ошибкой');
    school.later(clock.at(plusWorkingDays(autumn, 3), 16 * 60 + 45), () => {
      school.nearMiss(planted(opened, appoint(person), 3));
    });
  });

  const winter = school.someDay('2026-02-02', '2026-02-06', random);
  const days = random.between(5, 7);
  school.later(clock.at(winter, 9 * 60 + 30), () => {
    const before = school.adminPerson();
    const opened = vacate('Перевод на другую должность');
    school.issue(LETOPIS, 'RecordAccessRevoked', {
      userId: before.id,
      role: 'platform_admin',
      by: school.population.director.id,
    });
    school.later(clock.at(plusWorkingDays(winter, days), 10 * 60), () => {
      const successor = at(school.additional, 0);
      const ended = appoint(successor);
      school.breach(planted(opened, ended, days));
      school.issue(school.director, 'RevokeAdditionalAdministrator', {
        personId: successor.id,
        reason: 'Назначен администратором приказом',
      });
      school.additional.shift();
      school.issue(LETOPIS, 'RecordAccessGranted', {
        userId: successor.id,
        role: 'platform_admin',
        by: school.population.director.id,
      });
    });
    school.later(clock.at(plusWorkingDays(winter, days + 1), 11 * 60), () => {
      school.issue(school.admin, 'RegisterAdministratorOnPlatform', {
        personId: school.adminPerson().id,
        phone: school.phone,
      });
    });
  });
}

/** One more additional administrator, for the summer. */
function additionalAdministrator(school: School): void {
  school.later(school.clock.at('2026-05-20', 14 * 60), () => {
    const person = school.classRoom(0).curator;
    school.additional.push(person);
    school.issue(school.admin, 'AssignAdditionalAdministrator', {
      personId: person.id,
      scope: 'Летний лагерь',
    });
  });
}
