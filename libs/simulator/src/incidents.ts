import { incidentOfViolation } from '@letopis/school';
import { HOUR, plusWorkingDays } from './calendar';
import { midOf, post } from './conversation';
import { reservePupil, spaciousClass } from './families';
import { type Chat, type Person, type Pupil } from './people';
import { asCurator, asParent, asPupil, at, type School } from './school';
import { type Issued, type Planted } from './year';

type Plant = 'breach' | 'nearMiss';

/** Violations of the rules of communication, and accounts that were taken over. */
export function incidents(school: School): void {
  ethics(school);
  unlawfulContent(school);
  collectedData(school);
  sharedAccounts(school);
  foreignMessengers(school);
  falseData(school);
  takenAccounts(school);
}

interface Report {
  readonly violationId: string;
  readonly opened: Issued;
  readonly pupil: Pupil;
  readonly chat: Chat;
  readonly curator: Person;
  readonly mid: string;
}

interface Occasion {
  readonly key: string;
  readonly classIndex: number;
  readonly day: string;
  /** Minutes after midnight. */
  readonly minutes: number;
  readonly kind: string;
  readonly description: string;
  /** By whom: a parent of the class, the pupil's own, or somebody who stays unknown. */
  readonly anonymous?: true;
}

/** Something is written in the chat of the class, and somebody reports it within the hour. */
function reported(school: School, occasion: Occasion, then: (report: Report) => void): void {
  const { key, classIndex, day, minutes, kind, description, anonymous } = occasion;
  const { clock } = school;
  const classRoom = school.classRoom(classIndex);
  const pupil = reservePupil(school, classRoom, key);
  school.later(clock.at(day, minutes) - 40 * 60_000, () => {
    const chat = classRoom.pupilsChat;
    if (chat === undefined) return;
    const mid = midOf(school, chat);
    post(school, chat, pupil, mid);
    school.later(clock.at(day, minutes), () => {
      const violationId = school.id('violation', key);
      const others = classRoom.pupils.filter((other) => other !== pupil && !other.gone && other.consented);
      const reporter = at(school.random('reporter', key).pick(others).family.parents, 0);
      const opened = school.issue(asParent(reporter), 'ReportViolation', {
        violationId,
        kind,
        subjectId: pupil.id,
        chatId: chat.id,
        mid,
        description,
        ...(anonymous === true && { anonymous }),
      });
      then({ violationId, opened, pupil, chat, curator: classRoom.curator, mid });
    });
  });
}

function preserve(school: School, { violationId, mid, curator }: Report): void {
  school.issue(asCurator(curator), 'PreserveContent', {
    violationId,
    mid,
    fileSha256: school.sha256('copy', mid),
  });
}

function takeDown(school: School, { violationId, mid, curator }: Report): Issued {
  school.issue(asCurator(curator), 'RequestRemoval', { violationId, mid, to: 'chat_owner' });
  return school.issue(asCurator(curator), 'RecordContentRemoved', { violationId, mid });
}

function confirm(
  school: School,
  { violationId, curator }: Report,
  basis = 'Сообщение в чате, объяснение ученика',
): Issued {
  return school.issue(asCurator(curator), 'ConfirmViolation', { violationId, basis });
}

function measure(school: School, { violationId, curator }: Report, kind: string): Issued {
  return school.issue(asCurator(curator), 'RecordMeasure', { violationId, kind, date: school.today() });
}

