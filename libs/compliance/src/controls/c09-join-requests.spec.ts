import {
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  JoinRequestApproved,
  JoinRequestRejected,
  JoinRequestSubmitted,
} from '@letopis/school';
import {
  deadlineTable,
  decidedOn,
  evaluateOver,
  explained,
  findingOf,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { joinRequestsDecided } from './c09-join-requests';

const REQUEST = idOf('request');
const SUBMITTED = '2025-10-13T07:30:00.000Z';

const submitted = (at: string, role: 'parent' | 'student' = 'parent') =>
  happened(
    at,
    JoinRequestSubmitted.of({
      requestId: REQUEST,
      claimantId: idOf('claimant'),
      personClaim: { fullName: 'Белова Ольга Сергеевна', fullNameHash: idOf('name'), role },
      at,
    }),
  );
const approved = (at: string, by = 'Anna') =>
  happened(
    at,
    JoinRequestApproved.of({
      requestId: REQUEST,
      personId: idOf('claimant'),
      platformRole: 'parent',
      rosterMatch: 'exact',
      by: idOf(by),
      at,
    }),
  );
const rejected = (at: string, by = 'Anna') =>
  happened(at, JoinRequestRejected.of({ requestId: REQUEST, by: idOf(by), reason: 'Нет в списке' }));
const appointed = (at: string) =>
  happened(
    at,
    AdministratorAppointed.of({
      personId: idOf('Anna'),
      orderNo: '324',
      orderDate: '2025-08-29',
      phone: '+79000000001',
      email: 'admin@school7.example',
    }),
  );
const revoked = (at: string) =>
  happened(
    at,
    AdministratorAppointmentRevoked.of({ personId: idOf('Anna'), orderNo: '351', reason: 'Перевод' }),
  );
const assigned = (at: string) =>
  happened(
    at,
    AdditionalAdministratorAssigned.of({
      personId: idOf('Anna'),
      assignedBy: idOf('Boris'),
      scope: 'Классы 5–9',
    }),
  );
const withdrawn = (at: string) =>
  happened(
    at,
    AdditionalAdministratorRevoked.of({ personId: idOf('Anna'), revokedBy: idOf('Boris'), reason: 'Отпуск' }),
  );

describe('C09, a request is decided within three working days', () => {
  deadlineTable(joinRequestsDecided, 'request-decided', (since) => [submitted(since)], [
    ['an ordinary Monday', SUBMITTED, '2025-10-16T20:59:59.999Z'],
    ['a Friday', '2025-10-17T07:30:00Z', '2025-10-22T20:59:59.999Z'],
    ['before the New Year holidays', '2025-12-29T07:30:00Z', '2026-01-13T20:59:59.999Z'],
    ['before a leap day', '2024-02-28T07:30:00Z', '2024-03-04T20:59:59.999Z'],
    ['before a worked Saturday', '2025-10-30T07:30:00Z', '2025-11-05T20:59:59.999Z'],
    ['before the May holidays', '2025-04-29T07:30:00Z', '2025-05-06T20:59:59.999Z'],
    [
      'already the next day in Kamchatka',
      '2025-10-13T13:00:00Z',
      '2025-10-17T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  it.each([
    ['approved in the last instant', [approved('2025-10-16T20:59:59.999Z')], ['fulfilled']],
    ['approved a second late', [approved('2025-10-16T21:00:00Z')], ['fulfilled-late']],
    ['rejected in time', [rejected('2025-10-14T07:00:00Z')], ['fulfilled']],
    ['rejected late', [rejected('2025-10-20T07:00:00Z')], ['fulfilled-late']],
    ['claimed anew meanwhile', [submitted('2025-10-16T07:00:00Z', 'student')], ['overdue']],
    [
      'decided, and then claimed anew',
      [approved('2025-10-14T07:00:00Z'), submitted('2025-10-15T07:00:00Z', 'student')],
      ['fulfilled', 'fulfilled'],
    ],
  ])('given the request was %s, then the findings are so', (_name, happenings, states) => {
    const events = history(submitted(SUBMITTED), ...happenings);
    const evaluation = evaluateOver(joinRequestsDecided, events, { asOf: '2025-11-01T00:00:00Z' });
    expect(statesOf(evaluation, 'request-decided')).toEqual(states);
  });

  it('given the organisation allows five working days, then five count', () => {
    const evaluation = evaluateOver(joinRequestsDecided, history(submitted(SUBMITTED)), {
      asOf: '2025-10-20T12:00:00Z',
      decisions: decidedOn('C09', 'decideWithin', { workingDays: 5 }),
    });
    expect(statesOf(evaluation, 'request-decided')).toEqual(['open']);
  });

  it('given it waits, then the reader learns what is to be done and until when', () => {
    const evaluation = evaluateOver(joinRequestsDecided, history(submitted(SUBMITTED)), {
      asOf: '2025-10-14T00:00:00Z',
    });
    expect(findingOf(evaluation, 'request-decided').subject).toBe(REQUEST);
    expect(explained(evaluation, 'request-decided')).toContain(
      'Нужно рассмотреть заявку на вступление: срок до 16.10.2025, 23:59.',
    );
  });
});

describe('C09, an administrator decides', () => {
  const DECIDED = '2025-10-14T07:00:00Z';

  it.each([
    ['appointed before', [appointed('2025-09-01T07:00:00Z')], []],
    ['appointed in that instant', [appointed(DECIDED)], []],
    ['never appointed', [], ['violated']],
    ['appointed later', [appointed('2025-10-14T07:00:01Z')], ['violated']],
    ['revoked in that instant', [appointed('2025-09-01T07:00:00Z'), revoked(DECIDED)], []],
    ['revoked before', [appointed('2025-09-01T07:00:00Z'), revoked('2025-10-14T06:59:59Z')], ['violated']],
    ['an additional administrator', [assigned('2025-09-01T07:00:00Z')], []],
    [
      'additional no more, and by order still',
      [
        assigned('2025-09-01T07:00:00Z'),
        appointed('2025-09-02T07:00:00Z'),
        withdrawn('2025-09-03T07:00:00Z'),
      ],
      [],
    ],
  ])('given who decided was %s, then the findings are so', (_name, rights, states) => {
    for (const decision of [approved(DECIDED), rejected(DECIDED)]) {
      const events = history(submitted(SUBMITTED), ...rights, decision);
      const evaluation = evaluateOver(joinRequestsDecided, events, { asOf: '2025-11-01T00:00:00Z' });
      expect(statesOf(evaluation, 'decided-by-administrator')).toEqual(states);
    }
  });

  it('given somebody without rights decided, then the finding is about the request and names them', () => {
    const events = history(submitted(SUBMITTED), approved(DECIDED, 'Vera'));
    const evaluation = evaluateOver(joinRequestsDecided, events, { asOf: '2025-11-01T00:00:00Z' });
    expect(findingOf(evaluation, 'decided-by-administrator')).toMatchObject({
      subject: REQUEST,
      what: `заявку рассмотрел не действующий администратор: [[person:${idOf('Vera')}]]`,
      evidence: [events[1]?.id],
    });
  });
});
