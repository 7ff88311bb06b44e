import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that carries the signature of a delivery. */
export const SIGNATURE_HEADER = 'Letopis-Signature';

const TOLERANCE_SECONDS = 300;

/**
 * Signs the body of a webhook: `t=<seconds since 1970>,v1=<HMAC-SHA-256 of "<t>.<body>" in hex>`. The time is signed too, so
 * that nobody can send a delivery again later.
 */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  return `t=${seconds},v1=${digestOf(secret, String(seconds), body).toString('hex')}`;
}

/**
 * For receivers: whether `header` signs this body with this secret, not longer ago (or further ahead) than the tolerance.
 *
 * @param body as it was received, byte for byte, before it is parsed
 */
export function verifySignature(
  secret: string,
  header: string,
  body: string,
  { now, toleranceSeconds = TOLERANCE_SECONDS }: { readonly now: Date; readonly toleranceSeconds?: number },
): boolean {
  const [, seconds, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || given === undefined) return false;
  if (Math.abs(now.getTime() / 1_000 - Number(seconds)) > toleranceSeconds) return false;
  return timingSafeEqual(digestOf(secret, seconds, body), Buffer.from(given, 'hex'));
}

function digestOf(secret: string, seconds: string, body: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
}
