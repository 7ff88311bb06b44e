import { isSchoolDay, plusDays, plusWorkingDays, schoolDayFrom, weekdayOf } from './calendar';
import { type ClassRoom, type Course, type Person } from './people';
import { asCurator, asTeacher, at, type School } from './school';
import { type Caller, type Issued } from './year';

const MINUTE = 60_000;
const LESSONS_FROM = '2025-09-08';
const LESSONS_TO = '2026-05-22';

/** What is planned for one session. */
interface Plan {
  readonly key: string;
  readonly kind: 'lesson' | 'event' | 'meeting' | 'parent_meeting';
  readonly day: string;
  readonly minutes: number;
  readonly planned: number;
  readonly by: Caller;
  readonly groupId?: string;
  readonly subject: string;
  readonly expected: () => readonly Person[];
  /** Only named for working meetings. */
  readonly participants?: readonly Person[];
  /** Whoever takes over where the one who planned it is gone by then. */
  readonly successor?: () => Caller;
  readonly cancelled?: string;
  /** The session is entered so many working days late. */
  readonly closedAfter?: number;
  readonly plant?: 'breach' | 'nearMiss';
}

/** Lessons, meetings, events and broadcasts: planned, held or cancelled, and entered on the same day. */
export function sessions(school: School): void {
  for (const classRoom of school.population.classes) {
    lessons(school, classRoom);
    meetingsOfParents(school, classRoom);
  }
  workingMeetings(school);
  broadcasts(school);
}

/** How long pupils of the grade may work at a screen, in minutes. */
function lessonOf(grade: number): number {
  if (grade <= 2) return 20;
  if (grade <= 4) return 25;
  return grade <= 9 ? 30 : 35;
}

function lessons(school: School, classRoom: ClassRoom): void {
  const random = school.random('lessons', classRoom.index);
  let turn = random.between(0, 2);
  for (let week = LESSONS_FROM; week <= LESSONS_TO; week = plusDays(week, 14)) {
    const day = schoolDayFrom(plusDays(week, random.between(0, 4)));
    if (day > LESSONS_TO) return;
    const course = at(classRoom.courses, turn % classRoom.courses.length);
    turn += 1;
    const key = `lesson ${classRoom.index} ${day} ${turn}`;
    lesson(school, classRoom, course, day, key, random.chance(0.06) ? 'Болезнь педагога' : undefined);
  }
  // C18: what was held is entered too late, or on the last day.
  const plant = ([undefined, 'breach', 'nearMiss'] as const)[classRoom.index + 1];
  if (plant === undefined) return;
  const from = plant === 'breach' ? '2026-02-09' : '2026-04-13';
  const day = school.someDay(from, plusDays(from, 9), school.random('C18'));
  lesson(school, classRoom, at(classRoom.courses, 2), day, `planted lesson ${plant}`, undefined, plant);
}

function lesson(
  school: School,
  classRoom: ClassRoom,
  course: Course,
  day: string,
  key: string,
  cancelled: string | undefined,
  plant?: 'breach' | 'nearMiss',
): void {
  const random = school.random('lesson', key);
  school.later(school.office(plusDays(day, -3), random), () => {
    const { teacher, subject } = course;
    schedule(school, {
      key,
      kind: 'lesson',
      day,
      minutes: random.between(13 * 60, 16 * 60),
      planned: lessonOf(classRoom.grade),
      by: asTeacher(teacher),
      groupId: classRoom.groupId,
      subject,
      expected: () => classRoom.pupils.filter(({ gone, consented }) => !gone && consented),
      successor: () => asTeacher(course.teacher),
      ...(cancelled !== undefined && { cancelled }),
      ...(plant !== undefined && { plant, closedAfter: plant === 'breach' ? random.between(3, 5) : 1 }),
    });
  });
}

function meetingsOfParents(school: School, classRoom: ClassRoom): void {
  const random = school.random('parents meeting', classRoom.index);
  for (const [index, from] of ['2025-09-24', '2025-12-02', '2026-03-02', '2026-05-05'].entries()) {
    const day = schoolDayFrom(plusDays(from, random.between(0, 6)));
    const kind = index === 2 ? 'event' : 'parent_meeting';
    school.later(school.office(plusDays(day, -5), random), () => {
      schedule(school, {
        key: `${kind} ${classRoom.index} ${index}`,
        kind,
        day,
        minutes: 18 * 60,
        planned: 60,
        by: asCurator(classRoom.curator),
        groupId: classRoom.groupId,
        subject: kind === 'event' ? 'Классный час: безопасность в сети' : 'Родительское собрание',
        expected: () =>
          kind === 'event'
            ? classRoom.pupils.filter(({ gone, consented }) => !gone && consented)
            : (classRoom.parentsChat?.members ?? []).filter(({ gone }) => !gone),
      });
    });
  }
}

function workingMeetings(school: School): void {
  const { deputies } = school.population;
  for (let day = '2025-09-08'; day <= '2026-06-15'; day = plusDays(day, 14)) {
    const held = isSchoolDay(day) || weekdayOf(day) === 1 ? day : plusDays(day, 1);
    if (!isSchoolDay(held)) continue;
    const random = school.random('meeting', held);
    school.later(school.clock.at(plusDays(held, -4), 10 * 60), () => {
      const participants = [...deputies, ...random.shuffled(school.staff).slice(0, 6)].filter(
        (person, index, all) =>
          all.indexOf(person) === index && person !== school.population.director && !person.gone,
      );
      schedule(school, {
        key: `meeting ${held}`,
        kind: 'meeting',
        day: held,
        minutes: 14 * 60 + 30,
        planned: 45,
        by: school.director,
        subject: 'Совещание при директоре',
        expected: () => participants,
        participants,
      });
    });
  }
}

