import {
  ChatAutoProvisioned,
  ChatClosed,
  type ChatKind,
  ChatRegistered,
  GroupArchived,
  GroupCreated,
  OrganizationCreated,
  TeachingLoadApproved,
} from '@letopis/school';
import {
  deadlineTable,
  decidedOn,
  evaluateOver,
  explained,
  type Happening,
  happened,
  history,
  idOf,
  ORGANIZATION,
  statesOf,
} from '../testing';
import { mandatoryChats } from './c13-mandatory-chats';

const CLASS = idOf('5A');
const CREATED = '2025-08-27T06:05:00.000Z';
const IN_TIME = '2025-09-15T20:59:59.999Z';
const LATE = '2025-09-15T21:00:00.000Z';

const created = (at = CREATED, kind: 'class' | 'club' = 'class') =>
  happened(at, GroupCreated.of({ groupId: CLASS, kind, title: '5А' }));
const archived = (at: string) => happened(at, GroupArchived.of({ groupId: CLASS, reason: 'Выпуск' }));
const registered = (at: string, kind: ChatKind, { name = '', subject = '' } = {}) =>
  happened(
    at,
    ChatRegistered.of({
      chatId: idOf(name === '' ? kind : name),
      kind,
      title: 'Чат',
      ownerId: idOf('Maria'),
      ...(!kind.startsWith('head') && { groupId: CLASS }),
      ...(subject !== '' && { subject }),
    }),
  );
const provisioned = (at: string, kind: ChatKind) =>
  happened(
    at,
    ChatAutoProvisioned.of({ chatId: idOf(kind), source: 'sferum_sync', kind, groupId: CLASS, at }),
  );
const closed = (at: string, name: string) =>
  happened(at, ChatClosed.of({ chatId: idOf(name), reason: 'Учебный год окончен', at }));
const loaded = (at: string, subjects: readonly string[], { schoolYear = '2025/2026', group = '5A' } = {}) =>
  happened(
    at,
    TeachingLoadApproved.of({
      schoolYear,
      orderRef: '№ 327',
      load: subjects.map((subject) => ({ groupId: idOf(group), subject, personId: idOf('Maria') })),
    }),
  );

const found = (rule: string, happenings: readonly Happening[], asOf: string) =>
  statesOf(evaluateOver(mandatoryChats, history(...happenings), { asOf }), rule);

