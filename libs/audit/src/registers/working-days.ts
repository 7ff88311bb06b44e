/** Which days are worked, by the production calendar. Days are written `2026-09-01`. */
export interface WorkingDays {
  isWorkingDay(day: string): boolean;
}

/** No term is counted from before: the platform began in that year. */
const FIRST_YEAR = 2020;
const DAY_MS = 24 * 3_600_000;

/** All working days up to the end of the year after the instant's, in order: terms that run now end before. */
export function workingDaysUntil(now: Date, calendar: WorkingDays): readonly string[] {
  const end = Date.UTC(now.getUTCFullYear() + 2, 0, 1);
  const days: string[] = [];
  for (let at = Date.UTC(FIRST_YEAR, 0, 1); at < end; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (calendar.isWorkingDay(day)) days.push(day);
  }
  return days;
}

/**
 * SQL for the last day of a term of working days, a `date`. The day on which the term begins does not count (ГК РФ, ст.
 * 191). Null where the calendar does not reach.
 *
 * The register declares `workingDays`, and has the row of `organizations` as `organization`.
 *
 * @param from the instant at which the term begins
 */
export function endOfTerm(from: string, count: number): string {
  const begun = `nullif(width_bucket((${from} AT TIME ZONE organization.time_zone)::date, $3::date[]), 0)`;
  return `($3::date[])[${begun} + ${count}]`;
}

/**
 * SQL for whether what ends with the day was done in time; null while there is time left. The whole of the day is in time
 * (ГК РФ, ст. 194).
 *
 * @param done the instant, null where it is not done
 * @param day as `endOfTerm` gives it
 */
export function inTime(done: string, day: string): string {
  const over = `((${day} + 1)::timestamp AT TIME ZONE organization.time_zone)`;
  return `CASE WHEN ${done} IS NOT NULL THEN ${done} < ${over} WHEN $2::timestamptz >= ${over} THEN false END`;
}
