import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WEB_ERRORS } from './errors.ts';
import type { KeyRing, Principal } from './key-ring.ts';
import { HttpProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the authentication of the route's context. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** Right that the key must hold; `read` where a route says nothing. */
    right?: string;
  }
}

export const DEFAULT_RIGHT = 'read';
const SUBPROTOCOL_PREFIX = 'cerberus.key.';

/** Key of a request: header, or for browsers' WebSockets a subprotocol, because they set no header. */
export function presentedKey(request: FastifyRequest): string | undefined {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header;
  const offered = request.headers['sec-websocket-protocol'];
  if (typeof offered !== 'string') return undefined;
  for (const protocol of offered.split(',')) {
    const name = protocol.trim();
    if (name.startsWith(SUBPROTOCOL_PREFIX)) return name.slice(SUBPROTOCOL_PREFIX.length);
  }
  return undefined;
}

/**
 * Nothing of this context and below answers without a key that is valid and holds the route's right.
 * `admit` runs for every principal afterwards, e.g. its rate limit.
 */
export function installAuthentication(
  app: FastifyInstance,
  keys: KeyRing,
  admit: (principal: Principal, request: FastifyRequest) => HttpProblem | undefined,
): void {
  app.decorateRequest('principal', null as unknown as Principal);
  app.addHook('onRequest', (request, _reply, done) => {
    const text = presentedKey(request);
    if (text === undefined) {
      const detail = 'Send the key in the header x-api-key.';
      done(new HttpProblem(WEB_ERRORS.KEY_MISSING, { detail }));
      return;
    }
    const settle = (principal: Principal | undefined): void => {
      const refusal = judge(principal, request);
      if (refusal !== undefined || principal === undefined) {
        done(refusal);
        return;
      }
      request.principal = principal;
      done(admit(principal, request));
    };
    const verdict = keys.verify(text, request.ip);
    if (verdict instanceof Promise) verdict.then(settle, (error: Error) => done(error));
    else settle(verdict);
  });
}

function judge(principal: Principal | undefined, request: FastifyRequest): HttpProblem | undefined {
  if (principal === undefined) return new HttpProblem(WEB_ERRORS.KEY_INVALID);
  const right = request.routeOptions.config.right ?? DEFAULT_RIGHT;
  if (principal.rights.has(right)) return undefined;
  return new HttpProblem(WEB_ERRORS.RIGHT_MISSING, {
    detail: `This needs the right "${right}"; the key holds: ${[...principal.rights].sort().join(', ') || 'none'}.`,
  });
}
