import { defineProjection, defineTable, on, type Rows } from '@letopis/projections';
import {
  MemberJoined,
  MemberMovementRecorded,
  MemberRemoved,
  MemberRoleChanged,
  PLATFORM_ROLES,
  RoleVerified,
} from '@letopis/school';

/** Who is in the community in which role. Facts come in any order: the later to happen counts. */
const communityRoles = defineTable({
  name: 'community_roles',
  columns: { person_id: 'uuid', platform_role: 'text', present: 'boolean', moved_at: 'timestamptz' },
  key: ['person_id', 'platform_role'],
});

/** Whose status of a teacher is confirmed. Who is dismissed and comes back is verified anew. */
const teacherStatuses = defineTable({
  name: 'teacher_statuses',
  columns: {
    person_id: 'uuid',
    hired_at: 'timestamptz?',
    verified: 'boolean',
    /** From when the employment holds that the confirmation was about. */
    verified_hired_at: 'timestamptz?',
  },
  key: ['person_id'],
});

function moved(
  rows: Rows,
  key: { readonly person_id: string; readonly platform_role: string },
  at: string,
  present: boolean,
): void {
  const before = rows.get(communityRoles, key);
  if (before !== undefined && at < before.moved_at) return;
  rows.put(communityRoles, { ...key, present, moved_at: at });
}

const statusAt = (personId: string) => teacherStatuses.at({ person_id: personId });

function statusIn(rows: Rows, personId: string): NonNullable<(typeof teacherStatuses)['shape']>['row'] {
  return (
    rows.get(teacherStatuses, { person_id: personId }) ?? {
      person_id: personId,
      hired_at: null,
      verified: false,
      verified_hired_at: null,
    }
  );
}

/** Who takes part in which role, and whose status of a teacher is confirmed. */
export const participationProjection = defineProjection({
  name: 'participation',
  version: 1,
  tables: [communityRoles, teacherStatuses],
  on: [
    on(MemberJoined, {
      reads: ({ data }) => [
        communityRoles.at({ person_id: data.personId, platform_role: data.platformRole }),
      ],
      apply: (rows, { data: { personId, platformRole, at } }) =>
        moved(rows, { person_id: personId, platform_role: platformRole }, at, true),
    }),
    on(MemberRoleChanged, {
      reads: ({ data }) => [
        communityRoles.at({ person_id: data.personId, platform_role: data.from }),
        statusAt(data.personId),
      ],
      apply: (rows, { data: { personId, from, at } }) => {
        moved(rows, { person_id: personId, platform_role: from }, at, false);
        if (from !== 'teacher') return;
        rows.put(teacherStatuses, { ...statusIn(rows, personId), verified: false });
      },
    }),
    on(MemberRemoved, {
      reads: ({ data }) =>
        PLATFORM_ROLES.map((role) => communityRoles.at({ person_id: data.personId, platform_role: role })),
      apply: (rows, { data: { personId, at } }) => {
        for (const role of PLATFORM_ROLES) {
          moved(rows, { person_id: personId, platform_role: role }, at, false);
        }
      },
    }),
    on(MemberMovementRecorded, {
      reads: ({ data }) => [statusAt(data.personId)],
      apply: (rows, { data: { personId, kind, effectiveAt: at } }) => {
        if (kind !== 'hired' && kind !== 'dismissed') return;
        const status = statusIn(rows, personId);
        const { hired_at: hiredAt, verified_hired_at: verifiedHiredAt } = status;
        if (kind === 'hired') {
          const latest = hiredAt === null || at > hiredAt ? at : hiredAt;
          rows.put(teacherStatuses, { ...status, hired_at: latest });
        } else if (verifiedHiredAt === null || at >= verifiedHiredAt) {
          rows.put(teacherStatuses, { ...status, verified: false });
        }
      },
    }),
    on(RoleVerified, {
      reads: ({ data }) => [statusAt(data.personId)],
      apply: (rows, { data: { personId } }) => {
        const status = statusIn(rows, personId);
        rows.put(teacherStatuses, { ...status, verified: true, verified_hired_at: status.hired_at });
      },
    }),
  ],
});
