import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, using, versionsOf, viewAfter } from '@cartage/read-store/testing';
import type { Document } from 'mongodb';
import { opened, OwnDatabase } from './testing/own-database.ts';

import.meta.jest.setTimeout(30_000);

const view = viewAfter('u~42~main', [add('shirt', 2, { size: 'XL' })]);
const views = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...view, id: `u~${index}~main` }));

describeOn(await findEngine('mongodb'), 'mongodb', (engine) => {
  const database = new OwnDatabase(engine.url);

  /** The body gets a store, and what counts the commands sent while some of its work is done. */
  const counting =
    (
      body: (
        store: ReadStore,
        during: (work: () => Promise<unknown>) => Promise<Record<string, number>>,
      ) => Promise<void>,
    ) =>
    (): Promise<void> => {
      let sent: string[] = [];
      const opening = opened(database.urlWith('ttl=off'), {
        onCommand: (name) => sent.push(name),
      });
      return using(opening, async (store) => {
        await store.provision();
        await body(store, async (work) => {
          sent = [];
          await work();
          const names = [...new Set(sent)];
          return Object.fromEntries(names.map((name) => [name, sent.filter((one) => one === name).length]));
        });
        await store.drop();
      });
    };

  it(
    'reads a cart, and those of an owner, by one command each',
    counting(async (store, during) => {
      await store.put([view], 'fenced');
      expect(await during(() => store.get(view.id))).toEqual({ find: 1 });
      expect(await during(() => store.list('u~42'))).toEqual({ find: 1 });
    }),
  );

  it(
    'reads up to 1,000 carts by one command, whether asked at once or one by one',
    counting(async (store, during) => {
      const ids = views(1_000).map(({ id }) => id);
      await store.put(views(1_000), 'fresh');
      expect(await during(() => store.getMany(ids))).toEqual({ find: 1 });
      expect(await during(() => Promise.all(ids.map((id) => store.get(id))))).toEqual({ find: 1 });
      expect(await during(() => store.getMany([...ids, 'u~x~main']))).toEqual({ find: 2 });
    }),
  );

  it(
    'writes by one command for 1,000 carts, in both modes, and reads nothing for it',
    counting(async (store, during) => {
      expect(await during(() => store.put(views(1_000), 'fenced'))).toEqual({ update: 1 });
      await store.drop();
      await store.provision();
      expect(await during(() => store.put(views(1_001), 'fresh'))).toEqual({ update: 2 });
      expect(await during(() => store.put([], 'fenced'))).toEqual({});
    }),
  );

  it(
    'writes an older view by two commands: the server says the same of an insert that was raced',
    counting(async (store, during) => {
      const versions = versionsOf('u~42~main', [add('shirt'), add('cap')]);
      await store.put([lastOf(versions)], 'fenced');
      expect(await during(() => store.put(versions, 'fenced'))).toEqual({ update: 2 });
    }),
  );

  it(
    'sends more commands only where one would be over 8 MB',
    counting(async (store, during) => {
      const sessionId = 'x'.repeat(3_000_000);
      const large = views(5).map((one) => ({ ...one, sessionId }));
      expect(await during(() => store.put(large, 'fenced'))).toEqual({ update: 3 });
    }),
  );

  it(
    'keeps books by one command each',
    counting(async (store, during) => {
      const entry = { id: view.id, revision: 0, position: '7', reason: 'r', parkedAt: 1 };
      expect(await during(() => store.saveCheckpoint('carts', 7n))).toEqual({ update: 1 });
      expect(await during(() => store.checkpoints())).toEqual({ find: 1 });
      expect(await during(() => store.park(entry))).toEqual({ update: 1 });
      expect(await during(() => store.parked())).toEqual({ find: 1 });
      expect(await during(() => store.unpark(view.id))).toEqual({ delete: 1 });
    }),
  );

  it(
    'scans by one command for 500 carts, and sweeps by two for 1,000',
    counting(async (store, during) => {
      await store.put(views(1_100), 'fresh');
      const scanned: string[] = [];
      const scan = async () => {
        for await (const page of store.scan()) scanned.push(...page.map(({ id }) => id));
      };
      expect(await during(scan)).toEqual({ find: 3 });
      expect(new Set(scanned).size).toBe(1_100);
      expect(await during(() => store.purge(view.purgeAt ?? 0, 1_000))).toEqual({ find: 1, delete: 1 });
    }),
  );

  it('reads what a majority has, and writes until it has it', async () => {
    const sent: Document[] = [];
    const opening = opened(database.url, { onCommand: (_, command) => sent.push(command) });
    await using(opening, async (store) => {
      await store.provision();
      await store.put([view], 'fenced');
      await store.saveCheckpoint('carts', 7n);
      await store.getMany([view.id, 'u~43~main']);
      await store.list('u~42');
      await store.unpark(view.id);
      await store.drop();
    });
    const names = ['create', 'createIndexes', 'update', 'delete', 'drop'];
    const [writes, reads] = [names, ['find']].map((some) =>
      sent.filter((command) => some.some((name) => name in command)),
    );
    expect(writes).toHaveLength(10);
    for (const write of writes ?? []) expect(write).toMatchObject({ writeConcern: { w: 'majority' } });
    expect(reads).toHaveLength(2);
    for (const read of reads ?? []) expect(read).toMatchObject({ readConcern: { level: 'majority' } });
    expect(sent.filter((command) => 'update' in command).map(({ ordered }) => ordered)).toEqual([
      false,
      false,
    ]);
    // A full batch would be asked for more.
    expect(reads?.[0]).toMatchObject({ batchSize: 3 });
  });
});
