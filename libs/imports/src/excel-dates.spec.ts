import { dateOfSerial, isDateFormat } from './excel-dates';

describe('dates of spreadsheets', () => {
  it.each([
    [45_901, '2025-09-01'],
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [61, '1900-03-01'],
    [45_901.4375, '2025-09-01T10:30:00'],
  ])('serial %d is %s', (serial, day) => {
    expect(dateOfSerial(serial)).toBe(day);
  });

  it('are four years later in workbooks that reckon from 1904', () => {
    expect(dateOfSerial(44_439, true)).toBe('2025-09-01');
  });

  it.each([0, -1, 500_000, NaN])('%d is none', (serial) => {
    expect(dateOfSerial(serial)).toBeUndefined();
  });

  it.each(['dd.mm.yyyy', 'd mmmm yyyy "г."', '[$-419]d\\ mmm;@', 'h:mm'])(
    'are shown by the format %s',
    (code) => {
      expect(isDateFormat(164, code)).toBe(true);
    },
  );

  it.each(['General', '0.00', '#,##0.00\\ "руб. days"', '[Red]0', '@'])(
    'are not shown by the format %s',
    (code) => {
      expect(isDateFormat(164, code)).toBe(false);
    },
  );

  it('are shown by built-in formats', () => {
    expect([14, 22, 1, 49].map((id) => isDateFormat(id, undefined))).toEqual([true, true, false, false]);
  });
});
