import { type RecordedEvent } from '@letopis/kernel';
import {
  AccountLinked,
  ChatAdminGranted,
  ChatAdminRevoked,
  ChatAutoProvisioned,
  ChatClosed,
  ChatMemberLeft,
  ChatOwnerTransferred,
  ChatRegistered,
  GuardianRecorded,
  GuardianshipEnded,
  MemberMovementRecorded,
} from '@letopis/school';
import { type BareFinding } from '../evaluation';
import {
  deadlineTable,
  decidedOn,
  evaluateOver,
  explained,
  findingOf,
  type Happening,
  happened,
  history,
  idOf,
  statesOf,
} from '../testing';
import { chatAdministrators } from './c15-chat-administrators';

const CHAT = idOf('chat');
const ACCOUNT = idOf('account');
const BEFORE = '2023-09-04T07:00:00.000Z';
const SINCE = '2025-12-01T07:00:00.000Z';
const IN_TIME = '2025-12-04T20:59:59.999Z';
const LATE = '2025-12-04T21:00:00.000Z';
const LATER = '2026-03-01T00:00:00.000Z';

type Movement = Parameters<typeof MemberMovementRecorded.of>[0]['kind'];
const moved = (at: string, kind: Movement, name: string) =>
  happened(at, MemberMovementRecorded.of({ personId: idOf(name), kind, orderRef: '№ 7', effectiveAt: at }));
const guards = (at: string, name: string) =>
  happened(at, GuardianRecorded.of({ personId: idOf(name), childId: idOf('child'), relation: 'mother', at }));
const guardsNoMore = (at: string, name: string) =>
  happened(
    at,
    GuardianshipEnded.of({ personId: idOf(name), childId: idOf('child'), reason: 'Решение суда', at }),
  );
const registered = (at = BEFORE, name = 'Maria') =>
  happened(
    at,
    ChatRegistered.of({
      chatId: CHAT,
      kind: 'class_parents',
      title: '5А',
      groupId: idOf('5A'),
      ownerId: idOf(name),
    }),
  );
const granted = (at: string, name: string) =>
  happened(at, ChatAdminGranted.of({ chatId: CHAT, personId: idOf(name), at }));
const revoked = (at: string, name: string) =>
  happened(at, ChatAdminRevoked.of({ chatId: CHAT, personId: idOf(name), at }));
const transferred = (at: string, name: string) =>
  happened(at, ChatOwnerTransferred.of({ chatId: CHAT, from: idOf('Maria'), to: idOf(name), at }));
const left = (at: string, member: { personId: string } | { externalUserId: string }) =>
  happened(at, ChatMemberLeft.of({ chatId: CHAT, ...member, at }));
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Выпуск', at }));
const linked = (at: string, name: string) =>
  happened(at, AccountLinked.of({ personId: idOf(name), externalUserId: ACCOUNT, basis: 'Заявление' }));

/** Maria owns the chat, and administers it together with Anna; Olga is a parent. */
const kept = [
  moved(BEFORE, 'hired', 'Maria'),
  moved(BEFORE, 'hired', 'Anna'),
  guards(BEFORE, 'Olga'),
  registered(),
  granted(BEFORE, 'Maria'),
  granted(BEFORE, 'Anna'),
];
const found = (rule: string, happenings: readonly Happening[], asOf = LATER) =>
  statesOf(evaluateOver(chatAdministrators, history(...happenings), { asOf }), rule);

