import { LetopisError } from '@letopis/kernel';
import { type Duration } from './calendar';

/** A day of the month: `5` for the fifth. */
export interface MonthDay {
  readonly monthDay: number;
}

/** A plain number: of administrators, of minutes. */
export interface Count {
  readonly count: number;
}

export type ParameterValue = Duration | MonthDay | Count;

/** A parameter of a control: what it is, and what holds where the organisation has not decided otherwise. */
export interface Parameter<Value extends ParameterValue = ParameterValue> {
  readonly titleRu: string;
  readonly value: Value;
  /** The law that sets it, where it is not the school's to decide: `152-ФЗ, ст. 21 ч. 3.1`. */
  readonly law?: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The organisation's own value of a parameter from an instant on, by an order. */
export interface ParameterDecision {
  readonly control: string;
  readonly parameter: string;
  readonly value: ParameterValue | Applies;
  readonly effectiveFrom: string;
  readonly orderNo: string;
  readonly orderDate: string;
  readonly eventId: string;
  readonly recordedAt: string;
  readonly position: bigint;
}

/** A parameter as it was in force at an instant. */
export interface ParameterInForce {
  readonly value: ParameterValue;
  /** Absent for a default. */
  readonly order?: { readonly no: string; readonly date: string; readonly eventId: string };
}

/** Whether a control applies to the organisation at all. */
export interface Applies {
  readonly applies: boolean;
}

/** The name under which an organisation decides whether a control applies to it. */
export const APPLIES = 'applies';

/** The decision in force at the instant: the one with the latest effective date, of several the last recorded. */
export function decisionAt(
  decisions: readonly ParameterDecision[],
  control: string,
  parameter: string,
  at: string,
): ParameterDecision | undefined {
  let inForce: ParameterDecision | undefined;
  for (const decision of decisions) {
    if (decision.control !== control || decision.parameter !== parameter) continue;
    if (decision.effectiveFrom > at) continue;
    if (
      inForce === undefined ||
      decision.effectiveFrom > inForce.effectiveFrom ||
      (decision.effectiveFrom === inForce.effectiveFrom && decision.position > inForce.position)
    ) {
      inForce = decision;
    }
  }
  return inForce;
}

export function isDuration(value: ParameterValue | Applies): value is Duration {
  return (
    'hours' in value || 'days' in value || 'workingDays' in value || 'termDays' in value || 'byDay' in value
  );
}

/** What a value is, so that a decision can only put like in the place of like. */
export function shapeOf(value: ParameterValue | Applies): 'duration' | 'monthDay' | 'count' | 'applies' {
  if (isDuration(value)) return 'duration';
  if ('monthDay' in value) return 'monthDay';
  return 'count' in value ? 'count' : 'applies';
}

/**
 * Whether an organisation may decide so on the control.
 *
 * @throws LetopisError `invalid` where the control has no such parameter, or the value is of another kind
 */
export function checkDecision(
  { id, parameters }: { readonly id: string; readonly parameters: Parameters },
  name: string,
  value: ParameterValue | Applies,
): void {
  const declared: ParameterValue | Applies | undefined =
    name === APPLIES
      ? { applies: true }
      : Object.hasOwn(parameters, name)
        ? parameters[name]?.value
        : undefined;
  if (declared === undefined) {
    const names = [...Object.keys(parameters), APPLIES].join(', ');
    throw new LetopisError('invalid', `Control ${id} has no parameter ${name}; it has ${names}`, {
      fields: [{ path: '/parameter', message: `must be one of ${names}` }],
    });
  }
  if (shapeOf(declared) !== shapeOf(value)) {
    throw new LetopisError('invalid', `Parameter ${name} of ${id} is a ${shapeOf(declared)}`, {
      fields: [
        { path: '/value', message: `must be a ${shapeOf(declared)} as in ${JSON.stringify(declared)}` },
      ],
    });
  }
}

function counted(count: number, one: string, few: string, many: string): string {
  const tens = count % 100;
  const ones = count % 10;
  if (ones === 1 && tens !== 11) return `${count} ${one}`;
  if (ones >= 2 && ones <= 4 && (tens < 12 || tens > 14)) return `${count} ${few}`;
  return `${count} ${many}`;
}

const MONTHS = [
  'января',
  'февраля',
  'марта',
  'апреля',
  'мая',
  'июня',
  'июля',
  'августа',
  'сентября',
  'октября',
  'ноября',
  'декабря',
];

/** The value in Russian: «10 рабочих дней», «до 15 сентября», «до 5 числа». */
export function valueRu(value: ParameterValue | Applies): string {
  if ('hours' in value) return counted(value.hours, 'час', 'часа', 'часов');
  if ('days' in value) return counted(value.days, 'день', 'дня', 'дней');
  if ('workingDays' in value) {
    return counted(value.workingDays, 'рабочий день', 'рабочих дня', 'рабочих дней');
  }
  if ('termDays' in value) {
    return counted(value.termDays, 'день учебного времени', 'дня учебного времени', 'дней учебного времени');
  }
  if ('byDay' in value) {
    const [month = 1, day = 1] = value.byDay.split('-').map(Number);
    return `до ${day} ${MONTHS[month - 1] ?? ''}, возникшее позже — ${valueRu(value.orWithin)}`;
  }
  if ('monthDay' in value) return `до ${value.monthDay} числа`;
  if ('count' in value) return String(value.count);
  return value.applies ? 'применяется' : 'не применяется';
}
