import { type Pool } from 'pg';
import { defineProjection, defineTable, on } from '@letopis/projections';
import {
  ControlReportRegistered,
  ReportAcknowledged,
  ReportApproved,
  ReportWithdrawn,
} from '@letopis/school';

/** What events say of reports; what they show lies frozen in `letopis.reports`. */
const reportRegister = defineTable({
  name: 'report_register',
  columns: {
    report_id: 'uuid',
    digest: 'text',
    period_from: 'timestamptz',
    period_to: 'timestamptz',
    /** The report that this one takes the place of. */
    revises: 'uuid?',
    registered_at: 'timestamptz',
    approved_by: 'uuid?',
    approved_at: 'timestamptz?',
    withdrawn_by: 'uuid?',
    withdrawn_at: 'timestamptz?',
    withdrawal_reason: 'text?',
  },
  key: ['report_id'],
  indexes: [['digest'], ['organization_id', 'revises']],
});

/** Who has seen a report, and when first; also one that is not registered yet, since facts come in any order. */
const reportAcknowledgements = defineTable({
  name: 'made_report_acknowledgements',
  columns: { report_id: 'uuid', person_id: 'uuid', at: 'timestamptz' },
  key: ['report_id', 'person_id'],
});

export const reportsProjection = defineProjection({
  name: 'reports',
  version: 1,
  tables: [reportRegister, reportAcknowledgements],
  on: [
    // The first registration stands: who approved the report approved that.
    on(ControlReportRegistered, (rows, { data, occurredAt }) => {
      rows.putIfAbsent(reportRegister, {
        report_id: data.reportId,
        digest: data.digest,
        period_from: data.from,
        period_to: data.to,
        revises: data.revises ?? null,
        registered_at: occurredAt,
      });
    }),
    on(ReportApproved, {
      reads: ({ data }) => [reportRegister.at({ report_id: data.reportId })],
      apply: (rows, { data }) => {
        rows.change(reportRegister, { report_id: data.reportId }, (row) => ({
          ...row,
          approved_by: data.by,
          approved_at: data.at,
        }));
      },
    }),
    on(ReportAcknowledged, {
      reads: ({ data: { reportId, personId } }) => [
        reportAcknowledgements.at({ report_id: reportId, person_id: personId }),
      ],
      apply: (rows, { data: { reportId, personId, at } }) => {
        const key = { report_id: reportId, person_id: personId };
        const before = rows.get(reportAcknowledgements, key);
        if (before === undefined || at < before.at) rows.put(reportAcknowledgements, { ...key, at });
      },
    }),
    on(ReportWithdrawn, {
      reads: ({ data }) => [reportRegister.at({ report_id: data.reportId })],
      apply: (rows, { data }) => {
        rows.change(reportRegister, { report_id: data.reportId }, (row) => ({
          ...row,
          withdrawn_by: data.by,
          withdrawn_at: data.at,
          withdrawal_reason: data.reason,
        }));
      },
    }),
  ],
});

/** What became of a report after it was made. */
export interface ReportStanding {
  /** When its making was recorded; null until then. */
  readonly registeredAt: string | null;
  readonly approval: { readonly by: string; readonly at: string } | null;
  readonly acknowledgements: readonly { readonly personId: string; readonly at: string }[];
  readonly withdrawn: { readonly by: string; readonly at: string; readonly reason: string } | null;
  /** Reports that were made to take its place. */
  readonly revisedBy: readonly string[];
}

/** One step of a trail of revisions. */
export interface Revision {
  readonly id: string;
  readonly registeredAt: string;
  readonly approvedAt: string | null;
  readonly withdrawnAt: string | null;
}

/** What anybody may learn who has the digest of a report: that there is one, and whether it stands. */
export type ReportCheck =
  | { readonly known: false }
  | {
      readonly known: true;
      /** Null for a report on many organisations. */
      readonly organizationName: string | null;
      readonly period: { readonly from: string; readonly to: string };
      readonly registeredAt: string;
      readonly approvedAt: string | null;
      readonly withdrawn: boolean;
    };

interface RegisterRow {
  readonly report_id: string;
  readonly period_from: Date;
  readonly period_to: Date;
  readonly registered_at: Date | null;
  readonly approved_by: string | null;
  readonly approved_at: Date | null;
  readonly withdrawn_by: string | null;
  readonly withdrawn_at: Date | null;
  readonly withdrawal_reason: string | null;
  readonly acknowledgements: readonly { readonly personId: string; readonly at: number }[] | null;
  readonly revised_by: readonly string[];
}

