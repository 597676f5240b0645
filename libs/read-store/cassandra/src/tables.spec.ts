import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { using } from '@cartage/read-store/testing';
import { inStore, OwnKeyspace, provisioned } from './testing/own-keyspace.ts';

import.meta.jest.setTimeout(30_000);

describeOn(await findEngine('cassandra'), 'cassandra', (engine) => {
  const keyspace = new OwnKeyspace(engine.url, 'tables');
  const url = keyspace.urlWith();
  afterAll(() => keyspace.remove());
  beforeAll(() => using(provisioned(url), async (store) => store.drop()));

  /** What a row of the schema says of the keyspace, or of the table in it. */
  const schemaOf = async (columns: string, from: string, where = '', values: readonly string[] = []) => {
    const cql = `SELECT ${columns} FROM system_schema.${from} WHERE keyspace_name = ? ${where}`;
    return (await keyspace.execute(cql, [keyspace.name, ...values]))[0];
  };
  const optionsOf = (table: string) =>
    schemaOf('compaction, gc_grace_seconds, default_time_to_live', 'tables', 'AND table_name = ?', [table]);

  it('makes what suits carts, unless the URL says otherwise', async () => {
    await inStore(url, async () => {
      const unified = {
        class: expect.stringMatching(/\.UnifiedCompactionStrategy$/),
        scaling_parameters: 'L4',
      };
      expect(await optionsOf('carts_v1')).toMatchObject({
        compaction: unified,
        gc_grace_seconds: 864_000,
        default_time_to_live: 0,
      });
    });
    await inStore(keyspace.urlWith('compaction=leveled&gcGrace=3600'), async (store) => {
      const made = await optionsOf('carts_v1');
      expect(made?.['compaction']).toMatchObject({ class: expect.stringMatching(/\.LeveledCompaction/) });
      expect(made?.['gc_grace_seconds']).toBe(3_600);
      await using(provisioned(url), async () => undefined);
      expect(await optionsOf('carts_v1')).toEqual(made);
      expect(store.nativeTtl).toBe(true);
    });
  });

  it('gives a keyspace a replica, or as many as the URL says, and refuses another number later', async () => {
    const replication = async () => (await schemaOf('replication', 'keyspaces'))?.['replication'];
    expect(await replication()).toMatchObject({ datacenter1: expect.stringMatching(/^[13]$/) });
    await keyspace.execute('DROP KEYSPACE KS');
    await using(provisioned(keyspace.urlWith('replication=2')), async () => undefined);
    expect(await replication()).toMatchObject({ datacenter1: '2' });
    await inStore(url, async () => undefined);
    await expect(provisioned(keyspace.urlWith('replication=1'))).rejects.toMatchObject({
      code: 'corrupted',
      message: expect.stringMatching(/has the replication .*"2".*, not 1 in datacenter1\. Alter it/),
    });
  });

  it.each([
    ['another key', 'owner text, name text, cart text, PRIMARY KEY (owner, name, cart)', /cart text \(clust/],
    ['a cell of another type', 'owner text, name text, cart blob, PRIMARY KEY (owner, name)', /cart blob/],
    ['more columns', 'owner text, name text, cart text, a int, PRIMARY KEY (owner, name)', /a int \(regular/],
  ])('refuses a table with %s, and says what to do', async (_, columns, difference) => {
    await keyspace.execute(`CREATE TABLE KS.carts_v1 (${columns})`);
    const refusal = { code: 'corrupted', message: expect.stringMatching(difference) };
    await expect(provisioned(url)).rejects.toMatchObject(refusal);
    await expect(provisioned(url)).rejects.toThrow(/Drop it, or name another generation/);
    await keyspace.execute('DROP TABLE KS.carts_v1');
  });
});
