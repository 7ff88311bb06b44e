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

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
/** What every store can hold, and far from anything that a school records by right. */
const YEARS = { from: 1900, to: 2999 };

/** The day, where it exists (2026-02-30 does not) and lies in the years 1900 to 2999; at its midnight in UTC. */
export function dayOf(text: string): Date | undefined {
  const at = new Date(`${text}T00:00:00Z`);
  // JavaScript takes a 30th of February for a 2nd of March.
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? inRange(at) : undefined;
}

/** The instant that an RFC 3339 text names, with a time zone, on a day that exists, in the years 1900 to 2999. */
export function instantOf(text: string): Date | undefined {
  const [, day] = RFC_3339.exec(text) ?? [];
  const at = new Date(text);
  return day === undefined || dayOf(day) === undefined || Number.isNaN(at.getTime())
    ? undefined
    : inRange(at);
}

function inRange(at: Date): Date | undefined {
  const year = at.getUTCFullYear();
  return year >= YEARS.from && year <= YEARS.to ? at : undefined;
}

/** An instant as Letopis writes it: RFC 3339, UTC, milliseconds. */
export function instant(at: Date): string {
  return at.toISOString();
}
