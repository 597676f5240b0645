import { setTimeout as sleep } from 'node:timers/promises';
import { Client, newGuest } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const items = '/v1/carts/main/items';

describe('what operators see', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  const metrics = async (): Promise<string[]> =>
    (await (await fetch(`${shop.api.operatorUrl}/metrics`)).text()).split('\n');

  it('counts commands by type and outcome, refusals by code, reads by what answered', async () => {
    const guest = await newGuest(shop.api.url);
    const key = { 'idempotency-key': 'k' };
    await guest.post(items, { sku: 'tea', quantity: 1 }, key);
    await guest.post(items, { sku: 'tea', quantity: 1 }, key);
    await guest.post(items, { sku: 'tea', quantity: 1000 });
    await guest.delete(`${items}/none`);
    await guest.get('/v1/carts/main');
    await guest.get('/v1/carts/main?consistency=strong');
    const lines = await metrics();
    for (const line of [
      'cartage_commands_total{type="AddItem",outcome="accepted"} 1',
      'cartage_commands_total{type="AddItem",outcome="replayed"} 1',
      'cartage_commands_total{type="AddItem",outcome="quantity_out_of_range"} 1',
      'cartage_commands_total{type="RemoveItem",outcome="unchanged"} 1',
      'cartage_command_seconds_count{type="AddItem"} 3',
      'cartage_read_seconds_count{query="GetCart",source="store"} 1',
      'cartage_read_seconds_count{query="GetCart",source="log"} 1',
      'cartage_refused_total{code="quantity_out_of_range"} 1',
      'cartage_cache_lookups_total{result="miss"} 1',
      'cartage_cache_lookups_total{result="hit"} 3',
      'cartage_cache_carts 1',
      'cartage_conflicts_total 0',
      'cartage_in_flight 0',
    ])
      expect(lines).toContain(line);
  });

  it('counts the races that another process won', async () => {
    const other = await shop.anotherApi();
    const guest = await newGuest(shop.api.url);
    await guest.post(items, { sku: 'tea', quantity: 1 });
    await guest.at(other.url).post(items, { sku: 'tea', quantity: 1 });
    await guest.post(items, { sku: 'tea', quantity: 1 });
    expect(await metrics()).toContain('cartage_conflicts_total 1');
  });

  it('are not shown to shoppers', async () => {
    expect((await new Client(shop.api.url).get('/metrics')).status).toBe(404);
  });

  it('says alive and ready on both ports, without a token', async () => {
    for (const url of [shop.api.url, shop.api.operatorUrl]) {
      const probe = new Client(url);
      expect(await probe.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
      expect(await probe.get('/health/ready')).toMatchObject({
        status: 200,
        body: { status: 'ok', eventStore: 'ok', readStore: 'ok' },
      });
    }
  });
});

describe('an API that ends', () => {
  it('answers what is under way, and accepts nothing more', async () => {
    const shop = await openShop({ projected: false });
    try {
      const guest = await newGuest(shop.api.url);
      const underWay = guest.get('/v1/carts/main?atLeast=5');
      await sleep(50);
      const closing = shop.api.close();
      expect((await underWay).status).toBe(200);
      await closing;
      await expect(guest.get('/v1/carts/main')).rejects.toThrow('fetch failed');
    } finally {
      await shop.close();
    }
  });
});