describe('C15, whoever keeps a chat works at the school', () => {
  deadlineTable(chatAdministrators, 'admins-are-staff', (since) => [...kept, granted(since, 'Olga')], [
    ['an ordinary Monday', SINCE, IN_TIME],
    ['before the New Year holidays', '2025-12-29T07:00:00Z', '2026-01-13T20:59:59.999Z'],
    ['before a leap day', '2024-02-28T07:30:00Z', '2024-03-04T20:59:59.999Z'],
    ['before a worked Saturday', '2025-10-30T07:30:00Z', '2025-11-05T20:59:59.999Z'],
    [
      'already the next day in Kamchatka',
      '2025-10-13T13:00:00Z',
      '2025-10-17T11:59:59.999Z',
      'Asia/Kamchatka',
    ],
  ]);

  it.each([
    ['everybody does', [], []],
    [
      'a parent did until the last instant',
      [granted(SINCE, 'Olga'), revoked(IN_TIME, 'Olga')],
      ['fulfilled'],
    ],
    ['a parent did a second longer', [granted(SINCE, 'Olga'), revoked(LATE, 'Olga')], ['remedied']],
    [
      'a parent left the chat',
      [granted(SINCE, 'Olga'), left(IN_TIME, { personId: idOf('Olga') })],
      ['fulfilled'],
    ],
    ['a parent was hired', [granted(SINCE, 'Olga'), moved(LATE, 'hired', 'Olga')], ['remedied']],
    ['a parent did in a chat that was closed', [granted(SINCE, 'Olga'), closed(IN_TIME)], ['fulfilled']],
    ['a pupil does', [moved(BEFORE, 'enrolled', 'Gleb'), granted(SINCE, 'Gleb')], ['violated']],
    ['somebody of no roster does', [granted(SINCE, 'Nobody')], ['violated']],
    ['somebody dismissed does', [moved(SINCE, 'dismissed', 'Anna')], ['violated']],
    ['somebody on leave does', [moved(SINCE, 'leave', 'Anna')], []],
    ['somebody dismissed did', [moved(SINCE, 'dismissed', 'Anna'), revoked(LATE, 'Anna')], ['remedied']],
    [
      'somebody came back',
      [moved(SINCE, 'dismissed', 'Anna'), moved(IN_TIME, 'hired', 'Anna')],
      ['fulfilled'],
    ],
    ['a parent owns the chat', [transferred(SINCE, 'Olga')], ['violated']],
    [
      'a dismissed owner handed it over',
      [moved(SINCE, 'dismissed', 'Maria'), revoked(SINCE, 'Maria'), transferred(IN_TIME, 'Anna')],
      ['fulfilled'],
    ],
    [
      'a parent does, is none, and does again',
      [granted(SINCE, 'Olga'), revoked(IN_TIME, 'Olga'), granted('2026-02-02T07:00:00Z', 'Olga')],
      ['fulfilled', 'violated'],
    ],
    ['a teacher does who is a parent as well', [guards(BEFORE, 'Anna'), guardsNoMore(SINCE, 'Anna')], []],
    [
      'an account does of which nothing is known',
      [happened(SINCE, ChatAdminGranted.of({ chatId: CHAT, externalUserId: ACCOUNT, at: SINCE }))],
      [],
    ],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    expect(found('admins-are-staff', [...kept, ...happenings])).toEqual(states);
  });

  it('given two who should not, then each is a finding of its own', () => {
    const events = history(...kept, granted(SINCE, 'Olga'), moved(SINCE, 'dismissed', 'Anna'));
    const { findings } = evaluateOver(chatAdministrators, events, { asOf: LATER });
    const own = findings.filter(({ rule }) => rule === 'admins-are-staff');
    expect(own.map(({ key }) => key).sort()).toEqual([idOf('Anna'), idOf('Olga')].sort());
  });

  it('given a parent administers a chat, then the finding is on the chat and says who and why', () => {
    const events = history(...kept, granted(SINCE, 'Olga'));
    const evaluation = evaluateOver(chatAdministrators, events, { asOf: LATER });
    expect(findingOf(evaluation, 'admins-are-staff')).toMatchObject({
      subject: CHAT,
      evidence: [events[6]?.id, events[2]?.id],
    });
    expect(explained(evaluation, 'admins-are-staff')).toContain(
      `Администратор чата [[person:${idOf('Olga')}]] — родитель (законный представитель), а не работник школы: ` +
        'с 01.12.2025, 10:00, допустимо до 04.12.2025, 23:59.',
    );
  });
});

