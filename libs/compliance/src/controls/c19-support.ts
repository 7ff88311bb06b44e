import {
  IncidentClosed,
  SupportRequestOpened,
  SupportRequestResolved,
  VendorTicketAnswered,
  VendorTicketOpened,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, on, textOf } from '../marks';
import { obligation, rule } from '../rules';

const resolved = on(SupportRequestResolved, ({ data }) => ({ subject: data.requestId, at: data.at }));

/** Tickets of the administrator only: others write to the vendor by their own right (clause 4.2), and owe nobody a reminder. */
const occasionOf = ({
  data,
  actor,
}: {
  data: { supportRequestId?: string; incidentId?: string };
  actor: { role: string };
}): string | undefined =>
  actor.role === 'platform_admin' ? (data.supportRequestId ?? data.incidentId) : undefined;

/**
 * A request for help is resolved or handed on to the vendor in time, and what was handed on is not forgotten: the
 * administrator asks again, unless there is an answer or the occasion is settled. Whether the vendor answers is not the
 * school's to answer for.
 *
 * Not judged: whether what was handed on is resolved in the end, for which nothing sets a term.
 */
export const support = control({
  ...headingOf('C19'),
  version: 1,
  parameters: {
    resolveWithin: parameter('Срок решения обращения в поддержку', workingDays(2)),
    vendorFollowUp: parameter('Срок напоминания разработчику платформы', workingDays(5)),
  },
  rules: [
    obligation({
      id: 'request-resolved',
      about: 'request',
      duty: 'решить обращение в поддержку или передать его разработчику платформы',
      dueWithin: 'resolveWithin',
      opens: [on(SupportRequestOpened, ({ data }) => ({ subject: data.requestId, at: data.at }))],
      fulfils: [
        resolved,
        on(VendorTicketOpened, ({ data }) =>
          data.supportRequestId === undefined ? undefined : { subject: data.supportRequestId, at: data.at },
        ),
      ],
      // A further question under the same number opens the request again.
      lapses: [resolved],
    }),
    rule({
      id: 'vendor-followed-up',
      about: 'request',
      manner: 'duty',
      within: 'vendorFollowUp',
      marks: {
        sent: [
          on(VendorTicketOpened, (event) =>
            event.actor.role === 'platform_admin'
              ? { subject: event.data.ticketId, at: event.data.at, refersTo: occasionOf(event) }
              : undefined,
          ),
        ],
        answered: [on(VendorTicketAnswered, ({ data }) => ({ subject: data.ticketId, at: data.at }))],
        reminded: [
          on(VendorTicketOpened, (event) => {
            const occasion = occasionOf(event);
            const { ticketId, at } = event.data;
            return occasion === undefined ? undefined : { subject: occasion, at, detail: { ticketId } };
          }),
        ],
        settled: [resolved, on(IncidentClosed, ({ data }) => ({ subject: data.incidentId, at: data.at }))],
      },
      evidence: ['sent'],
      spans: (marks, ticketId) => {
        const what = 'напомнить разработчику платформы об обращении, на которое нет ответа';
        const spans: Span[] = [];
        let sent: Mark | undefined;
        for (const mark of marks) {
          // The ticket itself is no reminder of it.
          if (mark.kind === 'reminded' && textOf(mark, 'ticketId') === ticketId) continue;
          if (sent !== undefined) spans.push({ from: sent, until: mark, what });
          sent = mark.kind === 'sent' ? mark : undefined;
        }
        return sent === undefined ? spans : [...spans, { from: sent, what }];
      },
    }),
  ],
});
