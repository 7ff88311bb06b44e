import { plusWorkingDays, SCHOOL_YEAR, TERMS } from './calendar';
import { acceptLink, chatOf, createLink, linkAccount, register, sendLink } from './chats';
import { fullName } from './names';
import { type Person } from './people';
import { at, LETOPIS, type School } from './school';
import { acceptAgreement, acknowledgeActs, hire, requestVerification, STAFF_ROOM, verify } from './staff';
import { type Issued } from './year';

const LEGAL_BASIS = [
  '149-ФЗ «Об информации, информационных технологиях и о защите информации»',
  '273-ФЗ «Об образовании в Российской Федерации»',
  '152-ФЗ «О персональных данных»',
  'ПП РФ № 1241 от 13.07.2022',
  'ПП РФ № 1678 от 11.10.2023',
];

/** The days before the school year: acts, the administrator, the registration, the staff, the structure. */
export function founding(school: School): void {
  const { clock, population } = school;
  const { director, deputies, administrator, officer } = population;
  const head = [director, ...deputies, administrator, officer];
  const { phone } = school;
  const email = 'administrator@school.example';

  school.later(clock.at('2025-08-18', 9 * 60), () => {
    school.create();
    for (const person of head) hire(school, person);
    const orderNo = school.orderNumber();
    school.administrator = administrator;
    const appointed = school.issue(school.director, 'AppointAdministrator', {
      personId: administrator.id,
      orderNo,
      orderDate: '2025-08-18',
      phone,
      email,
    });
    for (const [person, role] of [
      [director, 'director'],
      ...deputies.map((deputy) => [deputy, 'deputy'] as const),
      [administrator, 'platform_admin'],
      [officer, 'pdn_officer'],
    ] as const) {
      school.issue(LETOPIS, 'RecordAccessGranted', { userId: person.id, role, by: director.id });
    }
    registration(school, appointed, { orderNo, phone, email });
  });

  acts(school);
  leadershipJoins(school, head);
  teachersArrive(school, head);
  structure(school);
  studyTerms(school);
  headChats(school);
}

function registration(
  school: School,
  appointed: Issued,
  { orderNo, phone, email }: { readonly orderNo: string; readonly phone: string; readonly email: string },
): void {
  const { clock, population } = school;
  const { administrator } = population;
  const apply = (message: string): void => {
    school.issue(school.admin, 'RequestOrganizationRegistration', {
      applicantId: administrator.id,
      orderRef: `№ ${orderNo} от 18.08.2025`,
      orderFileSha256: school.sha256('order of appointment'),
      contact: { fullName: fullName(administrator.name), email, phone },
      emailMessageId: `<${school.id('message', message)}@school.example>`,
    });
  };
  school.later(clock.at('2025-08-18', 11 * 60 + 10), () => apply('first'));
  school.later(clock.at('2025-08-19', 14 * 60), () => {
    school.issue(school.admin, 'RecordRegistrationRejected', { reason: 'Приказ приложен без подписи' });
  });
  school.later(clock.at('2025-08-19', 15 * 60 + 30), () => apply('second'));
  school.later(clock.at('2025-08-20', 10 * 60 + 30), () => {
    const confirmed = school.issue(school.admin, 'RecordRegistrationConfirmed', {
      platformOrgId: `sferum-${school.random('platform').between(10_000, 99_999)}`,
    });
    const late = school.random('C05').between(6, 9);
    school.later(clock.at(plusWorkingDays('2025-08-20', late), 11 * 60 + 20), () => {
      const ended = profile(school);
      school.breach({
        control: 'C05',
        rule: 'profile-entered',
        subject: school.organizationId,
        about: `The profile is entered ${late} working days after the registration was confirmed, instead of five.`,
        opened: confirmed,
        due: clock.inWorkingDays(confirmed.at, 5),
        ended,
      });
    });
  });
  const late = school.random('C04').between(11, 13);
  school.later(clock.at(plusWorkingDays('2025-08-18', late), 12 * 60), () => {
    const ended = school.issue(school.admin, 'RegisterAdministratorOnPlatform', {
      personId: administrator.id,
      phone,
    });
    school.breach({
      control: 'C04',
      rule: 'administrator-registered',
      subject: school.organizationId,
      concerns: [administrator.id],
      about: `The administrator registers on the platform ${late} working days after the order, instead of ten.`,
      opened: appointed,
      due: clock.inWorkingDays(appointed.at, 10),
      ended,
    });
  });
}

function profile(school: School): Issued {
  const [, town = ''] = school.name.split('г. ');
  const number = /№ (\d+)/.exec(school.name)?.[1] ?? '';
  return school.issue(school.admin, 'UpdateOrganizationProfile', {
    shortName: `МБОУ СОШ № ${number}`,
    address: `г. ${town}, ул. Школьная, д. ${number}`,
    headId: school.population.director.id,
    phone: '+73460000000',
    email: 'school@school.example',
    site: 'https://school.example',
  });
}

