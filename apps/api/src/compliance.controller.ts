import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import {
  type ControlEvaluation,
  controlCatalogue,
  evaluate,
  evaluateAll,
  FINDING_STATES,
  productionCalendar,
  readMarks,
  SEVERITIES,
} from '@letopis/compliance';
import { instant, LetopisError } from '@letopis/kernel';
import { Access, type Core } from '@letopis/platform';
import { readOrganization } from '@letopis/school';
import { caughtUp } from './caught-up';
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

/** What a question about compliance is asked with, besides its own filters. */
interface Asked {
  readonly organizationId: string;
  readonly asOf: string;
  /** As known then: only events recorded up to this position. */
  readonly upTo?: bigint;
}

/** The state of every control, now or at a past instant. */
@Controller('v1/organizations/:organizationId/compliance')
export class ComplianceController {
  constructor(@Inject(CORE) private readonly core: Core) {}

  @Get()
  @Access({ roles: READERS })
  async overview(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const read = new QueryReader(query);
    const asked = await this.asked(organization, read);
    read.end();
    const evaluations = await this.evaluateAll(asked);
    return {
      organizationId: asked.organizationId,
      asOf: asked.asOf,
      controls: evaluations.map((evaluation) => ({
        ...this.heading(evaluation),
        open: count(evaluation, ['open']),
        overdue: count(evaluation, ['overdue', 'violated']),
        evidence: [...new Set(evaluation.findings.filter(isOpen).flatMap(({ evidence }) => evidence))],
      })),
    };
  }

  @Get('controls/:controlId')
  @Access({ roles: READERS })
  async control(
    @Param('organizationId') organization: string,
    @Param('controlId') controlId: string,
    @Query() query: Record<string, unknown>,
  ) {
    const read = new QueryReader(query);
    const asked = await this.asked(organization, read);
    read.end();
    const control = controlCatalogue.find(({ id }) => id === controlId);
    if (control === undefined) {
      throw new LetopisError(
        'not-found',
        `There is no control ${controlId}; there are ${controlCatalogue.map(({ id }) => id).join(', ')}`,
      );
    }
    const [marks, place] = await Promise.all([
      readMarks(this.core.views, asked.organizationId, { control: controlId, upTo: asked.upTo }),
      this.place(asked.organizationId),
    ]);
    const evaluation = evaluate(control, marks, { ...place, asOf: asked.asOf });
    return {
      organizationId: asked.organizationId,
      asOf: asked.asOf,
      ...this.heading(evaluation),
      parameters: evaluation.parameters,
      findings: evaluation.findings,
    };
  }

  @Get('findings')
  @Access({ roles: READERS })
  async findings(@Param('organizationId') organization: string, @Query() query: Record<string, unknown>) {
    const read = new QueryReader(query);
    const control = read.text('control', 10);
    const state = read.oneOf('state', FINDING_STATES);
    const severity = read.oneOf('severity', SEVERITIES);
    const subject = read.text('subject');
    const asked = await this.asked(organization, read);
    read.end();
    const evaluations = await this.evaluateAll(asked);
    const findings = evaluations
      .flatMap((evaluation) => evaluation.findings)
      .filter(
        (finding) =>
          (control === undefined || finding.control === control) &&
          (state === undefined || finding.state === state) &&
          (severity === undefined || finding.severity === severity) &&
          (subject === undefined || finding.subject === subject),
      );
    return { organizationId: asked.organizationId, asOf: asked.asOf, findings };
  }

  /** `asOf`: the instant that is asked about. `knownAt`: only what was recorded by this position counts. */
  private async asked(organization: string, read: QueryReader): Promise<Asked> {
    const organizationId = uuidOf(organization, '/organizationId');
    const now = instant(this.core.clock.now());
    const asOf = read.instant('asOf') ?? now;
    if (asOf > now) {
      throw new LetopisError('invalid', 'Nothing is known of the future', {
        fields: [{ path: '/asOf', message: 'must not be in the future' }],
      });
    }
    const upTo = read.position('knownAt');
    await caughtUp(this.core, ['compliance', 'organizations'], organizationId, read.position('minPosition'));
    return { organizationId, asOf, ...(upTo !== undefined && { upTo }) };
  }

  private async evaluateAll({ organizationId, asOf, upTo }: Asked): Promise<readonly ControlEvaluation[]> {
    const [marks, place] = await Promise.all([
      readMarks(this.core.views, organizationId, { upTo }),
      this.place(organizationId),
    ]);
    return evaluateAll(controlCatalogue, marks, { ...place, asOf });
  }

  private async place(organizationId: string) {
    const { timeZone } = await readOrganization(this.core.views, organizationId);
    return { timeZone, calendar: productionCalendar };
  }

  private heading({ control, version, status }: ControlEvaluation) {
    const declared = controlCatalogue.find(({ id }) => id === control);
    return {
      id: control,
      version,
      title: declared?.title,
      severity: declared?.severity,
      clauses: declared?.clauses,
      status,
    };
  }
}

function isOpen({ state }: ControlEvaluation['findings'][number]): boolean {
  return state === 'open' || state === 'overdue' || state === 'violated';
}

function count({ findings }: ControlEvaluation, states: readonly string[]): number {
  return findings.filter(({ state }) => states.includes(state)).length;
}
