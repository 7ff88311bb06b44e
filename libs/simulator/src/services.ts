import { HOUR, isWorkingDay, plusDays, plusWorkingDays, workingDayFrom } from './calendar';
import { createLink } from './chats';
import { reservePupil, spaciousClass } from './families';
import { fullName } from './names';
import { type Person } from './people';
import { asParent, asTeacher, at, type School } from './school';
import { type Caller, type Issued } from './year';

/** What the administrator does all year: channels, support, requests to join, links, statistics, guidance. */
export function services(school: School): void {
  channels(school);
  support(school);
  joinRequests(school);
  links(school);
  statistics(school);
  guidance(school);
  outages(school);
}

const PUBLICATIONS_TO = '2026-07-30';
const TOPICS = [
  'Расписание на неделю',
  'Итоги олимпиады',
  'Безопасность в сети',
  'Новости библиотеки',
  'Питание в столовой',
  'Спортивные секции',
] as const;

/** Two channels; something is published in each at least weekly, except once. */
function channels(school: School): void {
  const { clock } = school;
  const channel = (kind: 'general' | 'staff'): string => school.id('channel', kind);
  school.later(clock.at('2025-08-21', 12 * 60), () => {
    for (const [kind, title] of [
      ['general', 'Общий канал школы'],
      ['staff', 'Сотрудники'],
    ] as const) {
      school.issue(school.admin, 'RegisterSystemChannel', { channelId: channel(kind), kind, title });
    }
  });
  const publish = (kind: 'general' | 'staff', day: string, materialId?: string, title?: string): Issued =>
    school.issue(school.admin, 'PublishToChannel', {
      publicationId: school.id('publication', kind, day, materialId ?? ''),
      channelId: channel(kind),
      materialId,
      title: title ?? school.random('topic', kind, day).pick(TOPICS),
      url: `https://school.example/news/${day}`,
    });
  const random = school.random('C17');
  const missed = plusDays('2026-03-02', 5 * random.between(0, 1));
  for (const kind of ['general', 'staff'] as const) {
    let before: Issued | undefined;
    for (let day = '2025-08-22'; day <= PUBLICATIONS_TO; day = plusDays(day, 5)) {
      // A week without a publication, in one of the channels.
      const silent = kind === 'general' && missed <= day && day < plusDays(missed, 10);
      if (silent) continue;
      const published = isWorkingDay(day) || isWorkingDay(plusDays(day, -1)) ? lastWorked(day) : day;
      const after = kind === 'general' && plusDays(day, -15) < missed && missed <= plusDays(day, -10);
      school.later(clock.at(published, 12 * 60 + (kind === 'staff' ? 20 : 0)), () => {
        const issued = publish(kind, day);
        if (after && before !== undefined) {
          school.breach({
            control: 'C17',
            rule: 'published-weekly',
            subject: channel(kind),
            concerns: [school.organizationId],
            about: 'Nothing is published in the general channel for two weeks.',
            opened: before,
            due: clock.inDays(before.at, 7),
            ended: issued,
          });
        }
        before = issued;
      });
    }
  }
  school.later(clock.at('2025-11-07', 15 * 60), () => {
    school.issue(school.admin, 'WithdrawPublication', {
      publicationId: school.id('publication', 'staff', '2025-11-05', ''),
      reason: 'Ошибка в датах',
    });
  });
  materials(school, channel('general'), (day, materialId, title) =>
    publish('general', day, materialId, title),
  );
}

/** The day, or the one before it where that is worked and the day itself is not. */
function lastWorked(day: string): string {
  return isWorkingDay(day) ? day : plusDays(day, -1);
}

