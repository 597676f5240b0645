import { events, freshName, readAll, revisionsOf, type Stores, withStore } from './scene.ts';

export function lifeContract({ open, reopen }: Stores): void {
  it(
    'knows the position of the last event',
    withStore(open, async (store) => {
      const before = await store.head();
      const { position } = await store.append(freshName(), events(3), 'none');
      expect(before).toBeLessThan(position);
      expect(await store.head()).toBeGreaterThanOrEqual(position);
    }),
  );

  it('keeps everything when it is opened again', async () => {
    let store = await open();
    try {
      const [stream, cut] = [freshName(), freshName()];
      await store.append(stream, events(3), 'none');
      await store.append(cut, events(5), 'none');
      await store.truncate(cut, 4);
      const [before, head] = [await readAll(store, stream), await store.head()];
      store = await reopen(store);
      expect(await readAll(store, stream)).toEqual(before);
      expect(await revisionsOf(store, cut)).toEqual([4]);
      expect(await store.head()).toBeGreaterThanOrEqual(head);
      await expect(store.append(stream, events(1), 1)).rejects.toMatchObject({
        code: 'revision_conflict',
        actual: 2,
      });
      const { revision, position } = await store.append(stream, events(1), 2);
      expect(revision).toBe(3);
      expect(position).toBeGreaterThan(head);
    } finally {
      await store.close();
    }
  });

  it('recognizes an append from before it was opened again', async () => {
    let store = await open();
    try {
      const stream = freshName();
      const given = events(2);
      const then = await store.append(stream, given, 'none');
      await store.append(stream, events(1), 1);
      store = await reopen(store);
      expect(await store.append(stream, given, 'none')).toEqual(then);
      expect(await revisionsOf(store, stream)).toEqual([0, 1, 2]);
    } finally {
      await store.close();
    }
  });

  it('lets appends finish and ends those who follow when it is closed, and may be closed again', async () => {
    const store = await open();
    const following = (async () => {
      for await (const batch of store.follow(undefined)) expect(batch.position).toBeGreaterThanOrEqual(-1n);
      return 'ended';
    })();
    const appends = Array.from({ length: 20 }, () => store.append(freshName(), events(1), 'none'));
    await Promise.all([store.close(), store.close()]);
    expect((await Promise.all(appends)).map(({ revision }) => revision)).toEqual(appends.map(() => 0));
    expect(await following).toBe('ended');
    await store.close();
  });

  it('is unavailable once it is closed', async () => {
    const store = await open();
    await store.close();
    const unavailable = { code: 'unavailable' };
    await expect(store.append(freshName(), events(1), 'none')).rejects.toMatchObject(unavailable);
    await expect(readAll(store, freshName())).rejects.toMatchObject(unavailable);
    await expect(store.truncate(freshName(), 1)).rejects.toMatchObject(unavailable);
    await expect(store.head()).rejects.toMatchObject(unavailable);
  });
}
