import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import { hasCode } from '@cartage/event-store';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.ts';
import { sendProblem } from './problems.ts';

/** While a store fails, every request meets the same trouble: operators are told of it this often, ms. */
const tellEvery = 5_000;
const log = new Logger('api');

/** The one place where errors of routes, pipes, hooks and of Fastify itself become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #metrics: Metrics;
  #toldAt = -Infinity;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  catch(error: unknown, context: ArgumentsHost): void {
    const { code } = sendProblem(context.switchToHttp().getResponse<FastifyReply>(), error);
    this.#metrics.refused.inc({ code });
    if (hasCode(error, 'unavailable')) this.#tell(error);
  }

  /** What a store says is for operators: it names folders and hosts. */
  #tell({ message }: Error): void {
    const now = performance.now();
    if (now - this.#toldAt < tellEvery) return;
    this.#toldAt = now;
    log.error(message);
  }
}
