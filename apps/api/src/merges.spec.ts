import { streamOf } from '@cartage/cart';
import { newGuest, newService, newUser, quantitiesOf, type Shopper } from './testing/client.ts';
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

  const login = (user: Shopper, guest: Shopper, more: object = {}, headers = {}) =>
    user.post(`${cart}/merge`, { guestToken: guest.token, ...more }, headers);

  const guestWith = async (quantities: Readonly<Record<string, number>>): Promise<Shopper> => {
    const guest = await newGuest(shop.api.url);
    for (const [sku, quantity] of Object.entries(quantities)) await guest.post(items, { sku, quantity });
    return guest;
  };
  const userWith = async (quantities: Readonly<Record<string, number>>): Promise<Shopper> => {
    const user = await newUser(shop.api.url);
    for (const [sku, quantity] of Object.entries(quantities)) await user.post(items, { sku, quantity });
    return user;
  };
  const eventsOf = async ({ owner }: Shopper): Promise<string[]> => {
    const types: string[] = [];
    for await (const { type } of shop.stores.events.read(streamOf(`${owner}~main`))) types.push(type);
    return types;
  };

  it('gives the lines of the guest to the customer, the higher quantity of each by default', async () => {
    const [guest, user] = [await guestWith({ tea: 3, milk: 1 }), await userWith({ tea: 1, oil: 2 })];
    const answer = await login(user, guest);
    expect(answer).toMatchObject({
      status: 200,
      body: { merge: { outcome: 'merged', policy: 'max', dropped: [] } },
    });
    expect(quantitiesOf(answer)).toEqual({ tea: 3, oil: 2, milk: 1 });
    expect(answer.headers.get('etag')).toBe(`"${answer.body.revision}"`);
  });

  it('leaves the guest an empty cart of status none that refuses everything', async () => {
    const [guest, user] = [await guestWith({ tea: 1 }), await userWith({})];
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
    const [guest, user] = [await guestWith({ tea: 3, milk: 1 }), await userWith({ tea: 1, oil: 2 })];
    const answer = await login(user, guest, { policy });
    expect(quantitiesOf(answer)).toEqual(expected);
    expect(answer.body.merge?.policy).toBe(policy);
    const reasons = answer.body.merge?.dropped.map(({ why }) => why);
    expect(reasons).toEqual(policy === 'sum' ? [] : ['policy', 'policy']);
  });

  it('trims at the limits and reports it instead of failing the login', async () => {
    const [guest, user] = [await guestWith({ tea: 600 }), await userWith({ tea: 600 })];
    const answer = await login(user, guest, { policy: 'sum' });
    expect(quantitiesOf(answer)).toEqual({ tea: 999 });
    expect(answer.body.merge?.dropped).toMatchObject([{ quantity: 201, why: 'quantity_limit' }]);
  });

  it('changes nothing when it is repeated, and says so', async () => {
    const [guest, user] = [await guestWith({ tea: 3 }), await userWith({ tea: 1 })];
    const first = await login(user, guest);
    await user.patch(`${items}/tea`, { quantity: 1 });
    const second = await login(user, guest);
    expect(second.body.merge?.outcome).toBe('already_merged');
    expect(quantitiesOf(second)).toEqual({ tea: 1 });
    expect(second.body.revision).toBe((first.body.revision ?? 0) + 1);
  });

  it('knows a merge that 16 others pushed out of the folded cart', async () => {
    const [first, user] = [await guestWith({ tea: 9 }), await userWith({})];
    await login(user, first);
    for (let i = 0; i < 17; i += 1) await login(user, await guestWith({ milk: 1 }));
    await user.patch(`${items}/tea`, { quantity: 1 });
    const again = await login(user, first);
    expect(again.body.merge?.outcome).toBe('already_merged');
    expect(quantitiesOf(again)).toEqual({ tea: 1, milk: 1 });
  });

  it('finishes a merge whose second step is missing', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    const into = `${user.owner}~main`;
    const data = { mergeId: `${guest.owner}~main.1`, into, at: Date.now(), expiresAt: Date.now() };
    const seal = { id: crypto.randomUUID(), type: 'CartSealed', data, metadata: { schema: 1 } };
    await shop.stores.events.append(streamOf(`${guest.owner}~main`), [seal], 1);
    const answer = await login(user, guest);
    expect(answer.body.merge?.outcome).toBe('merged');
    expect(quantitiesOf(answer)).toEqual({ tea: 2 });
  });

  it('finds nothing to merge in a cart that is absent, empty, checked out or erased', async () => {
    const user = await userWith({ oil: 1 });
    const emptied = await guestWith({ tea: 1 });
    await emptied.delete(items);
    const checkedOut = await guestWith({ tea: 1 });
    await checkedOut.post(`${cart}/checkout`, { orderId: 'o-1' });
    const erased = await guestWith({ tea: 1 });
    await erased.delete(cart);
    for (const guest of [await guestWith({}), emptied, checkedOut, erased]) {
      const before = await eventsOf(guest);
      const answer = await login(user, guest);
      expect(answer).toMatchObject({ status: 200, body: { merge: { outcome: 'nothing_to_merge' } } });
      expect(await eventsOf(guest)).toEqual(before);
    }
    expect(await eventsOf(user)).toEqual(['CartOpened', 'ItemAdded']);
  });

  it('lets one of two users who race for a guest cart have it, and the login of both succeed', async () => {
    const other = await shop.anotherApi();
    for (let round = 0; round < 10; round += 1) {
      const guest = await guestWith({ tea: 2 });
      const users = [await userWith({ oil: 1 }), await userWith({ oil: 1 })] as const;
      const body = { guestToken: guest.token };
      const answers = await Promise.all([
        users[0].post(`${cart}/merge`, body),
        users[1].at(other.url).post(`${cart}/merge`, body),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers.map(({ body: { merge } }) => merge?.outcome).sort()).toEqual(['merged', 'taken']);
      const carts = answers.map(quantitiesOf);
      expect(carts).toContainEqual({ oil: 1, tea: 2 });
      expect(carts).toContainEqual({ oil: 1 });
    }
  });

  it('merges once when one user logs in many times at once', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({ tea: 3 })];
    const answers = await Promise.all(Array.from({ length: 8 }, () => login(user, guest, { policy: 'sum' })));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(200));
    expect(quantitiesOf(await user.get(strong))).toEqual({ tea: 5 });
    expect((await eventsOf(user)).filter((type) => type === 'GuestCartMerged')).toHaveLength(1);
  });

  it('skips the merge of a session the cart is tied to: nothing is appended, the guest cart stays', async () => {
    const [first, second, user] = [
      await guestWith({ tea: 2 }),
      await guestWith({ milk: 2 }),
      await userWith({}),
    ];
    await login(user, first, { sessionId: 's-1' });
    const before = await eventsOf(user);
    const answer = await login(user, second, { sessionId: 's-1' });
    expect(answer.body.merge?.outcome).toBe('same_session');
    expect([await eventsOf(user), await eventsOf(second)]).toEqual([before, ['CartOpened', 'ItemAdded']]);
    expect((await login(user, second, { sessionId: 's-2' })).body.merge?.outcome).toBe('merged');
  });

  it('merges again in a session whose cart was checked out meanwhile', async () => {
    const [first, second, user] = [
      await guestWith({ tea: 2 }),
      await guestWith({ milk: 2 }),
      await userWith({}),
    ];
    await login(user, first, { sessionId: 's-1' });
    await user.post(`${cart}/checkout`, { orderId: 'o-1' });
    const answer = await login(user, second, { sessionId: 's-1' });
    expect(quantitiesOf(answer)).toEqual({ milk: 2 });
  });

  it('seals nothing when If-Match fails', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({ oil: 1 })];
    expect((await login(user, guest, {}, { 'if-match': '"7"' })).status).toBe(412);
    expect(await eventsOf(guest)).toEqual(['CartOpened', 'ItemAdded']);
    expect((await login(user, guest, {}, { 'if-match': '"1"' })).body.merge?.outcome).toBe('merged');
  });

  it('replays a merge of the same Idempotency-Key and refuses it for another', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    const headers = { 'idempotency-key': 'login-1' };
    expect((await login(user, guest, {}, headers)).body.merge?.outcome).toBe('merged');
    const retried = await login(user, guest, {}, headers);
    expect(retried.headers.get('idempotent-replayed')).toBe('true');
    expect(quantitiesOf(retried)).toEqual({ tea: 2 });
    expect((await login(user, guest, { policy: 'sum' }, headers)).status).toBe(422);
  });

  it('takes the guest of the cookie when no token is given, and none when there is none', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    const cookie = { cookie: `theme=dark; cartage_guest=${guest.token}` };
    expect((await user.post(`${cart}/merge`, {}, cookie)).body.merge?.outcome).toBe('merged');
    expect((await user.post(`${cart}/merge`)).body.merge?.outcome).toBe('nothing_to_merge');
    const stale = { cookie: 'cartage_guest=v1.gone.x.1.y' };
    expect((await user.post(`${cart}/merge`, {}, stale)).body.merge?.outcome).toBe('nothing_to_merge');
  });

  it('refuses a guest token that is none, a guest who asks, and a customer’s token as a guest’s', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    const none = { status: 400, body: { errors: [{ field: 'guestToken' }] } };
    expect(await user.post(`${cart}/merge`, { guestToken: `${guest.token}x` })).toMatchObject(none);
    expect(await user.post(`${cart}/merge`, { guestToken: 'nonsense' })).toMatchObject(none);
    expect((await login(guest, guest)).status).toBe(403);
  });

  it('lets a service merge for a customer, but into no guest cart', async () => {
    const service = await newService(shop.api.url);
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    const body = { guestToken: guest.token };
    const into = (owner: string) => service.post(`/v1/owners/${owner}/carts/main/merge`, body);
    expect(await into(guest.owner)).toMatchObject({ status: 409, body: { code: 'not_for_guests' } });
    expect((await into(user.owner)).body.merge?.outcome).toBe('merged');
  });

  it('ties the events of both carts together', async () => {
    const [guest, user] = [await guestWith({ tea: 2 }), await userWith({})];
    await login(user, guest);
    const ids: unknown[] = [];
    for (const { owner } of [guest, user])
      for await (const { metadata } of shop.stores.events.read(streamOf(`${owner}~main`)))
        ids.push((metadata as Record<string, unknown>)['$correlationId']);
    const mergeId = `${guest.owner}~main.1`;
    expect(ids).toEqual([undefined, undefined, mergeId, mergeId, mergeId]);
  });
});
