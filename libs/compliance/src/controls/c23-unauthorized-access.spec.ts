import { AccountContained, IncidentRegistered, UnauthorizedAccessReported } from '@letopis/school';
import { decidedOn, evaluateOver, explained, findingOf, happened, history, idOf, statesOf } from '../testing';
import { unauthorizedAccess } from './c23-unauthorized-access';

const INCIDENT = idOf('incident');
const DETECTED = '2025-11-17T13:40:00.000Z';

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
const contained = (at: string, recordedAt?: string) =>
  happened(at, AccountContained.of({ incidentId: INCIDENT, actions: ['password'], at }), { recordedAt });
const registered = (at: string, role: string) =>
  happened(
    at,
    IncidentRegistered.of({
      incidentId: INCIDENT,
      kind: 'unauthorized_access',
      clauseIds: ['4.5.2'],
      detectedAt: DETECTED,
      severity: 'high',
    }),
    { by: { id: idOf('Anna'), role } },
  );

describe('C23, reported within 24 hours', () => {
  it.each([
    ['at the last instant', '2025-11-18T13:40:00.000Z', 'fulfilled'],
    ['a second late', '2025-11-18T13:40:01.000Z', 'fulfilled-late'],
  ])('given a report %s, then it is judged so', (_name, at, state) => {
    const evaluation = evaluateOver(unauthorizedAccess, history(reported(at)), { asOf: at });
    expect(statesOf(evaluation, 'reported')).toEqual([state]);
  });

  it.each([
    ['2025-11-18T13:40:00.000Z', 'open'],
    ['2025-11-18T13:40:01.000Z', 'overdue'],
  ])(
    'given an incident in the journal and no report, when time passes to %s, then it is %s',
    (asOf, state) => {
      const events = history(registered('2025-11-17T14:00:00.000Z', 'pdn_officer'));
      expect(statesOf(evaluateOver(unauthorizedAccess, events, { asOf }), 'reported')).toEqual([state]);
    },
  );

  it('given the administrator entered the incident, then the administrator knows', () => {
    const events = history(registered('2025-11-17T14:00:00.000Z', 'platform_admin'));
    const evaluation = evaluateOver(unauthorizedAccess, events, { asOf: '2025-11-20T00:00:00Z' });
    expect(statesOf(evaluation, 'reported')).toEqual(['fulfilled']);
  });
});

describe('C23, contained within 4 hours', () => {
  const REPORTED = '2025-11-17T14:05:00.000Z';

  it.each([
    ['2025-11-17T18:05:00.000Z', 'open', 'at-risk'],
    ['2025-11-17T18:05:01.000Z', 'overdue', 'violated'],
  ])(
    'given nothing was done, when time passes to %s, then it is %s and the control %s',
    (asOf, state, status) => {
      const evaluation = evaluateOver(unauthorizedAccess, history(reported(REPORTED)), { asOf });
      expect([statesOf(evaluation, 'contained'), evaluation.status]).toEqual([[state], status]);
    },
  );

  it('given it was contained late, then the breach stays listed and the control is compliant again', () => {
    const events = history(reported(REPORTED), contained('2025-11-17T19:00:00.000Z'));
    const evaluation = evaluateOver(unauthorizedAccess, events, { asOf: '2025-11-18T00:00:00Z' });
    expect([statesOf(evaluation, 'contained'), evaluation.status]).toEqual([['fulfilled-late'], 'compliant']);
  });

  it('given it was contained in time and recorded two days later, then it was in time', () => {
    const events = history(
      reported(REPORTED),
      contained('2025-11-17T15:00:00.000Z', '2025-11-19T15:00:00.000Z'),
    );
    const evaluation = evaluateOver(unauthorizedAccess, events, { asOf: '2025-11-20T00:00:00Z' });
    expect(statesOf(evaluation, 'contained')).toEqual(['fulfilled']);
  });

  it('given that late record, when asked what was known before it, then it was overdue', () => {
    const events = history(
      reported(REPORTED),
      contained('2025-11-17T15:00:00.000Z', '2025-11-19T15:00:00.000Z'),
    );
    const evaluation = evaluateOver(unauthorizedAccess, events, {
      asOf: '2025-11-20T00:00:00Z',
      known: { position: 1n },
    });
    expect(statesOf(evaluation, 'contained')).toEqual(['overdue']);
  });

  it('given the organisation allows two hours, then two hours count', () => {
    const evaluation = evaluateOver(unauthorizedAccess, history(reported(REPORTED)), {
      asOf: '2025-11-17T16:05:01.000Z',
      decisions: decidedOn('C23', 'containWithin', { hours: 2 }),
    });
    expect(statesOf(evaluation, 'contained')).toEqual(['overdue']);
  });

  it('given it was contained, then the finding cites both events and says so in local time', () => {
    const events = history(reported(REPORTED), contained('2025-11-17T15:00:00.000Z'));
    const evaluation = evaluateOver(unauthorizedAccess, events, {
      asOf: '2025-11-18T00:00:00Z',
      timeZone: 'Asia/Yekaterinburg',
    });
    expect(findingOf(evaluation, 'contained')).toMatchObject({
      subject: INCIDENT,
      severity: 'critical',
      since: REPORTED,
      dueAt: '2025-11-17T18:05:00.000Z',
      closedAt: '2025-11-17T15:00:00.000Z',
      evidence: events.map(({ id }) => id),
    });
    expect(explained(evaluation, 'contained', 'Asia/Yekaterinburg')).toBe(
      `[[incident:${INCIDENT}]]. ` +
        'Выполнено в срок: взять под контроль аккаунт, к которому получен несанкционированный доступ. ' +
        'Обязанность возникла 17.11.2025, 19:05, выполнена 17.11.2025, 20:00, срок до 17.11.2025, 23:05. ' +
        'События: «Сообщено о несанкционированном доступе» (17.11.2025, 19:05); ' +
        '«Аккаунт взят под контроль» (17.11.2025, 20:00).',
    );
  });
});
