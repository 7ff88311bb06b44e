import { Type } from '@sinclair/typebox';
import {
  type Concept,
  defineCommand,
  definePolicy,
  LetopisError,
  readState,
  ruleViolated,
} from '@letopis/kernel';
import { contentOf } from '../content';
import { At, defineEvent, type EventsOf, Id, OneOf, Personal, PersonId, Text } from '../events';
import * as field from '../fields';
import { isInRoster, membership, PLATFORM_ROLES, type PlatformRole } from '../membership/membership';

const MATCHES = ['exact', 'manual'] as const;

export const JoinRequestSubmitted = defineEvent({
  type: 'JoinRequestSubmitted',
  titleRu: 'Подана заявка на вступление',
  clauses: ['3.1.8'],
  data: {
    requestId: Id(),
    claimantId: PersonId(),
    personClaim: Type.Object({
      fullName: Personal(Text(200), '/claimantId'),
      /** Keyed digest of `fullName`, by which it is compared. */
      fullNameHash: Id(),
      role: OneOf(PLATFORM_ROLES),
      groupId: Type.Optional(Id()),
    }),
    at: At(),
  },
});

export const JoinRequestApproved = defineEvent({
  type: 'JoinRequestApproved',
  titleRu: 'Заявка на вступление принята',
  clauses: ['3.1.8'],
  data: {
    requestId: Id(),
    /** The person of the roster whom the claimant was found to be; otherwise the claimant. */
    personId: PersonId(),
    platformRole: OneOf(PLATFORM_ROLES),
    groupId: Type.Optional(Id()),
    rosterMatch: OneOf(MATCHES),
    reason: Type.Optional(Text()),
    by: PersonId(),
    at: At(),
  },
});

export const JoinRequestRejected = defineEvent({
  type: 'JoinRequestRejected',
  titleRu: 'Заявка на вступление отклонена',
  clauses: ['3.1.8'],
  data: { requestId: Id(), by: PersonId(), reason: Text() },
});

const events = [JoinRequestSubmitted, JoinRequestApproved, JoinRequestRejected] as const;
export type JoinRequestEvent = EventsOf<typeof events>;

export interface JoinRequest {
  readonly status: 'unknown' | 'pending' | 'approved' | 'rejected';
  /** What was claimed last. */
  readonly claim?: {
    readonly claimantId: string;
    readonly role: PlatformRole;
    readonly groupId?: string;
  };
  /** What was submitted, comparable. */
  readonly submissions: readonly string[];
  /** What was decided, comparable. */
  readonly decision?: string;
}

export const joinRequest: Concept<JoinRequest, JoinRequestEvent> = {
  name: 'joinrequest',
  titleRu: 'Заявка на вступление',
  events,
  initial: { status: 'unknown', submissions: [] },
  evolve: (state, { type, data }) => {
    switch (type) {
      case 'JoinRequestSubmitted': {
        const { claimantId, personClaim } = data;
        const { role, groupId } = personClaim;
        return {
          ...state,
          // What comes after the decision does not undo it.
          status: state.status === 'unknown' ? 'pending' : state.status,
          claim: { claimantId, role, groupId },
          submissions: [...state.submissions, submissionOf(data)],
        };
      }
      case 'JoinRequestApproved':
        return { ...state, status: 'approved', decision: decisionOf(data) };
      case 'JoinRequestRejected':
        return { ...state, status: 'rejected', decision: decisionOf(data) };
    }
  },
};

function submissionOf({
  claimantId,
  personClaim: { fullNameHash, role, groupId },
  at,
}: {
  claimantId: string;
  personClaim: { fullNameHash: string; role: string; groupId?: string };
  at: string;
}): string {
  return contentOf({ claimantId, fullNameHash, role, groupId, at });
}

/** A decision without who took it and when: an approval names a match, a rejection does not. */
function decisionOf({
  personId,
  rosterMatch,
  reason,
}: {
  personId?: string;
  rosterMatch?: string;
  reason?: string;
}): string {
  return contentOf({ personId, rosterMatch, reason });
}

class PersonClaim {
  @field.Text('Surname, name and patronymic, as the claimant gives them') fullName!: string;
  @field.OneOf(PLATFORM_ROLES, 'Role that the claimant asks for') role!: PlatformRole;
  @field.Id('Group that the claimant names', { optional: true }) groupId?: string;
}

export class SubmitJoinRequest {
  @field.Id('The request; assigned when absent', { optional: true }) requestId!: string;
  @field.PersonId(
    'The claimant, if the school already has an id for them; derived from the request when absent',
    {
      optional: true,
    },
  )
  claimantId?: string;
  @field.Nested(PersonClaim, 'Who the claimant says they are') personClaim!: PersonClaim;
}

export class ApproveJoinRequest {
  @field.Id('The request') requestId!: string;
  @field.PersonId('The person of the roster whom the claimant was found to be', { optional: true })
  personId?: string;
  @field.OneOf(MATCHES, 'Whether the roster holds exactly this person, or somebody judged by hand')
  rosterMatch!: (typeof MATCHES)[number];
  @field.Text('Why, for a match by hand', { max: 2_000, optional: true }) reason?: string;
}