/** C25: most reports are reviewed within the day; one waits too long, one until the last hour. */
function ethics(school: School): void {
  const { clock } = school;
  const random = school.random('ethics');
  const insult = (key: string, from: string, to: string, after: number, plant?: Plant): void => {
    const day = school.someDay(from, to, random);
    const occasion: Occasion = {
      key: `ethics ${key}`,
      classIndex: spaciousClass(school, random).index,
      day,
      minutes: random.between(10 * 60, 15 * 60),
      kind: 'ethics',
      description: 'Оскорбление в чате класса',
      ...(key === '0' && { anonymous: true }),
    };
    reported(school, occasion, (report) => {
      preserve(school, report);
      const decided = clock.at(plusWorkingDays(day, after), plant === 'nearMiss' ? 17 * 60 : 16 * 60);
      school.later(Math.max(decided, school.moment() + HOUR / 2), () => {
        const dismissed = key === '1';
        const ended = dismissed
          ? school.issue(asCurator(report.curator), 'DismissViolation', {
              violationId: report.violationId,
              reason: 'Не подтвердилось: сообщение адресовано не ученику',
            })
          : confirm(school, report);
        if (!dismissed) {
          takeDown(school, report);
          measure(school, report, random.pick(['talk', 'warning', 'parents_informed']));
        }
        if (plant === undefined) return;
        school[plant]({
          control: 'C25',
          rule: 'report-reviewed',
          subject: report.violationId,
          concerns: [report.pupil.id, report.chat.id],
          about: `A report of an insult is reviewed ${after} working days later.`,
          opened: report.opened,
          due: clock.inWorkingDays(report.opened.at, 1),
          ended,
        });
      });
    });
  };
  const count = Math.max(2, Math.floor(school.parameters.classes / 6));
  for (let index = 0; index < count; index += 1) insult(String(index), '2025-09-22', '2026-05-15', 0);
  insult('late', '2025-11-05', '2025-11-14', random.between(3, 4), 'breach');
  insult('in time', '2026-03-02', '2026-03-06', 1, 'nearMiss');
}

/** C26: preserved first, then removed; within four hours, except once. */
function unlawfulContent(school: School): void {
  const random = school.random('unlawful content');
  const content = (key: string, from: string, to: string, minutes: number, plant?: Plant): void => {
    const day = school.someDay(from, to, random);
    const occasion: Occasion = {
      key: `content ${key}`,
      classIndex: spaciousClass(school, random).index,
      day,
      minutes: 9 * 60 + 30,
      kind: 'unlawful_content',
      description: 'Чужая фотография с унизительной подписью',
    };
    reported(school, occasion, (report) => {
      school.later(report.opened.at + 20 * 60_000, () => preserve(school, report));
      school.later(report.opened.at + minutes * 60_000, () => {
        const ended = takeDown(school, report);
        confirm(school, report);
        measure(school, report, key === 'late' ? 'kdn' : 'parents_informed');
        if (plant === undefined) return;
        school[plant]({
          control: 'C26',
          rule: 'content-removed',
          subject: report.violationId,
          concerns: [report.pupil.id, report.chat.id],
          about: `Unlawful content is removed ${minutes} minutes after the report, instead of 240.`,
          opened: report.opened,
          due: report.opened.at + 4 * HOUR,
          ended,
        });
      });
    });
  };
  content('usual', '2025-10-06', '2025-10-17', 90);
  content('late', '2025-12-08', '2025-12-19', random.between(420, 540), 'breach');
  content('in time', '2026-04-13', '2026-04-24', 232, 'nearMiss');
}

/** Others' data collected in the chat: an incident by itself, told to the regulator in time (C24, C26). */
function collectedData(school: School): void {
  const day = school.someDay('2026-02-16', '2026-02-20', school.random('collected data'));
  const occasion: Occasion = {
    key: 'collected data',
    classIndex: 1,
    day,
    minutes: 10 * 60,
    kind: 'pdn_collection',
    description: 'Анкета с адресами и телефонами одноклассников',
  };
  reported(school, occasion, (report) => {
    const { opened, violationId, curator } = report;
    school.later(opened.at + HOUR / 2, () => preserve(school, report));
    school.later(opened.at + 1.5 * HOUR, () => {
      takeDown(school, report);
      school.issue(
        asCurator(curator),
        'ConfirmViolation',
        { violationId, basis: 'Анкета сохранена, автор объяснил' },
        ['ViolationConfirmed', 'IncidentRegistered'],
      );
      measure(school, report, 'talk');
    });
    notify(school, incidentOfViolation(violationId), opened.at, { assess: 4, initial: 5, findings: 47 });
  });
}

interface Hours {
  readonly assess: number;
  readonly initial: number;
  readonly findings: number;
}

