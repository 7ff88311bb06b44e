import { defineProjection, defineTable, on } from '@letopis/projections';
import { MemberJoined, MemberMovementRecorded, MemberRemoved } from '@letopis/school';
import { MOVEMENTS_RU } from './labels';
import { defineRegister } from './register';

const movements = defineTable({
  name: 'movements',
  columns: {
    position: 'bigint',
    person_id: 'uuid',
    kind: 'text',
    order_ref: 'text',
    effective_at: 'timestamptz',
    /** When the order was recorded to be given. */
    ordered_at: 'timestamptz',
    from_group: 'uuid?',
    to_group: 'uuid?',
  },
  key: ['position'],
  indexes: [['organization_id', 'person_id', 'effective_at']],
});

/** Where each person was last seen to come into the community or to leave it. */
const communityMembers = defineTable({
  name: 'community_members',
  columns: { person_id: 'uuid', present: 'boolean', moved_at: 'timestamptz' },
  key: ['person_id'],
});

/** Every removal, so that what the journal says of a departure stays when the person comes back. */
const communityDepartures = defineTable({
  name: 'community_departures',
  columns: { position: 'bigint', person_id: 'uuid', at: 'timestamptz' },
  key: ['position'],
  indexes: [['organization_id', 'person_id', 'at']],
});

/** Orders on the movement of pupils and staff, and who went from the community. */
export const movementsProjection = defineProjection({
  name: 'movements',
  version: 1,
  tables: [movements, communityMembers, communityDepartures],
  on: [
    on(MemberMovementRecorded, (rows, { data, position, occurredAt }) => {
      rows.put(movements, {
        position,
        person_id: data.personId,
        kind: data.kind,
        order_ref: data.orderRef,
        effective_at: data.effectiveAt,
        ordered_at: occurredAt,
        from_group: data.fromGroup ?? null,
        to_group: data.toGroup ?? null,
      });
    }),
    on(MemberJoined, {
      reads: ({ data }) => [communityMembers.at({ person_id: data.personId })],
      apply: (rows, { data: { personId, at } }) => {
        const before = rows.get(communityMembers, { person_id: personId });
        if (before !== undefined && at < before.moved_at) return;
        rows.put(communityMembers, { person_id: personId, present: true, moved_at: at });
      },
    }),
    on(MemberRemoved, {
      reads: ({ data }) => [communityMembers.at({ person_id: data.personId })],
      apply: (rows, { data: { personId, at }, position }) => {
        rows.put(communityDepartures, { position, person_id: personId, at });
        const before = rows.get(communityMembers, { person_id: personId });
        if (before !== undefined && at < before.moved_at) return;
        rows.put(communityMembers, { person_id: personId, present: false, moved_at: at });
      },
    }),
  ],
});

/**
 * F5: the journal of movement (clause 3.1.9). Whoever departed or was dismissed is to be out of the community and of all
 * chats, whoever changed classes out of the chats of the old one, within 24 hours of the day from which the order holds
 * (control C12). What happened between the order and the person's next coming counts to it.
 */
