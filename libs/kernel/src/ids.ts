import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';

/** Namespace of every derived id of Letopis (RFC 9562 §6.5); changing it would break idempotency, so it never changes. */
const NAMESPACE = '0f6f2b0e-63c7-5f2b-9b1e-6d1f1e5c7a41';

/** A fresh, time-ordered id (UUIDv7): the time in milliseconds, then random bits. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // The random bits of a UUIDv4 stand where a UUIDv7 has its own, and Node draws them from a store: much cheaper.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** The same parts give the same id (UUIDv5) on every machine, for ever. */
export function derivedId(...parts: readonly string[]): string {
  return v5(parts.join('\u001f'), NAMESPACE);
}

/** The id of the `index`-th event of a command that may be repeated. */
export function eventIdOf(commandId: string, index: number): string {
  return derivedId('event', commandId, String(index));
}
