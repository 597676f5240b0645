import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStore } from '@cartage/read-store';
import { Unavailable } from '@cartage/read-store/adapting';
import { using } from '@cartage/read-store/testing';
import { Client, type types } from 'cassandra-driver';
import { parseAddress } from '../address.ts';
import { type CassandraReadStoreOptions, CassandraReadStore } from '../index.ts';

/** A keyspace that no other spec file uses, and the bare driver to look at what is in it. */
export class OwnKeyspace {
  readonly name: string;
  readonly #url: string;
  readonly #client: Client;

  constructor(url: string, what: string) {
    const { hosts, port, dataCenter, credentials } = parseAddress(url);
    this.name = `spec_${what}_${process.pid}`;
    this.#url = url.replace('/cartage', `/${this.name}`);
    this.#client = new Client({
      contactPoints: hosts.map((host) => `${host}:${port}`),
      localDataCenter: dataCenter,
      ...(credentials && { credentials: { ...credentials } }),
      protocolOptions: { port, maxVersion: 4 },
      socketOptions: { readTimeout: 20_000 },
    });
  }

  /** Of this keyspace, with these settings besides. */
  urlWith(settings = ''): string {
    return settings === '' ? this.#url : `${this.#url}&${settings}`;
  }

  /** Runs a statement as an operator would. `KS` stands for the keyspace. */
  async execute(cql: string, values: readonly unknown[] = []): Promise<readonly types.Row[]> {
    const prepare = values.length > 0;
    const { rows } = await this.#client.execute(cql.replaceAll('KS', this.name), [...values], { prepare });
    return rows;
  }

  /** To be called once all is done. */
  async remove(): Promise<void> {
    await this.execute('DROP KEYSPACE IF EXISTS KS');
    await this.#client.shutdown();
  }
}

/** Opens a generation and makes what is missing of it. */
export async function provisioned(url: string, options: CassandraReadStoreOptions = {}): Promise<ReadStore> {
  const store = await CassandraReadStore.open(url, options);
  try {
    await store.provision();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** As {@link using}, with a generation that is made before and dropped after. */
export const inStore = (url: string, body: (store: ReadStore) => Promise<void>): Promise<void> =>
  using(provisioned(url), async (store) => {
    await body(store);
    await store.drop();
  });

/** Until the store is available. */
export async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      await sleep(50);
    }
  }
}