describe('C15, accounts of the messenger', () => {
  const grantedAs = (at: string) =>
    happened(at, ChatAdminGranted.of({ chatId: CHAT, externalUserId: ACCOUNT, at }));

  function judged(events: readonly RecordedEvent[]): readonly BareFinding[] {
    return evaluateOver(chatAdministrators, events, { asOf: LATER }).findings.filter(
      ({ rule, subject }) => rule === 'admins-are-staff' && subject === CHAT,
    );
  }

  it.each([
    ['a parent’s', [grantedAs(BEFORE), linked(SINCE, 'Olga')], [SINCE]],
    ['a teacher’s', [grantedAs(BEFORE), linked(SINCE, 'Anna')], []],
    ['somebody’s of no roster', [grantedAs(BEFORE), linked(SINCE, 'Nobody')], []],
  ])(
    'given an account administers that turns out to be %s, then it counts from then',
    (_name, happenings, since) => {
      expect(judged(history(...kept, ...happenings)).map((finding) => finding.since)).toEqual(since);
    },
  );

  it('given a dismissed administrator left under an account, then they are none any more', () => {
    const happenings = [
      ...kept,
      linked(BEFORE, 'Anna'),
      moved(SINCE, 'dismissed', 'Anna'),
      left(IN_TIME, { externalUserId: ACCOUNT }),
    ];
    expect(found('admins-are-staff', happenings)).toEqual(['fulfilled']);
  });
});

describe('C15, a chat has two administrators', () => {
  const shortage = (happenings: readonly Happening[], asOf = LATER) =>
    found('enough-admins', happenings, asOf);

  it.each([
    [
      'one is revoked, and another granted in time',
      [revoked(SINCE, 'Anna'), granted(IN_TIME, 'Vera')],
      ['fulfilled'],
    ],
    [
      'one is revoked, and another granted late',
      [revoked(SINCE, 'Anna'), granted(LATE, 'Vera')],
      ['remedied'],
    ],
    ['one leaves, and nobody follows', [left(SINCE, { personId: idOf('Anna') })], ['violated']],
    [
      'one leaves, and the chat is closed',
      [left(SINCE, { personId: idOf('Anna') }), closed(IN_TIME)],
      ['fulfilled'],
    ],
    ['the owner is no administrator', [revoked(SINCE, 'Maria')], []],
    ['three are, and one is revoked', [granted(SINCE, 'Vera'), revoked(IN_TIME, 'Anna')], []],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    expect(shortage([...kept, ...happenings])).toEqual(states);
  });

  it.each([
    ['2025-12-04T20:59:59.999Z', 'open'],
    ['2025-12-04T21:00:00.000Z', 'violated'],
  ])('given a new chat with its owner only, when it is %s, then it is %s', (asOf, state) => {
    expect(shortage([registered(SINCE), granted(SINCE, 'Maria')], asOf)).toEqual([state]);
  });

  it.each([
    ['of which no administrator was ever told', [registered(SINCE)]],
    ['that is in no register', [granted(SINCE, 'Maria')]],
  ])('given a chat %s, then nothing is said', (_name, happenings) => {
    expect(shortage(happenings)).toEqual([]);
  });

  it('given a chat that the platform created, then it counts as well', () => {
    const provisioned = ChatAutoProvisioned.of({
      chatId: CHAT,
      source: 'sferum_sync',
      kind: 'class_parents',
      at: SINCE,
    });
    expect(shortage([happened(SINCE, provisioned), granted(SINCE, 'Maria')])).toEqual(['violated']);
  });

  it('given an account and its person administer, then they are one', () => {
    const account = happened(
      SINCE,
      ChatAdminGranted.of({ chatId: CHAT, externalUserId: ACCOUNT, at: SINCE }),
    );
    const happenings = [registered(SINCE), granted(SINCE, 'Maria'), account];
    expect(shortage(happenings)).toEqual([]);
    expect(shortage([...happenings, linked(IN_TIME, 'Maria')])).toEqual(['violated']);
  });

  it('given the organisation asks for three, then two are too few', () => {
    const evaluation = evaluateOver(chatAdministrators, history(...kept), {
      asOf: LATER,
      decisions: decidedOn('C15', 'adminsAtLeast', { count: 3 }, '2023-08-01T00:00:00.000Z'),
    });
    expect(findingOf(evaluation, 'enough-admins').what).toBe('у чата меньше администраторов, чем нужно');
  });
});
