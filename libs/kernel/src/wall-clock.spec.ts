import { isLetopisError } from './errors';
import { offsetAt, wallClock } from './wall-clock';

const HOUR = 3_600_000;

describe('the clock on the wall', () => {
  it.each([
    ['2025-11-17T14:05:00.999Z', 'Asia/Yekaterinburg', '2025-11-17T19:05:00.000Z'],
    ['2025-12-31T21:00:00.000Z', 'Europe/Moscow', '2026-01-01T00:00:00.000Z'],
    ['2024-02-28T12:00:00.000Z', 'Asia/Kamchatka', '2024-02-29T00:00:00.000Z'],
  ])('given %s in %s, then it shows %s', (at, timeZone, shown) => {
    expect(new Date(wallClock(Date.parse(at), timeZone)).toISOString()).toBe(shown);
  });

  it.each([
    ['2026-03-29T00:59:59.500Z', 1],
    ['2026-03-29T01:00:00.500Z', 2],
  ])('given clocks are put forward, then at %s it is %d h ahead', (at, hours) => {
    expect(offsetAt(Date.parse(at), 'Europe/Berlin')).toBe(hours * HOUR);
  });

  it('given a clock of before 1973 that was not put to a full quarter of an hour, then it shows that', () => {
    const shown = wallClock(Date.parse('1971-06-01T12:00:00.000Z'), 'Africa/Monrovia');
    expect(new Date(shown).toISOString()).toBe('1971-06-01T11:15:30.000Z');
  });

  it('given an unknown zone, then it says so', () => {
    const refusal = (): unknown => {
      try {
        return wallClock(0, 'Europe/Gotham');
      } catch (error) {
        return isLetopisError(error, 'invalid') ? error.message : error;
      }
    };
    expect(refusal()).toBe('Unknown time zone: Europe/Gotham');
  });
});
