import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type EventOf, readState, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, PersonId, Text } from '../events';
import * as field from '../fields';
import { channel } from './channel';
import { mustBeWebAddress } from './web-address';

export const PublicationMaterialSubmitted = defineEvent({
  type: 'PublicationMaterialSubmitted',
  titleRu: 'Предоставлен материал для публикации',
  clauses: ['3.2.3'],
  data: { materialId: Id(), channelId: Id(), by: PersonId(), titleRu: Text(200), dueAt: At(), at: At() },
});

/** Holds a whole row of the register of publications (form F9): it can be read without any other event. */
export const PublicationPublished = defineEvent({
  type: 'PublicationPublished',
  titleRu: 'Материал опубликован в системном канале',
  clauses: ['3.1.11'],
  data: {
    publicationId: Id(),
    channelId: Id(),
    channelTitle: Text(200),
    title: Text(200),
    materialId: Type.Optional(Id()),
    /** Who supplied the material, where the administration did. */
    suppliedBy: Type.Optional(PersonId()),
    by: PersonId(),
    at: At(),
    url: Text(2_000),
  },
});

export const PublicationWithdrawn = defineEvent({
  type: 'PublicationWithdrawn',
  titleRu: 'Публикация снята',
  clauses: ['3.1.11'],
  data: { publicationId: Id(), channelId: Id(), reason: Text(), by: PersonId(), at: At() },
});

export type MaterialEvent = EventOf<typeof PublicationMaterialSubmitted>;
const publicationEvents = [PublicationPublished, PublicationWithdrawn] as const;
export type PublicationEvent = EventsOf<typeof publicationEvents>;

export interface Material {
  /** How the material was submitted, if it was. */
  readonly submitted?: MaterialEvent['data'];
}

/** What the administration supplies for a channel. It may be published more than once. */
export const material: Concept<Material, MaterialEvent> = {
  name: 'material',
  titleRu: 'Материал для публикации',
  events: [PublicationMaterialSubmitted],
  initial: {},
  evolve: (_state, { data }) => ({ submitted: data }),
};

export interface Publication {
  /** How it was published, if it was. */
  readonly published?: EventOf<typeof PublicationPublished>['data'];
  /** Why it was withdrawn, if it was. */
  readonly withdrawn?: string;
}

export const publication: Concept<Publication, PublicationEvent> = {
  name: 'publication',
  titleRu: 'Публикация',
  events: publicationEvents,
  initial: {},
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'PublicationPublished':
        return { ...state, published: data };
      case 'PublicationWithdrawn':
        return { ...state, withdrawn: data.reason };
    }
  },
};

export class SubmitPublicationMaterial {
  @field.Id('The material; assigned when absent', { optional: true }) materialId!: string;
  @field.Id('The channel that it is for') channelId!: string;
  @field.Text('Its title, in Russian') titleRu!: string;
  @field.Instant('By when it is to be published') dueAt!: string;
}

export class PublishToChannel {
  @field.Id('The publication; assigned when absent', { optional: true }) publicationId!: string;
  @field.Id('The channel') channelId!: string;
  @field.Id('The material that the administration supplied, if it did', { optional: true })
  materialId?: string;
  @field.Text('What it is about') title!: string;
  @field.Text('Link to the publication: http or https', { max: 2_000 }) url!: string;
}