export const movementsRegister = defineRegister({
  form: 'F5',
  nameRu: 'Журнал движения',
  about: 'One row for each order on a person, and whether the person is out of community and chats in time.',
  columns: [
    { key: 'orderRef', headingRu: 'Приказ', type: 'text', width: 26 },
    { key: 'person', headingRu: 'ФИО', type: 'person', width: 34 },
    { key: 'kind', headingRu: 'Вид движения', type: 'text', width: 18, labels: MOVEMENTS_RU },
    { key: 'fromGroup', headingRu: 'Из', type: 'text', width: 16 },
    { key: 'toGroup', headingRu: 'В', type: 'text', width: 16 },
    { key: 'effectiveAt', headingRu: 'Действует с', type: 'instant', width: 17 },
    { key: 'leftCommunityAt', headingRu: 'Исключён из сообщества', type: 'instant', width: 20 },
    { key: 'chatsLeft', headingRu: 'Исключён из чатов', type: 'number', width: 12, total: true },
    { key: 'chatsRemaining', headingRu: 'Осталось чатов', type: 'number', width: 12, total: true },
    { key: 'lastChatLeftAt', headingRu: 'Последний чат покинут', type: 'instant', width: 20 },
    { key: 'overdue', headingRu: 'Просрочка', type: 'flag', width: 11 },
  ],
  filters: { period: true, class: true },
  views: ['movements', 'chats', 'groups', 'people', 'organizations'],
  sql: `
    SELECT movement.position, movement.effective_at AS at, movement.order_ref, movement.person_id AS person,
           movement.kind, origin.title AS from_group, goal.title AS to_group, movement.effective_at,
           community.left_community_at, departed.chats_left, remaining.chats_remaining, departed.last_chat_left_at,
           array_remove(ARRAY[movement.from_group, movement.to_group], NULL) AS class_ids,
           CASE WHEN duty.leaves THEN
             coalesce(community.left_community_at > due.at, false) OR coalesce(departed.last_chat_left_at > due.at, false)
             OR ($2 > due.at AND (coalesce(remaining.chats_remaining, 0) > 0 OR community.still_in))
           END AS overdue
    FROM movements movement
    CROSS JOIN LATERAL (SELECT movement.kind IN ('departed', 'dismissed') OR
                               (movement.kind = 'transferred' AND movement.from_group IS NOT NULL) AS leaves,
                               movement.kind IN ('departed', 'dismissed') AS leaves_community) AS duty
    CROSS JOIN LATERAL (SELECT movement.effective_at + interval '24 hours' AS at,
                               least(movement.effective_at, movement.ordered_at) AS since,
                               coalesce((SELECT min(next.effective_at) FROM movements next
                                         WHERE next.organization_id = $1 AND next.person_id = movement.person_id
                                           AND next.kind IN ('hired', 'enrolled')
                                           AND next.effective_at > movement.effective_at), 'infinity') AS until) AS due
    LEFT JOIN groups origin ON origin.organization_id = $1 AND origin.group_id = movement.from_group
    LEFT JOIN groups goal ON goal.organization_id = $1 AND goal.group_id = movement.to_group
    CROSS JOIN LATERAL (
      SELECT (SELECT min(departure.at) FROM community_departures departure
              WHERE departure.organization_id = $1 AND departure.person_id = movement.person_id
                AND duty.leaves_community AND departure.at >= due.since AND departure.at < due.until
             ) AS left_community_at,
             duty.leaves_community AND due.until > $2 AND EXISTS (
               SELECT FROM community_members member
               WHERE member.organization_id = $1 AND member.person_id = movement.person_id AND member.present
             ) AS still_in) AS community
    CROSS JOIN LATERAL (
      SELECT array_agg(account.account_id) || movement.person_id AS ids FROM accounts account
      WHERE account.organization_id = $1 AND account.person_id = movement.person_id) AS known
    CROSS JOIN LATERAL (
      SELECT CASE WHEN duty.leaves THEN count(DISTINCT departure.chat_id) END AS chats_left,
             max(departure.at) AS last_chat_left_at
      FROM chat_departures departure
      LEFT JOIN chats chat ON chat.organization_id = $1 AND chat.chat_id = departure.chat_id
      WHERE departure.organization_id = $1 AND departure.member_id = ANY (known.ids) AND duty.leaves
        AND departure.at >= due.since AND departure.at < due.until
        AND (duty.leaves_community OR chat.group_id = movement.from_group)) AS departed
    CROSS JOIN LATERAL (
      SELECT CASE WHEN duty.leaves AND due.until > $2 THEN count(DISTINCT member.chat_id) END AS chats_remaining
      FROM chat_members member
      LEFT JOIN chats chat ON chat.organization_id = $1 AND chat.chat_id = member.chat_id
      WHERE member.organization_id = $1 AND member.member_id = ANY (known.ids) AND member.present
        AND (duty.leaves_community OR chat.group_id = movement.from_group)
        AND chat.status IS DISTINCT FROM 'closed') AS remaining
    WHERE movement.organization_id = $1`,
});
