import { type Concept, defineCommand, type EventOf, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { defineEvent, Id, OneOf, Text } from '../events';
import * as field from '../fields';

/** The general channel of the school, the channel of its staff, and others (clause 3.1.11). */
const KINDS = ['general', 'staff', 'other'] as const;

export const SystemChannelRegistered = defineEvent({
  type: 'SystemChannelRegistered',
  titleRu: 'Системный канал внесён в реестр',
  clauses: ['3.1.11'],
  data: { channelId: Id(), kind: OneOf(KINDS), title: Text(200) },
});

export type ChannelEvent = EventOf<typeof SystemChannelRegistered>;

export interface Channel {
  /** How the channel was registered, if it was. */
  readonly registered?: ChannelEvent['data'];
}

/** A channel in the register. What is published in it has streams of its own, so this one stays short. */
export const channel: Concept<Channel, ChannelEvent> = {
  name: 'channel',
  titleRu: 'Системный канал',
  events: [SystemChannelRegistered],
  initial: {},
  evolve: (_state, { data }) => ({ registered: data }),
};

export class RegisterSystemChannel {
  @field.Id('The channel; assigned when absent', { optional: true }) channelId!: string;
  @field.OneOf(KINDS, 'Of the whole school, of its staff, or another') kind!: (typeof KINDS)[number];
  @field.Text('Its title') title!: string;
}

export const channelCommands = [
  defineCommand({
    name: 'RegisterSystemChannel',
    titleRu: 'Внести системный канал в реестр',
    about: 'A channel of the school, such as General or Staff, is entered in the register.',
    kind: 'decision',
    clauses: ['3.1.11'],
    actors: ['platform_admin'],
    concept: channel,
    payload: RegisterSystemChannel,
    assigns: 'channelId',
    example: {
      channelId: '0a5d3c1e-7b24-4c8f-9e61-3d2b1a0f4c08',
      kind: 'general',
      title: 'Школа № 7: общий канал',
    },
    id: ({ channelId }) => channelId,
    decide: ({ registered }, { payload }) => {
      const event = SystemChannelRegistered.of({ ...payload });
      if (registered === undefined) return [event];
      if (contentOf(registered) === contentOf(event.data)) return [];
      throw ruleViolated(
        '3.1.11',
        'registered-once',
        'Этот канал уже внесён в реестр с другим видом или названием: внесите новый канал отдельной записью',
      );
    },
  }),
];
