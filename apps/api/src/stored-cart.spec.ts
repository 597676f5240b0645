import { Client, newGuest, newUser } from './testing/client.ts';
import { openShop, projected, type Shop } from './testing/shop.ts';

describe('a cart as a read store has it, on the operator port', () => {
  let shop: Shop;
  let operators: Client;
  beforeAll(async () => {
    shop = await openShop({ stores: ['first', 'second'] });
    operators = new Client(shop.api.operatorUrl);
  });
  afterAll(() => shop.close());

  it('is the stored row with its revision, in each store by its name', async () => {
    const user = await newUser(shop.api.url);
    await user.post('/v1/carts/main/items', { sku: 'tea', quantity: 2 });
    await projected(shop);
    const path = `/v1/owners/${user.owner}/carts/main`;
    const id = `${user.owner}~main`;
    expect(await operators.get(`${path}?store=first`)).toMatchObject({
      status: 200,
      body: { store: 'first', id, revision: 1, view: { id, itemCount: 2, writeTime: expect.any(Number) } },
    });
    expect(await operators.get(`${path}?store=second`)).toMatchObject({
      status: 200,
      body: { store: 'second', id, revision: -1, view: null },
    });
  });

  it('takes owners as they are written elsewhere', async () => {
    const owner = 'u~a%20b%2Fc%7E';
    const { status, body } = await operators.get(
      `/v1/owners/${encodeURIComponent(owner)}/carts/main?store=first`,
    );
    expect([status, body['id']]).toEqual([200, `${owner}~main`]);
  });

  it.each([
    ['/v1/owners/u~42/carts/main', 'store: expected one of first, second'],
    ['/v1/owners/u~42/carts/main?store=third', 'store: expected one of first, second'],
    ['/v1/owners/42/carts/main?store=first', 'owner: expected u~<user id> or g~<guest id>'],
    ['/v1/owners/%E0%A4%A/carts/main?store=first', 'owner: expected u~<user id> or g~<guest id>'],
    ['/v1/owners/u~42/carts/a%20b?store=first', 'name: expected 1 to 32 characters of A-Z a-z 0-9 _ -'],
  ])('%s is a bad request: %s', async (path, reason) => {
    expect(await operators.get(path)).toMatchObject({
      status: 400,
      body: { status: 'bad request', reason },
    });
  });

  it('says that a store is out of reach', async () => {
    const open = () => Promise.reject(Object.assign(new Error('refused'), { code: 'unavailable' }));
    const api = await shop.anotherApi({ views: [{ name: 'away', open }] });
    const answer = await new Client(api.operatorUrl).get('/v1/owners/u~42/carts/main?store=away');
    expect(answer).toMatchObject({ status: 503, body: { status: 'unavailable', reason: 'refused' } });
  });

  it('is not for shoppers', async () => {
    const guest = await newGuest(shop.api.url);
    expect((await guest.get(`/v1/owners/${guest.owner}/carts/main?store=first`)).status).toBe(403);
    expect((await guest.get('/v1/carts/main?store=first')).status).toBe(400);
  });
});
