import { type AnyEvent } from '@letopis/kernel';
import { commandOf, given, idOf, NOW, problemsOf } from '../testing';
import {
  AuditBotAddedToChat,
  AuditBotRemovedFromChat,
  ExternalUpdateQuarantined,
  ExternalUpdateReceived,
  integration,
  IntegrationGapDetected,
  IntegrationSubscribed,
  IntegrationUnsubscribed,
  MessageContentUnavailable,
  MessageEdited,
  MessagePosted,
  MessageRemoved,
  messages,
} from './journal';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const HAPPENED = '2025-11-17T14:00:00.000Z';
const message = {
  chatId: idOf('chat'),
  mid: 'mid.1',
  seq: '9223372036854775807',
  senderId: idOf('account'),
  senderMaxUserId: '5000000001',
  senderName: 'Мария',
  textSha256: SHA256,
  attachmentKinds: ['image'],
};
const removal = { chatId: message.chatId, mid: message.mid, removedBy: message.senderId };
const update = { dedupKey: 'bot_started:1:2', updateType: 'bot_started', rawSha256: SHA256 };
const bot = { chatId: message.chatId, maxChatId: '-70801090403050', by: message.senderId };

describe.each<[string, object, AnyEvent]>([
  ['RecordMessagePosted', message, MessagePosted.of({ ...message, at: HAPPENED })],
  ['RecordMessageEdited', message, MessageEdited.of({ ...message, editedAt: HAPPENED })],
  ['RecordMessageRemoved', removal, MessageRemoved.of({ ...removal, at: HAPPENED })],
])('%s', (name, payload, event) => {
  it('given the journal of a chat, when the messenger tells of it, then it is recorded when it happened', () => {
    given(messages).when(name, payload, { occurredAt: HAPPENED }).then([event]);
  });
});

describe.each<[string, object, AnyEvent]>([
  [
    'RecordMessageContentUnavailable',
    { dedupKey: 'message_created:1' },
    MessageContentUnavailable.of({ dedupKey: 'message_created:1', updateTimestamp: HAPPENED }),
  ],
  ['RecordExternalUpdate', update, ExternalUpdateReceived.of({ ...update, receivedAt: NOW })],
  [
    'QuarantineExternalUpdate',
    { ...update, reason: 'unknown update_type' },
    ExternalUpdateQuarantined.of({ ...update, reason: 'unknown update_type' }),
  ],
  ['RecordAuditBotAdded', bot, AuditBotAddedToChat.of({ ...bot, at: HAPPENED })],
  ['RecordAuditBotRemoved', bot, AuditBotRemovedFromChat.of({ ...bot, at: HAPPENED })],
])('%s', (name, payload, event) => {
  it('given the journal of the organisation, when the messenger tells of it, then it is recorded', () => {
    given(integration).when(name, payload, { occurredAt: HAPPENED, recordedAt: NOW }).then([event]);
  });
});

describe('the state of the connection', () => {
  const subscription = {
    botId: '229229229',
    url: 'https://school.example/webhook',
    updateTypes: ['user_added'],
  };
  const { updateTypes: _types, ...ended } = subscription;
  const gap = { from: HAPPENED, to: NOW, reason: 'outage', botId: '229229229' } as const;

  it.each<[string, object, AnyEvent]>([
    ['RecordIntegrationSubscribed', subscription, IntegrationSubscribed.of(subscription)],
    ['RecordIntegrationUnsubscribed', ended, IntegrationUnsubscribed.of(ended)],
    ['RecordIntegrationGap', gap, IntegrationGapDetected.of(gap)],
  ])('given %s, then it is recorded as it was observed', (name, payload, event) => {
    given(integration).when(name, payload, { occurredAt: NOW }).then([event]);
  });

  it('given a gap that ends before it begins, then it is malformed', () => {
    expect(problemsOf(commandOf('RecordIntegrationGap'), { ...gap, from: NOW, to: HAPPENED })).toEqual([
      '/from from must not be after to',
    ]);
  });

  it('given a gap for a reason that nobody knows, then it is malformed', () => {
    expect(problemsOf(commandOf('RecordIntegrationGap'), { ...gap, reason: 'weather' })).toEqual([
      expect.stringMatching('^/reason '),
    ]);
  });
});

it('given a forwarded message, when it is posted, then where it came from is recorded', () => {
  const forwardedFrom = { mid: 'mid.0', maxChatId: '-1' };
  given(messages)
    .when('RecordMessagePosted', { ...message, forwardedFrom })
    .then([MessagePosted.of({ ...message, forwardedFrom, at: NOW })]);
});

it('given a channel posts without a sender, when it is told of, then it is recorded without one', () => {
  const post = { ...message, senderId: undefined, senderMaxUserId: undefined, senderName: undefined };
  given(messages)
    .when('RecordMessagePosted', post)
    .then([MessagePosted.of({ ...post, at: NOW })]);
});
