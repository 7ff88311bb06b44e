import { type Concept, defineCommand, PARTICIPANTS, ruleViolated } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

export const SupportRequestOpened = defineEvent({
  type: 'SupportRequestOpened',
  titleRu: 'Поступило обращение в поддержку',
  clauses: ['3.1.13', '4.2'],
  data: {
    requestId: Id(),
    requesterId: PersonId(),
    topic: Personal(Text(), '/requesterId'),
    /** Tells the same question from another one without its text. */
    topicDigest: Id(),
    at: At(),
  },
});

export const SupportRequestResolved = defineEvent({
  type: 'SupportRequestResolved',
  titleRu: 'Обращение в поддержку решено',
  clauses: ['3.1.13'],
  data: {
    requestId: Id(),
    requesterId: PersonId(),
    resolution: Personal(Text(), '/requesterId'),
    resolutionDigest: Id(),
    by: PersonId(),
    at: At(),
  },
});

const events = [SupportRequestOpened, SupportRequestResolved] as const;
export type SupportEvent = EventsOf<typeof events>;

export interface SupportRequest {
  /** Who asked last. */
  readonly requesterId?: string;
  /** Questions on record, each by requester and digest. */
  readonly questions: readonly string[];
  /** Digest of how it was resolved; absent while a question is open. */
  readonly resolution?: string;
}

/** One request for help. A further question under its id opens it again. */
export const supportRequest: Concept<SupportRequest, SupportEvent> = {
  name: 'support',
  titleRu: 'Обращение в поддержку',
  events,
  initial: { questions: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'SupportRequestOpened':
        return { requesterId: data.requesterId, questions: [...state.questions, questionKey(data)] };
      case 'SupportRequestResolved':
        return { ...state, resolution: data.resolutionDigest };
    }
  },
};

function questionKey({ requesterId, topicDigest }: { requesterId: string; topicDigest: string }): string {
  return `${requesterId}/${topicDigest}`;
}

export class OpenSupportRequest {
  @field.Id('The request; assigned when absent', { optional: true }) requestId!: string;
  @field.PersonId('Who asks; the caller when absent', { optional: true }) requesterId?: string;
  @field.Text('What is asked (stored encrypted)', { max: 2_000 }) topic!: string;
}

export class ResolveSupportRequest {
  @field.Id('The request') requestId!: string;
  @field.Text('How it was resolved (stored encrypted)', { max: 2_000 }) resolution!: string;
}

const REQUEST = '71c4a483-e29b-43f6-95d8-a492817fb30f';

export const supportRequestCommands = [
  defineCommand({
    name: 'OpenSupportRequest',
    titleRu: 'Обратиться в поддержку',
    about: 'Somebody asks for help with the platform; nobody is refused (clause 4.2).',
    kind: 'fact',
    clauses: ['3.1.13', '4.2'],
    actors: PARTICIPANTS,
    concept: supportRequest,
    payload: OpenSupportRequest,
    assigns: 'requestId',
    example: { requestId: REQUEST, topic: 'Не приходит код для входа' },
    id: ({ requestId }) => requestId,
    decide: ({ questions }, command) => {
      const { payload, actor, occurredAt } = command;
      const { requestId, topic, requesterId = actor.id } = payload;
      const topicDigest = command.pseudonym('support-topic', topic);
      return questions.includes(questionKey({ requesterId, topicDigest }))
        ? []
        : [SupportRequestOpened.of({ requestId, requesterId, topic, topicDigest, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'ResolveSupportRequest',
    titleRu: 'Решить обращение в поддержку',
    about: 'The administrator helped; a request is resolved once.',
    kind: 'decision',
    clauses: ['3.1.13'],
    actors: ['platform_admin'],
    concept: supportRequest,
    payload: ResolveSupportRequest,
    example: { requestId: REQUEST, resolution: 'Номер телефона исправлен, вход выполнен' },
    id: ({ requestId }) => requestId,
    decide: ({ requesterId, resolution: before }, command) => {
      const { payload, actor, occurredAt } = command;
      const { requestId, resolution } = payload;
      if (requesterId === undefined) {
        throw ruleViolated('3.1.13', 'opened-first', 'Такого обращения нет в журнале');
      }
      const resolutionDigest = command.pseudonym('support-resolution', resolution);
      if (before === resolutionDigest) return [];
      if (before !== undefined) {
        throw ruleViolated('3.1.13', 'resolved-once', 'Это обращение уже решено иначе');
      }
      return [
        SupportRequestResolved.of({
          requestId,
          requesterId,
          resolution,
          resolutionDigest,
          by: actor.id,
          at: occurredAt,
        }),
      ];
    },
  }),
];