/** What the administration supplies is published within two days, except once. */
function materials(
  school: School,
  channelId: string,
  publish: (day: string, materialId: string, title: string) => Issued,
): void {
  const { clock } = school;
  const supply = (title: string, day: string, after: number, plant?: 'breach' | 'nearMiss'): void => {
    const materialId = school.id('material', title, day);
    school.later(clock.at(day, 11 * 60), () => {
      const opened = school.issue(school.asDeputy(), 'SubmitPublicationMaterial', {
        materialId,
        channelId,
        titleRu: title,
        dueAt: new Date(clock.endOf(plusWorkingDays(day, 2))).toISOString(),
      });
      const published = plusWorkingDays(day, after);
      school.later(clock.at(published, plant === 'nearMiss' ? 17 * 60 : 13 * 60), () => {
        const ended = publish(published, materialId, title);
        if (plant === undefined) return;
        school[plant]({
          control: 'C17',
          rule: 'material-published',
          subject: materialId,
          concerns: [channelId],
          about: `Material of the administration is published ${after} working days after it was supplied.`,
          opened,
          due: clock.inWorkingDays(opened.at, 2),
          ended,
        });
      });
    });
  };
  const random = school.random('materials');
  supply('Расписание осенних каникул', school.someDay('2025-10-13', '2025-10-22', random), 1);
  supply(
    'Итоги первого полугодия',
    school.someDay('2025-12-15', '2025-12-22', random),
    random.between(4, 6),
    'breach',
  );
  supply('Приём в первый класс', school.someDay('2026-03-24', '2026-03-30', random), 2, 'nearMiss');
  supply('Итоги учебного года', school.someDay('2026-05-18', '2026-05-26', random), 1);
}

const QUESTIONS = [
  ['Не приходит код для входа', 'Номер телефона исправлен, вход выполнен'],
  ['Не открывается чат класса', 'Приложение обновлено, чат открывается'],
  ['Не вижу дневник в учебном профиле', 'Показано, где открыть дневник'],
  ['Два профиля на одном телефоне', 'Лишний профиль удалён'],
] as const;

function support(school: School): void {
  const { clock } = school;
  const random = school.random('support');
  const help = (key: string, day: string, after: number, plant?: 'breach' | 'nearMiss'): void => {
    const requestId = school.id('support', key);
    const [topic, resolution] = random.pick(QUESTIONS);
    const { pupils } = random.pick(school.population.classes);
    const parent = at(random.pick(pupils).family.parents, 0);
    school.later(clock.at(day, random.between(9 * 60, 16 * 60)), () => {
      const opened = school.issue(asParent(parent), 'OpenSupportRequest', { requestId, topic });
      const resolved = clock.at(plusWorkingDays(day, after), plant === 'nearMiss' ? 17 * 60 : 16 * 60 + 10);
      school.later(resolved, () => {
        const ended = school.issue(school.admin, 'ResolveSupportRequest', { requestId, resolution });
        if (plant === undefined) return;
        school[plant]({
          control: 'C19',
          rule: 'request-resolved',
          subject: requestId,
          concerns: [parent.id],
          about: `A request for help is resolved after ${after} working days, and not handed on.`,
          opened,
          due: clock.inWorkingDays(opened.at, 2),
          ended,
        });
      });
    });
  };
  const count = Math.max(6, school.parameters.classes * 2);
  for (let index = 0; index < count; index += 1) {
    help(String(index), school.someDay('2025-09-08', '2026-06-10', random), random.between(0, 1));
  }
  help('late', school.someDay('2025-11-17', '2025-12-05', random), random.between(4, 6), 'breach');
  help('in time', school.someDay('2026-02-16', '2026-03-06', random), 2, 'nearMiss');
  for (let index = 0; index < 2; index += 1) {
    handOn(school, String(index), school.someDay('2025-10-06', '2026-04-24', random), random.between(2, 4));
  }
}

/** Too much for the school: the vendor is asked on the same day. */
function handOn(school: School, key: string, day: string, after: number): void {
  const { clock } = school;
  const requestId = school.id('support', 'handed on', key);
  const ticketId = school.id('ticket', key);
  school.later(clock.at(day, 10 * 60), () => {
    const curator = school.classRoom(Number(key)).curator;
    school.issue(asTeacher(curator), 'OpenSupportRequest', {
      requestId,
      topic: 'Трансляция прерывается у всего класса',
    });
    school.later(clock.at(day, 13 * 60), () => {
      school.issue(school.admin, 'OpenVendorTicket', { ticketId, supportRequestId: requestId });
    });
    school.later(clock.at(plusWorkingDays(day, after), 12 * 60), () => {
      school.issue(school.admin, 'RecordVendorAnswer', {
        ticketId,
        answer: 'Ошибка исправлена в обновлении',
      });
      school.issue(school.admin, 'ResolveSupportRequest', {
        requestId,
        resolution: 'Обновление установлено',
      });
    });
  });
}

