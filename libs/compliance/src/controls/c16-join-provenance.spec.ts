import {
  AdministratorAppointed,
  AdministratorAppointmentRevoked,
  ChatMemberAdded,
  ChatMemberLeft,
  ClassTeacherAssigned,
  InvitationLinkCreated,
  MemberJoined,
  MemberMovementRecorded,
  MemberRoleChanged,
  type PlatformRole,
} from '@letopis/school';
import { explained, evaluateOver, happened, history, idOf, statesOf } from '../testing';
import { joinProvenance } from './c16-join-provenance';

const LINK = idOf('link');
const CHAT = idOf('chat');
const JOINED = '2025-09-05T09:00:00.000Z';

const link = (platformRole: PlatformRole, role: string, at = '2025-09-01T07:00:00Z') =>
  happened(
    at,
    InvitationLinkCreated.of({
      linkId: LINK,
      targetKind: 'group',
      targetId: idOf('5A'),
      platformRole,
      issuer: { personId: idOf('Anna'), role },
      expiresAt: '2026-06-01T00:00:00.000Z',
      maxUses: 30,
      urlHash: '0'.repeat(64),
    }),
  );
const joined = (platformRole: PlatformRole, via: 'link' | 'request' | 'auto_sync', viaId?: string) =>
  happened(JOINED, MemberJoined.of({ personId: idOf('newcomer'), platformRole, via, viaId, at: JOINED }));
const added = (via: 'link' | 'inviter' | 'sync', platformRole?: PlatformRole) =>
  happened(
    JOINED,
    ChatMemberAdded.of({
      chatId: CHAT,
      personId: idOf('newcomer'),
      platformRole,
      via,
      inviterId: via === 'inviter' ? idOf('Maria') : undefined,
      linkId: via === 'link' ? LINK : undefined,
      at: JOINED,
    }),
  );
const left = (at: string, chatId = CHAT) =>
  happened(at, ChatMemberLeft.of({ chatId, personId: idOf('newcomer'), at }));
const classTeacher = (at: string) =>
  happened(at, ClassTeacherAssigned.of({ groupId: idOf('5A'), personId: idOf('Maria'), orderRef: '№ 326' }));
const administrator = (at: string) =>
  happened(
    at,
    AdministratorAppointed.of({
      personId: idOf('Maria'),
      orderNo: '324',
      orderDate: '2025-08-29',
      phone: '+79000000001',
      email: 'admin@school7.example',
    }),
  );
const administratorNoMore = (at: string) =>
  happened(
    at,
    AdministratorAppointmentRevoked.of({ personId: idOf('Maria'), orderNo: '351', reason: 'Перевод' }),
  );
const dismissed = (at: string) =>
  happened(
    at,
    MemberMovementRecorded.of({
      personId: idOf('Maria'),
      kind: 'dismissed',
      orderRef: '№ 12-к',
      effectiveAt: at,
    }),
  );

