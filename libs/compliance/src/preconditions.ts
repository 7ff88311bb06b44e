import { type Pool } from 'pg';
import { type Clock, ruleViolated } from '@letopis/kernel';
import {
  AssignFindingRemediation,
  DismissFinding,
  ExceptFinding,
  orderedValueOf,
  ReopenFinding,
  ReportFindingRemedied,
  ReturnFinding,
  SetControlParameter,
  VerifyFindingRemedied,
} from '@letopis/school';
import { controlCatalogue } from './catalogue';
import { calendarFor, type DaysOff } from './decrees';
import { Evaluator } from './evaluator';
import { checkDecision } from './parameters';

type Precondition = (command: { readonly organizationId: string; readonly payload: object }) => Promise<void>;

const ABOUT_FINDINGS = {
  AssignFindingRemediation,
  ReportFindingRemedied,
  VerifyFindingRemedied,
  ReturnFinding,
  ExceptFinding,
  DismissFinding,
  ReopenFinding,
} as const;

/**
 * What commands about controls need beside their streams: that there is such a finding, and such a parameter.
 *
 * @throws LetopisError `invalid` where the installation's calendar is
 */
export function compliancePreconditions({
  views,
  clock,
  daysOff,
}: {
  readonly views: Pool;
  readonly clock: Clock;
} & DaysOff): Readonly<Record<string, Precondition>> {
  const evaluator = new Evaluator({
    views,
    clock,
    calendar: calendarFor({ daysOff }),
    catalogue: controlCatalogue,
  });
  const isFound = async (organizationId: string, findingId: string, controlId: string): Promise<boolean> => {
    const { rowCount } = await views.query(
      'SELECT FROM letopis.compliance_findings WHERE organization_id = $1 AND id = $2 AND control = $3',
      [organizationId, findingId, controlId],
    );
    return rowCount !== 0;
  };
  const mustBeFound =
    (form: (typeof ABOUT_FINDINGS)[keyof typeof ABOUT_FINDINGS]): Precondition =>
    async ({ organizationId, payload }) => {
      if (!(payload instanceof form)) return;
      const { findingId, controlId } = payload;
      if (await isFound(organizationId, findingId, controlId)) return;
      await evaluator.refresh(organizationId);
      if (await isFound(organizationId, findingId, controlId)) return;
      throw ruleViolated(
        '3.2.5',
        'finding-found',
        'Среди выявленных контролем нарушений такого нет: возьмите findingId и controlId из списка нарушений',
      );
    };
  return {
    ...Object.fromEntries(Object.entries(ABOUT_FINDINGS).map(([name, form]) => [name, mustBeFound(form)])),
    SetControlParameter: ({ payload }) => Promise.resolve(payload).then(mustBeDeclared),
  };
}

function mustBeDeclared(payload: object): void {
  if (!(payload instanceof SetControlParameter)) return;
  const control = controlCatalogue.find(({ id }) => id === payload.controlId);
  if (control !== undefined) checkDecision(control, payload.parameter, orderedValueOf(payload.value));
}
