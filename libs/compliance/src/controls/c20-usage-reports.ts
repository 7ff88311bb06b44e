import { type JsonObject } from '@letopis/kernel';
import {
  OrganizationCreated,
  OrganizationRegistrationConfirmed,
  StatisticsAccessUnavailable,
  UsageReportSubmitted,
  UsageStatisticsCaptured,
} from '@letopis/school';
import { control, parameter } from '../control';
import { headingOf } from '../declared-controls';
import { type Moment } from '../findings';
import { type Mark, type MarkOf, on, textOf } from '../marks';
import { type Circumstances, rule } from '../rules';
import { dayOf, endOfDay, startOfDay } from '../zones';

const DAY = 24 * 3_600_000;
/** What reports may leave out of a month that they are on: weeks and months seldom end together. */
const LEFT_OUT = 7 * DAY;

const MONTHS = [
  'январь',
  'февраль',
  'март',
  'апрель',
  'май',
  'июнь',
  'июль',
  'август',
  'сентябрь',
  'октябрь',
  'ноябрь',
  'декабрь',
];

type Kind = 'created' | 'connected' | 'reported' | 'unavailable';

const period = ({ periodFrom, periodTo }: { periodFrom: string; periodTo: string }): JsonObject => ({
  periodFrom,
  periodTo,
});

/**
 * Each month that begins after the school came to the platform, and to Letopis, is reported to the director by the fifth
 * of the next, or it is on record that there was no access to the numbers (clause 3.1.15: «при наличии доступа»). Reports
 * on weeks count for the month that they make up.
 *
 * Not judged: reports by the week where the founder asks for them, since no event tells that he does; and whether the
 * director acknowledged a report, for which nothing sets a term.
 */
export const usageReports = control({
  ...headingOf('C20'),
  version: 1,
  parameters: {
    reportEvery: parameter('День месяца, до которого представляется статистика за прошедший месяц', {
      monthDay: 5,
    }),
  },
  rules: [
    rule({
      id: 'monthly-report',
      about: 'organization',
      manner: 'duty',
      marks: {
        created: [on(OrganizationCreated, ({ organizationId }) => ({ subject: organizationId }))],
        connected: [
          on(OrganizationRegistrationConfirmed, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.confirmedAt,
          })),
          // Whoever has numbers is on the platform, whatever is on record of the registration.
          on(UsageStatisticsCaptured, ({ organizationId }) => ({ subject: organizationId })),
        ],
        reported: [
          on(UsageReportSubmitted, ({ organizationId, data }) => ({
            subject: organizationId,
            at: data.at,
            detail: period(data),
          })),
        ],
        unavailable: [
          on(StatisticsAccessUnavailable, ({ organizationId, data }) => ({
            subject: organizationId,
            detail: period(data),
          })),
        ],
      },
      evidence: ['connected', 'reported', 'unavailable'],
      spans: (marks, _subject, circumstances: Circumstances<'reportEvery'>) => {
        const start = startOf(marks);
        if (start === undefined) return [];
        const entries = marks.filter(({ kind }) => kind === 'reported' || kind === 'unavailable');
        return monthsSince(start.at, circumstances).map((month) => {
          const before = entries.findLast(({ kind, at }) => kind === 'reported' && at < month.ends);
          const until = coverOf(month, entries);
          return {
            from: start.mark,
            since: month.ends,
            key: month.name,
            ...(before !== undefined && { because: [before] }),
            ...(until !== undefined && { until }),
            what: `довести до директора статистику за ${titleOf(month)} или отметить, что доступа к ней нет`,
            due: { at: dueAt(month, circumstances) },
          };
        });
      },
      wakesAt: (marks, _subject, circumstances) =>
        startOf(marks) === undefined ? undefined : monthOf(circumstances.asOf, circumstances.timeZone).ends,
    }),
  ],
});

/** When both the school was on the platform and its record had begun, with what shows the former. */
function startOf(marks: readonly MarkOf<Kind>[]): { readonly mark: Mark; readonly at: string } | undefined {
  const created = marks.find(({ kind }) => kind === 'created');
  const mark = marks.find(({ kind }) => kind !== 'created');
  if (created === undefined || mark === undefined) return undefined;
  return { mark, at: created.at > mark.at ? created.at : mark.at };
}

/** A month of the calendar: `2026-03`, from its first instant to the first instant after it. */
interface Month {
  readonly name: string;
  readonly begins: string;
  readonly ends: string;
}

function monthNamed(name: string, timeZone: string): Month {
  const first = (month: string): string => startOfDay(`${month}-01`, timeZone);
  return { name, begins: first(name), ends: first(nextMonth(name)) };
}

function monthOf(at: string, timeZone: string): Month {
  return monthNamed(dayOf(at, timeZone).slice(0, 7), timeZone);
}

function nextMonth(name: string): string {
  return new Date(Date.parse(`${name}-01T00:00:00Z`) + 31 * DAY).toISOString().slice(0, 7);
}

/** The months that began at the instant or later and are over. */
function monthsSince(start: string, { asOf, timeZone }: Moment): readonly Month[] {
  const months: Month[] = [];
  let month = monthOf(start, timeZone);
  while (month.ends <= asOf) {
    if (month.begins >= start) months.push(month);
    month = monthNamed(nextMonth(month.name), timeZone);
  }
  return months;
}

/** `март 2026 года` */
function titleOf({ name }: Month): string {
  const [year, month] = name.split('-').map(Number);
  return `${MONTHS[(month ?? 1) - 1] ?? ''} ${year ?? ''} года`;
}

/** The end of the day by which the month is reported, of the next month's last day where that is shorter. */
function dueAt(month: Month, { valueOf, timeZone }: Circumstances<'reportEvery'>): string {
  const value = valueOf('reportEvery', month.ends);
  const next = nextMonth(month.name);
  const last = new Date(Date.parse(`${nextMonth(next)}-01T00:00:00Z`) - DAY).getUTCDate();
  const day = 'monthDay' in value ? Math.min(value.monthDay, last) : last;
  return endOfDay(`${next}-${String(day).padStart(2, '0')}`, timeZone);
}

/** The entry with which the month was reported on: those up to it leave less than a week of the month out. */
function coverOf({ begins, ends }: Month, entries: readonly Mark[]): Mark | undefined {
  const [first, end] = [Date.parse(begins), Date.parse(ends)];
  const parts: (readonly [from: number, to: number])[] = [];
  for (const entry of entries) {
    const from = Math.max(first, Date.parse(textOf(entry, 'periodFrom') ?? entry.at));
    const to = Math.min(end, Date.parse(textOf(entry, 'periodTo') ?? entry.at));
    if (from >= to) continue;
    parts.push([from, to]);
    if (end - first - lengthOf(parts) < LEFT_OUT) return entry;
  }
  return undefined;
}

/** How long the parts are together; what several hold counts once. */
function lengthOf(parts: readonly (readonly [from: number, to: number])[]): number {
  let length = 0;
  let reached = -Infinity;
  for (const [from, to] of parts.toSorted(([a], [b]) => a - b)) {
    length += Math.max(0, to - Math.max(from, reached));
    reached = Math.max(reached, to);
  }
  return length;
}
