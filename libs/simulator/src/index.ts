import { LetopisError } from '@letopis/kernel';
import { communication } from './communication';
import { families } from './families';
import { founding } from './founding';
import { incidents } from './incidents';
import { movement } from './movement';
import { School } from './school';
import { services } from './services';
import { sessions } from './sessions';
import { staffing } from './staffing';
import { supervision } from './supervision';
import { type SimulatedYear, type YearParameters } from './year';

export { isWorkingDay, SCHOOL_YEAR, YEAR_BEGINS, YEAR_ENDS } from './calendar';
export { interleaved, lineOf } from './lines';
export { LETOPIS, MAX } from './school';
export * from './year';

const CHAPTERS = [
  founding,
  families,
  communication,
  movement,
  staffing,
  sessions,
  services,
  incidents,
  supervision,
] as const;

/** A school of thirty classes. */
export const FULL_SIZE = { classes: 30, pupils: 900, parents: 1_500, staff: 70 } as const;

/** Fewer have no room for everything that happens in a year. */
export const LEAST_CLASSES = 3;

/** So many classes with as many people as a school of thirty has for each. */
export function sizeOf(classes: number): Pick<YearParameters, 'classes' | 'pupils' | 'parents' | 'staff'> {
  const share = classes / FULL_SIZE.classes;
  return {
    classes,
    pupils: Math.round(FULL_SIZE.pupils * share),
    parents: Math.round(FULL_SIZE.parents * share),
    staff: 14 + Math.ceil((FULL_SIZE.staff - 14) * share),
  };
}

const DEFAULTS: YearParameters = {
  seed: 1,
  school: 0,
  ...FULL_SIZE,
  timeZone: 'Europe/Moscow',
  messagesPerMonth: 60,
};

/**
 * The school year 2025/2026 of one school, from 18 August to 31 July: everything that the regulation has, in a plausible
 * order, with breaches and near misses planted at places that the seed chooses. All names are invented. The same
 * parameters give the same steps, byte for byte; outside of what is planted no rule of a control is broken.
 *
 * @throws LetopisError `invalid` where the time zone is unknown, or the school is too small for what is to happen in it
 */
export function simulateYear(parameters: Partial<YearParameters> = {}): SimulatedYear {
  const all = { ...DEFAULTS, ...parameters };
  if (all.classes < LEAST_CLASSES) {
    throw new LetopisError('invalid', `A simulated school has ${LEAST_CLASSES} classes at least`);
  }
  try {
    return new School(all, CHAPTERS);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new LetopisError('invalid', 'The school is too small: give it more classes, pupils or staff', {
      cause,
    });
  }
}