describe('C13, a class has its chats by 15 September', () => {
  deadlineTable(
    mandatoryChats,
    'class-chats-registered',
    (since) => [registered(since, 'class_students'), created(since)],
    [
      ['a class of August', CREATED, IN_TIME],
      ['a class of July', '2025-06-30T21:00:00Z', IN_TIME],
      ['five working days before', '2025-09-08T07:00:00Z', IN_TIME],
      ['later than that', '2025-09-09T07:00:00Z', '2025-09-16T20:59:59.999Z'],
      ['before a worked Saturday', '2025-10-29T07:00:00Z', '2025-11-06T20:59:59.999Z'],
      ['before the New Year holidays', '2025-12-26T07:00:00Z', '2026-01-14T20:59:59.999Z'],
      ['before a leap day', '2024-02-27T07:00:00Z', '2024-03-05T20:59:59.999Z'],
      ['before lessons end', '2025-05-20T07:00:00Z', '2025-05-27T20:59:59.999Z'],
      ['after lessons have ended', '2025-05-26T07:00:00Z', IN_TIME],
      ['in Kamchatka', '2025-08-27T06:05:00Z', '2025-09-15T11:59:59.999Z', 'Asia/Kamchatka'],
    ],
  );

  const parents = registered(CREATED, 'class_parents');
  it.each([
    ['entered in the last instant', [registered(IN_TIME, 'class_students')], ['fulfilled']],
    ['entered a second late', [registered(LATE, 'class_students')], ['fulfilled-late']],
    ['created by the platform', [provisioned(IN_TIME, 'class_students')], ['fulfilled']],
    ['another one', [registered(IN_TIME, 'subject', { subject: 'Алгебра' })], ['overdue']],
    ['missing, and the class is no more', [archived('2025-09-10T07:00:00Z')], ['cancelled']],
    [
      'closed in the autumn, and entered anew late',
      [
        registered('2025-09-01T07:00:00Z', 'class_students'),
        closed('2025-10-13T07:00:00Z', 'class_students'),
        registered('2025-10-21T07:00:00Z', 'class_students', { name: 'second' }),
      ],
      ['fulfilled', 'fulfilled-late'],
    ],
    [
      'one of two that is closed',
      [
        registered('2025-09-01T07:00:00Z', 'class_students'),
        registered('2025-09-02T07:00:00Z', 'class_students', { name: 'second' }),
        closed('2025-10-13T07:00:00Z', 'class_students'),
      ],
      ['fulfilled'],
    ],
  ])('given the chat with the pupils is %s, then the findings are so', (_name, happenings, states) => {
    expect(
      found('class-chats-registered', [created(), parents, ...happenings], '2025-12-01T00:00:00Z'),
    ).toEqual(states);
  });

  it('given the chats are closed after lessons, then the next school year has until September', () => {
    const happenings = [
      created(),
      parents,
      registered(CREATED, 'class_students'),
      closed('2026-06-10T07:00:00Z', 'class_students'),
    ];
    expect(found('class-chats-registered', happenings, '2026-09-15T20:59:59.999Z').slice(-1)).toEqual([
      'open',
    ]);
    expect(found('class-chats-registered', happenings, '2026-09-15T21:00:00.000Z').slice(-1)).toEqual([
      'overdue',
    ]);
    const graduated = [...happenings, archived('2026-06-25T07:00:00Z')];
    expect(found('class-chats-registered', graduated, '2026-10-01T00:00:00Z').slice(-1)).toEqual([
      'cancelled',
    ]);
  });

  it('given neither is there, then each is a finding of its own on the class', () => {
    const { findings } = evaluateOver(mandatoryChats, history(created()), { asOf: LATE });
    expect(findings.map(({ subject, key, state }) => [subject, key, state]).sort()).toEqual([
      [CLASS, 'class_parents', 'overdue'],
      [CLASS, 'class_students', 'overdue'],
    ]);
    expect(new Set(findings.map(({ id }) => id)).size).toBe(2);
  });

  it('given the chat with the parents is missing, then the reader learns so', () => {
    const events = history(created(), registered(CREATED, 'class_students'));
    const evaluation = evaluateOver(mandatoryChats, events, { asOf: LATE });
    expect(explained(evaluation, 'class-chats-registered')).toContain(
      'Не выполнено в срок: создать и внести в реестр чат с родителями (законными представителями) класса.',
    );
  });

  it('given a group that is no class, then there is nothing to judge', () => {
    const evaluation = evaluateOver(mandatoryChats, history(created(CREATED, 'club')), { asOf: LATE });
    expect(evaluation.status).toBe('no-evidence');
  });

  it('given the organisation has until 1 October, then it has', () => {
    const evaluation = evaluateOver(mandatoryChats, history(created()), {
      asOf: LATE,
      decisions: decidedOn('C13', 'chatsBy', { byDay: '10-01', orWithin: { workingDays: 5 } }),
    });
    expect(statesOf(evaluation, 'class-chats-registered')).toEqual(['open', 'open']);
  });
});

describe('C13, the head has chats', () => {
  const founded = happened(
    '2025-08-18T06:00:00Z',
    OrganizationCreated.of({ name: 'Школа № 7', timeZone: 'Europe/Moscow' }),
  );
  const deputies = registered('2025-09-01T07:00:00Z', 'head_deputies');

  it.each([
    ['both in time', [deputies, registered(IN_TIME, 'head_teachers')], ['fulfilled', 'fulfilled']],
    ['one of them late', [deputies, registered(LATE, 'head_teachers')], ['fulfilled', 'fulfilled-late']],
    ['one of them never', [deputies], ['fulfilled', 'overdue']],
    ['a third one', [deputies, registered(IN_TIME, 'management')], ['fulfilled', 'overdue']],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    const found = evaluateOver(mandatoryChats, history(founded, ...happenings), {
      asOf: '2025-12-01T00:00:00Z',
    });
    expect(statesOf(found, 'head-chats-registered').toSorted()).toEqual(states);
    expect(new Set(found.findings.map(({ subject }) => subject))).toEqual(new Set([ORGANIZATION]));
  });
});

