import {
  AccountLinked,
  ChatMemberAdded,
  ChatMemberLeft,
  MemberJoined,
  MemberRemoved,
  MemberRoleChanged,
  UserAgreementAccepted,
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
import { userAgreement } from './c33-user-agreement';

const PARENT = idOf('parent');
const ACCOUNT = idOf('account');
const CHAT = idOf('chat');
const SINCE = '2025-11-17T12:00:00Z';
const iso = (at: string) => new Date(at).toISOString();

const added = (at = SINCE, who: object = { personId: PARENT, platformRole: 'parent' }) =>
  happened(at, ChatMemberAdded.of({ chatId: CHAT, via: 'link', at: iso(at), ...who }));
const left = (at: string, who: object = { personId: PARENT }) =>
  happened(at, ChatMemberLeft.of({ chatId: CHAT, at: iso(at), ...who }));
const joined = (at: string, platformRole: 'teacher' | 'parent') =>
  happened(at, MemberJoined.of({ personId: PARENT, platformRole, via: 'request', at: iso(at) }));
const removed = (at: string) =>
  happened(at, MemberRemoved.of({ personId: PARENT, scope: 'community', reason: 'Выбыл', at: iso(at) }));
const accepted = (at: string, version = '2025-09-01') =>
  happened(at, UserAgreementAccepted.of({ personId: PARENT, version, at: iso(at) }));
const linked = (at: string) =>
  happened(at, AccountLinked.of({ personId: PARENT, externalUserId: ACCOUNT, basis: 'Сверено со списком' }));

const states = (...happenings: readonly Happening[]) =>
  statesOf(
    evaluateOver(userAgreement, history(...happenings), { asOf: '2026-07-31T00:00:00Z' }),
    'agreement-accepted',
  );

describe('C33, the user agreement is accepted', () => {
  deadlineTable(userAgreement, 'agreement-accepted', (since) => [added(since)], [
    ['an ordinary Monday', SINCE, '2025-12-01T20:59:59.999Z'],
    ['the New Year holidays in between', '2025-12-22T12:00:00Z', '2026-01-15T20:59:59.999Z'],
    ['a leap day in between', '2024-02-19T12:00:00Z', '2024-03-05T20:59:59.999Z'],
    ['a working Saturday and holidays in between', '2025-10-24T12:00:00Z', '2025-11-10T20:59:59.999Z'],
    ['Tuesday in Kamchatka', '2025-11-17T13:00:00Z', '2025-12-02T11:59:59.999Z', 'Asia/Kamchatka'],
  ]);

  it.each<[string, readonly Happening[], readonly string[]]>([
    ['accepted in the last instant', [added(), accepted('2025-12-01T20:59:59.999Z')], ['fulfilled']],
    ['accepted a second late', [added(), accepted('2025-12-01T21:00:00.999Z')], ['fulfilled-late']],
    ['accepted before', [accepted('2025-09-01T12:00:00Z'), added()], []],
    [
      'accepted and in further chats',
      [added(), accepted('2025-11-18T12:00:00Z'), joined('2025-12-01T12:00:00Z', 'parent')],
      ['fulfilled'],
    ],
    ['gone in time', [added(), left('2025-11-18T12:00:00Z')], ['cancelled']],
    [
      'gone and back',
      [added(), left('2025-11-18T12:00:00Z'), added('2025-12-15T12:00:00Z')],
      ['cancelled', 'overdue'],
    ],
    [
      'still in the community',
      [added(), joined('2025-11-18T12:00:00Z', 'parent'), left('2025-11-19T12:00:00Z')],
      ['overdue'],
    ],
    [
      'removed from the community in both roles',
      [joined(SINCE, 'teacher'), joined(SINCE, 'parent'), removed('2025-11-18T12:00:00Z')],
      ['cancelled'],
    ],
    [
      'left in one of two roles',
      [
        joined(SINCE, 'teacher'),
        joined(SINCE, 'parent'),
        happened(
          '2025-11-18T12:00:00Z',
          MemberRoleChanged.of({
            personId: PARENT,
            from: 'teacher',
            to: 'parent',
            basis: 'Увольнение',
            at: '2025-11-18T12:00:00.000Z',
          }),
        ),
      ],
      ['overdue'],
    ],
  ])('given somebody %s, then it is so', (_name, happenings, expected) => {
    expect(states(...happenings)).toEqual(expected);
  });

  it('given an account that nobody is linked to, then nobody is asked', () => {
    expect(states(added(SINCE, { externalUserId: ACCOUNT }))).toEqual([]);
  });

  it('given the account is linked to somebody, then the term runs from then', () => {
    const events = history(added(SINCE, { externalUserId: ACCOUNT }), linked('2025-11-20T12:00:00Z'));
    const evaluation = evaluateOver(userAgreement, events, { asOf: '2025-11-21T00:00:00Z' });
    expect(findingOf(evaluation, 'agreement-accepted')).toMatchObject({
      subject: PARENT,
      state: 'open',
      since: '2025-11-20T12:00:00.000Z',
    });
  });

  it('given the person came by name, when the account leaves, then the duty falls away', () => {
    const account = { externalUserId: ACCOUNT };
    expect(states(added(), linked('2025-11-17T13:00:00Z'), left('2025-11-18T12:00:00Z', account))).toEqual([
      'cancelled',
    ]);
  });
});
