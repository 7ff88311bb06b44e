import { defineCommand, readState, ruleViolated } from '@letopis/kernel';
import * as field from '../fields';
import { organization } from '../organization/organization';
import { administration, AdministratorRegistered, isAdministrator } from './administration';

export class RegisterAdministratorOnPlatform {
  @field.PersonId('The administrator') personId!: string;
  @field.Phone('The phone number that was entered on the platform') phone!: string;
}

/** Stands apart from the other commands on administrators: it rests on the organisation, whose commands rest on them. */
export const platformRegistrationCommands = [
  defineCommand({
    name: 'RegisterAdministratorOnPlatform',
    titleRu: 'Зарегистрировать администратора на платформе',
    about: 'The administrator registers on the platform with the phone number of the application.',
    kind: 'decision',
    clauses: ['3.1.2'],
    actors: ['platform_admin'],
    concept: administration,
    payload: RegisterAdministratorOnPlatform,
    example: { personId: '7d0f6f0a-6c43-4b53-9a1c-1f0e6d1f8a01', phone: '+79000000001' },
    id: (_payload, organizationId) => organizationId,
    reads: (_payload, { organizationId }) => ({ organization: readState(organization, organizationId) }),
    decide: (state, command, known) => {
      const { personId, phone } = command.payload;
      const phoneHash = command.pseudonym('phone', phone);
      if (state.registered.get(personId) === phoneHash) return [];
      if (!isAdministrator(state, personId)) {
        throw ruleViolated(
          '3.1.2',
          'administrator',
          'Регистрацию проходит действующий администратор: сначала назначьте его приказом',
        );
      }
      const { application } = known.organization;
      if (application === undefined) {
        throw ruleViolated(
          '3.1.2',
          'application-first',
          'Сначала направьте заявку на регистрацию организации (RequestOrganizationRegistration)',
        );
      }
      if (application.phoneHash !== phoneHash) {
        throw ruleViolated(
          '3.1.2',
          'same-phone',
          'Регистрацию проходят с номером телефона, указанным в заявке: проверьте номер',
        );
      }
      return [AdministratorRegistered.of({ personId, phoneHash, at: command.occurredAt })];
    },
  }),
];
