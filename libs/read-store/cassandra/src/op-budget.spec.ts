import { findEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, viewAfter } from '@cartage/read-store/testing';
import { type Host, tracker } from 'cassandra-driver';
import { OwnKeyspace, provisioned } from './testing/own-keyspace.ts';

import.meta.jest.setTimeout(30_000);

const view = viewAfter('u~42~main', [add('shirt', 2, { size: 'XL' })]);
const carts = Array.from({ length: 250 }, (_, cart) => ({ ...view, id: `u~${cart}~main` }));
const ids = carts.map(({ id }) => id);

/** Notes the verb of every statement that was answered, retries included. The driver does not tell of PREPARE. */
class Statements extends tracker.RequestLogger {
  #sent: string[] = [];

  constructor() {
    super({});
  }

  override onSuccess(_: Host, query: string | readonly object[]): void {
    this.#sent.push(typeof query === 'string' ? query.split(' ', 1).join() : 'BATCH');
  }

  override onError(host: Host, query: string | readonly object[]): void {
    this.onSuccess(host, query);
  }

  take(): readonly string[] {
    return this.#sent.splice(0);
  }
}

describeOn(await findEngine('cassandra'), 'cassandra', (engine) => {
  const keyspace = new OwnKeyspace(engine.url, 'budget');
  const statements = new Statements();
  const opening = provisioned(keyspace.urlWith(), { tracker: statements });
  afterAll(async () => {
    await (await opening).close();
    await keyspace.remove();
  });

  const sentBy = async (work: (store: ReadStore) => Promise<unknown>): Promise<readonly string[]> => {
    const store = await opening;
    statements.take();
    await work(store);
    return statements.take();
  };
  const times = (count: number, verb: string): readonly string[] => Array<string>(count).fill(verb);

  it('is one statement for a cart, and for those of an owner', async () => {
    expect(await sentBy((store) => store.get(view.id))).toEqual(['SELECT']);
    expect(await sentBy((store) => store.list('u~42'))).toEqual(['SELECT']);
  });

  it('is one for each of many carts, those asked for twice once', async () => {
    expect(await sentBy((store) => store.getMany([...ids, ...ids]))).toEqual(times(250, 'SELECT'));
    expect(await sentBy((store) => store.getMany([]))).toEqual([]);
  });

  it.each(['fenced', 'fresh'] as const)('is one for each cart of a %s put, and no read', async (mode) => {
    const twice = [...carts, ...carts];
    expect(await sentBy((store) => store.put(twice, mode))).toEqual(times(250, 'INSERT'));
    const over = { ...view, purgeAt: 1 };
    expect(await sentBy((store) => store.put([over], mode))).toEqual(['DELETE']);
    expect(await sentBy((store) => store.put([], mode))).toEqual([]);
  });

  it('is one for each call that keeps books', async () => {
    const entry = { id: view.id, revision: 1, position: '1', reason: '', parkedAt: 1 };
    expect(await sentBy((store) => store.saveCheckpoint('carts', 1n))).toEqual(['INSERT']);
    expect(await sentBy((store) => store.checkpoints())).toEqual(['SELECT']);
    expect(await sentBy((store) => store.park(entry))).toEqual(['INSERT']);
    expect(await sentBy((store) => store.parked())).toEqual(['SELECT']);
    expect(await sentBy((store) => store.unpark(view.id))).toEqual(['DELETE']);
    expect(await sentBy((store) => store.purge(Date.now(), 10))).toEqual([]);
  });

  it('is one for each part of the ring in a scan, of which four pages are on their way at most', async () => {
    const scan = async (store: ReadStore): Promise<void> => {
      for await (const page of store.scan()) expect(page.length).toBeGreaterThan(0);
    };
    expect(await sentBy(scan)).toEqual(times(64, 'SELECT'));
    const glance = async (store: ReadStore): Promise<void> => {
      const pages = store.scan()[Symbol.asyncIterator]();
      await pages.next();
      await new Promise((resolve) => setTimeout(resolve, 200));
    };
    expect((await sentBy(glance)).length).toBeLessThan(64);
  });

  it('is no change for provisioning what is there', async () => {
    const sent = await sentBy((store) => store.provision());
    expect(sent.filter((verb) => verb !== 'SELECT')).toEqual([]);
  });
});