/** Requests to join: parents of the roster, somebody whom nobody knows, and one under a former name. */
function joinRequests(school: School): void {
  const { clock } = school;
  const random = school.random('join requests');
  const submit = (requestId: string, claimant: Person | undefined, name: string): Issued =>
    school.issue(school.admin, 'SubmitJoinRequest', {
      requestId,
      claimantId: claimant?.id,
      personClaim: { fullName: name, role: 'parent' },
    });
  const APPROVED = ['JoinRequestApproved', 'MemberJoined'];
  const fromRoster = (key: string, day: string, after: number, plant?: 'breach' | 'nearMiss'): void => {
    const parent = at(
      reservePupil(school, spaciousClass(school, random), `request ${key}`).family.parents,
      0,
    );
    const requestId = school.id('join request', key);
    school.later(clock.at(day, 10 * 60 + 30), () => {
      const opened = submit(requestId, parent, fullName(parent.name));
      school.later(clock.at(plusWorkingDays(day, after), 16 * 60 + 20), () => {
        const payload = { requestId, personId: parent.id, rosterMatch: 'exact' };
        const ended = school.issue(school.admin, 'ApproveJoinRequest', payload, APPROVED);
        if (plant === undefined) return;
        school[plant]({
          control: 'C09',
          rule: 'request-decided',
          subject: requestId,
          concerns: [parent.id],
          about: `A request to join is decided after ${after} working days.`,
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
        });
      });
    });
  };
  const count = Math.max(2, Math.floor(school.parameters.classes / 4));
  for (let index = 0; index < count; index += 1) {
    fromRoster(String(index), school.someDay('2025-09-15', '2025-11-14', random), random.between(0, 2));
  }
  fromRoster('late', school.someDay('2025-10-13', '2025-10-22', random), random.between(5, 7), 'breach');
  fromRoster('in time', school.someDay('2025-11-10', '2025-11-19', random), 3, 'nearMiss');

  const stranger = school.someDay('2025-09-29', '2025-10-10', random);
  const requestId = school.id('join request', 'stranger');
  school.later(clock.at(stranger, 11 * 60), () => {
    submit(requestId, undefined, fullName(school.people.person('stranger', 'male').name));
    school.later(clock.at(plusWorkingDays(stranger, 1), 11 * 60), () => {
      school.issue(school.admin, 'RejectJoinRequest', {
        requestId,
        reason: 'В списках школы такого человека нет',
      });
    });
  });
  formerName(school);
}

/** C22: claimed under a former name; matched by hand, and the roster is put right on the same day. */
function formerName(school: School): void {
  const { clock } = school;
  const random = school.random('C22');
  const { family } = reservePupil(school, school.classRoom(1), 'former name');
  const parent = family.parents.find(({ gender }) => gender === 'female') ?? at(family.parents, 0);
  const requestId = school.id('join request', 'former name');
  const day = school.someDay('2025-11-24', '2025-12-03', random);
  school.later(clock.at(day, 10 * 60), () => {
    const claimed = { ...parent.name, surname: parent.gender === 'female' ? 'Вишневская' : 'Вишневский' };
    school.issue(school.admin, 'SubmitJoinRequest', {
      requestId,
      claimantId: parent.id,
      personClaim: { fullName: fullName(claimed), role: 'parent' },
    });
    school.later(clock.at(plusWorkingDays(day, 1), 10 * 60), () => {
      const payload = {
        requestId,
        personId: parent.id,
        rosterMatch: 'manual',
        reason: 'Фамилия изменена, документ предъявлен',
      };
      const opened = school.issue(school.admin, 'ApproveJoinRequest', payload, [
        'JoinRequestApproved',
        'MemberJoined',
      ]);
      parent.name = claimed;
      const ended = school.issue(school.admin, 'CorrectMemberData', {
        personId: parent.id,
        basis: 'Свидетельство о заключении брака предъявлено',
        fullName: fullName(claimed),
      });
      school.nearMiss({
        control: 'C22',
        rule: 'data-truthful',
        subject: parent.id,
        concerns: [requestId],
        about: 'A parent joins under a new surname; the roster is corrected at once.',
        opened,
        due: clock.inWorkingDays(opened.at, 3),
        ended,
      });
    });
  });
}

