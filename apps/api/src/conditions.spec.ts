import { newGuest, quantitiesOf } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const tea = { sku: 'tea', quantity: 1 };

describe('conditional requests', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it('changes a cart only at the revision of If-Match', async () => {
    const guest = await newGuest(shop.api.url);
    const { headers } = await guest.post(items, tea);
    expect(headers.get('etag')).toBe('"1"');
    const changed = await guest.post(items, tea, { 'if-match': '"1"' });
    expect(quantitiesOf(changed)).toEqual({ tea: 2 });
    const late = await guest.post(items, tea, { 'if-match': '"1"' });
    expect(late).toMatchObject({
      status: 412,
      body: { code: 'revision_mismatch', status: 412, revision: 2 },
    });
    expect(late.headers.get('etag')).toBe('"2"');
  });

  it('lets one of many at one revision win, and never tries the others again', async () => {
    const other = await shop.anotherApi();
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea);
    const urls = [shop.api.url, other.url];
    const sent = Array.from({ length: 10 }, (_, i) =>
      guest.at(urls[i % 2] ?? '').post(items, tea, { 'if-match': '"1"' }),
    );
    const answers = await Promise.all(sent);
    const of = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect([of(200), of(412)]).toEqual([1, 9]);
  });

  it.each([
    ['"-1"', 200, 412],
    ['*', 412, 200],
    ['"3", "1"', 412, 200],
    ['W/"1"', 412, 412],
    ['"one"', 412, 412],
  ])('answers If-Match %s with %i for a new cart and %i for one at revision 1', async (tags, fresh, used) => {
    const guest = await newGuest(shop.api.url);
    await guest.post('/v1/carts/used/items', tea);
    const headers = { 'if-match': tags };
    expect((await guest.post('/v1/carts/fresh/items', tea, headers)).status).toBe(fresh);
    expect((await guest.post('/v1/carts/used/items', tea, headers)).status).toBe(used);
  });

  it('also guards a command that changes nothing', async () => {
    const guest = await newGuest(shop.api.url);
    expect((await guest.delete(items, { 'if-match': '"5"' })).status).toBe(412);
  });

  it.each(['1', '"1', '"1",', 'W/1', '"1" "2"', '*, "1"'])(
    'refuses the malformed If-Match %s',
    async (tags) => {
      const guest = await newGuest(shop.api.url);
      expect(await guest.post(items, tea, { 'if-match': tags })).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'if-match' }] },
      });
    },
  );

  it('answers 304 without a body while the cart is at the revision of If-None-Match', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea);
    const path = `${cart}?atLeast=1`;
    for (const tags of ['"1"', 'W/"1"', '"0", "1"', '*']) {
      const answer = await guest.get(path, { 'if-none-match': tags });
      expect({ status: answer.status, etag: answer.headers.get('etag'), body: answer.body }).toEqual({
        status: 304,
        etag: '"1"',
        body: {},
      });
    }
    expect(await guest.get(path, { 'if-none-match': '"0"' })).toMatchObject({
      status: 200,
      body: { itemCount: 1 },
    });
    expect((await guest.get(path, { 'if-none-match': '0' })).status).toBe(400);
  });

  it('does not answer 304 for a freeze that ended by the clock', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea);
    const until = Date.now() + 1_000;
    const frozen = await guest.put(`${cart}/freeze`, { until: new Date(until).toISOString() });
    expect(frozen.body).toMatchObject({ status: 'frozen', frozenUntil: new Date(until).toISOString() });
    while (Date.now() <= until) await new Promise((resolve) => setTimeout(resolve, 10));
    const answer = await guest.get(`${cart}?consistency=strong`, { 'if-none-match': '"2"' });
    expect(answer).toMatchObject({ status: 200, body: { status: 'open', revision: 2 } });
  });
});