export class RejectJoinRequest {
  @field.Id('The request') requestId!: string;
  @field.Text('Why', { max: 2_000 }) reason!: string;
}

const REQUEST = '9f2c3d4e-5a6b-4c7d-8e9f-1b2c3d4e5f09';
const PUPIL = '3d9a8b6e-2c73-4e8b-8d5e-2f0a7b8c9d07';
const GROUP = '5a1c9e7e-3c47-4f55-8a0b-2d9d1f6e7c03';

function decidedOnce(): LetopisError {
  return ruleViolated('3.1.8', 'decided-once', 'По этой заявке уже принято другое решение');
}

function notPending(): LetopisError {
  return ruleViolated('3.1.8', 'pending', 'Такой заявки нет: сначала внесите её (SubmitJoinRequest)');
}

export const joinRequestCommands = [
  defineCommand({
    name: 'SubmitJoinRequest',
    titleRu: 'Внести заявку на вступление',
    about: 'Somebody asked to join the community.',
    kind: 'fact',
    clauses: ['3.1.8'],
    actors: ['platform_admin'],
    concept: joinRequest,
    payload: SubmitJoinRequest,
    assigns: 'requestId',
    example: {
      requestId: REQUEST,
      personClaim: { fullName: 'Белов Глеб Ильич', role: 'student', groupId: GROUP },
    },
    id: ({ requestId }) => requestId,
    decide: (state, command) => {
      const { requestId, personClaim, claimantId } = command.payload;
      const submitted = JoinRequestSubmitted.of({
        requestId,
        claimantId: claimantId ?? command.pseudonym('claimant', requestId),
        personClaim: { ...personClaim, fullNameHash: command.pseudonym('full-name', personClaim.fullName) },
        at: command.occurredAt,
      });
      return state.submissions.includes(submissionOf(submitted.data)) ? [] : [submitted];
    },
  }),
  defineCommand({
    name: 'ApproveJoinRequest',
    titleRu: 'Принять заявку на вступление',
    about: 'The administrator lets a claimant in whom the roster holds, or gives a written reason.',
    kind: 'decision',
    clauses: ['3.1.8'],
    actors: ['platform_admin'],
    concept: joinRequest,
    payload: ApproveJoinRequest,
    example: { requestId: REQUEST, personId: PUPIL, rosterMatch: 'exact' },
    id: ({ requestId }) => requestId,
    // Where nobody was matched, the stream of a person with the request's id is empty.
    reads: ({ requestId, personId = requestId }) => ({ person: readState(membership, personId) }),
    decide: ({ status, claim, decision }, { payload, actor, occurredAt }, { person }) => {
      const { requestId, rosterMatch, reason } = payload;
      if (rosterMatch === 'exact' && payload.personId === undefined) {
        throw new LetopisError('invalid', 'An exact match names the person', {
          fields: [{ path: '/payload/personId', message: 'personId must be given for an exact match' }],
        });
      }
      if (claim === undefined) throw notPending();
      const personId = payload.personId ?? claim.claimantId;
      if (status !== 'pending') {
        if (status === 'approved' && decision === decisionOf({ personId, rosterMatch, reason })) return [];
        throw decidedOnce();
      }
      if (rosterMatch === 'exact' && !isInRoster(person, claim.role)) {
        throw ruleViolated(
          '3.1.8',
          'roster-match',
          'В списке школы этого человека нет в такой роли: сверьте заявку ещё раз или обоснуйте решение письменно (rosterMatch: manual)',
        );
      }
      if (rosterMatch === 'manual' && reason === undefined) {
        throw ruleViolated(
          '3.1.8',
          'written-reason',
          'Без точного совпадения со списком решение обосновывают письменно: укажите причину',
        );
      }
      return [
        JoinRequestApproved.of({
          requestId,
          personId,
          platformRole: claim.role,
          groupId: claim.groupId,
          rosterMatch,
          reason,
          by: actor.id,
          at: occurredAt,
        }),
      ];
    },
  }),
  defineCommand({
    name: 'RejectJoinRequest',
    titleRu: 'Отклонить заявку на вступление',
    about: 'The administrator refuses a request, with a reason.',
    kind: 'decision',
    clauses: ['3.1.8'],
    actors: ['platform_admin'],
    concept: joinRequest,
    payload: RejectJoinRequest,
    example: { requestId: REQUEST, reason: 'Нет в списке обучающихся' },
    id: ({ requestId }) => requestId,
    decide: ({ status, decision }, { payload, actor }) => {
      switch (status) {
        case 'unknown':
          throw notPending();
        case 'pending':
          return [JoinRequestRejected.of({ ...payload, by: actor.id })];
        case 'rejected':
          if (decision === decisionOf({ reason: payload.reason })) return [];
          throw decidedOnce();
        case 'approved':
          throw decidedOnce();
      }
    },
  }),
];

/** Whose request was approved has joined, in the role and the group that the request names. */
export const joinByRequest = definePolicy({
  name: 'join-by-request',
  on: JoinRequestApproved,
  follow: ({ data: { requestId, personId, platformRole, groupId } }) => [
    {
      command: 'RecordMemberJoined',
      payload: {
        personId,
        platformRole,
        via: 'request',
        viaId: requestId,
        ...(groupId !== undefined && { groupId }),
      },
    },
  ],
});
