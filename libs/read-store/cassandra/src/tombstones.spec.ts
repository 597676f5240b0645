import type { CartCommand } from '@cartage/cart';
import { findEngine, launchEngine } from '@cartage/engines';
import { describeAtLength } from '@cartage/engines/testing';
import { add, using, versionsOf } from '@cartage/read-store/testing';
import { OwnKeyspace, provisioned } from './testing/own-keyspace.ts';

import.meta.jest.setTimeout(120_000);

const life: readonly CartCommand[] = [
  add('shirt', 1, { size: 'XL' }),
  { type: 'ChangeQuantity', lineId: 'cap', quantity: 3 },
  add('cap'),
  { type: 'ChangeQuantity', lineId: 'cap', quantity: 3 },
  { type: 'RemoveItem', lineId: 'cap' },
  { type: 'ClearCart' },
  {
    type: 'MergeGuest',
    mergeId: 'm',
    from: 'g~0123456789012345678901~main',
    lines: [{ lineId: 'shirt', sku: 'shirt', quantity: 1 }],
    policy: 'max',
  },
];
const carts = 1_000;
/** `sstabledump` shows what deletes a partition, rows, a row, a collection or a cell, and when. */
const deletion = /"deletion_info"|"marked_deleted"|"range_tombstone/g;

describeAtLength(await findEngine('cassandra'), 'cassandra', 'what is on the disk', () => {
  it('writes no tombstone for 1,000 carts that are added to, changed, cleared and merged', async () => {
    const launched = await launchEngine('cassandra', { jmx: true });
    try {
      const { cassandra } = launched;
      if (!cassandra) throw new Error('The engine has no sstabledump.');
      const keyspace = new OwnKeyspace(launched.engine.url, 'tombstones');
      const histories = Array.from({ length: carts }, (_, cart) => versionsOf(`u~${cart}~main`, life));
      const updates = histories[0]?.length ?? 0;
      expect(updates).toBeGreaterThanOrEqual(6);
      await using(provisioned(keyspace.urlWith()), async (store) => {
        for (let update = 0; update < updates; update += 1)
          await store.put(
            histories.flatMap((history) => history[update] ?? []),
            'fenced',
          );
      });
      // Files would go while they are looked at.
      await cassandra.nodetool('disableautocompaction');
      const dumps = async (): Promise<string> => {
        await cassandra.nodetool('flush', keyspace.name);
        const files = await cassandra.sstables(keyspace.name, 'carts_v1');
        return (await Promise.all(files.map((file) => cassandra.sstableDump(file)))).join('\n');
      };
      const written = await dumps();
      expect(written.match(/"type" : "row"/g)?.length).toBeGreaterThanOrEqual(carts);
      expect(written.match(deletion) ?? []).toEqual([]);
      // What would have been counted, is.
      await keyspace.execute(
        "DELETE FROM KS.carts_v1 USING TIMESTAMP 9223372036854775807 WHERE owner = 'u~1'",
      );
      expect((await dumps()).match(deletion)?.length).toBeGreaterThan(0);
      await keyspace.remove();
    } finally {
      await launched.stop();
    }
  });
});
