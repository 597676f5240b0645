import { Corrupted, Unavailable } from '@cartage/read-store/adapting';
import { type Document, MongoServerError } from 'mongodb';
import type { Address } from './address.ts';
import { type Connection, limits } from './connection.ts';

/** The collections of a generation. A dot stands between, because generations have none. */
export type Collections = { readonly views: string; readonly checkpoints: string; readonly parked: string };

type Index = { readonly name: string; readonly key: Document; readonly [option: string]: unknown };

export const collectionsOf = (generation: string): Collections => ({
  views: generation,
  checkpoints: `${generation}.checkpoints`,
  parked: `${generation}.parked`,
});

/** What a generation consists of on the server, and whether it is there. */
export class Tables {
  readonly #connection: Connection;
  readonly #collections: Collections;
  readonly #wanted: readonly Index[];
  /** The connection's breaks when all was found there. */
  #foundAt: number | undefined;
  #looking: Promise<void> | undefined;

  constructor(connection: Connection, collections: Collections, { ttl }: Address) {
    this.#connection = connection;
    this.#collections = collections;
    this.#wanted = indexesWith(ttl);
  }

  /**
   * To be awaited before a request. MongoDB makes a collection that is missing at the first write, without its indexes: this
   * looks whether they are there, once, and again when the server may have been replaced.
   *
   * @throws {Unavailable} the generation is not provisioned
   * @throws {Corrupted} as {@link provision}
   */
  async found(): Promise<void> {
    if (this.#foundAt === this.#connection.breaks) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  /**
   * Makes what is missing. Idempotent. An index over many views may take longer than is waited here: it is made all the same.
   *
   * @throws {Corrupted} a collection or an index is there that this adapter would not have made: what differs, and what to do
   */
  async provision(): Promise<void> {
    const { breaks } = this.#connection;
    const existing = await this.#existing();
    for (const name of Object.values(this.#collections)) {
      const options = existing.get(name);
      if (options === undefined) await this.#create(name);
      else compareOptions(name, options, this.#connection.place);
    }
    const missing = await this.#missing();
    if (missing.length > 0) await this.#createIndexes(missing);
    this.#foundAt = breaks;
  }

  /** Removes the collections with all they hold. Idempotent. */
  async drop(): Promise<void> {
    this.#foundAt = undefined;
    const existing = await this.#existing();
    for (const name of Object.values(this.#collections).filter((one) => existing.has(one)))
      await this.#connection.send((db, signal) =>
        unless('NamespaceNotFound', db.command({ drop: name, writeConcern }, { signal })),
      );
  }

  async #look(): Promise<void> {
    const { breaks, place } = this.#connection;
    if ((await this.#missing()).length > 0)
      throw new Unavailable(`The generation ${this.#collections.views} is not provisioned in ${place}.`);
    this.#foundAt = breaks;
  }

  /** The collections that are there, with how they were made. */
  async #existing(): Promise<ReadonlyMap<string, Document>> {
    const names = Object.values(this.#collections);
    const found = await this.#connection.send((db, signal) =>
      db.listCollections({ name: { $in: names } }, { signal, nameOnly: false }).toArray(),
    );
    return new Map(found.map(({ name, type, options }) => [name, { ...options, type }]));
  }

  async #create(name: string): Promise<void> {
    await this.#connection.send((db, signal) =>
      unless('NamespaceExists', db.command({ create: name, writeConcern }, { signal })),
    );
  }

  /** The indexes that are not there. @throws {Corrupted} */
  async #missing(): Promise<readonly Index[]> {
    const { views } = this.#collections;
    const answer = await this.#connection.send((db, signal) =>
      unless('NamespaceNotFound', db.command({ listIndexes: views }, { signal })),
    );
    const found: readonly Index[] = answer?.['cursor']?.firstBatch ?? [];
    return missingIn(found, this.#wanted, `${views} in ${this.#connection.place}`);
  }

  async #createIndexes(indexes: readonly Index[]): Promise<void> {
    const command = { createIndexes: this.#collections.views, indexes, writeConcern };
    await this.#connection.send((db, signal) => db.command(command, { signal }), limits.indexes);
  }
}

const writeConcern = { w: 'majority' } as const;

/** The answer, or undefined where the server refuses with this error. */
async function unless(codeName: string, answer: Promise<Document>): Promise<Document | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MongoServerError && error['codeName'] === codeName) return undefined;
    throw error;
  }
}

/** Scans: a share of the customers, page by page. */
export const scanKey = { bucket: 1, _id: 1 } as const;

/** Ids by themselves have one that lists an owner's carts too. */
const indexesWith = (ttl: boolean): readonly Index[] => [
  { name: 'bucket_1__id_1', key: scanKey },
  // 0 s after the date in `purgeAt`; without TTL the sweep finds by it what is due.
  { name: 'purgeAt_1', key: { purgeAt: 1 }, ...(ttl && { expireAfterSeconds: 0 }) },
];

function missingIn(found: readonly Index[], wanted: readonly Index[], place: string): readonly Index[] {
  for (const index of found) {
    const ours = wanted.find(({ name, key }) => name === index.name || isSame(key, index.key));
    const known = ours && { ...ours, name: index.name };
    if (known && !isSame(known, meaningOf(index))) throw otherIndex(index, JSON.stringify(known), place);
    // It would remove views, or refuse them as if newer ones were there.
    if (
      !ours &&
      !isSame(index.key, { _id: 1 }) &&
      ('expireAfterSeconds' in index || index['unique'] === true)
    )
      throw otherIndex(index, 'nothing that removes or refuses documents', place);
  }
  return wanted.filter(({ key }) => !found.some((index) => isSame(key, index.key)));
}

/** Without what a server adds to every index. */
function meaningOf({ v: _v, ns: _ns, background: _background, ...index }: Index): object {
  return index;
}

const isSame = (a: object, b: object): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));

/** Options have no order; the fields of a key do. */
const ordered = (index: object): object =>
  'key' in index ? Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1)) : index;

const otherIndex = (index: Index, wanted: string, place: string): Corrupted =>
  new Corrupted(
    `The index ${index.name} of ${place} is ${JSON.stringify(meaningOf(index))}, expected was ${wanted}. ` +
      `Drop it (dropIndex("${index.name}")) and provision again, name another generation, or say with ttl=on or ttl=off which is meant.`,
  );

/** @throws {Corrupted} it would lose documents, or find them by other ids than theirs */
export function compareOptions(
  name: string,
  { type = 'collection', capped, collation }: Document,
  place: string,
): void {
  const flaw =
    type !== 'collection' ? `a ${type}` : capped ? 'capped' : collation ? 'one with a collation' : undefined;
  if (flaw === undefined) return;
  throw new Corrupted(
    `The collection ${name} in ${place} is ${flaw}, expected was a plain one. Drop or rename it, or name another generation.`,
  );
}
