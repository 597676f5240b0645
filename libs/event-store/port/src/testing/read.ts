import { event, events, freshName, type Open, readAll, revisionsOf, withStore } from './scene.ts';

export function readContract(open: Open): void {
  it(
    'reads nothing from a stream that nobody wrote',
    withStore(open, async (store) => {
      expect(await readAll(store, freshName())).toEqual([]);
    }),
  );

  it(
    'reads from a revision, and nothing beyond the end',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(5), 'none');
      expect(await revisionsOf(store, stream, 3)).toEqual([3, 4]);
      expect(await revisionsOf(store, stream, 5)).toEqual([]);
      expect(await revisionsOf(store, stream, 1_000_000)).toEqual([]);
    }),
  );

  it(
    'reads a long stream whole and in order',
    withStore(open, async (store) => {
      const stream = freshName();
      const given = Array.from({ length: 2_500 }, (_, note) => event({ note }));
      for (let from = 0; from < given.length; from += 500) {
        await store.append(stream, given.slice(from, from + 500), from === 0 ? 'none' : from - 1);
      }
      const found = await readAll(store, stream);
      expect(found.map(({ id }) => id)).toEqual(given.map(({ id }) => id));
      expect(found.map(({ revision }) => revision)).toEqual(given.map((_, index) => index));
    }),
  );

  it(
    'tells apart streams whose names begin alike',
    withStore(open, async (store) => {
      const stem = freshName();
      const names = [stem, `${stem}.`, `${stem}\u0001`, `${stem}a`, `${stem}ab`, `${stem}é`];
      await Promise.all(names.map((name, index) => store.append(name, events(index + 1), 'none')));
      for (const [index, name] of names.entries()) {
        const found = await readAll(store, name);
        expect(found.map(({ stream }) => stream)).toEqual(Array.from({ length: index + 1 }, () => name));
      }
    }),
  );

  it(
    'lets a reader stop early and others write while it reads',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(3), 'none');
      const seen: number[] = [];
      for await (const { revision } of store.read(stream)) {
        seen.push(revision);
        if (revision === 1) break;
        await store.append(stream, events(1), 2);
      }
      expect(seen).toEqual([0, 1]);
      expect(await revisionsOf(store, stream)).toEqual([0, 1, 2, 3]);
    }),
  );

  it(
    'hides what was truncated, and counts on',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(5), 'none');
      await store.truncate(stream, 3);
      await store.truncate(stream, 3);
      expect(await revisionsOf(store, stream)).toEqual([3, 4]);
      expect(await revisionsOf(store, stream, 4)).toEqual([4]);
      await store.truncate(stream, 5);
      expect(await revisionsOf(store, stream)).toEqual([]);
      await expect(store.append(stream, events(1), 'none')).rejects.toMatchObject({ actual: 4 });
      expect(await store.append(stream, events(1), 4)).toMatchObject({ revision: 5 });
      expect(await revisionsOf(store, stream)).toEqual([5]);
    }),
  );

  it(
    'refuses a revision that is none',
    withStore(open, async (store) => {
      const stream = freshName();
      await store.append(stream, events(2), 'none');
      for (const revision of [-1, 0.5, NaN]) {
        await expect(readAll(store, stream, revision)).rejects.toThrow(RangeError);
        await expect(store.truncate(stream, revision)).rejects.toThrow(RangeError);
      }
      await expect(readAll(store, '')).rejects.toThrow(RangeError);
      expect(await revisionsOf(store, stream)).toEqual([0, 1]);
    }),
  );
}
