import { MemberJoined, MemberMovementRecorded, membership, RoleVerified } from '../membership/membership';
import { given, idOf, known, NOW, pseudonymOf } from '../testing';
import {
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  administration,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
} from './administration';

const anna = idOf('Anna');
const boris = idOf('Boris');
const administrator = { id: anna, role: 'platform_admin' };

const hired = (personId: string) =>
  MemberMovementRecorded.of({ personId, kind: 'hired', orderRef: '12-к', effectiveAt: NOW });
const dismissed = (personId: string) =>
  MemberMovementRecorded.of({ personId, kind: 'dismissed', orderRef: '40-к', effectiveAt: NOW });
const joined = (personId: string) =>
  MemberJoined.of({ personId, platformRole: 'teacher', via: 'auto_sync', at: NOW });
const verified = (personId: string) =>
  RoleVerified.of({ personId, role: 'teacher', method: 'admin', evidenceRef: '8841', by: anna });

const employed = (personId: string) => known(membership, personId, [hired(personId)]);
const teacher = (personId: string) =>
  known(membership, personId, [hired(personId), joined(personId), verified(personId)]);

const order = {
  personId: anna,
  orderNo: '324',
  orderDate: '2025-08-29',
  phone: '+79000000001',
  email: 'admin@school7.example',
};
const appointmentOf = (terms: typeof order) =>
  AdministratorAppointed.of({ ...terms, contactHash: pseudonymOf('contact', terms.phone, terms.email) });
const appointed = appointmentOf(order);
const assigned = AdditionalAdministratorAssigned.of({
  personId: boris,
  assignedBy: anna,
  scope: 'Классы 5–9',
});

describe('AppointAdministrator', () => {
  it('given an employee, when the director appoints, then the order is recorded', () => {
    given(administration, [], [employed(anna)])
      .when('AppointAdministrator', order)
      .then([appointed]);
  });

  it('given nobody hired the person, when the director appoints, then 3.2.2 refuses', () => {
    given(administration).when('AppointAdministrator', order).thenRefused('3.2.2', 'active-employee');
  });

  it('given the person was dismissed, when the director appoints, then 3.2.2 refuses', () => {
    given(administration, [], [known(membership, anna, [hired(anna), dismissed(anna)])])
      .when('AppointAdministrator', order)
      .thenRefused('3.2.2', 'active-employee');
  });

  it('given another is appointed, when the director appoints, then 3.1.0 refuses', () => {
    given(administration, [appointmentOf({ ...order, personId: boris })], [employed(anna)])
      .when('AppointAdministrator', order)
      .thenRefused('3.1.0', 'one-primary-appointment');
  });

  it('given the person is appointed, when the director appoints again, then nothing is recorded', () => {
    given(administration, [appointed], [employed(anna)])
      .when('AppointAdministrator', order)
      .thenNothing();
  });

  it.each([
    { orderNo: '325' },
    { orderDate: '2025-08-30' },
    { phone: '+79000000002' },
    { email: 'other@school7.example' },
  ])('given the person is appointed, when they are appointed with %j, then 3.1.0 refuses', (other) => {
    given(administration, [appointed], [employed(anna)])
      .when('AppointAdministrator', { ...order, ...other })
      .thenRefused('3.1.0', 'one-order');
  });

  it('given the appointment was ended, when the same person is appointed by another order, then it is recorded', () => {
    const ended = AdministratorAppointmentRevoked.of({ personId: anna, orderNo: '351', reason: 'Перевод' });
    given(administration, [appointed, ended], [employed(anna)])
      .when('AppointAdministrator', { ...order, orderNo: '360' })
      .then([appointmentOf({ ...order, orderNo: '360' })]);
  });

  it('given an order of tomorrow, when the director appoints, then 3.1.0 refuses', () => {
    given(administration, [], [employed(anna)])
      .when('AppointAdministrator', { ...order, orderDate: '2025-11-19' })
      .thenRefused('3.1.0', 'order-signed');
  });

  it('given an order of a day that has begun in the east only, when the director appoints, then it is recorded', () => {
    const today = { ...order, orderDate: '2025-11-18' };
    given(administration, [], [employed(anna)])
      .when('AppointAdministrator', today)
      .then([appointmentOf(today)]);
  });
});

