import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { LetopisError, type Role } from '@letopis/kernel';
import { type Caller, type TokenVerifier } from './tokens';

/**
 * Who may call a route. A route without a rule is closed to everybody.
 *
 * - `public`: no token (health, the API's description)
 * - `secret`: no token; the route checks a secret of its own (the messenger's webhook)
 * - `roles`: a token with one of these roles; where the route names an organisation, a token for that organisation
 */
export type AccessRule = 'public' | 'secret' | { readonly roles: readonly Role[] };

export const ACCESS_RULE = 'letopis:access';

export const Access = (rule: AccessRule): MethodDecorator => SetMetadata(ACCESS_RULE, rule);

const REFUSALS_MS = 60_000;
/** High enough for a school behind one address whose tokens have just expired. */
const MAX_REFUSALS = 600;

const callers = new WeakMap<object, Caller>();

/** The caller whom the guard admitted. @throws LetopisError `unauthenticated` on a route without a token */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new LetopisError('unauthenticated', 'A bearer token is needed');
  return caller;
}

/** Who called, if the guard came to know; for the access log. */
export function knownCaller(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Deny by default: authenticates by bearer token, then authorises by role and organisation. */
@Injectable()
export class AccessGuard implements CanActivate {
  /** Tokens that were refused lately, by address: whoever guesses is slowed down, whatever the token. */
  private readonly refused = new LRUCache<string, number>({ max: 10_000, ttl: REFUSALS_MS });

  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (rule === 'public' || rule === 'secret') return true;
    const request = context
      .switchToHttp()
      .getRequest<FastifyRequest<{ Params: { organizationId?: string } }>>();
    const caller = await this.authenticate(request);
    callers.set(request, caller);
    if (rule === undefined) throw new LetopisError('forbidden', 'Nobody may call this route');
    if (!rule.roles.some((role) => caller.roles.includes(role))) {
      throw new LetopisError('forbidden', `This is for: ${rule.roles.join(', ')}`);
    }
    const { organizationId } = request.params;
    if (
      organizationId !== undefined &&
      caller.organizationId !== '*' &&
      caller.organizationId !== organizationId
    ) {
      throw new LetopisError('forbidden', 'The token is for another organisation');
    }
    return true;
  }

  private async authenticate(request: FastifyRequest): Promise<Caller> {
    const refusals = this.refused.get(request.ip) ?? 0;
    if (refusals >= MAX_REFUSALS) {
      throw new LetopisError('throttled', 'Too many tokens from this address were refused', {
        retryAfterSeconds: 60,
      });
    }
    try {
      return await this.tokens.verify(bearerOf(request.headers.authorization));
    } catch (error) {
      this.refused.set(request.ip, refusals + 1);
      throw error;
    }
  }
}

function bearerOf(header: string | undefined): string {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(header ?? '') ?? [];
  if (token === undefined) {
    throw new LetopisError('unauthenticated', 'A bearer token is needed: Authorization: Bearer <token>');
  }
  return token;
}
