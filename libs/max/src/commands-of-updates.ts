import { instant, type JsonObject } from '@letopis/kernel';
import { chatIdOf } from '@letopis/school';
import { FieldReader, lenient, sha256, typeOf, Unreadable, type Update } from './updates';

/** What an update says, as a command. */
export interface UpdateCommand {
  readonly name: string;
  readonly payload: JsonObject;
  /** Absent where the update does not say credibly when it happened. */
  readonly occurredAt?: string;
  readonly updateType: string;
  /** Names the update, to which MAX gives no id: type, chat, message or pseudonym of the account, timestamp. */
  readonly dedupKey: string;
  /** The same for each delivery of the update. */
  readonly idempotencyKey: string;
  /** Set where the update goes into quarantine: why, without any value of it. */
  readonly quarantineReason?: string;
  /** The command says nothing of the update but its key and digest: two under one key are the same update. */
  readonly opaque: boolean;
}

export interface UpdateContext {
  readonly organizationId: string;
  /** The pseudonym, within the organisation, of an account of the messenger. */
  readonly pseudonymOf: (maxUserId: string) => string;
  /** When the update was received. */
  readonly now: Date;
}

/** The names of accounts and chats are kept up to this many characters, as in the messenger. */
const NAME_LENGTH = 200;
const MAX_ATTACHMENTS = 50;
/** How far the messenger's clock may run ahead of ours; commands allow no more. */
const MAX_SKEW_MS = 5 * 60_000;
/** Before the messenger's platform existed: an instant in seconds instead of milliseconds lies there. */
const EARLIEST = Date.UTC(2015, 0, 1);

/**
 * The one command that records an update. Pure, and total: what cannot be read becomes QuarantineExternalUpdate.
 *
 * A command holds nothing that may differ between two deliveries of one update (`last_activity_time`, avatars).
 */
export function commandOf(update: Update, context: UpdateContext): UpdateCommand {
  if ('unreadable' in update.content) {
    return quarantineCommand(update, 'unreadable', update.content.unreadable);
  }
  const reader = new FieldReader(update.content.fields);
  const type = lenient(() => reader.optionalText('update_type'));
  if (type === undefined)
    return quarantineCommand(update, 'unknown', 'update_type is missing or is not text');
  const happened = lenient(() => happenedAt(reader, 'timestamp', context.now));
  const read = READERS.get(type);
  if (read === undefined) {
    return quarantineCommand(update, nameOf(type), 'this update_type is unknown', happened);
  }
  try {
    return read({ type, reader, update, context });
  } catch (error) {
    if (error instanceof Unreadable) return quarantineCommand(update, type, error.message, happened);
    throw error;
  }
}

/** The command that puts the update of a refused command into quarantine. */
export function quarantineOf(update: Update, refused: UpdateCommand, reason: string): UpdateCommand {
  return quarantineCommand(update, refused.updateType, reason, refused.occurredAt, refused.dedupKey);
}

interface Reading {
  readonly type: string;
  readonly reader: FieldReader;
  readonly update: Update;
  readonly context: UpdateContext;
}

const READERS = new Map<string, (reading: Reading) => UpdateCommand>([
  ['bot_added', (reading) => botMoved(reading, 'RecordAuditBotAdded')],
  ['bot_removed', (reading) => botMoved(reading, 'RecordAuditBotRemoved')],
  ['user_added', memberAdded],
  ['user_removed', memberRemoved],
  ['chat_title_changed', titleChanged],
  ['message_created', messageCreated],
  ['message_edited', messageEdited],
  ['message_removed', messageRemoved],
  ...[
    'message_callback',
    'bot_started',
    'bot_stopped',
    'dialog_muted',
    'dialog_unmuted',
    'dialog_cleared',
    'dialog_removed',
  ].map((type) => [type, external] as const),
]);

function botMoved(reading: Reading, name: string): UpdateCommand {
  const { reader, context } = reading;
  const by = reader.object('user').int64('user_id');
  const { maxChatId, chatId } = chatOf(reading, reader);
  return aboutUser(reading, name, maxChatId, by, { chatId, maxChatId, by: context.pseudonymOf(by) });
}

/** The subject is `user`; a top-level `user_id` that differs is not. */
function memberAdded(reading: Reading): UpdateCommand {
  const { reader, context } = reading;
  const { maxChatId, chatId } = chatOf(reading, reader);
  const { account, maxUserId } = accountOf(reading);
  const inviter = reader.optionalInt64('inviter_id');
  const how: JsonObject =
    inviter === undefined ? { via: 'link' } : { via: 'inviter', inviterId: context.pseudonymOf(inviter) };
  return aboutUser(reading, 'RecordChatMemberAdded', maxChatId, maxUserId, { chatId, ...account, ...how });
}

