import { GuardianRecorded, MemberMovementRecorded, membership } from '../membership/membership';
import { given, idOf, known, NOW, pseudonymOf } from '../testing';
import {
  joinByRequest,
  joinRequest,
  JoinRequestApproved,
  JoinRequestRejected,
  JoinRequestSubmitted,
} from './join-request';

const requestId = idOf('request');
const groupId = idOf('5A');
const personId = idOf('Gleb');
const claimantId = pseudonymOf('claimant', requestId);
const administrator = { id: idOf('Anna'), role: 'platform_admin' };
const LATER = '2025-11-18T08:00:00.000Z';

const personClaim = { fullName: 'Белов Глеб Ильич', role: 'student' as const, groupId };
const submission = { requestId, personClaim };
const submitted = JoinRequestSubmitted.of({
  requestId,
  claimantId,
  personClaim: { ...personClaim, fullNameHash: pseudonymOf('full-name', personClaim.fullName) },
  at: NOW,
});
const exact = { requestId, personId, rosterMatch: 'exact' as const };
const approved = JoinRequestApproved.of({
  ...exact,
  platformRole: 'student',
  groupId,
  by: administrator.id,
  at: NOW,
});
const manual = { requestId, rosterMatch: 'manual' as const, reason: 'Приказ о зачислении готовится' };
const approvedByHand = JoinRequestApproved.of({ ...approved.data, ...manual, personId: claimantId });
const rejection = { requestId, reason: 'Нет в списке обучающихся' };
const rejected = JoinRequestRejected.of({ ...rejection, by: administrator.id });

const moved = (kind: 'enrolled' | 'hired' | 'departed', effectiveAt = NOW) =>
  MemberMovementRecorded.of({ personId, kind, orderRef: '№ 41-у', effectiveAt });
const pupil = known(membership, personId, [moved('enrolled')]);
const by = { actor: administrator };

describe('SubmitJoinRequest', () => {
  it('given nothing, when somebody asks to join, then the claim is recorded under an id derived for them', () => {
    given(joinRequest).when('SubmitJoinRequest', submission).then([submitted]);
  });

  it('given the school has an id for them, when they ask to join, then it is recorded under that id', () => {
    given(joinRequest)
      .when('SubmitJoinRequest', { ...submission, claimantId: personId })
      .then([JoinRequestSubmitted.of({ ...submitted.data, claimantId: personId })]);
  });

  it('given the request, when it is entered again, then nothing is recorded', () => {
    given(joinRequest, [submitted]).when('SubmitJoinRequest', submission).thenNothing();
  });

  it('given the request, when it claims something else, then it is recorded', () => {
    const other = { ...personClaim, fullName: 'Белов Егор Ильич' };
    given(joinRequest, [submitted])
      .when('SubmitJoinRequest', { requestId, personClaim: other })
      .then([
        JoinRequestSubmitted.of({
          ...submitted.data,
          personClaim: { ...other, fullNameHash: pseudonymOf('full-name', other.fullName) },
        }),
      ]);
  });

  it('given it was decided, when it comes once more, then it is recorded', () => {
    given(joinRequest, [submitted, rejected])
      .when('SubmitJoinRequest', submission, { occurredAt: LATER })
      .then([JoinRequestSubmitted.of({ ...submitted.data, at: LATER })]);
  });
});

