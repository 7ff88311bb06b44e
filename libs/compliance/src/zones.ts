import { LetopisError, offsetAt, wallClock } from '@letopis/kernel';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * The instant in RFC 3339, UTC, milliseconds.
 *
 * @throws LetopisError `invalid` where `at` is no instant
 */
export function utc(at: string): string {
  const parsed = Date.parse(at);
  if (Number.isNaN(parsed)) throw new LetopisError('invalid', `Not an instant: ${at}`);
  return new Date(parsed).toISOString();
}

/**
 * The calendar day, `2026-09-01`, on which the instant falls in the time zone.
 *
 * @throws LetopisError `invalid` where the IANA time zone is unknown
 */
export function dayOf(at: string, timeZone: string): string {
  return new Date(wallClock(Date.parse(at), timeZone)).toISOString().slice(0, 10);
}

/** Some years of days. Deadlines of thousands of people end on the same few. */
const REMEMBERED = 10_000;

/** The same as `make`, which is asked once for each key while it is remembered. */
function remembering<Value>(make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, value);
    return value;
  };
}

/** The day after `day`. */
export const nextDay = remembering((day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + DAY).toISOString().slice(0, 10),
);

/**
 * The last millisecond of the day in the time zone, exact also where the clocks change on that day.
 *
 * @throws LetopisError `invalid` where the IANA time zone is unknown
 */
export function endOfDay(day: string, timeZone: string): string {
  return endOfDayIn(`${day} ${timeZone}`);
}

const endOfDayIn = remembering((key: string): string => {
  const [day = '', timeZone = ''] = key.split(' ');
  const midnight = Date.parse(`${nextDay(day)}T00:00:00Z`);
  const before = offsetAt(midnight - DAY, timeZone);
  const after = offsetAt(midnight + DAY, timeZone);
  if (before === after) return new Date(midnight - before - 1).toISOString();
  // The clocks change near this midnight, and may jump over it: look for the instant itself.
  let last = midnight - Math.max(before, after) - HOUR;
  let next = midnight - Math.min(before, after) + HOUR;
  while (next - last > 1) {
    const middle = Math.floor((last + next) / 2);
    if (wallClock(middle, timeZone) < midnight) last = middle;
    else next = middle;
  }
  return new Date(last).toISOString();
});

/** The first instant of the day in the time zone. @throws LetopisError `invalid` where the zone is unknown */
export function startOfDay(day: string, timeZone: string): string {
  return startOfDayIn(`${day} ${timeZone}`);
}

const startOfDayIn = remembering((key: string): string => {
  const [day = '', timeZone = ''] = key.split(' ');
  const before = new Date(Date.parse(`${day}T00:00:00Z`) - DAY).toISOString().slice(0, 10);
  return new Date(Date.parse(endOfDay(before, timeZone)) + 1).toISOString();
});

/** The instant as a Russian reader in the time zone writes it, to the minute: `17.11.2025, 19:05`. */
export function inRussian(at: string, timeZone: string): string {
  const [day = '', time = ''] = new Date(wallClock(Date.parse(at), timeZone)).toISOString().split('T');
  return `${day.split('-').reverse().join('.')}, ${time.slice(0, 5)}`;
}
