import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  MemberMovementRecorded,
  OrganizationProfileUpdated,
  OrganizationRegistrationConfirmed,
} from '@letopis/school';
import { days, workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Mark, on, textOf } from '../marks';
import { mention } from '../mentions';
import { obligation, rule, stretches } from '../rules';

const updated = on(OrganizationProfileUpdated, ({ organizationId }) => ({ subject: organizationId }));

type HeadKind = 'named' | 'dismissed' | 'hired';

interface Head {
  /** Where the head was named. */
  readonly named?: Mark;
  readonly dismissed: ReadonlyMap<string, Mark>;
}

/**
 * Of what changes outside of the profile, events show one thing: that its head was dismissed. A new name or address is
 * known by the profile alone. A review that changes nothing is no event either; a completed check of this control is one.
 */
export const organizationProfileCurrent = control({
  ...headingOf('C05'),
  version: 1,
  parameters: {
    updateWithin: parameter('Срок внести сведения об организации или их изменения', workingDays(5)),
    reviewEvery: parameter('Как часто проверять сведения об организации', days(365)),
  },
  rules: [
    obligation({
      id: 'profile-entered',
      about: 'organization',
      duty: 'внести сведения об организации на платформе',
      dueWithin: 'updateWithin',
      opens: [
        on(OrganizationRegistrationConfirmed, ({ organizationId, data }) => ({
          subject: organizationId,
          at: data.confirmedAt,
        })),
      ],
      fulfils: [updated],
    }),
    rule({
      id: 'head-current',
      about: 'organization',
      manner: 'duty',
      within: 'updateWithin',
      marks: {
        named: [
          on(OrganizationProfileUpdated, ({ organizationId, data }) =>
            data.after.headId === undefined
              ? undefined
              : { subject: organizationId, refersTo: data.after.headId, detail: { head: data.after.headId } },
          ),
        ],
        dismissed: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'dismissed' ? { subject: data.personId, at: data.effectiveAt } : undefined,
          ),
        ],
        hired: [
          on(MemberMovementRecorded, ({ data }) =>
            data.kind === 'hired' ? { subject: data.personId, at: data.effectiveAt } : undefined,
          ),
        ],
      },
      evidence: ['named'],
      spans: (marks) =>
        stretches<HeadKind, Head>(marks, {
          initial: { dismissed: new Map() },
          evolve: (state, mark) => {
            switch (mark.kind) {
              case 'named':
                return { ...state, named: mark };
              case 'dismissed':
                return { ...state, dismissed: new Map(state.dismissed).set(mark.subject, mark) };
              case 'hired':
                return {
                  ...state,
                  dismissed: new Map([...state.dismissed].filter(([id]) => id !== mark.subject)),
                };
            }
          },
          broken: ({ named, dismissed }) => {
            const dismissal = named && dismissed.get(headOf(named));
            return named === undefined || dismissal === undefined ? undefined : [dismissal, named];
          },
          what: '',
        }).map((span) => ({
          ...span,
          what: `указать в сведениях об организации нового руководителя: прежний (${mention('person', headOf(span.from))}) уволен`,
          ...(span.until?.kind === 'hired' && { ceased: true }),
        })),
    }),
    rule({
      id: 'profile-reviewed',
      about: 'organization',
      manner: 'duty',
      within: 'reviewEvery',
      marks: {
        updated: [updated],
        scheduled: [
          on(ControlCheckScheduled, ({ organizationId, data }) =>
            data.controlIds.includes('C05')
              ? { subject: organizationId, detail: { check: data.checkId } }
              : undefined,
          ),
        ],
        completed: [
          on(ControlCheckCompleted, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.at,
            detail: { check: data.checkId },
          })),
        ],
      },
      evidence: ['updated'],
      spans: (marks) => {
        const checks = new Set(
          marks.filter(({ kind }) => kind === 'scheduled').map((mark) => textOf(mark, 'check')),
        );
        const reviews = marks.filter(
          (mark) =>
            mark.kind === 'updated' || (mark.kind === 'completed' && checks.has(textOf(mark, 'check'))),
        );
        return reviews.map((from, index) => {
          const until = reviews[index + 1];
          return {
            from,
            ...(until !== undefined && { until }),
            what: 'проверить сведения об организации и внести изменения, если они есть',
          };
        });
      },
    }),
  ],
});

/** The head whom the mark names, or whose dismissal it is. */
function headOf(mark: Mark): string {
  return textOf(mark, 'head') ?? mark.subject;
}
