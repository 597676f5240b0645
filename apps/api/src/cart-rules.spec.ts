import { newGuest, newUser, quantitiesOf } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const tea = { sku: 'tea', quantity: 2 };

describe('what the rules of a cart refuse', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it('tells the order of a checked-out cart, and checks out once for one order', async () => {
    const user = await newUser(shop.api.url);
    await user.post(items, tea);
    await user.post(`${cart}/checkout`, { orderId: 'o-1' });
    const again = await user.post(`${cart}/checkout`, { orderId: 'o-1' });
    expect(again.body).toMatchObject({ status: 'checkedOut', orderId: 'o-1', revision: 2 });
  });

  it('does not tie a guest cart to a session', async () => {
    const guest = await newGuest(shop.api.url);
    const answer = await guest.put(`${cart}/session`, { sessionId: 's-1' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'not_for_guests' } });
  });

  it.each([
    ['units over the limit of a line', { sku: 'tea', quantity: 1000 }, 'quantity_out_of_range'],
    ['no units', { sku: 'tea', quantity: 0 }, 'quantity_out_of_range'],
    ['fewer units than none', { sku: 'tea', quantity: -1 }, 'quantity_out_of_range'],
  ])('refuses %s with 422', async (_, item, code) => {
    const guest = await newGuest(shop.api.url);
    expect(await guest.post(items, item)).toMatchObject({ status: 422, body: { code, limit: 999 } });
  });

  it('refuses the line over the limit of a cart with 422', async () => {
    const guest = await newGuest(shop.api.url);
    for (let i = 0; i < 100; i += 1) await guest.post(items, { sku: `sku-${i}`, quantity: 1 });
    const over = await guest.post(items, { sku: 'one-more', quantity: 1 });
    expect(over).toMatchObject({ status: 422, body: { code: 'line_limit', limit: 100 } });
  });

  it.each(['2020-01-01T00:00:00Z', '2999-01-01T00:00:00+02:00'])(
    'refuses a freeze until %s with 422',
    async (until) => {
      const guest = await newGuest(shop.api.url);
      await guest.post(items, tea);
      const answer = await guest.put(`${cart}/freeze`, { until });
      expect(answer).toMatchObject({ status: 422, body: { code: 'freeze_out_of_range' } });
    },
  );
});

describe('a cart that has expired', () => {
  it('is an empty one, and the next command opens its next life', async () => {
    const lifetime = { guest: 1_000, customer: 1_000 };
    const shop = await openShop({ projected: false, rules: { lifetime } });
    try {
      const guest = await newGuest(shop.api.url);
      const { body } = await guest.post(items, { sku: 'tea', quantity: 1 });
      while (Date.now() <= Date.parse(body.expiresAt ?? ''))
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect((await guest.get(`${cart}?consistency=strong`)).body).toMatchObject({
        status: 'none',
        revision: 1,
        lines: [],
        itemCount: 0,
        createdAt: null,
        expiresAt: null,
      });
      const next = await guest.post(items, { sku: 'milk', quantity: 1 });
      expect(quantitiesOf(next)).toEqual({ milk: 1 });
      expect(next.body.revision).toBe(3);
    } finally {
      await shop.close();
    }
  });
});
