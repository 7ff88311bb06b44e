import { randomUUID } from 'node:crypto';
import { jsonEvent, type EventData, type RecordedEvent as KurrentEvent } from '@kurrent/kurrentdb-client';
import {
  LetopisError,
  type Actor,
  type JsonObject,
  type NewEvent,
  type RecordedEvent,
  type Source,
  type StreamRef,
} from '@letopis/kernel';

/** What the names of all our streams of events begin with, so that the server can filter `$all` by it. */
const EVENTS = 'event:';

/** KurrentDB has no number for "no position": where it knows none, it sends -1 as an unsigned 64-bit number. */
const LAST_POSITION = 2n ** 63n - 1n;

/**
 * The envelope beside the data, as it is stored in the metadata. `$correlationId` and `$causationId` are the names that
 * KurrentDB's own projections and tools look for.
 */
interface StoredEnvelope {
  readonly id: string;
  readonly organizationId: string;
  readonly stream: string;
  readonly schemaVersion: number;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly source: Source;
  readonly commandId: string;
  readonly $correlationId: string;
  readonly $causationId?: string;
  readonly requestDigest?: string;
}

/** The name of a stream in KurrentDB. */
export function streamNameOf({ organizationId, stream }: StreamRef): string {
  return `${EVENTS}${organizationId}/${stream}`;
}

/** What the streams of one organisation, or of all, begin with. */
export function streamPrefixOf(organizationId: string | undefined): string {
  return organizationId === undefined ? EVENTS : `${EVENTS}${organizationId}/`;
}

/**
 * The event as KurrentDB takes it. Its id in KurrentDB is a fresh one and belongs to this very attempt, while ours
 * travels in the metadata: KurrentDB acknowledges a repeat of its own ids just as it acknowledges a first append, and
 * does not recognise them at all under another expected revision, so they can tell a retry but not a repeat.
 */
export function storedEventOf({ organizationId, stream }: StreamRef, event: NewEvent): EventData {
  const metadata: StoredEnvelope = {
    id: event.id,
    organizationId,
    stream,
    schemaVersion: event.schemaVersion,
    occurredAt: event.occurredAt,
    recordedAt: event.recordedAt,
    actor: event.actor,
    source: event.source,
    commandId: event.commandId,
    $correlationId: event.correlationId,
    ...(event.causationId === null ? {} : { $causationId: event.causationId }),
    ...(event.requestDigest === undefined ? {} : { requestDigest: event.requestDigest }),
  };
  return jsonEvent({ id: randomUUID(), type: event.type, data: { ...event.data }, metadata });
}

/**
 * The event in its place. Metadata that a later version adds is left out.
 *
 * @throws LetopisError `integrity-broken` where one of our streams holds what no append of ours can have written
 */
export function recordedEventOf(stored: KurrentEvent): RecordedEvent {
  const { data, metadata } = stored;
  if (!isEnvelope(metadata) || !isObject(data)) throw foreign(stored, 'is no event of Letopis');
  return {
    id: metadata.id,
    type: stored.type,
    schemaVersion: metadata.schemaVersion,
    organizationId: metadata.organizationId,
    stream: metadata.stream,
    revision: stored.revision,
    position: positionOf(stored),
    occurredAt: metadata.occurredAt,
    recordedAt: metadata.recordedAt,
    actor: metadata.actor,
    source: metadata.source,
    commandId: metadata.commandId,
    correlationId: metadata.$correlationId,
    causationId: metadata.$causationId ?? null,
    ...(metadata.requestDigest === undefined ? {} : { requestDigest: metadata.requestDigest }),
    data,
  };
}

/** Whether the server meant this as a position. */
export function isPosition(commit: bigint | undefined): commit is bigint {
  return commit !== undefined && commit <= LAST_POSITION;
}

/**
 * Where the event lies in `$all`. The two halves of KurrentDB's positions differ only in transactions over several
 * requests or several streams. Their events share one commit position, so it could not order them; we use neither.
 */
function positionOf(stored: KurrentEvent): bigint {
  const { position } = stored;
  if (!isPosition(position?.commit))
    throw foreign(stored, 'came without its position (KurrentDB before 22.6?)');
  if (position?.prepare !== position?.commit)
    throw foreign(stored, 'was written in a transaction of its own');
  return position.commit;
}

function foreign({ streamId, revision }: KurrentEvent, problem: string): LetopisError {
  return new LetopisError('integrity-broken', `Event ${revision.toString()} of ${streamId} ${problem}`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function isEnvelope(value: unknown): value is StoredEnvelope {
  return isObject(value) && typeof value.id === 'string' && typeof value.organizationId === 'string';
}
