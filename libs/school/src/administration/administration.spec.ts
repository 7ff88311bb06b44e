import { MemberJoined, MemberMovementRecorded, membership, RoleVerified } from '../membership/membership';
import { given, idOf, known, NOW } from '../testing';
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
const appointed = AdministratorAppointed.of(order);
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
    given(administration, [AdministratorAppointed.of({ ...order, personId: boris })], [employed(anna)])
      .when('AppointAdministrator', order)
      .thenRefused('3.1.0', 'one-primary-appointment');
  });

  it('given the person is appointed, when the director appoints again, then nothing is recorded', () => {
    given(administration, [appointed], [employed(anna)])
      .when('AppointAdministrator', order)
      .thenNothing();
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
      .then([AdministratorAppointed.of({ ...order, personId: boris })]);
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
});
