import { DAY, HOUR, inRussian, plusDays, plusWorkingDays, SCHOOL_YEAR, YEAR_ENDS } from './calendar';
import { destroy } from './movement';
import { giveConsent, reservePupil, spaciousClass } from './families';
import { asParent, at, LETOPIS, type School } from './school';
import { type Issued } from './year';

/** What the administration and Letopis itself watch over: checks, requests of data subjects, the log. */
export function supervision(school: School): void {
  checks(school);
  subjectRequests(school);
  log(school);
}

/** Checks through the year: never more than a month apart, and one at least in each month. */
const CHECKS = [
  ['2025-09-17', ['C13', 'C07'], '3.3.3', 'Чаты классов и структура групп'],
  ['2025-10-15', ['C08'], '3.1.10', 'Ссылки-приглашения'],
  ['2025-11-12', ['C14', 'C15'], '3.3.3a', 'Состав чатов классов'],
  ['2025-12-10', ['C18'], '3.4.4', 'Дистанционные занятия'],
  ['2025-12-26', ['C28'], 'X.1', 'Согласия и отказы'],
  ['2026-01-16', ['C10'], '3.3.2', 'Статус педагогов'],
  ['2026-02-13', ['C12'], '3.1.9', 'Движение контингента'],
  ['2026-03-13', ['C25', 'C26'], '4.5.3', 'Этика общения'],
  ['2026-04-09', ['C14'], '3.3.3b', 'Состав чатов родителей'],
  ['2026-05-07', ['C34'], '3.3.4', 'Коммуникация в чатах'],
  ['2026-06-04', ['C20'], '3.1.15', 'Статистические данные'],
  ['2026-07-02', ['C31'], 'X.2', 'Журнал событий'],
  ['2026-07-29', ['C08'], '3.1.10', 'Ссылки-приглашения перед новым годом'],
] as const;

/** C21. */
function checks(school: School): void {
  const { clock } = school;
  const random = school.random('C21');
  const late = random.between(3, 6);
  const spare = random.between(8, 10);
  school.later(clock.at('2025-09-05', 11 * 60), () => {
    school.issue(school.director, 'ApproveControlPlan', {
      schoolYear: SCHOOL_YEAR,
      orderRef: school.order('2025-09-05'),
      items: CHECKS.map(([day, controlIds, , topic], index) => ({
        controlIds: [...controlIds],
        dueAt: new Date(clock.at(plusDays(day, 1), 18 * 60)).toISOString(),
        responsibleId: school.deputy(index).id,
        topic,
      })),
    });
  });
  CHECKS.forEach(([day, controlIds, clauseId, topic], index) => {
    const checkId = school.id('check', index);
    const deputy = school.asDeputy(index);
    school.later(clock.at(plusDays(day, -8), 10 * 60), () => {
      school.issue(school.director, 'ScheduleCheck', {
        checkId,
        controlIds: [...controlIds],
        dueAt: new Date(clock.at(plusDays(day, 1), 18 * 60)).toISOString(),
        responsibleId: deputy.id,
        schoolYear: SCHOOL_YEAR,
        goal: `Проверка: ${topic.toLowerCase()}`,
        object: topic,
      });
    });
    school.later(clock.at(day, 15 * 60), () => {
      const checked = school.issue(deputy, 'CompleteCheck', {
        checkId,
        sampleSize: random.between(5, 60),
        methods: ['records', 'documents'],
      });
      if (index < CHECKS.length - 1)
        finding(school, { checkId, index, controlId: controlIds[0], clauseId, evidence: checked });
      const after =
        index === late
          ? spare
          : index === late + 1
            ? 5
            : index === CHECKS.length - 1
              ? 1
              : random.between(2, 4);
      report(school, {
        checkId,
        index,
        checked,
        after,
        planted: index === late ? 'breach' : index === late + 1 ? 'nearMiss' : undefined,
      });
    });
  });
  // In summer the channel of the staff may rest for a while.
  school.later(clock.at('2026-07-01', 10 * 60), () => {
    school.issue(school.director, 'GrantControlException', {
      controlId: 'C17',
      scope: school.id('channel', 'staff'),
      until: new Date(clock.at('2026-08-25', 0)).toISOString(),
      reason: 'В отпускной период канал сотрудников ведётся реже',
    });
  });
}

interface Finding {
  readonly checkId: string;
  readonly index: number;
  readonly controlId: string;
  readonly clauseId: string;
  /** An event that shows it. */
  readonly evidence: Issued;
}

