import {
  ChatAutoProvisioned,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatRegistered,
  ChatRosterDiscrepancyDetected,
  ChatRosterDiscrepancyResolved,
  ChatRosterSnapshotTaken,
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
import { chatRoster } from './c14-chat-roster';

const CHAT = idOf('chat');
const STRANGER = idOf('stranger');
const OTHER = idOf('other stranger');
const PUPIL = idOf('pupil');

const registered = (at: string) =>
  happened(
    at,
    ChatRegistered.of({ chatId: CHAT, kind: 'class_students', title: '5А', ownerId: idOf('Anna') }),
  );
const provisioned = (at: string) =>
  happened(at, ChatAutoProvisioned.of({ chatId: CHAT, source: 'sferum_sync', kind: 'class_students', at }));
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Завершён', at }));
const read = (at: string) =>
  happened(at, ChatRosterSnapshotTaken.of({ chatId: CHAT, memberIds: [], takenAt: at, source: 'api' }));

interface Differing {
  readonly unknown?: string[];
  readonly expiredRole?: string[];
  readonly missing?: string[];
}

const differs = (takenAt: string, { unknown = [], expiredRole = [], missing = [] }: Differing) => [
  read(takenAt),
  happened(
    takenAt,
    ChatRosterDiscrepancyDetected.of({ chatId: CHAT, unknown, expiredRole, missing, takenAt }),
  ),
];
const resolved = (at: string, action: 'removed' | 'added_to_register' | 'explained' = 'removed') =>
  happened(at, ChatRosterDiscrepancyResolved.of({ chatId: CHAT, action, by: idOf('Anna'), at }));
const came = (at: string, personId = STRANGER) =>
  happened(at, ChatMemberAdded.of({ chatId: CHAT, personId, via: 'sync', at }));
const left = (at: string, personId = STRANGER) =>
  happened(at, ChatMemberLeft.of({ chatId: CHAT, personId, at }));
const removed = (at: string, externalUserId = STRANGER) =>
  happened(at, ChatMemberRemoved.of({ chatId: CHAT, externalUserId, by: idOf('Anna'), at }));

const states = (rule: string, happenings: readonly Happening[], asOf = '2025-11-30T09:00:00.000Z') =>
  statesOf(evaluateOver(chatRoster, history(...happenings), { asOf }), rule);

const START = '2025-09-05T07:00:00.000Z';

describe('C14, the list of members is read weekly', () => {
  deadlineTable(chatRoster, 'reconciled-weekly', (since) => [registered(since)], [
    ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-13T20:59:59.999Z'],
    ['the last week of a year', '2025-12-29T07:00:00.000Z', '2026-01-05T20:59:59.999Z'],
    ['a week with a leap day', '2024-02-26T07:00:00.000Z', '2024-03-04T20:59:59.999Z'],
    ['a Kamchatka night', '2025-10-06T13:00:00.000Z', '2025-10-14T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['read in the last instant', [read('2025-09-12T20:59:59.999Z')], ['open']],
    ['read a second late', [read('2025-09-12T21:00:00.000Z')], ['fulfilled-late', 'open']],
    ['closed in time', [closed('2025-09-10T07:00:00.000Z')], []],
    ['closed late', [closed('2025-09-15T07:00:00.000Z')], ['remedied']],
    [
      'created anew by the platform after it was closed',
      [closed('2025-09-10T07:00:00.000Z'), provisioned('2025-09-11T07:00:00.000Z')],
      [],
    ],
    [
      'read only after it was closed',
      [closed('2025-09-10T07:00:00.000Z'), read('2025-09-11T07:00:00.000Z')],
      [],
    ],
  ])('given a chat that was %s, then it is judged so', (_name, happenings, expected) => {
    const asOf = '2025-09-16T00:00:00.000Z';
    expect(states('reconciled-weekly', [registered(START), ...happenings], asOf)).toEqual(expected);
  });

  it('given a chat of the platform that is not in the register, then it is not asked for', () => {
    expect(states('reconciled-weekly', [provisioned(START)])).toEqual([]);
  });
});

describe('C14, strangers leave within 24 hours', () => {
  deadlineTable(
    chatRoster,
    'stranger-out',
    (since) => [registered('2023-09-01T07:00:00.000Z'), ...differs(since, { unknown: [STRANGER] })],
    [
      ['a weekend', '2025-10-11T01:36:00.000Z', '2025-10-12T01:36:00.000Z'],
      ['New Year’s eve', '2025-12-31T20:59:59.999Z', '2026-01-01T20:59:59.999Z'],
      ['the day before a leap day', '2024-02-28T10:00:00.000Z', '2024-02-29T10:00:00.000Z'],
      ['Kamchatka', '2025-10-11T13:00:00.000Z', '2025-10-12T13:00:00.000Z', 'Asia/Kamchatka'],
    ],
  );

  const READ = '2025-10-11T01:00:00.000Z';
  const IN_TIME = '2025-10-12T01:00:00.000Z';
  const LATE = '2025-10-12T01:00:01.000Z';
  const NEXT = '2025-10-18T01:00:00.000Z';
  const stranger = [registered(START), ...differs(READ, { unknown: [STRANGER] })];

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['removed in the last instant', [removed(IN_TIME)], ['fulfilled']],
    ['removed a second late', [removed(LATE)], ['fulfilled-late']],
    ['gone by himself in time', [left(IN_TIME)], ['fulfilled']],
    ['said to be removed', [resolved(IN_TIME)], ['fulfilled']],
    ['entered as a member late', [came(LATE)], ['fulfilled-late']],
    ['in a chat that was closed in time', [closed(IN_TIME)], ['cancelled']],
    ['in a chat that was closed late', [closed(LATE)], ['remedied']],
    ['not in the next list', [read(NEXT)], ['fulfilled-late']],
    ['in the next list too', differs(NEXT, { unknown: [STRANGER] }), ['overdue']],
    ['the only one of two who is left', differs(NEXT, { unknown: [OTHER] }), ['fulfilled-late', 'overdue']],
    ['another than who was removed', [removed(IN_TIME, OTHER)], ['overdue']],
    [
      'removed, and there again',
      [resolved(IN_TIME), ...differs(NEXT, { unknown: [STRANGER] })],
      ['fulfilled', 'overdue'],
    ],
    [
      'explained, and there again',
      [resolved(IN_TIME, 'explained'), ...differs(NEXT, { unknown: [STRANGER] })],
      ['fulfilled'],
    ],
    [
      'explained, and there again after he had left',
      [
        resolved(IN_TIME, 'explained'),
        left('2025-10-14T09:00:00.000Z'),
        ...differs(NEXT, { unknown: [STRANGER] }),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given a stranger who was %s, then the findings are so', (_name, happenings, expected) => {
    expect(states('stranger-out', [...stranger, ...happenings])).toEqual(expected);
  });

  it('given the messenger told of his coming only after the reading, then he was no stranger', () => {
    expect(states('stranger-out', [...stranger, came('2025-10-11T00:59:00.000Z')])).toEqual([]);
  });

  it('given one of two strangers is removed, then the duty lasts until the other is', () => {
    const two = [registered(START), ...differs(READ, { unknown: [STRANGER, OTHER] }), removed(IN_TIME)];
    expect([states('stranger-out', two), states('stranger-out', [...two, removed(LATE, OTHER)])]).toEqual([
      ['overdue'],
      ['fulfilled-late'],
    ]);
  });

  it('given somebody whose role has expired, then coming again does not make him a member', () => {
    const expired = [registered(START), ...differs(READ, { expiredRole: [PUPIL] }), came(IN_TIME, PUPIL)];
    expect(states('stranger-out', expired)).toEqual(['overdue']);
  });

  it('given a chat that nobody entered, then nothing is said of those in it', () => {
    expect(states('stranger-out', differs(READ, { unknown: [STRANGER] }))).toEqual([]);
  });

  it('given lists without strangers, then there is nothing to say', () => {
    expect(states('stranger-out', [registered(START), read(READ), read(NEXT)])).toEqual([]);
  });

  it('given a stranger, then the finding is about the chat, cites the list and names whom it is about', () => {
    const events = history(...stranger);
    const evaluation = evaluateOver(chatRoster, events, { asOf: IN_TIME });
    expect(findingOf(evaluation, 'stranger-out')).toMatchObject({
      subject: CHAT,
      severity: 'critical',
      evidence: [events[2]!.id, events[1]!.id],
      what: `удалить из чата посторонних или установить, кто это: [[account:${STRANGER}]]`,
    });
  });

  it('given many strangers, then five are named and the others counted', () => {
    const unknown = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(idOf);
    const events = history(registered(START), ...differs(READ, { unknown }));
    const { what } = findingOf(evaluateOver(chatRoster, events, { asOf: READ }), 'stranger-out');
    expect(what.split(', ').at(-1)).toBe(`[[account:${idOf('e')}]] и ещё 2`);
  });
});

describe('C14, who is not in the chat is accounted for', () => {
  deadlineTable(
    chatRoster,
    'missing-explained',
    (since) => [
      registered('2023-09-01T07:00:00.000Z'),
      came('2023-09-02T07:00:00.000Z', PUPIL),
      ...differs(since, { missing: [PUPIL] }),
    ],
    [
      ['an ordinary day', '2025-10-06T07:00:00.000Z', '2025-10-09T20:59:59.999Z'],
      ['a week with a worked Saturday', '2025-10-30T07:00:00.000Z', '2025-11-05T20:59:59.999Z'],
    ],
  );

  const READ = '2025-10-11T01:00:00.000Z';
  const missing = [
    registered(START),
    came('2025-09-06T07:00:00.000Z', PUPIL),
    ...differs(READ, { missing: [PUPIL] }),
  ];

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['to have left, in time', [left('2025-10-15T20:59:59.999Z', PUPIL)], ['fulfilled']],
    ['to have left, too late', [left('2025-10-15T21:00:00.000Z', PUPIL)], ['fulfilled-late']],
    ['to have left before the reading', [left('2025-10-10T07:00:00.000Z', PUPIL)], []],
    ['to be explained', [resolved('2025-10-13T07:00:00.000Z', 'explained')], ['fulfilled']],
    ['to be there in the next list', [read('2025-10-15T01:00:00.000Z')], ['fulfilled']],
  ])('given a member who is missing turns out %s, then it is judged so', (_name, happenings, expected) => {
    expect(states('missing-explained', [...missing, ...happenings])).toEqual(expected);
  });

  it('given somebody is missing only, then nobody is a stranger', () => {
    expect(states('stranger-out', missing)).toEqual([]);
  });
});
