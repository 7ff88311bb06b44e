import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand, type LetopisError, ruleViolated } from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, PersonId, Text } from '../events';
import * as field from '../fields';
import { Period, periodData, periodKey, periodOf } from './period';

/** Where the numbers come from: the platform's cabinet, a count by hand, an interface of the platform. */
const SOURCES = ['cabinet', 'manual', 'api'] as const;

const byRole = () =>
  Type.Object({
    teacher: Type.Integer({ minimum: 0 }),
    student: Type.Integer({ minimum: 0 }),
    parent: Type.Integer({ minimum: 0 }),
  });

export const UsageStatisticsCaptured = defineEvent({
  type: 'UsageStatisticsCaptured',
  titleRu: 'Сняты статистические данные об использовании платформы',
  clauses: ['3.1.15'],
  data: {
    ...periodData,
    source: OneOf(SOURCES),
    metrics: Type.Object({ registered: byRole(), verified: byRole(), weeklyActive: byRole() }),
  },
});

export const StatisticsAccessUnavailable = defineEvent({
  type: 'StatisticsAccessUnavailable',
  titleRu: 'Нет доступа к статистическим данным',
  clauses: ['3.1.15'],
  data: { ...periodData, reason: Text(), evidenceRef: Type.Optional(Text(200)) },
});

export const UsageReportSubmitted = defineEvent({
  type: 'UsageReportSubmitted',
  titleRu: 'Статистические данные доведены до директора',
  clauses: ['3.1.15'],
  data: { reportId: Id(), ...periodData, to: OneOf(['director']), at: At() },
});

export const UsageReportAcknowledged = defineEvent({
  type: 'UsageReportAcknowledged',
  titleRu: 'Директор ознакомился со статистическими данными',
  clauses: ['3.1.15'],
  data: { reportId: Id(), by: PersonId(), resolution: Text() },
});

const events = [
  UsageStatisticsCaptured,
  StatisticsAccessUnavailable,
  UsageReportSubmitted,
  UsageReportAcknowledged,
] as const;
export type StatisticsEvent = EventsOf<typeof events>;

export interface Statistics {
  /** The numbers captured last, for each period and source. */
  readonly captured: ReadonlyMap<string, string>;
  /** Reports by id: the period, and the director's resolution once there is one. */
  readonly reports: ReadonlyMap<string, { readonly period: string; readonly resolution?: string }>;
  /** Periods for which there was no access, each with what was said of it. */
  readonly unavailable: ReadonlyMap<string, string>;
}

/** One stream for each organisation: a few events a week. */
export const statistics: Concept<Statistics, StatisticsEvent> = {
  name: 'statistics',
  titleRu: 'Статистика использования платформы',
  events,
  initial: { captured: new Map(), reports: new Map(), unavailable: new Map() },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'UsageStatisticsCaptured':
        return {
          ...state,
          captured: new Map(state.captured).set(captureKey(data), contentOf(data.metrics)),
        };
      case 'StatisticsAccessUnavailable':
        return {
          ...state,
          unavailable: new Map(state.unavailable).set(periodKey(data), saidOfAccess(data)),
        };
      case 'UsageReportSubmitted':
        return {
          ...state,
          reports: new Map(state.reports).set(data.reportId, { period: periodKey(data) }),
        };
      case 'UsageReportAcknowledged': {
        const report = state.reports.get(data.reportId);
        return report === undefined
          ? state
          : {
              ...state,
              reports: new Map(state.reports).set(data.reportId, { ...report, resolution: data.resolution }),
            };
      }
    }
  },
};

function captureKey({ source, ...period }: { periodFrom: string; periodTo: string; source: string }): string {
  return `${source}/${periodKey(period)}`;
}

function saidOfAccess({ reason, evidenceRef }: { reason: string; evidenceRef?: string }): string {
  return contentOf({ reason, evidenceRef });
}

class ByRole {
  @field.Count('Teachers and other staff', { min: 0, max: 100_000 }) teacher!: number;
  @field.Count('Pupils', { min: 0, max: 100_000 }) student!: number;
  @field.Count('Parents', { min: 0, max: 100_000 }) parent!: number;
}

class Metrics {
  @field.Nested(ByRole, 'How many are registered') registered!: ByRole;
  @field.Nested(ByRole, 'How many have a confirmed status') verified!: ByRole;
  @field.Nested(ByRole, 'How many were active in a week') weeklyActive!: ByRole;
}

export class CaptureUsageStatistics extends Period {
  @field.OneOf(SOURCES, 'Where the numbers come from') source!: (typeof SOURCES)[number];
  @field.Nested(Metrics, 'The numbers, by role') metrics!: Metrics;
}

export class SubmitUsageReport extends Period {
  @field.Id('The report; assigned when absent', { optional: true }) reportId!: string;
}

export class AcknowledgeUsageReport {
  @field.Id('The report') reportId!: string;
  @field.Text('The director’s resolution', { max: 2_000 }) resolution!: string;
}

