import { membersOf } from './chats.projection';
import { type Column, defineRegister } from './register';

const number = (key: string, headingRu: string): Column => ({
  key,
  headingRu,
  type: 'number',
  width: 13,
  total: true,
});

/** A total of percentages would tell nothing. */
const percent = (key: string, headingRu: string): Column => ({ key, headingRu, type: 'number', width: 11 });

function percentage(part: string, whole: string): string {
  return `round(100.0 * ${part} / nullif(${whole}, 0), 1)`;
}

/** SQL for who is in live chats of this kind of the class `grp`, as `member_id`. */
function inChatsOfClass(kind: 'class_students' | 'class_parents'): string {
  return `SELECT DISTINCT present.member_id FROM chats chat CROSS JOIN LATERAL (${membersOf('chat')}) AS present
    WHERE chat.organization_id = $1 AND chat.group_id = grp.group_id AND chat.kind = '${kind}' AND chat.status = 'live'`;
}

/**
 * SQL for how many of these people refused to take part, by their last word, and how many of those have another channel. Of
 * a yes and a no at the same instant the no counts.
 */
function refusalsOf(people: string): string {
  return `SELECT count(*) AS refused,
                 count(*) FILTER (WHERE EXISTS (
                   SELECT FROM alternative_channels alternative
                   WHERE alternative.organization_id = $1 AND alternative.subject_id = word.subject_id)) AS with_alternative
    FROM (
      SELECT DISTINCT ON (said.subject_id) said.subject_id, said.decision FROM consent_journal said
      WHERE said.organization_id = $1 AND said.purpose = 'platform_use' AND said.subject_id IN (${people})
      ORDER BY said.subject_id, said.at DESC, said.decision = 'given', said.position DESC) AS word
    WHERE word.decision = 'refused'`;
}

const PUPILS = `SELECT pupil.person_id FROM people pupil
  WHERE pupil.organization_id = $1 AND pupil.enrolled AND pupil.group_id = grp.group_id`;

const PARENTS = `SELECT parent.person_id FROM guardianships parent
  JOIN people pupil ON pupil.organization_id = $1 AND pupil.person_id = parent.child_id
  WHERE parent.organization_id = $1 AND parent.holds AND pupil.enrolled AND pupil.group_id = grp.group_id`;

const STAFF = `SELECT person.person_id FROM people person WHERE person.organization_id = $1 AND person.employed`;

/**
 * F1: who takes part, by classes, and the staff (clauses 3.1.15, 3.3.1, 3.3.2, 3.4.1, 3.4.2).
 *
 * The lists are those of orders and guardians as they stand now. Active is who posted a message within the seven days
 * before `to`, or before now. Where no message was ever delivered activity is not known; for the staff the platform's own
 * number then stands in, if it was captured for a period that ended in the 31 days before. Parents of two classes count in
 * each.
 */
