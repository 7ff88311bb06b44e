import { type JoinDecision } from './join-requests.projection';
import { PLATFORM_ROLES_RU } from './labels';
import { defineRegister } from './register';
import { endOfTerm, inTime } from './working-days';

const DECISIONS_RU = {
  pending: 'на рассмотрении',
  approved: 'принята',
  rejected: 'отклонена',
} satisfies Record<JoinDecision, string>;

/** Three working days to decide in, as control C09 has it by default. */
const DECIDE_WITHIN = 3;

/** F4: the journal of requests to join (clause 3.1.8). */
export const joinRequestsRegister = defineRegister({
  form: 'F4',
  nameRu: 'Журнал заявок на вступление',
  about: 'One row for each request to join, with the claim as it was made last and what was decided.',
  columns: [
    { key: 'number', headingRu: '№', type: 'number', width: 6 },
    { key: 'submittedAt', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'claimant', headingRu: 'Заявитель', type: 'personal', width: 34 },
    { key: 'platformRole', headingRu: 'Роль', type: 'text', width: 14, labels: PLATFORM_ROLES_RU },
    { key: 'group', headingRu: 'Группа', type: 'text', width: 16 },
    {
      key: 'rosterMatch',
      headingRu: 'Сверка со списком',
      type: 'text',
      width: 22,
      labels: { exact: 'совпадает со списком', manual: 'решено вручную' },
    },
    { key: 'decision', headingRu: 'Решение', type: 'text', width: 16, labels: DECISIONS_RU },
    { key: 'reason', headingRu: 'Обоснование решения', type: 'text', width: 34 },
    { key: 'decidedBy', headingRu: 'Кем принято', type: 'person', width: 30 },
    { key: 'decidedAt', headingRu: 'Дата решения', type: 'instant', width: 17 },
    { key: 'inTime', headingRu: 'В срок', type: 'flag', width: 9 },
  ],
  filters: { period: true, class: true, status: DECISIONS_RU },
  views: ['join-requests', 'groups', 'people', 'organizations'],
  workingDays: true,
  sql: `
    SELECT request.*, request.full_name AS claimant, request.submitted_at AS at, request.decision AS status,
           grp.title AS "group", array_remove(ARRAY[request.group_id], NULL) AS class_ids,
           ${inTime('request.decided_at', 'term.due')} AS in_time
    FROM (SELECT *, row_number() OVER (ORDER BY position) AS number FROM join_requests
          WHERE organization_id = $1) AS request
    JOIN organizations organization ON organization.organization_id = $1
    CROSS JOIN LATERAL (SELECT ${endOfTerm('request.submitted_at', DECIDE_WITHIN)} AS due) AS term
    LEFT JOIN groups grp ON grp.organization_id = $1 AND grp.group_id = request.group_id`,
});
