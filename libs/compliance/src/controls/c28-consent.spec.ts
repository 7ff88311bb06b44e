import {
  AccountLinked,
  AlternativeChannelProvided,
  ChatClosed,
  ChatMemberAdded,
  ChatMemberLeft,
  ChatMemberRemoved,
  ConsentGiven,
  ConsentRefused,
  ConsentWithdrawn,
  GuardianRecorded,
  InvitationLinkUsed,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
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
import { consentAndAlternatives } from './c28-consent';

const PUPIL = idOf('pupil');
const MOTHER = idOf('mother');
const CHAT = idOf('chat');
const ACCOUNT = idOf('account');
const END = '2026-07-31T00:00:00Z';

const forPupil = { personId: MOTHER, onBehalfOf: PUPIL, purpose: 'platform_use' } as const;
const iso = (at: string) => new Date(at).toISOString();

const consented = (at: string, declared: object = {}) =>
  happened(at, ConsentGiven.of({ ...forPupil, documentRef: 'Согласие № 17', at: iso(at), ...declared }));
const refused = (at: string, declared: object = {}) =>
  happened(at, ConsentRefused.of({ ...forPupil, at: iso(at), ...declared }));
const withdrawn = (at: string, declared: object = {}) =>
  happened(at, ConsentWithdrawn.of({ ...forPupil, receivedAt: iso(at), ...declared }));
const provided = (at: string, declared: object = {}) =>
  happened(
    at,
    AlternativeChannelProvided.of({
      personId: MOTHER,
      onBehalfOf: PUPIL,
      channel: 'paper',
      at: iso(at),
      ...declared,
    }),
  );
const added = (at: string, who: object = { personId: PUPIL, platformRole: 'student' }, chatId = CHAT) =>
  happened(at, ChatMemberAdded.of({ chatId, via: 'link', at: iso(at), ...who }));
const removed = (at: string, who: object = { personId: PUPIL }, chatId = CHAT) =>
  happened(at, ChatMemberRemoved.of({ chatId, by: idOf('curator'), at: iso(at), ...who }));
const joined = (at: string, platformRole: 'teacher' | 'student' = 'student') =>
  happened(at, MemberJoined.of({ personId: PUPIL, platformRole, via: 'request', at: iso(at) }));
const movement = (at: string, kind: 'enrolled' | 'departed' | 'hired', personId = PUPIL) =>
  happened(at, MemberMovementRecorded.of({ personId, kind, orderRef: '№ 7-у', effectiveAt: iso(at) }));
const linked = (at: string, personId = PUPIL) =>
  happened(at, AccountLinked.of({ personId, externalUserId: ACCOUNT, basis: 'Сверено со списком' }));

const states = (rule: string, happenings: readonly Happening[], asOf = END) =>
  statesOf(evaluateOver(consentAndAlternatives, history(...happenings), { asOf }), rule);

describe('C28, consent before joining', () => {
  const CAME = '2025-09-03T15:00:00Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['consent before', [consented('2025-09-03T14:59:59Z'), added(CAME)], []],
    ['consent at the very instant', [added(CAME), consented(CAME)], []],
    ['consent a second later', [added(CAME), consented('2025-09-03T15:00:01Z')], ['remedied']],
    ['no word at all', [added(CAME)], ['violated']],
    ['a refusal', [refused('2025-09-01T09:00:00Z'), added(CAME)], ['violated']],
    [
      'a withdrawal before',
      [consented('2025-08-29T09:00:00Z'), withdrawn('2025-09-01T09:00:00Z'), added(CAME)],
      ['violated'],
    ],
    [
      'yes and no at the same instant',
      [withdrawn('2025-09-01T09:00:00Z'), consented('2025-09-01T09:00:00Z'), added(CAME)],
      ['violated'],
    ],
    [
      'consent to something else',
      [consented('2025-08-29T09:00:00Z', { purpose: 'publication' }), added(CAME)],
      ['violated'],
    ],
    [
      'consent of a parent for themselves only',
      [consented('2025-08-29T09:00:00Z', { onBehalfOf: undefined }), added(CAME)],
      ['violated'],
    ],
    [
      'consent of the pupil',
      [consented('2025-08-29T09:00:00Z', { personId: PUPIL, onBehalfOf: undefined }), added(CAME)],
      [],
    ],
    ['the community as a pupil', [joined(CAME)], ['violated']],
    ['the community as a teacher', [joined(CAME, 'teacher')], []],
    ['a removal', [added(CAME), removed('2025-09-04T09:00:00Z')], ['remedied']],
    [
      'the chat being closed',
      [
        added(CAME),
        happened(
          '2025-09-04T09:00:00Z',
          ChatClosed.of({ chatId: CHAT, reason: 'Ошибка', at: '2025-09-04T09:00:00.000Z' }),
        ),
      ],
      ['remedied'],
    ],
    [
      'one of two chats left',
      [
        added(CAME),
        added(CAME, { personId: PUPIL, platformRole: 'student' }, idOf('second')),
        removed('2025-09-04T09:00:00Z'),
      ],
      ['violated'],
    ],
  ])('given %s, then it is so', (_name, happenings, expected) => {
    expect(states('consent-before-joining', happenings)).toEqual(expected);
  });

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['on no roster', [added(CAME, { personId: PUPIL })], []],
    [
      'a pupil',
      [movement('2025-09-01T00:00:00Z', 'enrolled'), added(CAME, { personId: PUPIL })],
      ['violated'],
    ],
    [
      'enrolled later',
      [added(CAME, { personId: PUPIL }), movement('2025-09-05T00:00:00Z', 'enrolled')],
      ['violated'],
    ],
    ['a parent', [guardian(), added(CAME, { personId: MOTHER })], ['violated']],
    [
      'a parent who teaches here',
      [guardian(), movement('2025-08-20T00:00:00Z', 'hired', MOTHER), added(CAME, { personId: MOTHER })],
      [],
    ],
  ])('given no role was told and the member is %s, then the roster tells', (_name, happenings, expected) => {
    expect(states('consent-before-joining', happenings)).toEqual(expected);
  });

  it('given an enrolment after the joining, then it counts from then on', () => {
    const events = history(added(CAME, { personId: PUPIL }), movement('2025-09-05T00:00:00Z', 'enrolled'));
    const evaluation = evaluateOver(consentAndAlternatives, events, { asOf: END });
    expect(findingOf(evaluation, 'consent-before-joining').since).toBe('2025-09-05T00:00:00.000Z');
  });

  it('given a link was used, then the finding begins with it and names the chat', () => {
    const used = InvitationLinkUsed.of({
      linkId: idOf('link'),
      personId: PUPIL,
      at: iso(CAME),
      targetKind: 'chat',
      targetId: CHAT,
      platformRole: 'student',
    });
    const events = history(happened(CAME, used), added(CAME), consented('2025-09-08T09:00:00Z'));
    const evaluation = evaluateOver(consentAndAlternatives, events, { asOf: END });
    expect(findingOf(evaluation, 'consent-before-joining')).toMatchObject({
      subject: PUPIL,
      state: 'remedied',
      since: iso(CAME),
      closedAt: '2025-09-08T09:00:00.000Z',
      evidence: [events[0]!.id, events[2]!.id],
      what: `участник состоит в чате ([[chat:${CHAT}]]) без согласия на обработку персональных данных`,
    });
  });

  it('given an account that nobody is linked to, then nothing is said', () => {
    expect(states('consent-before-joining', [added(CAME, { externalUserId: ACCOUNT })])).toEqual([]);
  });

  it('given the account is found to be a pupil’s, then it counts from then on', () => {
    const events = history(
      movement('2025-09-01T00:00:00Z', 'enrolled'),
      added(CAME, { externalUserId: ACCOUNT }),
      linked('2025-09-05T09:00:00Z'),
    );
    const evaluation = evaluateOver(consentAndAlternatives, events, { asOf: END });
    expect(findingOf(evaluation, 'consent-before-joining')).toMatchObject({
      subject: PUPIL,
      since: '2025-09-05T09:00:00.000Z',
      evidence: [events[2]!.id, events[1]!.id],
    });
  });

  it('given consent came between the account’s joining and its link, then nothing is wrong', () => {
    const happenings = [
      movement('2025-09-01T00:00:00Z', 'enrolled'),
      added(CAME, { externalUserId: ACCOUNT }),
      consented('2025-09-04T09:00:00Z'),
      linked('2025-09-05T09:00:00Z'),
    ];
    expect(states('consent-before-joining', happenings)).toEqual([]);
  });

  it('given both ids came into the chat, when the account leaves, then the person has', () => {
    const happenings = [
      linked('2025-09-01T09:00:00Z'),
      added(CAME),
      added(CAME, { externalUserId: ACCOUNT }),
      happened(
        '2025-09-04T09:00:00Z',
        ChatMemberLeft.of({ chatId: CHAT, externalUserId: ACCOUNT, at: '2025-09-04T09:00:00.000Z' }),
      ),
    ];
    expect(states('consent-before-joining', happenings)).toEqual(['remedied']);
  });

  it('given the chat is left and entered again without consent, then both times are told', () => {
    const happenings = [added(CAME), removed('2025-09-04T09:00:00Z'), added('2025-09-05T09:00:00Z')];
    expect(states('consent-before-joining', happenings)).toEqual(['remedied', 'violated']);
  });

  it('given a consent of before that is entered later, then nothing was wrong', () => {
    const happenings = [
      added(CAME),
      { ...consented('2025-08-29T09:00:00Z'), recordedAt: '2025-09-20T09:00:00.000Z' },
    ];
    expect(states('consent-before-joining', happenings)).toEqual([]);
  });

  function guardian(): Happening {
    const at = '2025-08-20T09:00:00.000Z';
    return happened(at, GuardianRecorded.of({ personId: MOTHER, childId: PUPIL, relation: 'mother', at }));
  }
});

