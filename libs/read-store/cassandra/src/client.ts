import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { Client, type DseClientOptions, policies, type tracker, types } from 'cassandra-driver';
import { type Address, refuse } from './address.ts';

export type ClientSettings = {
  /** Hears of every statement that was sent. For tests and measurements. */
  readonly tracker?: tracker.RequestTracker;
};

/** ms: what a node may take for an answer, and for letting a connection in. With {@link TwoNodes}, a statement ends in 3 s. */
const limits = { answer: 1_500, connection: 1_500 } as const;

/** Views bring their own timestamp; what has none gets the server's. The driver takes null for it, which its types do not know. */
const serverTime: object = { timestampGeneration: null };

/**
 * Connects a client of its own at each call.
 *
 * @throws {InvalidAddress} the file that `ca` names cannot be read
 */
export async function connectorTo(
  address: Address,
  settings: ClientSettings,
): Promise<() => Promise<Client>> {
  const sslOptions = address.tls ? await tlsOptions(address) : undefined;
  return async () => {
    const contactPoints = address.hosts.map((host) => `${host}:${address.port}`);
    const client = new Client({
      ...optionsFor(address, settings),
      contactPoints,
      ...(sslOptions && { sslOptions }),
    });
    try {
      await client.connect();
    } catch (error) {
      abandon(client);
      throw error;
    }
    // The driver holds on to this very list. When no node was in reach it would connect to them anew, beside the nodes it knows
    // and reconnects to, and forget to close those: a connection and its timers would be left of each outage.
    contactPoints.length = 0;
    return client;
  };
}

/** Closes what a client has open, in its own time. */
export function abandon(client: Client): void {
  client.shutdown().catch(() => undefined);
}

/** What the driver is told. */
function optionsFor(
  { port, credentials, dataCenter }: Address,
  { tracker }: ClientSettings,
): DseClientOptions {
  return {
    ...(credentials && { credentials: { ...credentials } }),
    ...(tracker && { requestTracker: tracker }),
    protocolOptions: {
      // Nodes tell each other's addresses without ports.
      port,
      // A higher one is refused by the server first: a round trip.
      maxVersion: types.protocolVersion.v4,
      // A node that is down never agrees, and is waited for all the same.
      maxSchemaAgreementWaitSeconds: 2,
    },
    queryOptions: {
      // Parsed by the server once. On the client, as some of the driver's calls ignore it per statement.
      prepare: true,
      // All are: hence repeated on another node when one fails.
      isIdempotent: true,
      // Reads see what was written. The driver's own default is one replica.
      consistency: types.consistencies.localQuorum,
    },
    encoding: {
      // Timestamps and tokens are beyond 2^53.
      useBigIntAsLong: true,
      // A missing timestamp would become the server's time, and the fence be gone: it is refused instead.
      useUndefinedAsUnset: false,
    },
    policies: {
      // Here, as with `localDataCenter` a wrong name leaves a connection open at each attempt.
      loadBalancing: new policies.loadBalancing.DefaultLoadBalancingPolicy({ localDc: dataCenter }),
      ...serverTime,
      retry: new TwoNodes(),
      // ms; the driver's own pauses grow to ten minutes.
      reconnection: new policies.reconnection.ExponentialReconnectionPolicy(250, 2_000, false),
    },
    pooling: {
      // Statements beyond 2,048 on a connection would fail instead of waiting.
      maxRequestsPerConnection: 32_768,
      // ms; an idle connection that is dead is found out.
      heartBeatInterval: 10_000,
    },
    socketOptions: {
      readTimeout: limits.answer,
      connectTimeout: limits.connection,
      // Of answers that did not come, until a connection is given up: the driver waits for 64.
      defunctReadTimeoutThreshold: 8,
      keepAlive: true,
    },
    // Nobody is told about this process.
    monitorReporting: { enabled: false },
  };
}

/** After an answer that did not come, or a broken connection, one other node is asked: a call must end. */
class TwoNodes extends policies.retry.RetryPolicy {
  override onRequestError(
    ...[{ nbRetry }, consistency]: Parameters<policies.retry.RetryPolicy['onRequestError']>
  ): policies.retry.DecisionInfo {
    return nbRetry > 0 ? this.rethrowResult() : this.retryResult(consistency, false);
  }
}

/** The driver connects to addresses, certificates often hold names only: one that stands in the URL is as good. */
async function tlsOptions({ hosts, ca }: Address): Promise<ConnectionOptions> {
  return {
    // The driver's own default is to accept any.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: await trusted(ca) }),
    checkServerIdentity: (address, certificate) => {
      const errors = [address, ...hosts].map((name) => checkServerIdentity(name, certificate));
      return errors.includes(undefined) ? undefined : errors[0];
    },
  };
}

const trusted = (ca: string): Promise<Buffer> =>
  readFile(ca).catch(() => refuse(`ca to be a PEM file that can be read; ${ca} is none`));
