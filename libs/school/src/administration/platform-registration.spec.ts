import { organization, OrganizationRegistrationRequested } from '../organization/organization';
import { given, idOf, known, NOW, ORGANIZATION, pseudonymOf } from '../testing';
import { administration, AdministratorAppointed, AdministratorRegistered } from './administration';

const personId = idOf('Anna');
const phone = '+79000000001';
const email = 'admin@school7.example';
const appointed = AdministratorAppointed.of({
  personId,
  orderNo: '324',
  orderDate: '2025-08-29',
  phone,
  email,
});
const application = known(organization, ORGANIZATION, [
  OrganizationRegistrationRequested.of({
    applicantId: personId,
    sentTo: 'info@sferum.ru',
    sentAt: NOW,
    orderRef: '№ 324 от 29.08.2025',
    orderFileSha256: 'a'.repeat(64),
    contact: { fullName: 'Ковалёва Анна', email, phone, phoneHash: pseudonymOf('phone', phone) },
  }),
]);
const registered = AdministratorRegistered.of({ personId, phoneHash: pseudonymOf('phone', phone), at: NOW });

describe('RegisterAdministratorOnPlatform', () => {
  it('given an application with this phone, when the administrator registers, then it is recorded', () => {
    given(administration, [appointed], [application])
      .when('RegisterAdministratorOnPlatform', { personId, phone })
      .then([registered]);
  });

  it('given another phone than in the application, when the administrator registers, then 3.1.2 refuses', () => {
    given(administration, [appointed], [application])
      .when('RegisterAdministratorOnPlatform', { personId, phone: '+79000000002' })
      .thenRefused('3.1.2', 'same-phone');
  });

  it('given no application, when the administrator registers, then 3.1.2 refuses', () => {
    given(administration, [appointed])
      .when('RegisterAdministratorOnPlatform', { personId, phone })
      .thenRefused('3.1.2', 'application-first');
  });

  it('given the person is no administrator, when they register, then 3.1.2 refuses', () => {
    given(administration, [], [application])
      .when('RegisterAdministratorOnPlatform', { personId, phone })
      .thenRefused('3.1.2', 'administrator');
  });

  it('given the administrator registered so, when it is entered again, then nothing is recorded', () => {
    given(administration, [appointed, registered], [application])
      .when('RegisterAdministratorOnPlatform', { personId, phone })
      .thenNothing();
  });
});