/** The officer assesses, tells the regulator twice, and the incident is closed a day later. All hours after detection. */
function notify(
  school: School,
  incidentId: string,
  detectedAt: number,
  { assess, initial, findings }: Hours,
  then?: (initialNotice: Issued) => void,
): void {
  school.later(detectedAt + assess * HOUR, () => {
    school.issue(school.officer, 'AssessPdnImpact', {
      incidentId,
      pdnAffected: true,
      categories: ['фамилия, имя', 'номер телефона', 'переписка'],
      subjectsCount: school.random('affected', incidentId).between(10, 40),
      harm: 'Посторонние могли прочитать сведения об учениках',
    });
  });
  const reference = (part: number): string =>
    `77-2026-${school.random('rkn', incidentId, part).between(100_000, 999_999)}`;
  school.later(detectedAt + initial * HOUR, () => {
    const notice = { incidentId, notice: 'initial', rknRef: reference(1) };
    const authorisedPersonId = school.population.officer.id;
    const issued = school.issue(school.officer, 'NotifyRegulator', { ...notice, authorisedPersonId }, [
      'RegulatorInitialNoticeSent',
    ]);
    then?.(issued);
  });
  school.later(detectedAt + findings * HOUR, () => {
    school.issue(school.officer, 'CompleteInvestigation', {
      incidentId,
      conclusion: 'Установлено, кто и как получил доступ к сведениям',
      causes: 'Правила обращения с чужими данными не были разъяснены',
    });
    school.issue(
      school.officer,
      'NotifyRegulator',
      { incidentId, notice: 'findings', rknRef: reference(2) },
      ['RegulatorFindingsNoticeSent'],
    );
  });
  school.later(detectedAt + (findings + 24) * HOUR, () =>
    school.issue(school.director, 'CloseIncident', { incidentId }),
  );
}

/** C27: an account in others' hands is contained, and answered with a measure; within a day, except once. */
function sharedAccounts(school: School): void {
  const { clock } = school;
  const random = school.random('C27');
  const shared = (key: string, from: string, to: string, after: number, plant: Plant): void => {
    const day = school.someDay(from, to, random);
    const occasion: Occasion = {
      key: `shared ${key}`,
      classIndex: spaciousClass(school, random).index,
      day,
      minutes: 10 * 60,
      kind: 'account_sharing',
      description: 'С аккаунта пишет другой ученик с согласия владельца',
    };
    reported(school, occasion, (report) => {
      const { opened, pupil, violationId, chat } = report;
      school.later(opened.at + HOUR, () => confirm(school, report));
      school.later(opened.at + after * HOUR, () => {
        const incidentId = school.id('incident', 'shared', key);
        school.issue(school.admin, 'ReportUnauthorizedAccess', {
          incidentId,
          affectedPersonId: pupil.id,
          detectedAt: new Date(school.moment() - 10 * 60_000).toISOString(),
          circumstances: 'Аккаунт передан другому ученику',
        });
        school.issue(school.admin, 'RegisterIncident', {
          incidentId,
          kind: 'other',
          clauseIds: ['4.6.3'],
          detectedAt: new Date(school.moment() - 10 * 60_000).toISOString(),
          severity: 'medium',
        });
        school.issue(school.admin, 'ContainAccount', { incidentId, actions: ['sessions_ended', 'password'] });
        const ended = measure(school, report, 'parents_informed');
        school.later(clock.at(plusWorkingDays(school.today(), 1), 12 * 60), () => settle(school, incidentId));
        school[plant]({
          control: 'C27',
          rule: 'account-contained',
          subject: violationId,
          concerns: [pupil.id, incidentId, chat.id],
          about: `A shared account is contained, and a measure taken, ${after} hours after the report.`,
          opened,
          due: opened.at + 24 * HOUR,
          ended,
        });
      });
    });
  };
  shared('late', '2025-10-20', '2025-10-22', 49, 'breach');
  shared('in time', '2026-01-26', '2026-01-28', 23, 'nearMiss');
}

/** No personal data were affected: investigated, given back and closed. */
function settle(school: School, incidentId: string): void {
  school.issue(school.officer, 'AssessPdnImpact', {
    incidentId,
    pdnAffected: false,
    categories: [],
    subjectsCount: 0,
    harm: 'Вреда нет',
  });
  school.issue(school.officer, 'CompleteInvestigation', {
    incidentId,
    conclusion: 'Доступ прекращён, чужих данных никто не получил',
    causes: 'Ученику не разъяснили, что аккаунт не передают',
  });
  school.issue(school.admin, 'RestoreAccount', { incidentId });
  school.issue(school.director, 'CloseIncident', { incidentId });
}

