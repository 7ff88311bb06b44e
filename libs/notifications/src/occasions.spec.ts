import { type Finding } from '@letopis/compliance';
import { TOPICS } from './notice';
import { newsOf, type Occasion, occasionsOf } from './occasions';
import { type Subscription } from './settings-store';
import { assignedUntil, findingOf, inHours, LONG_AGO, NOW, overdueFor } from './testing';

type Wanted = Pick<Subscription, 'topics' | 'remindBeforeHours' | 'updatedAt'>;

const everything: Wanted = { topics: TOPICS, remindBeforeHours: [72, 24], updatedAt: LONG_AGO };
const { id } = findingOf();
const violated = (hours: number): Finding =>
  findingOf({ state: 'violated', manner: 'state', since: inHours(-hours), dueAt: undefined });
const untold: ReadonlyMap<string, string> = new Map();
const broken = `${id}/broken`;

const keysOf = (occasions: readonly Occasion[]): readonly string[] => occasions.map(({ key }) => key);
const occasionsFor = (finding: Finding): readonly Occasion[] => occasionsOf([finding], NOW, everything);
const newsFor = (finding: Finding, told = untold, subscription: Partial<Wanted> = {}): readonly string[] => {
  const wanted = { ...everything, ...subscription };
  return keysOf(newsOf(occasionsOf([finding], NOW, wanted), told, NOW, wanted));
};

describe('a deadline that approaches', () => {
  it.each([
    ['far off', 73, []],
    ['within the long reminder', 72, [`${id}/${inHours(72)}/72`]],
    ['within the short one', 24, [`${id}/${inHours(24)}/24`]],
    ['a moment away', 0, [`${id}/${inHours(0)}/24`]],
  ])('given it is %s, then the shortest reminder that is reached tells so', (_what, hours, keys) => {
    expect(keysOf(occasionsFor(findingOf({ dueAt: inHours(hours) })))).toEqual(keys);
  });

  it('given it is near from the start, then it came about with the duty', () => {
    const [occasion] = occasionsFor(findingOf({ since: inHours(-1), dueAt: inHours(3) }));
    expect(occasion).toMatchObject({ since: inHours(-1), hours: 24 });
  });

  it.each([
    ['longer than the reminder', -30, [`${id}/${inHours(4)}/24`]],
    ['no longer than it', -10, []],
  ])('given a routine whose turns are %s, then it is told or not', (_what, since, keys) => {
    expect(newsFor(findingOf({ since: inHours(since), routine: true }))).toEqual(keys);
  });

  it('given it changes, then it is told anew', () => {
    expect(newsFor(findingOf(), new Map([[`${id}/${inHours(5)}/24`, inHours(-1)]]))).toHaveLength(1);
  });

  it('given no reminders are wanted, then nothing tells so', () => {
    expect(newsFor(findingOf(), untold, { remindBeforeHours: [] })).toEqual([]);
  });
});

describe('a breach', () => {
  it.each<[string, Finding, Partial<Occasion>]>([
    ['a duty that was not done', overdueFor(1), { reason: 'deadline-missed', topic: 'deadline-missed' }],
    ['a state that must not be', violated(1), { reason: 'violation-found', topic: 'finding-opened' }],
  ])('given %s, then it is told by its topic', (_what, finding, expected) => {
    expect(occasionsFor(finding)).toMatchObject([{ ...expected, key: broken }]);
  });

  it.each<[string, Partial<Finding>]>([
    ['excepted', { workflow: { ...assignedUntil(inHours(9)), status: 'excepted' } }],
    ['dismissed', { workflow: { ...assignedUntil(inHours(9)), status: 'dismissed' } }],
    ['verified as mended', { workflow: { ...assignedUntil(inHours(9)), status: 'verified' } }],
    ['waived', { waiver: { by: id, reason: 'Ремонт', until: inHours(9), eventId: id } }],
    ['mended late', { state: 'fulfilled-late', closedAt: inHours(-1) }],
  ])('given it is %s, then nothing is told', (_what, change) => {
    expect(occasionsFor(overdueFor(50, change))).toEqual([]);
  });

  it('given it was told, then it is no news', () => {
    expect(newsFor(overdueFor(1), new Map([[broken, inHours(-1)]]))).toEqual([]);
  });

  it('given its topic was not chosen, then it is not told', () => {
    expect(newsFor(violated(1), untold, { topics: ['deadline-missed'] })).toEqual([]);
  });

  it.each([
    ['before the channel was switched on', 3, []],
    ['after it', 1, [broken]],
  ])('given it came about %s, then it is news or not', (_what, hours, keys) => {
    expect(newsFor(overdueFor(hours), untold, { updatedAt: inHours(-2) })).toEqual(keys);
  });

  it('given it came about more than thirty days ago, then it is no news', () => {
    expect(newsFor(overdueFor(30 * 24 + 1, { since: LONG_AGO }))).toEqual([]);
  });
});

