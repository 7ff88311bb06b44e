import { derivedId } from '@letopis/kernel';
import { dayOf, endOfDay, nextDay } from './zones';

/** Which days are worked. Days are written `2026-09-01`. */
export interface Calendar {
  /** Changes whenever any answer may change; a control report freezes it. */
  readonly version: string;
  isWorkingDay(day: string): boolean;
  /** The year's transfers of days off are not decreed yet, so answers rest on the law alone and may change. */
  isProvisional(year: number): boolean;
}

/** A decree of the Government: which days off move where, within one year. */
export interface Decree {
  readonly transfers: readonly (readonly [from: string, to: string])[];
}

/** Decrees by the year that they are about. */
export type Decrees = ReadonlyMap<number, Decree>;

/**
 * Постановления Правительства РФ «О переносе выходных дней»: № 1314 (2024), № 1335 (2025), № 1466 (2026) and № 1187 of
 * 17.09.2026 (2027).
 */
export const DECREES: Decrees = new Map([
  [
    2024,
    {
      transfers: [
        ['2024-01-06', '2024-05-10'],
        ['2024-01-07', '2024-12-31'],
        ['2024-04-27', '2024-04-29'],
        ['2024-11-02', '2024-04-30'],
        ['2024-12-28', '2024-12-30'],
      ],
    },
  ],
  [
    2025,
    {
      transfers: [
        ['2025-01-04', '2025-05-02'],
        ['2025-01-05', '2025-12-31'],
        ['2025-02-23', '2025-05-08'],
        ['2025-03-08', '2025-06-13'],
        ['2025-11-01', '2025-11-03'],
      ],
    },
  ],
  [
    2026,
    {
      transfers: [
        ['2026-01-03', '2026-01-09'],
        ['2026-01-04', '2026-12-31'],
      ],
    },
  ],
  [
    2027,
    {
      transfers: [
        ['2027-01-02', '2027-11-05'],
        ['2027-01-03', '2027-12-31'],
        ['2027-02-20', '2027-02-22'],
      ],
    },
  ],
]);

/** Трудовой кодекс, ст. 112: days off that coincide with these are moved by decree only. */
const NEW_YEAR = ['01-01', '01-02', '01-03', '01-04', '01-05', '01-06', '01-07', '01-08'];
/** Трудовой кодекс, ст. 112: a day off that coincides with one of these moves to the next working day. */
const HOLIDAYS = ['02-23', '03-08', '05-01', '05-09', '06-12', '11-04'];

interface Exceptions {
  /** Days off beside the weekends. */
  readonly off: ReadonlySet<string>;
  /** Weekend days that are worked. */
  readonly worked: ReadonlySet<string>;
}

/** Whether the day is a Saturday or a Sunday, whatever the calendar makes of it. */
export function isWeekend(day: string): boolean {
  return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
}

function exceptionsOf(year: number, transfers: Decree['transfers']): Exceptions {
  const moved = new Set(transfers.map(([from]) => from));
  const holidays = HOLIDAYS.map((day) => `${year}-${day}`);
  const statutory = new Set([...NEW_YEAR.map((day) => `${year}-${day}`), ...holidays]);
  const off = new Set([...statutory, ...transfers.map(([, to]) => to)]);
  for (const holiday of holidays.filter((day) => isWeekend(day) && !moved.has(day))) {
    let day = nextDay(holiday);
    while (isWeekend(day) || off.has(day)) day = nextDay(day);
    off.add(day);
  }
  return { off, worked: new Set([...moved].filter((day) => !statutory.has(day))) };
}

/** The same decrees, however they are ordered, make the same text. */
function textOf(decrees: Decrees): string {
  const inOrder = [...decrees].sort(([a], [b]) => a - b);
  return JSON.stringify(inOrder.map(([year, { transfers }]) => [year, transfers.map(String).sort()]));
}

/**
 * The Russian production calendar of the five-day week by the decrees. Years without one are provisional: weekends and the
 * holidays of the law.
 */
export function calendarBy(decrees: Decrees): Calendar {
  const exceptions = new Map<number, Exceptions>();
  const knownExceptionsOf = (year: number): Exceptions => {
    const known = exceptions.get(year) ?? exceptionsOf(year, decrees.get(year)?.transfers ?? []);
    exceptions.set(year, known);
    return known;
  };
  const text = textOf(decrees);
  const version = `ru-${Math.max(...decrees.keys())}`;
  return {
    version: text === textOf(DECREES) ? version : `${version}-${derivedId('calendar', text).slice(0, 8)}`,
    isWorkingDay: (day) => {
      const { off, worked } = knownExceptionsOf(Number(day.slice(0, 4)));
      return worked.has(day) || !(isWeekend(day) || off.has(day));
    },
    isProvisional: (year) => !decrees.has(year),
  };
}

/** The calendar by the decrees that Letopis comes with. */
export const productionCalendar: Calendar = calendarBy(DECREES);

/** Of the year of the instant and the next one, those whose days off nobody has decreed yet. */
export function provisionalYearsAt(calendar: Calendar, at: string): readonly number[] {
  const year = Number(at.slice(0, 4));
  return [year, year + 1].filter((each) => calendar.isProvisional(each));
}

/** Until when something may be done: everything up to and including `at` is in time. */
export interface Deadline {
  readonly at: string;
  /** The first year whose production calendar the deadline needs and nobody has decreed yet. */
  readonly provisionalYear?: number;
}

