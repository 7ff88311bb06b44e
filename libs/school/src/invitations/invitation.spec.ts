import { chat, ChatClosed, ChatRegistered } from '../chats/chat';
import { GuardianRecorded, MemberMovementRecorded, membership } from '../membership/membership';
import { ConsentGiven, ConsentWithdrawn, personalData } from '../personal-data/personal-data';
import { ClassTeacherAssigned, GroupArchived, GroupCreated, structure } from '../structure/structure';
import { given, idOf, known, NOW, ORGANIZATION } from '../testing';
import {
  invitation,
  InvitationLinkCreated,
  InvitationLinkExpired,
  InvitationLinkRevoked,
  InvitationLinkSent,
  InvitationLinkUsed,
  ISSUERS,
  joinByLink,
} from './invitation';

const linkId = idOf('link');
const groupId = idOf('5A');
const chatId = idOf('chat of parents');
const personId = idOf('Anna');
const administrator = { id: idOf('Boris'), role: 'platform_admin' };
const curator = { id: idOf('Vera'), role: 'curator' };
const EXPIRES = '2025-12-01T00:00:00.000Z';

const created = GroupCreated.of({ groupId, kind: 'class', title: '5А' });
const group = known(structure, ORGANIZATION, [created]);
const registered = ChatRegistered.of({
  chatId,
  kind: 'class_parents',
  title: '5А — родители',
  ownerId: curator.id,
});

const terms = {
  linkId,
  targetKind: 'group' as const,
  targetId: groupId,
  platformRole: 'teacher' as const,
  maxUses: 30,
  urlHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
};
const create = { ...terms, expiresAt: '2025-12-01T05:00:00+05:00' };
const link = InvitationLinkCreated.of({
  ...terms,
  expiresAt: EXPIRES,
  issuer: { personId: administrator.id, role: administrator.role },
});
const used = InvitationLinkUsed.of({
  linkId,
  personId,
  at: NOW,
  targetKind: 'group',
  targetId: groupId,
  platformRole: 'teacher',
});
const revoked = InvitationLinkRevoked.of({ linkId, reason: 'leaked', by: administrator.id });
const expired = InvitationLinkExpired.of({ linkId, at: EXPIRES });

