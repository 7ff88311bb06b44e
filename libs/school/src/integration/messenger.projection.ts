import { type Pool } from 'pg';
import { defineProjection, defineTable, on } from '@letopis/projections';
import { ChatClosed, ChatMemberAdded, ChatRegistered } from '../chats/chat';
import { AccountLinked, AccountUnlinked } from '../membership/membership';

/** Chats of the register that exist in the messenger. */
const messengerChats = defineTable({
  name: 'messenger_chats',
  columns: {
    chat_id: 'uuid',
    max_chat_id: 'text',
    registered_at: 'timestamptz',
    closed: 'boolean',
  },
  key: ['chat_id'],
});

/** Accounts whose coming into a chat is on record under their pseudonyms. */
const messengerMembers = defineTable({
  name: 'messenger_members',
  columns: { chat_id: 'uuid', account_id: 'uuid' },
  key: ['chat_id', 'account_id'],
});

/** Whose an account is. */
const messengerAccounts = defineTable({
  name: 'messenger_accounts',
  columns: { account_id: 'uuid', person_id: 'uuid' },
  key: ['account_id'],
});

/** What reading back from the messenger needs to know of the record. */
export const messengerProjection = defineProjection({
  name: 'messenger',
  version: 1,
  tables: [messengerChats, messengerMembers, messengerAccounts],
  on: [
    on(ChatRegistered, (rows, { data, occurredAt }) => {
      if (data.maxChatId === undefined) return;
      rows.put(messengerChats, {
        chat_id: data.chatId,
        max_chat_id: data.maxChatId,
        registered_at: occurredAt,
        closed: false,
      });
    }),
    on(ChatClosed, {
      reads: ({ data }) => [messengerChats.at({ chat_id: data.chatId })],
      apply: (rows, { data }) => {
        rows.change(messengerChats, { chat_id: data.chatId }, (row) => ({ ...row, closed: true }));
      },
    }),
    on(ChatMemberAdded, (rows, { data }) => {
      if (data.personId !== undefined || data.externalUserId === undefined) return;
      rows.put(messengerMembers, { chat_id: data.chatId, account_id: data.externalUserId });
    }),
    on(AccountLinked, (rows, { data }) => {
      rows.put(messengerAccounts, { account_id: data.externalUserId, person_id: data.personId });
    }),
    on(AccountUnlinked, {
      reads: ({ data }) => [messengerAccounts.at({ account_id: data.externalUserId })],
      apply: (rows, { data }) => {
        const key = { account_id: data.externalUserId };
        if (rows.get(messengerAccounts, key)?.person_id === data.personId)
          rows.remove(messengerAccounts, key);
      },
    }),
  ],
});

export interface MessengerChat {
  readonly chatId: string;
  readonly maxChatId: string;
  /** RFC 3339 in UTC. */
  readonly registeredAt: string;
}

/** The organisation's registered chats that are not closed and whose id in the messenger is known. */
export async function openMessengerChats(
  views: Pool,
  organizationId: string,
): Promise<readonly MessengerChat[]> {
  const { rows } = await views.query<{ chat_id: string; max_chat_id: string; registered_at: Date }>(
    `SELECT chat_id, max_chat_id, registered_at FROM messenger_chats
     WHERE organization_id = $1 AND NOT closed ORDER BY registered_at, chat_id`,
    [organizationId],
  );
  return rows.map((row) => ({
    chatId: row.chat_id,
    maxChatId: row.max_chat_id,
    registeredAt: row.registered_at.toISOString(),
  }));
}

/**
 * How the record names these accounts as members of the chat: by the account where it came into the chat as such, else
 * by the person that it is linked to, else by the account.
 */
export async function membersOfAccounts(
  views: Pool,
  organizationId: string,
  chatId: string,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await views.query<{ account_id: string; person_id: string }>(
    `SELECT account_id, person_id FROM messenger_accounts
     WHERE organization_id = $1 AND account_id = ANY($3::uuid[]) AND account_id NOT IN
       (SELECT account_id FROM messenger_members WHERE organization_id = $1 AND chat_id = $2)`,
    [organizationId, chatId, accounts],
  );
  const persons = new Map(rows.map((row) => [row.account_id, row.person_id] as const));
  return new Map(accounts.map((account) => [account, persons.get(account) ?? account] as const));
}
