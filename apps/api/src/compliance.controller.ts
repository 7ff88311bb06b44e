import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { readNames } from '@letopis/audit';
import {
  type Calendar,
  calendarFor,
  type Control,
  controlCatalogue,
  type ControlEvaluation,
  type ControlStatus,
  ComplianceView,
  eventTitleRu,
  explanationOf,
  type Finding,
  FINDING_STATES,
  isAtRisk,
  isBroken,
  isKept,
  isPressing,
  type Known,
  mentionsIn,
  type PastQuestion,
  provisionalYearsAt,
  RESPONSIBLE,
  SEVERITIES,
  stands,
  tallyOf,
  valueRu,
  withNames,
  WORKFLOW_STATUSES,
} from '@letopis/compliance';
import { instant, LetopisError } from '@letopis/kernel';
import { Access, callerOf, type Core } from '@letopis/platform';
import { readOrganization } from '@letopis/school';
import { caughtUp } from './caught-up';
import { personalDataOf, SEE_NAMES } from './open-personal';
import { QueryReader, uuidOf } from './requests';
import { CORE } from './tokens';

const READERS = [
  'director',
  'deputy',
  'platform_admin',
  'pdn_officer',
  'inspector',
  'investigator',
  'founder',
] as const;

const MOST_FINDINGS = 1_000;
const WEEK = 7 * 24 * 3_600_000;
/** A school year and the summer. */
const MOST_WEEKS = 53;
const TOP_RISKS = 10;
/** How many events a control's status cites; its findings cite all of theirs. */
const CITED = 50;

/** What a question about compliance is asked with, besides its own filters. */
interface Asked {
  readonly organizationId: string;
  /** Absent where the present is asked about. */
  readonly past?: PastQuestion;
}

/** A control with its findings, however it was come by. */
type Evaluated = Pick<ControlEvaluation, 'control' | 'status' | 'findings'> & { readonly inTime: number };

/** The state of every control, now or at a past instant, and what the school's leaders want to see first. */
@Controller('v1')
export class ComplianceController {
  private readonly calendar: Calendar;

  constructor(
    @Inject(CORE) private readonly core: Core,
    @Inject(ComplianceView) private readonly compliance: ComplianceView,
  ) {
    this.calendar = calendarFor(core);
  }

  @Get('organizations/:organizationId/compliance')
  @Access({ roles: READERS })
  async overview(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const read = new QueryReader(query);
    const { organizationId, past } = await this.asked(organization, read);
    read.end();
    if (past !== undefined) {
      const evaluations =
        past.known === undefined
          ? await this.compliance.past(organizationId, past.asOf)
          : (await this.compliance.asOf(organizationId, past)).map(evaluatedOf);
      return {
        organizationId,
        asOf: past.asOf,
        calendar: this.calendarAt(past.asOf),
        controls: evaluations.map(summaryOf),
      };
    }
    const { asOf, controls } = await this.compliance.overview(organizationId);
    return {
      organizationId,
      asOf,
      calendar: this.calendarAt(asOf),
      controls: controls.map(({ control, version, status, violated, ...numbers }) => ({
        ...headingOf(declared(control), status, version),
        ...numbers,
        overdue: violated,
      })),
    };
  }

  @Get('organizations/:organizationId/compliance/controls/:controlId')
  @Access({ roles: READERS })
  async control(
    @Param('organizationId') organization: string,
    @Param('controlId') controlId: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
  ) {
    const read = new QueryReader(query);
    const { organizationId, past } = await this.asked(organization, read);
    read.end();
    const control = declared(controlId);
    const { asOf, status, inTime, parameters, findings } =
      past === undefined
        ? await this.compliance.control(organizationId, control)
        : await this.controlAsOf(organizationId, control, past);
    return {
      organizationId,
      asOf,
      ...headingOf(control, status, control.version),
      ...tallyNumbers(findings, inTime),
      parameters: Object.entries(parameters).map(([name, { value, order }]) => ({
        name,
        titleRu: control.parameters[name]?.titleRu,
        law: control.parameters[name]?.law,
        value,
        valueRu: valueRu(value),
        order,
      })),
      findings: await this.told(organizationId, findings, request),
    };
  }