describe('CreateInvitationLink', () => {
  const by = { actor: administrator };

  it('given a live group, when the administrator invites teachers, then the issuer and the end are recorded', () => {
    given(invitation, [], [group]).when('CreateInvitationLink', create, by).then([link]);
  });

  it('given the link, when the same is created again, then nothing is recorded', () => {
    given(invitation, [link], [group]).when('CreateInvitationLink', create, by).thenNothing();
  });

  it.each([
    ['other terms', { maxUses: 31 }, administrator],
    ['another issuer', {}, { ...administrator, id: idOf('Anna') }],
  ])('given the link, when it is created again with %s, then 3.1.6a refuses', (_what, other, actor) => {
    given(invitation, [link], [group])
      .when('CreateInvitationLink', { ...create, ...other }, { actor })
      .thenRefused('3.1.6a', 'created-once');
  });

  it.each([
    ['curator', 'teacher', '3.3.1'],
    ['teacher', 'student', '3.5.1'],
    ['platform_admin', 'parent', '3.6.1'],
  ])('given a %s, when they invite a %s, then %s refuses', (role, platformRole, clause) => {
    given(invitation, [], [group])
      .when('CreateInvitationLink', { ...create, platformRole }, { actor: { ...administrator, role } })
      .thenRefused(clause, 'allowed-issuer');
  });

  it('given a live group, when parents are invited into it, then 3.1.6a refuses', () => {
    given(invitation, [], [group])
      .when('CreateInvitationLink', { ...create, platformRole: 'parent' }, { actor: curator })
      .thenRefused('3.1.6a', 'role-of-target');
  });

  it.each([NOW, '2025-11-01T00:00:00Z'])(
    'given the end is %s, when it is created, then 3.1.6a refuses',
    (end) => {
      given(invitation, [], [group])
        .when('CreateInvitationLink', { ...create, expiresAt: end }, by)
        .thenRefused('3.1.6a', 'expiry-ahead');
    },
  );

  it.each([
    ['a group that is unknown', {}, []],
    [
      'a group that is archived',
      {},
      [known(structure, ORGANIZATION, [created, GroupArchived.of({ groupId, reason: 'Выпуск' })])],
    ],
    ['another community', { targetKind: 'community', targetId: idOf('another school') }, []],
    ['a chat that is not registered', { targetKind: 'chat', targetId: chatId }, []],
    [
      'a chat that is closed',
      { targetKind: 'chat', targetId: chatId },
      [known(chat, chatId, [registered, ChatClosed.of({ chatId, reason: 'Выпуск', at: NOW })])],
    ],
  ])('given %s, when a link to it is created, then 3.1.6a refuses', (_what, target, others) => {
    given(invitation, [], others)
      .when('CreateInvitationLink', { ...create, ...target }, by)
      .thenRefused('3.1.6a', 'live-target');
  });

  it('given a registered chat, when a curator invites parents into it, then it is recorded', () => {
    const toChat = { targetKind: 'chat' as const, targetId: chatId, platformRole: 'parent' as const };
    given(invitation, [], [known(chat, chatId, [registered])])
      .when('CreateInvitationLink', { ...create, ...toChat }, { actor: curator })
      .then([
        InvitationLinkCreated.of({
          ...link.data,
          ...toChat,
          issuer: { personId: curator.id, role: 'curator' },
        }),
      ]);
  });

  describe('for pupils', () => {
    const assigned = ClassTeacherAssigned.of({ groupId, personId: curator.id, orderRef: '№ 326' });
    const led = known(structure, ORGANIZATION, [created, assigned]);
    const pupilsChat = (more: { kind?: 'subject' | 'other'; groupId?: string }) =>
      known(chat, chatId, [
        ChatRegistered.of({ ...registered.data, kind: 'class_students', groupId, ...more }),
      ]);
    const toGroup = { ...create, platformRole: 'student' as const };
    const toChat = { ...toGroup, targetKind: 'chat' as const, targetId: chatId };
    const issued = (actor: typeof curator, target: object) =>
      InvitationLinkCreated.of({
        ...link.data,
        platformRole: 'student',
        ...target,
        issuer: { personId: actor.id, role: actor.role },
      });
    const chatTarget = { targetKind: 'chat' as const, targetId: chatId };

    it.each([
      ['of their class', pupilsChat({}), curator],
      ['of a subject of their class', pupilsChat({ kind: 'subject' }), curator],
      ['that they own and no class has', pupilsChat({ kind: 'other', groupId: undefined }), curator],
    ])('given the curator, when they invite into a chat %s, then it is recorded', (_what, place, actor) => {
      given(invitation, [], [led, place])
        .when('CreateInvitationLink', toChat, { actor })
        .then([issued(actor, chatTarget)]);
    });

    it.each([
      ['the administrator', administrator, led],
      ['the curator of another class', { ...curator, id: idOf('Anna') }, led],
      ['the owner of a class that has no class teacher', curator, group],
    ])(
      'given %s, when they invite into the chat of the class, then 3.5.1 refuses',
      (_who, actor, classes) => {
        given(invitation, [], [classes, pupilsChat({})])
          .when('CreateInvitationLink', toChat, { actor })
          .thenRefused('3.5.1', 'issuer-is-curator');
      },
    );

    it.each([administrator, curator])(
      'given a group, when its curator or the administrator invites into it, then it is recorded (%s)',
      (actor) => {
        given(invitation, [], [led])
          .when('CreateInvitationLink', toGroup, { actor })
          .then([issued(actor, {})]);
      },
    );

    it('given a group, when another curator invites into it, then 3.5.1 refuses', () => {
      given(invitation, [], [led])
        .when('CreateInvitationLink', toGroup, { actor: { ...curator, id: idOf('Anna') } })
        .thenRefused('3.5.1', 'issuer-is-curator');
    });
  });

  it.each([
    ['class_parents', 'student', curator, '3.3.3b'],
    ['class_students', 'parent', curator, '3.3.3a'],
    ['subject', 'parent', curator, '3.4.3a'],
    ['head_teachers', 'parent', curator, '3.2.4b'],
  ] as const)(
    'given a chat %s, when a %s is invited into it, then its clause refuses',
    (kind, platformRole, actor, clause) => {
      given(invitation, [], [group, known(chat, chatId, [ChatRegistered.of({ ...registered.data, kind })])])
        .when(
          'CreateInvitationLink',
          { ...create, targetKind: 'chat', targetId: chatId, platformRole },
          { actor },
        )
        .thenRefused(clause, 'role-of-target');
    },
  );

  it('given the community, when the administrator invites teachers into it, then it is recorded', () => {
    const toCommunity = { targetKind: 'community' as const, targetId: ORGANIZATION };
    given(invitation)
      .when('CreateInvitationLink', { ...create, ...toCommunity }, by)
      .then([InvitationLinkCreated.of({ ...link.data, ...toCommunity })]);
  });

  it('given the roles of the platform, then these may invite into each', () => {
    expect(ISSUERS).toEqual({
      teacher: ['platform_admin'],
      student: ['platform_admin', 'curator'],
      parent: ['teacher', 'curator', 'director', 'deputy'],
    });
  });
});

