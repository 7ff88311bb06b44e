import { type FieldProblem, type JsonObject, LetopisError } from '@letopis/kernel';
import { type Calendar, calendarBy, type Decree, DECREES, isWeekend, productionCalendar } from './calendar';

/** Where an installation says which days off were moved in years that Letopis does not know yet. */
export interface DaysOff {
  /** Decrees by year: `{"2028": {"transfers": [["2028-01-01", "2028-01-10"]]}}`. */
  readonly daysOff: JsonObject;
}

type Problem = (path: string, message: string) => void;

/** Letopis counts in years of this century; anything else is a slip of the pen. */
const YEAR = /^20\d\d$/;

/**
 * The production calendar with the decrees of `decrees` beside those that Letopis comes with; a year that both have is as
 * `decrees` says. Its version tells one content from another.
 *
 * @throws LetopisError `invalid` with everything that is wrong
 */
export function calendarOf(decrees: JsonObject): Calendar {
  const problems: FieldProblem[] = [];
  const problem: Problem = (path, message) => {
    problems.push({ path, message });
  };
  const further = Object.entries(decrees).map(
    ([year, decree]) => [Number(year), decreeOf(year, decree, problem)] as const,
  );
  if (problems.length > 0) {
    const told = problems.map(({ path, message }) => `  ${path} ${message}`).join('\n');
    throw new LetopisError('invalid', `The file of LETOPIS_CALENDAR_FILE is not valid:\n${told}`, {
      fields: problems,
    });
  }
  return further.length === 0 ? productionCalendar : calendarBy(new Map([...DECREES, ...further]));
}

const calendars = new WeakMap<JsonObject, Calendar>();

/** The calendar that an installation counts by; the same object whenever it is asked. @throws LetopisError `invalid` */
export function calendarFor({ daysOff }: DaysOff): Calendar {
  const calendar = calendars.get(daysOff) ?? calendarOf(daysOff);
  calendars.set(daysOff, calendar);
  return calendar;
}

function decreeOf(year: string, decree: unknown, problem: Problem): Decree {
  const path = `/${year}`;
  if (!YEAR.test(year)) problem(path, 'must be a year such as 2028');
  if (typeof decree !== 'object' || decree === null || Array.isArray(decree)) {
    problem(path, 'must be an object with transfers');
    return { transfers: [] };
  }
  for (const name of Object.keys(decree).filter((each) => each !== 'transfers')) {
    problem(`${path}/${name}`, 'is not expected here');
  }
  return { transfers: transfersOf(year, Reflect.get(decree, 'transfers'), problem) };
}

function transfersOf(year: string, list: unknown, problem: Problem): Decree['transfers'] {
  const path = `/${year}/transfers`;
  if (!Array.isArray(list)) {
    problem(path, 'must be a list of pairs of days, empty where none was moved');
    return [];
  }
  const named = new Set<string>();
  const day = (value: unknown, place: string, weekend: boolean): string => {
    if (typeof value !== 'string' || !isDayOf(year, value)) {
      problem(place, `must be a day of ${year} such as ${year}-01-10`);
      return '';
    }
    if (isWeekend(value) !== weekend) {
      problem(place, weekend ? 'must be a Saturday or a Sunday' : 'must be a day from Monday to Friday');
    }
    if (named.has(value)) problem(place, `is named twice: ${value}`);
    named.add(value);
    return value;
  };
  return list.map((pair: unknown, index) => {
    const place = `${path}/${index}`;
    if (!Array.isArray(pair) || pair.length !== 2) {
      problem(place, 'must be the day off that moves, and the day that it moves to');
      return ['', ''];
    }
    return [day(pair[0], `${place}/0`, true), day(pair[1], `${place}/1`, false)];
  });
}

function isDayOf(year: string, text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || !text.startsWith(year)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