const OPINIONS = [
  ['governing', '2025-08-18', 14 * 60],
  ['students', '2025-08-19', 12 * 60],
  ['staff', '2025-08-19', 16 * 60],
] as const;

function acts(school: School): void {
  const { clock } = school;
  const acts = ['polozhenie', 'order'] as const;
  const opinion = (act: string, council: string, date: string): Issued =>
    school.issue(school.director, 'RecordCouncilOpinion', {
      actId: school.id('act', act),
      council,
      protocolNo: String(school.random('protocol', council).between(1, 9)),
      date,
      opinion: 'agree',
    });
  for (const [council, date, minutes] of OPINIONS) {
    school.later(clock.at(date, minutes), () => {
      for (const act of acts) opinion(act, council, date);
    });
  }
  school.later(clock.at('2025-08-20', 14 * 60 + 5), () => {
    const [, ended] = acts.map((act) => opinion(act, 'parents', '2025-08-20')).reverse();
    school.later(clock.at('2025-08-20', 15 * 60), () => {
      const [opened] = acts.map((act) => issueAct(school, act));
      for (const act of acts) {
        school.issue(school.director, 'PutLocalActInForce', {
          actId: school.id('act', act),
          effectiveFrom: '2025-09-01',
        });
      }
      if (opened === undefined) return;
      school.nearMiss({
        control: 'C01',
        rule: 'opinions-before-issue',
        subject: school.id('act', 'polozhenie'),
        concerns: [school.organizationId],
        about: 'The council of parents gives its opinion less than an hour before the act is issued.',
        opened,
        ...(ended !== undefined && { ended }),
      });
    });
  });
  laterAct(school);
}

function issueAct(school: School, act: 'polozhenie' | 'order'): Issued {
  const title =
    act === 'polozhenie'
      ? 'Положение о применении сервисов взаимодействия ИКОП «Сферум» и учебного профиля MAX'
      : 'Об использовании ИКОП «Сферум» и учебного профиля мессенджера MAX';
  return school.issue(school.director, 'IssueLocalAct', {
    actId: school.id('act', act),
    kind: act,
    number: school.orderNumber(),
    date: '2025-08-20',
    titleRu: title,
    clausesVersion: '2025-08-20',
    legalBasis: LEGAL_BASIS,
    fileSha256: school.sha256('act', act),
  });
}

/** In winter an act is signed that the parents were not asked about, and has to be revoked. */
function laterAct(school: School): void {
  const random = school.random('C01');
  const day = school.someDay('2026-01-13', '2026-01-16', random);
  const actId = school.id('act', 'amendment');
  school.later(school.clock.at(day, 13 * 60), () => {
    for (const council of ['students', 'staff'] as const) {
      school.issue(school.director, 'RecordCouncilOpinion', {
        actId,
        council,
        protocolNo: '4',
        date: day,
        opinion: 'agree',
      });
    }
    const opened = school.issue(school.asDeputy(), 'RegisterLocalAct', {
      actId,
      kind: 'polozhenie',
      number: `${school.orderNumber()}-п`,
      date: day,
      titleRu: 'Изменения в Положение о применении сервисов взаимодействия',
      clausesVersion: day,
      legalBasis: LEGAL_BASIS,
      fileSha256: school.sha256('act', 'amendment'),
    });
    const revoked = plusWorkingDays(day, random.between(3, 6));
    school.later(school.office(revoked, random), () => {
      const ended = school.issue(school.director, 'RevokeLocalAct', {
        actId,
        reason: 'Протест прокурора: мнение совета родителей не учтено',
        byOrder: school.order(revoked),
      });
      school.breach({
        control: 'C01',
        rule: 'opinions-before-issue',
        subject: actId,
        concerns: [school.organizationId],
        about:
          'Amendments are signed without the opinion of the council of parents, and revoked upon a protest.',
        opened,
        ended,
      });
    });
  });
}

/** The head and those around it join as soon as there is «Учительская». */
function leadershipJoins(school: School, head: readonly Person[]): void {
  const { clock } = school;
  const random = school.random('leadership');
  school.later(clock.at('2025-08-20', 12 * 60), () => {
    const groupId = school.id('group', 'staff room');
    school.issue(school.admin, 'CreateGroup', { groupId, kind: 'staff_room', title: STAFF_ROOM });
    const link = createLink(
      school,
      school.admin,
      'head',
      { groupId },
      { role: 'teacher', days: 4, maxUses: head.length },
    );
    sendLink(school, school.admin, link, head);
    for (const person of head)
      joinAndVerify(school, person, () => acceptLink(school, link, person), '2025-08-21', random);
  });
  for (const person of head) {
    const day = school.someDay('2025-08-22', '2025-08-28', random);
    school.later(school.office(day, random), () => acknowledgeActs(school, person));
  }
}

