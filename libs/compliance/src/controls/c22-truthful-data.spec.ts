import {
  JoinRequestApproved,
  JoinRequestSubmitted,
  MemberDataCorrected,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
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
import { truthfulData } from './c22-truthful-data';

const PUPIL = idOf('pupil');
const VIOLATION = idOf('violation');
const REQUEST = idOf('request');
/** A Monday, 12:00 in Moscow. */
const REPORTED = '2025-09-01T09:00:00.000Z';
const SOON = '2025-09-02T09:00:00.000Z';
const LAST = '2025-09-04T20:59:59.999Z';
const LATE = '2025-09-04T21:00:00.000Z';
const END = '2025-10-01T00:00:00.000Z';

const reported = (at: string, kind: ViolationKind = 'false_data') =>
  happened(
    at,
    ViolationReported.of({ violationId: VIOLATION, clauseId: '4.5.1', kind, subjectId: PUPIL, at }),
  );
const reportedOfNobody = (at: string) =>
  happened(at, ViolationReported.of({ violationId: VIOLATION, clauseId: '4.5.1', kind: 'false_data', at }));
const confirmed = (at: string, subjectId = PUPIL) =>
  happened(
    at,
    ViolationConfirmed.of({
      violationId: VIOLATION,
      by: idOf('Vera'),
      basis: 'Сверка со списком',
      kind: 'false_data',
      subjectId,
      heardAt: at,
    }),
  );
const dismissed = (at: string) =>
  happened(at, ViolationDismissed.of({ violationId: VIOLATION, by: idOf('Vera'), reason: 'Данные верны' }));
const corrected = (at: string, name?: string, personId = PUPIL) =>
  happened(
    at,
    MemberDataCorrected.of({
      personId,
      fields: ['fullName'],
      basis: 'Сверка со списком',
      ...(name !== undefined && { fullNameHash: idOf(name) }),
    }),
  );
const roleChanged = (at: string) =>
  happened(
    at,
    MemberRoleChanged.of({ personId: PUPIL, from: 'teacher', to: 'student', basis: 'Список класса', at }),
  );
const removed = (at: string) =>
  happened(at, MemberRemoved.of({ personId: PUPIL, scope: 'community', reason: 'Чужой профиль', at }));
const enrolled = (at: string, name?: string) =>
  happened(
    at,
    MemberMovementRecorded.of({
      personId: PUPIL,
      kind: 'enrolled',
      orderRef: '№ 1',
      effectiveAt: at,
      ...(name !== undefined && { fullNameHash: idOf(name) }),
    }),
  );
const claimed = (at: string, name: string) =>
  happened(
    at,
    JoinRequestSubmitted.of({
      requestId: REQUEST,
      claimantId: PUPIL,
      personClaim: { fullName: 'зашифровано', fullNameHash: idOf(name), role: 'student' },
      at,
    }),
  );
const matched = (at: string, rosterMatch: 'exact' | 'manual' = 'manual') =>
  happened(
    at,
    JoinRequestApproved.of({
      requestId: REQUEST,
      personId: PUPIL,
      platformRole: 'student',
      rosterMatch,
      reason: 'Документ предъявлен',
      by: idOf('Anna'),
      at,
    }),
  );

describe('C22, data that are reported as false are put right', () => {
  deadlineTable(truthfulData, 'data-truthful', (since) => [reported(since)], [
    ['an ordinary Monday', REPORTED, LAST],
    ['a Thursday before a worked Saturday', '2025-10-30T09:00:00.000Z', '2025-11-05T20:59:59.999Z'],
    ['before the New Year', '2025-12-30T09:00:00.000Z', '2026-01-14T20:59:59.999Z'],
    ['over a leap day', '2024-02-28T09:00:00.000Z', '2024-03-04T20:59:59.999Z'],
    [
      'an evening in Moscow, the next day on Kamchatka',
      '2025-09-01T13:00:00.000Z',
      '2025-09-05T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  it.each([
    ['corrected at the last instant', [reported(REPORTED), corrected(LAST)], ['fulfilled']],
    ['corrected too late', [reported(REPORTED), corrected(LATE)], ['fulfilled-late']],
    ['corrected in the role', [reported(REPORTED), roleChanged(LAST)], ['fulfilled']],
    ['corrected before', [corrected('2025-08-29T09:00:00.000Z'), reported(REPORTED)], ['overdue']],
    [
      'corrected of somebody else',
      [reported(REPORTED), corrected(LAST, undefined, idOf('other'))],
      ['overdue'],
    ],
    ['confirmed and not corrected', [reported(REPORTED), confirmed(SOON)], ['overdue']],
    [
      'corrected, and confirmed afterwards',
      [reported(REPORTED), corrected(SOON), confirmed(LAST)],
      ['fulfilled'],
    ],
    ['found to be true', [reported(REPORTED), dismissed(SOON)], ['cancelled']],
    ['found to be true too late', [reported(REPORTED), dismissed(LATE)], ['remedied']],
    [
      'found to be another person’s',
      [reported(REPORTED), confirmed(SOON, idOf('other'))],
      ['cancelled', 'overdue'],
    ],
    ['of somebody who was removed', [reported(REPORTED), removed(SOON)], ['cancelled']],
    ['reported twice', [reported(REPORTED), reported(SOON)], ['overdue']],
    [
      'reported anew after a dismissal',
      [reported(REPORTED), dismissed(SOON), reported('2025-09-10T09:00:00.000Z')],
      ['cancelled', 'overdue'],
    ],
    ['reported as something else', [reported(REPORTED, 'ethics')], []],
  ])('given the data were %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(truthfulData, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'data-truthful')).toEqual(states);
  });

  it('given a report that names nobody and a confirmation that does, then the duty arises with the confirmation', () => {
    const evaluation = evaluateOver(truthfulData, history(reportedOfNobody(REPORTED), confirmed(SOON)), {
      asOf: END,
    });
    expect(findingOf(evaluation, 'data-truthful')).toMatchObject({
      subject: PUPIL,
      subjectKind: 'person',
      since: SOON,
      state: 'overdue',
    });
  });

  it('given they were corrected late, then the finding cites the report and the correction', () => {
    const events = history(reported(REPORTED), corrected(LATE));
    expect(findingOf(evaluateOver(truthfulData, events, { asOf: END }), 'data-truthful')).toMatchObject({
      subject: PUPIL,
      dueAt: LAST,
      evidence: events.map(({ id }) => id),
    });
  });
});

describe('C22, who joined under another name than the roster has is in it under one name', () => {
  const CLAIMED = '2025-08-29T09:00:00.000Z';
  const ENROLLED = enrolled('2025-08-25T09:00:00.000Z', 'Белов');

  it.each([
    ['under the same name', [ENROLLED, claimed(CLAIMED, 'Белов'), matched(REPORTED)], []],
    ['under another name', [ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED)], ['overdue']],
    ['as an exact match', [ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED, 'exact')], []],
    [
      'without a name in the roster',
      [enrolled('2025-08-25T09:00:00.000Z'), claimed(CLAIMED, 'Орлов'), matched(REPORTED)],
      [],
    ],
    [
      'under a name by which the roster was corrected in time',
      [ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED), corrected(LAST, 'Орлов')],
      ['fulfilled'],
    ],
    [
      'under a name by which the roster was corrected before',
      [ENROLLED, corrected(CLAIMED, 'Орлов'), claimed(CLAIMED, 'Орлов'), matched(REPORTED)],
      [],
    ],
    [
      'under a name that the next order has',
      [ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED), enrolled(LATE, 'Орлов')],
      ['fulfilled-late'],
    ],
    [
      'under another name, and an order that has neither',
      [ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED), enrolled(SOON, 'Белова')],
      ['overdue'],
    ],
  ])('given they were let in by hand %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(truthfulData, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'data-truthful')).toEqual(states);
  });

  it('given a deviation, then the finding says so and holds no name', () => {
    const events = history(ENROLLED, claimed(CLAIMED, 'Орлов'), matched(REPORTED));
    expect(explained(evaluateOver(truthfulData, events, { asOf: END }), 'data-truthful')).toContain(
      'Не выполнено в срок: устранить расхождение между именем в заявке на вступление и именем в списке школы.',
    );
  });
});

describe('C22, a report that names nobody is reviewed', () => {
  it.each([
    ['dismissed in time', [reportedOfNobody(REPORTED), dismissed(LAST)], ['fulfilled']],
    ['confirmed too late', [reportedOfNobody(REPORTED), confirmed(LATE)], ['fulfilled-late']],
    ['left alone', [reportedOfNobody(REPORTED)], ['overdue']],
    ['about somebody', [reported(REPORTED)], []],
  ])('given it was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(truthfulData, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'report-reviewed')).toEqual(states);
  });
});
