import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { MasterKey } from './master-key';

describe('the master key', () => {
  it('digests a request by HMAC-SHA-256 (RFC 2104) under a key derived for that', () => {
    const secret = randomBytes(32);
    const derived = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'letopis/request-digest', 32));

    for (const text of ['', 'a', 'я'.repeat(1_000)]) {
      const expected = createHmac('sha256', derived).update(text).digest('base64url');
      expect(new MasterKey(secret).digest(text)).toBe(expected);
    }
  });

  it('never uses a nonce twice', () => {
    const key = new MasterKey(randomBytes(32));
    const nonceOf = (sealed: Buffer): string => sealed.subarray(0, 12).toString('hex');

    const nonces = Array.from({ length: 5_000 }, () => nonceOf(key.wrap(Buffer.alloc(32), 'here')));

    expect(new Set(nonces).size).toBe(nonces.length);
  });
});
