import { PLATFORM_ROLES_RU } from './labels';
import { defineRegister } from './register';

/** F3: the journal of invitation links (clauses 3.1.6a, 3.1.10). */
export const invitationsRegister = defineRegister({
  form: 'F3',
  nameRu: 'Журнал ссылок-приглашений',
  about: 'One row for each invitation link.',
  columns: [
    { key: 'number', headingRu: '№', type: 'number', width: 6 },
    { key: 'createdAt', headingRu: 'Создана', type: 'instant', width: 17 },
    { key: 'createdBy', headingRu: 'Кем создана', type: 'person', width: 30 },
    {
      key: 'targetKind',
      headingRu: 'Куда ведёт',
      type: 'text',
      width: 14,
      labels: { community: 'сообщество', group: 'группа', chat: 'чат' },
    },
    { key: 'target', headingRu: 'Цель', type: 'text', width: 26 },
    { key: 'platformRole', headingRu: 'Роль', type: 'text', width: 14, labels: PLATFORM_ROLES_RU },
    { key: 'expiresAt', headingRu: 'Срок действия', type: 'instant', width: 17 },
    { key: 'maxUses', headingRu: 'Макс. использований', type: 'number', width: 14 },
    { key: 'uses', headingRu: 'Факт. использований', type: 'number', width: 14, total: true },
    { key: 'sentTo', headingRu: 'Кому направлена', type: 'people', width: 40 },
    { key: 'revokedAt', headingRu: 'Аннулирована', type: 'instant', width: 17 },
    { key: 'revokedBy', headingRu: 'Кем аннулирована', type: 'person', width: 30 },
    {
      key: 'revocationReason',
      headingRu: 'Причина аннулирования',
      type: 'text',
      width: 22,
      labels: {
        unclaimed: 'не востребована',
        leaked: 'попала к посторонним',
        role_change: 'изменилась роль',
        manual: 'по решению администратора',
      },
    },
    {
      key: 'status',
      headingRu: 'Состояние',
      type: 'text',
      width: 14,
      labels: { live: 'действует', revoked: 'аннулирована', expired: 'истекла' },
    },
  ],
  filters: {
    period: true,
    class: true,
    status: { live: 'действует', revoked: 'аннулирована', expired: 'истекла' },
  },
  views: ['invitations', 'groups', 'chats', 'people', 'organizations'],
  sql: `
    SELECT link.position, link.number, link.created_at, link.created_at AS at, link.issuer_id AS created_by,
           link.target_kind, coalesce(grp.title, chat.title, organization.name) AS target, link.platform_role,
           link.expires_at, link.max_uses, link.uses, link.sent_to, link.revoked_at, link.revoked_by,
           link.revocation_reason, link.status, array_remove(ARRAY[grp.group_id, chat.group_id], NULL) AS class_ids
    FROM (SELECT *, row_number() OVER (ORDER BY position) AS number FROM invitation_links
          WHERE organization_id = $1) AS link
    LEFT JOIN groups grp
      ON link.target_kind = 'group' AND grp.organization_id = $1 AND grp.group_id = link.target_id
    LEFT JOIN chats chat
      ON link.target_kind = 'chat' AND chat.organization_id = $1 AND chat.chat_id = link.target_id
    LEFT JOIN organizations organization
      ON link.target_kind = 'community' AND organization.organization_id = $1`,
});
