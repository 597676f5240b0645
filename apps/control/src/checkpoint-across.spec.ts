import { checkpointAcross } from './checkpoint-across.ts';
import { withStores } from './folder.fixture.ts';
import { until } from './test-clock.fixture.ts';

const away = {
  open: () => Promise.reject(new Error('out of reach')),
};

it('reads the newest copy, and saves to every store', () =>
  withStores((_, one) =>
    withStores(async (__, two) => {
      await one.saveCheckpoint('control.merges', 3n);
      await two.saveCheckpoint('control.merges', 7n);
      const checkpoint = checkpointAcross([one, two].map((store) => ({ open: async () => store })));
      expect(await checkpoint.checkpoints()).toEqual(new Map([['control.merges', 7n]]));
      await checkpoint.saveCheckpoint('control.merges', 9n);
      for (const store of [one, two])
        await until(async () => (await store.checkpoints()).get('control.merges') === 9n);
    }),
  ));

it('needs one store of several, whichever it is', () =>
  withStores(async (_, store) => {
    const checkpoint = checkpointAcross([away, { open: async () => store }, away]);
    await checkpoint.saveCheckpoint('control.merges', 9n);
    expect(await checkpoint.checkpoints()).toEqual(new Map([['control.merges', 9n]]));
  }));

it('fails as the first store does when none is within reach', async () => {
  const checkpoint = checkpointAcross([away, away]);
  await expect(checkpoint.checkpoints()).rejects.toThrow('out of reach');
  await expect(checkpoint.saveCheckpoint('control.merges', 9n)).rejects.toThrow('out of reach');
});
