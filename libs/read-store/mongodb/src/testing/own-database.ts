import { randomBytes } from 'node:crypto';
import type { ReadStore } from '@cartage/read-store';
import { type Document, MongoClient } from 'mongodb';
import { MongoDbReadStore, type MongoDbReadStoreOptions } from '../index.ts';

/** A database of a spec file's own on the server that the URL names, removed after its last test. */
export class OwnDatabase {
  readonly url: string;
  readonly #client: MongoClient;

  constructor(server: string) {
    const name = `cartage_test_${randomBytes(6).toString('hex')}`;
    this.url = server.replace(/^([^/]+\/\/[^/]+\/)[^?]*/, `$1${name}`);
    this.#client = new MongoClient(this.url);
    afterAll(async () => {
      await this.#client.db().dropDatabase();
      await this.#client.close();
    });
  }

  /** With a setting more, such as `ttl=off`. */
  urlWith(setting: string): string {
    return `${this.url}${this.url.includes('?') ? '&' : '?'}${setting}`;
  }

  /** Of the first host, as a proxy takes it. */
  get host(): string {
    return this.url.replace(/^[^/]+\/\/(?:[^/]*@)?([^,/]+).*$/, 'http://$1');
  }

  /** By another port of this machine, where one server answers. */
  urlThrough(port: number): string {
    const [place = '', query] = this.url.split('?');
    const settings = new URLSearchParams(query);
    settings.delete('replicaSet');
    settings.set('directConnection', 'true');
    const { 1: credentials = '' } = /^[^/]+\/\/([^/]*@)?/.exec(place) ?? [];
    return `mongodb://${credentials}127.0.0.1:${port}/${place.split('/').at(-1)}?${settings.toString()}`;
  }

  /** Past the store. */
  command(command: Document): Promise<Document> {
    return this.#client.db().command(command);
  }

  async documents(collection: string): Promise<readonly Document[]> {
    return this.#client.db().collection(collection).find().toArray();
  }
}

export async function provisioned(url: string, generation = 'carts_v1'): Promise<ReadStore> {
  const store = await MongoDbReadStore.open(url, { generation });
  await store.provision();
  return store;
}

/** Not provisioned. */
export const opened = (url: string, options?: MongoDbReadStoreOptions): Promise<ReadStore> =>
  MongoDbReadStore.open(url, options);
