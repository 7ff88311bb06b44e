import { MeasureRecorded, ViolationDismissed, ViolationReported } from '@letopis/school';
import { workingDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { on } from '../marks';
import { obligation } from '../rules';

/**
 * Official communication only on the approved platform. A report of a chat in a foreign messenger is to be followed by a
 * measure, or found unfounded; the term runs from the report, since the school knows from then on.
 *
 * What the record cannot show: chats elsewhere that nobody reports, and that such a chat is really closed: the messenger
 * tells nothing of others, and the measure is what the school can show.
 */
export const approvedPlatformOnly = control({
  ...headingOf('C30'),
  version: 1,
  parameters: {
    closeForeignChat: parameter('Срок прекращения общения в стороннем мессенджере', workingDays(3)),
  },
  rules: [
    obligation({
      id: 'foreign-chat-closed',
      about: 'violation',
      duty: 'прекратить служебное общение в стороннем мессенджере и принять меру',
      dueWithin: 'closeForeignChat',
      opens: [
        on(ViolationReported, ({ data }) =>
          data.kind === 'foreign_platform' ? { subject: data.violationId, at: data.at } : undefined,
        ),
      ],
      fulfils: [on(MeasureRecorded, ({ data }) => ({ subject: data.violationId }))],
      cancels: [on(ViolationDismissed, ({ data }) => ({ subject: data.violationId }))],
    }),
  ],
});
