import type { Api } from './app.ts';
import { type Client, newGuest, quantitiesOf } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const items = '/v1/carts/main/items';

/** Two processes; the first holds the cart as it was before the second changed it. */
describe('a decision that appends nothing, made by a process that holds an older cart', () => {
  let shop: Shop;
  let other: Api;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
    other = await shop.anotherApi();
  });
  afterAll(() => shop.close());

  /** The first process has seen `milk`, and not what the second did then. */
  async function heldBefore(change: (elsewhere: Client) => Promise<unknown>): Promise<Client> {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, { sku: 'milk', quantity: 1 });
    await change(guest.at(other.url));
    return guest;
  }

  it('removes a line that only the other process knows', async () => {
    const guest = await heldBefore((elsewhere) => elsewhere.post(items, { sku: 'tea', quantity: 1 }));
    const answer = await guest.delete(`${items}/tea`);
    expect(quantitiesOf(answer)).toEqual({ milk: 1 });
    expect(answer.body.revision).toBe(3);
  });

  it('finds a line it did not know instead of answering 404', async () => {
    const guest = await heldBefore((elsewhere) => elsewhere.post(items, { sku: 'tea', quantity: 1 }));
    expect(quantitiesOf(await guest.patch(`${items}/tea`, { quantity: 5 }))).toEqual({ milk: 1, tea: 5 });
  });

  it('sets a quantity back that the other process changed, though the cart it holds has it already', async () => {
    const guest = await heldBefore((elsewhere) => elsewhere.patch(`${items}/milk`, { quantity: 9 }));
    const answer = await guest.patch(`${items}/milk`, { quantity: 1 });
    expect([quantitiesOf(answer), answer.body.revision]).toEqual([{ milk: 1 }, 3]);
  });

  it('does not refuse for a freeze that the other process ended', async () => {
    const guest = await newGuest(shop.api.url);
    const until = new Date(Date.now() + 60_000).toISOString();
    await guest.post(items, { sku: 'milk', quantity: 1 });
    await guest.put('/v1/carts/main/freeze', { until });
    await guest.at(other.url).delete('/v1/carts/main/freeze');
    expect((await guest.post(items, { sku: 'tea', quantity: 1 })).status).toBe(200);
  });

  it('does not fail an If-Match that holds by now', async () => {
    const guest = await heldBefore((elsewhere) => elsewhere.post(items, { sku: 'tea', quantity: 1 }));
    const answer = await guest.post(items, { sku: 'oil', quantity: 1 }, { 'if-match': '"2"' });
    expect(quantitiesOf(answer)).toEqual({ milk: 1, tea: 1, oil: 1 });
  });

  it('does not keep an If-Match that held on the older cart', async () => {
    const guest = await heldBefore((elsewhere) => elsewhere.post(items, { sku: 'tea', quantity: 1 }));
    expect(await guest.post(items, { sku: 'oil', quantity: 1 }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { code: 'revision_mismatch', revision: 2 },
    });
  });

  it('loses no command of two processes that write the same cart at once', async () => {
    const guest = await newGuest(shop.api.url);
    const sent = Array.from({ length: 60 }, (_, i) =>
      guest.at(i % 2 === 0 ? shop.api.url : other.url).post(items, { sku: 'tea', quantity: 1 }),
    );
    const answers = await Promise.all(sent);
    const accepted = answers.filter(({ status }) => status === 200).length;
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const { body } = await guest.get('/v1/carts/main?consistency=strong');
    expect(body).toMatchObject({ itemCount: accepted, revision: accepted });
  });
});
