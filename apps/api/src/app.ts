import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EventStore } from '@cartage/event-store';
import { listenError, PortInUse, serveOperators } from '@cartage/runtime';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { openAccess } from './access/access.ts';
import { protect } from './access/protect.ts';
import { resolveAddresses } from './addresses.ts';
import { ApiModule } from './app.module.ts';
import { serveDocs } from './docs.ts';
import { readiness } from './health.ts';
import { refuseConnection, refuseMalformed } from './malformed.ts';
import { refuseOtherMethods, watchRoutes } from './methods.ts';
import { Metrics } from './metrics.ts';
import { sendProblem } from './problems.ts';
import { type NamedStore, ServingStore } from './queries/serving-store.ts';
import { storedCart } from './queries/stored-cart.ts';
import type { Config } from './tokens.ts';
import { CompiledValidation } from './validation.ts';

export type Stores = {
  readonly events: EventStore;
  /** The first answers shoppers. They need not be within reach. */
  readonly views: readonly NamedStore[];
};

/** An API that listens. The stores stay the caller's to close. */
export type Api = {
  readonly url: string;
  readonly operatorUrl: string;
  readonly metrics: Metrics;
  /** Accepts nothing more, and resolves when what was under way is answered, or 3 s later. */
  close(): Promise<void>;
};

const bodyLimit = 16 * 1024;
/** For a whole request to arrive. */
const patience = 30_000;
const drainLimit = 3_000;

/**
 * Starts an API on these stores. Port 0 picks a free one.
 *
 * @throws {InvalidConfiguration}
 * @throws {PortInUse} naming the setting
 */
export async function createApp(config: Config, stores: Stores): Promise<Api> {
  const [first] = stores.views;
  if (!first) throw new RangeError('There is no read store.');
  const serving = new ServingStore(first);
  const app = await assemble(config, stores.events, serving);
  const metrics = app.get(Metrics);
  const { host, port, operatorPort } = config;
  const routes = {
    ready: () => readiness(stores.events, serving),
    metrics: () => metrics.registry.metrics(),
    more: [storedCart(stores.views)],
  };
  try {
    const url = await naming('PORT', () => listen(app, host, port));
    const operators = await naming('OPERATOR_PORT', () => serveOperators(host, operatorPort, routes));
    const close = async (): Promise<void> => {
      await drain(app);
      await operators.close();
    };
    return { url, operatorUrl: operators.url, metrics, close };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The order matters: what turns requests away comes before what knows their route, and both before the routes. */
async function assemble(
  config: Config,
  events: EventStore,
  views: ServingStore,
): Promise<NestFastifyApplication> {
  const access = await openAccess(config);
  const adapter = new FastifyAdapter({
    bodyLimit,
    // Never `true`: that would believe the first address of the header, which a client writes itself.
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    requestTimeout: patience,
    routerOptions: { maxParamLength: 600 },
    skipMiddie: true,
    // Of the two limits Node takes the longer for the whole request: unless both are the same, 60 s.
    http: { requireHostHeader: false, headersTimeout: patience, connectionsCheckingInterval: 5_000 },
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error: unknown, _request: unknown, reply: FastifyReply) =>
      void sendProblem(reply, error),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.of(config, { events, views }, access),
    adapter,
    { bodyParser: false, abortOnError: false, logger: ['fatal', 'error', 'warn'] },
  );
  const fastify = fastifyOf(app);
  acceptJsonOnly(fastify);
  refuseMalformed(fastify);
  const paths = watchRoutes(fastify);
  app.get(Metrics).observeInFlight(await protect(fastify, access, config.limits));
  resolveAddresses(fastify);
  app.useGlobalPipes(new CompiledValidation());
  serveDocs(app);
  await app.init();
  refuseOtherMethods(fastify, paths);
  return app;
}

/** An empty body counts as none: many clients send the header with every request. */
function acceptJsonOnly(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else void parse(request, body as string, done);
  });
}

async function listen(app: NestFastifyApplication, host: string, port: number): Promise<string> {
  try {
    return await fastifyOf(app).listen({ host, port });
  } catch (error) {
    throw listenError(error, host, port);
  }
}

async function naming<T>(setting: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw error instanceof PortInUse ? new PortInUse(`${setting}: ${error.message}`) : error;
  }
}

/** Node closes the connections that are idle when it stops listening; this also closes those that become idle then. */
async function drain(app: NestFastifyApplication): Promise<void> {
  const { server } = fastifyOf(app);
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const limit = setTimeout(() => server.closeAllConnections(), drainLimit);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(limit);
  }
}

const fastifyOf = (app: NestFastifyApplication) => app.getHttpAdapter().getInstance() as FastifyInstance;
