import { type sendUnaryData, Server, type ServerUnaryCall } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { clusterOf, supportedMethods } from './about.ts';
import { append, softDelete, tombstone } from './append.ts';
import { BatchAppend } from './batch-append.ts';
import { requestIn } from './batch-messages.ts';
import { Connections } from './connections.ts';
import { groupedAnswers } from './grouped-answers.ts';
import { EventLog } from './log.ts';
import { type Misdeed, Misdeeds } from './misdeeds.ts';
import { featuresGrpc, gossipGrpc, streamsGrpc } from './protocol.ts';
import { read, type ReadCall } from './read.ts';
import { sourceOf, Subscription } from './subscription.ts';

const longestMessage = 17 * 1024 * 1024; // bytes; a longer one fails the whole call it came in

export type FacadeOptions = {
  /** Default 0: the system chooses. */
  readonly port?: number;
  /** Where everything is kept that was acknowledged; in memory when absent. */
  readonly file?: string;
};

export type Facade = {
  /** `esdb://127.0.0.1:<port>?tls=false` */
  readonly url: string;
  readonly port: number;
  /** Behaves badly from now on, and answers how many subscriptions, connections or calls that hit at once. */
  misbehave(misdeed: Misdeed): Promise<number>;
  /** Resets the connections and releases port and file. */
  close(): Promise<void>;
};

/**
 * Starts an EventStoreDB protocol facade, not EventStoreDB: a gRPC server on 127.0.0.1 that answers the client as EventStoreDB
 * 23.10.7 was measured to. Any credentials will do. Several may run in one process.
 *
 * @throws {Error} the port is taken, or the file is no log of a facade
 */
export async function startEventStoreDbFacade({ port = 0, file }: FacadeOptions = {}): Promise<Facade> {
  const facade = new Running(await EventLog.open(file));
  await facade.listen(port);
  return facade;
}

class Running implements Facade {
  readonly #log: EventLog;
  readonly #misdeeds = new Misdeeds();
  readonly #subscriptions = new Set<Subscription>();
  readonly #batches = new Set<BatchAppend>();
  readonly #server = new Server({
    'grpc.max_receive_message_length': longestMessage,
    interceptors: [groupedAnswers],
  });
  #connections: Connections | undefined;

  constructor(log: EventLog) {
    this.#log = log;
    this.#serveStreams();
    this.#serveTheRest();
  }

  async listen(port: number): Promise<void> {
    this.#connections = await Connections.accept(this.#server, port);
  }

  get port(): number {
    return this.#connections?.port ?? 0;
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  async misbehave(misdeed: Misdeed): Promise<number> {
    switch (misdeed.kind) {
      case 'drop-slow':
        return forEach(
          [...this.#subscriptions].filter(({ isLive }) => isLive),
          (each) => each.drop(),
        );
      case 'fail-batches':
        return forEach([...this.#batches], (batch) => batch.fail());
      case 'reset':
        return this.#connections?.reset() ?? 0;
      case 'swallow':
        this.#misdeeds.swallow(misdeed.appends);
        return 0;
      case 'freeze':
        this.#misdeeds.freeze(misdeed.ms);
        return 0;
      case 'not-ready':
        this.#misdeeds.beNotReady(misdeed.ms);
        return 0;
      case 'not-leader':
        this.#misdeeds.follow(misdeed.host, misdeed.port, misdeed.ms);
        return 0;
    }
  }

  async close(): Promise<void> {
    this.#misdeeds.close();
    await this.#connections?.close();
    this.#server.forceShutdown();
    await this.#log.close();
  }

  #serveStreams(): void {
    const [log, misdeeds] = [this.#log, this.#misdeeds];
    const { read: reading, batchAppend: appending, ...others } = streamsGrpc.StreamsService;
    const asKept = {
      ...reading,
      responseSerialize: (wire: Uint8Array) => Buffer.from(wire.buffer, wire.byteOffset, wire.length),
    };
    const asWritten = {
      ...appending,
      requestDeserialize: requestIn,
      responseSerialize: (wire: Buffer) => wire,
    };
    this.#server.addService(
      { ...others, read: asKept, batchAppend: asWritten },
      {
        read: (call: ReadCall) => misdeeds.run(() => this.#read(call)),
        append: append.bind(undefined, log, misdeeds),
        delete: softDelete.bind(undefined, log, misdeeds),
        tombstone: tombstone.bind(undefined, log, misdeeds),
        batchAppend: (call: ConstructorParameters<typeof BatchAppend>[2]) => {
          const batch = new BatchAppend(log, misdeeds, call);
          this.#batches.add(batch);
          call.on('close', () => this.#batches.delete(batch));
          call.on('cancelled', () => this.#batches.delete(batch));
        },
      },
    );
  }

  #serveTheRest(): void {
    this.#server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, reply: sendUnaryData<unknown>) =>
        this.#misdeeds.run(() => reply(null, supportedMethods())),
    });
    this.#server.addService(gossipGrpc.GossipService, {
      read: (_: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) =>
        this.#misdeeds.run(() =>
          reply(null, clusterOf({ host: '127.0.0.1', port: this.port }, this.#misdeeds.leader)),
        ),
    });
  }

  #read(call: ReadCall): void {
    if (call.cancelled) return;
    const refusal = this.#misdeeds.refusal(call.metadata);
    if (refusal !== undefined) return void call.emit('error', refusal);
    const options = call.request.getOptions();
    if (options?.hasSubscription()) this.#subscribe(call, options);
    else read(this.#log, this.#misdeeds, call);
  }

  #subscribe(call: ReadCall, options: ReadReq.Options): void {
    try {
      const source = sourceOf(this.#log, options);
      const subscription = new Subscription(this.#log, this.#misdeeds, call, source);
      this.#subscriptions.add(subscription);
      subscription.onEnd(() => this.#subscriptions.delete(subscription));
    } catch (error) {
      call.emit('error', error);
    }
  }
}

function forEach<T>(all: readonly T[], act: (one: T) => void): number {
  for (const one of all) act(one);
  return all.length;
}