export class DeclareStatisticsUnavailable extends Period {
  @field.Text('Why there is no access', { max: 2_000 }) reason!: string;
  @field.Text('What shows it: a letter, a screenshot on file', { optional: true }) evidenceRef?: string;
}

const REPORT = '5fa28261-c079-41d4-a3b6-82706f5e910d';
const OCTOBER = { periodFrom: '2025-10-01T00:00:00+05:00', periodTo: '2025-11-01T00:00:00+05:00' };

function mustBeClosed(periodTo: string, occurredAt: string): void {
  if (periodTo > occurredAt) {
    throw ruleViolated('3.1.15', 'period-closed', 'Период ещё не закончился: дождитесь его конца');
  }
}

function submittedOnce(): LetopisError {
  return ruleViolated('3.1.15', 'submitted-once', 'Под этим номером уже есть отчёт за другой период');
}

export const statisticsCommands = [
  defineCommand({
    name: 'CaptureUsageStatistics',
    titleRu: 'Снять статистические данные',
    about: 'Numbers of a period, as the platform shows them; other numbers for it are recorded beside them.',
    kind: 'fact',
    clauses: ['3.1.15'],
    actors: ['platform_admin'],
    concept: statistics,
    payload: CaptureUsageStatistics,
    example: {
      ...OCTOBER,
      source: 'cabinet',
      metrics: {
        registered: { teacher: 52, student: 610, parent: 480 },
        verified: { teacher: 50, student: 0, parent: 0 },
        weeklyActive: { teacher: 47, student: 388, parent: 290 },
      },
    },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload: { source, metrics, ...period } }) => {
      const { registered, verified, weeklyActive } = metrics;
      const event = UsageStatisticsCaptured.of({
        ...periodOf(period),
        source,
        metrics: {
          registered: { ...registered },
          verified: { ...verified },
          weeklyActive: { ...weeklyActive },
        },
      });
      return state.captured.get(captureKey(event.data)) === contentOf(event.data.metrics) ? [] : [event];
    },
  }),
  defineCommand({
    name: 'SubmitUsageReport',
    titleRu: 'Довести статистические данные до директора',
    about: 'The administrator reports the numbers of a period that is over; one report for each period.',
    kind: 'decision',
    clauses: ['3.1.15'],
    actors: ['platform_admin'],
    concept: statistics,
    payload: SubmitUsageReport,
    assigns: 'reportId',
    example: { reportId: REPORT, ...OCTOBER },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload: { reportId, ...payload }, occurredAt }) => {
      const period = periodOf(payload);
      const before = state.reports.get(reportId);
      if (before?.period === periodKey(period)) return [];
      if (before !== undefined) throw submittedOnce();
      mustBeClosed(period.periodTo, occurredAt);
      if ([...state.reports.values()].some((report) => report.period === periodKey(period))) {
        throw ruleViolated('3.1.15', 'one-report-per-period', 'За этот период отчёт уже представлен');
      }
      return [UsageReportSubmitted.of({ reportId, ...period, to: 'director', at: occurredAt })];
    },
  }),
  defineCommand({
    name: 'AcknowledgeUsageReport',
    titleRu: 'Ознакомиться со статистическими данными',
    about: 'The director has seen the report and says what follows from it.',
    kind: 'decision',
    clauses: ['3.1.15'],
    actors: ['director'],
    concept: statistics,
    payload: AcknowledgeUsageReport,
    example: { reportId: REPORT, resolution: 'Принято к сведению' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload, actor }) => {
      const report = state.reports.get(payload.reportId);
      if (report === undefined) {
        throw ruleViolated('3.1.15', 'submitted-first', 'Такого отчёта директору не представляли');
      }
      if (report.resolution === payload.resolution) return [];
      if (report.resolution !== undefined) {
        throw ruleViolated('3.1.15', 'acknowledged-once', 'По этому отчёту уже есть другая резолюция');
      }
      return [UsageReportAcknowledged.of({ ...payload, by: actor.id })];
    },
  }),
  defineCommand({
    name: 'DeclareStatisticsUnavailable',
    titleRu: 'Заявить об отсутствии доступа к статистическим данным',
    about: 'For a period that is over the platform gave no access to its numbers, with the reason.',
    kind: 'decision',
    clauses: ['3.1.15'],
    actors: ['platform_admin'],
    concept: statistics,
    payload: DeclareStatisticsUnavailable,
    example: { ...OCTOBER, reason: 'Раздел статистики в кабинете не открывается' },
    id: (_payload, organizationId) => organizationId,
    decide: (state, { payload: { reason, evidenceRef, ...payload }, occurredAt }) => {
      const event = StatisticsAccessUnavailable.of({ ...periodOf(payload), reason, evidenceRef });
      const before = state.unavailable.get(periodKey(event.data));
      if (before === saidOfAccess(event.data)) return [];
      if (before !== undefined) {
        throw ruleViolated(
          '3.1.15',
          'declared-once',
          'Об отсутствии доступа за этот период уже заявлено с другой причиной',
        );
      }
      mustBeClosed(event.data.periodTo, occurredAt);
      return [event];
    },
  }),
];
