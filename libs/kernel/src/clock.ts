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

/** An instant as Letopis writes it: RFC 3339, UTC, milliseconds. */
export function instant(at: Date): string {
  return at.toISOString();
}
