import { Type } from '@sinclair/typebox';
import { type Concept, defineCommand } from '@letopis/kernel';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';

const Digest = () => Type.String({ pattern: '^[0-9a-f]{64}$' });
const Seq = () => Type.String({ pattern: '^-?\\d{1,19}$' });

const message = {
  chatId: Id(),
  mid: Text(200),
  seq: Seq(),
  /** A channel posts without a sender. */
  senderId: Type.Optional(PersonId()),
  senderMaxUserId: Type.Optional(Personal(Text(20), '/senderId')),
  senderName: Type.Optional(Personal(Text(200), '/senderId')),
  textSha256: Digest(),
  attachmentKinds: Type.Array(Text(50)),
};

export const MessagePosted = defineEvent({
  type: 'MessagePosted',
  titleRu: 'Опубликовано сообщение',
  clauses: ['3.5.2', '3.6.2'],
  data: {
    ...message,
    at: At(),
    forwardedFrom: Type.Optional(
      Type.Object({ mid: Type.Optional(Text(200)), maxChatId: Type.Optional(Text(20)) }),
    ),
  },
});

export const MessageEdited = defineEvent({
  type: 'MessageEdited',
  titleRu: 'Сообщение изменено',
  clauses: ['3.5.2', '3.6.2'],
  data: { ...message, editedAt: At() },
});

export const MessageRemoved = defineEvent({
  type: 'MessageRemoved',
  titleRu: 'Сообщение удалено',
  clauses: ['3.5.2', '3.6.2'],
  data: { chatId: Id(), mid: Text(200), removedBy: PersonId(), at: At() },
});

export const MessageContentUnavailable = defineEvent({
  type: 'MessageContentUnavailable',
  titleRu: 'Содержание сообщения недоступно (голос или видео)',
  clauses: ['3.5.2'],
  data: { updateTimestamp: At(), dedupKey: Text(300) },
});

export const ExternalUpdateReceived = defineEvent({
  type: 'ExternalUpdateReceived',
  titleRu: 'Принято обновление мессенджера',
  clauses: ['X.3'],
  data: { dedupKey: Text(300), updateType: Text(100), rawSha256: Digest(), receivedAt: At() },
});

export const ExternalUpdateQuarantined = defineEvent({
  type: 'ExternalUpdateQuarantined',
  titleRu: 'Обновление мессенджера отложено в карантин',
  clauses: ['X.3'],
  data: { dedupKey: Text(300), updateType: Text(100), rawSha256: Digest(), reason: Text(500) },
});

export const AuditBotAddedToChat = defineEvent({
  type: 'AuditBotAddedToChat',
  titleRu: 'Бот учёта добавлен в чат',
  clauses: ['X.3'],
  data: { chatId: Id(), maxChatId: Text(20), by: PersonId(), at: At() },
});

export const AuditBotRemovedFromChat = defineEvent({
  type: 'AuditBotRemovedFromChat',
  titleRu: 'Бот учёта удалён из чата',
  clauses: ['X.3'],
  data: { chatId: Id(), maxChatId: Text(20), by: PersonId(), at: At() },
});

export const IntegrationSubscribed = defineEvent({
  type: 'IntegrationSubscribed',
  titleRu: 'Включён приём обновлений мессенджера',
  clauses: ['X.3'],
  data: { botId: Text(100), url: Text(500), updateTypes: Type.Array(Text(100)) },
});

export const IntegrationUnsubscribed = defineEvent({
  type: 'IntegrationUnsubscribed',
  titleRu: 'Приём обновлений мессенджера выключен',
  clauses: ['X.3'],
  data: { botId: Text(100), url: Text(500) },
});

const GAP_REASONS = ['8h_unsubscribe', 'no_admin_rights', 'outage'] as const;

/** Recorded once for each gap, when it is found: `to` is that instant, not the gap's end. */
export const IntegrationGapDetected = defineEvent({
  type: 'IntegrationGapDetected',
  titleRu: 'Обнаружен пробел в приёме обновлений мессенджера',
  clauses: ['X.3'],
  data: {
    from: At(),
    to: At(),
    reason: OneOf(GAP_REASONS),
    botId: Type.Optional(Text(100)),
    chatId: Type.Optional(Id()),
  },
});

const messageEvents = [MessagePosted, MessageEdited, MessageRemoved] as const;
const integrationEvents = [
  MessageContentUnavailable,
  ExternalUpdateReceived,
  ExternalUpdateQuarantined,
  AuditBotAddedToChat,
  AuditBotRemovedFromChat,
  IntegrationSubscribed,
  IntegrationUnsubscribed,
  IntegrationGapDetected,
] as const;

/** Messages of one chat: only taken in, never decided on. */
export const messages: Concept<null, EventsOf<typeof messageEvents>> = {
  name: 'messages',
  titleRu: 'Журнал сообщений',
  events: messageEvents,
  journal: true,
  initial: null,
  evolve: (state) => state,
};