/** Joins on the day, asks for verification soon after, and is verified on the next working day. */
function joinAndVerify(
  school: School,
  person: Person,
  join: () => Issued,
  day: string,
  random = school.random('join'),
): void {
  const joins = school.clock.at(day, random.between(9 * 60, 12 * 60));
  school.later(joins, () => {
    join();
    acceptAgreement(school, person, 'teacher');
    linkAccount(school, person);
  });
  school.later(joins + random.between(20, 180) * 60_000, () => requestVerification(school, person));
  const confirmed = school.clock.at(plusWorkingDays(day, 1), random.between(9 * 60, 13 * 60));
  school.later(confirmed, () => verify(school, person));
}

function teachersArrive(school: School, head: readonly Person[]): void {
  const { clock, population } = school;
  const random = school.random('teachers');
  const teachers = population.staff.filter((person) => !head.includes(person));
  school.later(clock.at('2025-08-25', 9 * 60 + 10), () => {
    for (const person of teachers) hire(school, person);
    const groupId = school.id('group', 'staff room');
    const terms = { role: 'teacher', days: 5, maxUses: teachers.length + 5 } as const;
    const link = createLink(school, school.admin, 'teachers', { groupId }, terms);
    sendLink(school, school.admin, link, teachers);
    // One whose papers did not show the status is refused once, and asks again.
    const refused = at(teachers, teachers.length - 1);
    for (const person of teachers) {
      const day = random.chance(0.6) ? '2025-08-25' : '2025-08-26';
      if (person === refused) refusedOnce(school, person, () => acceptLink(school, link, person));
      else joinAndVerify(school, person, () => acceptLink(school, link, person), day, random);
    }
  });
  for (const person of teachers) {
    const day = school.someDay('2025-08-27', '2025-09-02', random);
    school.later(school.office(day, random), () => acknowledgeActs(school, person));
  }
  school.later(clock.at('2025-08-29', 14 * 60), () => {
    for (const index of [1, 2]) {
      const person = at(teachers, teachers.length - 1 - index);
      person.reserved = true;
      school.additional.push(person);
      school.issue(school.admin, 'AssignAdditionalAdministrator', {
        personId: person.id,
        scope: index === 1 ? 'Классы 1–4' : 'Классы 5–11',
      });
    }
  });
}

function refusedOnce(school: School, person: Person, join: () => Issued): void {
  const { clock } = school;
  person.reserved = true;
  school.later(clock.at('2025-08-25', 11 * 60), () => {
    join();
    acceptAgreement(school, person, 'teacher');
    linkAccount(school, person);
    requestVerification(school, person);
  });
  school.later(clock.at('2025-08-25', 15 * 60), () => {
    school.issue(school.admin, 'RejectRole', {
      personId: person.id,
      reason: 'Сведения в системе относятся к прежнему месту работы',
    });
  });
  school.later(clock.at('2025-08-26', 10 * 60), () => requestVerification(school, person));
  school.later(clock.at('2025-08-27', 9 * 60 + 30), () => verify(school, person));
}

const CLUBS = {
  robotics: { kind: 'club', title: 'Робототехника' },
  theatre: { kind: 'club', title: 'Театральная студия' },
  choir: { kind: 'club', title: 'Хоровая студия' },
  chess: { kind: 'club', title: 'Шахматный клуб' },
  preparation: { kind: 'custom', title: 'Подготовка к школе' },
} as const;
const ROBOTICS_RENAMED = 'Клуб «Робототехника»';