describe('ApproveJoinRequest', () => {
  it('given the roster holds the person, when the match is exact, then role, group and by whom are recorded', () => {
    given(joinRequest, [submitted], [pupil]).when('ApproveJoinRequest', exact, by).then([approved]);
  });

  it.each([
    ['nobody knows the person', []],
    ['the person is of the staff', [moved('hired')]],
    ['the person departed', [moved('enrolled'), moved('departed')]],
  ])('given %s, when the match is exact, then 3.1.8 refuses', (_what, events) => {
    given(joinRequest, [submitted], [known(membership, personId, events)])
      .when('ApproveJoinRequest', exact, by)
      .thenRefused('3.1.8', 'roster-match');
  });

  it('given a parent of a child, when the match is exact, then it is recorded', () => {
    const parent = GuardianRecorded.of({ personId, childId: idOf('Vera'), relation: 'father', at: NOW });
    const asParent = JoinRequestSubmitted.of({
      ...submitted.data,
      personClaim: { ...submitted.data.personClaim, role: 'parent' },
    });
    given(joinRequest, [asParent], [known(membership, personId, [parent])])
      .when('ApproveJoinRequest', exact, by)
      .then([JoinRequestApproved.of({ ...approved.data, platformRole: 'parent' })]);
  });

  it('when an exact match names nobody, then it is malformed', () => {
    given(joinRequest, [submitted])
      .when('ApproveJoinRequest', { requestId, rosterMatch: 'exact' }, by)
      .thenInvalid('/payload/personId');
  });

  it('given nobody matches, when a reason is written, then the claimant is let in', () => {
    given(joinRequest, [submitted]).when('ApproveJoinRequest', manual, by).then([approvedByHand]);
  });

  it('given nobody matches, when no reason is written, then 3.1.8 refuses', () => {
    given(joinRequest, [submitted])
      .when('ApproveJoinRequest', { requestId, rosterMatch: 'manual' }, by)
      .thenRefused('3.1.8', 'written-reason');
  });

  it('given no request, when it is approved, then 3.1.8 refuses', () => {
    given(joinRequest, [], [pupil]).when('ApproveJoinRequest', exact, by).thenRefused('3.1.8', 'pending');
  });

  it.each([
    ['rejected', rejected],
    ['approved otherwise', approvedByHand],
  ])('given it was %s, when it is approved, then 3.1.8 refuses', (_what, decision) => {
    given(joinRequest, [submitted, decision], [pupil])
      .when('ApproveJoinRequest', exact, by)
      .thenRefused('3.1.8', 'decided-once');
  });

  it.each([
    ['exact', approved, exact],
    ['by hand', approvedByHand, manual],
  ])(
    'given it was approved %s, when it is approved so again, then nothing is recorded',
    (_how, decision, again) => {
      given(joinRequest, [submitted, decision], [pupil]).when('ApproveJoinRequest', again, by).thenNothing();
    },
  );
});

describe('RejectJoinRequest', () => {
  it('given a request, when it is refused, then why and by whom are recorded', () => {
    given(joinRequest, [submitted]).when('RejectJoinRequest', rejection, by).then([rejected]);
  });

  it('given no request, when it is refused, then 3.1.8 refuses', () => {
    given(joinRequest).when('RejectJoinRequest', rejection, by).thenRefused('3.1.8', 'pending');
  });

  it.each([
    ['approved', approved],
    ['refused for another reason', JoinRequestRejected.of({ ...rejected.data, reason: 'Дубль' })],
  ])('given it was %s, when it is refused, then 3.1.8 refuses', (_what, decision) => {
    given(joinRequest, [submitted, decision])
      .when('RejectJoinRequest', rejection, by)
      .thenRefused('3.1.8', 'decided-once');
  });

  it('given it was refused, when it is refused again, then nothing is recorded', () => {
    given(joinRequest, [submitted, rejected]).when('RejectJoinRequest', rejection, by).thenNothing();
  });
});

describe('whose request was approved', () => {
  it('has joined in the role and the group of the request', () => {
    expect(joinByRequest.follow({ data: approved.data, occurredAt: NOW })).toEqual([
      {
        command: 'RecordMemberJoined',
        payload: { personId, platformRole: 'student', via: 'request', viaId: requestId, groupId },
      },
    ]);
  });

  it('has joined the community where the request names no group', () => {
    expect(joinByRequest.follow({ data: { ...approved.data, groupId: undefined }, occurredAt: NOW })).toEqual(
      [
        {
          command: 'RecordMemberJoined',
          payload: { personId, platformRole: 'student', via: 'request', viaId: requestId },
        },
      ],
    );
  });
});