describe('C13, each subject of the load has a chat', () => {
  const load = loaded('2025-08-27T12:00:00.000Z', ['Алгебра', 'Физика']);
  const algebra = registered('2025-09-02T07:00:00Z', 'subject', { name: 'algebra', subject: ' алгебра' });

  it.each([
    ['one in time, one never', [algebra], ['fulfilled', 'overdue']],
    [
      'one that the platform created, of which no subject is known',
      [provisioned(CREATED, 'subject')],
      ['overdue', 'overdue'],
    ],
    [
      'one that is taught no more',
      [algebra, loaded('2025-09-10T07:00:00Z', ['Алгебра'])],
      ['cancelled', 'fulfilled'],
    ],
    [
      'a class that is not taught any more, but another one',
      [loaded('2025-09-10T07:00:00Z', ['Алгебра'], { group: '5B' })],
      ['cancelled', 'cancelled', 'overdue'],
    ],
    ['a class that is no more', [archived('2025-09-10T07:00:00Z')], ['cancelled', 'cancelled']],
    [
      'the same load with another teacher',
      [algebra, loaded('2025-10-01T07:00:00Z', ['Алгебра', 'Физика'])],
      ['fulfilled', 'overdue'],
    ],
    [
      'one closed in the autumn',
      [algebra, closed('2025-10-13T07:00:00Z', 'algebra')],
      ['fulfilled', 'overdue', 'overdue'],
    ],
    [
      'one closed after lessons',
      [algebra, closed('2026-05-26T07:00:00Z', 'algebra')],
      ['fulfilled', 'overdue'],
    ],
    [
      'a load of the year before that comes in late',
      [algebra, loaded('2025-10-01T07:00:00Z', ['Химия'], { schoolYear: '2024/2025' })],
      ['fulfilled', 'overdue'],
    ],
  ])('given %s, then the findings are so', (_name, happenings, states) => {
    expect(
      found('subject-chats-registered', [created(), load, ...happenings], '2026-06-10T00:00:00Z').toSorted(),
    ).toEqual(states);
  });

  it.each([
    ['2026-09-15T20:59:59.999Z', 'open'],
    ['2026-09-15T21:00:00.000Z', 'overdue'],
  ])('given the load of the year to come in June, when it is %s, then it is %s', (asOf, state) => {
    const next = loaded('2026-06-15T07:00:00Z', ['Алгебра'], { schoolYear: '2026/2027' });
    const states = found('subject-chats-registered', [created(), load, next], asOf);
    expect(states.toSorted()).toEqual([state, 'remedied', 'remedied'].toSorted());
  });

  it('given the chat of the last year lives on, then the next one asks for no other', () => {
    const next = loaded('2026-08-27T07:00:00Z', ['Алгебра'], { schoolYear: '2026/2027' });
    const happenings = [created(), loaded(CREATED, ['Алгебра']), algebra, next];
    expect(found('subject-chats-registered', happenings, '2026-10-01T00:00:00Z')).toEqual(['fulfilled']);
  });
});

describe('C13, what the platform created is entered in the register', () => {
  it.each([
    ['entered in time', [registered(IN_TIME, 'class_students')], ['fulfilled']],
    ['entered late', [registered(LATE, 'class_students')], ['fulfilled-late']],
    ['never entered', [], ['overdue']],
    ['closed', [closed('2025-09-10T07:00:00Z', 'class_students')], ['cancelled']],
    [
      'closed, and created anew',
      [
        closed('2025-09-10T07:00:00Z', 'class_students'),
        provisioned('2025-09-12T07:00:00Z', 'class_students'),
      ],
      ['cancelled', 'overdue'],
    ],
  ])('given such a chat is %s, then the findings are so', (_name, happenings, states) => {
    expect(
      found(
        'provisioned-chat-registered',
        [provisioned(CREATED, 'class_students'), ...happenings],
        '2025-12-01T00:00:00Z',
      ),
    ).toEqual(states);
  });

  it('given it was in the register before, then nothing is missing', () => {
    const happenings = [
      registered(CREATED, 'class_students'),
      provisioned('2025-09-10T07:00:00Z', 'class_students'),
    ];
    expect(found('provisioned-chat-registered', happenings, '2025-12-01T00:00:00Z')).toEqual([]);
  });
});
