import { subscribe } from 'node:diagnostics_channel';
import type { ReadStore } from '@cartage/read-store';
import { CassandraReadStore } from '@cartage/read-store-cassandra';
import { DynamoDbReadStore } from '@cartage/read-store-dynamodb';
import { MongoDbReadStore } from '@cartage/read-store-mongodb';
import { tracker } from 'cassandra-driver';
import type { StoreName } from './engines.ts';

/** Which set of tables on which engine. */
export type Place = { readonly engine: StoreName; readonly url: string; readonly generation: string };

/** The adapter of an engine. */
export function openStore({ engine, url, generation }: Place): Promise<ReadStore> {
  switch (engine) {
    case 'cassandra':
      return CassandraReadStore.open(url, { generation });
    case 'dynamodb':
      return DynamoDbReadStore.open(url, { generation });
    case 'mongodb':
      return MongoDbReadStore.open(url, { generation });
  }
}

/** As {@link openStore}; `onCall` hears of every request that is sent, which costs time. */
export function openWatched({ engine, url, generation }: Place, onCall: () => void): Promise<ReadStore> {
  switch (engine) {
    case 'cassandra':
      return CassandraReadStore.open(url, { generation, tracker: new Calls(onCall) });
    case 'dynamodb':
      subscribe('http.client.request.start', onCall);
      return DynamoDbReadStore.open(url, { generation });
    case 'mongodb':
      return MongoDbReadStore.open(url, { generation, onCommand: onCall });
  }
}

/** The driver takes none but its own classes for a tracker. It does not tell of PREPARE. */
class Calls extends tracker.RequestLogger {
  readonly #onCall: () => void;

  constructor(onCall: () => void) {
    super({});
    this.#onCall = onCall;
  }

  override onSuccess(): void {
    this.#onCall();
  }

  override onError(): void {
    this.#onCall();
  }
}
