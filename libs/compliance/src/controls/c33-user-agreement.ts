import { UserAgreementAccepted } from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Span } from '../findings';
import { type Mark, on } from '../marks';
import { rule } from '../rules';
import { Whereabouts, whereabouts } from './whereabouts';

const what = 'принять пользовательское соглашение платформы (отметить его принятие)';

/**
 * Whoever takes part has accepted the user agreement, once: a new version is the platform's to ask for, and no event tells
 * the school of one. The duty falls away where the person is in the community and its chats no more.
 */
export const userAgreement = control({
  ...headingOf('C33'),
  version: 1,
  parameters: {
    ackWithin: parameter('Срок принятия пользовательского соглашения после вступления', workingDays(10)),
  },
  rules: [
    rule({
      id: 'agreement-accepted',
      about: 'person',
      manner: 'duty',
      within: 'ackWithin',
      marks: {
        ...whereabouts,
        accepted: [on(UserAgreementAccepted, ({ data }) => ({ subject: data.personId, at: data.at }))],
      },
      evidence: ['came', 'linked'],
      spans: (marks, subject) => {
        const here = new Whereabouts(subject);
        const spans: Span[] = [];
        let open: Mark | undefined;
        for (const mark of marks) {
          if (mark.kind === 'accepted') {
            return open === undefined ? spans : [...spans, { from: open, until: mark, what }];
          }
          here.take(mark);
          const isHere = here.now().length > 0;
          if (isHere) open ??= mark;
          else if (open !== undefined) {
            spans.push({ from: open, until: mark, ceased: true, what });
            open = undefined;
          }
        }
        return open === undefined ? spans : [...spans, { from: open, what }];
      },
    }),
  ],
});
