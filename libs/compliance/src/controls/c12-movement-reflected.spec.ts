import { type RecordedEvent } from '@letopis/kernel';
import {
  AccountLinked,
  AccountUnlinked,
  ChatClosed,
  type ChatKind,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ChatRegistered,
  ChatRosterDiscrepancyDetected,
  GuardianRecorded,
  GuardianshipEnded,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  OrganizationCreated,
} from '@letopis/school';
import { type BareFinding } from '../evaluation';
import {
  deadlineTable,
  evaluateOver,
  explained,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { movementReflected } from './c12-movement-reflected';

const GLEB = idOf('Gleb');
const CHAT = idOf('chat');
const OTHER = idOf('other chat');
const BEFORE = '2023-09-04T07:00:00.000Z';
const AWAY = '2025-12-01T07:00:00.000Z';
const IN_TIME = '2025-12-02T07:00:00.000Z';
const LATE = '2025-12-02T07:00:01.000Z';
const LATER = '2026-03-01T00:00:00.000Z';

type Movement = Parameters<typeof MemberMovementRecorded.of>[0]['kind'];
const moved = (effectiveAt: string, kind: Movement, { at = effectiveAt, from = '', to = '' } = {}) =>
  happened(
    at,
    MemberMovementRecorded.of({
      personId: GLEB,
      kind,
      orderRef: '№ 7-у',
      effectiveAt,
      ...(from !== '' && { fromGroup: idOf(from) }),
      ...(to !== '' && { toGroup: idOf(to) }),
    }),
  );
const registered = (kind: ChatKind = 'class_students', chatId = CHAT, group = '5A') =>
  happened(
    BEFORE,
    ChatRegistered.of({ chatId, kind, title: '5А', groupId: idOf(group), ownerId: idOf('Maria') }),
  );
const entered = (at: string, chatId = CHAT) =>
  happened(at, ChatMemberAdded.of({ chatId, personId: GLEB, platformRole: 'student', via: 'sync', at }));
const removed = (at: string, chatId = CHAT) =>
  happened(at, ChatMemberRemoved.of({ chatId, personId: GLEB, by: idOf('Maria'), at }));
const left = (at: string) => happened(at, ChatMemberLeft.of({ chatId: CHAT, personId: GLEB, at }));
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Выпуск', at }));
const notSeen = (at: string) =>
  happened(
    at,
    ChatRosterDiscrepancyDetected.of({
      chatId: CHAT,
      unknown: [],
      missing: [GLEB],
      expiredRole: [],
      takenAt: at,
    }),
  );
const joined = (at: string, platformRole: 'teacher' | 'student' | 'parent' = 'student') =>
  happened(at, MemberJoined.of({ personId: GLEB, platformRole, via: 'auto_sync', at }));
const expelled = (at: string) =>
  happened(at, MemberRemoved.of({ personId: GLEB, scope: 'community', reason: 'Отчисление', at }));
const guards = (at: string) =>
  happened(at, GuardianRecorded.of({ personId: GLEB, childId: idOf('child'), relation: 'father', at }));
const guardsNoMore = (at: string) =>
  happened(at, GuardianshipEnded.of({ personId: GLEB, childId: idOf('child'), reason: 'Решение суда', at }));
const inChat = [registered(), entered(BEFORE)];

const stays = (happenings: readonly Happening[], asOf = LATER) =>
  statesOf(evaluateOver(movementReflected, history(...happenings), { asOf }), 'removed-after-departure');

describe('C12, whoever has left is out within 24 hours', () => {
  deadlineTable(
    movementReflected,
    'removed-after-departure',
    (since) => [...inChat, moved(since, 'departed')],
    [
      ['an ordinary Monday', AWAY, IN_TIME],
      ['over a weekend', '2025-12-05T14:00:00Z', '2025-12-06T14:00:00Z'],
      ['over 31 December', '2025-12-31T09:00:00Z', '2026-01-01T09:00:00Z'],
      ['over a leap day', '2024-02-28T22:00:00Z', '2024-02-29T22:00:00Z'],
      ['from midnight in Kamchatka', '2025-11-30T12:00:00Z', '2025-12-01T12:00:00Z', 'Asia/Kamchatka'],
    ],
  );

  it.each([
    ['removed in the last instant', [...inChat, moved(AWAY, 'departed'), removed(IN_TIME)], ['fulfilled']],
    ['removed a second late', [...inChat, moved(AWAY, 'departed'), removed(LATE)], ['fulfilled-late']],
    ['gone by themselves', [...inChat, moved(AWAY, 'departed'), left(IN_TIME)], ['fulfilled']],
    ['not in the list that was read', [...inChat, moved(AWAY, 'departed'), notSeen(IN_TIME)], ['fulfilled']],
    [
      'removed before the order holds',
      [...inChat, removed('2025-11-30T07:00:00Z'), moved(AWAY, 'departed')],
      [],
    ],
    ['in no chat', [registered(), moved(AWAY, 'departed')], []],
    ['in a chat that is closed', [...inChat, closed(BEFORE), moved(AWAY, 'departed')], []],
    [
      'in a chat that is closed in time',
      [...inChat, moved(AWAY, 'departed'), closed(IN_TIME)],
      ['cancelled'],
    ],
    ['in a chat that is not in the register', [entered(BEFORE), moved(AWAY, 'departed')], []],
    ['enrolled again', [...inChat, moved(AWAY, 'departed'), moved(IN_TIME, 'enrolled')], ['cancelled']],
    [
      'brought back without an order',
      [...inChat, moved(AWAY, 'departed'), removed(IN_TIME), entered('2025-12-10T07:00:00Z')],
      ['fulfilled', 'overdue'],
    ],
    [
      'enrolled again, brought back, and gone again',
      [
        ...inChat,
        moved(AWAY, 'departed'),
        removed(IN_TIME),
        moved('2026-01-12T07:00:00Z', 'enrolled'),
        entered('2026-01-13T07:00:00Z'),
        moved('2026-02-02T07:00:00Z', 'departed'),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given a pupil who has left was %s, then the findings are so', (_name, happenings, states) => {
    expect(stays(happenings)).toEqual(states);
  });

  it('given an order that holds from a later day on, then nothing is due before it', () => {
    const events = history(...inChat, moved(AWAY, 'departed', { at: '2025-11-20T07:00:00Z' }));
    const before = evaluateOver(movementReflected, events, { asOf: '2025-11-30T00:00:00Z' });
    expect(before.findings).toEqual([]);
  });

  it('given the pupil is out of one chat of two and in the community, then it is not done', () => {
    const happenings = [
      registered('subject', OTHER),
      entered(BEFORE, OTHER),
      joined(BEFORE),
      ...inChat,
      moved(AWAY, 'departed'),
      removed('2025-12-01T08:00:00Z'),
    ];
    expect(stays(happenings)).toEqual(['overdue']);
    expect(stays([...happenings, removed('2025-12-01T09:00:00Z', OTHER)])).toEqual(['overdue']);
    expect(
      stays([...happenings, removed('2025-12-01T09:00:00Z', OTHER), expelled('2025-12-01T10:00:00Z')]),
    ).toEqual(['fulfilled']);
  });

  it('given a pupil stays, then the finding says where, and cites how they came there and went', () => {
    const events = history(
      registered(),
      entered(BEFORE),
      joined(BEFORE),
      moved(AWAY, 'departed'),
      expelled(IN_TIME),
    );
    const evaluation = evaluateOver(movementReflected, events, { asOf: LATER });
    expect(findingOf(evaluation, 'removed-after-departure')).toMatchObject({
      subject: GLEB,
      severity: 'critical',
      evidence: [events[3]?.id, events[2]?.id, events[1]?.id, events[4]?.id],
    });
    expect(explained(evaluation, 'removed-after-departure')).toContain(
      `Не выполнено в срок: исключить выбывшего обучающегося из сообщества и чатов: [[chat:${CHAT}]].`,
    );
  });
});

describe('C12, whoever was dismissed keeps the places of their other roles', () => {
  it.each([
    ['in the chat of the teachers', [registered('head_teachers'), entered(BEFORE)], ['overdue']],
    ['in the community as a teacher', [joined(BEFORE, 'teacher')], ['overdue']],
    [
      'in the chat of the parents, and no parent',
      [registered('class_parents'), entered(BEFORE)],
      ['overdue'],
    ],
    ['in the chat of the parents as one', [guards(BEFORE), registered('class_parents'), entered(BEFORE)], []],
    ['in the community as a parent', [guards(BEFORE), joined(BEFORE, 'parent')], []],
    [
      'in the chat of the teachers, and a parent',
      [guards(BEFORE), registered('head_teachers'), entered(BEFORE)],
      ['overdue'],
    ],
    [
      'in the chat of the parents as one until lately',
      [guards(BEFORE), registered('class_parents'), entered(BEFORE), guardsNoMore('2025-12-10T07:00:00Z')],
      ['overdue'],
    ],
    [
      'in the community as a teacher until lately',
      [
        joined(BEFORE, 'teacher'),
        happened(
          IN_TIME,
          MemberRoleChanged.of({
            personId: GLEB,
            from: 'teacher',
            to: 'parent',
            basis: 'Приказ',
            at: IN_TIME,
          }),
        ),
      ],
      ['fulfilled'],
    ],
  ])('given somebody dismissed is %s, then the findings are so', (_name, happenings, states) => {
    expect(stays([moved(BEFORE, 'hired'), ...happenings, moved(AWAY, 'dismissed')])).toEqual(states);
  });
});

describe('C12, whoever changed classes is out of the chats of the old one', () => {
  const transferred = moved(AWAY, 'transferred', { from: '5A', to: '5B' });

  it.each([
    ['still in the chat', [...inChat, transferred], ['overdue']],
    ['out in time', [...inChat, transferred, removed(IN_TIME)], ['fulfilled']],
    ['in the community', [joined(BEFORE), transferred], []],
    [
      'in a chat of the new class',
      [registered('class_students', CHAT, '5B'), entered(BEFORE), transferred],
      [],
    ],
    [
      'sent back before anything was done',
      [...inChat, transferred, moved(IN_TIME, 'transferred', { from: '5B', to: '5A' })],
      ['cancelled'],
    ],
    [
      'gone from school meanwhile',
      [...inChat, transferred, moved(IN_TIME, 'departed')],
      ['cancelled', 'overdue'],
    ],
    ['a teacher', [moved(BEFORE, 'hired'), ...inChat, transferred], []],
    ['transferred from nowhere', [...inChat, moved(AWAY, 'transferred', { to: '5B' })], []],
  ])('given a pupil who was transferred is %s, then the findings are so', (_name, happenings, states) => {
    expect(stays(happenings)).toEqual(states);
  });
});

describe('C12, accounts of the messenger', () => {
  const ACCOUNT = idOf('account');
  const account = { chatId: CHAT, externalUserId: ACCOUNT };
  const enteredAs = (at: string) => happened(at, ChatMemberAdded.of({ ...account, via: 'link', at }));
  const leftAs = (at: string) => happened(at, ChatMemberLeft.of({ ...account, at }));
  const linked = (at: string) =>
    happened(at, AccountLinked.of({ personId: GLEB, externalUserId: ACCOUNT, basis: 'Заявление' }));
  const unlinked = (at: string) =>
    happened(at, AccountUnlinked.of({ personId: GLEB, externalUserId: ACCOUNT, basis: 'Номер передан' }));

  function judged(events: readonly RecordedEvent[]): readonly BareFinding[] {
    return evaluateOver(movementReflected, events, { asOf: LATER }).findings.filter(
      ({ rule, subject }) => rule === 'removed-after-departure' && subject === GLEB,
    );
  }

  it.each([
    ['in under the account', [enteredAs(BEFORE), linked(BEFORE), moved(AWAY, 'departed')], ['overdue']],
    [
      'out under the account',
      [enteredAs(BEFORE), linked(BEFORE), moved(AWAY, 'departed'), leftAs(IN_TIME)],
      ['fulfilled'],
    ],
    [
      'in by an invitation, and out under the account',
      [entered(BEFORE), enteredAs(BEFORE), linked(BEFORE), moved(AWAY, 'departed'), leftAs(IN_TIME)],
      ['fulfilled'],
    ],
    [
      'in by an invitation, and out under the account before it was linked',
      [
        entered(BEFORE),
        leftAs('2025-10-01T07:00:00Z'),
        linked('2025-10-02T07:00:00Z'),
        moved(AWAY, 'departed'),
      ],
      [],
    ],
    ['in under an account that is nobody’s', [enteredAs(BEFORE), moved(AWAY, 'departed')], []],
    [
      'in under an account that is another’s by now',
      [enteredAs(BEFORE), linked(BEFORE), unlinked('2025-10-01T07:00:00Z'), moved(AWAY, 'departed')],
      [],
    ],
  ])('given a pupil who has left is %s, then the findings are so', (_name, happenings, states) => {
    expect(judged(history(registered(), ...happenings)).map(({ state }) => state)).toEqual(states);
  });
});

describe('C12, an order is entered within three working days', () => {
  const founded = happened(BEFORE, OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }));
  const recordedAt = (at: string, kind: Movement = 'dismissed', effectiveAt = '2025-12-01T21:00:00.000Z') =>
    statesOf(
      evaluateOver(movementReflected, history(founded, moved(effectiveAt, kind, { at })), { asOf: LATER }),
      'movement-recorded',
    );

  it.each([
    ['before it holds', '2025-11-20T07:00:00Z', ['fulfilled']],
    ['in the last instant', '2025-12-05T20:59:59.999Z', ['fulfilled']],
    ['a second late', '2025-12-05T21:00:00Z', ['fulfilled-late']],
  ])('given it is entered %s, then the finding is so', (_name, at, states) => {
    expect(recordedAt(at)).toEqual(states);
  });

  it.each([['hired'], ['enrolled'], ['leave']] as const)(
    'given somebody is %s, then there is no term',
    (kind) => {
      expect(recordedAt('2026-01-20T07:00:00Z', kind)).toEqual([]);
    },
  );

  it('given the order held before the school began to keep its record, then there was no term', () => {
    expect(recordedAt('2025-12-20T07:00:00Z', 'dismissed', '2021-06-01T00:00:00.000Z')).toEqual([]);
  });
});
