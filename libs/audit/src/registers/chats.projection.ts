import { defineProjection, defineTable, on, type Rows, typed } from '@letopis/projections';
import {
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatAutoProvisioned,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatOwnerTransferred,
  ChatRegistered,
  ChatRosterSnapshotTaken,
  ChatTitleChanged,
  memberOf,
} from '@letopis/school';

/** Chats of the register. */
const chats = defineTable({
  name: 'chats',
  columns: {
    chat_id: 'uuid',
    position: 'bigint',
    title: 'text?',
    titled_at: 'timestamptz?',
    kind: 'text',
    group_id: 'uuid?',
    subject: 'text?',
    owner_id: 'uuid?',
    owned_at: 'timestamptz?',
    basis: 'text?',
    purpose: 'text?',
    registered_at: 'timestamptz',
    status: typed<'live' | 'closed'>('text'),
    closed_at: 'timestamptz?',
  },
  key: ['chat_id'],
  indexes: [
    ['organization_id', 'position'],
    ['organization_id', 'group_id'],
  ],
});

/** Where each person or account was last seen to come or go; members of chats outside the register too. */
const chatMembers = defineTable({
  name: 'chat_members',
  columns: { chat_id: 'uuid', member_id: 'uuid', present: 'boolean', moved_at: 'timestamptz' },
  key: ['chat_id', 'member_id'],
  indexes: [['organization_id', 'member_id']],
});

const chatAdmins = defineTable({
  name: 'chat_admins',
  columns: { chat_id: 'uuid', member_id: 'uuid', present: 'boolean', moved_at: 'timestamptz' },
  key: ['chat_id', 'member_id'],
});

/** The latest list of members that was read off each chat. */
const chatSnapshots = defineTable({
  name: 'chat_snapshots',
  columns: { chat_id: 'uuid', taken_at: 'timestamptz', member_ids: 'uuid[]' },
  key: ['chat_id'],
});

/** Every going, so that what a journal says of a departure stays when the person comes back. */
const chatDepartures = defineTable({
  name: 'chat_departures',
  columns: { position: 'bigint', chat_id: 'uuid', member_id: 'uuid', at: 'timestamptz' },
  key: ['position'],
  indexes: [['organization_id', 'member_id', 'at']],
});

interface Move {
  readonly chatId: string;
  readonly at: string;
  readonly personId?: string;
  readonly externalUserId?: string;
}

type Presences = typeof chatMembers | typeof chatAdmins;

const presenceAt = (table: Presences, data: Move) =>
  table.at({ chat_id: data.chatId, member_id: memberOf(data) });

/** Facts come in any order: of two about one member the later to happen counts. */
function move(rows: Rows, table: Presences, data: Move, present: boolean): void {
  const key = { chat_id: data.chatId, member_id: memberOf(data) };
  const before = rows.get(table, key);
  if (before !== undefined && data.at < before.moved_at) return;
  rows.put(table, { ...key, present, moved_at: data.at });
}

