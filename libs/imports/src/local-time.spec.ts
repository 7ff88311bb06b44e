import { instantAt } from './local-time';

describe('the instant at which a clock on the wall shows a day and a time', () => {
  it.each([
    ['2025-09-01', '00:00:00', 'Europe/Moscow', '2025-08-31T21:00:00.000Z'],
    ['2025-09-01', '00:00:00', 'Asia/Kamchatka', '2025-08-31T12:00:00.000Z'],
    ['2026-12-31', '23:59:59', 'Asia/Yekaterinburg', '2026-12-31T18:59:59.000Z'],
    ['2014-10-26', '00:00:00', 'Europe/Moscow', '2014-10-25T20:00:00.000Z'],
    ['2014-10-27', '00:00:00', 'Europe/Moscow', '2014-10-26T21:00:00.000Z'],
  ])('%s %s in %s is %s', (day, time, timeZone, expected) => {
    expect(instantAt(day, time, timeZone)).toBe(expected);
  });
});