describe('SendInvitationLink', () => {
  const sending = { linkId, recipientIds: [personId], channel: 'e_diary' };
  const movement = (kind: 'hired' | 'enrolled' | 'dismissed') =>
    MemberMovementRecorded.of({ personId, kind, orderRef: kind, effectiveAt: NOW });

  it('given the roster holds the recipient in the role of the link, when it is sent, then to whom is recorded', () => {
    given(invitation, [link], [known(membership, personId, [movement('hired')])])
      .when('SendInvitationLink', sending)
      .then([InvitationLinkSent.of(sending)]);
  });

  it.each([
    ['nobody knows the recipient', []],
    ['the recipient is a pupil', [movement('enrolled')]],
    ['the recipient was dismissed', [movement('hired'), movement('dismissed')]],
  ])('given %s, when a link for teachers is sent, then 3.1.6a refuses', (_what, events) => {
    given(invitation, [link], [known(membership, personId, events)])
      .when('SendInvitationLink', sending)
      .thenRefused('3.1.6a', 'recipient-in-roster');
  });

  describe('for pupils', () => {
    const pupils = InvitationLinkCreated.of({ ...link.data, platformRole: 'student' });
    const pupil = known(membership, personId, [movement('enrolled')]);
    const consent = ConsentGiven.of({
      personId: idOf('mother'),
      onBehalfOf: personId,
      purpose: 'platform_use',
      documentRef: 'Согласие № 14',
      at: NOW,
    });
    const withdrawn = ConsentWithdrawn.of({
      personId: idOf('mother'),
      onBehalfOf: personId,
      purpose: 'platform_use',
      receivedAt: '2025-11-18T08:00:00.000Z',
    });

    it('given consent, when the link is sent, then to whom is recorded', () => {
      given(invitation, [pupils], [pupil, known(personalData, personId, [consent])])
        .when('SendInvitationLink', sending)
        .then([InvitationLinkSent.of(sending)]);
    });

    it.each([
      ['no consent', []],
      ['a consent that was withdrawn', [consent, withdrawn]],
    ])('given %s, when the link is sent, then 3.1.6a refuses', (_what, events) => {
      given(invitation, [pupils], [pupil, known(personalData, personId, events)])
        .when('SendInvitationLink', sending)
        .thenRefused('3.1.6a', 'consent-given');
    });
  });

  it('given a link for parents, when it is sent to the mother of a pupil, then to whom is recorded', () => {
    const guardian = GuardianRecorded.of({ personId, childId: idOf('child'), relation: 'mother', at: NOW });
    const parents = InvitationLinkCreated.of({ ...link.data, platformRole: 'parent' });
    given(invitation, [parents], [known(membership, personId, [guardian])])
      .when('SendInvitationLink', sending)
      .then([InvitationLinkSent.of(sending)]);
  });

  it.each([
    ['was not created', []],
    ['was revoked', [link, revoked]],
    ['has expired', [link, expired]],
  ])('given the link %s, when it is sent, then 3.1.6a refuses', (_what, events) => {
    given(invitation, events, [known(membership, personId, [movement('hired')])])
      .when('SendInvitationLink', sending)
      .thenRefused('3.1.6a', 'live-link');
  });
});

