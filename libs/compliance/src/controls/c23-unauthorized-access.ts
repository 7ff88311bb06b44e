import { AccountContained, IncidentRegistered, UnauthorizedAccessReported } from '@letopis/school';
import { hours } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { on } from '../marks';
import { obligation } from '../rules';

const reported = on(UnauthorizedAccessReported, ({ data }) => ({
  subject: data.incidentId,
  at: data.reportedAt,
}));

export const unauthorizedAccess = control({
  ...headingOf('C23'),
  version: 1,
  parameters: {
    reportWithin: parameter('Срок сообщить о несанкционированном доступе', hours(24)),
    containWithin: parameter('Срок ограничить доступ к учётной записи', hours(4)),
  },
  rules: [
    obligation({
      id: 'reported',
      about: 'incident',
      duty: 'сообщить администратору о несанкционированном доступе',
      dueWithin: 'reportWithin',
      opens: [
        on(UnauthorizedAccessReported, ({ data }) => ({ subject: data.incidentId, at: data.detectedAt })),
        on(IncidentRegistered, ({ data }) =>
          data.kind === 'unauthorized_access' ? { subject: data.incidentId, at: data.detectedAt } : undefined,
        ),
      ],
      fulfils: [
        reported,
        // The administrator who enters the incident in the journal knows of it.
        on(IncidentRegistered, ({ data, actor }) =>
          data.kind === 'unauthorized_access' && actor.role === 'platform_admin'
            ? { subject: data.incidentId }
            : undefined,
        ),
      ],
    }),
    obligation({
      id: 'contained',
      about: 'incident',
      duty: 'взять под контроль аккаунт, к которому получен несанкционированный доступ',
      dueWithin: 'containWithin',
      opens: [reported],
      fulfils: [on(AccountContained, ({ data }) => ({ subject: data.incidentId, at: data.at }))],
    }),
  ],
});
