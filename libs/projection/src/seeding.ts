import type { PutMode } from '@cartage/read-store';
import type { MovedCart } from './folding.ts';
import type { ProjectedStore } from './projected-store.ts';

export type SeedingOptions = {
  readonly store: Pick<ProjectedStore, 'getMany'>;
  /** How views are written. */
  readonly mode: PutMode;
  /** Carts that may be purged at this time, ms since the epoch, are left out. */
  readonly asOf: number;
  /** Whether the store holds no row, and nobody else writes any. */
  readonly isEmpty: boolean;
  /** Called when all views up to the end of the log are written, before the checkpoint says so. */
  readonly onDone: () => Promise<void>;
};

/**
 * How a store is filled for the first time. Carts that may be purged already are left out; one of which the store has a row is
 * written all the same: the row says that the cart lives.
 *
 * Whether it has one is asked, unless that is known: a store that began empty has none of a cart that begins in this window, or
 * was left out of the window before.
 */
export class Seeding {
  readonly #options: SeedingOptions;
  #mode: PutMode;
  #beganEmpty: boolean;
  #hasFailed = false;
  /** Carts left out of the window before, of which there is surely no row. */
  #before: ReadonlySet<string> = new Set();

  constructor(options: SeedingOptions) {
    this.#options = options;
    this.#mode = options.mode;
    this.#beganEmpty = options.isEmpty;
  }

  get mode(): PutMode {
    return this.#mode;
  }

  /** Whether the store ever failed: then it may be that it cannot take as much at once as a store that is filled is given. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The carts of a window that are to be written. To be asked window by window, each when the one before is written. */
  async rest(carts: readonly MovedCart[]): Promise<readonly MovedCart[]> {
    const { store, asOf } = this.#options;
    const expired = carts.filter(({ view: { purgeAt = Infinity } }) => purgeAt <= asOf);
    const uncertain = expired.filter((cart) => !this.#isAbsent(cart)).map(({ id }) => id);
    const rows = uncertain.length === 0 ? [] : await store.getMany(uncertain);
    const stored = new Set(uncertain.filter((_, at) => rows[at] !== undefined));
    const absent = expired.filter(({ id }) => !stored.has(id));
    this.#before = new Set(absent.filter(isSimple).map(({ id }) => id));
    if (absent.length === 0) return carts;
    const left = new Set(absent.map(({ id }) => id));
    return carts.filter(({ id }) => !left.has(id));
  }

  /** What failed may have been written all the same, or will be yet. */
  failed(): void {
    this.#beganEmpty = false;
    this.#hasFailed = true;
  }

  /** The end of the log is reached: others may keep the store from now on. */
  async done(): Promise<void> {
    await this.#options.onDone();
    this.#mode = 'fenced';
  }

  #isAbsent(cart: MovedCart): boolean {
    if (!this.#beganEmpty || !isSimple(cart)) return false;
    return cart.known?.revision === -1 || this.#before.has(cart.id);
  }
}

/** Whether all its events were folded at once. A cart that is parked is written whenever it is taken off the list. */
const isSimple = ({ waiting }: MovedCart): boolean => waiting.length === 0;
