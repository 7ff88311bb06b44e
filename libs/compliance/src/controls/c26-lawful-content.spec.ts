import {
  ContentPreserved,
  ContentRemoved,
  MeasureRecorded,
  MessageRemoved,
  ViolationConfirmed,
  ViolationDismissed,
  ViolationReported,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  explained,
  findingOf,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { type ViolationKind } from './c25-ethics';
import { lawfulContent } from './c26-lawful-content';

const VIOLATION = idOf('violation');
const AUTHOR = idOf('author');
const REPORTED = '2025-12-08T06:30:00.000Z';
const LAST = '2025-12-08T10:30:00.000Z';
const LATE = '2025-12-08T10:30:00.001Z';
const END = '2025-12-31T00:00:00.000Z';

const reported = (
  at: string,
  { kind = 'unlawful_content', mid }: { kind?: ViolationKind; mid?: string } = {},
) =>
  happened(
    at,
    ViolationReported.of({ violationId: VIOLATION, clauseId: '4.6.1', kind, subjectId: AUTHOR, mid, at }),
  );
const preserved = (at: string, mid = 'mid.1') =>
  happened(
    at,
    ContentPreserved.of({ violationId: VIOLATION, mid, fileSha256: '0'.repeat(64), by: idOf('Vera') }),
  );
const removed = (at: string, mid = 'mid.1', by = idOf('Vera')) =>
  happened(at, ContentRemoved.of({ violationId: VIOLATION, mid, by, at }));
const gone = (at: string, mid = 'mid.1') =>
  happened(at, MessageRemoved.of({ chatId: idOf('chat'), mid, removedBy: AUTHOR, at }));
const confirmed = (at: string, kind: ViolationKind = 'unlawful_content') =>
  happened(
    at,
    ViolationConfirmed.of({ violationId: VIOLATION, by: idOf('Vera'), basis: 'Сообщение в чате', kind }),
  );
const dismissed = (at: string) =>
  happened(
    at,
    ViolationDismissed.of({ violationId: VIOLATION, by: idOf('Vera'), reason: 'Не подтвердилось' }),
  );
const named = { mid: 'mid.1' };

describe('C26, unlawful content is removed', () => {
  deadlineTable(lawfulContent, 'content-removed', (since) => [reported(since, named)], [
    ['an ordinary day', REPORTED, LAST],
    ['over midnight of the New Year', '2025-12-31T20:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['over a leap day', '2024-02-29T21:30:00.000Z', '2024-03-01T01:30:00.000Z'],
    ['a Sunday on Kamchatka', '2025-12-07T03:00:00.000Z', '2025-12-07T07:00:00.000Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['removed at the last instant', [reported(REPORTED, named), removed(LAST)], ['fulfilled']],
    ['removed too late', [reported(REPORTED, named), removed(LATE)], ['fulfilled-late']],
    ['removed in the messenger', [reported(REPORTED, named), gone(LAST)], ['fulfilled']],
    [
      'gone before it was reported',
      [gone('2025-12-08T06:00:00.000Z'), reported(REPORTED, named)],
      ['fulfilled'],
    ],
    ['another that was removed', [reported(REPORTED, named), removed(LAST, 'mid.2')], ['overdue']],
    ['not named in the report, and removed', [reported(REPORTED), removed(LAST)], ['fulfilled']],
    ['dismissed in time', [reported(REPORTED, named), dismissed(LAST)], ['cancelled']],
    ['dismissed too late', [reported(REPORTED, named), dismissed(LATE)], ['remedied']],
    [
      'one of two that were reported',
      [reported(REPORTED, named), reported('2025-12-08T07:00:00.000Z', { mid: 'mid.2' }), removed(LAST)],
      ['fulfilled', 'overdue'],
    ],
    [
      'reported anew after a dismissal',
      [reported(REPORTED, named), dismissed(LAST), reported('2025-12-09T06:30:00.000Z', named)],
      ['cancelled', 'overdue'],
    ],
    ['a collection of data', [reported(REPORTED, { kind: 'pdn_collection', mid: 'mid.1' })], ['overdue']],
    ['a collection of data outside of messages', [reported(REPORTED, { kind: 'pdn_collection' })], []],
    ['an insult', [reported(REPORTED, { kind: 'ethics', mid: 'mid.1' })], []],
  ])('given the message was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(lawfulContent, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'content-removed')).toEqual(states);
  });

  it('given it was removed late, then the finding cites the report and the removal', () => {
    const events = history(reported(REPORTED, named), removed(LATE));
    expect(findingOf(evaluateOver(lawfulContent, events, { asOf: END }), 'content-removed')).toMatchObject({
      subject: VIOLATION,
      severity: 'critical',
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C26, a copy is put by before the message is removed', () => {
  const BEFORE = '2025-12-08T07:00:00.000Z';

  it.each([
    ['preserved first', [reported(REPORTED, named), preserved(BEFORE), removed(LAST)], []],
    ['preserved in the same instant', [reported(REPORTED, named), removed(LAST), preserved(LAST)], []],
    ['never preserved', [reported(REPORTED, named), removed(LAST)], ['violated']],
    ['preserved later', [reported(REPORTED, named), removed(LAST), preserved(LATE)], ['remedied']],
    [
      'preserved in place of another message',
      [reported(REPORTED, named), preserved(BEFORE, 'mid.2'), removed(LAST)],
      ['violated'],
    ],
    ['removed by its author', [reported(REPORTED, named), removed(LAST, 'mid.1', AUTHOR)], []],
    ['of an insult', [reported(REPORTED, { kind: 'ethics', mid: 'mid.1' }), removed(LAST)], []],
    ['not reported as unlawful yet', [removed(BEFORE), reported(LAST, named)], []],
  ])('given the message was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(lawfulContent, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'copy-preserved')).toEqual(states);
  });

  it('given there is no copy, then the finding says since when', () => {
    const events = history(reported(REPORTED, named), removed(LAST));
    expect(explained(evaluateOver(lawfulContent, events, { asOf: END }), 'copy-preserved')).toContain(
      'Сообщение удалено, а его копия не сохранена как доказательство: с 08.12.2025, 13:30.',
    );
  });
});

describe('C26, a report is reviewed and answered', () => {
  it.each([
    ['unlawful content', { kind: 'unlawful_content' } as const, ['overdue']],
    ['a collection of data', { kind: 'pdn_collection' } as const, ['overdue']],
    ['false data', { kind: 'false_data' } as const, []],
  ])('given a report of %s that nobody reviewed, then the findings are so', (_name, report, states) => {
    const evaluation = evaluateOver(lawfulContent, history(reported(REPORTED, report)), { asOf: END });
    expect(statesOf(evaluation, 'report-reviewed')).toEqual(states);
  });

  it.each([
    ['unlawful content', 'unlawful_content', ['overdue']],
    ['a collection of data, which is an incident by itself', 'pdn_collection', []],
  ] as const)(
    'given %s was confirmed and no measure taken, then the findings are so',
    (_name, kind, states) => {
      const events = history(reported(REPORTED, { kind }), confirmed(LAST, kind));
      expect(statesOf(evaluateOver(lawfulContent, events, { asOf: END }), 'measure-taken')).toEqual(states);
    },
  );

  it('given a measure within three working days, then that is fulfilled', () => {
    const events = history(
      reported(REPORTED, named),
      confirmed(LAST),
      happened(
        '2025-12-11T20:59:59.999Z',
        MeasureRecorded.of({ violationId: VIOLATION, kind: 'kdn', date: '2025-12-11' }),
      ),
    );
    expect(statesOf(evaluateOver(lawfulContent, events, { asOf: END }), 'measure-taken')).toEqual([
      'fulfilled',
    ]);
  });
});
