import { setTimeout as sleep } from 'node:timers/promises';
import { Calls, retrying, Unavailable } from '@cartage/read-store/adapting';
import type { Client, Host, QueryOptions, types } from 'cassandra-driver';
import { type Address, placeOf } from './address.ts';
import { abandon, type ClientSettings, connectorTo } from './client.ts';
import { isOutOfReach, isTransient, toStoreError } from './errors.ts';
import { Setbacks } from './setbacks.ts';

/** ms that a call waits for the client to be connected. */
const connectLimit = 2_500;
/** ms without a node in reach after which the client is replaced: it knows a cluster that may be another by now. */
const patience = 10_000;
/** Statements of one call that are under way. More make none of them faster. */
export const lanes = 200;

/** The driver's client, which connects at the first statement; another takes its place when it finds no node for long. */
export class Connection {
  readonly place: string;
  readonly setbacks: Setbacks;
  readonly #dataCenter: string;
  readonly #connector: () => Promise<Client>;
  readonly #calls: Calls;
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  #failingSince: number | undefined;

  private constructor(address: Address, connector: () => Promise<Client>) {
    this.place = placeOf(address);
    this.setbacks = new Setbacks(this.place);
    this.#dataCenter = address.dataCenter;
    this.#calls = new Calls(this.place);
    this.#connector = connector;
  }

  /** Connects to nothing yet. @throws {InvalidAddress} the file that `ca` names cannot be read */
  static async open(address: Address, settings: ClientSettings): Promise<Connection> {
    return new Connection(address, await connectorTo(address, settings));
  }

  /** What a store's caller asked for, with all its statements: `close` waits for it. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return this.#calls.during(work);
  }

  /**
   * Sends a statement that may be repeated harmlessly, prepared unless told otherwise. It ends within 3 s once connected.
   *
   * @throws {Unavailable} no answer, or a refusal
   */
  async send(cql: string, values: readonly unknown[], options?: SendOptions): Promise<types.ResultSet> {
    try {
      return await this.sendRaw(cql, values, options);
    } catch (error) {
      throw toStoreError(error, this.place);
    }
  }

  /** As {@link send}, but fails as the driver does. */
  sendRaw(cql: string, values: readonly unknown[], options?: SendOptions): Promise<types.ResultSet> {
    return retrying(() => this.#attempt(cql, values, options), { isTransient });
  }

  /** The nodes that are known, once one was reached. @throws {Unavailable} */
  async nodes(): Promise<readonly Node[]> {
    try {
      const { hosts } = this.#client ?? (await this.#connected());
      return hosts
        .values()
        .map((host) => ({ dataCenter: host.datacenter, version: host.getCassandraVersion() }));
    } catch (error) {
      throw toStoreError(error, this.place);
    }
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#release());
  }

  async #attempt(
    cql: string,
    values: readonly unknown[],
    { guard, ...options }: SendOptions = {},
  ): Promise<types.ResultSet> {
    const client = this.#client ?? (await this.#connected());
    guard?.();
    try {
      const result = await client.execute(cql, [...values], options);
      this.#failingSince = undefined;
      return result;
    } catch (error) {
      if (isOutOfReach(error)) this.#lose(client);
      throw error;
    }
  }

  /** Connecting goes on after the call that began it gave up: the next may find it done. */
  async #connected(): Promise<Client> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    const gaveUp = new AbortController();
    const { signal } = gaveUp;
    const late = sleep(connectLimit, undefined, { signal }).then(() => {
      throw new Unavailable(`${this.place} does not answer in time.`);
    });
    try {
      return await Promise.race([this.#connecting, late]);
    } finally {
      late.catch(() => undefined);
      gaveUp.abort();
    }
  }

  async #connect(): Promise<Client> {
    const client = await this.#connector();
    client.on('hostDown', ({ datacenter }: Host) => {
      if (datacenter === this.#dataCenter) this.setbacks.nodeLost();
    });
    this.#client = client;
    return client;
  }

  #lose(client: Client): void {
    this.#failingSince ??= performance.now();
    if (this.#client !== client || performance.now() - this.#failingSince < patience) return;
    this.#failingSince = undefined;
    this.#client = undefined;
    abandon(client);
  }

  async #release(): Promise<void> {
    // It may still succeed.
    await this.#connecting?.catch(() => undefined);
    await this.#client?.shutdown();
  }
}

/** `guard` is called before each attempt; what it throws ends the trying. */
export type SendOptions = QueryOptions & { readonly guard?: () => void };

export type Node = { readonly dataCenter: string; readonly version: readonly number[] };
