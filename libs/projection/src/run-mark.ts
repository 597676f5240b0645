import type { CartView } from '@cartage/cart';
import type { BucketRange } from '@cartage/read-store';
import { overlap, rangeIn } from './checkpoint.ts';
import type { ProjectedStore } from './projected-store.ts';

const kind = 'rebuild';
const seeded = 'seeded';

/** Whether a name among the checkpoints is a mark that a rebuild left, and says nothing of a position. */
export const isMark = (name: string): boolean =>
  rangeIn(name, kind) !== undefined || rangeIn(name, seeded) !== undefined;

/** The mark of carts whose views are written up to what was the end of the log. */
export const seededMark = ({ from, to }: BucketRange): string => `${seeded}.${from}-${to}`;

/** Whether anybody writes these carts who fences, a projection or a rebuild that has caught up: a view may be newer than a seed's. */
export function isKept(checkpoints: ReadonlyMap<string, bigint>, buckets: BucketRange): boolean {
  const ranges = (wanted: string): BucketRange[] =>
    [...checkpoints.keys()].flatMap((name) => {
      const range = rangeIn(name, wanted);
      return range && overlap(range, buckets) ? [range] : [];
    });
  const isMarked = ({ from, to }: BucketRange): boolean => checkpoints.has(`${kind}.${from}-${to}`);
  return ranges(seeded).length > 0 || !ranges('carts').every(isMarked);
}

/** Another run rebuilds the same carts of the same generation, and goes on with it. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver';
  readonly code = 'taken_over';

  constructor() {
    super(
      'Another run has taken over the rebuild of this generation: this one stops and leaves the rest to it.',
    );
  }
}

/**
 * Marks a generation as one that is rebuilt by this run. Whoever marks it last goes on; whoever finds another's mark stops. The
 * mark is kept among the checkpoints: it lives and dies with the views.
 */
export class RunMark {
  readonly #store: ProjectedStore;
  readonly #buckets: BucketRange;
  /** As they were when this run was the last to begin, of all ranges that share a bucket with this one's. */
  readonly #marks: ReadonlyMap<string, bigint>;

  private constructor(store: ProjectedStore, buckets: BucketRange, marks: ReadonlyMap<string, bigint>) {
    this.#store = store;
    this.#buckets = buckets;
    this.#marks = marks;
  }

  static async set(store: ProjectedStore, buckets: BucketRange): Promise<RunMark> {
    const { from, to } = buckets;
    const [id = 0n] = crypto.getRandomValues(new BigUint64Array(1));
    const own = [`${kind}.${from}-${to}`, id >> 2n] as const;
    await store.saveCheckpoint(...own);
    // Its own as it set it: another run may have done the same in between.
    return new RunMark(store, buckets, new Map([...marksIn(await store.checkpoints(), buckets), own]));
  }

  /** @throws {TakenOver} another run has begun since */
  async check(): Promise<void> {
    const marks = marksIn(await this.#store.checkpoints(), this.#buckets);
    if ([...marks].some(([name, id]) => this.#marks.get(name) !== id)) throw new TakenOver();
  }
}

/** The marks of the rebuilds of these carts among the checkpoints. */
export function marksIn(
  checkpoints: ReadonlyMap<string, bigint>,
  buckets: BucketRange,
): ReadonlyMap<string, bigint> {
  return new Map(
    [...checkpoints].filter(([name]) => {
      const range = rangeIn(name, kind);
      return range !== undefined && overlap(range, buckets);
    }),
  );
}

/**
 * The store as a marked run may use it: it looks at the mark before each write. A put that is not fenced may end after another
 * run has begun, and lie over newer views: `repair` is then given what it wrote.
 */
export function marked(
  store: ProjectedStore,
  mark: RunMark,
  repair: (views: readonly CartView[]) => Promise<void>,
): ProjectedStore {
  let unconfirmed: readonly CartView[] = [];
  const check = async (): Promise<void> => {
    try {
      await mark.check();
    } catch (error) {
      if (error instanceof TakenOver) await repair(unconfirmed);
      throw error;
    }
    unconfirmed = [];
  };
  return {
    getMany: (ids) => store.getMany(ids),
    checkpoints: () => store.checkpoints(),
    parked: () => store.parked(),
    park: (entry) => store.park(entry),
    unpark: (id) => store.unpark(id),
    put: async (views, mode) => {
      await check();
      if (mode === 'fenced') return await store.put(views, mode);
      unconfirmed = views;
      const result = await store.put(views, mode);
      await check();
      return result;
    },
    saveCheckpoint: async (name, position) => {
      await mark.check();
      await store.saveCheckpoint(name, position);
    },
  };
}
