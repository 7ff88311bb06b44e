import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, PersonId, Text } from '../events';
import * as field from '../fields';
import { CONTROL_IDS } from './catalogue';

export const ControlExceptionGranted = defineEvent({
  type: 'ControlExceptionGranted',
  titleRu: 'Разрешено исключение из контроля',
  clauses: ['3.2.5'],
  data: {
    controlId: Type.String({ pattern: '^C\\d{2}$' }),
    /** Whom or what the control does not judge meanwhile; the organisation’s id means everything. */
    scope: Id(),
    until: At(),
    by: PersonId(),
    reason: Text(),
  },
});

const events = [ControlExceptionGranted] as const;
export type ControlExceptionEvent = EventsOf<typeof events>;

export interface ControlExceptions {
  /** Content of each exception that was granted. */
  readonly granted: readonly string[];
}

/** Exceptions from controls of one organisation. They are rare, and end by themselves. */
export const controlExceptions: Concept<ControlExceptions, ControlExceptionEvent> = {
  name: 'controlexception',
  titleRu: 'Исключения из контроля',
  events,
  initial: { granted: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ControlExceptionGranted':
        return { granted: [...state.granted, contentOf(event.data)] };
    }
  },
};

export class GrantControlException {
  @field.OneOf(CONTROL_IDS, 'From which control') controlId!: string;
  @field.Id('For whom or what: person, chat, group, link, incident; the whole organisation when absent', {
    optional: true,
  })
  scope?: string;
  @field.Instant('Until when') until!: string;
  @field.Text('Why; names nobody', { max: 2_000 }) reason!: string;
}

export const controlExceptionCommands = [
  defineCommand({
    name: 'GrantControlException',
    titleRu: 'Разрешить исключение из контроля',
    about: 'The director lets a control rest for somebody or something, with a reason and an end.',
    kind: 'decision',
    clauses: ['3.2.5'],
    actors: ['director'],
    concept: controlExceptions,
    payload: GrantControlException,
    example: {
      controlId: 'C15',
      scope: '8c2f4b16-5d7a-4b3e-9c1d-6e0f7a8b9c04',
      until: '2036-01-31T18:00:00+05:00',
      reason: 'Второй администратор чата назначается с 1 февраля',
    },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload, actor, occurredAt, organizationId }) => {
      const { controlId, scope = organizationId, reason } = payload;
      const until = new Date(payload.until).toISOString();
      if (until <= occurredAt) {
        throw ruleViolated('3.2.5', 'until-ahead', 'Исключение действует до дня в будущем: укажите его');
      }
      const exception = ControlExceptionGranted.of({ controlId, scope, until, by: actor.id, reason });
      return state.granted.includes(contentOf(exception.data)) ? [] : [exception];
    },
  }),
];
