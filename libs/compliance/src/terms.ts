import { dayOfSchoolYear, schoolYearOf, type Terms } from './calendar';

/** The terms of a school year, as an order approved them: days, both included. */
export interface TermsDecision {
  /** `2025/2026`. */
  readonly schoolYear: string;
  readonly terms: readonly { readonly from: string; readonly to: string }[];
  readonly eventId: string;
  readonly recordedAt: string;
  readonly position: bigint;
}

/** Four quarters with the holidays between them as most schools have them, where an organisation has approved none. */
const USUAL: readonly (readonly [from: string, to: string])[] = [
  ['09-01', '10-26'],
  ['11-05', '12-28'],
  ['01-12', '03-27'],
  ['04-06', '05-26'],
];

/** The terms by the decisions; of several on one school year the last recorded counts. */
export function termsOf(decisions: readonly TermsDecision[]): Terms {
  const known = new Map<number, readonly { readonly from: string; readonly to: string }[]>();
  const inOrder = decisions.toSorted((a, b) => (a.position < b.position ? -1 : 1));
  for (const { schoolYear, terms } of inOrder) known.set(Number(schoolYear.slice(0, 4)), terms);
  const ofYear = (year: number) => {
    const terms =
      known.get(year) ??
      USUAL.map(([from, to]) => ({ from: dayOfSchoolYear(from, year), to: dayOfSchoolYear(to, year) }));
    known.set(year, terms);
    return terms;
  };
  return { isTermDay: (day) => ofYear(schoolYearOf(day)).some(({ from, to }) => from <= day && day <= to) };
}
