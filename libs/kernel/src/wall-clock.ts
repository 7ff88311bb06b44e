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

const QUARTER = 15 * 60_000;
/** Since 1973 clocks have changed at full quarters of an hour only, everywhere. */
const FULL_QUARTERS = Date.UTC(1973, 0, 1);
/** Some years of one time zone; then the memory begins anew. */
const REMEMBERED = 100_000;
const offsets = new Map<string, Map<number, number>>();

/**
 * What the clock on the wall shows at an instant, as if it were UTC. Both are milliseconds since the epoch; the clock shows
 * whole seconds.
 *
 * @throws LetopisError `invalid` where the IANA time zone is unknown
 */
export function wallClock(at: number, timeZone: string): number {
  return Math.floor(at / 1000) * 1000 + offsetAt(at, timeZone);
}

/** Milliseconds that the clock on the wall is ahead of UTC. @throws LetopisError `invalid` where the zone is unknown */
export function offsetAt(at: number, timeZone: string): number {
  // Every deadline asks several times, and mostly about instants near each other.
  if (at < FULL_QUARTERS) return computedOffset(at, timeZone);
  const known = offsets.get(timeZone);
  const quarter = Math.floor(at / QUARTER);
  const remembered = known?.get(quarter);
  if (remembered !== undefined) return remembered;
  const offset = computedOffset(quarter * QUARTER, timeZone);
  if (known === undefined || known.size >= REMEMBERED) offsets.set(timeZone, new Map([[quarter, offset]]));
  else known.set(quarter, offset);
  return offset;
}

function computedOffset(at: number, timeZone: string): number {
  // `11/15/2023, 01:13:20`; formatToParts says the same four times slower.
  const shown = formatterOf(timeZone).format(at).split(/\D+/).map(Number);
  const [month = NaN, day = NaN, year = NaN, hour = NaN, minute = NaN, second = NaN] = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
