import { signatureOf, verifySignature } from './signature';

const AT = new Date('2026-09-01T08:00:00.900Z');
const SECRET = 'K7rW-not-a-real-secret';
const BODY = '{"topic":"deadline-missed"}';
const later = (seconds: number): Date => new Date(AT.getTime() + seconds * 1_000);

describe('the signature of a webhook', () => {
  const header = signatureOf(SECRET, BODY, AT);

  it('given a secret, a body and a time, then it is the HMAC that receivers work out', () => {
    // printf '1788249600.%s' '{"topic":"deadline-missed"}' | openssl dgst -sha256 -hmac 'K7rW-not-a-real-secret'
    expect(header).toBe('t=1788249600,v1=4313d1ee90915ec8e39de41df8014e6694e88695f2250d203ee57852431bacf8');
  });

  it('given what was signed, then it is genuine', () => {
    expect(verifySignature(SECRET, header, BODY, { now: AT })).toBe(true);
  });

  it.each([
    ['another secret', 'other', header, BODY],
    ['another body', SECRET, header, `${BODY} `],
    ['another time in the header', SECRET, header.replace('t=1788249600', 't=1788249601'), BODY],
    ['a header without a signature', SECRET, 't=1788249600', BODY],
    ['a signature that is cut off', SECRET, header.slice(0, -2), BODY],
    ['no header', SECRET, '', BODY],
  ])('given %s, then it is not', (_what, secret, given, body) => {
    expect(verifySignature(secret, given, body, { now: AT })).toBe(false);
  });

  it.each([
    [299, true],
    [-299, true],
    [302, false],
    [-302, false],
  ])('given a clock %i seconds off, then %s', (seconds, genuine) => {
    expect(verifySignature(SECRET, header, BODY, { now: later(seconds) })).toBe(genuine);
  });

  it('given a tolerance of the receiver, then it counts', () => {
    expect(verifySignature(SECRET, header, BODY, { now: later(302), toleranceSeconds: 600 })).toBe(true);
  });
});
