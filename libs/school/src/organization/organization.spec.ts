import { administration, AdministratorAppointed } from '../administration/administration';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  organization,
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
  OrganizationRegistrationRequested,
} from './organization';

const anna = idOf('Anna');
const created = OrganizationCreated.of({ name: 'МБОУ «Школа № 7»', timeZone: 'Asia/Yekaterinburg' });
const appointment = known(administration, ORGANIZATION, [
  AdministratorAppointed.of({
    personId: anna,
    orderNo: '324',
    orderDate: '2025-08-29',
    phone: '+79000000001',
    email: 'admin@school7.example',
  }),
]);
const application = {
  applicantId: anna,
  orderRef: '№ 324 от 29.08.2025',
  orderFileSha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  contact: { fullName: 'Ковалёва Анна Игоревна', email: 'admin@school7.example', phone: '+79000000001' },
};
const requested = OrganizationRegistrationRequested.of({
  ...application,
  sentTo: 'info@sferum.ru',
  sentAt: NOW,
});
const confirmed = OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-70701', confirmedAt: NOW });
const rejected = OrganizationRegistrationRejected.of({ reason: 'Не приложен приказ', at: NOW });

describe('CreateOrganization', () => {
  it('given nothing, when a tenant is created, then its name and time zone are recorded', () => {
    given(organization).when('CreateOrganization', created.data).then([created]);
  });

  it('given it exists, when it is created again, then nothing is recorded', () => {
    given(organization, [created]).when('CreateOrganization', created.data).thenNothing();
  });
});

describe('RequestOrganizationRegistration', () => {
  it('given an appointed administrator, when they apply, then the application to the vendor is recorded', () => {
    given(organization, [created], [appointment])
      .when('RequestOrganizationRegistration', application)
      .then([requested]);
  });

  it('given the applicant is no administrator, when they apply, then 3.1.1 refuses', () => {
    given(organization, [created])
      .when('RequestOrganizationRegistration', application)
      .thenRefused('3.1.1', 'applicant-is-administrator');
  });

  it('given the registration is confirmed, when they apply, then 3.1.1 refuses', () => {
    given(organization, [requested, confirmed], [appointment])
      .when('RequestOrganizationRegistration', application)
      .thenRefused('3.1.1', 'not-confirmed-yet');
  });

  it('given the application was rejected, when they apply again, then that is recorded', () => {
    given(organization, [requested, rejected], [appointment])
      .when('RequestOrganizationRegistration', application)
      .then([requested]);
  });
});

describe('RecordRegistrationConfirmed', () => {
  it('given nothing at all, when the platform confirms, then it is recorded', () => {
    given(organization)
      .when('RecordRegistrationConfirmed', { platformOrgId: 'sferum-70701' })
      .then([confirmed]);
  });

  it('given it is confirmed, when the same answer is entered again, then nothing is recorded', () => {
    given(organization, [confirmed])
      .when('RecordRegistrationConfirmed', { platformOrgId: 'sferum-70701' })
      .thenNothing();
  });
});

describe('RecordRegistrationRejected', () => {
  it('given an application, when the platform refuses, then it is recorded', () => {
    given(organization, [requested])
      .when('RecordRegistrationRejected', { reason: 'Не приложен приказ' })
      .then([rejected]);
  });

  it('given it is rejected, when the same answer is entered again, then nothing is recorded', () => {
    given(organization, [rejected])
      .when('RecordRegistrationRejected', { reason: 'Не приложен приказ' })
      .thenNothing();
  });
});
