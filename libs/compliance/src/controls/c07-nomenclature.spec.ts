import { GroupArchived, GroupCreated, GroupRenamed, NomenclatureApproved } from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  happened,
  type Happening,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { structureByNomenclature } from './c07-nomenclature';

const approved = (at: string, year: number, ...titles: readonly string[]) =>
  happened(
    at,
    NomenclatureApproved.of({
      schoolYear: `${year}/${year + 1}`,
      groups: titles.map((title) => ({ kind: 'class', title })),
      orderRef: '№ 325',
    }),
  );
const created = (at: string, title: string, kind: 'class' | 'club' | 'staff_room' = 'class') =>
  happened(at, GroupCreated.of({ groupId: idOf(title), kind, title }));
/** `of` is the title with which the group was created. */
const renamed = (at: string, of: string, from: string, to: string) =>
  happened(at, GroupRenamed.of({ groupId: idOf(of), from, to }));
const archived = (at: string, of: string) =>
  happened(at, GroupArchived.of({ groupId: idOf(of), reason: 'Выпуск' }));

const after = (happenings: readonly Happening[], asOf: string) =>
  evaluateOver(structureByNomenclature, history(...happenings), { asOf });

/** A year in which everything is as it should be. */
const YEAR = [
  approved('2025-08-25T09:00:00Z', 2025, '1А', '11А'),
  created('2025-08-27T09:00:00Z', '1А'),
  created('2025-08-27T09:00:00Z', '11А'),
];

describe('C07, the groups of the nomenclature are created', () => {
  const ofYear = (since: string) => Number(since.slice(0, 4)) - (since.slice(5) < '07' ? 1 : 0);

  deadlineTable(
    structureByNomenclature,
    'approved-group-created',
    (since) => [approved(since, ofYear(since), '5А')],
    [
      ['August', '2025-08-25T09:00:00Z', '2025-09-10T20:59:59.999Z'],
      ['August in Kamchatka', '2025-08-25T09:00:00Z', '2025-09-10T11:59:59.999Z', 'Asia/Kamchatka'],
      ['the Friday before the day', '2025-09-05T09:00:00Z', '2025-09-12T20:59:59.999Z'],
      ['a Saturday that is worked', '2025-10-30T06:00:00Z', '2025-11-07T20:59:59.999Z'],
      ['the New Year', '2025-12-29T06:00:00Z', '2026-01-15T20:59:59.999Z'],
      ['the leap day', '2024-02-22T06:00:00Z', '2024-03-01T20:59:59.999Z'],
    ],
  );

  it.each([
    ['created in the last second', [created('2025-09-10T20:59:59Z', '5А')], ['fulfilled']],
    ['created a second late', [created('2025-09-10T21:00:00Z', '5А')], ['fulfilled-late']],
    ['created as a group of another kind', [created('2025-08-27T09:00:00Z', '5А', 'club')], ['overdue']],
    [
      'dropped from the nomenclature',
      [approved('2025-09-02T09:00:00Z', 2025, '6А')],
      ['cancelled', 'overdue'],
    ],
    ['approved again', [approved('2025-09-02T09:00:00Z', 2025, '5А')], ['overdue']],
    [
      'another that was given its title',
      [created('2025-08-27T09:00:00Z', '5Б'), renamed('2025-09-02T09:00:00Z', '5Б', '5Б', '5А')],
      ['fulfilled'],
    ],
    [
      'there, and given another title before the day',
      [created('2025-08-27T09:00:00Z', '5А'), renamed('2025-09-02T09:00:00Z', '5А', '5А', '6А')],
      ['fulfilled', 'overdue'],
    ],
    [
      'there, and archived later in the year',
      [created('2025-08-27T09:00:00Z', '5А'), archived('2026-05-26T09:00:00Z', '5А')],
      ['fulfilled'],
    ],
  ])('given a group of the nomenclature is %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = after(
      [approved('2025-08-25T09:00:00Z', 2025, '5А'), ...happenings],
      '2026-06-01T00:00:00Z',
    );
    expect(statesOf(evaluation, 'approved-group-created')).toEqual(states);
  });

  it('given it is never created, then the year ends and with it the duty', () => {
    const events = [approved('2025-08-25T09:00:00Z', 2025, '5А')];
    const at = (asOf: string) => statesOf(after(events, asOf), 'approved-group-created');
    expect([at('2026-08-31T20:59:59.999Z'), at('2026-08-31T21:00:00Z')]).toEqual([['overdue'], ['remedied']]);
  });

  it.each([
    ['2026-06-30T20:59:59.999Z', []],
    ['2026-06-30T21:00:00.000Z', ['2026-09-10T20:59:59.999Z']],
  ])('given the next year is approved in June, when it is %s, then its groups are due so', (asOf, dues) => {
    const events = [approved('2026-06-10T09:00:00Z', 2026, '5А')];
    expect(after(events, asOf).findings.map(({ dueAt }) => dueAt)).toEqual(dues);
  });

  it('given the old first class goes on as the second, then a new first class is due', () => {
    const events = [
      ...YEAR,
      approved('2026-08-25T09:00:00Z', 2026, '1А', '2А'),
      renamed('2026-09-01T09:00:00Z', '1А', '1А', '2А'),
      archived('2026-09-01T09:05:00Z', '11А'),
    ];
    const missing = after(events, '2026-09-11T00:00:00Z').findings.filter(({ state }) => state === 'overdue');
    expect(missing.map(({ what, subject }) => [what, subject])).toEqual([
      [
        'создать группу «1А», которая есть в номенклатуре, утверждённой на 2026/2027 учебный год',
        ORGANIZATION,
      ],
    ]);
  });
});