function structure(school: School): void {
  const { clock, population } = school;
  const { classes } = population;
  const random = school.random('structure');
  const groupOf = (club: keyof typeof CLUBS): string => school.id('group', club);
  const create = (club: keyof typeof CLUBS): Issued =>
    school.issue(school.admin, 'CreateGroup', { groupId: groupOf(club), ...CLUBS[club] });
  const classGroups = classes.map(({ title }) => ({ kind: 'class', title }));

  school.later(clock.at('2025-08-25', 12 * 60), () => {
    school.issue(school.director, 'ApproveNomenclature', {
      schoolYear: SCHOOL_YEAR,
      groups: [...classGroups, ...Object.values(CLUBS)],
      orderRef: school.order('2025-08-25'),
    });
  });
  school.later(clock.at('2025-08-27', 9 * 60 + 5), () => {
    for (const { groupId, title } of classes) {
      school.remember(
        `group ${groupId}`,
        school.issue(school.admin, 'CreateGroup', { groupId, kind: 'class', title }),
      );
    }
    for (const club of ['robotics', 'theatre', 'preparation'] as const) create(club);
  });
  school.later(clock.at('2025-08-27', 15 * 60), () => approveLoad(school));
  school.later(clock.at('2025-08-28', 10 * 60), () => approveDistribution(school));
  for (const { groupId, curator } of classes) {
    const day = random.chance(0.6) ? '2025-08-28' : '2025-08-29';
    const minutes = day === '2025-08-28' ? random.between(11 * 60, 17 * 60) : random.between(9 * 60, 10 * 60);
    school.later(clock.at(day, minutes), () => {
      school.issue(school.admin, 'AssignClassTeacher', { groupId, personId: curator.id });
    });
  }
  // The nomenclature is revised before the structure has to stand.
  school.later(clock.at('2025-09-02', 10 * 60), () => {
    const { theatre, choir, chess } = CLUBS;
    const renamedRobotics = { kind: 'club', title: ROBOTICS_RENAMED };
    const opened = school.issue(school.director, 'ApproveNomenclature', {
      schoolYear: SCHOOL_YEAR,
      groups: [...classGroups, renamedRobotics, theatre, choir, chess],
      orderRef: school.order('2025-09-02'),
    });
    school.issue(school.admin, 'RenameGroup', { groupId: groupOf('robotics'), title: ROBOTICS_RENAMED });
    school.issue(school.admin, 'ArchiveGroup', {
      groupId: groupOf('preparation'),
      reason: 'Набор не состоялся',
    });
    const planted = (club: 'choir' | 'chess', ended: Issued, about: string) => ({
      control: 'C07',
      rule: 'approved-group-created',
      subject: school.organizationId,
      concerns: [groupOf(club)],
      about,
      opened,
      due: clock.endOf('2025-09-10'),
      ended,
    });
    school.later(clock.at('2025-09-10', 16 * 60 + 20), () => {
      school.nearMiss(
        planted('choir', create('choir'), 'A club of the nomenclature gets its group on the last day.'),
      );
    });
    const late = school.someDay('2025-09-15', '2025-09-19', school.random('C07'));
    school.later(clock.at(late, 11 * 60), () => {
      const ended = create('chess');
      school.breach(planted('chess', ended, 'A club of the nomenclature gets its group after 10 September.'));
    });
  });
}

/** The calendar of studies is in a series of orders of its own, so that the numbers of the others stay as they are. */
function studyTerms(school: School): void {
  school.later(school.clock.at('2025-08-26', 17 * 60), () => {
    school.issue(school.director, 'ApproveStudyTerms', {
      schoolYear: SCHOOL_YEAR,
      orderRef: '№ 1-у от 26.08.2025',
      terms: TERMS.map(([from, to]) => ({ from, to })),
    });
  });
}

/** Who leads which class now, by order of the director. */
export function approveDistribution(school: School): Issued {
  return school.issue(school.director, 'ApproveClassTeacherDistribution', {
    schoolYear: SCHOOL_YEAR,
    orderRef: school.order(school.today()),
    pairs: school.population.classes.map(({ groupId, curator }) => ({ groupId, personId: curator.id })),
  });
}

/** Who teaches what now. */
export function approveLoad(school: School): Issued {
  return school.issue(school.asDeputy(), 'ApproveTeachingLoad', {
    schoolYear: SCHOOL_YEAR,
    orderRef: school.order(school.today()),
    load: school.population.classes.flatMap(({ groupId, courses }) =>
      courses.map(({ subject, teacher }) => ({ groupId, subject, personId: teacher.id })),
    ),
  });
}

/** The chats of the head: with the deputies, with the teachers, and one for a task of the administration. */
function headChats(school: School): void {
  const { clock, population } = school;
  const { director, deputies } = population;
  const basis = 'Приказ об использовании ИКОП «Сферум»';
  const open = (kind: string, title: string, members: readonly Person[], purpose?: string): void => {
    const chat = chatOf(school, title, director, kind);
    register(school, chat, {
      kind,
      title,
      owner: director,
      by: school.director,
      basis,
      ...(purpose !== undefined && { purpose }),
    });
    const newcomers = members.filter((member) => !chat.members.includes(member));
    if (newcomers.length === 0) return;
    const link = createLink(
      school,
      school.admin,
      title,
      { chat },
      { role: 'teacher', days: 6, maxUses: newcomers.length },
    );
    sendLink(school, school.admin, link, newcomers);
    const random = school.random('head chat', kind);
    for (const person of newcomers) {
      const day = random.pick(['2025-09-02', '2025-09-03', '2025-09-04']);
      school.later(school.office(day, random), () => acceptLink(school, link, person));
    }
  };
  school.later(clock.at('2025-09-01', 14 * 60), () => {
    open('head_deputies', 'Директор и заместители', deputies);
    open('head_teachers', 'Директор и педагоги', population.staff);
    open('management', 'Рабочая группа аттестации', deputies, 'Подготовка аттестации педагогов');
  });
}