describe('C28, out after a withdrawal', () => {
  const before = [
    consented('2025-08-29T09:00:00Z'),
    joined('2025-09-03T15:00:00Z'),
    added('2025-09-03T15:00:00Z'),
  ];
  const NO = '2025-11-17T12:00:00Z';
  const out = (at: string) => [
    removed('2025-11-18T09:00:00Z'),
    happened(at, MemberRemoved.of({ personId: PUPIL, scope: 'community', reason: 'Отзыв', at: iso(at) })),
  ];

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['everything is left in the last instant', out('2025-11-20T20:59:59.999Z'), ['fulfilled']],
    ['the last place is left a second late', out('2025-11-20T21:00:00.999Z'), ['fulfilled-late']],
    ['only the chat is left', [removed('2025-11-18T09:00:00Z')], ['overdue']],
    ['consent is given anew', [consented('2025-11-19T09:00:00Z')], ['cancelled']],
    ['consent is given anew too late', [consented('2025-11-24T09:00:00Z')], ['remedied']],
  ])('given %s, then it is so', (_name, after, expected) => {
    expect(states('out-after-withdrawal', [...before, withdrawn(NO), ...after])).toEqual(expected);
  });

  it('given a refusal after a consent, then it is a withdrawal', () => {
    expect(states('out-after-withdrawal', [...before, refused(NO)])).toEqual(['overdue']);
  });

  it('given the person is nowhere, then nothing is to be done', () => {
    expect(states('out-after-withdrawal', [consented('2025-08-29T09:00:00Z'), withdrawn(NO)])).toEqual([]);
  });

  it('given the person comes back without consent, then that is a joining without consent', () => {
    const happenings = [
      ...before,
      withdrawn(NO),
      ...out('2025-11-18T10:00:00Z'),
      added('2025-12-01T09:00:00Z'),
    ];
    expect([
      states('out-after-withdrawal', happenings),
      states('consent-before-joining', happenings),
    ]).toEqual([['fulfilled'], ['violated']]);
  });
});

