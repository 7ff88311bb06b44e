import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type EventOf, readState, ruleViolated } from '@letopis/kernel';
import { chat } from '../chats/chat';
import { contentOf } from '../content';
import { defineEvent, Id, PersonId } from '../events';
import * as field from '../fields';
import { Period, periodData, periodKey, periodOf } from '../statistics/period';

export const CommunicationPeriodConfirmed = defineEvent({
  type: 'CommunicationPeriodConfirmed',
  titleRu: 'Подтверждена коммуникация в чате за период',
  clauses: ['3.3.4', '3.4.4'],
  data: {
    chatId: Id(),
    ...periodData,
    byOwner: PersonId(),
    activeParticipants: Type.Integer({ minimum: 0 }),
    messageCount: Type.Integer({ minimum: 0 }),
  },
});

export type CommunicationEvent = EventOf<typeof CommunicationPeriodConfirmed>;

export interface Communication {
  /** Periods that are confirmed, each with what was said of it. */
  readonly confirmed: ReadonlyMap<string, string>;
}

/** Confirmations of one chat; the stream's id is the chat's. */
export const communication: Concept<Communication, CommunicationEvent> = {
  name: 'communication',
  titleRu: 'Коммуникация в чате',
  events: [CommunicationPeriodConfirmed],
  initial: { confirmed: new Map() },
  evolve: ({ confirmed }, { data }) => ({
    confirmed: new Map(confirmed).set(periodKey(data), saidOfPeriod(data)),
  }),
};

function saidOfPeriod({
  byOwner,
  activeParticipants,
  messageCount,
}: {
  byOwner: string;
  activeParticipants: number;
  messageCount: number;
}): string {
  return contentOf({ byOwner, activeParticipants, messageCount });
}

export class ConfirmCommunicationPeriod extends Period {
  @field.Id('The chat') chatId!: string;
  @field.Count('How many took part', { min: 0, max: 10_000 }) activeParticipants!: number;
  @field.Count('How many messages there were', { min: 0, max: 10_000_000 }) messageCount!: number;
}

export const communicationCommands = [
  defineCommand({
    name: 'ConfirmCommunicationPeriod',
    titleRu: 'Подтвердить коммуникацию в чате за период',
    about: 'The owner of a chat confirms how it was used in a period that is over.',
    kind: 'decision',
    clauses: ['3.3.4', '3.4.4'],
    actors: ['curator', 'teacher'],
    concept: communication,
    payload: ConfirmCommunicationPeriod,
    example: {
      chatId: '8c2f4b16-5d7a-4b3e-9c1d-6e0f7a8b9c04',
      periodFrom: '2025-10-01T00:00:00+05:00',
      periodTo: '2025-11-01T00:00:00+05:00',
      activeParticipants: 24,
      messageCount: 310,
    },
    id: ({ chatId }) => chatId,
    reads: ({ chatId }) => ({ chat: readState(chat, chatId) }),
    decide: ({ confirmed }, { payload, actor, occurredAt }, known) => {
      const { chatId, activeParticipants, messageCount } = payload;
      const clause = actor.role === 'curator' ? '3.3.4' : '3.4.4';
      const event = CommunicationPeriodConfirmed.of({
        chatId,
        ...periodOf(payload),
        byOwner: actor.id,
        activeParticipants,
        messageCount,
      });
      const before = confirmed.get(periodKey(event.data));
      if (before === saidOfPeriod(event.data)) return [];
      if (before !== undefined) {
        throw ruleViolated(
          clause,
          'confirmed-once',
          'Коммуникация за этот период уже подтверждена с другими числами',
        );
      }
      if (known.chat.status === 'unregistered') {
        throw ruleViolated(clause, 'chat-registered', 'Сначала внесите чат в реестр (RegisterChat)');
      }
      if (known.chat.ownerId !== undefined && known.chat.ownerId !== actor.id) {
        throw ruleViolated(clause, 'owner-confirms', 'Коммуникацию подтверждает владелец чата');
      }
      if (event.data.periodTo > occurredAt) {
        throw ruleViolated(clause, 'period-closed', 'Период ещё не закончился: дождитесь его конца');
      }
      return [event];
    },
  }),
];
