import { createHash } from 'node:crypto';
import { type Control, evaluateAll, type Finding, type Mark, type Question } from '@letopis/compliance';
import { canonicalJson } from '@letopis/ledger';

export interface ControlReportRequest {
  readonly organizationId: string;
  readonly organizationName: string;
  /** The period: from the first instant up to and not including the last. */
  readonly from: string;
  readonly to: string;
  /** The store's position up to which events count. */
  readonly position: bigint;
}

/** Whether a finding bears on the period: it was not over before the period began, and it arose before its end. */
function touches({ since, closedAt }: Finding, { from, to }: ControlReportRequest): boolean {
  return since < to && (closedAt === undefined || closedAt >= from);
}

/**
 * A control report: what every control says as of the end of the period, from events up to a position of the store. The
 * same marks give the same content, byte for byte in canonical form, and so the same digest.
 */
export function controlReport(
  catalogue: readonly Control[],
  marks: readonly Mark[],
  request: ControlReportRequest,
  place: Pick<Question, 'calendar' | 'timeZone' | 'parameters'>,
): { readonly content: string; readonly digest: string } {
  const asOf = new Date(Date.parse(request.to) - 1).toISOString();
  const evaluations = evaluateAll(catalogue, marks, {
    ...place,
    asOf,
    known: { position: request.position },
  });
  const controls = evaluations.map(({ control: id, version, status, parameters, findings }) => {
    const declared = catalogue.find((control) => control.id === id);
    return {
      id,
      version,
      titleRu: declared?.title.ru ?? id,
      clauses: declared?.clauses ?? [],
      severity: declared?.severity ?? null,
      parameters,
      status,
      findings: findings.filter((finding) => touches(finding, request)),
    };
  });
  const content = canonicalJson({
    kind: 'control',
    formRu: 'Справка по итогам контроля',
    organization: { id: request.organizationId, name: request.organizationName, timeZone: place.timeZone },
    period: { from: request.from, to: request.to },
    asOf,
    position: request.position.toString(),
    /** The ledger comes with its own version: until then a report says plainly that nothing is sealed. */
    ledgerCheckpoint: null,
    controls,
    evidence: [
      ...new Set(controls.flatMap(({ findings }) => findings.flatMap((finding) => finding.evidence))),
    ].sort(),
  });
  return { content, digest: createHash('sha256').update(content).digest('hex') };
}
