import type { FastifyInstance } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from './access.ts';
import { guestCookie } from './guest-cookie.ts';
import { isGuestToken } from './guest-tokens.ts';
import { anonymous, type Caller } from './principal.ts';

const missing = anonymous('missing');
const bearer = /^Bearer +(.+)$/i;

/**
 * Sets `request.principal` before anything else looks at the request. Never answers itself: a bad token on a public route is
 * ignored, elsewhere the route's own demand (`ownerOf`, `customerOf`, `requireScope`) turns it away.
 *
 * The token stands in `Authorization: Bearer` (RFC 6750), for users, services and guests alike. Only when there is no such header
 * the guest's cookie counts. It needs no CSRF token: browsers leave a `SameSite=Lax` cookie out of cross-site writes, bodies
 * other than `application/json` are refused, so that a form cannot write at all, and without CORS no other origin's script can
 * send JSON, PUT, PATCH or DELETE.
 */
export function authenticate(fastify: FastifyInstance, { guests, tokens }: Omit<Access, 'dev'>): void {
  fastify.decorateRequest('principal');
  fastify.addHook('onRequest', (request, _reply, done) => {
    const caller = callerOf(request.headers);
    if (!(caller instanceof Promise)) {
      request.principal = caller;
      return done();
    }
    void caller.then((verified) => {
      request.principal = verified;
      done();
    });
  });

  function callerOf({ authorization, cookie }: IncomingHttpHeaders): Caller | Promise<Caller> {
    if (authorization === undefined) {
      const token = guestCookie(cookie);
      return token === undefined ? missing : guests.verify(token);
    }
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) return missing;
    return isGuestToken(token) ? guests.verify(token) : (tokens.recall(token) ?? tokens.verify(token));
  }
}
