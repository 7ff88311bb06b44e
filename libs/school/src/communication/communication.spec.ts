import { chat, ChatAutoProvisioned, ChatRegistered } from '../chats/chat';
import { given, idOf, known, NOW } from '../testing';
import { communication, CommunicationPeriodConfirmed } from './communication';

const chatId = idOf('chat');
const curator = { id: idOf('Vera'), role: 'curator' };
const teacher = { id: idOf('Maria'), role: 'teacher' };

const registered = known(chat, chatId, [
  ChatRegistered.of({ chatId, kind: 'class_students', title: '5А', ownerId: curator.id }),
]);
const confirm = {
  chatId,
  periodFrom: '2025-10-01T00:00:00+05:00',
  periodTo: '2025-11-01T00:00:00+05:00',
  activeParticipants: 24,
  messageCount: 310,
};
const confirmed = CommunicationPeriodConfirmed.of({
  ...confirm,
  periodFrom: '2025-09-30T19:00:00.000Z',
  periodTo: '2025-10-31T19:00:00.000Z',
  byOwner: curator.id,
});

describe('ConfirmCommunicationPeriod', () => {
  const by = { actor: curator };

  it('given the owner’s chat, when a period is confirmed, then its numbers are recorded', () => {
    given(communication, [], [registered]).when('ConfirmCommunicationPeriod', confirm, by).then([confirmed]);
  });

  it('given a chat whose owner is not known, when a teacher confirms it, then it is recorded', () => {
    const provisioned = known(chat, chatId, [
      ChatAutoProvisioned.of({ chatId, source: 'sferum_sync', kind: 'class_students', at: NOW }),
    ]);
    given(communication, [], [provisioned])
      .when('ConfirmCommunicationPeriod', confirm, { actor: teacher })
      .then([CommunicationPeriodConfirmed.of({ ...confirmed.data, byOwner: teacher.id })]);
  });

  it('given the confirmation, when it comes again, then nothing is recorded', () => {
    given(communication, [confirmed], [registered])
      .when('ConfirmCommunicationPeriod', confirm, by)
      .thenNothing();
  });

  it('given the confirmation, when it comes with other numbers, then 3.3.4 refuses', () => {
    given(communication, [confirmed], [registered])
      .when('ConfirmCommunicationPeriod', { ...confirm, messageCount: 311 }, by)
      .thenRefused('3.3.4', 'confirmed-once');
  });

  it('given the chat is not registered, when its use is confirmed, then 3.3.4 refuses', () => {
    given(communication)
      .when('ConfirmCommunicationPeriod', confirm, by)
      .thenRefused('3.3.4', 'chat-registered');
  });

  it('given somebody else’s chat, when a teacher confirms its use, then 3.4.4 refuses', () => {
    given(communication, [], [registered])
      .when('ConfirmCommunicationPeriod', confirm, { actor: teacher })
      .thenRefused('3.4.4', 'owner-confirms');
  });

  it('given the period is not over by a second, when it is confirmed, then 3.3.4 refuses', () => {
    given(communication, [], [registered])
      .when('ConfirmCommunicationPeriod', confirm, { ...by, occurredAt: '2025-10-31T18:59:59.000Z' })
      .thenRefused('3.3.4', 'period-closed');
  });

  it('given the period is over at this instant, when it is confirmed, then it is recorded', () => {
    given(communication, [], [registered])
      .when('ConfirmCommunicationPeriod', confirm, { ...by, occurredAt: '2025-10-31T19:00:00.000Z' })
      .then([confirmed]);
  });

  it('given a period without an instant in it, when it is confirmed, then it is invalid', () => {
    given(communication, [], [registered])
      .when('ConfirmCommunicationPeriod', { ...confirm, periodTo: confirm.periodFrom }, by)
      .thenInvalid('/payload/periodTo');
  });
});
