import { randomUUID } from 'node:crypto';
import { eventIdOf, newId, type NewEvent, type StreamRef } from '@letopis/kernel';

/** A stream that nobody else uses, in an organisation of its own unless one is given. */
export function newStream(organizationId: string = randomUUID()): StreamRef {
  return { organizationId, stream: `incident-${randomUUID()}` };
}

/** An event that is new in every respect that matters, but for what is given. */
export function newEvent(given: Partial<NewEvent> = {}): NewEvent {
  return {
    id: newId(),
    type: 'IncidentReported',
    schemaVersion: 1,
    occurredAt: '2026-09-01T05:30:00.000Z',
    recordedAt: '2026-09-01T05:30:01.250Z',
    actor: { id: '018f2a4e-7f1a-7c3e-9a54-2f6f1c9d0b11', role: 'teacher' },
    source: 'operator',
    commandId: randomUUID(),
    correlationId: randomUUID(),
    causationId: null,
    data: { summary: 'Посторонний в чате 7 «Б»' },
    ...given,
  };
}

/** The events of one command, in order. */
export function newEvents(count: number, given: Partial<NewEvent> = {}): NewEvent[] {
  const commandId = randomUUID();
  return Array.from({ length: count }, (_, index) =>
    newEvent({ commandId, data: { number: index + 1 }, ...given }),
  );
}

/** The events that a request makes: their ids follow from the command's, and so does each repeat's. */
export function commandEvents(commandId: string, requestDigest: string, count = 1): NewEvent[] {
  return Array.from({ length: count }, (_, index) =>
    newEvent({ id: eventIdOf(commandId, index), commandId, requestDigest, data: { number: index + 1 } }),
  );
}