describe('RevokeAdministrator', () => {
  const revocation = { personId: anna, orderNo: '351', reason: 'Перевод' };

  it('given an appointment, when the director ends it, then that is recorded', () => {
    given(administration, [appointed])
      .when('RevokeAdministrator', revocation)
      .then([AdministratorAppointmentRevoked.of(revocation)]);
  });

  it('given the person is not appointed, when the director ends it, then 3.1.0 refuses', () => {
    given(administration).when('RevokeAdministrator', revocation).thenRefused('3.1.0', 'appointed');
  });

  it('given it was ended, when another is appointed, then that is recorded', () => {
    given(administration, [appointed, AdministratorAppointmentRevoked.of(revocation)], [employed(boris)])
      .when('AppointAdministrator', { ...order, personId: boris })
      .then([appointmentOf({ ...order, personId: boris })]);
  });

  it('given it was ended, when it is ended again so, then nothing is recorded', () => {
    given(administration, [appointed, AdministratorAppointmentRevoked.of(revocation)])
      .when('RevokeAdministrator', revocation)
      .thenNothing();
  });

  it('given it was ended, when it is ended by another order, then 3.1.0 refuses', () => {
    given(administration, [appointed, AdministratorAppointmentRevoked.of(revocation)])
      .when('RevokeAdministrator', { ...revocation, orderNo: '352' })
      .thenRefused('3.1.0', 'appointed');
  });
});

describe('AssignAdditionalAdministrator', () => {
  const assignment = { personId: boris, scope: 'Классы 5–9' };
  const by = { actor: administrator };

  it('given a verified teacher, when the administrator gives rights, then who gave them is recorded', () => {
    given(administration, [appointed], [teacher(boris)])
      .when('AssignAdditionalAdministrator', assignment, by)
      .then([assigned]);
  });

  it('given the caller is no administrator now, when rights are given, then 3.1.6b refuses', () => {
    given(administration, [], [teacher(boris)])
      .when('AssignAdditionalAdministrator', assignment, by)
      .thenRefused('3.1.6b', 'assigner-active');
  });

  it('given an administrator, when they give rights to themselves, then 3.1.6b refuses', () => {
    given(administration, [appointed], [teacher(anna)])
      .when('AssignAdditionalAdministrator', { ...assignment, personId: anna }, by)
      .thenRefused('3.1.6b', 'not-self');
  });

  it.each([
    ['has not joined', [hired(boris)]],
    ['is not verified', [hired(boris), joined(boris)]],
    ['is not in the staff roster', [joined(boris), verified(boris)]],
    ['was dismissed', [hired(boris), joined(boris), verified(boris), dismissed(boris)]],
  ])('given the person %s, when rights are given, then 3.1.6b refuses', (_what, events) => {
    given(administration, [appointed], [known(membership, boris, events)])
      .when('AssignAdditionalAdministrator', assignment, by)
      .thenRefused('3.1.6b', 'verified-teacher');
  });

  it('given the person has the rights, when they are given again, then nothing is recorded', () => {
    given(administration, [appointed, assigned], [teacher(boris)])
      .when('AssignAdditionalAdministrator', assignment, by)
      .thenNothing();
  });

  it('given the person has the rights, when other rights are given, then 3.1.6b refuses', () => {
    given(administration, [appointed, assigned], [teacher(boris)])
      .when('AssignAdditionalAdministrator', { ...assignment, scope: 'Классы 1–4' }, by)
      .thenRefused('3.1.6b', 'assigned-once');
  });
});

describe('RevokeAdditionalAdministrator', () => {
  const revocation = { personId: boris, reason: 'Увольнение' };

  it('given an additional administrator, when the rights are taken back, then by whom is recorded', () => {
    given(administration, [appointed, assigned])
      .when('RevokeAdditionalAdministrator', revocation, { actor: administrator })
      .then([AdditionalAdministratorRevoked.of({ ...revocation, revokedBy: anna })]);
  });

  it('given the person has no such rights, when they are taken back, then 3.1.6b refuses', () => {
    given(administration, [appointed])
      .when('RevokeAdditionalAdministrator', revocation)
      .thenRefused('3.1.6b', 'assigned');
  });

  it('given the rights were taken back, when they are taken back again, then nothing is recorded', () => {
    const revoked = AdditionalAdministratorRevoked.of({ ...revocation, revokedBy: anna });
    given(administration, [appointed, assigned, revoked])
      .when('RevokeAdditionalAdministrator', revocation)
      .thenNothing();
  });
});
