import { during, once, type Work } from './work.ts';

/** Notes which carts are worked on, and how many batches are under way at most. */
class Noting {
  readonly carts: number[] = [];
  most = 0;
  #underWay = 0;

  work(batch: number, lanes: number): Work {
    return {
      batch,
      lanes,
      run: async (from, count) => {
        this.#underWay += 1;
        this.most = Math.max(this.most, this.#underWay);
        this.carts.push(...Array.from({ length: count }, (_, index) => from + index));
        await new Promise(setImmediate);
        this.#underWay -= 1;
      },
    };
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('takes every cart once, the last batch as short as it must be', async () => {
  const noting = new Noting();
  const { carts } = await once(noting.work(4, 3), 10);
  expect([carts, noting.carts]).toEqual([10, upTo(10)]);
});

it('has as many batches under way as there are lanes', async () => {
  const noting = new Noting();
  await once(noting.work(1, 7), 100);
  expect(noting.most).toBe(7);
});

it('begins again at the first cart while it has time left', async () => {
  const noting = new Noting();
  const { carts } = await during(200, noting.work(2, 1), 6);
  expect(carts).toBeGreaterThan(6);
  expect(noting.carts).toEqual(upTo(carts).map((number) => number % 6));
});

it('fails as its work fails', async () => {
  const failing: Work = { batch: 1, lanes: 2, run: () => Promise.reject(new Error('stale')) };
  await expect(once(failing, 5)).rejects.toThrow('stale');
});