/** Something small is found, somebody is to mend it within a week, and does. */
function finding(school: School, { checkId, index, controlId, clauseId, evidence }: Finding): void {
  const { clock } = school;
  const deputy = school.asDeputy(index);
  const findingId = school.id('finding', index);
  const day = school.today();
  const assignee = school.classRoom(index).curator;
  school.issue(deputy, 'RecordFinding', {
    checkId,
    findingId,
    controlId,
    clauseId,
    severity: index % 2 === 0 ? 'low' : 'medium',
    evidenceRefs: [evidence.cited.eventId],
    fact: 'Сведения внесены с опозданием',
    ...(index % 3 === 0 && { subjectId: assignee.id }),
  });
  school.issue(deputy, 'AssignRemediation', {
    checkId,
    findingId,
    assigneeId: assignee.id,
    dueAt: new Date(clock.endOf(plusWorkingDays(day, 5))).toISOString(),
    recommendation: 'Вносить сведения в день события',
  });
  school.later(clock.at(plusWorkingDays(day, 1), 11 * 60), () => {
    school.issue(deputy, 'CompleteRemediation', { checkId, findingId, evidenceRef: evidence.cited.eventId });
  });
}

function report(
  school: School,
  {
    checkId,
    index,
    checked,
    after,
    planted,
  }: {
    readonly checkId: string;
    readonly index: number;
    readonly checked: Issued;
    readonly after: number;
    readonly planted: 'breach' | 'nearMiss' | undefined;
  },
): void {
  const { clock } = school;
  const reportId = school.id('control report', index);
  const approved = plusWorkingDays(school.today(), after);
  school.later(clock.at(approved, 16 * 60 + 50), () => {
    const ended = school.issue(school.director, 'ApproveControlReport', {
      checkId,
      reportId,
      conclusions: 'Нарушения устранены, сведения вносятся в срок',
      acknowledgedBy: [school.deputy(index).id],
    });
    const curator = school.classRoom(index).curator;
    school.issue(school.director, 'AcknowledgeControlReport', { checkId, reportId, personId: curator.id });
    if (planted === undefined) return;
    school[planted]({
      control: 'C21',
      rule: 'report-approved',
      subject: checkId,
      concerns: [reportId, school.organizationId],
      about: `The report on a check is approved ${after} working days after the check.`,
      opened: checked,
      due: clock.inWorkingDays(checked.at, 5),
      ended,
    });
  });
}

/** C29: data are put right in time, except once; blocked, kept for an authority, and destroyed upon request. */
function subjectRequests(school: School): void {
  const { clock } = school;
  const random = school.random('C29');
  const request = (
    key: string,
    day: string,
    kind: string,
    then: (request: { requestId: string; opened: Issued; subjectId: string }) => void,
  ): void => {
    const pupil = reservePupil(school, spaciousClass(school, random), `request ${key}`);
    const declarant = at(pupil.family.parents, 0);
    school.later(clock.at(day, 11 * 60), () => {
      const requestId = school.id('subject request', key);
      const opened = school.issue(asParent(declarant), 'ReceiveSubjectRequest', {
        requestId,
        personId: declarant.id,
        onBehalfOf: pupil.id,
        kind,
      });
      then({ requestId, opened, subjectId: pupil.id });
    });
  };
  const rectify = (key: string, day: string, after: number, plant: 'breach' | 'nearMiss'): void =>
    request(key, day, 'rectify', ({ requestId, opened, subjectId }) => {
      school.later(clock.at(plusWorkingDays(day, after), 16 * 60 + 30), () => {
        const ended = school.issue(school.officer, 'RectifyPersonalData', {
          personId: subjectId,
          requestId,
          fields: ['фамилия'],
        });
        school[plant]({
          control: 'C29',
          rule: 'rectified',
          subject: requestId,
          concerns: [subjectId],
          about: `Personal data are put right ${after} working days after the request.`,
          opened,
          due: clock.inWorkingDays(opened.at, 7),
          ended,
        });
      });
    });
  rectify(
    'rectify late',
    school.someDay('2025-11-10', '2025-11-21', random),
    random.between(8, 10),
    'breach',
  );
  rectify('rectify in time', school.someDay('2026-03-10', '2026-03-20', random), 7, 'nearMiss');

  const blocked = school.someDay('2025-10-20', '2025-10-24', random);
  request('block', blocked, 'block', ({ requestId, subjectId }) => {
    const blockId = school.id('block', 'request');
    const block = { personId: subjectId, blockId };
    school.later(clock.at(plusWorkingDays(blocked, 1), 12 * 60), () => {
      school.issue(school.officer, 'BlockPersonalData', {
        ...block,
        basis: 'Запрос законного представителя',
        requestId,
      });
    });
    school.later(clock.at(plusWorkingDays(blocked, 8), 12 * 60), () => {
      school.issue(school.officer, 'UnblockPersonalData', { ...block, basis: 'Сведения уточнены' });
    });
  });

  const held = reservePupil(school, school.classRoom(1), 'legal hold');
  const hold = { personId: held.id, blockId: school.id('block', 'hold') };
  school.later(clock.at('2026-03-24', 12 * 60), () => {
    school.issue(school.officer, 'BlockPersonalData', {
      ...hold,
      basis: 'Запрос прокуратуры',
      legalHold: true,
    });
  });
  school.later(clock.at('2026-04-21', 12 * 60), () => {
    school.issue(school.officer, 'UnblockPersonalData', { ...hold, basis: 'Проверка завершена' });
  });

  // Somebody who never came: the data of the application are destroyed.
  const applicant = at(school.people.family('applicant', 1, [school.classRoom(0)]).parents, 0);
  const asked = school.someDay('2026-05-12', '2026-05-20', random);
  school.later(clock.at(asked, 11 * 60), () => {
    giveConsent(school, applicant);
    school.later(clock.at(plusWorkingDays(asked, 3), 11 * 60), () => {
      school.issue(school.officer, 'ReceiveSubjectRequest', {
        requestId: school.id('subject request', 'erase'),
        personId: applicant.id,
        kind: 'erase',
      });
      school.later(clock.at(plusWorkingDays(school.today(), 4), 15 * 60), () =>
        destroy(school, applicant.id, '2', 'Запрос субъекта персональных данных'),
      );
    });
  });
}

