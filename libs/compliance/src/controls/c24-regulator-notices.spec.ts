import {
  IncidentRegistered,
  PersonalDataImpactAssessed,
  RegulatorFindingsNoticeSent,
  RegulatorInitialNoticeSent,
  UnauthorizedAccessReported,
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
import { regulatorNotices } from './c24-regulator-notices';

const INCIDENT = idOf('incident');
/** A Tuesday, 9:30 in Moscow. */
const DETECTED = '2026-01-20T06:30:00.000Z';
const ASSESSED = '2026-01-20T12:30:00.000Z';
const LAST = '2026-01-21T06:30:00.000Z';
const LATE = '2026-01-21T06:30:00.001Z';
const END = '2026-02-10T00:00:00.000Z';

const reported = (at: string, detectedAt = DETECTED) =>
  happened(
    at,
    UnauthorizedAccessReported.of({
      incidentId: INCIDENT,
      reporterId: idOf('mother'),
      affectedPersonId: idOf('pupil'),
      detectedAt,
      reportedAt: at,
    }),
  );
const registered = (at: string) =>
  happened(
    at,
    IncidentRegistered.of({
      incidentId: INCIDENT,
      kind: 'data_leak',
      clauseIds: ['4.6.2'],
      detectedAt: DETECTED,
      severity: 'high',
    }),
  );
const assessed = (at: string, pdnAffected = true, detectedAt = DETECTED) =>
  happened(
    at,
    PersonalDataImpactAssessed.of({
      incidentId: INCIDENT,
      pdnAffected,
      categories: pdnAffected ? ['переписка'] : [],
      subjectsCount: pdnAffected ? 27 : 0,
      harm: 'Посторонний читал переписку класса',
      detectedAt,
    }),
  );
const initial = (sentAt: string, at = sentAt) =>
  happened(
    at,
    RegulatorInitialNoticeSent.of({
      incidentId: INCIDENT,
      rknRef: '77-2026-000123',
      sentAt,
      authorisedPersonId: idOf('officer'),
    }),
  );
const findings = (sentAt: string) =>
  happened(
    sentAt,
    RegulatorFindingsNoticeSent.of({
      incidentId: INCIDENT,
      rknRef: '77-2026-000124',
      sentAt,
      culpritIds: [],
    }),
  );

describe('C24, Roskomnadzor is told of the incident within 24 hours of its detection', () => {
  deadlineTable(regulatorNotices, 'regulator-initial', (since) => [assessed(since, true, since)], [
    ['an ordinary day', DETECTED, LAST],
    ['over the New Year', '2025-12-31T15:00:00.000Z', '2026-01-01T15:00:00.000Z'],
    ['over a leap day', '2024-02-28T20:00:00.000Z', '2024-02-29T20:00:00.000Z'],
    ['a Saturday on Kamchatka', '2026-01-24T03:00:00.000Z', '2026-01-25T03:00:00.000Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['told at the last instant', [assessed(ASSESSED), initial(LAST)], ['fulfilled']],
    ['told too late', [assessed(ASSESSED), initial(LATE)], ['fulfilled-late']],
    [
      'told in time, and entered later',
      [assessed(ASSESSED), initial(LAST, '2026-01-25T06:30:00.000Z')],
      ['fulfilled'],
    ],
    [
      'told before the assessment was entered',
      [initial(LAST), assessed('2026-01-22T06:30:00.000Z')],
      ['fulfilled'],
    ],
    ['assessed when it was too late', [assessed('2026-01-22T06:30:00.000Z')], ['overdue']],
    ['not affecting personal data', [assessed(ASSESSED, false)], []],
    ['not assessed', [reported(ASSESSED)], []],
    [
      'found not to affect personal data in time',
      [assessed(ASSESSED), assessed('2026-01-20T13:30:00.000Z', false)],
      ['cancelled'],
    ],
    ['found not to affect personal data too late', [assessed(ASSESSED), assessed(LATE, false)], ['remedied']],
    [
      'found to affect them after all',
      [assessed(ASSESSED), assessed('2026-01-20T13:30:00.000Z', false), assessed('2026-01-20T14:30:00.000Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'assessed again, with other numbers',
      [assessed(ASSESSED), assessed('2026-01-20T13:30:00.000Z'), initial(LAST), assessed(LATE)],
      ['fulfilled'],
    ],
    [
      'found to have been detected earlier, before anybody was told',
      [
        assessed(ASSESSED),
        assessed('2026-01-20T13:30:00.000Z', true, '2026-01-19T06:30:00.000Z'),
        initial(LAST),
      ],
      ['fulfilled-late', 'cancelled'],
    ],
    [
      'found to have been detected earlier, afterwards',
      [assessed(ASSESSED), initial(LAST), assessed(LATE, true, '2026-01-19T06:30:00.000Z')],
      ['fulfilled-late', 'fulfilled'],
    ],
  ])('given an incident that was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(regulatorNotices, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'regulator-initial')).toEqual(states);
  });

  it('given a report, an assessment and a late notice, then the finding counts from the detection and cites all three', () => {
    const events = history(reported('2026-01-20T07:30:00.000Z'), assessed(ASSESSED), initial(LATE));
    const [report, assessment, notice] = events.map(({ id }) => id);
    const evaluation = evaluateOver(regulatorNotices, events, { asOf: END });
    expect(findingOf(evaluation, 'regulator-initial')).toMatchObject({
      subject: INCIDENT,
      severity: 'critical',
      since: DETECTED,
      dueAt: LAST,
      evidence: [assessment, report, notice],
    });
  });

  it('given nothing was sent, then the finding says since when it should have been', () => {
    const evaluation = evaluateOver(regulatorNotices, history(assessed(ASSESSED)), { asOf: END });
    expect(explained(evaluation, 'regulator-initial')).toContain(
      'Не выполнено в срок: уведомить Роскомнадзор об инциденте, затронувшем персональные данные. ' +
        'Обязанность возникла 20.01.2026, 09:30, срок истёк 21.01.2026, 09:30.',
    );
  });

  it('given the assessment has not come yet, when asked about the time before, then nothing is said', () => {
    const evaluation = evaluateOver(regulatorNotices, history(assessed(ASSESSED)), {
      asOf: '2026-01-20T12:29:59.999Z',
    });
    expect(evaluation.status).toBe('no-evidence');
  });
});

describe('C24, Roskomnadzor is told of the findings within 72 hours of the detection', () => {
  it.each([
    ['2026-01-23T06:30:00.000Z', 'fulfilled'],
    ['2026-01-23T06:30:00.001Z', 'fulfilled-late'],
  ])('given they were sent at %s, then that is %s', (sentAt, state) => {
    const events = history(assessed(ASSESSED), initial(LAST), findings(sentAt));
    expect(statesOf(evaluateOver(regulatorNotices, events, { asOf: END }), 'regulator-findings')).toEqual([
      state,
    ]);
  });

  it('given only the first notice, then the findings are overdue', () => {
    const events = history(assessed(ASSESSED), initial(LAST));
    expect(statesOf(evaluateOver(regulatorNotices, events, { asOf: END }), 'regulator-findings')).toEqual([
      'overdue',
    ]);
  });
});

describe('C24, it is assessed whether personal data were affected', () => {
  it.each([
    [
      'at the last instant',
      [registered(DETECTED), assessed('2026-01-21T20:59:59.999Z', false)],
      ['fulfilled'],
    ],
    ['too late', [registered(DETECTED), assessed('2026-01-21T21:00:00.000Z', false)], ['fulfilled-late']],
    ['never', [registered(DETECTED)], ['overdue']],
    [
      'the day after a late report',
      [reported('2026-01-28T06:30:00.000Z'), assessed('2026-01-29T06:30:00.000Z', false)],
      ['fulfilled'],
    ],
  ])('given that was done %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(regulatorNotices, history(...happenings), { asOf: END });
    expect(statesOf(evaluation, 'impact-assessed')).toEqual(states);
  });
});