export class WithdrawPublication {
  @field.Id('The publication') publicationId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const CHANNEL = '0a5d3c1e-7b24-4c8f-9e61-3d2b1a0f4c08';
const MATERIAL = '1b6e4d2f-8c35-4d90-af72-4e3c2b1a5d09';
const PUBLICATION = '2c7f5e30-9d46-4ea1-b083-5f4d3c2b6e0a';

function saidOfMaterial({ channelId, titleRu, dueAt }: Omit<SubmitPublicationMaterial, 'materialId'>) {
  return contentOf({ channelId, titleRu, dueAt });
}

function saidOfPublication({ channelId, materialId, title, url }: Omit<PublishToChannel, 'publicationId'>) {
  return contentOf({ channelId, materialId, title, url });
}

export const publicationCommands = [
  defineCommand({
    name: 'SubmitPublicationMaterial',
    titleRu: 'Предоставить материал для публикации',
    about: 'The administration supplies the administrator with material for a channel, with a date.',
    kind: 'decision',
    clauses: ['3.2.3'],
    actors: ['deputy', 'director'],
    concept: material,
    payload: SubmitPublicationMaterial,
    assigns: 'materialId',
    example: {
      materialId: MATERIAL,
      channelId: CHANNEL,
      titleRu: 'Расписание каникул',
      dueAt: '2036-10-20T12:00:00+05:00',
    },
    id: ({ materialId }) => materialId,
    reads: ({ channelId }) => ({ channel: readState(channel, channelId) }),
    decide: ({ submitted }, { payload, actor, occurredAt }, known) => {
      const dueAt = new Date(payload.dueAt).toISOString();
      if (submitted !== undefined) {
        if (saidOfMaterial(submitted) === saidOfMaterial({ ...payload, dueAt })) return [];
        throw ruleViolated(
          '3.2.3',
          'submitted-once',
          'Под этим номером уже предоставлен другой материал: предоставьте новый отдельно',
        );
      }
      if (known.channel.registered === undefined) {
        throw ruleViolated('3.2.3', 'channel-registered', 'Такого системного канала нет в реестре');
      }
      if (dueAt <= occurredAt) {
        throw ruleViolated('3.2.3', 'due-ahead', 'Срок публикации должен быть в будущем');
      }
      return [PublicationMaterialSubmitted.of({ ...payload, dueAt, by: actor.id, at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'PublishToChannel',
    titleRu: 'Опубликовать в системном канале',
    about: 'The administrator publishes in a channel, on material of the administration or without.',
    kind: 'decision',
    clauses: ['3.1.11'],
    actors: ['platform_admin'],
    concept: publication,
    payload: PublishToChannel,
    assigns: 'publicationId',
    example: {
      publicationId: PUBLICATION,
      channelId: CHANNEL,
      materialId: MATERIAL,
      title: 'Расписание каникул',
      url: 'https://school7.example/news/holidays',
    },
    id: ({ publicationId }) => publicationId,
    reads: ({ channelId, materialId }) => ({
      channel: readState(channel, channelId),
      // The stream of an id that is no material's is empty.
      material: readState(material, materialId ?? channelId),
    }),
    decide: ({ published }, { payload, actor, occurredAt }, known) => {
      mustBeWebAddress(payload.url);
      if (published !== undefined) {
        if (saidOfPublication(published) === saidOfPublication(payload)) return [];
        throw ruleViolated(
          '3.1.11',
          'published-once',
          'Под этим номером уже есть другая публикация: снимите её и опубликуйте новую',
        );
      }
      const { registered } = known.channel;
      if (registered === undefined) {
        throw ruleViolated(
          '3.1.11',
          'channel-registered',
          'Сначала внесите канал в реестр (RegisterSystemChannel)',
        );
      }
      const { submitted } = known.material;
      if (payload.materialId !== undefined && submitted?.channelId !== payload.channelId) {
        throw ruleViolated(
          '3.1.11',
          'material-of-channel',
          'Такого материала администрация для этого канала не предоставляла',
        );
      }
      return [
        PublicationPublished.of({
          ...payload,
          channelTitle: registered.title,
          suppliedBy: submitted?.by,
          by: actor.id,
          at: occurredAt,
        }),
      ];
    },
  }),
  defineCommand({
    name: 'WithdrawPublication',
    titleRu: 'Снять публикацию',
    about: 'The administrator takes a publication down, with a reason.',
    kind: 'decision',
    clauses: ['3.1.11'],
    actors: ['platform_admin'],
    concept: publication,
    payload: WithdrawPublication,
    example: { publicationId: PUBLICATION, reason: 'Ошибка в датах' },
    id: ({ publicationId }) => publicationId,
    decide: ({ published, withdrawn }, { payload, actor, occurredAt }) => {
      if (published === undefined) {
        throw ruleViolated('3.1.11', 'published-first', 'Такой публикации нет в журнале');
      }
      if (withdrawn === payload.reason) return [];
      if (withdrawn !== undefined) {
        throw ruleViolated('3.1.11', 'withdrawn-once', 'Публикация уже снята по другой причине');
      }
      return [
        PublicationWithdrawn.of({
          ...payload,
          channelId: published.channelId,
          by: actor.id,
          at: occurredAt,
        }),
      ];
    },
  }),
];
