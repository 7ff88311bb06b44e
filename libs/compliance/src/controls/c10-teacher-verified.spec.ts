import {
  ChatAutoProvisioned,
  ChatClosed,
  ChatOwnerTransferred,
  ChatRegistered,
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  RoleVerificationRejected,
  RoleVerified,
} from '@letopis/school';
import { evaluateOver, findingOf, happened, history, idOf, statesOf } from '../testing';
import { teacherVerified } from './c10-teacher-verified';

const MARIA = idOf('Maria');
const CHAT = idOf('chat');
type Kind = Parameters<typeof ChatRegistered.of>[0]['kind'];

const joined = (at: string, platformRole: 'teacher' | 'parent' = 'teacher') =>
  happened(at, MemberJoined.of({ personId: MARIA, platformRole, via: 'auto_sync', at }));
const verified = (at: string, personId = MARIA) =>
  happened(
    at,
    RoleVerified.of({
      personId,
      role: 'teacher',
      method: 'moya_shkola',
      evidenceRef: 'запись 8841',
      by: idOf('Anna'),
    }),
  );
const rejected = (at: string) =>
  happened(at, RoleVerificationRejected.of({ personId: MARIA, reason: 'Нет в списке' }));
const removed = (at: string) =>
  happened(at, MemberRemoved.of({ personId: MARIA, scope: 'community', reason: 'Ошибка', at }));
const movement = (at: string, kind: 'dismissed' | 'hired') =>
  happened(at, MemberMovementRecorded.of({ personId: MARIA, kind, orderRef: '№ 1', effectiveAt: at }));
const registered = (at: string, kind: Kind = 'subject') =>
  happened(at, ChatRegistered.of({ chatId: CHAT, kind, title: 'Алгебра', ownerId: MARIA }));
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Завершён', at }));
const transferred = (at: string, from: string | undefined, to: string) =>
  happened(at, ChatOwnerTransferred.of({ chatId: CHAT, from, to, at }));

describe('C10, verified within five working days after joining', () => {
  it.each([
    ['Moscow', 'Europe/Moscow', '2025-09-08T20:59:59.000Z', 'open'],
    ['Moscow', 'Europe/Moscow', '2025-09-08T21:00:00.000Z', 'overdue'],
    ['Kamchatka', 'Asia/Kamchatka', '2025-09-09T11:59:59.000Z', 'open'],
    ['Kamchatka', 'Asia/Kamchatka', '2025-09-09T12:00:00.000Z', 'overdue'],
  ])(
    'given a teacher of %s joined on Monday evening in %s, when it is %s, then it is %s',
    (_name, timeZone, asOf, state) => {
      const events = history(joined('2025-09-01T13:00:00.000Z'));
      expect(
        statesOf(evaluateOver(teacherVerified, events, { asOf, timeZone }), 'verified-after-joining'),
      ).toEqual([state]);
    },
  );

  it.each([
    ['verified', [joined('2025-09-01T13:00:00.000Z'), verified('2025-09-03T07:00:00Z')], ['fulfilled']],
    ['rejected', [joined('2025-09-01T13:00:00.000Z'), rejected('2025-09-03T07:00:00Z')], ['overdue']],
    ['removed', [joined('2025-09-01T13:00:00.000Z'), removed('2025-09-03T07:00:00Z')], ['cancelled']],
    ['a parent', [joined('2025-09-01T13:00:00.000Z', 'parent')], []],
    [
      'verified, removed and joined again',
      [
        joined('2025-09-01T13:00:00.000Z'),
        verified('2025-09-03T07:00:00Z'),
        removed('2025-09-04T07:00:00Z'),
        joined('2025-09-05T07:00:00Z'),
      ],
      ['fulfilled', 'fulfilled'],
    ],
    [
      'verified, dismissed, hired and joined again',
      [
        joined('2025-09-01T13:00:00.000Z'),
        verified('2025-09-03T07:00:00Z'),
        movement('2025-09-04T07:00:00Z', 'dismissed'),
        movement('2025-09-05T07:00:00Z', 'hired'),
        joined('2025-09-05T08:00:00Z'),
      ],
      ['fulfilled', 'overdue'],
    ],
  ])('given the person who joined was %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(teacherVerified, history(...happenings), {
      asOf: '2025-10-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'verified-after-joining')).toEqual(states);
  });

  it('given only a dismissal of somebody, then there is no evidence', () => {
    const events = history(movement('2025-09-04T07:00:00Z', 'dismissed'));
    expect(evaluateOver(teacherVerified, events, { asOf: '2025-10-01T00:00:00Z' }).status).toBe(
      'no-evidence',
    );
  });
});

describe('C10, whoever owns a chat with pupils is verified', () => {
  const OWNED = '2025-09-02T07:00:00Z';

  it.each([
    ['never verified', [registered(OWNED)], ['violated']],
    ['verified before', [verified('2025-09-01T07:00:00Z'), registered(OWNED)], []],
    ['verified later', [registered(OWNED), verified('2025-09-03T07:00:00Z')], ['remedied']],
    ['rejected, and the owner still', [registered(OWNED), rejected('2025-09-03T07:00:00Z')], ['violated']],
    [
      'unverified until the chat was closed',
      [registered(OWNED), closed('2025-09-03T07:00:00Z')],
      ['remedied'],
    ],
    ['the owner of a chat of staff', [registered(OWNED, 'head_teachers')], []],
    [
      'verified, dismissed',
      [verified('2025-09-01T07:00:00Z'), registered(OWNED), movement('2025-09-03T07:00:00Z', 'dismissed')],
      [],
    ],
    [
      'verified, dismissed and hired again',
      [
        verified('2025-09-01T07:00:00Z'),
        registered(OWNED),
        movement('2025-09-03T07:00:00Z', 'dismissed'),
        movement('2025-09-04T07:00:00Z', 'hired'),
      ],
      ['violated'],
    ],
    [
      'verified, who handed the chat over, was dismissed and hired again',
      [
        verified('2025-09-01T07:00:00Z'),
        registered(OWNED),
        verified('2025-09-01T07:00:00Z', idOf('Boris')),
        transferred('2025-09-02T08:00:00Z', MARIA, idOf('Boris')),
        movement('2025-09-03T07:00:00Z', 'dismissed'),
        movement('2025-09-04T07:00:00Z', 'hired'),
      ],
      [],
    ],
  ])('given an owner %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(teacherVerified, history(...happenings), {
      asOf: '2025-10-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'owner-verified')).toEqual(states);
  });

  it.each([
    ['class_students', ['violated']],
    ['head_teachers', []],
  ] as const)(
    'given somebody unverified took over a chat of kind %s, then the findings are so',
    (kind, states) => {
      const provisioned = ChatAutoProvisioned.of({
        chatId: CHAT,
        source: 'sferum_sync',
        kind,
        at: '2025-09-02T07:00:00.000Z',
      });
      const evaluation = evaluateOver(
        teacherVerified,
        history(happened(OWNED, provisioned), transferred('2025-09-03T07:00:00Z', undefined, MARIA)),
        { asOf: '2025-10-01T00:00:00Z' },
      );
      expect(statesOf(evaluation, 'owner-verified')).toEqual(states);
    },
  );

  it('given a chat that was closed, then the finding cites its registration and its closing', () => {
    const events = history(registered(OWNED), closed('2025-09-03T07:00:00Z'));
    const evaluation = evaluateOver(teacherVerified, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(findingOf(evaluation, 'owner-verified')).toMatchObject({
      subject: MARIA,
      evidence: events.map(({ id }) => id),
    });
  });
});
