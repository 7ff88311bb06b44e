import { LetopisError } from '@letopis/kernel';
import { At } from '../events';
import * as field from '../fields';

/** Members of events about a stretch of time, which its first instant begins and `periodTo` no longer belongs to. */
export const periodData = { periodFrom: At(), periodTo: At() };

/** Payloads about a stretch of time; instants, so that a school's months end at its own midnight. */
export class Period {
  @field.Instant('When the period begins') periodFrom!: string;
  @field.Instant('When the period is over: the first instant after it') periodTo!: string;
}

/** The period as events hold it. @throws LetopisError `invalid` where it ends before it begins */
export function periodOf({ periodFrom, periodTo }: Period): { periodFrom: string; periodTo: string } {
  if (Date.parse(periodTo) <= Date.parse(periodFrom)) {
    throw new LetopisError('invalid', 'A period ends after it begins', {
      fields: [{ path: '/payload/periodTo', message: 'periodTo must be after periodFrom' }],
    });
  }
  return {
    periodFrom: new Date(periodFrom).toISOString(),
    periodTo: new Date(periodTo).toISOString(),
  };
}

/** Tells periods apart. */
export function periodKey({ periodFrom, periodTo }: { periodFrom: string; periodTo: string }): string {
  return `${periodFrom}/${periodTo}`;
}