  @Get('organizations/:organizationId/compliance/findings')
  @Access({ roles: READERS })
  async findings(
    @Param('organizationId') organization: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
  ) {
    const read = new QueryReader(query);
    const control = read.text('control', 10);
    if (control !== undefined) declared(control);
    const state = read.oneOf('state', FINDING_STATES);
    const severity = read.oneOf('severity', SEVERITIES);
    const subject = read.text('subject');
    const decided = read.oneOf('workflow', ['none', ...WORKFLOW_STATUSES]);
    const after = read.text('cursor', 100);
    const limit = read.integer('limit', 200, 1, MOST_FINDINGS);
    const { organizationId, past } = await this.asked(organization, read);
    read.end();
    const { asOf, findings: all } =
      past === undefined && (state === undefined || isKept({ state }))
        ? await this.compliance.findings(organizationId, control)
        : await this.findingsAsOf(organizationId, past ?? this.present(), control);
    const wanted = all.filter(
      (finding) =>
        (control === undefined || finding.control === control) &&
        (state === undefined ? isKept(finding) : finding.state === state) &&
        (severity === undefined || finding.severity === severity) &&
        (subject === undefined || finding.subject === subject) &&
        (decided === undefined || (finding.workflow?.status ?? 'none') === decided) &&
        (after === undefined || cursorOf(finding) > after),
    );
    const page = wanted.toSorted((a, b) => (cursorOf(a) < cursorOf(b) ? -1 : 1)).slice(0, limit);
    const last = page.at(-1);
    return {
      organizationId,
      asOf,
      findings: await this.told(organizationId, page, request),
      ...(last !== undefined && wanted.length > limit && { nextCursor: cursorOf(last) }),
    };
  }

  /** One school at a glance: how controls stand, what is most dangerous, how it went week by week, who has to act. */
  @Get('organizations/:organizationId/compliance/dashboard')
  @Access({ roles: READERS })
  async dashboard(
    @Param('organizationId') organization: string,
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
  ) {
    const read = new QueryReader(query);
    const weeks = read.integer('weeks', 12, 1, MOST_WEEKS);
    const { organizationId, past } = await this.asked(organization, read);
    if (past !== undefined) {
      throw new LetopisError('invalid', 'A dashboard shows the present', {
        fields: [
          { path: '/asOf', message: 'is no parameter of this request: ask /compliance?asOf= instead' },
        ],
      });
    }
    read.end();
    const { asOf, controls } = await this.compliance.overview(organizationId);
    const instants = Array.from({ length: weeks }, (_, back) =>
      instant(new Date(Date.parse(asOf) - (weeks - 1 - back) * WEEK)),
    );
    const [{ findings }, risks, trend] = await Promise.all([
      this.compliance.findings(organizationId),
      this.compliance.risks(organizationId, TOP_RISKS),
      this.compliance.trend(organizationId, instants),
    ]);
    const idle = new Set(
      controls.filter(({ status }) => status === 'not-applicable').map(({ control }) => control),
    );
    const applying = controls.filter(({ control }) => !idle.has(control));
    const pressing = findings.filter(
      (finding) => isPressing(finding) && stands(finding) && !idle.has(finding.control),
    );
    const next = pressing
      .filter(({ state, dueAt }) => state === 'open' && dueAt !== undefined)
      .toSorted((a, b) => ((a.dueAt ?? '') < (b.dueAt ?? '') ? -1 : 1))
      .slice(0, TOP_RISKS);
    return {
      organizationId,
      asOf,
      statuses: countBy(controls, ({ status }) => status),
      open: applying.reduce((sum, { open }) => sum + open, 0),
      overdue: applying.reduce((sum, { violated }) => sum + violated, 0),
      risks: risks.map(({ violated: overdue, ...risk }) => ({
        ...risk,
        overdue,
        title: declared(risk.control).title,
      })),
      nextDeadlines: await this.told(organizationId, next, request),
      byResponsible: [
        ...groupCount(
          pressing.filter(({ state }) => state !== 'open'),
          ({ control, workflow }) =>
            workflow?.status === 'assigned' ? workflow.personId : declared(control).responsible,
        ),
      ].map(([responsible, overdue]) => ({
        responsible,
        responsibleRu: Object.entries(RESPONSIBLE).find(([role]) => role === responsible)?.[1] ?? null,
        overdue,
      })),
      weeks: instants.map((at) => {
        const points = trend.filter((point) => point.at === at);
        return {
          at,
          overdue: points.reduce((sum, { violated }) => sum + violated, 0),
          controls: Object.fromEntries(points.map(({ control, violated }) => [control, violated])),
        };
      }),
    };
  }