/** `count` hours after the instant. */
export function addHours(from: string, count: number): Deadline {
  return { at: new Date(Date.parse(from) + count * 3_600_000).toISOString() };
}

/** The end of the `count`-th calendar day after the instant's own day in the time zone (ГК РФ, ст. 191 and 194). */
export function addDays(from: string, count: number, timeZone: string): Deadline {
  let day = dayOf(from, timeZone);
  for (let counted = 0; counted < count; counted += 1) day = nextDay(day);
  return { at: endOfDay(day, timeZone) };
}

/** Deadlines of working days by calendar: whoever joins on one day has until the same evening. */
const workingDeadlines = new WeakMap<Calendar, Map<string, Deadline>>();
const REMEMBERED = 10_000;

/** The end of the `count`-th working day after the instant's own day in the time zone. */
export function addWorkingDays(from: string, count: number, timeZone: string, calendar: Calendar): Deadline {
  const known = workingDeadlines.get(calendar) ?? new Map<string, Deadline>();
  if (known.size >= REMEMBERED) known.clear();
  workingDeadlines.set(calendar, known);
  const first = dayOf(from, timeZone);
  const key = `${first} ${count} ${timeZone}`;
  const deadline = known.get(key) ?? workingDaysAfter(first, count, timeZone, calendar);
  known.set(key, deadline);
  return deadline;
}

function workingDaysAfter(first: string, count: number, timeZone: string, calendar: Calendar): Deadline {
  let day = first;
  let provisionalYear: number | undefined;
  for (let worked = 0; worked < count;) {
    day = nextDay(day);
    const year = Number(day.slice(0, 4));
    if (calendar.isProvisional(year)) provisionalYear ??= year;
    if (calendar.isWorkingDay(day)) worked += 1;
  }
  return { at: endOfDay(day, timeZone), ...(provisionalYear !== undefined && { provisionalYear }) };
}

/** How long something may take. Hours run by the clock; days, working days and days of lessons end with the last of them. */
export type Length =
  | { readonly hours: number }
  | { readonly days: number }
  | { readonly workingDays: number }
  /** Days of the school's terms: holidays of the pupils do not count. */
  | { readonly termDays: number };

/**
 * Until when something is to be done: so long after it arose, or by a day of the school year (`09-15`), where what arises
 * later than that allows has `orWithin`.
 */
export type Duration = Length | { readonly byDay: string; readonly orWithin: Length };

export const hours = (count: number): Length => ({ hours: count });
export const days = (count: number): Length => ({ days: count });
export const workingDays = (count: number): Length => ({ workingDays: count });
export const termDays = (count: number): Length => ({ termDays: count });
export const byDay = (day: string, orWithin: Length): Duration => ({ byDay: day, orWithin });

/** On which days pupils are taught. */
export interface Terms {
  isTermDay(day: string): boolean;
}

/** Where and by which calendar days are counted. */
export interface Place {
  /** IANA time zone in which the organisation's days begin and end. */
  readonly timeZone: string;
  readonly calendar: Calendar;
  readonly terms: Terms;
}

/** Holidays are shorter than this many days; where no terms are known for so long, there are none. */
const LONGEST_HOLIDAYS = 400;

/** The end of the `count`-th day of the terms after the instant's own day; beyond all terms that are known, of a day far ahead. */
function addTermDays(from: string, count: number, { timeZone, terms }: Place): Deadline {
  let day = dayOf(from, timeZone);
  let idle = 0;
  for (let counted = 0; counted < count && idle < LONGEST_HOLIDAYS;) {
    day = nextDay(day);
    if (terms.isTermDay(day)) {
      counted += 1;
      idle = 0;
    } else idle += 1;
  }
  return { at: endOfDay(day, timeZone) };
}

/** The first year of the school year that the day is in; a school year is prepared from July on. */
export function schoolYearOf(day: string): number {
  const year = Number(day.slice(0, 4));
  return day.slice(5) >= '07-01' ? year : year - 1;
}

/** The day `09-15` of the school year that begins in the autumn of `year`. */
export function dayOfSchoolYear(monthDay: string, year: number): string {
  return `${monthDay >= '07-01' ? year : year + 1}-${monthDay}`;
}

/** When a duration that began at `from` is over. */
export function deadlineOf(from: string, duration: Duration, place: Place): Deadline {
  const { timeZone, calendar } = place;
  if ('hours' in duration) return addHours(from, duration.hours);
  if ('days' in duration) return addDays(from, duration.days, timeZone);
  if ('termDays' in duration) return addTermDays(from, duration.termDays, place);
  if ('workingDays' in duration) return addWorkingDays(from, duration.workingDays, timeZone, calendar);
  const day = dayOfSchoolYear(duration.byDay, schoolYearOf(dayOf(from, timeZone)));
  const fixed: Deadline = { at: endOfDay(day, timeZone) };
  const later = deadlineOf(from, duration.orWithin, place);
  return later.at > fixed.at ? later : fixed;
}

/** At least so many milliseconds pass until the duration is over: what is shorter is in time without a look at calendars. */
export function leastOf(duration: Duration): number {
  const hour = 3_600_000;
  if ('hours' in duration) return duration.hours * hour;
  if ('days' in duration) return duration.days * 24 * hour;
  if ('termDays' in duration) return duration.termDays * 24 * hour;
  if ('workingDays' in duration) return duration.workingDays * 24 * hour;
  return leastOf(duration.orWithin);
}
