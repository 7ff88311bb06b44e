import { GuidancePublished, TrainingAttended } from '@letopis/school';
import { deadlineTable, evaluateOver, type Happening, happened, history, idOf, statesOf } from '../testing';
import { guidanceAndTraining } from './c32-guidance';

type Audience = 'all' | 'teacher' | 'student' | 'parent';

const published = (at: string, audience: Audience) =>
  happened(
    at,
    GuidancePublished.of({
      guidanceId: idOf(audience),
      title: 'Как войти в учебный профиль',
      audience,
      url: 'https://school7.example/guides/profile',
    }),
  );
const attended = (date: string, at = `${date}T15:00:00Z`) =>
  happened(at, TrainingAttended.of({ personId: idOf('teacher'), topic: 'Учебный профиль', date, hours: 2 }));

const findings = (happenings: readonly Happening[], asOf: string) =>
  evaluateOver(guidanceAndTraining, history(...happenings), { asOf })
    .findings.map(({ key, state, dueAt }) => [key, state, dueAt])
    .toSorted();

describe('C32, guidance for each audience', () => {
  const FIRST = '2025-08-21T11:00:00Z';
  const DUE = '2025-08-31T20:59:59.999Z';

  it.each([
    ['in summer', '2025-07-10T11:00:00Z', DUE],
    ['in August', FIRST, DUE],
    ['at the end of August', '2025-08-28T11:00:00Z', '2025-09-04T20:59:59.999Z'],
    ['before the New Year holidays', '2025-12-26T11:00:00Z', '2026-01-14T20:59:59.999Z'],
    ['in June, at holidays', '2025-06-10T11:00:00Z', '2025-06-19T20:59:59.999Z'],
  ])('given the first guidance is published %s (%s), then the others are due %s', (_name, at, due) => {
    const happenings = [published(at, 'teacher')];
    expect(findings(happenings, due)).toEqual([
      ['parent', 'open', due],
      ['student', 'open', due],
    ]);
    expect(findings(happenings, new Date(Date.parse(due) + 1).toISOString())).toEqual([
      ['parent', 'overdue', due],
      ['student', 'overdue', due],
    ]);
  });

  it.each([
    ['in the last instant', DUE, 'fulfilled'],
    ['a second late', '2025-08-31T21:00:00.999Z', 'fulfilled-late'],
  ])('given the other audiences have theirs %s, then it is so', (_name, at, state) => {
    const happenings = [published(FIRST, 'teacher'), published(at, 'student'), published(at, 'parent')];
    expect(findings(happenings, '2025-12-01T00:00:00Z')).toEqual([
      ['parent', state, DUE],
      ['student', state, DUE],
    ]);
  });

  it('given guidance for all, then there is nothing to add', () => {
    expect(findings([published(FIRST, 'all')], '2025-12-01T00:00:00Z')).toEqual([]);
  });

  it('given the school publishes none, then there is nothing to judge', () => {
    expect(evaluateOver(guidanceAndTraining, [], { asOf: '2025-12-01T00:00:00Z' }).status).toBe(
      'no-evidence',
    );
  });
});

describe('C32, training', () => {
  deadlineTable(guidanceAndTraining, 'training-held', (since) => [attended(since.slice(0, 10))], [
    ['an ordinary day', '2025-10-29T09:00:00Z', '2026-10-29T20:59:59.999Z'],
    ['a leap day in between', '2023-10-29T09:00:00Z', '2024-10-28T20:59:59.999Z'],
    ['a leap day', '2024-02-29T09:00:00Z', '2025-02-28T20:59:59.999Z'],
    ['Kamchatka', '2025-10-29T09:00:00Z', '2026-10-29T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last day', '2026-10-29', ['open']],
    ['a day late', '2026-10-30', ['fulfilled-late', 'open']],
  ])('given the next is %s, then it is so', (_name, date, expected) => {
    const events = history(attended('2025-10-29'), attended(date));
    const evaluation = evaluateOver(guidanceAndTraining, events, { asOf: '2026-11-01T00:00:00Z' });
    expect(statesOf(evaluation, 'training-held')).toEqual(expected);
  });
});
