import {
  defineProjection,
  defineTable,
  nullable,
  on,
  type ProjectedEvent,
  typed,
} from '@letopis/projections';
import { JoinRequestApproved, JoinRequestRejected, JoinRequestSubmitted } from '@letopis/school';
import { type Sealed } from './sealed';

export type JoinDecision = 'pending' | 'approved' | 'rejected';

const joinRequests = defineTable({
  name: 'join_requests',
  columns: {
    request_id: 'uuid',
    position: 'bigint',
    /** When it was submitted first: the term runs from then. */
    submitted_at: 'timestamptz',
    /** When what is claimed was claimed. */
    claimed_at: 'timestamptz',
    full_name: nullable(typed<Sealed>('jsonb')),
    platform_role: 'text',
    group_id: 'uuid?',
    decision: typed<JoinDecision>('text'),
    roster_match: 'text?',
    reason: 'text?',
    decided_by: 'uuid?',
    decided_at: 'timestamptz?',
  },
  key: ['request_id'],
  indexes: [['organization_id', 'position']],
});

type Submitted = ReturnType<typeof JoinRequestSubmitted.of>['data'];

/** The name that is claimed; it stands deeper than `sealedOf` looks. */
function claimedName({ id, type, data: { claimantId, personClaim } }: ProjectedEvent<Submitted>): Sealed {
  return {
    eventId: id,
    type,
    field: 'personClaim/fullName',
    data: { claimantId, personClaim: { fullName: personClaim.fullName } },
  };
}

const ofRequest = {
  reads: ({ data }: { readonly data: { readonly requestId: string } }) => [
    joinRequests.at({ request_id: data.requestId }),
  ],
};

/** Requests to join: what was claimed last, and what was decided. */
export const joinRequestsProjection = defineProjection({
  name: 'join-requests',
  version: 1,
  tables: [joinRequests],
  on: [
    on(JoinRequestSubmitted, {
      ...ofRequest,
      apply: (rows, event) => {
        const { requestId, personClaim, at } = event.data;
        const before = rows.get(joinRequests, { request_id: requestId });
        const request = {
          request_id: requestId,
          position: event.position,
          submitted_at: at,
          claimed_at: at,
          full_name: claimedName(event),
          platform_role: personClaim.role,
          group_id: personClaim.groupId ?? null,
          decision: 'pending' as const,
        };
        if (before === undefined) {
          rows.put(joinRequests, request);
          return;
        }
        const { position, submitted_at, decision } = before;
        const first = at < submitted_at ? at : submitted_at;
        rows.put(
          joinRequests,
          at < before.claimed_at
            ? { ...before, submitted_at: first }
            : { ...before, ...request, position, decision, submitted_at: first },
        );
      },
    }),
    on(JoinRequestApproved, {
      ...ofRequest,
      apply: (rows, { data: { requestId, rosterMatch, reason, by, at } }) => {
        rows.change(joinRequests, { request_id: requestId }, (row) => ({
          ...row,
          decision: 'approved' as const,
          roster_match: rosterMatch,
          reason: reason ?? null,
          decided_by: by,
          decided_at: at,
        }));
      },
    }),
    on(JoinRequestRejected, {
      ...ofRequest,
      apply: (rows, { data: { requestId, reason, by }, occurredAt }) => {
        rows.change(joinRequests, { request_id: requestId }, (row) => ({
          ...row,
          decision: 'rejected' as const,
          reason,
          decided_by: by,
          decided_at: occurredAt,
        }));
      },
    }),
  ],
});
