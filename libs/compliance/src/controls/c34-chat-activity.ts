import {
  ChatAutoProvisioned,
  ChatClosed,
  type ChatKind,
  ChatRegistered,
  CommunicationPeriodConfirmed,
  GroupArchived,
  MessagePosted,
} from '@letopis/school';
import { termDays } from '../calendar';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { on } from '../marks';
import { cadence } from '../rules';

/** Chats in which pupils and parents are met; what the administration talks about among itself is its own affair. */
const EDUCATIONAL: ReadonlySet<ChatKind> = new Set(['class_students', 'class_parents', 'subject', 'other']);

const opening = ({
  data: { chatId, kind, groupId },
}: {
  data: { chatId: string; kind: ChatKind; groupId?: string };
}) => (EDUCATIONAL.has(kind) ? { subject: chatId, refersTo: groupId } : undefined);

/**
 * In a live educational chat of the register somebody writes, or its owner confirms that somebody did, at least once in
 * thirty days of the terms. A confirmation speaks for the end of its period; one of no messages confirms nothing.
 *
 * Not judged: meetings of the administration (clause 3.2.4), which C18 follows; and what nobody can see: a chat of which
 * the messenger tells nothing is alive by its owner's word alone.
 */
export const chatActivity = control({
  ...headingOf('C34'),
  version: 1,
  parameters: {
    activityEvery: parameter('Срок, в течение которого в чате есть общение', termDays(30)),
  },
  rules: [
    cadence({
      id: 'activity',
      about: 'chat',
      duty: 'поддерживать общение в чате или подтвердить его за прошедший период',
      every: 'activityEvery',
      starts: [on(ChatRegistered, opening), on(ChatAutoProvisioned, opening)],
      happens: [
        on(MessagePosted, ({ data }) => ({ subject: data.chatId, at: data.at })),
        on(CommunicationPeriodConfirmed, ({ data }) =>
          data.messageCount === 0 ? undefined : { subject: data.chatId, at: data.periodTo },
        ),
      ],
      // A class that has left needs its chats no more, whether or not anybody closes them.
      ends: [
        on(ChatClosed, ({ data }) => ({ subject: data.chatId, at: data.at })),
        on(GroupArchived, ({ data }) => ({ subject: data.groupId })),
      ],
      many: true,
    }),
  ],
});