/** C30: a chat in a foreign messenger is closed within three days, except once; another report is unfounded. */
function foreignMessengers(school: School): void {
  const { clock } = school;
  const random = school.random('C30');
  const foreign = (
    key: string,
    from: string,
    to: string,
    decides: number,
    acts: number,
    plant: Plant,
  ): void => {
    const day = school.someDay(from, to, random);
    const classRoom = spaciousClass(school, random);
    const { parents } = reservePupil(school, classRoom, `foreign ${key}`).family;
    school.later(clock.at(day, 12 * 60), () => {
      const violationId = school.id('violation', 'foreign', key);
      const teacher = at(classRoom.courses, 0).teacher;
      const opened = school.issue(asParent(at(parents, 0)), 'ReportViolation', {
        violationId,
        kind: 'foreign_platform',
        subjectId: teacher.id,
        description: 'Задания по предмету присылают в другой мессенджер',
      });
      const decider = asCurator(classRoom.curator);
      school.later(clock.at(plusWorkingDays(day, decides), 15 * 60), () => {
        school.issue(decider, 'ConfirmViolation', { violationId, basis: 'Объяснение педагога' });
      });
      school.later(clock.at(plusWorkingDays(day, acts), 16 * 60 + 30), () => {
        const ended = school.issue(decider, 'RecordMeasure', {
          violationId,
          kind: 'warning',
          date: school.today(),
        });
        school[plant]({
          control: 'C30',
          rule: 'foreign-chat-closed',
          subject: violationId,
          concerns: [teacher.id],
          about: `A chat in a foreign messenger is closed ${acts} working days after it was reported.`,
          opened,
          due: clock.inWorkingDays(opened.at, 3),
          ended,
          related: plant === 'breach' ? ['C25'] : [],
        });
      });
    });
  };
  foreign('late', '2025-12-01', '2025-12-05', 4, 6, 'breach');
  foreign('in time', '2026-04-06', '2026-04-10', 1, 3, 'nearMiss');

  const { parents } = reservePupil(school, school.classRoom(0), 'foreign unfounded').family;
  const day = school.someDay('2025-10-13', '2025-10-17', random);
  school.later(clock.at(day, 11 * 60), () => {
    const violationId = school.id('violation', 'foreign', 'unfounded');
    school.issue(asParent(at(parents, 0)), 'ReportViolation', { violationId, kind: 'foreign_platform' });
    school.later(clock.at(day, 15 * 60), () => {
      school.issue(school.asDeputy(), 'DismissViolation', {
        violationId,
        reason: 'Это личный чат родителей',
      });
    });
  });
}

/** C22: somebody registered under a name that is not theirs, and stays under it for too long. */
function falseData(school: School): void {
  const { clock } = school;
  const random = school.random('C22 false');
  const day = school.someDay('2026-03-10', '2026-03-13', random);
  const classRoom = school.classRoom(0);
  const pupil = reservePupil(school, classRoom, 'false data');
  const [decides, corrects] = [random.between(4, 5), 6];
  school.later(clock.at(day, 12 * 60), () => {
    const violationId = school.id('violation', 'false data');
    const opened = school.issue(asCurator(classRoom.curator), 'ReportViolation', {
      violationId,
      kind: 'false_data',
      subjectId: pupil.id,
      description: 'Имя в профиле не совпадает со списком класса',
    });
    school.later(clock.at(plusWorkingDays(day, decides), 14 * 60), () => {
      school.issue(school.asDeputy(), 'ConfirmViolation', {
        violationId,
        basis: 'Сверка профиля со списком',
        heardAt: new Date(school.moment() - 2 * HOUR).toISOString(),
        explanation: 'Профиль завёл старший брат',
      });
    });
    school.later(clock.at(plusWorkingDays(day, corrects), 14 * 60), () => {
      const { surname, name, patronymic } = pupil.name;
      const ended = school.issue(school.admin, 'CorrectMemberData', {
        personId: pupil.id,
        basis: 'Сверка со списком класса',
        fullName: `${surname} ${name} ${patronymic}`,
      });
      school.breach({
        control: 'C22',
        rule: 'data-truthful',
        subject: pupil.id,
        concerns: [violationId],
        about: `False data of a profile are corrected ${corrects} working days after they were reported.`,
        opened,
        due: clock.inWorkingDays(opened.at, 3),
        ended,
        related: ['C25'],
      });
    });
  });
}

