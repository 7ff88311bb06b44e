import {
  calendarFor,
  catalogueVersion,
  ComplianceView,
  controlCatalogue,
  type ControlEvaluation,
  type ExceptionDecision,
  frameOf,
} from '@letopis/compliance';
import { type EventOf, type EventType, LetopisError, type RecordedEvent, streamOf } from '@letopis/kernel';
import { type Core } from '@letopis/platform';
import { organization, OrganizationCreated, OrganizationProfileUpdated } from '@letopis/school';
import {
  type ControlReportContent,
  type FounderReportContent,
  type ReportPeriod,
  type ReportWords,
} from './content';
import { asOfEnd, citedBy, controlReportContent, restOf, type SourceEvent } from './control-report';
import { founderReportContent, type SchoolPart, schoolPart } from './founder-report';

/** Views that a report is made of. */
const VIEWS = ['compliance', 'organizations', 'audit-trail'];
const CATCH_UP_MS = 60_000;

/** Of which period, from events up to which position. */
export interface Asked {
  readonly period: ReportPeriod;
  readonly position: bigint;
}

/** Tells how far the work has come, in percent. */
export type Progress = (percent: number) => Promise<void>;

/**
 * Makes the content of reports from what is on record up to a position: the same for the same position, whenever it is
 * made. Tells 10 while it waits for views, 30 when controls are evaluated, 60 when the content is built.
 */
export class ReportMaker {
  private readonly compliance: ComplianceView;
  /** By what every report is made. */
  private readonly versions: { readonly catalogue: string; readonly calendar: string };

  constructor(private readonly core: Core) {
    const calendar = calendarFor(core);
    this.compliance = new ComplianceView({ ...core, calendar, catalogue: controlCatalogue });
    this.versions = { catalogue: catalogueVersion, calendar: calendar.version };
  }

  /**
   * The content of a report on one school.
   *
   * @throws LetopisError `not-found` where nothing was known of the school; `unavailable` where its views do not catch up
   */
  async controlReport(
    organizationId: string,
    { period, position, words }: Asked & { readonly words: ReportWords },
    progress: Progress,
  ): Promise<ControlReportContent> {
    await progress(10);
    await this.core.projections.advance();
    const asked = { period, position };
    const { evaluations, ...place } = await this.evaluated(organizationId, asked);
    const exceptions = await this.exceptionsOf(organizationId, asked);
    await progress(30);
    const controls = evaluations.flatMap((evaluation) => {
      const control = controlCatalogue.find(({ id }) => id === evaluation.control);
      if (control === undefined) return [];
      const rest = restOf(control.id, organizationId, asOfEnd(period), exceptions);
      return [{ control, evaluation, ...(rest !== undefined && { rest }) }];
    });
    const content = controlReportContent({
      organization: { id: organizationId, ...place },
      ...{ period, position, words, controls },
      ...this.versions,
      events: await this.eventsOf(organizationId, citedBy(controls, period)),
    });
    await progress(60);
    return content;
  }

  /** The content of a report on many schools. @throws LetopisError as `controlReport` does */
  async founderReport(
    organizations: readonly string[],
    { period, position, timeZone }: Asked & { readonly timeZone: string },
    progress: Progress,
  ): Promise<FounderReportContent> {
    await progress(10);
    await this.core.projections.advance();
    const schools: SchoolPart[] = [];
    for (const [index, id] of organizations.entries()) {
      const { name, evaluations } = await this.evaluated(id, { period, position });
      schools.push(schoolPart({ id, name }, evaluations, period));
      await progress(10 + Math.floor((20 * (index + 1)) / organizations.length));
    }
    const content = founderReportContent({
      ...{ period, timeZone, position, schools },
      catalogue: controlCatalogue,
      versions: this.versions,
    });
    await progress(60);
    return content;
  }

  /** The school as it was known at the position: every control as of the period's end, its name, and where it is. */
  private async evaluated(
    organizationId: string,
    { period, position }: Asked,
  ): Promise<{
    readonly name: string;
    readonly timeZone: string;
    readonly evaluations: readonly ControlEvaluation[];
  }> {
    await this.core.projections.waitFor(VIEWS, organizationId, position, CATCH_UP_MS);
    const place = await this.placeOf(organizationId, position);
    // One by one: a school's marks are many, and others want the thread meanwhile.
    const evaluations: ControlEvaluation[] = [];
    for (const { id: control } of controlCatalogue) {
      const past = { asOf: asOfEnd(period), known: { position }, control };
      evaluations.push(...(await this.compliance.asOf(organizationId, past)));
    }
    return { ...place, evaluations };
  }

  /** Exceptions from controls that were known at the position. */
  private async exceptionsOf(
    organizationId: string,
    { period, position }: Asked,
  ): Promise<readonly ExceptionDecision[]> {
    const question = { asOf: asOfEnd(period), known: { position } };
    return frameOf(await this.compliance.question(organizationId, question)).decisions.exceptions;
  }

  /** Name and time zone as they were known at the position: a view would tell them as they are now. */
  private async placeOf(
    organizationId: string,
    position: bigint,
  ): Promise<{ readonly name: string; readonly timeZone: string }> {
    const { store, catalogue } = this.core;
    const stream = streamOf(organization, organizationId);
    const events = await store.readStream({ organizationId, stream });
    let place: { readonly name: string; readonly timeZone: string } | undefined;
    for (const event of events.filter((each) => each.position <= position)) {
      const present = catalogue.upcast(event);
      if (isOf(OrganizationCreated, present)) {
        place = { name: present.data.name, timeZone: present.data.timeZone };
      } else if (isOf(OrganizationProfileUpdated, present) && place !== undefined) {
        place = { ...place, name: present.data.after.name ?? place.name };
      }
    }
    if (place === undefined) throw new LetopisError('not-found', 'There is no such organisation');
    return place;
  }

  private async eventsOf(
    organizationId: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, SourceEvent>> {
    const { rows } = await this.core.views.query<{
      readonly event_id: string;
      readonly type: string;
      readonly occurred_at: Date;
      readonly position: string;
    }>(
      `SELECT event_id, type, occurred_at, position FROM audit_trail
       WHERE organization_id = $1 AND event_id = ANY ($2::uuid[])`,
      [organizationId, ids],
    );
    return new Map(
      rows.map(({ event_id: id, type, occurred_at, position }) => [
        id,
        { id, type, occurredAt: occurred_at.toISOString(), position },
      ]),
    );
  }
}

function isOf<Type extends EventType>(
  { type }: Type,
  event: RecordedEvent,
): event is RecordedEvent & EventOf<Type> {
  return event.type === type;
}