/** What the messenger delivered that belongs to no chat’s own stream; one stream for each organisation. */
export const integration: Concept<null, EventsOf<typeof integrationEvents>> = {
  name: 'integration',
  titleRu: 'Приём обновлений мессенджера',
  events: integrationEvents,
  journal: true,
  initial: null,
  evolve: (state) => state,
};

class Message {
  @field.Id('The chat') chatId!: string;
  @field.Text('Id of the message') mid!: string;
  @field.Int64('Its sequence number: 64 bits, so a string') seq!: string;
  @field.PersonId('Pseudonym of the sender; a channel posts without one', { optional: true })
  senderId?: string;
  @field.Int64('The sender’s id in the messenger (stored encrypted)', { optional: true })
  senderMaxUserId?: string;
  @field.Text('The sender’s name in the messenger (stored encrypted)', { optional: true })
  senderName?: string;
  @field.Sha256('SHA-256 of the text; the text is not stored') textSha256!: string;
  @field.Texts('Kinds of attachments', { max: 50, length: 50 }) attachmentKinds!: string[];
}

class Forwarded {
  @field.Text('Id of the original message', { optional: true }) mid?: string;
  @field.Int64('Chat of the original message', { optional: true }) maxChatId?: string;
}

export class RecordMessagePosted extends Message {
  @field.Nested(Forwarded, 'What was forwarded', { optional: true }) forwardedFrom?: Forwarded;
}

export class RecordMessageEdited extends Message {}

export class RecordMessageRemoved {
  @field.Id('The chat') chatId!: string;
  @field.Text('Id of the message') mid!: string;
  @field.PersonId('Pseudonym of who removed it') removedBy!: string;
}

export class RecordMessageContentUnavailable {
  @field.Text('Deduplication key of the update', { max: 300 }) dedupKey!: string;
}

export class RecordExternalUpdate {
  @field.Text('Deduplication key of the update', { max: 300 }) dedupKey!: string;
  @field.Text('Its type', { max: 100 }) updateType!: string;
  @field.Sha256('SHA-256 of its body as received') rawSha256!: string;
}

export class QuarantineExternalUpdate extends RecordExternalUpdate {
  @field.Text('Why it could not be read', { max: 500 }) reason!: string;
}

export class RecordAuditBotMoved {
  @field.Id('The chat') chatId!: string;
  @field.Int64('Its id in the messenger') maxChatId!: string;
  @field.PersonId('Pseudonym of who did it') by!: string;
}

export class RecordIntegrationUnsubscribed {
  @field.Text('The bot', { max: 100 }) botId!: string;
  @field.Text('The webhook that the messenger posted to', { max: 500 }) url!: string;
}

export class RecordIntegrationSubscribed extends RecordIntegrationUnsubscribed {
  @field.Texts('Types of updates that the messenger posts', { max: 100, length: 100 }) updateTypes!: string[];
}

export class RecordIntegrationGap {
  @field.Instant('The last sign that updates arrived')
  @field.NotAfter('to')
  from!: string;
  @field.Instant('When the gap was found') to!: string;
  @field.OneOf(
    GAP_REASONS,
    '8h_unsubscribe: the messenger does not know the webhook any more; no_admin_rights: no bot is an administrator of the chat; outage: no update and no successful check for six hours',
  )
  reason!: (typeof GAP_REASONS)[number];
  @field.Text('The bot whose updates are missing', { max: 100, optional: true }) botId?: string;
  @field.Id('The chat whose members cannot be read', { optional: true }) chatId?: string;
}

const CHAT = '8c2f4b16-5d7a-4b3e-9c1d-6e0f7a8b9c04';
const ACCOUNT = 'a1b2c3d4-e5f6-4789-8abc-def012345608';
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const MID = 'mid.ffffbdb48e6c3775019d496b34394b84';
const messageExample = {
  chatId: CHAT,
  mid: MID,
  seq: '116327994376978687',
  senderId: ACCOUNT,
  textSha256: SHA256,
  attachmentKinds: [],
};
const updateExample = {
  dedupKey: 'bot_started:182182182:1775025604499',
  updateType: 'bot_started',
  rawSha256: SHA256,
};

const subscriptionExample = {
  botId: '229229229',
  url: 'https://letopis.school7.example/v1/organizations/9f1c5e2a-7b3d-4c8e-8a6f-1d2e3f4a5b6c/integrations/max/webhook',
  updateTypes: ['message_created', 'user_added', 'user_removed'],
};

/** All are taken from the webhook: people do not enter them. */
const fromPlatform = { kind: 'fact', actors: ['system'] } as const;