/** C23, C24: accounts that were taken over, reported, contained, and told to the regulator. */
function takenAccounts(school: School): void {
  const { clock } = school;
  const random = school.random('taken accounts');
  interface Case {
    readonly key: string;
    readonly from: string;
    readonly to: string;
    /** Hours from the detection to the report, and from the report to containment. */
    readonly reported: number;
    readonly contained: number;
    readonly notices?: Hours;
    readonly planted: (facts: {
      readonly incidentId: string;
      readonly pupil: Pupil;
      readonly detectedAt: number;
      readonly report: Issued;
      readonly containment: Issued;
      readonly initial?: Issued;
    }) => void;
  }
  const taken = ({ key, from, to, reported: hours, contained, notices, planted }: Case): void => {
    const day = school.someDay(from, to, random);
    const classRoom = spaciousClass(school, random);
    const pupil = reservePupil(school, classRoom, `taken ${key}`);
    const incidentId = school.id('incident', key);
    const detectedAt = clock.at(day, 9 * 60 + 30);
    const detected = new Date(detectedAt).toISOString();
    school.later(detectedAt + hours * HOUR, () => {
      const caller = hours < 2 ? asPupil(pupil) : asParent(at(pupil.family.parents, 0));
      const report = school.issue(caller, 'ReportUnauthorizedAccess', {
        incidentId,
        affectedPersonId: pupil.id,
        detectedAt: detected,
        circumstances: 'С аккаунта рассылали ссылки, которых владелец не отправлял',
      });
      school.issue(school.admin, 'RegisterIncident', {
        incidentId,
        kind: 'unauthorized_access',
        clauseIds: ['4.5.2'],
        detectedAt: detected,
        severity: 'high',
      });
      school.later(report.at + contained * HOUR, () => {
        const actions = ['sessions_ended', 'password'];
        const containment = school.issue(school.admin, 'ContainAccount', { incidentId, actions });
        const facts = { incidentId, pupil, detectedAt, report, containment };
        if (notices === undefined) {
          school.later(containment.at + 2 * HOUR, () => settle(school, incidentId));
          planted(facts);
        } else {
          notify(school, incidentId, detectedAt, notices, (initial) => planted({ ...facts, initial }));
        }
      });
    });
  };
  const control = (id: string, rule: string, incidentId: string, pupil: Pupil, about: string) => ({
    control: id satisfies Planted['control'],
    rule,
    subject: incidentId,
    concerns: [pupil.id],
    about,
  });
  const containment = (plant: Plant, contained: number): Case['planted'] => {
    return ({ incidentId, pupil, report, containment: ended }) =>
      school[plant]({
        ...control(
          'C23',
          'contained',
          incidentId,
          pupil,
          `An account is contained ${contained} hours after the report.`,
        ),
        opened: report,
        due: report.at + 4 * HOUR,
        ended,
      });
  };
  taken({
    key: 'usual',
    from: '2025-10-27',
    to: '2025-10-31',
    reported: 1,
    contained: 1,
    planted: () => undefined,
  });
  taken({
    key: 'contained late',
    from: '2025-11-24',
    to: '2025-11-28',
    reported: 1,
    contained: 7,
    planted: containment('breach', 7),
  });
  taken({
    key: 'contained in time',
    from: '2026-03-16',
    to: '2026-03-20',
    reported: 1,
    contained: 3.9,
    planted: containment('nearMiss', 3.9),
  });
  taken({
    key: 'reported late',
    from: '2025-12-15',
    to: '2025-12-17',
    reported: 30,
    contained: 1,
    planted: ({ incidentId, pupil, detectedAt, report }) =>
      school.breach({
        ...control(
          'C23',
          'reported',
          incidentId,
          pupil,
          'An account that was taken over is reported 30 hours after that was noticed.',
        ),
        opened: report,
        due: detectedAt + 24 * HOUR,
        ended: report,
      }),
  });
  const notified = (plant: Plant, hours: number): Case['planted'] => {
    return ({ incidentId, pupil, detectedAt, report, initial }) =>
      school[plant]({
        ...control(
          'C24',
          'regulator-initial',
          incidentId,
          pupil,
          `The regulator gets its first notice ${hours} hours after the detection.`,
        ),
        opened: report,
        due: detectedAt + 24 * HOUR,
        ...(initial !== undefined && { ended: initial }),
      });
  };
  taken({
    key: 'told late',
    from: '2026-01-20',
    to: '2026-01-21',
    reported: 1,
    contained: 2,
    notices: { assess: 6, initial: 29, findings: 53 },
    planted: notified('breach', 29),
  });
  taken({
    key: 'told in time',
    from: '2026-04-14',
    to: '2026-04-15',
    reported: 1,
    contained: 2,
    notices: { assess: 6, initial: 23.8, findings: 71 },
    planted: notified('nearMiss', 23.8),
  });
}
