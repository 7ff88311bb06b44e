import { type Concept, defineCommand, type EventOf } from '@letopis/kernel';
import { Day, defineEvent, PersonId } from '../events';
import * as field from '../fields';

/** The reason stays out on purpose: it may be about health, and the school does not need it here. */
export const AbsenceNoticeReceived = defineEvent({
  type: 'AbsenceNoticeReceived',
  titleRu: 'Родитель сообщил об отсутствии обучающегося',
  clauses: ['3.6.2'],
  data: { personId: PersonId(), fromParent: PersonId(), date: Day() },
});

export type AbsenceEvent = EventOf<typeof AbsenceNoticeReceived>;

export interface Absence {
  /** Notices on record, each by parent and day. */
  readonly notices: readonly string[];
}

/** Notices about one pupil; the stream's id is the pupil's. */
export const absence: Concept<Absence, AbsenceEvent> = {
  name: 'absence',
  titleRu: 'Сообщения об отсутствии',
  events: [AbsenceNoticeReceived],
  initial: { notices: [] },
  evolve: ({ notices }, { data }) => ({ notices: [...notices, noticeKey(data)] }),
};

function noticeKey({ fromParent, date }: { fromParent: string; date: string }): string {
  return `${fromParent}/${date}`;
}

export class RecordAbsenceNotice {
  @field.PersonId('The pupil') personId!: string;
  @field.PersonId('The parent who wrote') fromParent!: string;
  @field.Day('The day of absence') date!: string;
}

export const absenceCommands = [
  defineCommand({
    name: 'RecordAbsenceNotice',
    titleRu: 'Отметить сообщение об отсутствии',
    about: 'A parent let the school know that a pupil will be or was absent.',
    kind: 'fact',
    clauses: ['3.6.2'],
    // The notice comes in the chat of the class, so those who lead it enter it for the parent.
    actors: ['parent', 'curator', 'teacher'],
    concept: absence,
    payload: RecordAbsenceNotice,
    example: {
      personId: '3f9a1b2c-4d5e-4f60-8172-93a4b5c6d705',
      fromParent: '60b39372-d18a-42e5-84c7-9381706fa20e',
      date: '2025-11-18',
    },
    id: ({ personId }) => personId,
    decide: ({ notices }, { payload }) =>
      notices.includes(noticeKey(payload)) ? [] : [AbsenceNoticeReceived.of({ ...payload })],
  }),
];
