import { streamOf } from '@cartage/cart';
import { quantitiesOf } from './testing/client.ts';
import { guestWith, historyOf, login, userWith } from './testing/logins.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const strong = `${cart}?consistency=strong`;

describe('a merge that is repeated, raced for or interrupted', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it('changes nothing when it is repeated, and says so', async () => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 3 }),
      await userWith(shop.api.url, { tea: 1 }),
    ];
    const first = await login(user, guest);
    await user.patch(`${items}/tea`, { quantity: 1 });
    const second = await login(user, guest);
    expect(second.body.merge?.outcome).toBe('already_merged');
    expect(quantitiesOf(second)).toEqual({ tea: 1 });
    expect(second.body.revision).toBe((first.body.revision ?? 0) + 1);
  });

  it('knows a merge that 16 others pushed out of the folded cart', async () => {
    const [first, user] = [await guestWith(shop.api.url, { tea: 9 }), await userWith(shop.api.url, {})];
    await login(user, first);
    for (let i = 0; i < 17; i += 1) await login(user, await guestWith(shop.api.url, { milk: 1 }));
    await user.patch(`${items}/tea`, { quantity: 1 });
    const again = await login(user, first);
    expect(again.body.merge?.outcome).toBe('already_merged');
    expect(quantitiesOf(again)).toEqual({ tea: 1, milk: 1 });
  });

  it('finishes a merge whose second step is missing', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    const into = `${user.owner}~main`;
    const data = { mergeId: `${guest.owner}~main.1`, into, at: Date.now(), expiresAt: Date.now() };
    const seal = { id: crypto.randomUUID(), type: 'CartSealed', data, metadata: { schema: 1 } };
    await shop.stores.events.append(streamOf(`${guest.owner}~main`), [seal], 1);
    const answer = await login(user, guest);
    expect(answer.body.merge?.outcome).toBe('merged');
    expect(quantitiesOf(answer)).toEqual({ tea: 2 });
  });

  it('lets one of two users who race for a guest cart have it, and the login of both succeed', async () => {
    const other = await shop.anotherApi();
    for (let round = 0; round < 10; round += 1) {
      const guest = await guestWith(shop.api.url, { tea: 2 });
      const users = [
        await userWith(shop.api.url, { oil: 1 }),
        await userWith(shop.api.url, { oil: 1 }),
      ] as const;
      const body = { guestToken: guest.token };
      const answers = await Promise.all([
        users[0].post(`${cart}/merge`, body),
        users[1].at(other.url).post(`${cart}/merge`, body),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(new Set(answers.map(({ body: { merge } }) => merge?.outcome))).toEqual(
        new Set(['merged', 'taken']),
      );
      const carts = answers.map(quantitiesOf);
      expect(carts).toContainEqual({ oil: 1, tea: 2 });
      expect(carts).toContainEqual({ oil: 1 });
    }
  });

  it('merges once when one user logs in many times at once', async () => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 2 }),
      await userWith(shop.api.url, { tea: 3 }),
    ];
    const answers = await Promise.all(Array.from({ length: 8 }, () => login(user, guest, { policy: 'sum' })));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(200));
    expect(quantitiesOf(await user.get(strong))).toEqual({ tea: 5 });
    expect(
      (await historyOf(shop.stores.events, user)).filter((type) => type === 'GuestCartMerged'),
    ).toHaveLength(1);
  });

  it('skips the merge of a session the cart is tied to: nothing is appended, the guest cart stays', async () => {
    const [first, second, user] = [
      await guestWith(shop.api.url, { tea: 2 }),
      await guestWith(shop.api.url, { milk: 2 }),
      await userWith(shop.api.url, {}),
    ];
    await login(user, first, { sessionId: 's-1' });
    const before = await historyOf(shop.stores.events, user);
    const answer = await login(user, second, { sessionId: 's-1' });
    expect(answer.body.merge?.outcome).toBe('same_session');
    expect([await historyOf(shop.stores.events, user), await historyOf(shop.stores.events, second)]).toEqual([
      before,
      ['CartOpened', 'ItemAdded'],
    ]);
    expect((await login(user, second, { sessionId: 's-2' })).body.merge?.outcome).toBe('merged');
  });

  it('merges again in a session whose cart was checked out meanwhile', async () => {
    const [first, second, user] = [
      await guestWith(shop.api.url, { tea: 2 }),
      await guestWith(shop.api.url, { milk: 2 }),
      await userWith(shop.api.url, {}),
    ];
    await login(user, first, { sessionId: 's-1' });
    await user.post(`${cart}/checkout`, { orderId: 'o-1' });
    const answer = await login(user, second, { sessionId: 's-1' });
    expect(quantitiesOf(answer)).toEqual({ milk: 2 });
  });

  it('seals nothing when If-Match fails', async () => {
    const [guest, user] = [
      await guestWith(shop.api.url, { tea: 2 }),
      await userWith(shop.api.url, { oil: 1 }),
    ];
    expect((await login(user, guest, {}, { 'if-match': '"7"' })).status).toBe(412);
    expect(await historyOf(shop.stores.events, guest)).toEqual(['CartOpened', 'ItemAdded']);
    expect((await login(user, guest, {}, { 'if-match': '"1"' })).body.merge?.outcome).toBe('merged');
  });

  it('replays a merge of the same Idempotency-Key and refuses it for another', async () => {
    const [guest, user] = [await guestWith(shop.api.url, { tea: 2 }), await userWith(shop.api.url, {})];
    const headers = { 'idempotency-key': 'login-1' };
    expect((await login(user, guest, {}, headers)).body.merge?.outcome).toBe('merged');
    const retried = await login(user, guest, {}, headers);
    expect(retried.headers.get('idempotent-replayed')).toBe('true');
    expect(quantitiesOf(retried)).toEqual({ tea: 2 });
    expect((await login(user, guest, { policy: 'sum' }, headers)).status).toBe(422);
  });
});
