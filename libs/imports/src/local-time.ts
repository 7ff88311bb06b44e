import { instant } from '@letopis/kernel';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** To make one takes longer than to use it a hundred times, and a file asks for each of its rows. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formatters.set(timeZone, formatter);
  return formatter;
}

/** Milliseconds that the wall clock of a time zone is ahead of UTC at `at`. */
function offset(at: number, timeZone: string): number {
  const parts = formatterOf(timeZone).format(at).split(/\D+/).map(Number);
  const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - at;
}

/**
 * The instant at which the wall clock shows this day and time: RFC 3339 in UTC. Where clocks are put forward over it, the
 * instant of the change or an hour beside it.
 */
export function instantAt(day: string, time: string, timeZone: string): string {
  const shown = Date.parse(`${day}T${time}Z`);
  const near = shown - offset(shown, timeZone);
  return instant(new Date(shown - offset(near, timeZone)));
}
