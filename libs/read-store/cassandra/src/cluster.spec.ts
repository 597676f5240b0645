import { findEngine, launchEngine } from '@cartage/engines';
import { describeAtLength } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import {
  add,
  lastOf,
  readStoreContract,
  using,
  versionsOf,
  viewAfter,
  watching,
} from '@cartage/read-store/testing';
import { OwnKeyspace, persistently, provisioned } from './testing/own-keyspace.ts';

// While a node is dead, each change of the schema takes two seconds.
import.meta.jest.setTimeout(120_000);

const twentyAdds = Array.from({ length: 20 }, () => add('shirt'));
const histories = Array.from({ length: 60 }, (_, cart) => versionsOf(`u~${cart}~main`, twentyAdds));
const ids = histories.map((history) => lastOf(history).id);
/** Of the contract's openings, the one before which a node is killed. */
const middle = 24;

async function collect(pages: AsyncIterable<readonly unknown[]>): Promise<void> {
  for await (const page of pages) expect(page.length).toBeGreaterThan(0);
}

/** A JVM that has just started compiles what it runs first, three of them at once: then an answer may come too late for that alone. */
async function warmUp(store: ReadStore): Promise<void> {
  const carts = Array.from({ length: 60 }, (_, cart) => viewAfter(`u~warm${cart}~main`, [add('shirt')]));
  for (let round = 0; round < 20; round += 1) {
    await persistently(() => store.put(carts, 'fenced'));
    await persistently(() => store.getMany(carts.map(({ id }) => id)));
  }
}

describeAtLength(await findEngine('cassandra'), 'cassandra', 'three nodes', () => {
  const launching = launchEngine('cassandra', { nodes: 3 });
  const own = launching.then(({ engine }) => new OwnKeyspace(engine.url, 'cluster'));
  afterAll(async () => {
    await (await own).remove();
    await (await launching).stop();
  });

  it('keep three replicas, and fail no call when one is killed in the middle of writers and readers', async () => {
    const [launched, keyspace] = [await launching, await own];
    await using(provisioned(keyspace.urlWith()), async (store) => {
      const cql = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
      const [row] = await keyspace.execute(cql, [keyspace.name]);
      expect(row?.['replication']).toMatchObject({ datacenter1: '3' });
      await warmUp(store);
      const watch = watching(store, ids);
      let killing: Promise<void> | undefined;
      for (let version = 0; version <= twentyAdds.length; version += 1) {
        const writing = store.put(
          histories.flatMap((history) => history[version] ?? []),
          'fenced',
        );
        if (version === 8) killing = launched.kill(2);
        expect(await writing).toEqual({ written: 60, stale: 0, oversized: [] });
      }
      await killing;
      expect(await watch.stop()).toEqual([]);
      expect(await persistently(() => store.getMany(ids))).toStrictEqual(histories.map(lastOf));
    });
  });

  it('need the one that was dead as well, once another is: it learns what it missed', async () => {
    const [launched, keyspace] = [await launching, await own];
    await launched.start(2);
    await launched.kill(1);
    await using(provisioned(keyspace.urlWith()), async (store) => {
      expect(await persistently(() => store.getMany(ids))).toStrictEqual(histories.map(lastOf));
      await launched.start(1);
    });
  });

  describe('one of which is killed in the middle', () => {
    let openings = 0;
    readStoreContract(async (generation) => {
      openings += 1;
      if (openings === middle) await (await launching).kill(2);
      const store = await provisioned((await own).urlWith(), { generation });
      // Until the others have noticed, they wait in vain for the one they chose to scan.
      if (openings === middle) await persistently(() => collect(store.scan()));
      return store;
    });
  });
});
