import { Problem } from './problems.ts';

const mostWaiting = 100;
const mostTogether = 64;

type Letter<Item, Result> = {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
};

/** Answers as many of the items as it likes, at least the first, in their order. Those it leaves come again. */
export type Handle<Item, Result> = (
  key: string,
  items: readonly Item[],
) => Promise<readonly PromiseSettledResult<Result>[]>;

/** Items of one key are handled one batch after another, in the order they came; those of different keys side by side. */
export class Mailboxes<Item, Result> {
  /** A key is present while items of it are handled; the array holds those that wait. */
  readonly #waiting = new Map<string, Letter<Item, Result>[]>();
  readonly #handle: Handle<Item, Result>;

  constructor(handle: Handle<Item, Result>) {
    this.#handle = handle;
  }

  /**
   * What the item is answered with.
   *
   * @throws {Problem} 503: a hundred others wait already
   */
  run(key: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const letter = { item, resolve, reject };
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) {
        const box = [letter];
        this.#waiting.set(key, box);
        void this.#empty(key, box);
      } else if (waiting.length < mostWaiting) waiting.push(letter);
      else reject(crowded());
    });
  }

  async #empty(key: string, box: Letter<Item, Result>[]): Promise<void> {
    while (box.length > 0) {
      const letters = box.splice(0, mostTogether);
      const answers = await this.#answersTo(key, letters);
      answers.forEach((answer, i) => {
        if (answer.status === 'fulfilled') letters[i]?.resolve(answer.value);
        else letters[i]?.reject(answer.reason);
      });
      if (answers.length < letters.length) box.unshift(...letters.slice(answers.length));
    }
    this.#waiting.delete(key);
  }

  /** What fails as a whole fails for each. */
  async #answersTo(
    key: string,
    letters: readonly Letter<Item, Result>[],
  ): Promise<readonly PromiseSettledResult<Result>[]> {
    try {
      return await this.#handle(
        key,
        letters.map(({ item }) => item),
      );
    } catch (reason) {
      return letters.map(() => ({ status: 'rejected', reason }));
    }
  }
}

const crowded = (): Problem =>
  new Problem(503, 'overloaded', 'Too many commands wait for this cart.', {
    headers: { 'retry-after': '1' },
  });
