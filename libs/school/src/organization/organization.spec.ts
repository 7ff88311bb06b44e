import { fold } from '@letopis/kernel';
import { administration, AdministratorAppointed } from '../administration/administration';
import { given, idOf, known, NOW, ORGANIZATION, pseudonymOf } from '../testing';
import {
  organization,
  OrganizationCreated,
  OrganizationProfileUpdated,
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
  contact: { ...application.contact, phoneHash: pseudonymOf('phone', application.contact.phone) },
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

  it.each([{ name: 'Другая школа' }, { timeZone: 'Europe/Moscow' }])(
    'given it exists, when it is created with %j, then 1.1 refuses',
    (other) => {
      given(organization, [created])
        .when('CreateOrganization', { ...created.data, ...other })
        .thenRefused('1.1', 'created-once');
    },
  );
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

describe('answers of the platform', () => {
  const LATER = '2025-12-01T08:00:00.000Z';

  it('given it is confirmed, when the same confirmation is entered later, then nothing is recorded', () => {
    given(organization, [confirmed])
      .when('RecordRegistrationConfirmed', { platformOrgId: 'sferum-70701' }, { occurredAt: LATER })
      .thenNothing();
  });

  it('given it is confirmed, when another id is entered, then it is recorded', () => {
    given(organization, [confirmed])
      .when('RecordRegistrationConfirmed', { platformOrgId: 'sferum-70702' })
      .then([OrganizationRegistrationConfirmed.of({ platformOrgId: 'sferum-70702', confirmedAt: NOW })]);
  });

  it('given it is rejected, when another reason is entered, then it is recorded', () => {
    given(organization, [rejected])
      .when('RecordRegistrationRejected', { reason: 'Приказ не читается' })
      .then([OrganizationRegistrationRejected.of({ reason: 'Приказ не читается', at: NOW })]);
  });

  it('given a new application, when it is rejected for the same reason, then it is recorded', () => {
    const again = OrganizationRegistrationRequested.of({ ...requested.data, sentAt: LATER });
    const at = '2025-12-05T08:00:00.000Z';
    given(organization, [requested, rejected, again])
      .when('RecordRegistrationRejected', { reason: rejected.data.reason }, { occurredAt: at })
      .then([OrganizationRegistrationRejected.of({ ...rejected.data, at })]);
  });

  it('given a refusal from before the confirmation comes late, then the registration stays confirmed', () => {
    const late = OrganizationRegistrationConfirmed.of({ ...confirmed.data, confirmedAt: LATER });
    expect(fold(organization, [late, rejected]).registration).toBe('confirmed');
  });
});

describe('UpdateOrganizationProfile', () => {
  const registered = [created, requested, confirmed];
  const update = { name: created.data.name, shortName: 'Школа № 7', phone: '+73460000007' };
  const updated = OrganizationProfileUpdated.of({
    changedFields: ['shortName', 'phone'],
    before: {},
    after: { shortName: 'Школа № 7', phone: '+73460000007' },
  });

  it('given a registered organisation, when it is described, then what changed is recorded', () => {
    given(organization, registered).when('UpdateOrganizationProfile', update).then([updated]);
  });

  it('given a description, when a part changes, then it is recorded with what was there before', () => {
    given(organization, [...registered, updated])
      .when('UpdateOrganizationProfile', { ...update, phone: '+73460000008' })
      .then([
        OrganizationProfileUpdated.of({
          changedFields: ['phone'],
          before: { phone: '+73460000007' },
          after: { phone: '+73460000008' },
        }),
      ]);
  });

  it.each([
    ['not asked for', [created]],
    ['not answered yet', [created, requested]],
    ['rejected', [created, requested, rejected]],
  ])('given the registration is %s, when it is described, then 3.1.3 refuses', (_what, events) => {
    given(organization, events)
      .when('UpdateOrganizationProfile', update)
      .thenRefused('3.1.3', 'registration-confirmed');
  });

  it('when nothing is given, then 3.1.3 refuses', () => {
    given(organization, registered)
      .when('UpdateOrganizationProfile', {})
      .thenRefused('3.1.3', 'diff-not-empty');
  });

  it('given the description, when it is entered again, then nothing is recorded', () => {
    given(organization, [...registered, updated])
      .when('UpdateOrganizationProfile', update)
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
