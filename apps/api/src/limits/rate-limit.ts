import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { denied } from '../access/denied.ts';
import { isProbe } from './probe.ts';

/** Per minute. */
export type Rates = { readonly requests: number; readonly guests: number };

const timeWindow = 60_000;
const cache = 50_000;

/**
 * Answers 429 to a caller beyond its `requests` a minute, and to an address that makes more than `guests` guests a minute. A caller
 * is a guest or a user; whoever is neither counts by address (an IPv6 address by its /64 network). Services are not limited. Each
 * process counts for itself, from a caller's first request of a minute on, the latest 50,000 callers. Needs `request.principal`.
 */
export async function limitRates(fastify: FastifyInstance, { requests, guests }: Rates): Promise<void> {
  await fastify.register(rateLimit, { global: false });
  const spend = { timeWindow, cache };
  const request = fastify.createRateLimit({ ...spend, max: requests, keyGenerator: callerOf });
  const guest = fastify.createRateLimit({ ...spend, max: guests, keyGenerator: addressOf });
  fastify.addHook('onRequest', async (incoming) => {
    if (incoming.principal.kind === 'service' || isProbe(incoming)) return;
    refuse(await request(incoming), 'requests');
    if (incoming.method === 'POST' && incoming.routeOptions.url === '/v1/guests')
      refuse(await guest(incoming), 'guests from one address');
  });
}

const callerOf = (request: FastifyRequest): string => {
  const { principal } = request;
  return principal.kind === 'guest' || principal.kind === 'user' ? principal.owner : addressOf(request);
};

/** Absent on a connection that is gone already. */
const addressOf = ({ ip }: { readonly ip?: string }): string => rateLimit.normalizeIP(ip ?? '');

type Verdict = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function refuse(verdict: Verdict, what: string): void {
  if (verdict.isAllowed || !verdict.isExceeded) return;
  const { max, ttlInSeconds } = verdict;
  throw denied('rate_limited', `At most ${max} ${what} a minute: try again in ${ttlInSeconds} s.`, {
    'retry-after': String(ttlInSeconds),
  });
}
