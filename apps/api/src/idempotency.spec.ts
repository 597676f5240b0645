import { FaultProxy } from '@cartage/engines';
import { newGuest, quantitiesOf } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const key = (id: string) => ({ 'idempotency-key': id });

describe('Idempotency-Key', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it('makes a command take effect once when its answer was swallowed and the client retries after five others', async () => {
    const guest = await newGuest(shop.api.url);
    const proxy = await FaultProxy.open(shop.api.url);
    try {
      const tea = { sku: 'tea', quantity: 3 };
      proxy.fault = { kind: 'swallow' };
      await expect(guest.at(proxy.url).post(items, tea, key('lost'))).rejects.toThrow('fetch failed');
      for (const sku of ['a', 'b', 'c', 'd', 'e']) await guest.post(items, { sku, quantity: 1 });
      const retried = await guest.post(items, tea, key('lost'));
      expect(retried.status).toBe(200);
      expect(retried.headers.get('idempotent-replayed')).toBe('true');
      expect(quantitiesOf(retried)).toEqual({ tea: 3, a: 1, b: 1, c: 1, d: 1, e: 1 });
    } finally {
      await proxy.close();
    }
  });

  it('answers a retry with the cart as it is now, and marks no first attempt', async () => {
    const guest = await newGuest(shop.api.url);
    const first = await guest.post(items, { sku: 'tea', quantity: 1 }, key('k'));
    await guest.patch(`${items}/tea`, { quantity: 7 });
    const retried = await guest.post(items, { sku: 'tea', quantity: 1 }, key('k'));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(quantitiesOf(retried)).toEqual({ tea: 7 });
    expect(retried.body.revision).toBe(2);
    expect(retried.headers.get('etag')).toBe('"2"');
  });

  it('counts at another process that has never seen the cart, and at one that holds an older state', async () => {
    const other = await shop.anotherApi();
    const guest = await newGuest(shop.api.url);
    await guest.at(other.url).post(items, { sku: 'milk', quantity: 1 });
    await guest.post(items, { sku: 'tea', quantity: 2 }, key('k'));
    const retried = await guest.at(other.url).post(items, { sku: 'tea', quantity: 2 }, key('k'));
    expect(retried.headers.get('idempotent-replayed')).toBe('true');
    expect(quantitiesOf(retried)).toEqual({ milk: 1, tea: 2 });
  });

  it('refuses the key of another request with 422: another body, another command', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, { sku: 'tea', quantity: 1 }, key('k'));
    for (const reuse of [
      guest.post(items, { sku: 'tea', quantity: 2 }, key('k')),
      guest.patch(`${items}/tea`, { quantity: 1 }, key('k')),
      guest.delete(items, key('k')),
    ])
      expect(await reuse).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(quantitiesOf(await guest.get(`${cart}?consistency=strong`))).toEqual({ tea: 1 });
  });

  it('takes a body that says the same in another order for the same request', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, { sku: 'tea', quantity: 1, attributes: { a: 1, b: 2 } }, key('k'));
    const retried = await guest.post(
      items,
      { attributes: { b: 2, a: 1 }, quantity: 1, sku: 'tea' },
      key('k'),
    );
    expect(retried.headers.get('idempotent-replayed')).toBe('true');
    expect(retried.body.itemCount).toBe(1);
  });

  it('holds for the cart it came with only', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, { sku: 'tea', quantity: 1 }, key('k'));
    const elsewhere = await guest.post('/v1/carts/other/items', { sku: 'milk', quantity: 1 }, key('k'));
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.headers.get('idempotent-replayed')).toBeNull();
  });

  it('remembers the last 64 commands of a cart', async () => {
    const guest = await newGuest(shop.api.url);
    for (let i = 0; i <= 64; i += 1) await guest.post(items, { sku: 'tea', quantity: 1 }, key(`k${i}`));
    const oldest = await guest.post(items, { sku: 'tea', quantity: 1 }, key('k1'));
    expect(oldest.headers.get('idempotent-replayed')).toBe('true');
    const forgotten = await guest.post(items, { sku: 'tea', quantity: 1 }, key('k0'));
    expect(forgotten.headers.get('idempotent-replayed')).toBeNull();
    expect(quantitiesOf(forgotten)).toEqual({ tea: 66 });
  });

  it('comes before If-Match: a retry answers though its revision is gone', async () => {
    const guest = await newGuest(shop.api.url);
    const headers = { ...key('k'), 'if-match': '"-1"' };
    const first = await guest.post(items, { sku: 'tea', quantity: 1 }, headers);
    const retried = await guest.post(items, { sku: 'tea', quantity: 1 }, headers);
    expect([first.status, retried.status]).toEqual([200, 200]);
    expect(retried.headers.get('idempotent-replayed')).toBe('true');
  });

  it('takes effect once when the same request comes many times at once', async () => {
    const other = await shop.anotherApi();
    const guest = await newGuest(shop.api.url);
    const sent = Array.from({ length: 20 }, (_, i) =>
      guest.at(i % 2 === 0 ? shop.api.url : other.url).post(items, { sku: 'tea', quantity: 1 }, key('k')),
    );
    const answers = await Promise.all(sent);
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
    expect(quantitiesOf(await guest.get(`${cart}?consistency=strong`))).toEqual({ tea: 1 });
  });

  it.each(['', 'with space', 'x'.repeat(65), 'ünïcode'])('refuses the key %j with 400', async (id) => {
    const guest = await newGuest(shop.api.url);
    const headers = { 'idempotency-key': Buffer.from(id).toString('latin1') };
    expect(await guest.post(items, { sku: 'tea', quantity: 1 }, headers)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'idempotency-key' }] },
    });
  });
});
