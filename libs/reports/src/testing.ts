import {
  type Control,
  controlCatalogue,
  evaluateAll,
  frameOf,
  type Mark,
  marksOf,
  NO_DECISIONS,
  productionCalendar,
  type Question,
} from '@letopis/compliance';
import { type DomainEvent, derivedId, parseJson, type RecordedEvent } from '@letopis/kernel';
import { isObject } from './comparison';
import { type ControlReportContent, type ReportPeriod } from './content';
import {
  asOfEnd,
  citedBy,
  controlReportContent,
  type ControlReportSources,
  type EvaluatedControl,
  restOf,
  type SourceEvent,
} from './control-report';

export const SCHOOL = derivedId('report-test', 'school');

/** A stable id for a name: `idOf('Anna')`. */
export const idOf = (name: string): string => derivedId('report-test', name);

/** The events as the store would hold them, in the order in which they were recorded. */
export function history(
  ...happenings: readonly (readonly [at: string, event: DomainEvent<string, unknown>])[]
): readonly RecordedEvent[] {
  return happenings.map(([at, event], index) => {
    const id = idOf(`event ${index}`);
    const data = parseJson(JSON.stringify(event.data));
    if (!isObject(data)) throw new TypeError('The data of an event are an object');
    return {
      ...{ id, type: event.type, data, schemaVersion: 1, occurredAt: new Date(at).toISOString() },
      ...{ recordedAt: new Date(at).toISOString(), actor: { id: idOf('director'), role: 'director' } },
      ...{ source: 'operator', commandId: id, correlationId: id, causationId: null },
      ...{ organizationId: SCHOOL, stream: 'test-1', revision: BigInt(index), position: BigInt(index + 1) },
    };
  });
}

export interface ReportOf {
  readonly period: ReportPeriod;
  readonly timeZone?: string;
  readonly decisions?: Question['decisions'];
  readonly controls?: readonly string[];
  readonly words?: ControlReportSources['words'];
  /** In which order the marks are read. */
  readonly order?: (marks: readonly Mark[]) => readonly Mark[];
}

/** The controls as of the end of the period, by the events. */
export function evaluatedOver(
  events: readonly RecordedEvent[],
  {
    period,
    timeZone = 'Europe/Moscow',
    decisions = NO_DECISIONS,
    controls,
    order = (marks) => marks,
  }: ReportOf,
): readonly EvaluatedControl[] {
  const catalogue: readonly Control[] = controlCatalogue.filter(({ id }) => controls?.includes(id) ?? true);
  const asOf = asOfEnd(period);
  const question = { organizationId: SCHOOL, asOf, timeZone, decisions, calendar: productionCalendar };
  const evaluations = evaluateAll(catalogue, order(marksOf(catalogue, events)), question);
  const { exceptions } = frameOf(question).decisions;
  return catalogue.flatMap((control) => {
    const rest = restOf(control.id, SCHOOL, asOf, exceptions);
    return evaluations
      .filter((one) => one.control === control.id)
      .map((evaluation) => ({ control, evaluation, ...(rest !== undefined && { rest }) }));
  });
}

/** The report on the period by the events. */
export function reportOver(events: readonly RecordedEvent[], of: ReportOf): ControlReportContent {
  const controls = evaluatedOver(events, of);
  const cited = new Set(citedBy(controls, of.period));
  return controlReportContent({
    organization: { id: SCHOOL, name: 'МБОУ «Школа № 5»', timeZone: of.timeZone ?? 'Europe/Moscow' },
    ...{ period: of.period, position: BigInt(events.length), words: of.words ?? {}, controls },
    ...{ catalogue: 'controls-1', calendar: productionCalendar.version },
    events: new Map(
      events
        .filter(({ id }) => cited.has(id))
        .map(({ id, type, occurredAt, position }): [string, SourceEvent] => [
          id,
          { id, type, occurredAt, position: position.toString() },
        ]),
    ),
  });
}
