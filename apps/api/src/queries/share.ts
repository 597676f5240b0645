/** Bounds how many jobs of a kind are under way at once. */
export class Share {
  readonly #most: number;
  #underWay = 0;

  constructor(most: number) {
    this.#most = Math.max(1, Math.floor(most));
  }

  /** What the job answers or throws; undefined when as many are under way already, and nothing is done. */
  async run<T>(job: () => Promise<T>): Promise<T | undefined> {
    if (this.#underWay >= this.#most) return undefined;
    this.#underWay += 1;
    try {
      return await job();
    } finally {
      this.#underWay -= 1;
    }
  }
}
