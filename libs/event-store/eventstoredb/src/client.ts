import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Expected, Unavailable } from '@cartage/event-store';
import {
  type ChannelCredentialOptions,
  type DNSClusterOptions,
  EventStoreDBClient,
  type GossipClusterOptions,
  type SingleNodeOptions,
} from '@eventstore/db-client';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Address } from './address.ts';
import { BatchCall, type Written } from './batch-call.ts';
import type { Proposed } from './event.ts';
import { logMessageIn } from './log-message.ts';

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
  #appending: Promise<BatchCall> | undefined;

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
  }

  /** The server's version, `unknown` when it does not tell. */
  async version(): Promise<string> {
    return (await this.capabilities).serverVersion;
  }

  /** Appends in the order of the calls. @throws what {@link BatchCall.append} throws; the call could not be begun */
  async append(stream: string, events: readonly Proposed[], expected: Expected): Promise<Written> {
    const call = await (this.#appending ??= this.#beginAppending());
    // Its call is about to end, and nobody would know whether with the append or without it.
    if (this.#retired) throw new Unavailable('The connection was given up before this was appended.');
    return call.append(stream, events, expected);
  }

  /** Begins a call that says what is in the log. */
  follow(request: ReadReq) {
    const { path, requestSerialize } = grpc.StreamsService.read;
    const [metadata, options] = this.callArguments({}, { deadline: Infinity });
    const begin = this.GRPCStreamCreator(grpc.StreamsClient, 'follow', (service) =>
      service.makeServerStreamRequest(path, requestSerialize, logMessageIn, request, metadata, options),
    );
    return begin();
  }

  /** Then a call that ended may have been cut off: the driver says nothing of it. */
  get retired(): boolean {
    return this.#retired;
  }

  #beginAppending(): Promise<BatchCall> {
    const { path, responseDeserialize } = grpc.StreamsService.batchAppend;
    const [metadata, options] = this.callArguments({ requiresLeader: true }, { deadline: Infinity });
    const begin = this.GRPCStreamCreator(grpc.StreamsClient, 'batchAppend', (service) =>
      service.makeBidiStreamRequest(path, asWritten, responseDeserialize, metadata, options),
    );
    const over = (): void => {
      if (this.#appending === appending) this.#appending = undefined;
    };
    const appending = begin().then((call) => new BatchCall(call, over));
    appending.catch(over);
    return appending;
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

const asWritten = (message: Buffer): Buffer => message;

function optionsOf({ nodePreference, connectionName, numbers }: Address) {
  made += 1;
  return {
    nodePreference,
    ...(connectionName !== undefined && { connectionName }),
    ...numbers,
    // gRPC shares one connection, and its growing pauses between attempts to connect, among clients with equal options:
    // a client made to replace one that hangs would hang as well. An interval of its own gives each a connection of its own.
    keepAliveInterval: (numbers.keepAliveInterval ?? keepAlive) + (made % 1_000),
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
