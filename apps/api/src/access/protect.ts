import type { FastifyInstance } from 'fastify';
import type { Config } from '@cartage/runtime';
import { limitInFlight } from '../limits/in-flight.ts';
import { limitRates } from '../limits/rate-limit.ts';
import type { Access } from './access.ts';
import { authenticate } from './authenticate.ts';

/**
 * What every request passes before its route, cheapest first. Call it before the routes are added. Resolves to a
 * count of the requests under way.
 */
export async function protect(
  fastify: FastifyInstance,
  access: Access,
  { inFlight, ...rates }: Config['limits'],
): Promise<() => number> {
  const underWay = limitInFlight(fastify, inFlight);
  authenticate(fastify, access);
  await limitRates(fastify, rates);
  return underWay;
}
