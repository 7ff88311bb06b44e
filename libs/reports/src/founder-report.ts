import { type Control, type ControlEvaluation, type ControlStatus } from '@letopis/compliance';
import { type FounderReportContent, type ReportCounts, type ReportPeriod } from './content';
import { asOfEnd, findingsOf } from './control-report';

/**
 * The clock of a founder's report where its request names none: the schools may lie in several time zones, and deadlines of
 * the law are commonly read by Moscow time.
 */
export const FOUNDER_TIME_ZONE = 'Europe/Moscow';

/** What a founder's report tells of one school. */
export type SchoolPart = FounderReportContent['schools'][number];

/** Everything that a founder's report is made of. */
export interface FounderReportSources {
  readonly period: ReportPeriod;
  readonly timeZone: string;
  /** The store's position up to which events count. */
  readonly position: bigint;
  readonly catalogue: readonly Control[];
  /** Names of the catalogue's and the calendar's versions. */
  readonly versions: { readonly catalogue: string; readonly calendar: string };
  readonly schools: readonly SchoolPart[];
}

/** One school's numbers from its evaluations as of the period's last instant: nothing that names anybody. */
export function schoolPart(
  { id, name }: { readonly id: string; readonly name: string },
  evaluations: readonly ControlEvaluation[],
  period: ReportPeriod,
): SchoolPart {
  const counted = evaluations.map((evaluation) => ({
    ...{ id: evaluation.control, status: evaluation.status },
    counts: findingsOf(evaluation, period).counts,
  }));
  return {
    id,
    name,
    counts: counted.map(({ counts }) => counts).reduce(sum, NONE),
    controls: counted.map((control) => ({
      ...{ id: control.id, status: control.status, violated: control.counts.violated },
    })),
  };
}

const NONE: ReportCounts = { inTime: 0, open: 0, violated: 0, mended: 0, excepted: 0 };

function sum(a: ReportCounts, b: ReportCounts): ReportCounts {
  return {
    inTime: a.inTime + b.inTime,
    open: a.open + b.open,
    violated: a.violated + b.violated,
    mended: a.mended + b.mended,
    excepted: a.excepted + b.excepted,
  };
}

/** The period's report on many schools: those with the most broken findings first. Pure. */
export function founderReportContent({
  period,
  timeZone,
  position,
  catalogue,
  versions,
  schools,
}: FounderReportSources): FounderReportContent {
  return {
    schema: 'letopis/founder-report/1',
    kind: 'founder',
    formRu: 'Отчёт учредителю о соблюдении порядка использования платформы',
    period,
    asOf: asOfEnd(period),
    timeZone,
    position: position.toString(),
    ...versions,
    schools: schools.toSorted((a, b) => b.counts.violated - a.counts.violated || (a.id < b.id ? -1 : 1)),
    controls: catalogue.map(({ id, title, severity }) => {
      const own = schools.flatMap(({ controls }) => controls.filter((control) => control.id === id));
      return {
        id,
        titleRu: title.ru,
        severity,
        schools: countsByStatus(own),
        violated: own.reduce((total, { violated }) => total + violated, 0),
      };
    }),
  };
}

function countsByStatus(
  controls: readonly { readonly status: ControlStatus }[],
): Readonly<Record<ControlStatus, number>> {
  const counts: Record<ControlStatus, number> = {
    compliant: 0,
    'at-risk': 0,
    violated: 0,
    waived: 0,
    'not-applicable': 0,
    'no-evidence': 0,
  };
  for (const { status } of controls) counts[status] += 1;
  return counts;
}
