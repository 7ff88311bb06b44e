import { type Pool } from 'pg';
import { type JsonObject } from '@letopis/kernel';
import { defineProjection, defineTable } from '@letopis/projections';
import { controlCatalogue } from './catalogue';
import { marksOf } from './evaluation';
import { type Mark } from './marks';

/** What events say to the rules of controls: one row a mark, only ever inserted. Findings are judged from these. */
const complianceMarks = defineTable({
  name: 'compliance_marks',
  columns: {
    control: 'text',
    rule: 'text',
    kind: 'text',
    subject: 'text',
    refers_to: 'text?',
    at: 'timestamptz',
    detail: 'jsonb?',
    event_id: 'uuid',
    occurred_at: 'timestamptz',
    recorded_at: 'timestamptz',
    position: 'bigint',
  },
  key: ['control', 'rule', 'subject', 'kind', 'position'],
});

/** The version grows with the versions of the controls: marks of another catalogue are of no use. */
export const complianceProjection = defineProjection({
  name: 'compliance',
  version: controlCatalogue.reduce((sum, { version }) => sum + version, 0),
  tables: [complianceMarks],
  on: [],
  any: (rows, event) => {
    for (const mark of marksOf(controlCatalogue, [event])) {
      rows.put(complianceMarks, {
        control: mark.control,
        rule: mark.rule,
        kind: mark.kind,
        subject: mark.subject,
        refers_to: mark.refersTo,
        at: mark.at,
        detail: mark.detail,
        event_id: mark.eventId,
        occurred_at: mark.occurredAt,
        recorded_at: mark.recordedAt,
        position: mark.position,
      });
    }
  },
});

interface MarkRow {
  readonly control: string;
  readonly rule: string;
  readonly kind: string;
  readonly subject: string;
  readonly refers_to: string | null;
  readonly at: Date;
  readonly detail: JsonObject | null;
  readonly event_id: string;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly position: string;
}

/**
 * The marks of an organisation.
 *
 * @param control only this control's
 * @param upTo only marks of events up to this position
 */
export async function readMarks(
  views: Pool,
  organizationId: string,
  { control, upTo }: { readonly control?: string; readonly upTo?: bigint } = {},
): Promise<readonly Mark[]> {
  const { rows } = await views.query<MarkRow>(
    `SELECT control, rule, kind, subject, refers_to, at, detail, event_id, occurred_at, recorded_at, position
     FROM compliance_marks
     WHERE organization_id = $1 AND ($2::text IS NULL OR control = $2) AND ($3::bigint IS NULL OR position <= $3)`,
    [organizationId, control ?? null, upTo ?? null],
  );
  return rows.map((row) => ({
    control: row.control,
    rule: row.rule,
    kind: row.kind,
    subject: row.subject,
    ...(row.refers_to !== null && { refersTo: row.refers_to }),
    at: row.at.toISOString(),
    ...(row.detail !== null && { detail: row.detail }),
    eventId: row.event_id,
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
    position: BigInt(row.position),
  }));
}
