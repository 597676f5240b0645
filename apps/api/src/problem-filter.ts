import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.ts';
import { sendProblem } from './problems.ts';

/** The one place where errors of routes, pipes, hooks and of Fastify itself become answers. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #metrics: Metrics;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  catch(error: unknown, context: ArgumentsHost): void {
    const { code } = sendProblem(context.switchToHttp().getResponse<FastifyReply>(), error);
    this.#metrics.refused.inc({ code });
  }
}
