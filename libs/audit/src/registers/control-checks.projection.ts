import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type ProjectedEvent,
  type Rows,
  typed,
} from '@letopis/projections';
import {
  ControlCheckCompleted,
  ControlCheckScheduled,
  ControlFindingRecorded,
  ControlPlanApproved,
  ControlReportAcknowledged,
  ControlReportApproved,
  RemediationAssigned,
} from '@letopis/school';
import { type Sealed, sealedOf } from './sealed';

interface PlanItem {
  readonly controlIds: readonly string[];
  readonly topic: string;
}

/** The plan in force for each school year. */
const controlPlans = defineTable({
  name: 'control_plans',
  columns: { school_year: 'text', order_ref: 'text', items: typed<readonly PlanItem[]>('jsonb') },
  key: ['school_year'],
});

const controlChecks = defineTable({
  name: 'control_checks',
  columns: {
    check_id: 'uuid',
    position: 'bigint',
    goal: 'text?',
    /** What is looked at; the topic of the plan, or the controls, where nothing else is said. */
    object: 'text',
    /** The plan and the order that approved it, or what a check outside of plans rests on. */
    basis: 'text',
    due_at: 'timestamptz',
    completed_at: 'timestamptz?',
    methods: 'text[]',
    sample_size: 'integer?',
    checker_id: 'uuid?',
    report_id: 'uuid?',
    conclusions: 'text?',
    approved_by: 'uuid?',
  },
  key: ['check_id'],
  indexes: [['organization_id', 'position']],
});

const controlFindings = defineTable({
  name: 'control_findings',
  columns: {
    finding_id: 'uuid',
    check_id: 'uuid',
    position: 'bigint',
    clause_id: 'text',
    subject_id: 'uuid?',
    /** Sealed where it is about somebody, else a text. */
    fact: nullable(typed<Sealed | string>('jsonb')),
    evidence: 'text[]',
    recommendation: 'text?',
    remediation_due_at: 'timestamptz?',
    assignee_id: 'uuid?',
  },
  key: ['finding_id'],
  indexes: [['organization_id', 'check_id', 'position']],
});

/** Who was shown which report. That may come in before the report's approval does. */
const reportAcknowledgements = defineTable({
  name: 'report_acknowledgements',
  columns: { report_id: 'uuid', person_id: 'uuid' },
  key: ['report_id', 'person_id'],
});

type Scheduled = ReturnType<typeof ControlCheckScheduled.of>['data'];

/** What the check rests on and looks at, by the plan of its school year where it is in one. */
function groundsOf(
  rows: Rows,
  { controlIds, schoolYear, basis, object }: Scheduled,
): { readonly basis: string; readonly object: string } {
  const plan = schoolYear === undefined ? undefined : rows.get(controlPlans, { school_year: schoolYear });
  const item = plan?.items.find((each) => controlIds.every((id) => each.controlIds.includes(id)));
  const planned = schoolYear === undefined ? [] : [`План контроля на ${schoolYear} учебный год`];
  const order = plan === undefined ? [] : [`приказ ${plan.order_ref}`];
  return {
    basis: [...planned, ...order, ...(basis === undefined ? [] : [basis])].join(', '),
    object: object ?? item?.topic ?? controlIds.join(', '),
  };
}

const ofCheck = {
  reads: ({ data }: ProjectedEvent<{ readonly checkId: string }>) => [
    controlChecks.at({ check_id: data.checkId }),
  ],
};

/** Checks of the administration, what they found, and who knows of it. */
export const controlChecksProjection = defineProjection({
  name: 'control-checks',
  version: 1,
  tables: [controlPlans, controlChecks, controlFindings, reportAcknowledgements],
  on: [
    on(ControlPlanApproved, (rows, { data: { schoolYear, orderRef, items } }) => {
      rows.put(controlPlans, {
        school_year: schoolYear,
        order_ref: orderRef,
        items: items.map(({ controlIds, topic }) => ({ controlIds, topic })),
      });
    }),
    on(ControlCheckScheduled, {
      reads: ({ data: { schoolYear } }) =>
        schoolYear === undefined ? [] : [controlPlans.at({ school_year: schoolYear })],
      apply: (rows, { data, position }) => {
        rows.put(controlChecks, {
          check_id: data.checkId,
          position,
          goal: data.goal ?? null,
          ...groundsOf(rows, data),
          due_at: data.dueAt,
          methods: [],
        });
      },
    }),
    on(ControlCheckCompleted, {
      ...ofCheck,
      apply: (rows, { data: { checkId, sampleSize, methods, checkerId, at } }) => {
        rows.change(controlChecks, { check_id: checkId }, (row) => ({
          ...row,
          completed_at: at,
          methods,
          sample_size: sampleSize,
          checker_id: checkerId,
        }));
      },
    }),
    on(ControlFindingRecorded, (rows, event) => {
      const { findingId, checkId, clauseId, subjectId, fact, evidenceRefs } = event.data;
      rows.put(controlFindings, {
        finding_id: findingId,
        check_id: checkId,
        position: event.position,
        clause_id: clauseId,
        subject_id: subjectId ?? null,
        fact: sealedOf(event, 'factOnSubject', 'subjectId') ?? fact ?? null,
        evidence: evidenceRefs,
      });
    }),
    on(RemediationAssigned, {
      reads: ({ data }) => [controlFindings.at({ finding_id: data.findingId })],
      apply: (rows, { data: { findingId, recommendation, dueAt, assigneeId } }) => {
        rows.change(controlFindings, { finding_id: findingId }, (row) => ({
          ...row,
          recommendation,
          remediation_due_at: dueAt,
          assignee_id: assigneeId,
        }));
      },
    }),
    on(ControlReportApproved, {
      ...ofCheck,
      apply: (rows, { data: { checkId, reportId, conclusions, approvedBy, acknowledgedBy } }) => {
        rows.change(controlChecks, { check_id: checkId }, (row) => ({
          ...row,
          report_id: reportId,
          conclusions: conclusions ?? null,
          approved_by: approvedBy,
        }));
        for (const personId of acknowledgedBy) {
          rows.put(reportAcknowledgements, { report_id: reportId, person_id: personId });
        }
      },
    }),
    on(ControlReportAcknowledged, (rows, { data: { reportId, personId } }) => {
      rows.put(reportAcknowledgements, { report_id: reportId, person_id: personId });
    }),
  ],
});
