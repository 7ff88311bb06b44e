import { CHECK_METHODS } from '@letopis/school';
import { defineRegister } from './register';

const STATUSES_RU = {
  scheduled: 'назначена',
  completed: 'проведена',
  approved: 'справка утверждена',
};

/**
 * F6: reports on checks (clause 3.2.5). A check has the place of its beginning, and its first finding has that place too;
 * further findings stand where they were recorded.
 */
export const controlChecksRegister = defineRegister({
  form: 'F6',
  nameRu: 'Справка по итогам контроля',
  about: 'One row for each finding of a check, and for each check without findings.',
  columns: [
    { key: 'goal', headingRu: 'Цель', type: 'text', width: 32 },
    { key: 'object', headingRu: 'Объект', type: 'text', width: 28 },
    { key: 'basis', headingRu: 'Основание', type: 'text', width: 34 },
    { key: 'dueAt', headingRu: 'Срок проверки', type: 'instant', width: 17 },
    { key: 'completedAt', headingRu: 'Проведена', type: 'instant', width: 17 },
    { key: 'methods', headingRu: 'Методы', type: 'list', width: 28, labels: CHECK_METHODS },
    { key: 'checked', headingRu: 'Проверено', type: 'number', width: 12 },
    { key: 'clause', headingRu: 'Выявлено: пункт Положения', type: 'text', width: 14 },
    { key: 'fact', headingRu: 'Выявлено: факт', type: 'personal', width: 44 },
    { key: 'subject', headingRu: 'Выявлено: у кого', type: 'person', width: 30 },
    { key: 'evidence', headingRu: 'Выявлено: доказательства', type: 'list', width: 38 },
    { key: 'conclusions', headingRu: 'Выводы', type: 'text', width: 40 },
    { key: 'recommendation', headingRu: 'Рекомендации', type: 'text', width: 40 },
    { key: 'remediationDueAt', headingRu: 'Срок устранения', type: 'instant', width: 17 },
    { key: 'responsible', headingRu: 'Ответственный', type: 'person', width: 30 },
    { key: 'signedBy', headingRu: 'Подпись', type: 'people', width: 40 },
    { key: 'acknowledgedBy', headingRu: 'Ознакомлены', type: 'people', width: 40 },
  ],
  filters: { period: true, status: STATUSES_RU },
  views: ['control-checks', 'people', 'organizations'],
  sql: `
    SELECT CASE WHEN coalesce(finding.nth, 1) = 1 THEN verified.position ELSE finding.position END AS position,
           verified.goal, verified.object, verified.basis, verified.due_at, verified.completed_at, verified.methods,
           verified.sample_size AS checked, finding.clause_id AS clause, finding.fact, finding.subject_id AS subject,
           finding.evidence, verified.conclusions, finding.recommendation, finding.remediation_due_at,
           finding.assignee_id AS responsible,
           CASE WHEN verified.report_id IS NOT NULL THEN ARRAY[verified.checker_id, verified.approved_by] END AS signed_by,
           (SELECT array_agg(shown.person_id ORDER BY shown.person_id) FROM report_acknowledgements shown
            WHERE shown.organization_id = $1 AND shown.report_id = verified.report_id) AS acknowledged_by,
           coalesce(verified.completed_at, verified.due_at) AS at,
           CASE WHEN verified.report_id IS NOT NULL THEN 'approved'
                WHEN verified.completed_at IS NOT NULL THEN 'completed' ELSE 'scheduled' END AS status
    FROM control_checks verified
    LEFT JOIN (
      SELECT *, row_number() OVER (PARTITION BY check_id ORDER BY position) AS nth FROM control_findings
      WHERE organization_id = $1) AS finding ON finding.check_id = verified.check_id
    WHERE verified.organization_id = $1`,
});
