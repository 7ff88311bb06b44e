import { commandIdOf, eventIdOf, type Json, type JsonObject, type RecordedEvent } from '@letopis/kernel';
import { type GroundTruth, simulateYear, type YearParameters } from '@letopis/simulator';
import { type Happened, Rehearsal } from '../../libs/simulator/src/testing';

/** A simulated year as the record would hold it, each event recorded as it happened; and what was planted in it. */
export interface RehearsedYear {
  readonly organizationId: string;
  readonly timeZone: string;
  readonly events: readonly RecordedEvent[];
  readonly truth: GroundTruth;
}

/** Carries a simulated year out in memory: without a store, so personal data stand in clear. @throws Error where a step is refused */
export function rehearsedYear(parameters: Partial<YearParameters>): RehearsedYear {
  const year = simulateYear(parameters);
  const rehearsal = new Rehearsal('2026-09-01T00:00:00.000Z');
  const events: RecordedEvent[] = [];
  for (const step of year.steps) {
    const commandId = commandIdOf(year.organizationId, step.caller.id, step.idempotencyKey);
    rehearsal.play(step).forEach((happened, index) => {
      events.push(
        recorded(happened, { id: eventIdOf(commandId, index), commandId, position: events.length + 1 }),
      );
    });
  }
  if (rehearsal.refused.length > 0) throw new Error(rehearsal.refused.join('\n'));
  return { organizationId: year.organizationId, timeZone: year.timeZone, events, truth: year.truth() };
}

function recorded(
  { type, data, occurredAt, actor, step }: Happened,
  { id, commandId, position }: { readonly id: string; readonly commandId: string; readonly position: number },
): RecordedEvent {
  return {
    id,
    type,
    data: objectOf(data),
    schemaVersion: 1,
    occurredAt,
    recordedAt: occurredAt,
    actor,
    source: 'import',
    commandId,
    correlationId: commandId,
    causationId: null,
    organizationId: step.organizationId,
    stream: 'rehearsal-1',
    revision: BigInt(position - 1),
    position: BigInt(position),
  };
}

function objectOf(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not an object');
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, jsonOf(field)]),
  );
}

function jsonOf(value: unknown): Json {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  return Array.isArray(value) ? value.map(jsonOf) : objectOf(value);
}