function schedule(school: School, plan: Plan): void {
  const { clock } = school;
  const { key, kind, day, minutes, planned, by, groupId, subject, participants, cancelled } = plan;
  const random = school.random('session', key);
  const sessionId = school.id('session', key);
  const startsAt = clock.at(day, minutes);
  const format = random.chance(0.7) ? 'online' : 'hybrid';
  const substituted = kind === 'lesson' && random.chance(0.1);
  const opened = school.issue(by, 'ScheduleOnlineSession', {
    sessionId,
    kind,
    format,
    groupId,
    subject,
    startsAt: new Date(startsAt).toISOString(),
    plannedMinutes: planned,
    ...(kind === 'lesson' && { basis: substituted ? 'approved_change' : 'timetable' }),
    ...(substituted && { basisRef: 'Лист замещений' }),
    participantIds: participants?.map(({ id }) => id),
  });
  const isGone = (): boolean => !school.staff.some(({ id }) => id === by.id);
  if (cancelled !== undefined) {
    school.later(startsAt - 90 * MINUTE, () => {
      school.issue(isGone() ? (plan.successor?.() ?? by) : by, 'CancelOnlineSession', {
        sessionId,
        reason: cancelled,
      });
    });
    return;
  }
  const began = startsAt + random.between(0, 3) * MINUTE;
  const ended = startsAt + planned * MINUTE;
  const late = plan.closedAfter;
  const entered =
    late === undefined
      ? ended + random.between(5, 40) * MINUTE
      : clock.at(plusWorkingDays(day, late), 16 * 60 + 30);
  school.later(startsAt - MINUTE, () => {
    const keeper = isGone() ? plan.successor?.() : by;
    if (keeper !== undefined && keeper !== by) {
      school.issue(keeper, 'CancelOnlineSession', { sessionId, reason: 'Замена педагога, урок перенесён' });
      return;
    }
    const expected = plan.expected();
    const absent = expected.filter(() => random.chance(0.1));
    const present = expected.filter((person) => !absent.includes(person));
    school.later(entered, () => {
      school.issue(by, 'RecordSessionHeld', {
        sessionId,
        startedAt: new Date(began).toISOString(),
        endedAt: new Date(ended).toISOString(),
      });
      const attended = school.issue(by, 'RecordAttendance', {
        sessionId,
        ...(present.length > 0 && { present: present.map(({ id }) => id) }),
        ...(absent.length > 0 && { absent: absent.map(({ id }) => id) }),
      });
      plantedSession(school, plan, sessionId, { opened, ended: attended, startsAt });
    });
  });
}

function plantedSession(
  school: School,
  { plant, closedAfter = 0, by, groupId }: Plan,
  sessionId: string,
  { opened, ended, startsAt }: { opened: Issued; ended: Issued; startsAt: number },
): void {
  if (plant === undefined) return;
  school[plant]({
    control: 'C18',
    rule: 'session-closed',
    subject: sessionId,
    concerns: [by.id, ...(groupId === undefined ? [] : [groupId])],
    about: `A lesson is entered as held ${closedAfter} working days after it took place.`,
    opened,
    due: school.clock.inWorkingDays(startsAt, 1),
    ended,
  });
}

const BROADCASTS = [
  { topic: 'День знаний', day: '2025-09-01', minutes: 9 * 60 },
  { topic: 'День учителя', day: '2025-10-03', minutes: 13 * 60 },
  { topic: 'Новогодний концерт', day: '2025-12-26', minutes: 12 * 60 },
  { topic: 'Ярмарка проектов', day: '2026-03-20', minutes: 14 * 60, cancelled: 'Нет связи в актовом зале' },
  { topic: 'Последний звонок', day: '2026-05-26', minutes: 10 * 60 },
] as const;

function broadcasts(school: School): void {
  const { clock } = school;
  for (const broadcast of BROADCASTS) {
    const { topic, day, minutes } = broadcast;
    const random = school.random('broadcast', topic);
    const sessionId = school.id('broadcast', topic);
    const [startsAt, endsAt] = [clock.at(day, minutes), clock.at(day, minutes + 80)];
    const instant = (at: number): string => new Date(at).toISOString();
    school.later(clock.at(plusDays(day, -3), 15 * 60), () => {
      school.issue(school.admin, 'ScheduleBroadcast', {
        sessionId,
        topic,
        startsAt: instant(startsAt),
        endsAt: instant(endsAt),
      });
    });
    if ('cancelled' in broadcast) {
      school.later(startsAt - 60 * MINUTE, () => {
        school.issue(school.admin, 'CancelBroadcast', { sessionId, reason: broadcast.cancelled });
      });
      continue;
    }
    school.later(endsAt + 50 * MINUTE, () => {
      school.issue(school.admin, 'RecordBroadcastHeld', {
        sessionId,
        startedAt: instant(startsAt + 2 * MINUTE),
        endedAt: instant(endsAt - random.between(1, 9) * MINUTE),
        viewers: random.between(Math.ceil(school.parameters.pupils / 4), school.parameters.pupils),
      });
    });
  }
}
