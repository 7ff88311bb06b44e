import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type FastifyRequest } from 'fastify';
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
    const caller = await this.tokens.verify(bearerOf(request.headers.authorization));
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
}

function bearerOf(header: string | undefined): string {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(header ?? '') ?? [];
  if (token === undefined) {
    throw new LetopisError('unauthenticated', 'A bearer token is needed: Authorization: Bearer <token>');
  }
  return token;
}