  /** Many schools in one answer, for the founder: numbers, no people. */
  @Get('compliance')
  @Access({ roles: ['founder', 'operator'] })
  async schools(@Query() query: Record<string, unknown>, @Req() request: FastifyRequest) {
    const read = new QueryReader(query);
    read.end();
    const { organizationId } = callerOf(request);
    const schools = await this.compliance.schools(organizationId === '*' ? undefined : [organizationId]);
    return {
      schools: schools.map(({ violated, controls, ...school }) => ({
        ...school,
        overdue: violated,
        controls: controls.map(({ violated: overdue, ...control }) => ({ ...control, overdue })),
      })),
      controls: controlCatalogue.map(({ id, title, severity }) => {
        const own = schools.flatMap(({ controls }) => controls.filter(({ control }) => control === id));
        return {
          id,
          title,
          severity,
          schools: countBy(own, ({ status }) => status),
          overdue: own.reduce((sum, { violated }) => sum + violated, 0),
        };
      }),
    };
  }

  /**
   * `asOf`: the instant that is asked about. `known=then`: only what was recorded by then counts, `now` (the default):
   * facts and decisions that came late too. `knownAt`: only what was recorded by this position.
   */
  private async asked(organization: string, read: QueryReader): Promise<Asked> {
    const organizationId = uuidOf(organization, '/organizationId');
    const now = instant(this.core.clock.now());
    const asOf = read.instant('asOf');
    if (asOf !== undefined && asOf > now) {
      throw new LetopisError('invalid', 'Nothing is known of the future', {
        fields: [{ path: '/asOf', message: 'must not be in the future' }],
      });
    }
    const position = read.position('knownAt');
    const knowledge = read.oneOf('known', ['now', 'then']);
    if (position !== undefined && knowledge !== undefined) {
      throw new LetopisError('invalid', 'Either known or knownAt says what was known', {
        fields: [{ path: '/known', message: 'must not be given together with knownAt' }],
      });
    }
    const known: Known | undefined =
      position !== undefined ? { position } : knowledge === 'then' ? { recordedBy: asOf ?? now } : undefined;
    await caughtUp(this.core, ['compliance', 'organizations'], organizationId, read.position('minPosition'));
    if (asOf === undefined && known === undefined) return { organizationId };
    return { organizationId, past: { asOf: asOf ?? now, ...(known !== undefined && { known }) } };
  }

  /** By what working days are counted, and which years near the instant nobody has decreed yet. */
  private calendarAt(asOf: string) {
    return {
      version: this.calendar.version,
      provisionalYears: provisionalYearsAt(this.calendar, asOf),
    };
  }

  private present(): PastQuestion {
    return { asOf: instant(this.core.clock.now()) };
  }

