import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, PARTICIPANTS } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';

/** Address of the vendor's support, clause 4.2. */
const VENDOR_SUPPORT = 'info@sferum.ru';

/** The text of the letter stays out on purpose: the vendor gets no more personal data than needed, and neither does the record. */
export const VendorTicketOpened = defineEvent({
  type: 'VendorTicketOpened',
  titleRu: 'Направлено обращение разработчику платформы',
  clauses: ['3.1.14', '4.2'],
  data: {
    ticketId: Id(),
    supportRequestId: Type.Optional(Id()),
    incidentId: Type.Optional(Id()),
    by: PersonId(),
    sentTo: OneOf([VENDOR_SUPPORT]),
    at: At(),
  },
});

export const VendorTicketAnswered = defineEvent({
  type: 'VendorTicketAnswered',
  titleRu: 'Получен ответ разработчика платформы',
  clauses: ['3.1.14'],
  data: { ticketId: Id(), answer: Text(), at: At() },
});

const events = [VendorTicketOpened, VendorTicketAnswered] as const;
export type VendorTicketEvent = EventsOf<typeof events>;

export interface VendorTicket {
  /** What was sent and answered so far, so that the same fact is not recorded twice. */
  readonly opened: readonly string[];
  readonly answers: readonly string[];
}

export const vendorTicket: Concept<VendorTicket, VendorTicketEvent> = {
  name: 'ticket',
  titleRu: 'Обращение к разработчику платформы',
  events,
  initial: { opened: [], answers: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'VendorTicketOpened':
        return { ...state, opened: [...state.opened, occasionOf(data)] };
      case 'VendorTicketAnswered':
        return { ...state, answers: [...state.answers, data.answer] };
    }
  },
};

function occasionOf({
  supportRequestId,
  incidentId,
}: {
  supportRequestId?: string;
  incidentId?: string;
}): string {
  return contentOf({ supportRequestId, incidentId });
}

export class OpenVendorTicket {
  @field.Id('The ticket; assigned when absent', { optional: true }) ticketId!: string;
  @field.Id('The request for help that it hands on', { optional: true }) supportRequestId?: string;
  @field.Id('The incident that it is about', { optional: true }) incidentId?: string;
}

export class RecordVendorAnswer {
  @field.Id('The ticket') ticketId!: string;
  @field.Text('What the vendor answered, in short and without names', { max: 2_000 }) answer!: string;
}

const TICKET = '82d5b594-f3ac-4407-86e9-b5a392801c10';

export const vendorTicketCommands = [
  defineCommand({
    name: 'OpenVendorTicket',
    titleRu: 'Обратиться к разработчику платформы',
    about: 'Somebody wrote to the vendor’s support at info@sferum.ru, as everybody may (clause 4.2).',
    kind: 'fact',
    clauses: ['3.1.14', '4.2'],
    actors: PARTICIPANTS,
    concept: vendorTicket,
    payload: OpenVendorTicket,
    assigns: 'ticketId',
    example: { ticketId: TICKET, supportRequestId: '71c4a483-e29b-43f6-95d8-a492817fb30f' },
    id: ({ ticketId }) => ticketId,
    decide: ({ opened }, { payload, actor, occurredAt }) =>
      opened.includes(occasionOf(payload))
        ? []
        : [VendorTicketOpened.of({ ...payload, by: actor.id, sentTo: VENDOR_SUPPORT, at: occurredAt })],
  }),
  defineCommand({
    name: 'RecordVendorAnswer',
    titleRu: 'Отметить ответ разработчика платформы',
    about: 'The vendor answered.',
    kind: 'fact',
    clauses: ['3.1.14'],
    actors: ['platform_admin'],
    concept: vendorTicket,
    payload: RecordVendorAnswer,
    example: { ticketId: TICKET, answer: 'Ошибка исправлена в обновлении' },
    id: ({ ticketId }) => ticketId,
    decide: ({ answers }, { payload, occurredAt }) =>
      answers.includes(payload.answer) ? [] : [VendorTicketAnswered.of({ ...payload, at: occurredAt })],
  }),
];
