import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { LetopisError } from '@letopis/kernel';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Random bytes are drawn from the system for many nonces at once: one by one they cost more than the encryption. */
const NONCES = 1_024;
let nonces = Buffer.alloc(0);

function nextNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCES * NONCE_BYTES);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `context` is authenticated, so a value cannot be moved to another place. */
export function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** @throws LetopisError `integrity-broken` where the value, its key or its place is not the one it was made for */
export function decrypt(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(context))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new LetopisError('integrity-broken', 'A sealed value does not open with its key', { cause: error });
  }
}

const BLOCK_BYTES = 64;

/**
 * HMAC-SHA-256 (RFC 2104) under one key. `createHmac` makes an object outside the heap for each digest, which costs more
 * than digesting a short text.
 */
class Hmac {
  private readonly inner: Buffer;
  private readonly outer: Buffer;

  /** @param key at most a block of SHA-256: 64 bytes */
  constructor(key: Buffer) {
    const padded = (pad: number): Buffer =>
      Buffer.from(Buffer.concat([key], BLOCK_BYTES).map((byte) => byte ^ pad));
    this.inner = padded(0x36);
    this.outer = padded(0x5c);
  }

  digest(text: string): Buffer {
    const inner = hash('sha256', Buffer.concat([this.inner, Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([this.outer, inner]), 'buffer');
  }
}

/** The one secret that everything personal hangs on. It lives apart from the database. */
export class MasterKey {
  private readonly wrapping: Buffer;
  private readonly digesting: Hmac;
  private readonly naming: Hmac;

  /** @param secret 32 random bytes */
  constructor(secret: Buffer) {
    if (secret.length !== KEY_BYTES) {
      throw new LetopisError('invalid', `The master key must be ${KEY_BYTES} bytes, it is ${secret.length}`);
    }
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `letopis/${purpose}`, KEY_BYTES));
    this.wrapping = derive('wrap');
    this.digesting = new Hmac(derive('request-digest'));
    this.naming = new Hmac(derive('pseudonym'));
  }

  static generate(): Buffer {
    return randomBytes(KEY_BYTES);
  }

  wrap(dataKey: Buffer, context: string): Buffer {
    return encrypt(this.wrapping, dataKey, context);
  }

  unwrap(wrapped: Buffer, context: string): Buffer {
    return decrypt(this.wrapping, wrapped, context);
  }

  /** Keyed digest of a request: tells two requests apart and says nothing about what was in them. */
  digest(text: string): string {
    return this.digesting.digest(text).toString('base64url');
  }

  /** A pseudonymous id (UUIDv8, RFC 9562) of somebody whom another system names; it cannot be traced back without the key. */
  pseudonym(...parts: readonly string[]): string {
    const bytes = this.naming.digest(parts.join('\u001f')).subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