/** C08: links that nobody claims, and one that leaked. */
function links(school: School): void {
  const { clock } = school;
  const random = school.random('links');
  const unclaimed = (key: string, day: string, days: number, plant: 'breach' | 'nearMiss'): void => {
    const { groupId } = school.classRoom(0);
    school.later(clock.at(day, 11 * 60), () => {
      const terms = { role: 'student', days: 60, maxUses: 5, revoked: true } as const;
      const { id: linkId, created: opened } = createLink(
        school,
        school.admin,
        `unclaimed ${key}`,
        { groupId },
        terms,
      );
      school.later(clock.at(plusDays(day, days), 16 * 60 + 50), () => {
        const ended = school.issue(school.admin, 'RevokeInvitationLink', { linkId, reason: 'unclaimed' });
        school[plant]({
          control: 'C08',
          rule: 'unclaimed-revoked',
          subject: linkId,
          about: `A link that nobody used is revoked after ${days} days.`,
          opened,
          due: clock.inDays(opened.at, 14),
          ended,
        });
      });
    });
  };
  unclaimed('late', school.someDay('2025-10-27', '2025-11-07', random), random.between(18, 24), 'breach');
  unclaimed('in time', school.someDay('2026-04-06', '2026-04-10', random), 14, 'nearMiss');

  school.later(clock.at(school.someDay('2025-10-01', '2025-10-10', random), 13 * 60), () => {
    for (const reason of ['leaked', 'manual']) {
      const { groupId } = school.classRoom(1);
      const terms = { role: 'student', days: 7, maxUses: 5, revoked: true } as const;
      const link = createLink(school, school.admin, reason, { groupId }, terms);
      school.later(link.created.at + HOUR / 2, () => {
        school.issue(school.admin, 'RevokeInvitationLink', { linkId: link.id, reason });
      });
    }
  });
}

/** Months that statistics are reported on: from which day to which. */
const MONTHS = [
  ['2025-08-01', '2025-09-01', 3],
  ['2025-09-01', '2025-10-01', 2],
  ['2025-10-01', '2025-11-01', 5],
  ['2025-11-01', '2025-12-01', 3],
  ['2025-12-01', '2026-01-01', 5],
  ['2026-01-01', '2026-02-01', 3],
  ['2026-02-01', '2026-03-01', 4],
  ['2026-03-01', '2026-04-01', 9],
  ['2026-04-01', '2026-05-01', 5],
  ['2026-05-01', '2026-06-01', 2],
  ['2026-06-01', '2026-07-01', 3],
] as const;

function statistics(school: School): void {
  const { clock } = school;
  for (const [from, to, dayOfMonth] of MONTHS) {
    const reportId = school.id('usage report', from);
    const period = {
      periodFrom: new Date(clock.at(from, 0)).toISOString(),
      periodTo: new Date(clock.at(to, 0)).toISOString(),
    };
    const day = `${to.slice(0, 8)}0${dayOfMonth}`;
    school.later(clock.at(day, 12 * 60), () => {
      // In February the cabinet shows nothing.
      if (from === '2026-02-01') {
        school.issue(school.admin, 'DeclareStatisticsUnavailable', {
          ...period,
          reason: 'Раздел статистики в кабинете не открывается',
          evidenceRef: 'Снимок экрана в деле',
        });
        return;
      }
      school.issue(school.admin, 'CaptureUsageStatistics', {
        ...period,
        source: 'cabinet',
        metrics: metricsOf(school),
      });
      school.later(clock.at(day, 16 * 60), () => {
        const ended = school.issue(school.admin, 'SubmitUsageReport', { reportId, ...period });
        plantedReport(school, from, to, ended);
        school.remember(`report ${to}`, ended);
      });
      school.later(clock.at(workingDayFrom(plusDays(day, 1)), 9 * 60 + 30), () => {
        school.issue(school.director, 'AcknowledgeUsageReport', {
          reportId,
          resolution: 'Принято к сведению',
        });
      });
    });
  }
}