/** Chats, who is in them and who went, for registers. */
export const chatsProjection = defineProjection({
  name: 'chats',
  version: 1,
  tables: [chats, chatMembers, chatAdmins, chatSnapshots, chatDepartures],
  on: [
    on(ChatRegistered, {
      reads: ({ data }) => [chats.at({ chat_id: data.chatId })],
      apply: (rows, { data, position, occurredAt }) => {
        const provisioned = rows.get(chats, { chat_id: data.chatId });
        rows.put(chats, {
          ...provisioned,
          chat_id: data.chatId,
          position: provisioned?.position ?? position,
          title: data.title,
          kind: data.kind,
          group_id: data.groupId ?? provisioned?.group_id ?? null,
          subject: data.subject ?? null,
          owner_id: data.ownerId,
          basis: data.basis ?? null,
          purpose: data.purpose ?? null,
          registered_at: occurredAt,
          status: provisioned?.status ?? 'live',
        });
      },
    }),
    on(ChatAutoProvisioned, {
      reads: ({ data }) => [chats.at({ chat_id: data.chatId })],
      apply: (rows, { data, position }) => {
        const registered = rows.get(chats, { chat_id: data.chatId });
        if (registered !== undefined) return;
        rows.put(chats, {
          chat_id: data.chatId,
          position,
          title: data.title ?? null,
          kind: data.kind,
          group_id: data.groupId ?? null,
          registered_at: data.at,
          status: 'live',
        });
      },
    }),
    on(ChatTitleChanged, {
      reads: ({ data }) => [chats.at({ chat_id: data.chatId })],
      apply: (rows, { data, occurredAt }) => {
        const at = data.at ?? occurredAt;
        rows.change(chats, { chat_id: data.chatId }, (row) =>
          row.titled_at !== null && at < row.titled_at ? row : { ...row, title: data.to, titled_at: at },
        );
      },
    }),
    on(ChatOwnerTransferred, {
      reads: ({ data }) => [chats.at({ chat_id: data.chatId })],
      apply: (rows, { data: { chatId, to, at } }) => {
        rows.change(chats, { chat_id: chatId }, (row) =>
          row.owned_at !== null && at < row.owned_at ? row : { ...row, owner_id: to, owned_at: at },
        );
      },
    }),
    on(ChatClosed, {
      reads: ({ data }) => [chats.at({ chat_id: data.chatId })],
      apply: (rows, { data }) => {
        rows.change(chats, { chat_id: data.chatId }, (row) => ({
          ...row,
          status: 'closed' as const,
          closed_at: data.at,
        }));
      },
    }),
    on(ChatMemberAdded, {
      reads: ({ data }) => [presenceAt(chatMembers, data)],
      apply: (rows, { data }) => move(rows, chatMembers, data, true),
    }),
    on([ChatMemberRemoved, ChatMemberLeft], {
      reads: ({ data }) => [presenceAt(chatMembers, data)],
      apply: (rows, { data, position }) => {
        move(rows, chatMembers, data, false);
        rows.put(chatDepartures, {
          position,
          chat_id: data.chatId,
          member_id: memberOf(data),
          at: data.at,
        });
      },
    }),
    on(ChatAdminGranted, {
      reads: ({ data }) => [presenceAt(chatAdmins, data)],
      apply: (rows, { data }) => move(rows, chatAdmins, data, true),
    }),
    on(ChatAdminRevoked, {
      reads: ({ data }) => [presenceAt(chatAdmins, data)],
      apply: (rows, { data }) => move(rows, chatAdmins, data, false),
    }),
    on(ChatRosterSnapshotTaken, {
      reads: ({ data }) => [chatSnapshots.at({ chat_id: data.chatId })],
      apply: (rows, { data: { chatId, takenAt, memberIds } }) => {
        const before = rows.get(chatSnapshots, { chat_id: chatId });
        if (before !== undefined && takenAt < before.taken_at) return;
        rows.put(chatSnapshots, { chat_id: chatId, taken_at: takenAt, member_ids: memberIds });
      },
    }),
  ],
});

/**
 * SQL for who is in a chat, a row each, as `member_id`: the latest list that was read off it, and what was seen to happen
 * since; an account that is linked to a person is that person.
 *
 * @param chat the name under which a query has the row of the chat; `$1` is the organisation
 */
export function membersOf(chat: string): string {
  return `SELECT DISTINCT coalesce(account.person_id, listed.member_id) AS member_id
    FROM (
      SELECT member.member_id FROM chat_members member
      LEFT JOIN chat_snapshots snapshot ON snapshot.organization_id = $1 AND snapshot.chat_id = member.chat_id
      WHERE member.organization_id = $1 AND member.chat_id = ${chat}.chat_id AND member.present
        AND (snapshot.taken_at IS NULL OR member.moved_at > snapshot.taken_at)
      UNION
      SELECT snapshotted.member_id
      FROM chat_snapshots snapshot CROSS JOIN LATERAL unnest(snapshot.member_ids) AS snapshotted(member_id)
      WHERE snapshot.organization_id = $1 AND snapshot.chat_id = ${chat}.chat_id
        AND NOT EXISTS (
          SELECT FROM chat_members gone
          WHERE gone.organization_id = $1 AND gone.chat_id = ${chat}.chat_id
            AND gone.member_id = snapshotted.member_id AND NOT gone.present AND gone.moved_at > snapshot.taken_at)
    ) AS listed
    LEFT JOIN accounts account ON account.organization_id = $1 AND account.account_id = listed.member_id`;
}
