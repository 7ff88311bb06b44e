import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, type JWTPayload, jwtVerify, type JWTVerifyGetKey, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { LetopisError, type Role, ROLES } from '@letopis/kernel';

/** Who calls, as the token says. */
export interface Caller {
  readonly id: string;
  readonly roles: readonly Role[];
  /** The organisation that the token is for; `*` for those who serve many (operator, founder). */
  readonly organizationId: string;
}

export interface TokenVerifier {
  /** @throws LetopisError `unauthenticated` */
  verify(token: string): Promise<Caller>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Roles that a token may carry for all organisations at once. */
const SERVE_MANY: readonly Role[] = ['operator', 'founder'];
const AUDIENCE = 'letopis';
const EMBEDDED_ISSUER = 'letopis-embedded';
const CLOCK_TOLERANCE_SECONDS = 30;
/** How long a verified token is taken as read; also how long a key that was withdrawn may still be honoured. */
const REMEMBER_MS = 60_000;

interface VerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
}

/** Verifies JWTs (RFC 7519) and remembers those it has verified for a minute, never past their end. */
class JwtVerifier implements TokenVerifier {
  private readonly verified = new LRUCache<string, Caller>({ max: 10_000, ttl: REMEMBER_MS });

  constructor(
    private readonly key: KeyObject | JWTVerifyGetKey,
    private readonly options: VerifierOptions,
  ) {}

  async verify(token: string): Promise<Caller> {
    const known = this.verified.get(token);
    if (known !== undefined) return known;
    const payload = await this.payloadOf(token);
    const caller = callerOf(payload);
    const left = (payload.exp ?? 0) * 1_000 - Date.now();
    this.verified.set(token, caller, { ttl: Math.max(1, Math.min(left, REMEMBER_MS)) });
    return caller;
  }

  private async payloadOf(token: string): Promise<JWTPayload> {
    const { issuer, audience, algorithms } = this.options;
    const checks = {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['sub', 'exp', 'organization', 'roles'],
    };
    try {
      const { payload } =
        typeof this.key === 'function'
          ? await jwtVerify(token, this.key, checks)
          : await jwtVerify(token, this.key, checks);
      return payload;
    } catch (error) {
      throw new LetopisError('unauthenticated', `The token is not accepted: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it cannot be read';
}

function callerOf({ sub, organization, roles }: JWTPayload): Caller {
  if (sub === undefined || !UUID.test(sub)) {
    throw new LetopisError('unauthenticated', 'The token is not accepted: "sub" must be a pseudonymous UUID');
  }
  if (typeof organization !== 'string' || (organization !== '*' && !UUID.test(organization))) {
    throw new LetopisError(
      'unauthenticated',
      'The token is not accepted: "organization" must be a UUID or *',
    );
  }
  const known = Array.isArray(roles) ? ROLES.filter((role) => role !== 'system' && roles.includes(role)) : [];
  if (known.length === 0) {
    throw new LetopisError('unauthenticated', 'The token is not accepted: "roles" names no role of Letopis');
  }
  const roamers = known.filter((role) => organization !== '*' || SERVE_MANY.includes(role));
  if (roamers.length === 0) {
    throw new LetopisError(
      'unauthenticated',
      `The token is not accepted: only ${SERVE_MANY.join(', ')} serve many`,
    );
  }
  return { id: sub, roles: roamers, organizationId: organization };
}

/** Accepts tokens of an OpenID Connect issuer by its published keys. */
export function remoteTokenVerifier(options: {
  jwksUrl: string;
  issuer: string;
  audience: string;
}): TokenVerifier {
  return new JwtVerifier(createRemoteJWKSet(new URL(options.jwksUrl)), {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: ['EdDSA', 'ES256', 'RS256', 'PS256'],
  });
}

/** The issuer for trying Letopis out: its key lies in the data directory, and whoever can read it can be anybody. */
export class EmbeddedIssuer {
  private readonly key: KeyObject;
  readonly verifier: TokenVerifier;

  /** @param pem Ed25519 private key, PKCS #8 */
  constructor(pem: string) {
    this.key = createPrivateKey(pem);
    this.verifier = new JwtVerifier(createPublicKey(pem), {
      issuer: EMBEDDED_ISSUER,
      audience: AUDIENCE,
      algorithms: ['EdDSA'],
    });
  }

  static generate(): string {
    return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** A signed token for the caller. */
  async issue(caller: Caller, validForSeconds: number): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ organization: caller.organizationId, roles: [...caller.roles] })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
      .setSubject(caller.id)
      .setIssuer(EMBEDDED_ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + validForSeconds)
      .sign(this.key);
  }
}
