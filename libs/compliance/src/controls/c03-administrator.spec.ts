import {
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  GroupArchived,
  MemberMovementRecorded,
  OrganizationCreated,
} from '@letopis/school';
import { evaluateOver, findingOf, happened, history, idOf, ORGANIZATION, statesOf } from '../testing';
import { administratorByOrder } from './c03-administrator';

const created = (at: string) =>
  happened(at, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
const appointed = (at: string, name = 'Anna') =>
  happened(
    at,
    AdministratorAppointed.of({
      personId: idOf(name),
      orderNo: '324',
      orderDate: '2025-08-29',
      phone: '+79000000001',
      email: 'admin@school7.example',
    }),
  );
const revoked = (at: string, name = 'Anna') =>
  happened(
    at,
    AdministratorAppointmentRevoked.of({ personId: idOf(name), orderNo: '351', reason: 'Перевод' }),
  );
const assigned = (at: string, name: string) =>
  happened(
    at,
    AdditionalAdministratorAssigned.of({
      personId: idOf(name),
      assignedBy: idOf('Anna'),
      scope: 'Классы 5–9',
    }),
  );
const withdrawnBySelf = (at: string, name: string) =>
  happened(
    at,
    AdditionalAdministratorRevoked.of({ personId: idOf(name), revokedBy: idOf(name), reason: 'Отпуск' }),
    { by: { id: idOf(name), role: 'platform_admin' } },
  );
const movement = (at: string, kind: 'dismissed' | 'hired', { effectiveAt = at, role = 'director' } = {}) =>
  happened(at, MemberMovementRecorded.of({ personId: idOf('Anna'), kind, orderRef: '№ 12-к', effectiveAt }), {
    by: { id: idOf('Anna'), role },
  });
const actedAs = (name: string, at: string) =>
  happened(at, GroupArchived.of({ groupId: idOf('5A'), reason: 'Выпуск' }), {
    by: { id: idOf(name), role: 'platform_admin' },
  });

describe('C03, an administrator at every instant', () => {
  it.each([
    ['2025-09-04T20:59:59.000Z', 'open', 'at-risk'],
    ['2025-09-04T21:00:00.000Z', 'violated', 'violated'],
  ])('given nobody was appointed since Monday, when it is %s, then it is %s', (asOf, state, status) => {
    const evaluation = evaluateOver(administratorByOrder, history(created('2025-09-01T07:00:00Z')), { asOf });
    expect([statesOf(evaluation, 'administrator-present'), evaluation.status]).toEqual([[state], status]);
  });

  it('given a gap over the New Year holidays within three working days, then it was tolerated', () => {
    const events = history(
      created('2025-09-01T07:00:00Z'),
      appointed('2025-09-01T07:00:00Z'),
      revoked('2025-12-29T12:00:00Z'),
      appointed('2026-01-13T20:59:59Z', 'Boris'),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2026-02-01T00:00:00Z' });
    expect(statesOf(evaluation, 'administrator-present')).toEqual(['fulfilled']);
  });

  it('given the gap ended a second too late, then it was a violation that is remedied', () => {
    const events = history(
      created('2025-09-01T07:00:00Z'),
      appointed('2025-09-01T07:00:00Z'),
      revoked('2025-12-29T12:00:00Z'),
      appointed('2026-01-13T21:00:00Z', 'Boris'),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2026-02-01T00:00:00Z' });
    expect([statesOf(evaluation, 'administrator-present'), evaluation.status]).toEqual([
      ['remedied'],
      'compliant',
    ]);
  });

  it('given the office is handed over in one instant, then there is no gap', () => {
    const events = history(
      created('2025-09-01T07:00:00Z'),
      appointed('2025-09-01T07:00:00Z'),
      revoked('2025-10-01T07:00:00Z'),
      appointed('2025-10-01T07:00:00Z', 'Boris'),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2026-02-01T00:00:00Z' });
    expect(evaluation.findings).toEqual([]);
  });

  it('given the administrator was dismissed, then nobody is there from that day on', () => {
    const events = history(
      created('2025-09-01T07:00:00Z'),
      appointed('2025-09-01T07:00:00Z'),
      movement('2025-10-10T07:00:00Z', 'dismissed', { effectiveAt: '2025-10-01T00:00:00Z' }),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2025-10-10T08:00:00Z' });
    expect(findingOf(evaluation, 'administrator-present')).toMatchObject({
      subject: ORGANIZATION,
      state: 'violated',
      since: '2025-10-01T00:00:00.000Z',
      evidence: [events[2]!.id],
    });
  });

  it('given nothing happened, then there is no evidence', () => {
    expect(evaluateOver(administratorByOrder, [], { asOf: '2026-02-01T00:00:00Z' }).status).toBe(
      'no-evidence',
    );
  });
});

describe('C03, acts within the appointment', () => {
  it.each([
    ['before the appointment', '2025-09-01T06:59:59Z', ['violated']],
    ['in its first instant', '2025-09-01T07:00:00Z', []],
    ['in its last instant', '2025-10-01T07:00:00Z', []],
    ['after it', '2025-10-01T07:00:01Z', ['violated']],
  ])('given an act %s, then the findings are so', (_name, at, states) => {
    const events = history(
      appointed('2025-09-01T07:00:00Z'),
      revoked('2025-10-01T07:00:00Z'),
      actedAs('Anna', at),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2025-10-02T00:00:00Z' });
    expect(statesOf(evaluation, 'acts-within-appointment')).toEqual(states);
  });

  it('given an appointment after the act, then it does not heal the act', () => {
    const events = history(actedAs('Anna', '2025-09-01T06:00:00Z'), appointed('2025-09-01T07:00:00Z'));
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2026-09-01T00:00:00Z' });
    expect(evaluation.status).toBe('violated');
  });

  it('given an additional administrator gives the rights back, then that was the last act within them', () => {
    const events = history(
      assigned('2025-09-01T07:00:00Z', 'Vera'),
      withdrawnBySelf('2025-10-01T07:00:00Z', 'Vera'),
      actedAs('Vera', '2025-10-01T07:00:01Z'),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2025-10-02T00:00:00Z' });
    expect(findingOf(evaluation, 'acts-within-appointment').evidence).toEqual([events[2]!.id]);
  });

  it('given an observed fact from before the appointment, then entering it is no act of then', () => {
    const events = history(
      movement('2025-08-25T00:00:00Z', 'hired', { role: 'platform_admin' }),
      appointed('2025-09-01T07:00:00Z'),
    );
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2025-10-02T00:00:00Z' });
    expect(statesOf(evaluation, 'acts-within-appointment')).toEqual([]);
  });
});

describe('C03, rights end with employment', () => {
  const dismissal = [appointed('2025-09-01T07:00:00Z'), movement('2025-09-05T09:00:00Z', 'dismissed')];

  it.each([
    ['in time', '2025-09-10T20:59:59Z', 'fulfilled'],
    ['a second late', '2025-09-10T21:00:00Z', 'remedied'],
  ])('given the rights were revoked %s, then the finding is so', (_name, at, state) => {
    const evaluation = evaluateOver(administratorByOrder, history(...dismissal, revoked(at)), {
      asOf: '2025-10-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'rights-end-with-employment')).toEqual([state]);
  });

  it('given they never were, then the finding cites the appointment and the dismissal', () => {
    const events = history(...dismissal);
    const evaluation = evaluateOver(administratorByOrder, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(findingOf(evaluation, 'rights-end-with-employment')).toMatchObject({
      state: 'violated',
      subject: idOf('Anna'),
      evidence: [events[1]!.id, events[0]!.id],
    });
  });
});
