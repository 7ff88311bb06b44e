import { type TUnsafe, Type } from '@sinclair/typebox';
import { type Concept, defineCommand, LetopisError, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, Day, defineEvent, type EventsOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { CONTROL_IDS } from './catalogue';

/** Longer than any term that a regulation sets: ten years in days. */
const LONGEST = 3_660;
const MOST = 1_000;
const NAME = /^[a-zA-Z]{1,64}$/;
/** A day that every year has, so not the 29th of February. */
const MONTH_AND_DAY =
  /^(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))$/;

/** What an order says of a parameter. */
export type ControlParameterValue =
  | { readonly hours: number }
  | { readonly days: number }
  | { readonly workingDays: number }
  /** Days on which pupils are taught. */
  | { readonly termDays: number }
  /** By this day of the school year, `09-15`; what arises too late for it has `orWithin`. */
  | { readonly byDay: string; readonly orWithin: { readonly workingDays: number } }
  /** Day of the month. */
  | { readonly monthDay: number }
  | { readonly count: number }
  /** Whether the control applies to the organisation at all. */
  | { readonly applies: boolean };

const length = () => Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST }));

const Value = (): TUnsafe<ControlParameterValue> =>
  Type.Unsafe<ControlParameterValue>(
    Type.Object(
      {
        hours: length(),
        days: length(),
        workingDays: length(),
        termDays: length(),
        byDay: Type.Optional(Type.String({ pattern: MONTH_AND_DAY.source })),
        orWithin: Type.Optional(
          Type.Object(
            { workingDays: Type.Integer({ minimum: 0, maximum: LONGEST }) },
            { additionalProperties: false },
          ),
        ),
        monthDay: Type.Optional(Type.Integer({ minimum: 1, maximum: 28 })),
        count: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST })),
        applies: Type.Optional(Type.Boolean()),
      },
      { additionalProperties: false },
    ),
  );

export const ControlParameterSet = defineEvent({
  type: 'ControlParameterSet',
  titleRu: 'Установлен параметр контроля',
  clauses: ['3.2.5'],
  data: {
    controlId: Type.String({ pattern: '^C\\d{2}$' }),
    parameter: Type.String({ pattern: NAME.source }),
    value: Value(),
    /** From when on it holds; an order may reach back. */
    effectiveFrom: At(),
    orderNo: Text(50),
    orderDate: Day(),
    by: PersonId(),
  },
});

const events = [ControlParameterSet] as const;
export type ControlParameterEvent = EventsOf<typeof events>;

type Setting = ReturnType<typeof ControlParameterSet.of>['data'];

export interface ControlParameters {
  /** Everything that was set, in order: an order takes the place of an earlier one and leaves it on record. */
  readonly set: readonly Setting[];
}

/**
 * What one organisation has ordered on its controls; one stream for each organisation, with a few events a year.
 *
 * Only the form of a parameter is looked at here: which parameters a control has is known where controls are evaluated.
 */
export const controlParameters: Concept<ControlParameters, ControlParameterEvent> = {
  name: 'controlparameter',
  titleRu: 'Параметры контроля',
  events,
  initial: { set: [] },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ControlParameterSet':
        return { set: [...state.set, event.data] };
    }
  },
};

/** What an order can say one thing about. */
function placeOf({ controlId, parameter, effectiveFrom, orderNo, orderDate }: Setting): string {
  return contentOf({ controlId, parameter, effectiveFrom, orderNo, orderDate });
}

class Within {
  @field.Count('Working days', { min: 0, max: LONGEST }) workingDays!: number;
}

class OrderedValue {
  @field.Count('So many hours', { min: 0, max: LONGEST, optional: true }) hours?: number;
  @field.Count('So many days', { min: 0, max: LONGEST, optional: true }) days?: number;
  @field.Count('So many working days', { min: 0, max: LONGEST, optional: true }) workingDays?: number;
  @field.Count('So many days of the terms', { min: 0, max: LONGEST, optional: true }) termDays?: number;
  @field.Needs('orWithin')
  @field.Pattern(MONTH_AND_DAY, '09-15', 'By this day of the school year, together with orWithin', {
    optional: true,
  })
  byDay?: string;
  @field.Needs('byDay')
  @field.Nested(Within, 'How long what arises too late for byDay may take', { optional: true })
  orWithin?: Within;
  @field.Count('By this day of the month', { min: 1, max: 28, optional: true }) monthDay?: number;
  @field.Count('A plain number', { min: 0, max: MOST, optional: true }) count?: number;
  @field.Flag('Whether the control applies to the organisation', { optional: true }) applies?: boolean;
}

export class SetControlParameter {
  @field.OneOf(CONTROL_IDS, 'Of which control') controlId!: string;
  @field.Pattern(NAME, 'decideWithin', 'Which parameter of it, as the catalogue of controls names it')
  parameter!: string;
  @field.Nested(OrderedValue, 'What it is to be: exactly one of its members, byDay with orWithin')
  value!: OrderedValue;
  @field.Instant('From when on; may lie behind, where the order reaches back') effectiveFrom!: string;
  @field.Text('Number of the order', { max: 50 }) orderNo!: string;
  @field.Day('Date of the order') orderDate!: string;
}

/** The one thing that the value says. @throws LetopisError `invalid` where it says nothing, or more than one thing */
export function orderedValueOf(value: OrderedValue): ControlParameterValue {
  const { hours, days, workingDays, termDays, byDay, orWithin, monthDay, count, applies } = value;
  const said: readonly ControlParameterValue[] = [
    ...(hours === undefined ? [] : [{ hours }]),
    ...(days === undefined ? [] : [{ days }]),
    ...(workingDays === undefined ? [] : [{ workingDays }]),
    ...(termDays === undefined ? [] : [{ termDays }]),
    ...(byDay === undefined || orWithin === undefined ? [] : [{ byDay, orWithin: { ...orWithin } }]),
    ...(monthDay === undefined ? [] : [{ monthDay }]),
    ...(count === undefined ? [] : [{ count }]),
    ...(applies === undefined ? [] : [{ applies }]),
  ];
  const [only, ...others] = said;
  if (only === undefined || others.length > 0) {
    throw new LetopisError('invalid', 'A parameter has one value', {
      fields: [
        { path: '/payload/value', message: 'value must have exactly one member, or byDay and orWithin' },
      ],
    });
  }
  return only;
}

export const controlParameterCommands = [
  defineCommand({
    name: 'SetControlParameter',
    titleRu: 'Установить параметр контроля',
    about:
      'The director sets a term or another parameter of a control by order, from a day on that may lie behind.',
    kind: 'decision',
    clauses: ['3.2.5'],
    actors: ['director'],
    concept: controlParameters,
    payload: SetControlParameter,
    example: {
      controlId: 'C09',
      parameter: 'decideWithin',
      value: { workingDays: 2 },
      effectiveFrom: '2025-09-01T00:00:00+05:00',
      orderNo: '341',
      orderDate: '2025-09-05',
    },
    id: (_payload, organizationId) => organizationId,
    decide: ({ set }, { payload, actor }) => {
      const event = ControlParameterSet.of({
        ...payload,
        value: orderedValueOf(payload.value),
        effectiveFrom: new Date(payload.effectiveFrom).toISOString(),
        by: actor.id,
      });
      const before = set.find((setting) => placeOf(setting) === placeOf(event.data));
      if (before === undefined) return [event];
      if (contentOf(before.value) === contentOf(event.data.value)) return [];
      throw ruleViolated(
        '3.2.5',
        'one-value-an-order',
        'Этим приказом параметру уже установлено другое значение с этого дня: измените его новым приказом',
      );
    },
  }),
];
