import { LetopisError } from './errors';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** To make one takes longer than to use it a hundred times. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  try {
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
  } catch (cause) {
    throw new LetopisError('invalid', `Unknown time zone: ${timeZone}`, { cause });
  }
}

/**
 * What the clock on the wall shows at an instant, as if it were UTC. Both are milliseconds since the epoch; the clock shows
 * whole seconds.
 *
 * @throws LetopisError `invalid` where the IANA time zone is unknown
 */
export function wallClock(at: number, timeZone: string): number {
  // `11/15/2023, 01:13:20`; formatToParts says the same four times slower, and every deadline asks several times.
  const shown = formatterOf(timeZone).format(at).split(/\D+/).map(Number);
  const [month = NaN, day = NaN, year = NaN, hour = NaN, minute = NaN, second = NaN] = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Milliseconds that the clock on the wall is ahead of UTC. @throws LetopisError `invalid` where the zone is unknown */
export function offsetAt(at: number, timeZone: string): number {
  return wallClock(at, timeZone) - Math.floor(at / 1000) * 1000;
}
