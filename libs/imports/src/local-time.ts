import { instant, offsetAt } from '@letopis/kernel';

/**
 * The instant at which the wall clock shows this day and time: RFC 3339 in UTC. Where clocks are put forward over it, the
 * instant of the change or an hour beside it.
 */
export function instantAt(day: string, time: string, timeZone: string): string {
  const shown = Date.parse(`${day}T${time}Z`);
  const near = shown - offsetAt(shown, timeZone);
  return instant(new Date(shown - offsetAt(near, timeZone)));
}
