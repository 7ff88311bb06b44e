import {
  ChatAutoProvisioned,
  ChatClosed,
  type ChatKind,
  ChatRegistered,
  CommunicationPeriodConfirmed,
  GroupArchived,
  MessagePosted,
} from '@letopis/school';
import {
  deadlineTable,
  evaluateOver,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { chatActivity } from './c34-chat-activity';

const CHAT = idOf('chat');
const GROUP = idOf('5A');
const START = '2026-01-19T07:00:00.000Z';
/** Thirty days of lessons later. */
const IN_TIME = '2026-02-18T20:59:59.999Z';
const LATE = '2026-02-18T21:00:00.000Z';

const registered = (at: string, kind: ChatKind = 'subject') =>
  happened(
    at,
    ChatRegistered.of({ chatId: CHAT, kind, title: 'Алгебра', groupId: GROUP, ownerId: idOf('Boris') }),
  );
const posted = (at: string, chatId = CHAT) =>
  happened(
    at,
    MessagePosted.of({
      chatId,
      mid: `mid.${at}`,
      seq: '1',
      senderId: idOf('pupil'),
      textSha256: '0'.repeat(64),
      attachmentKinds: [],
      at,
    }),
  );
const confirmed = (at: string, periodTo: string, messageCount = 12) =>
  happened(
    at,
    CommunicationPeriodConfirmed.of({
      chatId: CHAT,
      periodFrom: START,
      periodTo,
      byOwner: idOf('Boris'),
      activeParticipants: 5,
      messageCount,
    }),
  );
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Завершён', at }));
const archived = (at: string) => happened(at, GroupArchived.of({ groupId: GROUP, reason: 'Выпуск' }));

const states = (happenings: readonly Happening[], asOf: string) =>
  statesOf(evaluateOver(chatActivity, history(...happenings), { asOf }), 'activity');

describe('C34, educational chats are alive', () => {
  deadlineTable(chatActivity, 'activity', (since) => [registered(since)], [
    ['days of lessons only', '2026-01-19T07:00:00.000Z', '2026-02-18T20:59:59.999Z'],
    ['autumn holidays between', '2025-10-13T07:00:00.000Z', '2025-11-21T20:59:59.999Z'],
    ['winter holidays between', '2025-12-15T07:00:00.000Z', '2026-01-28T20:59:59.999Z'],
    ['the summer between', '2026-05-18T07:00:00.000Z', '2026-09-22T20:59:59.999Z'],
    ['a leap day between', '2024-02-05T07:00:00.000Z', '2024-03-06T20:59:59.999Z'],
    ['a Kamchatka night', '2026-01-18T13:00:00.000Z', '2026-02-18T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  const asOf = '2026-02-20T09:00:00.000Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['somebody wrote in the last instant', [posted(IN_TIME)], ['open']],
    ['somebody wrote a second late', [posted(LATE)], ['fulfilled-late', 'open']],
    ['somebody wrote elsewhere', [posted(IN_TIME, idOf('other'))], ['overdue']],
    ['the owner confirmed a period of messages', [confirmed('2026-02-19T09:00:00.000Z', IN_TIME)], ['open']],
    [
      'the owner confirmed a period without messages',
      [confirmed('2026-02-19T09:00:00.000Z', IN_TIME, 0)],
      ['overdue'],
    ],
    ['the chat was closed in time', [closed(IN_TIME)], []],
    ['the chat was closed late', [closed(LATE)], ['remedied']],
    ['its class was archived in time', [archived(IN_TIME)], []],
  ])('given %s, then it is judged so', (_name, happenings, expected) => {
    expect(states([registered(START), ...happenings], asOf)).toEqual(expected);
  });

  it.each<ChatKind>(['head_deputies', 'head_teachers', 'management'])(
    'given a chat of kind %s, then nothing is asked of it',
    (kind) => {
      expect(states([registered(START, kind)], asOf)).toEqual([]);
    },
  );

  it('given a chat that the platform created, then it counts from then on', () => {
    const provisioned = happened(
      START,
      ChatAutoProvisioned.of({ chatId: CHAT, source: 'sferum_sync', kind: 'class_parents', at: START }),
    );
    expect(states([provisioned], asOf)).toEqual(['overdue']);
  });

  it('given messages in a chat that nobody entered, then nothing is said of it', () => {
    expect(states([posted(START)], asOf)).toEqual([]);
  });

  it('given a silence, then the finding is about the chat and cites the messages around it', () => {
    const events = history(
      registered(START),
      posted('2026-01-20T09:00:00.000Z'),
      posted('2026-03-02T09:00:00.000Z'),
    );
    const evaluation = evaluateOver(chatActivity, events, { asOf: '2026-03-02T09:00:00.000Z' });
    const late = {
      ...evaluation,
      findings: evaluation.findings.filter(({ state }) => state === 'fulfilled-late'),
    };
    expect(findingOf(late, 'activity')).toMatchObject({
      subject: CHAT,
      severity: 'low',
      evidence: [events[1]!.id, events[2]!.id],
    });
  });
});
