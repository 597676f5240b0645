import { Unavailable } from '@cartage/read-store/adapting';

/**
 * Whether a node that went away may have taken views with it. By default (`commitlog_sync: periodic`, every 10 s) a node acknowledges
 * what is not on its disk yet, and one that is killed comes back without it (Cassandra's documentation, Storage Engine). Such
 * views are lost for good as soon as a checkpoint covers them. The driver connects again so fast that whoever wrote them may see no
 * error at all, above all when the process was stopped meanwhile: so there is none to save until the checkpoints were read anew.
 */
export class Setbacks {
  readonly #place: string;
  #hasPut = false;
  #isTold = true;
  #isOver = true;
  #count = 0;

  constructor(place: string) {
    this.#place = place;
  }

  /** To be called before views are put. */
  putting(): void {
    this.#hasPut = true;
  }

  nodeLost(): void {
    if (!this.#hasPut) return;
    this.#count += 1;
    this.#isTold = false;
    this.#isOver = false;
  }

  /** Reads the checkpoints. @throws {Unavailable} once after a setback: the reader learns of it, also when it has nothing to write */
  async reading<T>(read: () => Promise<T>): Promise<T> {
    if (!this.#isTold) {
      this.#isTold = true;
      throw this.#refusal();
    }
    const before = this.#count;
    const result = await read();
    if (this.#count === before) this.#isOver = true;
    return result;
  }

  /** To be called before each attempt to save a checkpoint: it throws {@link Unavailable} after a setback, also one that is over. */
  guard(): () => void {
    const before = this.#count;
    return () => {
      if (!this.#isOver || this.#count !== before) throw this.#refusal();
    };
  }

  #refusal(): Unavailable {
    return new Unavailable(
      `${this.#place} lost a node, and maybe what that acknowledged last: views since the checkpoint are written again.`,
    );
  }
}