describe('AcceptInvitation', () => {
  const accept = { linkId, personId };

  it('given a live link, when somebody comes in by it, then what it leads to is recorded with it', () => {
    given(invitation, [link]).when('AcceptInvitation', accept).then([used]);
  });

  it.each([
    ['revoked', [link, revoked]],
    ['expired', [link, expired]],
  ])(
    'given the link is %s, when somebody comes in by it, then it is recorded all the same',
    (_what, events) => {
      given(invitation, events).when('AcceptInvitation', accept).then([used]);
    },
  );

  it('given a link that is not on record, when somebody comes in by it, then the observed role is recorded', () => {
    given(invitation)
      .when('AcceptInvitation', { ...accept, platformRole: 'parent' })
      .then([InvitationLinkUsed.of({ linkId, personId, at: NOW, platformRole: 'parent' })]);
  });

  it('given they came in at that instant, when it is entered again, then nothing is recorded', () => {
    given(invitation, [link, used]).when('AcceptInvitation', accept).thenNothing();
  });

  it('given they came in, when they come in at another time, then it is recorded', () => {
    const at = '2025-11-18T08:00:00.000Z';
    given(invitation, [link, used])
      .when('AcceptInvitation', accept, { occurredAt: at })
      .then([InvitationLinkUsed.of({ ...used.data, at })]);
  });
});

describe('RevokeInvitationLink', () => {
  const revocation = { linkId, reason: 'leaked' };

  it('given a live link, when it is revoked, then why and by whom are recorded', () => {
    given(invitation, [link])
      .when('RevokeInvitationLink', revocation, { actor: administrator })
      .then([revoked]);
  });

  it.each([
    ['was not created', []],
    ['has expired', [link, expired]],
  ])('given the link %s, when it is revoked, then 3.1.10 refuses', (_what, events) => {
    given(invitation, events).when('RevokeInvitationLink', revocation).thenRefused('3.1.10', 'live-link');
  });

  it('given it is revoked, when it is revoked again, then nothing is recorded', () => {
    given(invitation, [link, revoked]).when('RevokeInvitationLink', revocation).thenNothing();
  });

  it('given it is revoked, when it is revoked for another reason, then 3.1.10 refuses', () => {
    given(invitation, [link, revoked])
      .when('RevokeInvitationLink', { ...revocation, reason: 'manual' })
      .thenRefused('3.1.10', 'live-link');
  });
});

describe('ExpireInvitationLink', () => {
  it('given its time is over, when Letopis says so, then the end that was set is recorded', () => {
    given(invitation, [link])
      .when('ExpireInvitationLink', { linkId }, { recordedAt: EXPIRES })
      .then([expired]);
  });

  it.each([
    ['its time is not over', [link], NOW],
    ['it was not created', [], EXPIRES],
    ['it was revoked', [link, revoked], EXPIRES],
    ['it has expired', [link, expired], EXPIRES],
  ])('given %s, when Letopis looks, then nothing is recorded', (_what, events, recordedAt) => {
    given(invitation, events).when('ExpireInvitationLink', { linkId }, { recordedAt }).thenNothing();
  });
});

describe('whoever comes in by a link', () => {
  const follow = (data: Partial<typeof used.data>) =>
    joinByLink.follow({ data: { ...used.data, ...data }, occurredAt: NOW });
  const joining = { personId, platformRole: 'teacher', via: 'link', viaId: linkId };

  it('given it leads to a group, then they have joined the community and the group', () => {
    expect(follow({})).toEqual([{ command: 'RecordMemberJoined', payload: { ...joining, groupId } }]);
  });

  it.each([
    ['to the community', { targetKind: 'community' as const, targetId: ORGANIZATION }],
    ['nobody knows where', { targetKind: undefined, targetId: undefined }],
  ])('given it leads %s, then they have joined the community', (_where, target) => {
    expect(follow(target)).toEqual([{ command: 'RecordMemberJoined', payload: joining }]);
  });

  it('given it leads to a chat, then they are in the chat', () => {
    expect(follow({ targetKind: 'chat', targetId: chatId })).toEqual([
      {
        command: 'RecordChatMemberAdded',
        payload: { chatId, personId, platformRole: 'teacher', via: 'link', linkId },
      },
    ]);
  });

  it('given nobody knows the role, then nothing follows', () => {
    expect(follow({ platformRole: undefined })).toEqual([]);
  });
});