function memberRemoved(reading: Reading): UpdateCommand {
  const { reader, context } = reading;
  const { maxChatId, chatId } = chatOf(reading, reader);
  const { account, maxUserId } = accountOf(reading);
  const admin = reader.optionalInt64('admin_id');
  return admin === undefined
    ? aboutUser(reading, 'RecordChatMemberLeft', maxChatId, maxUserId, { chatId, ...account })
    : aboutUser(reading, 'RecordChatMemberRemoved', maxChatId, maxUserId, {
        chatId,
        ...account,
        by: context.pseudonymOf(admin),
      });
}

function titleChanged(reading: Reading): UpdateCommand {
  const { reader, context } = reading;
  const { maxChatId, chatId } = chatOf(reading, reader);
  const title = cleanName(reader.text('title'));
  if (title === undefined) throw new Unreadable('title is blank');
  const by = reader.object('user').int64('user_id');
  return aboutUser(reading, 'RecordChatTitleChanged', maxChatId, by, {
    chatId,
    title,
    by: context.pseudonymOf(by),
  });
}

function messageCreated(reading: Reading): UpdateCommand {
  const message = reading.reader.optionalObject('message');
  if (message === undefined) return contentUnavailable(reading);
  const { maxChatId, mid, payload } = messageOf(reading, message);
  const link = message.optionalObject('link');
  const forwarded: JsonObject =
    link?.optionalText('type') === 'forward' ? { forwardedFrom: originOf(link) } : {};
  const { reader, context } = reading;
  return {
    name: 'RecordMessagePosted',
    payload: { ...payload, ...forwarded },
    occurredAt: happenedAt(message, 'timestamp', context.now) ?? requiredInstant(reading),
    ...keyed(
      reading,
      keyOf(reading.type, maxChatId, mid, reader.optionalInt64('timestamp') ?? message.int64('timestamp')),
    ),
  };
}

function messageEdited(reading: Reading): UpdateCommand {
  const message = reading.reader.optionalObject('message');
  if (message === undefined) return contentUnavailable(reading);
  const { maxChatId, mid, payload } = messageOf(reading, message);
  return { name: 'RecordMessageEdited', payload, ...timed(reading, maxChatId, mid) };
}

function messageRemoved(reading: Reading): UpdateCommand {
  const { reader, context } = reading;
  const { maxChatId, chatId } = chatOf(reading, reader);
  const mid = midOf(reader, 'message_id');
  const removedBy = context.pseudonymOf(reader.int64('user_id'));
  return {
    name: 'RecordMessageRemoved',
    payload: { chatId, mid, removedBy },
    ...timed(reading, maxChatId, mid),
  };
}

/** Voice and round-video messages come without message, chat and sender: only their bodies tell them apart. */
function contentUnavailable(reading: Reading): UpdateCommand {
  const dedupKey = rawKey(reading.type, reading.update);
  return {
    name: 'RecordMessageContentUnavailable',
    payload: { dedupKey },
    occurredAt: requiredInstant(reading),
    ...keyed(reading, dedupKey, true),
  };
}

/** Nothing of it is read but what names it, so that a field more or less keeps nothing out. */
function external(reading: Reading): UpdateCommand {
  const { type, update } = reading;
  const dedupKey = lenient(() => externalKey(reading)) ?? rawKey(type, update);
  return {
    name: 'RecordExternalUpdate',
    payload: { dedupKey, updateType: type, rawSha256: update.rawSha256 },
    occurredAt: requiredInstant(reading),
    ...keyed(reading, dedupKey, true),
  };
}

function externalKey({ type, reader, context }: Reading): string {
  const message = reader.optionalObject('message');
  const callback = reader.optionalObject('callback');
  const chat = message === undefined ? reader : message.object('recipient');
  // Several people may press a button of one message at once, and each press has an id.
  const subject =
    callback === undefined
      ? context.pseudonymOf(reader.object('user').int64('user_id'))
      : midOf(callback, 'callback_id');
  return keyOf(type, chat.int64('chat_id'), subject, reader.int64('timestamp'));
}

function messageOf(
  reading: Reading,
  message: FieldReader,
): { readonly maxChatId: string; readonly mid: string; readonly payload: JsonObject } {
  const { maxChatId, chatId } = chatOf(reading, message.object('recipient'));
  const body = message.object('body');
  const mid = midOf(body, 'mid');
  const attachments = body.optionalList('attachments') ?? [];
  if (attachments.length > MAX_ATTACHMENTS) {
    throw new Unreadable(`${body.pathOf('attachments')} holds more than ${MAX_ATTACHMENTS}`);
  }
  return {
    maxChatId,
    mid,
    payload: {
      chatId,
      mid,
      seq: body.int64('seq'),
      ...senderOf(reading, message),
      textSha256: sha256(body.optionalText('text') ?? ''),
      attachmentKinds: attachments.map((attachment) => nameOf(typeOf(attachment) ?? 'unknown').slice(0, 50)),
    },
  };
}

