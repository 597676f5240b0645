import { isCartName, isOwner } from '@cartage/cart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ownerOf, requireScope } from './access/principal.ts';
import type { Envelope } from './carts.ts';
import { commandIdOf, entityTags } from './conditions.ts';
import { invalidField } from './problems.ts';

/** Where one cart, and where all carts of an owner live: shoppers' own, named by their token, and those a service names. */
export const cartPaths = ['v1/carts/:name', 'v1/owners/:owner/carts/:name'];
export const cartsPaths = ['v1/carts', 'v1/owners/:owner/carts'];

declare module 'fastify' {
  interface FastifyRequest {
    /** On the routes above: whose carts the request is about. The caller may use them. */
    owner: string;
    /** On routes of one cart. */
    cartId: string;
  }
}

type Named = { readonly owner?: string; readonly name?: string };

/** Finds out which cart a request means and whether its caller may use it, before its body is read. Needs `request.principal`. */
export function resolveAddresses(fastify: FastifyInstance): void {
  fastify.decorateRequest('owner', '');
  fastify.decorateRequest('cartId', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      resolve(request, request.routeOptions.url ?? '');
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function resolve(request: FastifyRequest, route: string): void {
  const shoppers = route.startsWith('/v1/carts');
  if (!shoppers && !route.startsWith('/v1/owners/')) return;
  const { owner = '', name } = request.params as Named;
  if (shoppers) request.owner = ownerOf(request);
  else {
    requireScope(
      request,
      request.method === 'GET' || request.method === 'HEAD' ? 'carts:read' : 'carts:write',
    );
    if (!isOwner(owner)) throw invalidField('owner', 'expected u~<user id> or g~<guest id>');
    request.owner = owner;
  }
  if (name === undefined) return;
  if (!isCartName(name)) throw invalidField('name', 'expected 1 to 32 characters of A-Z a-z 0-9 _ -');
  request.cartId = `${request.owner}~${name}`;
}

/** @throws {Problem} 400: a malformed `If-Match` or `Idempotency-Key` */
export const envelopeOf = (request: FastifyRequest): Envelope => ({
  cartId: request.cartId,
  commandId: commandIdOf(request),
  ifMatch: entityTags(request, 'if-match'),
});

const lineIdPattern = /^[A-Za-z0-9._-]{1,80}$/;

/** The line a path names. @throws {Problem} 400: no line can have this id */
export function lineIdOf(request: FastifyRequest): string {
  const { lineId = '' } = request.params as { readonly lineId?: string };
  if (lineIdPattern.test(lineId)) return lineId;
  throw invalidField('lineId', 'expected 1 to 80 characters of A-Z a-z 0-9 . _ -');
}
