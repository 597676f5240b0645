import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { add, using, viewAfter } from '@cartage/read-store/testing';
import { DynamoDbReadStore } from './index.ts';
import { HttpProxy, type Misdeed } from './testing/http-proxy.ts';
import { clientFor, endpointOf, removeTables, urlWith } from './testing/server.ts';

const view = viewAfter('u~42~main', [add('shirt')]);
const refusal = (what: RegExp) => ({ code: 'corrupted', message: expect.stringMatching(what) });

describeOn(await findEngine('dynamodb'), 'dynamodb', (engine) => {
  const base = `cartage-tables-${process.pid}`;
  const table = `${base}.carts_v1`;
  const url = urlWith(engine.url, base);
  const client = clientFor(url);
  afterEach(() => removeTables(url));
  afterAll(() => client.destroy());

  const expectRefused = (at: string, what: RegExp): Promise<void> =>
    using(DynamoDbReadStore.open(at), async (store) => {
      await expect(store.provision()).rejects.toMatchObject(refusal(what));
    });
  const provisioned = (at: string): Promise<void> =>
    using(DynamoDbReadStore.open(at), (store) => store.provision());

  describe('a table', () => {
    it('of another key is refused, saying what differs and what to do', async () => {
      await client.createTable({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
      });
      await expectRefused(
        url,
        /carts_v1.*key id \(HASH, N\), not pk \(HASH, S\), sk \(RANGE, S\)\. Name another beginning/,
      );
      await using(DynamoDbReadStore.open(url), async (store) => {
        const refused = refusal(/carts_v1.*another key/);
        await expect(store.get(view.id)).rejects.toMatchObject(refused);
        await expect(store.getMany([view.id])).rejects.toMatchObject(refused);
        await expect(store.list('u~42')).rejects.toMatchObject(refused);
        await expect(store.put([view], 'fenced')).rejects.toMatchObject(refused);
        await expect(store.put([view], 'fresh')).rejects.toMatchObject(refused);
        await expect(store.saveCheckpoint('carts', 1n)).rejects.toMatchObject(refused);
      });
    });

    it('with a TTL on another attribute, or with one where none is wanted, is refused', async () => {
      await provisioned(url);
      await expectRefused(urlWith(url, base, { ttl: 'off' }), /a TTL on ttl, not none/);
      const setTtl = (AttributeName: string, Enabled: boolean) =>
        client.updateTimeToLive({ TableName: table, TimeToLiveSpecification: { AttributeName, Enabled } });
      await setTtl('ttl', false);
      await setTtl('purge', true);
      await expectRefused(url, /a TTL on purge, not on ttl/);
    });

    it('without a TTL where one is wanted gets it', async () => {
      await provisioned(urlWith(url, base, { ttl: 'off' }));
      await provisioned(url);
      const { TimeToLiveDescription } = await client.describeTimeToLive({ TableName: table });
      expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    });

    it('has capacity of its own only when the URL says how much', async () => {
      await provisioned(urlWith(url, base, { capacity: '7,9' }));
      const { Table: bought } = await client.describeTable({ TableName: table });
      expect(bought?.ProvisionedThroughput).toMatchObject({ ReadCapacityUnits: 7, WriteCapacityUnits: 9 });
      await removeTables(url);
      await provisioned(url);
      const { Table: onDemand } = await client.describeTable({ TableName: table });
      expect(onDemand?.BillingModeSummary).toMatchObject({ BillingMode: 'PAY_PER_REQUEST' });
    });

    it('that several processes provision, and drop, at once is made, and removed, once', async () => {
      const stores = await Promise.all([1, 2, 3].map(() => DynamoDbReadStore.open(url)));
      await Promise.all(stores.map((store) => store.provision()));
      expect(await stores[0]?.put([view], 'fenced')).toMatchObject({ written: 1 });
      await Promise.all(stores.map((store) => store.drop()));
      await expect(client.describeTable({ TableName: table })).rejects.toThrow('not found');
      await Promise.all(stores.map((store) => store.close()));
    });

    describe('on a server as slow as AWS', () => {
      let proxy: HttpProxy;
      beforeAll(async () => {
        proxy = await HttpProxy.open(endpointOf(engine.url));
      });
      afterAll(() => proxy.close());

      /** Answers these in turn to an operation, then lets it pass. */
      const script = (answers: Readonly<Record<string, readonly Misdeed[]>>): void => {
        const left = new Map(Object.entries(answers).map(([operation, list]) => [operation, [...list]]));
        proxy.misdeed = ({ operation }) => left.get(operation)?.shift();
        proxy.sent = [];
      };
      const refused = (error: string): Misdeed => ({ kind: 'refuse', error });
      const answer = (value: object): Misdeed => ({ kind: 'answer', text: JSON.stringify(value) });
      const status = (TableStatus: string): Misdeed => answer({ Table: { TableStatus } });
      const slow = `dynamodb://local/${base}?endpoint=`;

      it('is made when one of its name is gone, and waited for', async () => {
        const missing = refused('ResourceNotFoundException');
        script({
          DescribeTable: [status('DELETING'), status('DELETING'), missing, missing, status('CREATING')],
        });
        await provisioned(slow + proxy.url);
        expect(proxy.operations.slice(0, 7)).toEqual([
          ...Array<string>(3).fill('DescribeTable'),
          'CreateTable',
          ...Array<string>(3).fill('DescribeTable'),
        ]);
      });

      it('is removed when it is no longer being made, and waited for', async () => {
        await provisioned(url);
        script({
          DescribeTable: [status('CREATING'), status('ACTIVE'), status('DELETING')],
          DeleteTable: [refused('ResourceInUseException')],
        });
        await using(DynamoDbReadStore.open(slow + proxy.url), (store) => store.drop());
        expect(proxy.operations.slice(0, 4)).toEqual([
          'DescribeTable',
          'DeleteTable',
          'DescribeTable',
          'DeleteTable',
        ]);
        expect(proxy.operations.at(-1)).toBe('DescribeTable');
      });

      it('is backed up continuously, as soon as that can be had, unless the URL says no', async () => {
        const backups = (PointInTimeRecoveryStatus: string): object => ({
          ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus } },
        });
        script({
          DescribeContinuousBackups: [answer(backups('DISABLED')), answer(backups('ENABLED'))],
          UpdateContinuousBackups: [
            refused('ContinuousBackupsUnavailableException'),
            answer(backups('ENABLED')),
          ],
        });
        const asked = () => proxy.operations.filter((operation) => operation.endsWith('ContinuousBackups'));
        await provisioned(slow + proxy.url);
        const once = ['DescribeContinuousBackups', ...Array<string>(2).fill('UpdateContinuousBackups')];
        expect(asked()).toEqual(once);
        await provisioned(slow + proxy.url);
        expect(asked()).toEqual([...once, 'DescribeContinuousBackups']);
        await provisioned(`${slow}${proxy.url}&pitr=off`);
        expect(asked()).toHaveLength(4);
      });

      it('whose TTL another process has just switched on is provisioned; one that cannot get it is not', async () => {
        const off = answer({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
        const already = refused('ValidationException');
        await provisioned(url);
        script({ DescribeTimeToLive: [off], UpdateTimeToLive: [already] });
        await provisioned(slow + proxy.url);
        script({ DescribeTimeToLive: [off, off], UpdateTimeToLive: [already] });
        await using(DynamoDbReadStore.open(slow + proxy.url), async (store) => {
          const refusal = { code: 'unavailable', message: expect.stringContaining('TTL') };
          await expect(store.provision()).rejects.toMatchObject(refusal);
        });
      });
    });
  });
});