export const journalCommands = [
  defineCommand({
    ...fromPlatform,
    name: 'RecordMessagePosted',
    titleRu: 'Принять сообщение',
    about: 'A message was posted.',
    clauses: ['3.5.2', '3.6.2'],
    concept: messages,
    payload: RecordMessagePosted,
    example: messageExample,
    id: ({ chatId }) => chatId,
    decide: (_state, { payload, occurredAt }) => [MessagePosted.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordMessageEdited',
    titleRu: 'Принять изменение сообщения',
    about: 'A message was edited.',
    clauses: ['3.5.2', '3.6.2'],
    concept: messages,
    payload: RecordMessageEdited,
    example: messageExample,
    id: ({ chatId }) => chatId,
    decide: (_state, { payload, occurredAt }) => [MessageEdited.of({ ...payload, editedAt: occurredAt })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordMessageRemoved',
    titleRu: 'Принять удаление сообщения',
    about: 'A message was removed.',
    clauses: ['3.5.2', '3.6.2'],
    concept: messages,
    payload: RecordMessageRemoved,
    example: { chatId: CHAT, mid: MID, removedBy: ACCOUNT },
    id: ({ chatId }) => chatId,
    decide: (_state, { payload, occurredAt }) => [MessageRemoved.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordMessageContentUnavailable',
    titleRu: 'Принять пустое обновление',
    about: 'A voice or round-video message: the platform delivers no content, chat or sender.',
    clauses: ['3.5.2'],
    concept: integration,
    payload: RecordMessageContentUnavailable,
    example: { dedupKey: 'message_created:9f86d081884c7d65' },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload, occurredAt }) => [
      MessageContentUnavailable.of({ ...payload, updateTimestamp: occurredAt }),
    ],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordExternalUpdate',
    titleRu: 'Принять прочее обновление',
    about: 'An update that changes nothing in the record of chats.',
    clauses: ['X.3'],
    concept: integration,
    payload: RecordExternalUpdate,
    example: updateExample,
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload, recordedAt }) => [
      ExternalUpdateReceived.of({ ...payload, receivedAt: recordedAt }),
    ],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'QuarantineExternalUpdate',
    titleRu: 'Отложить обновление в карантин',
    about: 'An update that Letopis does not understand: kept, never dropped.',
    clauses: ['X.3'],
    concept: integration,
    payload: QuarantineExternalUpdate,
    example: { ...updateExample, updateType: 'comment_created', reason: 'unknown update_type' },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [ExternalUpdateQuarantined.of({ ...payload })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordAuditBotAdded',
    titleRu: 'Принять добавление бота учёта в чат',
    about: 'The audit bot was added to a chat.',
    clauses: ['X.3'],
    concept: integration,
    payload: RecordAuditBotMoved,
    example: { chatId: CHAT, maxChatId: '-70801090403050', by: ACCOUNT },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload, occurredAt }) => [AuditBotAddedToChat.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordAuditBotRemoved',
    titleRu: 'Принять удаление бота учёта из чата',
    about: 'The audit bot was removed from a chat.',
    clauses: ['X.3'],
    concept: integration,
    payload: RecordAuditBotMoved,
    example: { chatId: CHAT, maxChatId: '-70801090403050', by: ACCOUNT },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload, occurredAt }) => [AuditBotRemovedFromChat.of({ ...payload, at: occurredAt })],
  }),
  defineCommand({
    name: 'RecordIntegrationSubscribed',
    titleRu: 'Отметить включение приёма обновлений',
    about:
      'The messenger confirmed that it posts updates of a bot to the webhook; a gap of that bot ends here.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: ['system', 'platform_admin', 'operator'],
    concept: integration,
    payload: RecordIntegrationSubscribed,
    example: subscriptionExample,
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [IntegrationSubscribed.of({ ...payload })],
  }),
  defineCommand({
    name: 'RecordIntegrationUnsubscribed',
    titleRu: 'Отметить выключение приёма обновлений',
    about: 'Updates of a bot were switched off on purpose.',
    kind: 'fact',
    clauses: ['X.3'],
    actors: ['system', 'platform_admin', 'operator'],
    concept: integration,
    payload: RecordIntegrationUnsubscribed,
    example: { botId: subscriptionExample.botId, url: subscriptionExample.url },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [IntegrationUnsubscribed.of({ ...payload })],
  }),
  defineCommand({
    ...fromPlatform,
    name: 'RecordIntegrationGap',
    titleRu: 'Отметить пробел в приёме обновлений',
    about: 'Updates of a bot, or the members of a chat, could not be had for a time.',
    clauses: ['X.3'],
    concept: integration,
    payload: RecordIntegrationGap,
    example: {
      botId: subscriptionExample.botId,
      from: '2026-03-02T07:30:00.000Z',
      to: '2026-03-02T13:30:00.000Z',
      reason: 'outage',
    },
    id: (_payload, organizationId) => organizationId,
    decide: (_state, { payload }) => [IntegrationGapDetected.of({ ...payload })],
  }),
];