describe('C16, every join is traced', () => {
  it.each([
    [
      'a teacher by a link of the administrator',
      [link('teacher', 'platform_admin'), joined('teacher', 'link', LINK)],
    ],
    ['a pupil by a link of the curator', [link('student', 'curator'), joined('student', 'link', LINK)]],
    ['a parent in a chat by a link of a teacher', [link('parent', 'teacher'), added('link', 'parent')]],
    ['somebody in a chat by a link, role unseen', [link('parent', 'teacher'), added('link')]],
    ['whom the platform synchronised', [joined('student', 'auto_sync'), added('sync', 'student')]],
    ['by a request', [joined('teacher', 'request', idOf('request'))]],
    ['a pupil added by a class teacher', [classTeacher('2025-09-01T07:00:00Z'), added('inviter', 'student')]],
    [
      'a teacher added by the administrator',
      [administrator('2025-09-01T07:00:00Z'), added('inviter', 'teacher')],
    ],
  ])('given %s, then there is nothing to explain', (_name, happenings) => {
    const evaluation = evaluateOver(joinProvenance, history(...happenings), { asOf: '2025-10-01T00:00:00Z' });
    expect([evaluation.findings, evaluation.status]).toEqual([[], 'compliant']);
  });

  it.each([
    ['an unknown link', [joined('teacher', 'link', LINK)], 'такой ссылки нет в реестре'],
    ['no link', [joined('teacher', 'link')], 'такой ссылки нет в реестре'],
    [
      'a link made afterwards',
      [joined('teacher', 'link', LINK), link('teacher', 'platform_admin', '2025-09-05T09:00:01Z')],
      'такой ссылки нет в реестре',
    ],
    [
      'a link for another role',
      [link('parent', 'teacher'), joined('teacher', 'link', LINK)],
      'ссылка выдана для другой роли',
    ],
    [
      'a link of the wrong issuer',
      [link('teacher', 'curator'), joined('teacher', 'link', LINK)],
      'ссылку выдал тот, кто не вправе приглашать в этой роли',
    ],
    ['no request', [joined('teacher', 'request')], 'заявка на вступление не указана'],
    [
      'an unknown inviter',
      [added('inviter', 'student')],
      'неизвестно, вправе ли пригласивший приглашать в этой роли',
    ],
    [
      'an inviter of the wrong role',
      [classTeacher('2025-09-01T07:00:00Z'), added('inviter', 'teacher')],
      'неизвестно, вправе ли пригласивший приглашать в этой роли',
    ],
    [
      'an inviter who was administrator once',
      [
        administrator('2025-09-01T07:00:00Z'),
        administratorNoMore('2025-09-02T07:00:00Z'),
        added('inviter', 'teacher'),
      ],
      'неизвестно, вправе ли пригласивший приглашать в этой роли',
    ],
    [
      'an inviter who had been dismissed',
      [classTeacher('2025-09-01T07:00:00Z'), dismissed('2025-09-02T07:00:00Z'), added('inviter', 'student')],
      'неизвестно, вправе ли пригласивший приглашать в этой роли',
    ],
  ])('given somebody came by %s, then it is to be explained', (_name, happenings, why) => {
    const evaluation = evaluateOver(joinProvenance, history(...happenings), {
      asOf: JOINED.replace('00.000', '01.000'),
    });
    expect(explained(evaluation, 'join-traced')).toContain(why);
  });

  it.each([
    ['2025-09-10T20:59:59.000Z', 'open', 'at-risk'],
    ['2025-09-10T21:00:00.000Z', 'overdue', 'violated'],
  ])('given a stranger who came on Friday, when it is %s, then it is %s', (asOf, state, status) => {
    const evaluation = evaluateOver(joinProvenance, history(added('inviter', 'student')), { asOf });
    expect([statesOf(evaluation, 'join-traced'), evaluation.status]).toEqual([[state], status]);
  });

  it.each([
    ['the chat in time', left('2025-09-08T09:00:00Z'), 'cancelled'],
    ['the chat late', left('2025-09-20T09:00:00Z'), 'remedied'],
    ['another chat', left('2025-09-08T09:00:00Z', idOf('other chat')), 'overdue'],
  ])('given a stranger who left %s, then the finding is so', (_name, leaving, state) => {
    const events = history(added('inviter', 'student'), leaving);
    const evaluation = evaluateOver(joinProvenance, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(statesOf(evaluation, 'join-traced')).toEqual([state]);
  });

  it.each([
    ['the role in which they had come', 'teacher', 'cancelled'],
    ['another of their roles', 'parent', 'overdue'],
  ] as const)('given a stranger who leaves %s, then the finding is so', (_name, from, state) => {
    const at = '2025-09-08T09:00:00.000Z';
    const changed = MemberRoleChanged.of({
      personId: idOf('newcomer'),
      from,
      to: 'student',
      basis: 'Ошибка',
      at,
    });
    const events = history(joined('teacher', 'link', LINK), happened(at, changed));
    const evaluation = evaluateOver(joinProvenance, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(statesOf(evaluation, 'join-traced')).toEqual([state]);
  });

  it('given the link is recorded late but was made before, then there is nothing to explain', () => {
    const events = history(joined('teacher', 'link', LINK), link('teacher', 'platform_admin'));
    const evaluation = evaluateOver(joinProvenance, events, { asOf: '2025-10-01T00:00:00Z' });
    expect(evaluation.findings).toEqual([]);
  });
});
