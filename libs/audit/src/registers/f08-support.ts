import { defineRegister } from './register';
import { endOfTerm, inTime } from './working-days';

/** Two working days to resolve or to hand on in, as control C19 has it by default. */
const RESOLVE_WITHIN = 2;

const STATUSES_RU = {
  open: 'открыто',
  forwarded: 'передано разработчику',
  resolved: 'решено',
};

/**
 * F8: the journal of requests for help (clauses 3.1.13, 3.1.14, 4.2). A question is answered by the first resolution after
 * it; whoever hands it on to the vendor in time has kept the term.
 */
export const supportRegister = defineRegister({
  form: 'F8',
  nameRu: 'Журнал обращений в поддержку',
  about: 'One row for each question; a request that was opened again has several.',
  columns: [
    { key: 'number', headingRu: '№', type: 'number', width: 6 },
    { key: 'askedAt', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'requester', headingRu: 'От кого', type: 'person', width: 32 },
    { key: 'topic', headingRu: 'Вопрос', type: 'personal', width: 44 },
    { key: 'resolution', headingRu: 'Решение', type: 'personal', width: 44 },
    { key: 'resolvedAt', headingRu: 'Дата решения', type: 'instant', width: 17 },
    { key: 'forwardedAt', headingRu: 'Передано разработчику', type: 'instant', width: 17 },
    { key: 'dueDay', headingRu: 'Срок', type: 'day', width: 12 },
    { key: 'inTime', headingRu: 'В срок', type: 'flag', width: 9 },
  ],
  filters: { period: true, status: STATUSES_RU },
  views: ['support', 'people', 'organizations'],
  workingDays: true,
  sql: `
    SELECT question.position, question.number, question.asked_at, question.asked_at AS at,
           question.requester_id AS requester, question.topic, answer.resolution, answer.at AS resolved_at,
           forwarded.at AS forwarded_at, term.due AS due_day,
           ${inTime('least(answer.at, forwarded.at)', 'term.due')} AS in_time,
           CASE WHEN answer.at IS NOT NULL THEN 'resolved' WHEN forwarded.at IS NOT NULL THEN 'forwarded'
                ELSE 'open' END AS status
    FROM (SELECT *, row_number() OVER (ORDER BY position) AS number FROM support_questions
          WHERE organization_id = $1) AS question
    JOIN organizations organization ON organization.organization_id = $1
    CROSS JOIN LATERAL (SELECT ${endOfTerm('question.asked_at', RESOLVE_WITHIN)} AS due) AS term
    LEFT JOIN LATERAL (
      SELECT resolution.resolution, resolution.at FROM support_resolutions resolution
      WHERE resolution.organization_id = $1 AND resolution.request_id = question.request_id
        AND resolution.at >= question.asked_at
      ORDER BY resolution.at, resolution.position LIMIT 1) AS answer ON true
    LEFT JOIN LATERAL (
      SELECT min(referral.at) AS at FROM vendor_referrals referral
      WHERE referral.organization_id = $1 AND referral.request_id = question.request_id
        AND referral.at >= question.asked_at) AS forwarded ON true`,
});