/** What the record says of the reports, by their ids; of all that are asked about. */
export async function readStandings(
  views: Pick<Pool, 'query'>,
  organizationId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReportStanding>> {
  const { rows } = await views.query<RegisterRow>(
    `SELECT asked.id AS report_id, r.registered_at, r.approved_by, r.approved_at, r.withdrawn_by, r.withdrawn_at,
       r.withdrawal_reason,
       (SELECT json_agg(json_build_object('personId', a.person_id, 'at', round(extract(epoch FROM a.at) * 1000)::float8)
                        ORDER BY a.at, a.person_id)
        FROM made_report_acknowledgements a
        WHERE a.organization_id = $1 AND a.report_id = asked.id) AS acknowledgements,
       ARRAY(SELECT later.report_id::text FROM report_register later
             WHERE later.organization_id = $1 AND later.revises = asked.id
             ORDER BY later.registered_at, later.report_id) AS revised_by
     FROM unnest($2::uuid[]) AS asked (id)
     LEFT JOIN report_register r ON r.organization_id = $1 AND r.report_id = asked.id`,
    [organizationId, ids],
  );
  return new Map(rows.map((row) => [row.report_id, standingOf(row)]));
}

function standingOf(row: RegisterRow): ReportStanding {
  return {
    registeredAt: row.registered_at?.toISOString() ?? null,
    approval:
      row.approved_by === null || row.approved_at === null
        ? null
        : { by: row.approved_by, at: row.approved_at.toISOString() },
    acknowledgements: (row.acknowledgements ?? []).map(({ personId, at }) => ({
      personId,
      at: new Date(at).toISOString(),
    })),
    withdrawn:
      row.withdrawn_by === null || row.withdrawn_at === null
        ? null
        : { by: row.withdrawn_by, at: row.withdrawn_at.toISOString(), reason: row.withdrawal_reason ?? '' },
    revisedBy: row.revised_by,
  };
}

/** The report with all that it takes the place of, and all that take its place, as they were made. */
export async function readTrail(
  views: Pick<Pool, 'query'>,
  organizationId: string,
  id: string,
): Promise<readonly Revision[]> {
  const { rows } = await views.query<RegisterRow>(
    `WITH RECURSIVE trail AS (
       SELECT report_id, revises, registered_at, approved_at, withdrawn_at FROM report_register
       WHERE organization_id = $1 AND report_id = $2
       UNION
       SELECT r.report_id, r.revises, r.registered_at, r.approved_at, r.withdrawn_at FROM report_register r
       JOIN trail t ON r.report_id = t.revises OR r.revises = t.report_id
       WHERE r.organization_id = $1
     )
     SELECT * FROM trail ORDER BY registered_at, report_id`,
    [organizationId, id],
  );
  return rows.flatMap(({ report_id, registered_at, approved_at, withdrawn_at }) =>
    registered_at === null
      ? []
      : [
          {
            id: report_id,
            registeredAt: registered_at.toISOString(),
            approvedAt: approved_at?.toISOString() ?? null,
            withdrawnAt: withdrawn_at?.toISOString() ?? null,
          },
        ],
  );
}

/** Whether a report of any school with this digest is registered; of several, one that stands, and best approved. */
export async function checkRegistered(views: Pick<Pool, 'query'>, digest: string): Promise<ReportCheck> {
  const { rows } = await views.query<RegisterRow & { readonly name: string; readonly registered_at: Date }>(
    `SELECT r.*, o.name FROM report_register r JOIN organizations o USING (organization_id)
     WHERE r.digest = $1
     ORDER BY r.withdrawn_at IS NOT NULL, r.approved_at IS NULL, r.registered_at LIMIT 1`,
    [digest],
  );
  const [row] = rows;
  if (row === undefined) return { known: false };
  return {
    known: true,
    organizationName: row.name,
    period: { from: row.period_from.toISOString(), to: row.period_to.toISOString() },
    registeredAt: row.registered_at.toISOString(),
    approvedAt: row.approved_at?.toISOString() ?? null,
    withdrawn: row.withdrawn_at !== null,
  };
}
