import {
  ClassTeacherAssigned,
  ClassTeacherDistributionApproved,
  ClassTeacherUnassigned,
  GroupArchived,
  GroupCreated,
  MemberMovementRecorded,
} from '@letopis/school';
import { judge, changesAt, frameOf, marksOf } from '../evaluation';
import { productionCalendar } from '../calendar';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { classTeachersAssigned } from './c11-class-teachers';

const CLASS = idOf('5A');
const CREATED = '2023-09-04T07:00:00Z';

const created = (at: string, kind: 'class' | 'club' = 'class') =>
  happened(at, GroupCreated.of({ groupId: CLASS, kind, title: '5А' }));
const archived = (at: string) => happened(at, GroupArchived.of({ groupId: CLASS, reason: 'Выпуск' }));
const distributed = (at: string, name: string | undefined, schoolYear = '2025/2026') =>
  happened(
    at,
    ClassTeacherDistributionApproved.of({
      schoolYear,
      orderRef: '№ 326',
      pairs: [
        { groupId: idOf('5B'), personId: idOf('Galina') },
        ...(name === undefined ? [] : [{ groupId: CLASS, personId: idOf(name) }]),
      ],
    }),
  );
const assigned = (at: string, name = 'Maria') =>
  happened(at, ClassTeacherAssigned.of({ groupId: CLASS, personId: idOf(name), orderRef: '№ 326' }));
const unassigned = (at: string, name = 'Maria') =>
  happened(at, ClassTeacherUnassigned.of({ groupId: CLASS, personId: idOf(name), reason: 'Отпуск' }));
const movement = (at: string, kind: 'dismissed' | 'hired' | 'leave', name = 'Maria') =>
  happened(
    at,
    MemberMovementRecorded.of({ personId: idOf(name), kind, orderRef: '№ 12-к', effectiveAt: at }),
  );
const led = [created(CREATED), assigned('2023-09-04T08:00:00Z')];

/** When the judgement changes by time alone. */
function wakes(rule: string, asOf: string, ...happenings: readonly Happening[]): string | undefined {
  const declared = classTeachersAssigned.rules.find(({ id }) => id === rule);
  if (declared === undefined) throw new Error(`There is no rule ${rule}`);
  const marks = marksOf([classTeachersAssigned], history(...happenings)).filter((mark) => mark.rule === rule);
  const frame = frameOf({
    organizationId: ORGANIZATION,
    timeZone: 'Europe/Moscow',
    calendar: productionCalendar,
    asOf,
  });
  const findings = judge(classTeachersAssigned, declared, CLASS, marks, frame);
  return changesAt(classTeachersAssigned, declared, CLASS, marks, findings, frame);
}