describe('a breach that nobody attends to', () => {
  const toldAt = (hours: number): ReadonlyMap<string, string> => new Map([[broken, inHours(-hours)]]);

  it.each([
    [23, []],
    [25, [`${id}/escalated/24`]],
    [73, [`${id}/escalated/72`]],
    [169, [`${id}/escalated/168`]],
  ])('given %i hours have passed, then it is told again once', (hours, keys) => {
    expect(newsFor(overdueFor(hours), toldAt(hours))).toEqual(keys);
  });

  it('given it was told again, then only a longer time makes news of it', () => {
    const told = new Map([...toldAt(73), [`${id}/escalated/72`, inHours(-1)]]);
    expect(newsFor(overdueFor(73), told)).toEqual([]);
  });

  it('given it is told for the first time only now, then not twice at once', () => {
    expect(newsFor(overdueFor(80))).toEqual([broken]);
  });

  it('given the school heard of it late, then the time counts from there', () => {
    expect(newsFor(overdueFor(200), toldAt(26))).toEqual([`${id}/escalated/24`]);
  });

  it('given the settings were changed since it was told, then it is told again all the same', () => {
    expect(newsFor(overdueFor(25), toldAt(25), { updatedAt: inHours(-1) })).toEqual([`${id}/escalated/24`]);
  });

  it('given it came about before the channel was switched on, then it is not told', () => {
    expect(newsFor(overdueFor(25), untold, { updatedAt: inHours(-1) })).toEqual([]);
  });

  it('given a violation to somebody who wants deadlines only, then it is told by its time', () => {
    expect(newsFor(violated(25), untold, { topics: ['deadline-missed'] })).toEqual([`${id}/escalated/24`]);
  });

  it('given somebody was told to mend it, then it is not told again', () => {
    const keys = newsFor(overdueFor(25, { workflow: assignedUntil(inHours(100)) }), toldAt(25));
    expect(keys).not.toContain(`${id}/escalated/24`);
  });
});

describe('a remediation', () => {
  const { eventId } = assignedUntil(NOW);
  const assigned = `${id}/assigned/${eventId}`;
  const reasonsFor = (until: string): readonly string[] =>
    occasionsFor(overdueFor(50, { workflow: assignedUntil(until) })).map(({ reason }) => reason);

  it.each([
    ['far off', inHours(100), ['deadline-missed', 'remediation-assigned']],
    ['near', inHours(20), ['deadline-missed', 'remediation-assigned', 'remediation-approaching']],
    ['over', inHours(-1), ['deadline-missed', 'remediation-assigned', 'remediation-missed']],
  ])('given its term is %s, then that is told', (_what, until, reasons) => {
    expect(reasonsFor(until)).toEqual(reasons);
  });

  it('given it was assigned anew, then it is told anew', () => {
    const workflow = assignedUntil(inHours(100));
    const told = new Map([
      [broken, inHours(-50)],
      [assigned, inHours(-1)],
    ]);
    const again = { ...workflow, eventId: id };
    expect([
      newsFor(overdueFor(50, { workflow }), told),
      newsFor(overdueFor(50, { workflow: again }), told),
    ]).toEqual([[], [`${id}/assigned/${id}`]]);
  });

  it('given it was reported as mended, then its term is told no more', () => {
    const workflow = { ...assignedUntil(inHours(-1)), status: 'remedied' } as const;
    expect(occasionsFor(overdueFor(50, { workflow })).map(({ reason }) => reason)).toEqual([
      'deadline-missed',
    ]);
  });
});

it('given several, then the gravest are told first, and of the same gravity the oldest', () => {
  const findings = [
    overdueFor(1, { id: 'new' }),
    overdueFor(2, { id: 'old' }),
    overdueFor(1, { id: 'grave', severity: 'critical' }),
  ];
  expect(keysOf(newsOf(occasionsOf(findings, NOW, everything), untold, NOW, everything))).toEqual([
    'grave/broken',
    'old/broken',
    'new/broken',
  ]);
});
