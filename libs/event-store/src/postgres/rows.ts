import { type CustomTypesConfig, types } from 'pg';
import { type JsonObject, type RecordedEvent, type Source } from '@letopis/kernel';

/** A row of letopis.events as the driver gives it with `rowTypes`. */
export interface EventRow {
  readonly position: string;
  readonly organization_id: string;
  readonly stream: string;
  readonly revision: string;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly actor_id: string;
  readonly actor_role: string;
  readonly source: Source;
  readonly command_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly request_digest: string | null;
  readonly data: JsonObject;
}

/** PostgreSQL writes `2026-09-01 08:00:00.5+00` under `timezone=UTC`; Letopis writes `2026-09-01T08:00:00.500Z`. */
function instantOf(text: string): string {
  return new Date(`${text.replace(' ', 'T')}:00`).toISOString();
}

/** Instants stay text: a Date would cost more and say less. */
export const rowTypes: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === Number(types.builtins.TIMESTAMPTZ) ? instantOf : types.getTypeParser(oid, format),
};

export function recordedEventOf(row: EventRow): RecordedEvent {
  return {
    organizationId: row.organization_id,
    stream: row.stream,
    revision: BigInt(row.revision),
    position: BigInt(row.position),
    id: row.id,
    type: row.type,
    schemaVersion: row.schema_version,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    actor: { id: row.actor_id, role: row.actor_role },
    source: row.source,
    commandId: row.command_id,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    ...(row.request_digest === null ? {} : { requestDigest: row.request_digest }),
    data: row.data,
  };
}