describe('C11, a class has a class teacher within three working days', () => {
  deadlineTable(classTeachersAssigned, 'class-teacher-assigned', (since) => [...led, unassigned(since)], [
    ['an ordinary Tuesday', '2026-01-13T07:00:00Z', '2026-01-16T20:59:59.999Z'],
    ['before the New Year holidays', '2025-12-29T07:00:00Z', '2026-01-13T20:59:59.999Z'],
    ['before a leap day', '2024-02-28T07:00:00Z', '2024-03-04T20:59:59.999Z'],
    ['before a worked Saturday', '2025-10-30T07:00:00Z', '2025-11-05T20:59:59.999Z'],
    ['the last day of lessons', '2025-05-25T07:00:00Z', '2025-05-28T20:59:59.999Z'],
    [
      'the first day of lessons in Kamchatka',
      '2025-08-31T12:00:00Z',
      '2025-09-04T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  const VACANT = '2026-01-13T07:00:00Z';
  it.each([
    ['another one in the last instant', [assigned('2026-01-16T20:59:59.999Z', 'Vera')], ['fulfilled']],
    ['another one a second late', [assigned('2026-01-16T21:00:00Z', 'Vera')], ['fulfilled-late']],
    ['another one at once', [assigned(VACANT, 'Vera')], []],
    ['nobody, and the class is no more', [archived('2026-01-14T07:00:00Z')], ['cancelled']],
    ['nobody, and the class was long no more', [archived('2026-02-14T07:00:00Z')], ['remedied']],
    [
      'another one who leaves as well',
      [assigned('2026-01-14T07:00:00Z', 'Vera'), unassigned('2026-01-21T07:00:00Z', 'Vera')],
      ['fulfilled', 'overdue'],
    ],
  ])('given a class teacher who left, and then %s, then the findings are so', (_name, happenings, states) => {
    const events = history(...led, unassigned(VACANT), ...happenings);
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2026-03-01T00:00:00Z' });
    expect(statesOf(evaluation, 'class-teacher-assigned').slice(1)).toEqual(states);
  });

  it('given the class teacher is dismissed, then the class is without one from that day on', () => {
    const events = history(...led, movement('2026-01-13T07:00:00Z', 'dismissed'));
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2026-01-20T00:00:00Z' });
    const [, finding] = evaluation.findings;
    expect(finding).toMatchObject({
      state: 'overdue',
      subject: CLASS,
      since: '2026-01-13T07:00:00.000Z',
      evidence: [events[2]?.id, events[1]?.id],
    });
  });

  it.each([
    [
      'hired again',
      [movement('2026-01-13T07:00:00Z', 'dismissed'), movement('2026-01-14T07:00:00Z', 'hired')],
      ['fulfilled'],
    ],
    ['on leave', [movement('2026-01-13T07:00:00Z', 'leave')], []],
    ['not the one who is dismissed', [movement('2026-01-13T07:00:00Z', 'dismissed', 'Galina')], []],
  ])('given the class teacher is %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(classTeachersAssigned, history(...led, ...happenings), {
      asOf: '2026-03-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'class-teacher-assigned').slice(1)).toEqual(states);
  });

  it('given a group that is no class, then there is nothing to judge', () => {
    const evaluation = evaluateOver(classTeachersAssigned, history(created(CREATED, 'club')), {
      asOf: '2026-03-01T00:00:00Z',
    });
    expect(evaluation.status).toBe('no-evidence');
  });
});

describe('C11, in summer a class waits for the year to come', () => {
  const JULY = '2025-07-10T07:00:00Z';

  it.each([
    ['nothing is approved', [], '2025-08-31T20:59:59Z', []],
    ['nothing is approved until September', [], '2025-08-31T21:00:00Z', ['2025-08-31T21:00:00.000Z']],
    [
      'only the year before is approved',
      [distributed(JULY, 'Maria', '2024/2025')],
      '2025-08-30T00:00:00Z',
      [],
    ],
    [
      'the distribution leaves it out',
      [distributed('2025-08-28T07:00:00Z', undefined)],
      '2025-08-30T00:00:00Z',
      [],
    ],
    [
      'the distribution names it',
      [distributed('2025-08-28T07:00:00Z', 'Maria')],
      '2025-08-30T00:00:00Z',
      ['2025-08-28T07:00:00.000Z'],
    ],
    [
      'the distribution had named it',
      [distributed('2025-07-01T07:00:00Z', 'Maria')],
      '2025-08-30T00:00:00Z',
      ['2025-07-10T07:00:00.000Z'],
    ],
  ])('given a class of July, when %s, then the duty arises so', (_name, happenings, asOf, since) => {
    const events = history(created(JULY), ...happenings);
    const { findings } = evaluateOver(classTeachersAssigned, events, { asOf });
    expect(findings.map((finding) => finding.since)).toEqual(since);
  });

  it('given a class that has its teacher before September, then nothing was missing', () => {
    const events = history(created(JULY), assigned('2025-08-29T07:00:00Z'));
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2025-10-01T00:00:00Z' });
    expect([evaluation.findings, evaluation.status]).toEqual([[], 'compliant']);
  });

  it('given a class of July, then the first of September is awaited', () => {
    expect(wakes('class-teacher-assigned', '2025-07-11T00:00:00Z', created(JULY))).toBe(
      '2025-08-31T21:00:00.000Z',
    );
  });
});

describe('C11, the class teacher is as distributed', () => {
  const named = distributed('2023-09-01T07:00:00Z', 'Maria', '2023/2024');

  deadlineTable(
    classTeachersAssigned,
    'teacher-as-distributed',
    (since) => [named, ...led, distributed(since, 'Vera', `${since.slice(0, 4)}/2099`)],
    [
      ['an ordinary Monday', '2025-10-13T07:30:00Z', '2025-10-16T20:59:59.999Z'],
      ['before the New Year holidays', '2025-12-29T07:00:00Z', '2026-01-13T20:59:59.999Z'],
      ['in Kamchatka', '2025-10-13T13:00:00Z', '2025-10-17T11:59:59.999Z', 'Asia/Kamchatka'],
    ],
  );

  const CHANGED = '2025-10-13T07:30:00Z';
  it.each([
    [
      'changed in time',
      [unassigned('2025-10-14T07:00:00Z'), assigned('2025-10-14T08:00:00Z', 'Vera')],
      ['fulfilled'],
    ],
    [
      'changed late',
      [unassigned('2025-10-20T07:00:00Z'), assigned('2025-10-20T08:00:00Z', 'Vera')],
      ['remedied'],
    ],
    ['never changed', [], ['violated']],
    ['never changed, and the distribution is', [distributed('2025-10-20T07:00:00Z', 'Maria')], ['remedied']],
    ['never changed, and the class is no more', [archived('2025-10-14T07:00:00Z')], ['fulfilled']],
  ])(
    'given another is named and the class teacher is %s, then the findings are so',
    (_name, happenings, states) => {
      const events = history(named, ...led, distributed(CHANGED, 'Vera'), ...happenings);
      const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2025-11-01T00:00:00Z' });
      expect(statesOf(evaluation, 'teacher-as-distributed')).toEqual(states);
    },
  );

  it('given another is named, then the finding names both', () => {
    const events = history(named, ...led, distributed(CHANGED, 'Vera'));
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2025-11-01T00:00:00Z' });
    expect(findingOf(evaluation, 'teacher-as-distributed')).toMatchObject({
      subject: CLASS,
      what: `класс ведёт [[person:${idOf('Maria')}]], а по утверждённому распределению — [[person:${idOf('Vera')}]]`,
      evidence: [events[3]?.id, events[2]?.id],
    });
  });

  it.each([
    ['before the year begins', '2026-08-31T20:59:59.999Z', []],
    ['when it begins', '2026-08-31T21:00:00.000Z', ['2026-08-31T21:00:00.000Z']],
  ])(
    'given another is named for the year to come, %s, then it counts from its beginning',
    (_name, asOf, since) => {
      const events = history(named, ...led, distributed('2026-08-20T07:00:00Z', 'Vera', '2026/2027'));
      const { findings } = evaluateOver(classTeachersAssigned, events, { asOf });
      const own = findings.filter(({ rule }) => rule === 'teacher-as-distributed');
      expect(own.map((finding) => finding.since)).toEqual(since);
    },
  );

  it('given the teacher of the year to come is there before it begins, then nothing is wrong', () => {
    const events = history(
      named,
      ...led,
      distributed('2026-08-20T07:00:00Z', 'Vera', '2026/2027'),
      unassigned('2026-08-21T07:00:00Z'),
      assigned('2026-08-21T08:00:00Z', 'Vera'),
    );
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2026-10-01T00:00:00Z' });
    expect(statesOf(evaluation, 'teacher-as-distributed')).toEqual([]);
  });

  it('given the distribution of the year before comes in late, then that of this year holds', () => {
    const events = history(
      distributed('2025-09-02T07:00:00Z', 'Maria'),
      ...led,
      distributed('2025-09-03T07:00:00Z', 'Vera', '2024/2025'),
    );
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(statesOf(evaluation, 'teacher-as-distributed')).toEqual([]);
  });

  it('given a distribution of changes only, then nothing follows for the others', () => {
    const events = history(named, ...led, distributed(CHANGED, undefined));
    const evaluation = evaluateOver(classTeachersAssigned, events, { asOf: '2025-11-01T00:00:00Z' });
    expect(statesOf(evaluation, 'teacher-as-distributed')).toEqual([]);
  });

  it('given a distribution for the year to come, then its beginning is awaited', () => {
    const approved = distributed('2026-08-20T07:00:00Z', 'Vera', '2026/2027');
    expect(wakes('teacher-as-distributed', '2026-08-21T00:00:00Z', named, ...led, approved)).toBe(
      '2026-08-31T21:00:00.000Z',
    );
  });
});
