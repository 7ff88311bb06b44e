import { type Step } from './year';

/** A step as a line of NDJSON: a line of a batch, with the organisation and the caller beside it. */
export function lineOf({
  organizationId,
  caller,
  command,
  payload,
  occurredAt,
  idempotencyKey,
}: Step): string {
  return `${JSON.stringify({ organizationId, caller, command, payload, occurredAt, idempotencyKey })}\n`;
}

/** Steps of several years together, in order of time; of one instant, those of the earlier year first. */
export function* interleaved(years: readonly Iterable<Step>[]): Generator<Step> {
  const heads = years.map((steps) => {
    const iterator = steps[Symbol.iterator]();
    return { iterator, next: iterator.next() };
  });
  for (;;) {
    let earliest: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done === true) continue;
      if (earliest?.next.done !== false || head.next.value.occurredAt < earliest.next.value.occurredAt)
        earliest = head;
    }
    if (earliest === undefined || earliest.next.done === true) return;
    yield earliest.next.value;
    earliest.next = earliest.iterator.next();
  }
}
