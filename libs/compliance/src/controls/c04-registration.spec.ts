import {
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  AdministratorRegistered,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
  OrganizationRegistrationRequested,
} from '@letopis/school';
import { mention } from '../mentions';
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
import { registrationMatchesApplication } from './c04-registration';

const APPOINTED = '2025-09-01T06:00:00Z';

const appointed = (at: string, name = 'Anna') =>
  happened(
    at,
    AdministratorAppointed.of({
      personId: idOf(name),
      orderNo: '324',
      orderDate: at.slice(0, 10),
      phone: '+79000000001',
      email: 'admin@school7.example',
    }),
  );
const revoked = (at: string, name = 'Anna') =>
  happened(
    at,
    AdministratorAppointmentRevoked.of({ personId: idOf(name), orderNo: '351', reason: 'Перевод' }),
  );
const applied = (at: string, phone = 'phone') =>
  happened(
    at,
    OrganizationRegistrationRequested.of({
      applicantId: idOf('Anna'),
      sentTo: 'info@sferum.ru',
      sentAt: at,
      orderRef: '№ 324',
      orderFileSha256: '0'.repeat(64),
      contact: {
        fullName: 'Ковалёва Анна Игоревна',
        email: 'admin@school7.example',
        phone: '+79000000001',
        phoneHash: idOf(phone),
      },
    }),
  );
const confirmed = (at: string) =>
  happened(at, OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-1', confirmedAt: at }));
const rejected = (at: string) =>
  happened(at, OrganizationRegistrationRejected.of({ reason: 'Нет приказа', at }));
const registered = (at: string, name = 'Anna', phone = 'phone') =>
  happened(at, AdministratorRegistered.of({ personId: idOf(name), phoneHash: idOf(phone), at }));

const after = (happenings: readonly Happening[], asOf = '2025-12-01T00:00:00Z') =>
  evaluateOver(registrationMatchesApplication, history(...happenings), { asOf });

describe('C04, the application is sent', () => {
  deadlineTable(registrationMatchesApplication, 'application-sent', (since) => [appointed(since)], [
    ['an ordinary Monday', APPOINTED, '2025-09-08T20:59:59.999Z'],
    ['the New Year', '2025-12-29T06:00:00Z', '2026-01-15T20:59:59.999Z'],
  ]);

  it.each([
    ['in the last second', [applied('2025-09-08T20:59:59Z')], ['fulfilled']],
    ['a second late', [applied('2025-09-08T21:00:00Z')], ['fulfilled-late']],
    [
      'never, and the platform confirmed the registration',
      [confirmed('2025-09-05T06:00:00Z')],
      ['fulfilled'],
    ],
    ['never, and the appointment was revoked', [revoked('2025-09-05T06:00:00Z')], ['cancelled']],
    [
      'never, and the next appointment asks anew',
      [revoked('2025-09-05T06:00:00Z'), appointed('2025-11-24T06:00:00Z', 'Boris')],
      ['cancelled', 'open'],
    ],
    [
      'and sent again after a refusal',
      [applied('2025-09-02T06:00:00Z'), rejected('2025-09-03T06:00:00Z'), applied('2025-09-10T06:00:00Z')],
      ['fulfilled', 'fulfilled'],
    ],
    [
      'and not again after a refusal',
      [applied('2025-09-02T06:00:00Z'), rejected('2025-09-03T06:00:00Z')],
      ['fulfilled', 'overdue'],
    ],
    [
      'once, and another administrator was appointed',
      [applied('2025-09-02T06:00:00Z'), appointed('2025-10-01T06:00:00Z', 'Boris')],
      ['fulfilled'],
    ],
  ])('given it was sent %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after([appointed(APPOINTED), ...happenings]), 'application-sent')).toEqual(states);
  });
});

describe('C04, the administrator registers on the platform', () => {
  deadlineTable(registrationMatchesApplication, 'administrator-registered', (since) => [appointed(since)], [
    ['an ordinary Monday', APPOINTED, '2025-09-15T20:59:59.999Z'],
    ['a Saturday that is worked', '2025-10-24T06:00:00Z', '2025-11-10T20:59:59.999Z'],
    ['the New Year', '2025-12-22T06:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['the leap day', '2024-02-19T06:00:00Z', '2024-03-05T20:59:59.999Z'],
    ['a Monday of Kamchatka', '2025-08-31T13:00:00Z', '2025-09-15T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each([
    ['in the last second', [registered('2025-09-15T20:59:59Z')], ['fulfilled']],
    ['a second late', [registered('2025-09-15T21:00:00Z')], ['fulfilled-late']],
    ['never, and the appointment was revoked', [revoked('2025-09-05T06:00:00Z')], ['cancelled']],
    [
      'in time, and is appointed again',
      [
        registered('2025-09-02T06:00:00Z'),
        revoked('2025-10-01T06:00:00Z'),
        appointed('2025-10-02T06:00:00Z'),
      ],
      ['fulfilled'],
    ],
    [
      'in time, and the successor does not',
      [
        registered('2025-09-02T06:00:00Z'),
        revoked('2025-10-01T06:00:00Z'),
        appointed('2025-10-02T06:00:00Z', 'Boris'),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given the administrator registers %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = after([appointed(APPOINTED), ...happenings]);
    expect(statesOf(evaluation, 'administrator-registered')).toEqual(states);
  });

  it('given nobody registered, then the finding is about the organisation and names the administrator', () => {
    expect(findingOf(after([appointed(APPOINTED)]), 'administrator-registered')).toMatchObject({
      subject: ORGANIZATION,
      what: `зарегистрировать на платформе администратора (${mention('person', idOf('Anna'))})`,
    });
  });
});

describe('C04, the phone is that of the application', () => {
  const REGISTERED = '2025-09-03T06:00:00Z';

  it.each([
    ['the same', [applied('2025-09-02T06:00:00Z'), registered(REGISTERED)], []],
    ['another', [applied('2025-09-02T06:00:00Z', 'other'), registered(REGISTERED)], ['violated']],
    [
      'that of the latest application',
      [applied('2025-09-01T06:00:00Z', 'old'), applied('2025-09-02T06:00:00Z'), registered(REGISTERED)],
      [],
    ],
    [
      'that of an application of later',
      [registered(REGISTERED), applied('2025-09-04T06:00:00Z', 'other')],
      [],
    ],
    [
      'put right',
      [
        applied('2025-09-02T06:00:00Z'),
        registered(REGISTERED, 'Anna', 'other'),
        registered('2025-09-04T06:00:00Z'),
      ],
      ['remedied'],
    ],
    [
      'another, until the appointment was revoked',
      [
        applied('2025-09-02T06:00:00Z'),
        registered(REGISTERED, 'Anna', 'other'),
        revoked('2025-09-04T06:00:00Z'),
      ],
      ['remedied'],
    ],
  ])('given the phone was %s, then the findings are so', (_name, happenings, states) => {
    expect(statesOf(after(happenings), 'registered-with-phone-of-application')).toEqual(states);
  });
});
