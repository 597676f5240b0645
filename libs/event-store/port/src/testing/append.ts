import { limits } from '../index.ts';
import { event, events, freshName, type Open, readAll, revisionsOf, withStore } from './scene.ts';

export function appendContract(open: Open): void {
  it(
    'counts revisions from 0 without gaps, and answers with the last',
    withStore(open, async (store) => {
      const stream = freshName();
      expect(await store.append(stream, events(1), 'none')).toMatchObject({ revision: 0 });
      expect(await store.append(stream, events(3), 0)).toMatchObject({ revision: 3 });
      expect(await revisionsOf(store, stream)).toEqual([0, 1, 2, 3]);
    }),
  );

  it(
    'gives each event a position above all before it, whatever their streams',
    withStore(open, async (store) => {
      const [a, b] = [freshName(), freshName()];
      const appended = [
        await store.append(a, events(2), 'none'),
        await store.append(b, events(2), 'none'),
        await store.append(a, events(1), 1),
      ];
      const positions = [...(await readAll(store, a)), ...(await readAll(store, b))].map(
        ({ position }) => position,
      );
      expect(new Set(positions).size).toBe(5);
      const [first, second, third] = appended.map(({ position }) => position);
      expect(first).toBeLessThan(second ?? -1n);
      expect(second).toBeLessThan(third ?? -1n);
      expect(third).toBe(positions[2]);
    }),
  );

  it(
    'keeps exactly what it was given',
    withStore(open, async (store) => {
      const stream = `${freshName()}.u~42~Grüße/☕`;
      const before = Date.now();
      const given = {
        ...event(
          { text: 'Grüße, "☕" \u0000 \ud83d', none: null, list: [], nested: { a: [1, { b: 0.1 }] } },
          'Wish noted',
        ),
        metadata: { commandId: 'c-1', $correlationId: 'x', empty: {} },
      };
      const { position } = await store.append(stream, [given], 'none');
      const [recorded] = await readAll(store, stream);
      expect(recorded).toEqual({ ...given, stream, revision: 0, position, recordedAt: expect.any(Number) });
      expect(recorded?.recordedAt).toBeGreaterThan(before - 3_600_000);
    }),
  );

  it(
    'refuses when the stream is elsewhere, says where, and writes nothing',
    withStore(open, async (store) => {
      const stream = freshName();
      await expect(store.append(stream, events(2), 0)).rejects.toMatchObject({
        code: 'revision_conflict',
        stream,
        expected: 0,
        actual: -1,
      });
      await store.append(stream, events(2), 'none');
      for (const expected of ['none', 0, 2, 99] as const) {
        await expect(store.append(stream, events(2), expected)).rejects.toMatchObject({
          code: 'revision_conflict',
          stream,
          expected,
          actual: 1,
        });
      }
      expect(await revisionsOf(store, stream)).toEqual([0, 1]);
    }),
  );

  it(
    'lets exactly one of many rivals win, and harms nobody else',
    withStore(open, async (store) => {
      const [wanted, ...others] = Array.from({ length: 9 }, freshName);
      const rivals = Array.from({ length: 20 }, () => store.append(wanted ?? '', events(2), 'none'));
      const bystanders = others.map((stream) => store.append(stream, events(2), 'none'));
      const results = await Promise.allSettled(rivals);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'revision_conflict', actual: 1 });
      }
      expect((await Promise.all(bystanders)).map(({ revision }) => revision)).toEqual(others.map(() => 1));
      expect(await revisionsOf(store, wanted ?? '')).toEqual([0, 1]);
    }),
  );

  it(
    'keeps the order of appends that nobody waited for',
    withStore(open, async (store) => {
      const stream = freshName();
      const given = events(200);
      await Promise.all(
        given.map((one, index) => store.append(stream, [one], index === 0 ? 'none' : index - 1)),
      );
      expect((await readAll(store, stream)).map(({ id }) => id)).toEqual(given.map(({ id }) => id));
    }),
  );

  it(
    'recognizes an append that already happened, also after others, and answers as it did then',
    withStore(open, async (store) => {
      const stream = freshName();
      const [first, second] = [events(2), events(3)];
      const then = [await store.append(stream, first, 'none'), await store.append(stream, second, 1)];
      await store.append(stream, events(1), 4);
      expect(await store.append(stream, first, 'none')).toEqual(then[0]);
      expect(await store.append(stream, second, 1)).toEqual(then[1]);
      expect(await revisionsOf(store, stream)).toEqual([0, 1, 2, 3, 4, 5]);
    }),
  );

  it(
    'takes an event of 1 MiB, and refuses a larger one with all that come with it',
    withStore(open, async (store) => {
      const stream = freshName();
      const sized = (bytes: number) => event({ x: 'x'.repeat(bytes - '{"x":""}'.length) });
      await store.append(stream, [sized(limits.eventBytes)], 'none');
      const tooLarge = [event(), sized(limits.eventBytes + 1)];
      await expect(store.append(stream, tooLarge, 0)).rejects.toMatchObject({ code: 'event_too_large' });
      const wide = event({ x: '☕'.repeat(limits.eventBytes / 2) });
      await expect(store.append(stream, [wide], 0)).rejects.toMatchObject({ code: 'event_too_large' });
      expect(await revisionsOf(store, stream)).toEqual([0]);
    }),
  );

  it(
    'refuses an append without events, and names and revisions that are none',
    withStore(open, async (store) => {
      const stream = freshName();
      await expect(store.append(stream, [], 'none')).rejects.toThrow(RangeError);
      for (const name of ['', 'x'.repeat(limits.streamBytes + 1), '☕'.repeat(334), 'a\0b', 'half \ud83d']) {
        await expect(store.append(name, events(1), 'none')).rejects.toThrow(RangeError);
      }
      for (const expected of [-1, 1.5, NaN, 2 ** 53]) {
        await expect(store.append(stream, events(1), expected)).rejects.toThrow(RangeError);
      }
      expect(await readAll(store, stream)).toEqual([]);
    }),
  );

  it(
    'takes a stream name of 1,000 bytes',
    withStore(open, async (store) => {
      const stream = freshName().padEnd(limits.streamBytes, 'x');
      await store.append(stream, events(1), 'none');
      await store.append(stream, events(1), 0);
      expect(await revisionsOf(store, stream)).toEqual([0, 1]);
    }),
  );
}
