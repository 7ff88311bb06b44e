import {
  AdditionalAdministratorAssigned,
  AdditionalAdministratorRevoked,
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  JoinRequestApproved,
  JoinRequestRejected,
  JoinRequestSubmitted,
} from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, on, textOf } from '../marks';
import { mention } from '../mentions';
import { obligation, prohibition } from '../rules';

/** A right to administer, of the person of an event; `of` tells that by order from that of an additional administrator. */
const right =
  (of: 'order' | 'assignment') =>
  ({ data }: { data: { personId: string } }) => ({ subject: data.personId, detail: { of } });

/**
 * C09. That the claimant is matched with the roster is not judged: an approval without an exact match or a written reason
 * is refused (clause 3.1.8, `roster-match`, `written-reason`), so the record can hold none.
 */
export const joinRequestsDecided = control({
  ...headingOf('C09'),
  version: 1,
  parameters: {
    decideWithin: parameter('Срок рассмотрения заявки на вступление', workingDays(3)),
  },
  rules: [
    obligation({
      id: 'request-decided',
      about: 'request',
      duty: 'рассмотреть заявку на вступление',
      dueWithin: 'decideWithin',
      // The term runs from the first claim; a later one under the same request does not begin it anew.
      opens: [on(JoinRequestSubmitted, ({ data }) => ({ subject: data.requestId, at: data.at }))],
      fulfils: [
        on(JoinRequestApproved, ({ data }) => ({ subject: data.requestId, at: data.at })),
        on(JoinRequestRejected, ({ data }) => ({ subject: data.requestId })),
      ],
    }),
    prohibition({
      id: 'decided-by-administrator',
      about: 'request',
      marks: {
        decided: [
          on(JoinRequestApproved, ({ data }) => ({
            subject: data.requestId,
            at: data.at,
            refersTo: data.by,
          })),
          on(JoinRequestRejected, ({ data }) => ({ subject: data.requestId, refersTo: data.by })),
        ],
        granted: [
          on(AdministratorAppointed, right('order')),
          on(AdditionalAdministratorAssigned, right('assignment')),
        ],
        withdrawn: [
          on(AdministratorAppointmentRevoked, right('order')),
          on(AdditionalAdministratorRevoked, right('assignment')),
        ],
      },
      evidence: ['decided'],
      spans: (marks) =>
        marks.flatMap((decision) => {
          const { kind, refersTo: by } = decision;
          if (kind !== 'decided' || by === undefined) return [];
          const rights = marks.filter(({ subject }) => subject === by);
          if (isAdministratorAt(rights, decision.at)) return [];
          const who = mention('person', by);
          return [{ from: decision, what: `заявку рассмотрел не действующий администратор: ${who}` }];
        }),
    }),
  ],
});

/** Whether a person's rights, in order of time, hold at the instant; that of a change is within them. */
function isAdministratorAt(rights: readonly Mark[], at: string): boolean {
  const held = new Set<string | undefined>();
  for (const mark of rights) {
    if (mark.at > at) break;
    if (mark.kind === 'granted') held.add(textOf(mark, 'of'));
    if (mark.kind === 'withdrawn' && mark.at < at) held.delete(textOf(mark, 'of'));
  }
  return held.size > 0;
}
