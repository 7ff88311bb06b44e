import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { LetopisError } from '@letopis/kernel';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce ‖ ciphertext ‖ tag. `context` is authenticated, so a value cannot be moved to another place. */
export function encrypt(key: Buffer, plaintext: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
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

/** The one secret that everything personal hangs on. It lives apart from the database. */
export class MasterKey {
  private readonly wrapping: Buffer;
  private readonly digesting: Buffer;
  private readonly naming: Buffer;

  /** @param secret 32 random bytes */
  constructor(secret: Buffer) {
    if (secret.length !== KEY_BYTES) {
      throw new LetopisError('invalid', `The master key must be ${KEY_BYTES} bytes, it is ${secret.length}`);
    }
    const derive = (purpose: string): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `letopis/${purpose}`, KEY_BYTES));
    this.wrapping = derive('wrap');
    this.digesting = derive('request-digest');
    this.naming = derive('pseudonym');
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
    return createHmac('sha256', this.digesting).update(text).digest('base64url');
  }

  /** A pseudonymous id (UUIDv8, RFC 9562) of somebody whom another system names; it cannot be traced back without the key. */
  pseudonym(...parts: readonly string[]): string {
    const bytes = createHmac('sha256', this.naming).update(parts.join('\u001f')).digest().subarray(0, 16);
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }
}