/** A channel posts without a sender. */
function senderOf({ context }: Reading, message: FieldReader): JsonObject {
  const sender = message.optionalObject('sender');
  if (sender === undefined) return {};
  const senderMaxUserId = sender.int64('user_id');
  const senderName = displayNameOf(sender);
  return {
    senderId: context.pseudonymOf(senderMaxUserId),
    senderMaxUserId,
    ...(senderName !== undefined && { senderName }),
  };
}

/** As much as is said of where a forwarded message came from. */
function originOf(link: FieldReader): JsonObject {
  const mid = lenient(() => midOf(link.object('message'), 'mid'));
  const maxChatId = lenient(() => link.optionalInt64('chat_id'));
  return { ...(mid !== undefined && { mid }), ...(maxChatId !== undefined && { maxChatId }) };
}

function accountOf({ reader, context }: Reading): {
  readonly account: JsonObject;
  readonly maxUserId: string;
} {
  const user = reader.object('user');
  const maxUserId = user.int64('user_id');
  const displayName = displayNameOf(user);
  return {
    maxUserId,
    account: {
      externalUserId: context.pseudonymOf(maxUserId),
      maxUserId,
      ...(displayName !== undefined && { displayName }),
    },
  };
}

function displayNameOf(user: FieldReader): string | undefined {
  const part = (name: string): string => lenient(() => user.optionalText(name)) ?? '';
  return cleanName(part('name')) ?? cleanName(`${part('first_name')} ${part('last_name')}`);
}

/** A name as every store can hold it: no control characters, no half of a surrogate pair, clipped. */
function cleanName(text: string): string | undefined {
  const clean = text
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  if (clean === '') return undefined;
  const characters = Array.from(clean);
  return characters.length <= NAME_LENGTH ? clean : `${characters.slice(0, NAME_LENGTH - 1).join('')}…`;
}

/** An id that MAX gave: taken as it is or not at all. */
function midOf(reader: FieldReader, name: string): string {
  const mid = reader.text(name);
  if (!/^[\x21-\x7e]{1,200}$/.test(mid)) throw new Unreadable(`${reader.pathOf(name)} is no id`);
  return mid;
}

function chatOf({ context }: Reading, reader: FieldReader): { maxChatId: string; chatId: string } {
  const maxChatId = reader.int64('chat_id');
  return { maxChatId, chatId: chatIdOf(context.organizationId, maxChatId) };
}

/** @throws Unreadable where the field is there and is no credible instant */
function happenedAt(reader: FieldReader, name: string, now: Date): string | undefined {
  const text = reader.optionalInt64(name);
  if (text === undefined) return undefined;
  const milliseconds = Number(text);
  if (milliseconds < EARLIEST) throw new Unreadable(`${reader.pathOf(name)} lies before 2015`);
  if (milliseconds > now.getTime() + MAX_SKEW_MS) {
    throw new Unreadable(`${reader.pathOf(name)} lies in the future`);
  }
  return instant(new Date(milliseconds));
}

function requiredInstant({ reader, context }: Reading): string {
  const at = happenedAt(reader, 'timestamp', context.now);
  if (at === undefined) throw new Unreadable('timestamp is missing');
  return at;
}

function aboutUser(
  reading: Reading,
  name: string,
  maxChatId: string,
  maxUserId: string,
  payload: JsonObject,
): UpdateCommand {
  return { name, payload, ...timed(reading, maxChatId, reading.context.pseudonymOf(maxUserId)) };
}

function timed(reading: Reading, maxChatId: string, subject: string) {
  return {
    occurredAt: requiredInstant(reading),
    ...keyed(reading, keyOf(reading.type, maxChatId, subject, reading.reader.int64('timestamp'))),
  };
}

function keyed({ type }: Reading, dedupKey: string, opaque = false) {
  return { updateType: type, dedupKey, idempotencyKey: `max/${dedupKey}`, opaque };
}

/** Keys stand in events in clear, so an account stands in them by its pseudonym. */
function keyOf(type: string, maxChatId: string, subject: string, timestamp: string): string {
  return [type, maxChatId, subject, timestamp].join(':');
}

function rawKey(type: string, { rawSha256 }: Update): string {
  return `${type}:${rawSha256}`;
}

/** The name of a type, which may be anything, as far as it is a name. */
function nameOf(type: string): string {
  return /^[\w.-]{1,100}$/.test(type) ? type : 'unknown';
}

/** Its key is that of the body, not that of the update: so the update can still be recorded once it can be read. */
function quarantineCommand(
  update: Update,
  updateType: string,
  reason: string,
  occurredAt?: string,
  dedupKey = rawKey(updateType, update),
): UpdateCommand {
  const { rawSha256 } = update;
  return {
    name: 'QuarantineExternalUpdate',
    payload: { dedupKey, updateType, rawSha256, reason },
    ...(occurredAt !== undefined && { occurredAt }),
    dedupKey,
    idempotencyKey: `max/quarantine/${rawSha256}`,
    updateType,
    quarantineReason: reason,
    opaque: true,
  };
}
