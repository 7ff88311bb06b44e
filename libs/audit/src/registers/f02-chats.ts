import { membersOf } from './chats.projection';
import { CHAT_KINDS_RU } from './labels';
import { defineRegister } from './register';

/** Chats that only staff belongs in. */
const STAFF_CHATS = `('head_deputies', 'head_teachers', 'management')`;

/**
 * F2: the register of chats (clauses 2.2, 3.2.4, 3.3.3, 3.4.3, X.3).
 *
 * The list is that of the class: its pupils, or their parents and guardians; other chats have none. A stranger is a member
 * whom the rosters do not put there: in a chat of pupils neither of the class nor of the staff, in one of parents neither
 * parent of the class nor of the staff, in one of the administration not of the staff, in others in no roster at all.
 */
export const chatsRegister = defineRegister({
  form: 'F2',
  nameRu: 'Реестр чатов',
  about: 'One row for each chat that was entered in the register or made by the platform.',
  columns: [
    { key: 'number', headingRu: '№', type: 'number', width: 6 },
    { key: 'title', headingRu: 'Название', type: 'text', width: 32 },
    { key: 'kind', headingRu: 'Вид', type: 'text', width: 24, labels: CHAT_KINDS_RU },
    { key: 'group', headingRu: 'Класс (группа)', type: 'text', width: 16 },
    { key: 'subject', headingRu: 'Предмет', type: 'text', width: 20 },
    { key: 'owner', headingRu: 'Владелец', type: 'person', width: 32 },
    { key: 'admins', headingRu: 'Администраторы', type: 'people', width: 40 },
    { key: 'basis', headingRu: 'Основание', type: 'text', width: 30 },
    { key: 'registeredAt', headingRu: 'Дата', type: 'instant', width: 17 },
    { key: 'listed', headingRu: 'Участников по списку', type: 'number', width: 13, total: true },
    { key: 'actual', headingRu: 'Участников фактически', type: 'number', width: 13, total: true },
    { key: 'strangers', headingRu: 'Посторонние', type: 'people', width: 40 },
    { key: 'reconciledAt', headingRu: 'Дата сверки', type: 'instant', width: 17 },
    {
      key: 'status',
      headingRu: 'Статус',
      type: 'text',
      width: 12,
      labels: { live: 'действует', closed: 'закрыт' },
    },
  ],
  filters: { period: true, class: true, status: { live: 'действует', closed: 'закрыт' } },
  views: ['chats', 'groups', 'people', 'organizations'],
  sql: `
    SELECT chat.position, chat.number, chat.title, chat.kind, grp.title AS "group", chat.subject,
           chat.owner_id AS owner, admins.admins, coalesce(chat.basis, chat.purpose) AS basis, chat.registered_at,
           chat.registered_at AS at, listed.listed, members.actual, members.strangers,
           snapshot.taken_at AS reconciled_at, chat.status,
           CASE WHEN chat.group_id IS NULL THEN '{}' ELSE ARRAY[chat.group_id] END AS class_ids
    FROM (SELECT *, row_number() OVER (ORDER BY position) AS number FROM chats WHERE organization_id = $1) AS chat
    LEFT JOIN groups grp ON grp.organization_id = $1 AND grp.group_id = chat.group_id
    LEFT JOIN chat_snapshots snapshot ON snapshot.organization_id = $1 AND snapshot.chat_id = chat.chat_id
    CROSS JOIN LATERAL (
      SELECT array_agg(admin.member_id ORDER BY admin.member_id) AS admins FROM chat_admins admin
      WHERE admin.organization_id = $1 AND admin.chat_id = chat.chat_id AND admin.present) AS admins
    CROSS JOIN LATERAL (
      SELECT CASE chat.kind
        WHEN 'class_students' THEN (
          SELECT count(*) FROM people pupil
          WHERE pupil.organization_id = $1 AND pupil.enrolled AND pupil.group_id = chat.group_id)
        WHEN 'class_parents' THEN (
          SELECT count(DISTINCT parent.person_id) FROM guardianships parent
          JOIN people pupil ON pupil.organization_id = $1 AND pupil.person_id = parent.child_id
          WHERE parent.organization_id = $1 AND parent.holds AND pupil.enrolled AND pupil.group_id = chat.group_id)
      END AS listed) AS listed
    CROSS JOIN LATERAL (
      SELECT count(*) AS actual,
             array_agg(member.member_id ORDER BY member.member_id) FILTER (WHERE NOT (
               coalesce(person.employed, false) OR CASE
                 WHEN chat.kind IN ${STAFF_CHATS} THEN false
                 WHEN chat.kind = 'class_students' THEN
                   coalesce(person.enrolled AND person.group_id = chat.group_id, false)
                 ELSE (chat.kind <> 'class_parents' AND coalesce(person.enrolled, false)) OR EXISTS (
                   SELECT FROM guardianships parent
                   JOIN people pupil ON pupil.organization_id = $1 AND pupil.person_id = parent.child_id
                   WHERE parent.organization_id = $1 AND parent.person_id = member.member_id AND parent.holds
                     AND pupil.enrolled AND (chat.kind <> 'class_parents' OR pupil.group_id = chat.group_id))
               END)) AS strangers
      FROM (${membersOf('chat')}) AS member
      LEFT JOIN people person ON person.organization_id = $1 AND person.person_id = member.member_id) AS members`,
});
