import {
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  AdministratorRegistered,
  OrganizationRegistrationConfirmed,
  OrganizationRegistrationRejected,
  OrganizationRegistrationRequested,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, on, textOf } from '../marks';
import { mention } from '../mentions';
import { invariant, rule } from '../rules';

const appointed = on(AdministratorAppointed, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: { person: data.personId },
}));
const revoked = on(AdministratorAppointmentRevoked, ({ organizationId, data }) => ({
  subject: organizationId,
  detail: { person: data.personId },
}));
const applied = on(OrganizationRegistrationRequested, ({ organizationId, data }) => ({
  subject: organizationId,
  at: data.sentAt,
  ...(data.contact.phoneHash !== undefined && { detail: { phone: data.contact.phoneHash } }),
}));
const registered = on(AdministratorRegistered, ({ organizationId, data }) => ({
  subject: organizationId,
  at: data.at,
  detail: { person: data.personId, phone: data.phoneHash },
}));

/** The administrator of a mark, as a text names them. */
function administratorOf(mark: Mark): string {
  return mention('person', textOf(mark, 'person') ?? '');
}

/**
 * An application without the order, a name, an e-mail or a phone is refused as it is entered, so whether it is complete
 * needs no rule. A confirmation shows that there was an application, also where nobody entered it.
 */
export const registrationMatchesApplication = control({
  ...headingOf('C04'),
  version: 1,
  parameters: {
    applyWithin: parameter('Срок направить заявку на регистрацию организации после приказа', workingDays(5)),
    registerWithin: parameter('Срок регистрации администратора на платформе после приказа', workingDays(10)),
  },
  rules: [
    rule({
      id: 'application-sent',
      about: 'organization',
      manner: 'duty',
      within: 'applyWithin',
      marks: {
        appointed: [appointed],
        revoked: [revoked],
        applied: [applied],
        confirmed: [
          on(OrganizationRegistrationConfirmed, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.confirmedAt,
          })),
        ],
        rejected: [
          on(OrganizationRegistrationRejected, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.at,
          })),
        ],
      },
      evidence: ['appointed', 'rejected'],
      spans: (marks) => {
        const spans: Span[] = [];
        let open: Span | undefined;
        let sent = false;
        for (const mark of marks) {
          switch (mark.kind) {
            case 'appointed':
              if (!sent) {
                open ??= {
                  from: mark,
                  what: 'направить на info@sferum.ru заявку на регистрацию организации',
                };
              }
              break;
            case 'rejected':
              sent = false;
              open ??= {
                from: mark,
                what: 'направить заявку на регистрацию организации снова: в регистрации отказано',
              };
              break;
            case 'applied':
            case 'confirmed':
              if (open !== undefined) spans.push({ ...open, until: mark });
              open = undefined;
              sent = true;
              break;
            case 'revoked':
              // Nobody is left to apply; the next appointment asks for it anew.
              if (open !== undefined) spans.push({ ...open, until: mark, ceased: true });
              open = undefined;
              break;
          }
        }
        return open === undefined ? spans : [...spans, open];
      },
    }),
    rule({
      id: 'administrator-registered',
      about: 'organization',
      manner: 'duty',
      within: 'registerWithin',
      marks: { appointed: [appointed], revoked: [revoked], registered: [registered] },
      evidence: ['appointed'],
      spans: (marks) => {
        const spans: Span[] = [];
        const open = new Map<string, Span>();
        const done = new Set<string>();
        for (const mark of marks) {
          const person = textOf(mark, 'person') ?? '';
          const span = open.get(person);
          switch (mark.kind) {
            case 'appointed':
              if (span === undefined && !done.has(person)) {
                open.set(person, {
                  from: mark,
                  what: `зарегистрировать на платформе администратора (${administratorOf(mark)})`,
                });
              }
              break;
            case 'registered':
              if (span !== undefined) spans.push({ ...span, until: mark });
              open.delete(person);
              done.add(person);
              break;
            case 'revoked':
              if (span !== undefined) spans.push({ ...span, until: mark, ceased: true });
              open.delete(person);
              break;
          }
        }
        return [...spans, ...open.values()];
      },
    }),
    invariant({
      id: 'registered-with-phone-of-application',
      about: 'organization',
      marks: { applied: [applied], registered: [registered], revoked: [revoked] },
      evidence: ['registered'],
      spans: (marks) => {
        const spans: Span[] = [];
        const open = new Map<string, Span>();
        let application: Mark | undefined;
        for (const mark of marks) {
          const person = textOf(mark, 'person') ?? '';
          const span = open.get(person);
          switch (mark.kind) {
            case 'applied':
              application = mark;
              break;
            case 'registered': {
              const phone = application === undefined ? undefined : textOf(application, 'phone');
              if (application !== undefined && phone !== undefined && phone !== textOf(mark, 'phone')) {
                open.set(
                  person,
                  span ?? {
                    from: mark,
                    because: [application],
                    what: `администратор (${administratorOf(mark)}) зарегистрирован не с тем номером телефона, который указан в заявке`,
                  },
                );
              } else if (span !== undefined) {
                spans.push({ ...span, until: mark });
                open.delete(person);
              }
              break;
            }
            case 'revoked':
              if (span !== undefined) spans.push({ ...span, until: mark });
              open.delete(person);
              break;
          }
        }
        return [...spans, ...open.values()];
      },
    }),
  ],
});
