import { type Concept, defineCommand, PARTICIPANTS } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, PersonId, Text } from '../events';
import * as field from '../fields';

export const ServiceOutageReported = defineEvent({
  type: 'ServiceOutageReported',
  titleRu: 'Сообщено о недоступности платформы',
  clauses: ['4.1'],
  data: { outageId: Id(), from: At(), scope: Text(500), reportedBy: PersonId() },
});

export const ServiceOutageEnded = defineEvent({
  type: 'ServiceOutageEnded',
  titleRu: 'Доступ к платформе восстановлен',
  clauses: ['4.1'],
  data: { outageId: Id(), to: At() },
});

const events = [ServiceOutageReported, ServiceOutageEnded] as const;
export type OutageEvent = EventsOf<typeof events>;

export interface Outage {
  /** Reports and ends on record, so that the same fact is not recorded twice. */
  readonly reports: readonly string[];
  readonly ends: readonly string[];
}

/** One time without the platform; several people may report it, and an end may be corrected by a later one. */
export const outage: Concept<Outage, OutageEvent> = {
  name: 'outage',
  titleRu: 'Недоступность платформы',
  events,
  initial: { reports: [], ends: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'ServiceOutageReported':
        return { ...state, reports: [...state.reports, contentOf(data)] };
      case 'ServiceOutageEnded':
        return { ...state, ends: [...state.ends, data.to] };
    }
  },
};

export class ReportOutage {
  @field.Id('The outage; assigned when absent', { optional: true }) outageId!: string;
  @field.Instant('Since when') from!: string;
  @field.Text('What does not work, and for whom', { max: 500 }) scope!: string;
}

export class EndOutage {
  @field.Id('The outage') outageId!: string;
  @field.Instant('Since when the platform works again') to!: string;
}

const OUTAGE = '93e6c6a5-04bd-4518-97fa-c6b403912d11';

export const outageCommands = [
  defineCommand({
    name: 'ReportOutage',
    titleRu: 'Сообщить о недоступности платформы',
    about: 'Somebody found the platform unavailable, in whole or in part.',
    kind: 'fact',
    clauses: ['4.1'],
    actors: PARTICIPANTS,
    concept: outage,
    payload: ReportOutage,
    assigns: 'outageId',
    example: { outageId: OUTAGE, from: '2025-11-17T09:00:00+05:00', scope: 'Не открываются чаты' },
    id: ({ outageId }) => outageId,
    decide: ({ reports }, { payload, actor }) => {
      const from = new Date(payload.from).toISOString();
      const event = ServiceOutageReported.of({ ...payload, from, reportedBy: actor.id });
      return reports.includes(contentOf(event.data)) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'EndOutage',
    titleRu: 'Отметить восстановление доступа к платформе',
    about: 'The platform works again.',
    kind: 'fact',
    clauses: ['4.1'],
    actors: PARTICIPANTS,
    concept: outage,
    payload: EndOutage,
    example: { outageId: OUTAGE, to: '2025-11-17T11:30:00+05:00' },
    id: ({ outageId }) => outageId,
    decide: ({ ends }, { payload: { outageId, to: end } }) => {
      const to = new Date(end).toISOString();
      return ends.includes(to) ? [] : [ServiceOutageEnded.of({ outageId, to })];
    },
  }),
];
