import { type ControlReportContent, type ReportFinding } from './content';
import { comparisonOf, differencesOf } from './comparison';
import { reportOver } from './testing';

const PERIOD = { from: '2025-09-30T21:00:00.000Z', to: '2025-10-31T21:00:00.000Z' };
const EMPTY = reportOver([], { period: PERIOD, controls: ['C23'] });

const finding = (id: string, other: Partial<ReportFinding> = {}): ReportFinding => ({
  ...{ id, rule: 'contained', subject: 'incident', subjectKind: 'incident', severity: 'critical' },
  ...{ state: 'overdue', since: '2025-10-06T06:00:00.000Z', evidence: [], explanationRu: '' },
  ...other,
});

type Part = Partial<ControlReportContent['controls'][number]>;

const reportWith = (part: Part, other: Partial<ControlReportContent> = {}): ControlReportContent => ({
  ...EMPTY,
  ...other,
  controls: EMPTY.controls.map((control) => ({ ...control, ...part })),
});

const compared = (before: readonly ReportFinding[], after: readonly ReportFinding[]) =>
  comparisonOf(reportWith({ findings: before }), reportWith({ findings: after }));

describe('the comparison of two reports', () => {
  it('given a finding of the later one alone, then it was opened', () => {
    const { counts, opened } = compared([], [finding('1')]);
    expect([counts.opened, opened]).toMatchObject([
      1,
      [{ id: '1', control: 'C23', after: { state: 'overdue' } }],
    ]);
    expect(opened[0]?.before).toBeUndefined();
  });

  it.each<[string, readonly ReportFinding[]]>([
    ['mended', [finding('1', { state: 'fulfilled-late', closedAt: '2025-10-09T06:00:00.000Z' })]],
    ['gone', []],
    [
      'dismissed',
      [finding('1', { workflow: { status: 'dismissed', personId: 'p', at: '2025-10-09T06:00:00.000Z' } })],
    ],
  ])('given a finding that was pressing and is %s, then it was closed', (_what, after) => {
    const { counts, closed } = compared([finding('1')], after);
    expect([counts.closed, counts.changed, closed.map(({ id }) => id)]).toEqual([1, 0, ['1']]);
  });

  it('given a finding that was over and is no longer told of, then nothing is said', () => {
    const over = finding('1', { state: 'remedied', closedAt: '2025-10-09T06:00:00.000Z' });
    expect(compared([over], []).counts).toEqual({ opened: 0, closed: 0, changed: 0, unchanged: 0 });
  });

  it.each<[string, Partial<ReportFinding>]>([
    ['state', { state: 'open' }],
    ['deadline', { dueAt: '2025-10-09T06:00:00.000Z' }],
    ['workflow', { workflow: { status: 'assigned', personId: 'p', at: '2025-10-09T06:00:00.000Z' } }],
  ])('given a finding with another %s, then it was changed', (_what, other) => {
    const { counts, changed } = compared([finding('1')], [finding('1', other)]);
    expect([counts.changed, changed]).toMatchObject([
      1,
      [{ id: '1', before: { state: 'overdue' }, after: other }],
    ]);
  });

  it('given the same finding, then it is unchanged', () => {
    expect(compared([finding('1')], [finding('1')]).counts).toMatchObject({ unchanged: 1, changed: 0 });
  });

  it('given a control of another status, then both are told', () => {
    const { controls } = comparisonOf(
      reportWith({ status: 'compliant' }),
      reportWith({ status: 'violated' }),
    );
    expect(controls).toEqual([{ id: 'C23', before: 'compliant', after: 'violated' }]);
  });

  it('given a parameter by an order, then both values are told', () => {
    const parameter = { name: 'containWithin', titleRu: 'Срок', valueRu: '4 часа' };
    const { parameters } = comparisonOf(
      reportWith({ parameters: [parameter] }),
      reportWith({ parameters: [{ ...parameter, valueRu: '8 часов', order: '№ 17 от 01.08.2025' }] }),
    );
    expect(parameters).toEqual([
      {
        ...{ control: 'C23', name: 'containWithin', before: { valueRu: '4 часа' } },
        after: { valueRu: '8 часов', order: '№ 17 от 01.08.2025' },
      },
    ]);
  });

  it('given another catalogue, calendar and version of a control, then each is told', () => {
    const { versions } = comparisonOf(
      reportWith({ version: 1 }, { catalogue: 'controls-1', calendar: 'ru-2026' }),
      reportWith({ version: 2 }, { catalogue: 'controls-2', calendar: 'ru-2027' }),
    );
    expect(versions).toEqual([
      { name: 'catalogue', before: 'controls-1', after: 'controls-2' },
      { name: 'calendar', before: 'ru-2026', after: 'ru-2027' },
      { name: 'C23', before: '1', after: '2' },
    ]);
  });
});

describe('the differences of two values', () => {
  it.each([
    ['nothing', { a: [1, { b: 'c' }] }, { a: [1, { b: 'c' }] }, []],
    ['a member', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: '/a/b', before: 1, after: 2 }]],
    ['a member that is new', {}, { a: 1 }, [{ path: '/a', after: 1 }]],
    ['a member that is gone', { a: 1 }, {}, [{ path: '/a', before: 1 }]],
    ['an item', ['a', 'b'], ['a', 'c'], [{ path: '/1', before: 'b', after: 'c' }]],
    ['an item that is new', ['a'], ['a', 'b'], [{ path: '/-', after: 'b' }]],
    [
      'a name with the signs of pointers',
      { 'a/b~c': 1 },
      { 'a/b~c': 2 },
      [{ path: '/a~1b~0c', before: 1, after: 2 }],
    ],
    ['another kind of value', { a: [] }, { a: {} }, [{ path: '/a', before: [], after: {} }]],
  ])('given %s, then they are told by JSON pointers', (_what, before, after, differences) => {
    expect(differencesOf(before, after, 200)).toEqual(differences);
  });

  it('given one more item before others with ids, then that is the only difference', () => {
    const [one, two, three] = ['1', '2', '3'].map((id) => ({ id, state: 'open' }));
    expect(differencesOf([one!, three!], [one!, two!, three!], 200)).toEqual([{ path: '/-', after: two }]);
  });

  it('given more than are wanted, then only so many are told', () => {
    expect(differencesOf([1, 2, 3, 4], [5, 6, 7, 8], 2)).toHaveLength(2);
  });
});