  private async controlAsOf(organizationId: string, control: Control, past: PastQuestion) {
    const [evaluation] = await this.compliance.asOf(organizationId, { ...past, control: control.id });
    if (evaluation === undefined) throw new LetopisError('not-found', `There is no control ${control.id}`);
    const { findings, ...rest } = evaluation;
    const kept = findings.filter(isKept);
    return { ...rest, inTime: findings.length - kept.length, findings: kept };
  }

  private async findingsAsOf(organizationId: string, past: PastQuestion, control?: string) {
    const evaluations = await this.compliance.asOf(organizationId, {
      ...past,
      ...(control !== undefined && { control: declared(control).id }),
    });
    return { asOf: past.asOf, findings: evaluations.flatMap(({ findings }) => findings) };
  }

  /** Findings as this reader is told of them, with names where the reader may see them. */
  private async told(organizationId: string, findings: readonly Finding[], request: FastifyRequest) {
    const { timeZone } = await readOrganization(this.core.views, organizationId);
    const explained = findings.map((finding) => ({ finding, text: explanationOf(finding, timeZone) }));
    const seesNames = callerOf(request).roles.some((role) => SEE_NAMES.includes(role));
    const nameOf = await readNames(
      this.core.views,
      organizationId,
      mentionsIn(explained.map(({ text }) => text)),
      seesNames ? personalDataOf(this.core) : undefined,
    );
    return explained.map(({ finding, text }) => toldOf(finding, capital(withNames(text, nameOf))));
  }
}

/** @throws LetopisError `not-found` */
function declared(id: string): Control {
  const control = controlCatalogue.find((one) => one.id === id);
  if (control === undefined) {
    throw new LetopisError(
      'not-found',
      `There is no control ${id}; there are ${controlCatalogue.map((one) => one.id).join(', ')}`,
    );
  }
  return control;
}

function headingOf(
  { id, title, severity, clauses, responsible }: Control,
  status: ControlStatus,
  version: number,
) {
  return {
    id,
    version,
    title,
    severity,
    clauses,
    responsible,
    responsibleRu: RESPONSIBLE[responsible],
    status,
  };
}

function evaluatedOf({ control, status, findings }: ControlEvaluation): Evaluated {
  const kept = findings.filter(isKept);
  return { control, status, findings: kept, inTime: findings.length - kept.length };
}

function summaryOf({ control: id, status, findings, inTime }: Evaluated) {
  const control = declared(id);
  return {
    ...headingOf(control, status, control.version),
    ...tallyNumbers(findings, inTime),
    evidence: [
      ...new Set(
        findings
          .filter((finding) => (isBroken(finding) || isAtRisk(finding)) && stands(finding))
          .flatMap(({ evidence }) => evidence),
      ),
    ].slice(0, CITED),
  };
}

function tallyNumbers(findings: readonly Finding[], inTime: number) {
  const { open, violated, mended, excepted } = tallyOf(findings);
  return { inTime, open, overdue: violated, mended, excepted };
}

/** A finding as it goes out: told in words, and without what the words were made of. */
function toldOf(finding: Finding, explanationRu: string) {
  return {
    id: finding.id,
    control: finding.control,
    rule: finding.rule,
    subject: finding.subject,
    subjectKind: finding.subjectKind,
    severity: finding.severity,
    state: finding.state,
    since: finding.since,
    dueAt: finding.dueAt,
    term: finding.term,
    provisionalYear: finding.provisionalYear,
    closedAt: finding.closedAt,
    workflow: finding.workflow,
    waiver: finding.waiver,
    explanationRu,
    evidence: finding.evidence,
    events: finding.cited.map(({ id, type, occurredAt }) => ({
      ...{ id, type, occurredAt },
      titleRu: eventTitleRu(type),
    })),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function cursorOf({ since, id }: Finding): string {
  return `${since}/${id}`;
}

function groupCount<Item>(items: readonly Item[], key: (item: Item) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

function countBy<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
): Readonly<Record<string, number>> {
  return Object.fromEntries(groupCount(items, key));
}
