import { v5, v7 } from 'uuid';

/** Namespace of every derived id of Letopis (RFC 9562 §6.5); changing it would break idempotency, so it never changes. */
const NAMESPACE = '0f6f2b0e-63c7-5f2b-9b1e-6d1f1e5c7a41';

/** A fresh, time-ordered id (UUIDv7). */
export function newId(): string {
  return v7();
}

/** The same parts give the same id (UUIDv5) on every machine, for ever. */
export function derivedId(...parts: readonly string[]): string {
  return v5(parts.join('\u001f'), NAMESPACE);
}

/** The id of the `index`-th event of a command that may be repeated. */
export function eventIdOf(commandId: string, index: number): string {
  return derivedId('event', commandId, String(index));
}
