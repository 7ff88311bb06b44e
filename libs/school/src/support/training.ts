import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type EventOf } from '@letopis/kernel';
import { contentOf } from '../content';
import { Day, defineEvent, PersonId, Text } from '../events';
import * as field from '../fields';

export const TrainingAttended = defineEvent({
  type: 'TrainingAttended',
  titleRu: 'Посещён семинар или вебинар',
  clauses: ['4.4'],
  data: {
    personId: PersonId(),
    topic: Text(200),
    date: Day(),
    hours: Type.Integer({ minimum: 1 }),
    certificateRef: Type.Optional(Text(200)),
  },
});

export type TrainingEvent = EventOf<typeof TrainingAttended>;

export interface Training {
  /** What the person attended, so that the same fact is not recorded twice. */
  readonly attended: readonly string[];
}

/** Seminars and webinars of one teacher; the stream's id is the teacher's. */
export const training: Concept<Training, TrainingEvent> = {
  name: 'training',
  titleRu: 'Обучение педагога',
  events: [TrainingAttended],
  initial: { attended: [] },
  evolve: ({ attended }, { data }) => ({ attended: [...attended, contentOf(data)] }),
};

export class RecordTraining {
  @field.PersonId('The teacher') personId!: string;
  @field.Text('What it was about') topic!: string;
  @field.Day('When') date!: string;
  @field.Count('How many hours', { min: 1, max: 1_000 }) hours!: number;
  @field.Text('Number and date of the certificate', { optional: true }) certificateRef?: string;
}

export const trainingCommands = [
  defineCommand({
    name: 'RecordTraining',
    titleRu: 'Отметить участие в семинаре или вебинаре',
    about: 'A teacher attended a seminar or webinar on the platform’s use.',
    kind: 'fact',
    clauses: ['4.4'],
    // A curator is a teacher (clause 3.3.1).
    actors: ['teacher', 'curator'],
    concept: training,
    payload: RecordTraining,
    example: {
      personId: '2b7e6d4c-9a53-4a0f-8f3e-0d8c5b6a7e02',
      topic: 'Учебный профиль в работе классного руководителя',
      date: '2025-10-29',
      hours: 2,
    },
    id: ({ personId }) => personId,
    decide: ({ attended }, { payload }) => {
      const event = TrainingAttended.of({ ...payload });
      return attended.includes(contentOf(event.data)) ? [] : [event];
    },
  }),
];
