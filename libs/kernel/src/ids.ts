import { hash, randomUUID } from 'node:crypto';

/** Namespace of every derived id of Letopis (RFC 9562 §6.5); changing it would break idempotency, so it never changes. */
const NAMESPACE = Buffer.from('0f6f2b0e63c75f2b9b1e6d1f1e5c7a41', 'hex');
const SEPARATOR = '\u001f';

/** A fresh, time-ordered id (UUIDv7): the time in milliseconds, then random bits. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  // The random bits of a UUIDv4 stand where a UUIDv7 has its own, and Node draws them from a store: much cheaper.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** The same parts give the same id (UUIDv5) on every machine, for ever. */
export function derivedId(...parts: readonly string[]): string {
  // One call of `hash` leaves nothing behind for the garbage collector; several ids are derived for each command.
  const sha1 = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(parts.join(SEPARATOR))]), 'hex');
  const variant = ((parseInt(sha1.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${sha1.slice(0, 8)}-${sha1.slice(8, 12)}-5${sha1.slice(13, 16)}-${variant}${sha1.slice(17, 20)}-${sha1.slice(20, 32)}`;
}

/** The id of a caller's command under an idempotency key: the same key is the same command, for ever. */
export function commandIdOf(organizationId: string, callerId: string, idempotencyKey: string): string {
  return derivedId('command', organizationId, callerId, idempotencyKey);
}

/** The id of the `index`-th event of a command that may be repeated. */
export function eventIdOf(commandId: string, index: number): string {
  return derivedId('event', commandId, String(index));
}