/** C20: in April the report is late, in November it comes on the last day. */
function plantedReport(school: School, from: string, to: string, ended: Issued): void {
  const plant = from === '2026-03-01' ? 'breach' : from === '2025-10-01' ? 'nearMiss' : undefined;
  if (plant === undefined) return;
  school[plant]({
    control: 'C20',
    rule: 'monthly-report',
    subject: school.organizationId,
    about: `The report on the month from ${from} comes after the fifth day, or on it.`,
    opened: school.remembered(plant === 'breach' ? 'report 2026-02-01' : `report ${from}`),
    due: school.clock.endOf(`${to.slice(0, 8)}05`),
    ended,
  });
}

function metricsOf(school: School) {
  const people = school.population.classes.flatMap(({ pupils }) => pupils).filter(({ gone }) => !gone);
  const parents = new Set(people.flatMap(({ family }) => family.parents));
  const linked = { student: 0, parent: 0 };
  for (const pupil of people) if (pupil.linked) linked.student += 1;
  for (const parent of parents) if (parent.linked) linked.parent += 1;
  const teacher = school.staff.length;
  const active = (count: number): number => Math.floor(count * 0.7);
  return {
    registered: { teacher, ...linked },
    verified: { teacher, student: 0, parent: 0 },
    weeklyActive: {
      teacher: active(teacher),
      student: active(linked.student),
      parent: active(linked.parent),
    },
  };
}

/** Instructions for each audience, and seminars for those who teach. */
function guidance(school: School): void {
  const { clock } = school;
  const publish = (audience: string, title: string): Issued =>
    school.issue(school.admin, 'PublishGuidance', {
      guidanceId: school.id('guidance', audience),
      title,
      audience,
      url: `https://school.example/guides/${audience}`,
    });
  school.later(clock.at('2025-08-21', 14 * 60), () => {
    const opened = publish('teacher', 'Как вести чат класса');
    publish('student', 'Как войти в учебный профиль');
    const late = school.someDay('2025-10-20', '2025-11-14', school.random('C32'));
    school.later(clock.at(late, 12 * 60), () => {
      const ended = publish('parent', 'Учебный профиль: что важно знать родителям');
      school.breach({
        control: 'C32',
        rule: 'guidance-for-each-audience',
        subject: school.organizationId,
        about: 'There is no instruction for parents until autumn (advisory: a right, no duty).',
        opened,
        due: clock.endOf('2025-08-31'),
        ended,
      });
      publish('all', 'Куда обратиться за помощью');
    });
  });
  const random = school.random('training');
  for (const person of school.population.staff) {
    const day = school.someDay('2025-10-27', '2026-03-27', random);
    school.later(school.office(day, random), () => {
      if (person.gone) return;
      school.issue(asTeacher(person), 'RecordTraining', {
        personId: person.id,
        topic: 'Учебный профиль в работе педагога',
        date: day,
        hours: random.between(1, 4),
        certificateRef: `Удостоверение № ${random.between(100, 999)}`,
      });
    });
  }
}

/** The platform does not answer now and then. */
function outages(school: School): void {
  const random = school.random('outages');
  for (let index = 0; index < 3; index += 1) {
    const day = school.someDay('2025-09-15', '2026-05-20', random);
    const from = school.clock.at(day, random.between(9 * 60, 13 * 60));
    const outageId = school.id('outage', index);
    const reporter: Caller = asTeacher(school.classRoom(index).curator);
    school.later(from + HOUR / 6, () => {
      school.issue(reporter, 'ReportOutage', {
        outageId,
        from: new Date(from).toISOString(),
        scope: 'Не открываются чаты',
      });
    });
    school.later(from + random.between(1, 3) * HOUR, () => {
      school.issueAt(reporter, 'EndOutage', (to) => ({ outageId, to }));
    });
  }
}
