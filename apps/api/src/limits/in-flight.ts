import type { FastifyInstance } from 'fastify';
import { denied } from '../access/denied.ts';
import { isProbe } from './probe.ts';

/**
 * Answers 503 while `most` requests are under way, so that an overload sheds load instead of queueing it. A request counts until its
 * answer is sent or its client has gone. Register it before whatever does work. Returns how many there are.
 */
export function limitInFlight(fastify: FastifyInstance, most: number): () => number {
  let inFlight = 0;
  const release = (): void => {
    inFlight -= 1;
  };
  fastify.addHook('onRequest', (request, reply, done) => {
    if (isProbe(request)) return done();
    if (inFlight >= most)
      return done(
        denied('overloaded', 'Too much is under way: try again in a moment.', { 'retry-after': '1' }),
      );
    inFlight += 1;
    // Fastify's onResponse hook does not run when the client hangs up early.
    reply.raw.once('close', release);
    done();
  });
  return () => inFlight;
}
