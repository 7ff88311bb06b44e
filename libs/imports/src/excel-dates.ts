const DAY_MS = 24 * 3_600_000;
/** 2999-12-31 in the reckoning from 1900. */
const LAST_SERIAL = 401_768;
/** Excel takes 1900 for a leap year, so its days before 1 March 1900 are one off. */
const MARCH_1900 = 61;
const EPOCH_1900 = Date.UTC(1899, 11, 30);
const EPOCH_1904 = Date.UTC(1904, 0, 1);

/** Formats of ECMA-376 part 1, 18.8.30, that show a date; times of day (18–21, 45–47) among them. */
const BUILT_IN: readonly (readonly [number, number])[] = [
  [14, 22],
  [27, 36],
  [45, 47],
  [50, 58],
];

/** Whether cells of this format show their number as a date. */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN.some(([from, to]) => id >= from && id <= to);
  // What stands in quotation marks, in brackets or behind a backslash is shown as it is.
  return /[ymdhs]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '').replace(/General/gi, ''));
}

/** The day that a serial number stands for, with the time where it has one: `2025-09-01`, `2025-09-01T10:30:00`. */
export function dateOfSerial(serial: number, from1904 = false): string | undefined {
  if (!Number.isFinite(serial) || serial < (from1904 ? 0 : 1) || serial >= LAST_SERIAL) return undefined;
  const epoch = from1904 ? EPOCH_1904 : EPOCH_1900 + (serial < MARCH_1900 ? DAY_MS : 0);
  // A second is the finest that people enter; fractions are what floating point makes of it.
  const at = new Date(Math.round((epoch + serial * DAY_MS) / 1_000) * 1_000).toISOString();
  return at.includes('T00:00:00') ? at.slice(0, 10) : at.slice(0, 19);
}