describe('C07, every group is of the nomenclature of now', () => {
  it.each([
    ['of it', [], []],
    ['dropped from it, until now', [approved('2025-09-02T09:00:00Z', 2025, '11А')], ['violated']],
    [
      'dropped from it and archived in the last second',
      [approved('2025-09-02T09:00:00Z', 2025, '11А'), archived('2025-09-10T20:59:59Z', '1А')],
      ['fulfilled'],
    ],
    [
      'dropped from it and archived a second late',
      [approved('2025-09-02T09:00:00Z', 2025, '11А'), archived('2025-09-10T21:00:00Z', '1А')],
      ['remedied'],
    ],
    [
      'dropped from it and taken up again',
      [approved('2025-09-02T09:00:00Z', 2025, '11А'), approved('2025-09-03T09:00:00Z', 2025, '1А', '11А')],
      ['fulfilled'],
    ],
    ['«Учительская», which needs none', [created('2025-08-27T09:00:00Z', 'Учительская', 'staff_room')], []],
  ])('given a group is %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after([...YEAR, ...happenings], '2026-08-20T00:00:00Z'), 'group-approved')).toEqual(
      states,
    );
  });

  it('given groups without any nomenclature, then nothing is said of each', () => {
    expect(statesOf(after(YEAR.slice(1), '2026-08-20T00:00:00Z'), 'group-approved')).toEqual([]);
  });

  const NEXT = [...YEAR, approved('2026-08-25T09:00:00Z', 2026, '1А', '2А')];

  it.each([
    ['2026-08-31T20:59:59.999Z', []],
    ['2026-08-31T21:00:00.000Z', [['2026-08-31T21:00:00.000Z', '2026-09-10T20:59:59.999Z', 'open']]],
    ['2026-09-10T21:00:00.000Z', [['2026-08-31T21:00:00.000Z', '2026-09-10T20:59:59.999Z', 'violated']]],
  ])('given the next year has no such group, when it is %s, then it is so', (asOf, findings) => {
    const found = after(NEXT, asOf).findings.filter(({ rule }) => rule === 'group-approved');
    expect(found.map(({ since, dueAt, state }) => [since, dueAt, state])).toEqual(findings);
  });

  it('given a group got the title of the next year in August, then it is of both', () => {
    const events = [...NEXT, renamed('2026-08-28T09:00:00Z', '11А', '11А', '2А')];
    expect(statesOf(after(events, '2026-10-01T00:00:00Z'), 'group-approved')).toEqual([]);
  });

  it('given the next nomenclature came late, then the groups that are not of it have five working days', () => {
    const events = [...YEAR, approved('2026-10-05T09:00:00Z', 2026, '1А')];
    expect(findingOf(after(events, '2026-10-06T00:00:00Z'), 'group-approved')).toMatchObject({
      subject: idOf('11А'),
      state: 'open',
      dueAt: '2026-10-12T20:59:59.999Z',
    });
  });
});

describe('C07, every year with groups has a nomenclature', () => {
  it.each([
    ['2026-08-31T20:59:59.999Z', []],
    ['2026-08-31T21:00:00.000Z', ['open']],
    ['2026-09-10T21:00:00.000Z', ['overdue']],
    ['2027-08-31T21:00:00.000Z', ['remedied', 'open']],
  ])('given none for the next, when it is %s, then it is so', (asOf, states) => {
    expect(statesOf(after(YEAR, asOf), 'nomenclature-approved')).toEqual(states);
  });

  it.each([
    ['in August', [approved('2026-08-25T09:00:00Z', 2026, '1А')], []],
    ['in the last second', [approved('2026-09-10T20:59:59Z', 2026, '1А')], ['fulfilled']],
    ['a second late', [approved('2026-09-10T21:00:00Z', 2026, '1А')], ['fulfilled-late']],
    [
      'never, with all groups archived by then',
      [archived('2026-06-01T09:00:00Z', '1А'), archived('2026-06-01T09:00:00Z', '11А')],
      [],
    ],
    [
      'never, with all groups archived in time',
      [archived('2026-09-02T09:00:00Z', '1А'), archived('2026-09-02T09:00:00Z', '11А')],
      ['cancelled'],
    ],
  ])('given it is approved %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = after([...YEAR, ...happenings], '2027-06-01T00:00:00Z');
    expect(statesOf(evaluation, 'nomenclature-approved')).toEqual(states);
  });
});
