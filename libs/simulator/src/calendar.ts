import { offsetAt } from '@letopis/kernel';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The school year that is simulated. Its days off stand below, so no other year can be. */
export const SCHOOL_YEAR = '2025/2026';
/** The school year's days, both included. */
export const YEAR_BEGINS = '2025-08-01';
export const YEAR_ENDS = '2026-07-31';

/**
 * Weekdays off from August 2025 to July 2026: Трудовой кодекс, ст. 112, and the transfers of постановления Правительства
 * РФ № 1335 (2025) and № 1466 (2026).
 */
const DAYS_OFF: ReadonlySet<string> = new Set([
  ...['2025-11-03', '2025-11-04', '2025-12-31'],
  ...['2026-01-01', '2026-01-02', '2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'],
  ...['2026-02-23', '2026-03-09', '2026-05-01', '2026-05-11', '2026-06-12'],
]);
/** Saturdays that are worked. */
const DAYS_WORKED: ReadonlySet<string> = new Set(['2025-11-01']);

/** Days between which there are lessons, both included; between them lie the holidays of the pupils. */
export const TERMS: readonly (readonly [from: string, to: string])[] = [
  ['2025-09-01', '2025-10-26'],
  ['2025-11-05', '2025-12-28'],
  ['2026-01-12', '2026-03-27'],
  ['2026-04-06', '2026-05-26'],
];

export function isWorkingDay(day: string): boolean {
  if (DAYS_WORKED.has(day)) return true;
  return !DAYS_OFF.has(day) && ![0, 6].includes(weekdayOf(day));
}

/** Whether pupils are taught on the day. */
export function isSchoolDay(day: string): boolean {
  return isWorkingDay(day) && TERMS.some(([from, to]) => from <= day && day <= to);
}

/** 0 is Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay();
}

/** The day `count` days after `day`, or before it where the count is negative. */
export function plusDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

/** The `count`-th working day after `day`. */
export function plusWorkingDays(day: string, count: number): string {
  let next = day;
  for (let worked = 0; worked < count;) {
    next = plusDays(next, 1);
    if (isWorkingDay(next)) worked += 1;
  }
  return next;
}

/** The day itself, or the next one that is worked. */
export function workingDayFrom(day: string): string {
  return isWorkingDay(day) ? day : plusWorkingDays(day, 1);
}

/** The day itself, or the next one with lessons. */
export function schoolDayFrom(day: string): string {
  return isSchoolDay(day) || day > YEAR_ENDS ? day : schoolDayFrom(plusDays(day, 1));
}

/** `29.08.2025`, as orders write a day. */
export function inRussian(day: string): string {
  return day.split('-').reverse().join('.');
}

/** The clock on a school's wall. Instants are milliseconds since the epoch. */
export class WallClock {
  private readonly offsets = new Map<number, number>();

  /** @throws LetopisError `invalid` where the IANA time zone is unknown */
  constructor(readonly timeZone: string) {
    offsetAt(0, timeZone);
  }

  /** The instant at which the clock shows `minutes` after midnight of the day. */
  at(day: string, minutes: number): number {
    const shown = Date.parse(`${day}T00:00:00Z`) + minutes * 60_000;
    const guess = shown - this.offsetAt(shown);
    return shown - this.offsetAt(guess);
  }

  /** The day on which the instant falls. */
  dayOf(at: number): string {
    return new Date(at + this.offsetAt(at)).toISOString().slice(0, 10);
  }

  /** The last millisecond of the day. */
  endOf(day: string): number {
    return this.at(plusDays(day, 1), 0) - 1;
  }

  /** Until the end of the `count`-th working day after that of the instant. */
  inWorkingDays(at: number, count: number): number {
    return this.endOf(plusWorkingDays(this.dayOf(at), count));
  }

  /** Until the end of the `count`-th day after that of the instant (ГК РФ, ст. 191 and 194). */
  inDays(at: number, count: number): number {
    return this.endOf(plusDays(this.dayOf(at), count));
  }

  /** How far the clock runs ahead of UTC; asked once for each hour, since formatting is slow. */
  private offsetAt(at: number): number {
    const hour = Math.floor(at / HOUR) * HOUR;
    const known = this.offsets.get(hour);
    if (known !== undefined) return known;
    const offset = offsetAt(hour, this.timeZone);
    this.offsets.set(hour, offset);
    return offset;
  }
}

export { DAY, HOUR };
