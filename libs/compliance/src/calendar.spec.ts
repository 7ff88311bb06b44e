import {
  addDays,
  addHours,
  addWorkingDays,
  type Calendar,
  productionCalendar,
  provisionalYearsAt,
} from './calendar';
import { refusalOf } from './testing';
import { dayOf, endOfDay, inRussian } from './zones';

const daysOf = (year: number): string[] =>
  Array.from({ length: 366 }, (_, index) =>
    new Date(Date.UTC(year, 0, index + 1)).toISOString().slice(0, 10),
  ).filter((day) => day.startsWith(String(year)));

describe('the production calendar', () => {
  it.each([
    [2024, 248],
    [2025, 247],
    [2026, 247],
    [2027, 247],
  ])('has the official number of working days in %i', (year, count) => {
    expect(daysOf(year).filter((day) => productionCalendar.isWorkingDay(day))).toHaveLength(count);
  });

  it.each([
    ['2024-04-27', true, 'Saturday worked for 29 April'],
    ['2024-04-29', false, 'off for 27 April'],
    ['2024-12-28', true, 'Saturday worked for 30 December'],
    ['2025-02-24', true, 'day off of 23 February went to 8 May'],
    ['2025-05-08', false, 'off for 23 February'],
    ['2025-11-01', true, 'Saturday worked for 3 November'],
    ['2025-12-31', false, 'off for 5 January'],
    ['2026-01-09', false, 'off for 3 January'],
    ['2026-01-12', true, 'first working day of 2026'],
    ['2026-03-09', false, '8 March fell on a Sunday'],
    ['2026-05-11', false, '9 May fell on a Saturday'],
    ['2026-12-31', false, 'off for 4 January'],
    ['2027-01-08', false, 'New Year holidays of the law'],
    ['2027-02-20', true, 'Saturday worked for 22 February'],
    ['2027-02-22', false, 'off for 20 February'],
    ['2027-05-03', false, '1 May falls on a Saturday'],
    ['2027-05-10', false, '9 May falls on a Sunday'],
    ['2027-06-14', false, '12 June falls on a Saturday'],
    ['2027-11-05', false, 'off for 2 January'],
    ['2027-12-31', false, 'off for 3 January'],
    ['2028-01-10', true, 'first working day by the law alone'],
  ])('%s: working day is %s (%s)', (day, expected) => {
    expect(productionCalendar.isWorkingDay(day)).toBe(expected);
  });

  it('says which years nobody has decreed yet', () => {
    expect([2024, 2027, 2028, 2031].map((year) => productionCalendar.isProvisional(year))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it.each([
    ['2026-12-31T20:59:59.999Z', []],
    ['2027-01-01T00:00:00.000Z', [2028]],
    ['2028-05-01T00:00:00.000Z', [2028, 2029]],
  ])('as of %s says which of this and the next year are provisional', (at, years) => {
    expect(provisionalYearsAt(productionCalendar, at)).toEqual(years);
  });
});

describe('a term', () => {
  it('of hours runs by the clock', () => {
    expect(addHours('2025-11-17T13:40:00.000Z', 24)).toEqual({ at: '2025-11-18T13:40:00.000Z' });
  });

  it('of days ends with the last of them', () => {
    expect(addDays('2025-09-01T07:00:00.000Z', 14, 'Europe/Moscow')).toEqual({
      at: '2025-09-15T20:59:59.999Z',
    });
  });

  it.each([
    ['over a weekend', '2025-09-05T09:00:00Z', 3, 'Europe/Moscow', '2025-09-10T20:59:59.999Z'],
    ['over a worked Saturday', '2025-10-31T09:00:00Z', 1, 'Europe/Moscow', '2025-11-01T20:59:59.999Z'],
    ['over the New Year holidays', '2025-12-29T09:00:00Z', 3, 'Europe/Moscow', '2026-01-13T20:59:59.999Z'],
    ['from a day off', '2025-09-06T09:00:00Z', 1, 'Europe/Moscow', '2025-09-08T20:59:59.999Z'],
    // In Kamchatka it is Tuesday already.
    ['by the day of Kamchatka', '2025-09-01T13:00:00Z', 1, 'Asia/Kamchatka', '2025-09-03T11:59:59.999Z'],
  ])('of working days is counted %s', (_name, from, count, timeZone, at) => {
    expect(addWorkingDays(from, count, timeZone, productionCalendar)).toEqual({ at });
  });

  it('says which undecreed year it rests on', () => {
    expect(addWorkingDays('2027-12-30T09:00:00Z', 1, 'Europe/Moscow', productionCalendar)).toEqual({
      at: '2028-01-10T20:59:59.999Z',
      provisionalYear: 2028,
    });
  });

  it('follows the calendar that it is given', () => {
    const everyDay: Calendar = { version: 'test', isWorkingDay: () => true, isProvisional: () => false };
    expect(addWorkingDays('2025-09-05T09:00:00Z', 1, 'UTC', everyDay).at).toBe('2025-09-06T23:59:59.999Z');
  });
});

describe('a time zone', () => {
  it.each([
    ['2025-08-31T11:59:59.999Z', '2025-08-31'],
    ['2025-08-31T12:00:00.000Z', '2025-09-01'],
  ])('begins the day of Kamchatka: %s is %s', (at, day) => {
    expect(dayOf(at, 'Asia/Kamchatka')).toBe(day);
  });

  it.each([
    ['a day that the clocks shorten', 'Europe/Berlin', '2025-03-30', '2025-03-30T21:59:59.999Z'],
    ['a day that the clocks lengthen', 'Europe/Berlin', '2025-10-26', '2025-10-26T22:59:59.999Z'],
    ['a day after which midnight is skipped', 'America/Asuncion', '2023-09-30', '2023-10-01T03:59:59.999Z'],
    [
      'the day before the clocks changed in Russia',
      'Europe/Moscow',
      '2014-10-25',
      '2014-10-25T19:59:59.999Z',
    ],
  ])('ends %s exactly', (_name, timeZone, day, at) => {
    expect(endOfDay(day, timeZone)).toBe(at);
  });

  it('is how a Russian reader sees an instant', () => {
    expect(inRussian('2025-11-17T14:05:59.000Z', 'Asia/Yekaterinburg')).toBe('17.11.2025, 19:05');
  });

  it('that is unknown is invalid', () => {
    expect(refusalOf(() => dayOf('2025-11-17T14:05:00Z', 'Europe/Moskva'))).toBe('invalid');
  });
});
