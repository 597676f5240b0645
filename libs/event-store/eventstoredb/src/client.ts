import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '@cartage/event-store';
import {
  type AppendResult,
  type ChannelCredentialOptions,
  type DNSClusterOptions,
  type EventData,
  EventStoreDBClient,
  type GossipClusterOptions,
  type NO_STREAM,
  type SingleNodeOptions,
} from '@eventstore/db-client';
import type { Address } from './address.ts';
import { isAnswer } from './errors.ts';

export type Credentials = NonNullable<Address['credentials']>;

const keepAlive = 10_000; // ms, for the interval and for the answer: what servers put up with
const patience = 1_000; // ms
let made = 0;

/** The driver's client, which can be given up for good. */
export class Client extends EventStoreDBClient {
  /** When the server last answered, ms by `performance.now()`. */
  answeredAt = 0;
  readonly madeAt = performance.now();
  #retired = false;
  #opening: Promise<void> | undefined;

  constructor(address: Address, credentials: Credentials | undefined) {
    const [node] = address.hosts;
    const endpoint = node ?? { address: '', port: 0 };
    const options = optionsOf(address);
    const where: DNSClusterOptions | GossipClusterOptions | SingleNodeOptions = address.discover
      ? { ...options, discover: endpoint }
      : address.hosts.length > 1
        ? { ...options, endpoints: [...address.hosts] }
        : { ...options, endpoint };
    // The overloads differ in nothing but the first argument's type.
    super(where as SingleNodeOptions, tlsOf(address), credentials);
    const create = this.GRPCStreamCreator;
    this.GRPCStreamCreator = (Service, name, make, cache) =>
      create(Service, name, (service) => tamed(make(service)), cache);
  }

  /** The server's version, `unknown` when it does not tell. */
  async version(): Promise<string> {
    return (await this.capabilities).serverVersion;
  }

  /**
   * Appends in the order of the calls. As long as the batch call they share is being made, the driver lets the second overtake
   * the first: so the others wait for the first to be answered.
   */
  async append(
    stream: string,
    events: EventData[],
    expectedRevision: bigint | typeof NO_STREAM,
  ): Promise<AppendResult> {
    for (let opening = this.#opening; opening; opening = this.#opening) {
      await opening;
      if (opening === this.#opening) break;
    }
    // A batch call begun now would take the appends of this client's successor with it when it ends.
    if (this.#retired) throw new Unavailable('The connection was given up before this was appended.');
    const appending = this.appendToStream(stream, events, { expectedRevision, requiresLeader: true });
    const opening = (this.#opening ??= appending.then(
      () => undefined,
      () => undefined,
    ));
    try {
      return await appending;
    } catch (error) {
      // The batch call may be over, and the next append makes another.
      if (!isAnswer(error) && this.#opening === opening) this.#opening = undefined;
      throw error;
    }
  }

  /** Then a call that ended may have been cut off: the driver says nothing of it. */
  get retired(): boolean {
    return this.#retired;
  }

  /** Ends every call, and makes sure that a call still being prepared never begins. Its pending appends have then failed. */
  async retire(): Promise<void> {
    this.#retired = true;
    await Promise.race([this.dispose(), sleep(patience, undefined, { ref: false })]);
    void this.getChannel().then(
      (channel) => channel.close(),
      () => undefined,
    );
  }
}

/**
 * A batch call that ends nobody's process. It never asks its writer to wait: appends that the driver lets wait reject a promise
 * nobody holds when the call breaks. How many are under way is for the callers to bound, who wait for their answers. And an
 * answer that the driver cannot place, because it has failed that append with another call that broke, is passed over.
 */
function tamed<T>(stream: T): T {
  if (!(stream instanceof Duplex)) return stream;
  const [write, emit] = [stream.write.bind(stream), stream.emit.bind(stream)];
  return Object.assign(stream, {
    emit: (event: string, ...args: readonly unknown[]) => {
      try {
        return emit(event, ...args);
      } catch (error) {
        if (event !== 'data') throw error;
        return true;
      }
    },
    write: (message: unknown) => {
      write(message);
      return true;
    },
  });
}

function optionsOf({ nodePreference, connectionName, numbers }: Address) {
  made += 1;
  return {
    nodePreference,
    ...(connectionName !== undefined && { connectionName }),
    ...numbers,
    // gRPC shares one connection, and its growing pauses between attempts to connect, among clients with equal options:
    // a client made to replace one that hangs would hang as well. An interval of its own gives each a connection of its own.
    keepAliveInterval: (numbers.keepAliveInterval ?? keepAlive) + (made % 1_000),
    // With false, the driver reports 1 as the next revision of every append that fails.
    throwOnAppendFailure: true,
  };
}

function tlsOf({ tls, tlsCaFile, userCertFile, userKeyFile }: Address): ChannelCredentialOptions {
  if (!tls) return { insecure: true };
  return {
    insecure: false,
    ...(tlsCaFile !== undefined && { rootCertificate: pem('tlsCaFile', tlsCaFile) }),
    ...(userCertFile !== undefined && { userCertFile: pem('userCertFile', userCertFile) }),
    ...(userKeyFile !== undefined && { userKeyFile: pem('userKeyFile', userKeyFile) }),
  };
}

function pem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new Unavailable(`The file that ${setting} names cannot be read${why}: ${path}`);
  }
}
