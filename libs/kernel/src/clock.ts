/** The only source of "now". Domain code never holds one: instants reach it inside commands and events. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is moved; for tests and simulations. */
export class FixedClock implements Clock {
  constructor(private at: Date) {}

  now(): Date {
    return new Date(this.at);
  }

  set(at: Date): void {
    this.at = at;
  }

  advance(milliseconds: number): void {
    this.at = new Date(this.at.getTime() + milliseconds);
  }
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** What every store can hold, and far from anything that a school records by right. */
const YEARS = { from: 1900, to: 2999 };

/** The day, where it exists (2026-02-30 does not) and lies in the years 1900 to 2999; at its midnight in UTC. */
export function dayOf(text: string): Date | undefined {
  return DAY.test(text) && exists(text) ? new Date(`${text}T00:00:00Z`) : undefined;
}

/** The instant that an RFC 3339 text names, with a time zone, on a day that exists, in the years 1900 to 2999. */
export function instantOf(text: string): Date | undefined {
  const [, day] = RFC_3339.exec(text) ?? [];
  if (day === undefined || !exists(day)) return undefined;
  const at = new Date(text);
  const year = at.getUTCFullYear();
  // Not a number where the hour does not exist; another year than the text's where the time zone turns it.
  return year >= YEARS.from && year <= YEARS.to ? at : undefined;
}

/** Whether the calendar has the day. JavaScript itself takes a 30th of February for a 2nd of March. */
function exists(day: string): boolean {
  const [year = 0, month = 0, date = 0] = [day.slice(0, 4), day.slice(5, 7), day.slice(8, 10)].map(Number);
  if (year < YEARS.from || year > YEARS.to || month < 1 || month > 12 || date < 1) return false;
  return date <= 28 || date <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** An instant as Letopis writes it: RFC 3339, UTC, milliseconds. */
export function instant(at: Date): string {
  return at.toISOString();
}
