import {
  ChatClosed,
  GroupArchived,
  InvitationLinkCreated,
  InvitationLinkRevoked,
  InvitationLinkUsed,
} from '@letopis/school';
import { evaluateOver, explained, findingOf, happened, history, idOf, statesOf } from '../testing';
import { invitationLinkHygiene } from './c08-invitation-links';

const LINK = idOf('link');
const GROUP = idOf('5A');
const CHAT = idOf('chat');

const created = ({ expiresAt = '2026-06-01T00:00:00.000Z', maxUses = 30, chat = false } = {}) =>
  happened(
    '2025-09-01T07:00:00.000Z',
    InvitationLinkCreated.of({
      linkId: LINK,
      targetKind: chat ? 'chat' : 'group',
      targetId: chat ? CHAT : GROUP,
      platformRole: 'student',
      issuer: { personId: idOf('Anna'), role: 'platform_admin' },
      expiresAt,
      maxUses,
      urlHash: '0'.repeat(64),
    }),
  );
const used = (at: string, name = 'pupil') =>
  happened(at, InvitationLinkUsed.of({ linkId: LINK, personId: idOf(name), at }));
const revoked = (at: string) =>
  happened(at, InvitationLinkRevoked.of({ linkId: LINK, reason: 'unclaimed', by: idOf('Anna') }));
const archived = (at: string) => happened(at, GroupArchived.of({ groupId: GROUP, reason: 'Выпуск' }));
const closed = (at: string) => happened(at, ChatClosed.of({ chatId: CHAT, reason: 'Завершён', at }));

describe('C08, unclaimed links are revoked', () => {
  it.each([
    ['2025-09-15T20:59:59.000Z', 'open'],
    ['2025-09-15T21:00:00.000Z', 'overdue'],
  ])('given a link that nobody used, when it is %s, then it is %s', (asOf, state) => {
    const evaluation = evaluateOver(invitationLinkHygiene, history(created()), { asOf });
    expect(statesOf(evaluation, 'unclaimed-revoked')).toEqual([state]);
  });

  it.each([
    ['revoked in time', [created(), revoked('2025-09-15T20:59:59.000Z')], 'fulfilled'],
    ['revoked late', [created(), revoked('2025-09-15T21:00:00.000Z')], 'fulfilled-late'],
    ['used in time', [created(), used('2025-09-02T07:00:00.000Z')], 'cancelled'],
    ['used late', [created(), used('2025-09-20T07:00:00.000Z')], 'remedied'],
    ['expired in time, unnoted', [created({ expiresAt: '2025-09-10T00:00:00.000Z' })], 'cancelled'],
  ])('given the link was %s, then the finding is so', (_name, happenings, state) => {
    const evaluation = evaluateOver(invitationLinkHygiene, history(...happenings), {
      asOf: '2025-10-01T00:00:00Z',
    });
    expect(statesOf(evaluation, 'unclaimed-revoked')).toEqual([state]);
  });
});

describe('C08, links are used while they are valid', () => {
  const EXPIRES = '2025-09-10T00:00:00.000Z';

  it.each([
    ['in the instant of its revocation', [revoked('2025-09-03T07:00:00Z'), used('2025-09-03T07:00:00Z')], []],
    [
      'a second after its revocation',
      [revoked('2025-09-03T07:00:00Z'), used('2025-09-03T07:00:01Z')],
      ['violated'],
    ],
    ['at its expiry', [used(EXPIRES)], []],
    ['a second after its expiry', [used('2025-09-10T00:00:01.000Z')], ['violated']],
    ['as often as allowed', [used('2025-09-02T07:00:00Z'), used('2025-09-02T08:00:00Z', 'other')], []],
    [
      'once more than allowed',
      [
        used('2025-09-02T07:00:00Z'),
        used('2025-09-02T08:00:00Z', 'other'),
        used('2025-09-02T09:00:00Z', 'third'),
      ],
      ['violated'],
    ],
  ])('given it was used %s, then the findings are so', (_name, happenings, states) => {
    const events = history(created({ expiresAt: EXPIRES, maxUses: 2 }), ...happenings);
    const evaluation = evaluateOver(invitationLinkHygiene, events, { asOf: '2025-09-12T00:00:00Z' });
    expect(statesOf(evaluation, 'used-while-valid')).toEqual(states);
  });

  it('given it was used after its revocation, then the finding is critical and names every reason', () => {
    const events = history(
      created({ expiresAt: EXPIRES }),
      revoked('2025-09-03T07:00:00Z'),
      used('2025-09-11T07:00:00.000Z'),
    );
    const evaluation = evaluateOver(invitationLinkHygiene, events, { asOf: '2025-09-12T00:00:00Z' });
    expect(findingOf(evaluation, 'used-while-valid')).toMatchObject({
      severity: 'critical',
      evidence: [events[2]!.id, events[0]!.id, events[1]!.id],
    });
    expect(explained(evaluation, 'used-while-valid')).toContain(
      'Ссылка-приглашение использована после аннулирования, после истечения срока: 11.09.2025, 10:00.',
    );
  });
});

describe('C08, no link outlives its target', () => {
  const ARCHIVED = '2025-09-05T07:00:00.000Z';

  it.each([
    ['still live', [created(), archived(ARCHIVED)], ['violated']],
    ['of a closed chat', [created({ chat: true }), closed(ARCHIVED)], ['violated']],
    ['revoked before', [created(), revoked('2025-09-04T07:00:00Z'), archived(ARCHIVED)], []],
    ['revoked in the same instant', [created(), archived(ARCHIVED), revoked(ARCHIVED)], []],
    ['revoked later', [created(), archived(ARCHIVED), revoked('2025-09-05T07:00:01Z')], ['remedied']],
    ['expired later', [created({ expiresAt: '2025-09-06T00:00:00.000Z' }), archived(ARCHIVED)], ['remedied']],
    ['of another target', [created({ chat: true }), archived(ARCHIVED)], []],
  ])('given a link %s, then the findings are so', (_name, happenings, states) => {
    const evaluation = evaluateOver(invitationLinkHygiene, history(...happenings), {
      asOf: '2025-09-12T00:00:00Z',
    });
    expect(statesOf(evaluation, 'ends-with-target')).toEqual(states);
  });

  it('given a live link of an archived group, then the finding is about the link', () => {
    const events = history(created(), archived(ARCHIVED));
    const evaluation = evaluateOver(invitationLinkHygiene, events, { asOf: '2025-09-12T00:00:00Z' });
    expect(findingOf(evaluation, 'ends-with-target')).toMatchObject({ subject: LINK, since: ARCHIVED });
  });
});
