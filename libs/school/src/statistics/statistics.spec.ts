import { given, idOf, NOW } from '../testing';
import {
  statistics,
  StatisticsAccessUnavailable,
  UsageReportAcknowledged,
  UsageReportSubmitted,
  UsageStatisticsCaptured,
} from './statistics';

const october = { periodFrom: '2025-10-01T00:00:00+05:00', periodTo: '2025-11-01T00:00:00+05:00' };
const OCTOBER = { periodFrom: '2025-09-30T19:00:00.000Z', periodTo: '2025-10-31T19:00:00.000Z' };
const november = { periodFrom: '2025-11-01T00:00:00+05:00', periodTo: '2025-12-01T00:00:00+05:00' };
const LATER = '2025-11-18T08:00:00.000Z';

describe('CaptureUsageStatistics', () => {
  const metrics = {
    registered: { teacher: 52, student: 610, parent: 480 },
    verified: { teacher: 50, student: 0, parent: 0 },
    weeklyActive: { teacher: 47, student: 388, parent: 290 },
  };
  const capture = { ...october, source: 'cabinet' as const, metrics };
  const captured = UsageStatisticsCaptured.of({ ...OCTOBER, source: 'cabinet', metrics });

  it('when numbers are captured, then they are recorded by role with period and source', () => {
    given(statistics).when('CaptureUsageStatistics', capture).then([captured]);
  });

  it('given the numbers, when they are captured again, then nothing is recorded', () => {
    given(statistics, [captured]).when('CaptureUsageStatistics', capture).thenNothing();
  });

  it('given the numbers, when other numbers are captured for the period, then they are recorded too', () => {
    const others = { ...metrics, verified: { teacher: 51, student: 0, parent: 0 } };
    given(statistics, [captured])
      .when('CaptureUsageStatistics', { ...capture, metrics: others })
      .then([UsageStatisticsCaptured.of({ ...captured.data, metrics: others })]);
  });

  it('given the period is not over, when numbers are captured, then they are recorded', () => {
    given(statistics)
      .when('CaptureUsageStatistics', { ...capture, ...november })
      .then([
        UsageStatisticsCaptured.of({
          ...captured.data,
          periodFrom: '2025-10-31T19:00:00.000Z',
          periodTo: '2025-11-30T19:00:00.000Z',
        }),
      ]);
  });

  it('given a period that ends before it begins, when numbers are captured, then it is invalid', () => {
    given(statistics)
      .when('CaptureUsageStatistics', { ...capture, periodTo: '2025-09-01T00:00:00Z' })
      .thenInvalid('/payload/periodTo');
  });
});

const reportId = idOf('report');
const submitted = UsageReportSubmitted.of({ reportId, ...OCTOBER, to: 'director', at: NOW });

describe('SubmitUsageReport', () => {
  const submit = { reportId, ...october };

  it('given the period is over, when it is reported, then that is recorded', () => {
    given(statistics).when('SubmitUsageReport', submit).then([submitted]);
  });

  it('given the report, when it comes again later, then nothing is recorded', () => {
    given(statistics, [submitted]).when('SubmitUsageReport', submit, { occurredAt: LATER }).thenNothing();
  });

  it('given the report, when another comes for its period, then 3.1.15 refuses', () => {
    given(statistics, [submitted])
      .when('SubmitUsageReport', { ...submit, reportId: idOf('another') })
      .thenRefused('3.1.15', 'one-report-per-period');
  });

  it('given the report, when it comes for another period, then 3.1.15 refuses', () => {
    given(statistics, [submitted])
      .when('SubmitUsageReport', { ...submit, periodFrom: '2025-10-06T00:00:00+05:00' })
      .thenRefused('3.1.15', 'submitted-once');
  });

  it('given the period is not over by a second, when it is reported, then 3.1.15 refuses', () => {
    given(statistics)
      .when('SubmitUsageReport', submit, { occurredAt: '2025-10-31T18:59:59.000Z' })
      .thenRefused('3.1.15', 'period-closed');
  });

  it('given the period is over at this instant, when it is reported, then that is recorded', () => {
    given(statistics)
      .when('SubmitUsageReport', submit, { occurredAt: OCTOBER.periodTo })
      .then([UsageReportSubmitted.of({ ...submitted.data, at: OCTOBER.periodTo })]);
  });
});

describe('AcknowledgeUsageReport', () => {
  const director = { id: idOf('Oleg'), role: 'director' };
  const acknowledge = { reportId, resolution: 'Принято к сведению' };
  const acknowledged = UsageReportAcknowledged.of({ ...acknowledge, by: director.id });
  const by = { actor: director };

  it('given the report, when the director acknowledges it, then the resolution is recorded', () => {
    given(statistics, [submitted]).when('AcknowledgeUsageReport', acknowledge, by).then([acknowledged]);
  });

  it('given the resolution, when it comes again, then nothing is recorded', () => {
    given(statistics, [submitted, acknowledged])
      .when('AcknowledgeUsageReport', acknowledge, by)
      .thenNothing();
  });

  it('given the resolution, when another comes, then 3.1.15 refuses', () => {
    given(statistics, [submitted, acknowledged])
      .when('AcknowledgeUsageReport', { ...acknowledge, resolution: 'Доработать' }, by)
      .thenRefused('3.1.15', 'acknowledged-once');
  });

  it('given no such report, when it is acknowledged, then 3.1.15 refuses', () => {
    given(statistics)
      .when('AcknowledgeUsageReport', acknowledge, by)
      .thenRefused('3.1.15', 'submitted-first');
  });
});

describe('DeclareStatisticsUnavailable', () => {
  const declare = { ...october, reason: 'Раздел не открывается' };
  const unavailable = StatisticsAccessUnavailable.of({ ...OCTOBER, reason: declare.reason });

  it('given the period is over, when there was no access, then the reason is recorded', () => {
    given(statistics).when('DeclareStatisticsUnavailable', declare).then([unavailable]);
  });

  it('given it is declared, when the same comes again, then nothing is recorded', () => {
    given(statistics, [unavailable]).when('DeclareStatisticsUnavailable', declare).thenNothing();
  });

  it('given it is declared, when another reason is given, then 3.1.15 refuses', () => {
    given(statistics, [unavailable])
      .when('DeclareStatisticsUnavailable', { ...declare, reason: 'Нет прав' })
      .thenRefused('3.1.15', 'declared-once');
  });

  it('given the period is not over, when no access is declared, then 3.1.15 refuses', () => {
    given(statistics)
      .when('DeclareStatisticsUnavailable', { ...declare, ...november })
      .thenRefused('3.1.15', 'period-closed');
  });
});
