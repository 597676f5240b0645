import { streamOf } from '@cartage/cart';
import { newService, quantitiesOf } from './testing/client.ts';
import { guestWith, historyOf, login, userWith } from './testing/logins.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const strong = `${cart}?consistency=strong`;

describe('the merge at login', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it('gives the lines of the guest to the customer, the higher quantity of each by default', async () => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 3, milk: 1 }),
      await userWith(shop.api.url, { tea: 1, oil: 2 }),
    ];
    const answer = await login(user, guest);
    expect(answer).toMatchObject({
      status: 200,
      body: { merge: { outcome: 'merged', policy: 'max', dropped: [] } },
    });
    expect(quantitiesOf(answer)).toEqual({ tea: 3, oil: 2, milk: 1 });
    expect(answer.headers.get('etag')).toBe(`"${answer.body.revision}"`);
  });

  it('leaves the guest an empty cart of status none that refuses everything', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 1 }), await userWith(shop.api.url, {})];
    await login(user, guest);
    expect((await guest.get(strong)).body).toMatchObject({ status: 'none', lines: [], revision: 2 });
    expect(await guest.post(items, { sku: 'tea', quantity: 1 })).toMatchObject({
      status: 409,
      body: { code: 'cart_merged', mergedInto: `${user.owner}~main` },
    });
  });

  it.each([
    ['sum', { tea: 4, oil: 2, milk: 1 }],
    ['keepCustomer', { tea: 1, oil: 2 }],
    ['keepGuest', { tea: 3, milk: 1 }],
  ])('merges by %s and says what was dropped', async (policy, expected) => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 3, milk: 1 }),
      await userWith(shop.api.url, { tea: 1, oil: 2 }),
    ];
    const answer = await login(user, guest, { policy });
    expect(quantitiesOf(answer)).toEqual(expected);
    expect(answer.body.merge?.policy).toBe(policy);
    const reasons = answer.body.merge?.dropped.map(({ why }) => why);
    expect(reasons).toEqual(policy === 'sum' ? [] : ['policy', 'policy']);
  });

  it('trims at the limits and reports it instead of failing the login', async () => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 600 }),
      await userWith(shop.api.url, { tea: 600 }),
    ];
    const answer = await login(user, guest, { policy: 'sum' });
    expect(quantitiesOf(answer)).toEqual({ tea: 999 });
    expect(answer.body.merge?.dropped).toMatchObject([{ quantity: 201, why: 'quantity_limit' }]);
  });

  it('finds nothing to merge in a cart that is absent, empty, checked out or erased', async () => {
    const user = await userWith(shop.api.url, { oil: 1 });
    const emptied = await guestWith(shop.api.url, { tea: 1 });
    await emptied.delete(items);
    const checkedOut = await guestWith(shop.api.url, { tea: 1 });
    await checkedOut.post(`${cart}/checkout`, { orderId: 'o-1' });
    const erased = await guestWith(shop.api.url, { tea: 1 });
    await erased.delete(cart);
    for (const guest of [await guestWith(shop.api.url, {}), emptied, checkedOut, erased]) {
      const before = await historyOf(shop.stores.events, guest);
      const answer = await login(user, guest);
      expect(answer).toMatchObject({ status: 200, body: { merge: { outcome: 'nothing_to_merge' } } });
      expect(await historyOf(shop.stores.events, guest)).toEqual(before);
    }
    expect(await historyOf(shop.stores.events, user)).toEqual(['CartOpened', 'ItemAdded']);
  });

  it('takes the guest of the cookie when no token is given, and none when there is none', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    const cookie = { cookie: `theme=dark; cartage_guest=${guest.token}` };
    expect((await user.post(`${cart}/merge`, {}, cookie)).body.merge?.outcome).toBe('merged');
    expect((await user.post(`${cart}/merge`)).body.merge?.outcome).toBe('nothing_to_merge');
    const stale = { cookie: 'cartage_guest=v1.gone.x.1.y' };
    expect((await user.post(`${cart}/merge`, {}, stale)).body.merge?.outcome).toBe('nothing_to_merge');
  });

  it('refuses a guest token that is none, a guest who asks, and a customer’s token as a guest’s', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    const none = { status: 400, body: { errors: [{ field: 'guestToken' }] } };
    expect(await user.post(`${cart}/merge`, { guestToken: `${guest.token}x` })).toMatchObject(none);
    expect(await user.post(`${cart}/merge`, { guestToken: 'nonsense' })).toMatchObject(none);
    expect(await user.post(`${cart}/merge`, { guestToken: user.token })).toMatchObject(none);
    expect((await login(guest, guest)).status).toBe(403);
  });

  it('lets a service merge for a customer, but into no guest cart', async () => {
    const service = await newService(shop.api.url);
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    const body = { guestToken: guest.token };
    const into = (owner: string) => service.post(`/v1/owners/${owner}/carts/main/merge`, body);
    expect(await into(guest.owner)).toMatchObject({ status: 409, body: { code: 'not_for_guests' } });
    expect((await into(user.owner)).body.merge?.outcome).toBe('merged');
  });

  it('ties the events of both carts together', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    await login(user, guest);
    const ids: unknown[] = [];
    for (const { owner } of [guest, user])
      for await (const { metadata } of shop.stores.events.read(streamOf(`${owner}~main`)))
        ids.push((metadata as Record<string, unknown>)['$correlationId']);
    const mergeId = `${guest.owner}~main.1`;
    expect(ids).toEqual([undefined, undefined, mergeId, mergeId, mergeId]);
  });
});