export const participationRegister = defineRegister({
  form: 'F1',
  nameRu: 'Мониторинг регистрации и активности',
  about:
    'One row for each class and one for the staff, as the lists and chats stand now; `to` ends the week.',
  columns: [
    { key: 'unit', headingRu: 'Класс (подразделение)', type: 'text', width: 18 },
    { key: 'classTeacher', headingRu: 'Классный руководитель', type: 'person', width: 32 },
    number('teachers', 'Педагогов всего'),
    number('teachersRegistered', 'Педагогов зарегистрировано'),
    number('teachersVerified', 'Педагогов подтверждено'),
    number('teachersActive', 'Педагогов активны за неделю'),
    percent('teachersActivePercent', 'Педагогов активны, %'),
    number('pupils', 'Обучающихся по списку'),
    number('pupilsInChat', 'Обучающихся в чате'),
    percent('pupilsInChatPercent', 'Обучающихся в чате, %'),
    number('parents', 'Родителей по списку'),
    number('parentsInChat', 'Родителей в чате'),
    number('parentsActive', 'Родителей активны за неделю'),
    percent('parentsActivePercent', 'Родителей активны, %'),
    number('refused', 'Отказались'),
    number('withAlternative', 'Из них с альтернативным каналом'),
    { key: 'asOf', headingRu: 'Дата', type: 'instant', width: 17 },
  ],
  filters: { until: true, class: true },
  views: ['groups', 'people', 'chats', 'participation', 'activity', 'consent-journal', 'organizations'],
  sql: `
    WITH active AS MATERIALIZED (
      SELECT DISTINCT coalesce(account.person_id, sender.sender_id) AS person_id
      FROM sender_days sender
      LEFT JOIN accounts account ON account.organization_id = $1 AND account.account_id = sender.sender_id
      WHERE sender.organization_id = $1
        AND sender.day >= (($2::timestamptz - interval '7 days') AT TIME ZONE 'UTC')::date
        AND sender.first_at < $2::timestamptz AND sender.last_at >= $2::timestamptz - interval '7 days'
    ), messages AS (
      SELECT EXISTS (SELECT FROM sender_days sender WHERE sender.organization_id = $1) AS delivered
    )
    SELECT grp.position, grp.title AS unit, grp.class_teacher_id AS class_teacher,
           NULL::bigint AS teachers, NULL::bigint AS teachers_registered, NULL::bigint AS teachers_verified,
           NULL::bigint AS teachers_active, NULL::numeric AS teachers_active_percent,
           pupils.listed AS pupils, pupils.in_chat AS pupils_in_chat,
           ${percentage('pupils.in_chat', 'pupils.listed')} AS pupils_in_chat_percent,
           parents.listed AS parents, parents.in_chat AS parents_in_chat, parents.active AS parents_active,
           ${percentage('parents.active', 'parents.listed')} AS parents_active_percent,
           refusal.refused, refusal.with_alternative, $2::timestamptz AS as_of, ARRAY[grp.group_id] AS class_ids
    FROM groups grp
    CROSS JOIN LATERAL (
      SELECT count(*) AS listed, count(member.member_id) AS in_chat
      FROM (${PUPILS}) AS pupil
      LEFT JOIN (${inChatsOfClass('class_students')}) AS member ON member.member_id = pupil.person_id) AS pupils
    CROSS JOIN LATERAL (
      SELECT count(*) AS listed, count(member.member_id) AS in_chat,
             CASE WHEN (SELECT delivered FROM messages) THEN count(active.person_id) END AS active
      FROM (SELECT DISTINCT person_id FROM (${PARENTS}) AS parents_of_pupils) AS parent
      LEFT JOIN (${inChatsOfClass('class_parents')}) AS member ON member.member_id = parent.person_id
      LEFT JOIN active ON active.person_id = parent.person_id) AS parents
    CROSS JOIN LATERAL (${refusalsOf(`${PUPILS} UNION ${PARENTS}`)}) AS refusal
    WHERE grp.organization_id = $1 AND grp.kind = 'class' AND grp.live
    UNION ALL
    -- No event begins the staff; nothing of an organisation stands before it.
    SELECT 0, 'Педагоги', NULL, staff.listed, staff.registered, staff.verified, staff.active,
           ${percentage('staff.active', 'staff.listed')}, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           refusal.refused, refusal.with_alternative, $2::timestamptz, '{}'
    FROM (
      SELECT count(*) AS listed, count(joined.person_id) AS registered,
             count(joined.person_id) FILTER (WHERE status.verified) AS verified,
             CASE WHEN (SELECT delivered FROM messages) THEN count(active.person_id) ELSE (
               SELECT captured.active_teachers FROM usage_statistics captured
               WHERE captured.organization_id = $1 AND captured.period_to <= $2::timestamptz
                 AND captured.period_to > $2::timestamptz - interval '31 days'
               ORDER BY captured.period_to DESC, captured.position DESC LIMIT 1) END AS active
      FROM (${STAFF}) AS person
      LEFT JOIN community_roles joined ON joined.organization_id = $1 AND joined.person_id = person.person_id
        AND joined.platform_role = 'teacher' AND joined.present
      LEFT JOIN teacher_statuses status ON status.organization_id = $1 AND status.person_id = person.person_id
      LEFT JOIN active ON active.person_id = person.person_id) AS staff
    CROSS JOIN LATERAL (${refusalsOf(STAFF)}) AS refusal
    WHERE staff.listed > 0`,
});
