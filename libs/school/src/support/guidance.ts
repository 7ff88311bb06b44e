import { type Concept, defineCommand, type EventOf, ruleViolated } from '@letopis/kernel';
import { mustBeWebAddress } from '../channels/web-address';
import { contentOf } from '../content';
import { defineEvent, Id, OneOf, Text } from '../events';
import * as field from '../fields';
import { PLATFORM_ROLES } from '../membership/membership';

const AUDIENCES = ['all', ...PLATFORM_ROLES] as const;

export const GuidancePublished = defineEvent({
  type: 'GuidancePublished',
  titleRu: 'Опубликована инструкция',
  clauses: ['4.3'],
  data: { guidanceId: Id(), title: Text(200), audience: OneOf(AUDIENCES), url: Text(2_000) },
});

export type GuidanceEvent = EventOf<typeof GuidancePublished>;

export interface Guidance {
  /** What was published under each id. */
  readonly published: ReadonlyMap<string, string>;
}

/** Instructions for participants; one stream for each organisation. */
export const guidance: Concept<Guidance, GuidanceEvent> = {
  name: 'guidance',
  titleRu: 'Инструкции',
  events: [GuidancePublished],
  initial: { published: new Map() },
  evolve: ({ published }, { data }) => ({
    published: new Map(published).set(data.guidanceId, contentOf(data)),
  }),
};

export class PublishGuidance {
  @field.Id('The instruction; assigned when absent', { optional: true }) guidanceId!: string;
  @field.Text('Its title') title!: string;
  @field.OneOf(AUDIENCES, 'Whom it is for') audience!: (typeof AUDIENCES)[number];
  @field.Text('Link to it: http or https', { max: 2_000 }) url!: string;
}

export const guidanceCommands = [
  defineCommand({
    name: 'PublishGuidance',
    titleRu: 'Опубликовать инструкцию',
    about: 'The administrator publishes an instruction that participants have a right to.',
    kind: 'decision',
    clauses: ['4.3'],
    actors: ['platform_admin'],
    concept: guidance,
    payload: PublishGuidance,
    assigns: 'guidanceId',
    example: {
      guidanceId: 'a4f7d7b6-15ce-4629-880b-d7c514a23e12',
      title: 'Как войти в учебный профиль',
      audience: 'parent',
      url: 'https://school7.example/guides/profile',
    },
    id: (_payload, organizationId) => organizationId,
    decide: ({ published }, { payload }) => {
      mustBeWebAddress(payload.url);
      const event = GuidancePublished.of({ ...payload });
      const before = published.get(payload.guidanceId);
      if (before === undefined) return [event];
      if (before === contentOf(event.data)) return [];
      throw ruleViolated(
        '4.3',
        'published-once',
        'Под этим номером уже опубликована другая инструкция: опубликуйте новую отдельно',
      );
    },
  }),
];
