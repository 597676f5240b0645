import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Problem } from './problems.ts';

const methods: readonly HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

type Paths = ReadonlyMap<string, ReadonlySet<string>>;

/** The methods of each path, as routes are added. */
export function watchRoutes(fastify: FastifyInstance): Paths {
  const paths = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const allowed = paths.get(url) ?? new Set();
    paths.set(url, allowed);
    for (const name of [method].flat()) allowed.add(name);
  });
  return paths;
}

/** Adds a route to each path for every method it lacks: 405 with `Allow` (RFC 9110, 15.5.6). Call it when all others are there. */
export function refuseOtherMethods(fastify: FastifyInstance, paths: Paths): void {
  for (const [url, allowed] of paths) {
    const allow = [...allowed].join(', ');
    const method = methods.filter((name) => !allowed.has(name));
    const handler = () => {
      throw new Problem(405, 'method_not_allowed', `Allowed here: ${allow}.`, { headers: { allow } });
    };
    if (method.length > 0 && url.startsWith('/v1/')) fastify.route({ method, url, handler });
  }
}
