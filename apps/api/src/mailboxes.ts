import { hasCode } from '@cartage/event-store';
import { Problem } from './problems.ts';

const mostWaiting = 100;
const mostTogether = 64;
/** Who has waited so long for a store that then did not answer is not made to wait for it once more, ms. */
const patience = 1_000;

type Letter<Item, Result> = {
  readonly item: Item;
  /** When it came, ms of the process's clock. */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Answers as many of the items as it likes, at least the first, in their order. Those it leaves come again. What it throws is the
 * answer to all; when it says that the store is unavailable, also to those that have waited for over a second.
 */
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
      const letter = { item, since: performance.now(), resolve, reject };
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
      const items = letters.map(({ item }) => item);
      try {
        const answers = await this.#handle(key, items);
        for (const answer of answers) deliver(letters.shift(), answer);
        if (letters.length > 0) box.unshift(...letters);
      } catch (error) {
        for (const { reject } of letters) reject(error);
        if (hasCode(error, 'unavailable')) for (const { reject } of impatient(box)) reject(error);
      }
    }
    this.#waiting.delete(key);
  }
}

/** Takes the letters out that have waited for long: the first ones. */
function impatient<Item, Result>(box: Letter<Item, Result>[]): readonly Letter<Item, Result>[] {
  const recent = box.findIndex(({ since }) => performance.now() - since < patience);
  return box.splice(0, recent < 0 ? box.length : recent);
}

function deliver<Result>(
  letter: Letter<unknown, Result> | undefined,
  answer: PromiseSettledResult<Result>,
): void {
  if (answer.status === 'fulfilled') letter?.resolve(answer.value);
  else letter?.reject(answer.reason);
}

const crowded = (): Problem =>
  new Problem(503, 'overloaded', 'Too many commands wait for this cart.', {
    headers: { 'retry-after': '1' },
  });