/** C31: the log is verified every night, except once, and once it is not as it was; and who looks into it is on record. */
function log(school: School): void {
  const { clock } = school;
  const random = school.random('C31');
  const missed = plusDays('2025-11-17', random.between(0, 10));
  const broken = plusDays('2026-01-26', random.between(0, 10));
  let position = 1_000;
  let before: Issued | undefined;
  for (let day = '2025-08-19'; day <= YEAR_ENDS; day = plusDays(day, 1)) {
    if (day === missed) continue;
    school.later(clock.at(day, 2 * 60 + 30), () => {
      const verified = school.issue(LETOPIS, 'RecordLogIntegrityVerified', {
        fromSeq: '1',
        toSeq: String(position),
        headHash: school.sha256('head', day),
      });
      position += 100;
      if (day === plusDays(missed, 1) && before !== undefined) {
        school.breach({
          control: 'C31',
          rule: 'verified-daily',
          subject: school.organizationId,
          about: 'The log is not verified for two days.',
          opened: before,
          due: clock.inDays(before.at, 1),
          ended: verified,
        });
      }
      if (day === plusDays(broken, 1)) {
        school.breach({
          control: 'C31',
          rule: 'log-intact',
          subject: school.organizationId,
          about: 'The log is not as it was written; it is found whole again by the next night.',
          opened: school.remembered('log broken'),
          ended: verified,
        });
      }
      before = verified;
    });
  }
  school.later(clock.at(broken, 14 * 60), () => {
    const expected = school.sha256('head', broken);
    school.remember(
      'log broken',
      school.issue(LETOPIS, 'RecordLogIntegrityViolated', {
        atSeq: String(position - 40),
        expected,
        actual: 'record is missing',
      }),
    );
  });
  readers(school);
  school.later(clock.at('2026-07-01', 3 * 60), () => {
    school.issue(LETOPIS, 'RecordRetentionApplied', {
      policyId: 'quarantine',
      cutoff: new Date(clock.at('2026-07-01', 0) - 366 * DAY).toISOString(),
      affected: 0,
    });
  });
}

function readers(school: School): void {
  const { clock, population } = school;
  const { director, deputies, officer } = population;
  const random = school.random('sign-ins');
  for (let day = '2025-09-01'; day <= YEAR_ENDS; day = plusDays(day, 7)) {
    for (const person of [director, ...deputies, officer]) {
      school.later(clock.at(day, random.between(8 * 60 + 30, 10 * 60)), () => {
        school.issue(LETOPIS, 'RecordSignIn', { userId: person.id, ip: '192.0.2.17' });
      });
    }
    if (random.chance(0.3)) {
      school.later(clock.at(day, random.between(10 * 60, 12 * 60)), () => {
        school.issue(LETOPIS, 'RecordSignInFailed', {
          attemptId: school.id('attempt', day),
          login: 'administrator',
          ip: '192.0.2.99',
          reason: 'wrong_secret',
        });
      });
    }
    school.later(clock.at(day, random.between(12 * 60, 14 * 60)), () => {
      const { pupils } = random.pick(population.classes);
      school.issue(LETOPIS, 'RecordPersonalDataViewed', {
        userId: officer.id,
        subjectIds: pupils.slice(0, 20).map(({ id }) => id),
        purpose: 'Журнал движения (F5)',
      });
    });
  }
  const packageId = school.id('package');
  const exported = school.someDay('2026-03-30', '2026-04-03', random);
  school.later(clock.at(exported, 15 * 60), () => {
    school.issue(LETOPIS, 'RecordEvidencePackageExported', {
      packageId,
      query: `Вступления и ссылки по ${inRussian(exported)}`,
      recordCount: random.between(100, 900),
      sha256: school.sha256('package'),
      signature: school.sha256('signature'),
      by: officer.id,
      recipient: 'Прокуратура района',
    });
    school.later(school.moment() + 20 * HOUR, () => {
      school.issue(school.officer, 'RecordEvidencePackageVerified', { packageId, result: 'intact' });
    });
  });
}