describe('C28, an alternative channel', () => {
  deadlineTable(consentAndAlternatives, 'alternative-channel', (since) => [refused(since)], [
    ['an ordinary Monday', '2025-11-17T12:00:00Z', '2025-11-20T20:59:59.999Z'],
    ['the last second of Monday', '2025-11-17T20:59:59Z', '2025-11-20T20:59:59.999Z'],
    ['the first second of Tuesday', '2025-11-17T21:00:00Z', '2025-11-21T20:59:59.999Z'],
    ['a day before the New Year holidays', '2025-12-29T12:00:00Z', '2026-01-13T20:59:59.999Z'],
    ['a leap day in between', '2024-02-27T12:00:00Z', '2024-03-01T20:59:59.999Z'],
    ['a working Saturday and holidays in between', '2025-10-30T12:00:00Z', '2025-11-05T20:59:59.999Z'],
    ['a holiday that was moved', '2025-06-10T12:00:00Z', '2025-06-17T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-11-21T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  const NO = '2025-11-17T12:00:00Z';

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['it is provided in the last instant', [provided('2025-11-20T20:59:59.999Z')], ['fulfilled']],
    ['it is provided a second late', [provided('2025-11-20T21:00:00.999Z')], ['fulfilled-late']],
    ['it had been provided before', [provided('2025-11-10T09:00:00Z')], ['fulfilled']],
    ['consent is given after all', [consented('2025-11-18T09:00:00Z')], ['cancelled']],
    ['the pupil leaves the school', [movement('2025-11-18T09:00:00Z', 'departed')], ['cancelled']],
    [
      'consent is given and refused again',
      [provided('2025-11-18T09:00:00Z'), consented('2025-12-01T09:00:00Z'), refused('2026-01-19T09:00:00Z')],
      ['fulfilled', 'overdue'],
    ],
  ])('given %s, then it is so', (_name, after, expected) => {
    expect(states('alternative-channel', [refused(NO), ...after])).toEqual(expected);
  });

  it('given a withdrawal, then a channel is owed, too', () => {
    expect(states('alternative-channel', [withdrawn(NO)], '2025-11-18T00:00:00Z')).toEqual(['open']);
  });

  it('given a refusal to make photographs public, then none is owed', () => {
    expect(states('alternative-channel', [refused(NO, { purpose: 'publication' })])).toEqual([]);
  });

  it('given a parent refuses for themselves, then what tells them about the child will do', () => {
    const own = refused(NO, { onBehalfOf: undefined });
    expect(states('alternative-channel', [own, provided('2025-11-18T09:00:00Z')])).toEqual(['fulfilled']);
  });
});
