import { isLetopisError, type JsonObject } from '@letopis/kernel';
import { addWorkingDays, productionCalendar } from './calendar';
import { calendarFor, calendarOf } from './decrees';

const OF_2028 = {
  2028: {
    transfers: [
      ['2028-01-01', '2028-01-10'],
      ['2028-01-02', '2028-12-29'],
    ],
  },
};

function problemsOf(decrees: JsonObject): readonly string[] {
  try {
    calendarOf(decrees);
    return [];
  } catch (error) {
    if (!isLetopisError(error, 'invalid')) throw error;
    return (error.fields ?? []).map(({ path, message }) => `${path} ${message}`);
  }
}

describe('a calendar with further decrees', () => {
  const calendar = calendarOf(OF_2028);

  it.each([
    ['2028-01-10', false, 'off for 1 January'],
    ['2028-01-11', true, 'first working day'],
    ['2028-12-29', false, 'off for 2 January'],
    ['2026-01-09', false, 'as decreed before'],
  ])('%s: working day is %s (%s)', (day, expected) => {
    expect(calendar.isWorkingDay(day)).toBe(expected);
  });

  it('is provisional no more in their years', () => {
    expect([2027, 2028, 2029].map((year) => calendar.isProvisional(year))).toEqual([false, false, true]);
  });

  it('moves deadlines of its own, not those of another', () => {
    const after = (by: typeof calendar) => addWorkingDays('2027-12-30T09:00:00Z', 1, 'Europe/Moscow', by);
    expect([after(calendar), after(productionCalendar)]).toEqual([
      { at: '2028-01-11T20:59:59.999Z' },
      { at: '2028-01-10T20:59:59.999Z', provisionalYear: 2028 },
    ]);
  });

  it('takes a year that was known as the file says', () => {
    expect(calendarOf({ 2027: { transfers: [] } }).isWorkingDay('2027-02-22')).toBe(true);
  });

  it('may say that nothing was moved', () => {
    expect(calendarOf({ 2028: { transfers: [] } }).isProvisional(2028)).toBe(false);
  });

  it('has no further ones where the file says nothing', () => {
    expect(calendarOf({}).version).toBe(productionCalendar.version);
  });
});

describe('the version of a calendar', () => {
  const { version } = calendarOf(OF_2028);

  it('names the last year, and tells its content apart', () => {
    const other = calendarOf({ 2028: { transfers: [['2028-01-01', '2028-01-10']] } }).version;
    expect([version, other]).toEqual([
      expect.stringMatching(/^ru-2028-[0-9a-f]{8}$/),
      expect.stringMatching(/^ru-2028-[0-9a-f]{8}$/),
    ]);
    expect(other).not.toBe(version);
  });

  it('is the same for the same content in another order', () => {
    const { transfers } = OF_2028[2028];
    expect(calendarOf({ 2028: { transfers: transfers.toReversed() } }).version).toBe(version);
  });

  it('is that of Letopis where the file repeats what Letopis knows', () => {
    const known = {
      2026: {
        transfers: [
          ['2026-01-03', '2026-01-09'],
          ['2026-01-04', '2026-12-31'],
        ],
      },
    };
    expect(calendarOf(known).version).toBe(productionCalendar.version);
  });
});

describe('the calendar of an installation', () => {
  it('is one object however often it is asked for', () => {
    const core = { daysOff: OF_2028 };
    expect(calendarFor({ ...core })).toBe(calendarFor(core));
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['a year that is none', { next: { transfers: [] } }, ['/next must be a year such as 2028']],
    ['a decree that is none', { 2028: [] }, ['/2028 must be an object with transfers']],
    [
      'no transfers',
      { 2028: {} },
      ['/2028/transfers must be a list of pairs of days, empty where none was moved'],
    ],
    ['something else', { 2028: { transfers: [], holidays: [] } }, ['/2028/holidays is not expected here']],
    [
      'half a pair',
      { 2028: { transfers: [['2028-01-01']] } },
      ['/2028/transfers/0 must be the day off that moves, and the day that it moves to'],
    ],
    [
      'a day that there is not',
      { 2028: { transfers: [['2028-01-01', '2028-02-30']] } },
      ['/2028/transfers/0/1 must be a day of 2028 such as 2028-01-10'],
    ],
    [
      'a day of another year',
      { 2028: { transfers: [['2028-01-01', '2027-12-31']] } },
      ['/2028/transfers/0/1 must be a day of 2028 such as 2028-01-10'],
    ],
    [
      'working days and days off the wrong way round',
      { 2028: { transfers: [['2028-01-10', '2028-01-01']] } },
      [
        '/2028/transfers/0/0 must be a Saturday or a Sunday',
        '/2028/transfers/0/1 must be a day from Monday to Friday',
      ],
    ],
    [
      'a day off that moves twice',
      {
        2028: {
          transfers: [
            ['2028-01-01', '2028-01-10'],
            ['2028-01-01', '2028-12-29'],
          ],
        },
      },
      ['/2028/transfers/1/0 is named twice: 2028-01-01'],
    ],
  ])('is refused for %s', (_what, decrees, problems) => {
    expect(problemsOf(decrees)).toEqual(problems);
  });

  it('is refused in words that name the variable', () => {
    expect(() => calendarOf({ 2028: [] })).toThrow(
      'The file of LETOPIS_CALENDAR_FILE is not valid:\n  /2028 must be an object with transfers',
    );
  });
});
