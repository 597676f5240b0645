import { Client, newGuest, newService, type Shopper } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const json = { 'content-type': 'application/json' };

describe('bad input', () => {
  let shop: Shop;
  let guest: Shopper;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
    guest = await newGuest(shop.api.url);
  });
  afterAll(() => shop.close());

  const good = { sku: 'tea', quantity: 1 };
  const deep = { a: { b: { c: {} } } };

  it.each([
    ['sku', { ...good, sku: '' }],
    ['sku', { ...good, sku: 'a b' }],
    ['sku', { ...good, sku: 'x'.repeat(65) }],
    ['sku', { ...good, sku: 7 }],
    ['sku', { quantity: 1 }],
    ['quantity', { ...good, quantity: '1' }],
    ['quantity', { ...good, quantity: 1.5 }],
    ['quantity', { ...good, quantity: null }],
    ['quantity', { sku: 'tea' }],
    ['price', { ...good, price: 1 }],
    ['owner', { ...good, owner: 'u~1' }],
    ['expiresAt', { ...good, expiresAt: 1 }],
    ['attributes', { ...good, attributes: null }],
    ['attributes', { ...good, attributes: [] }],
    ['attributes', { ...good, attributes: 'L' }],
    ['attributes', { ...good, attributes: { 'a b': 1 } }],
    ['attributes', { ...good, attributes: { $set: 1 } }],
    ['attributes', { ...good, attributes: { ['x'.repeat(33)]: 1 } }],
    ['attributes', { ...good, attributes: { a: 'nul\0' } }],
    ['attributes', { ...good, attributes: { a: 'half \ud83d' } }],
    ['attributes', { ...good, attributes: deep }],
    ['attributes', { ...good, attributes: { a: [[[1]]] } }],
    ['attributes', { ...good, attributes: { a: 'x'.repeat(1020) } }],
  ])('names the field %s of an item that is %j', async (field, body) => {
    const answer = await guest.post(items, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toEqual({
      type: 'urn:cartage:problem:invalid_request',
      title: 'Invalid request',
      status: 400,
      code: 'invalid_request',
      detail: expect.stringContaining(`${field}: `),
      errors: [{ field, message: expect.stringMatching(/\w/) }],
    });
  });

  it('names every field at once', async () => {
    const { body } = await guest.post(items, { sku: '', quantity: 'x', attributes: 1, more: 1 });
    const fields = body.errors?.map(({ field }) => field).sort();
    expect(fields).toEqual(['attributes', 'more', 'quantity', 'sku']);
  });

  it.each([
    ['a number that JSON cannot keep', '{"sku":"tea","quantity":1,"attributes":{"a":1e999}}'],
    ['__proto__ in attributes', '{"sku":"tea","quantity":1,"attributes":{"__proto__":{"a":1}}}'],
    ['__proto__ in the body', '{"sku":"tea","quantity":1,"__proto__":{"a":1}}'],
    ['half a body', '{"sku":"tea",'],
    ['no JSON', 'sku=tea'],
    ['an array', '[]'],
    ['a text', '"tea"'],
    ['null', 'null'],
    ['nothing', ''],
  ])('answers 400 to a body that is or holds %s', async (_, text) => {
    expect((await guest.raw('POST', items, text, json)).status).toBe(400);
  });

  it.each([
    ['attributes', (nest: string) => `{"sku":"tea","quantity":1,"attributes":${nest}}`],
    ['more', (nest: string) => `{"sku":"tea","quantity":1,"more":{"a":${nest}}}`],
    ['body', (nest: string) => nest],
  ])('names the field %s where it is nested as deep as a body can be', async (field, around) => {
    const text = around('['.repeat(8_000) + ']'.repeat(8_000));
    expect(await guest.raw('POST', items, text, json)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field }] },
    });
  });

  it('takes attributes at their limits', async () => {
    const bytes = 1024 - JSON.stringify({ size: { 'in-cm_2': ['', 'ü', -1.5, true, null] } }).length - 1;
    const attributes = { size: { 'in-cm_2': ['x'.repeat(bytes), 'ü', -1.5, true, null] } };
    const { status, body } = await guest.post(items, { sku: 'A.b_c-9', quantity: 999, attributes });
    expect([status, body.lines?.at(-1)?.attributes]).toEqual([200, attributes]);
  });

  it.each([
    ['quantity', 'PATCH', `${items}/tea`, { quantity: 0.5 }],
    ['orderId', 'POST', `${cart}/checkout`, { orderId: 'a b' }],
    ['orderId', 'POST', `${cart}/checkout`, { orderId: 'x'.repeat(65) }],
    ['sessionId', 'PUT', `${cart}/session`, { sessionId: '' }],
    ['until', 'PUT', `${cart}/freeze`, { until: '2030-01-01' }],
    ['until', 'PUT', `${cart}/freeze`, { until: '2030-13-01T00:00:00Z' }],
    ['until', 'PUT', `${cart}/freeze`, { until: 1_900_000_000_000 }],
    ['policy', 'POST', `${cart}/merge`, { policy: 'all' }],
    ['sessionId', 'POST', `${cart}/merge`, { sessionId: 7 }],
    ['guestToken', 'POST', `${cart}/merge`, { guestToken: null }],
  ])('names the field %s of %s %s', async (field, method, path, body) => {
    const answer = await guest.raw(method, path, JSON.stringify(body), json);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it.each([
    ['atLeast', '?atLeast=x'],
    ['atLeast', '?atLeast=-2'],
    ['atLeast', '?atLeast=1&atLeast=2'],
    ['consistency', '?consistency=weak'],
    ['atleast', '?atleast=1'],
  ])('names the parameter %s of %s', async (field, query) => {
    expect(await guest.get(cart + query)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('names the parameters of a list, which takes none', async () => {
    expect(await guest.get('/v1/carts?atLeast=1&x=2')).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ field: 'atLeast' }, { field: 'x' }] },
    });
  });

  it('names the part of the path that no cart, owner or line can have', async () => {
    const service = await newService(shop.api.url);
    const named = (answer: { body: { errors?: readonly { field: string }[] } }) =>
      answer.body.errors?.[0]?.field;
    expect(named(await guest.get('/v1/carts/a%20b'))).toBe('name');
    expect(named(await guest.get(`/v1/carts/${'x'.repeat(33)}`))).toBe('name');
    expect(named(await service.get('/v1/owners/42/carts/main'))).toBe('owner');
    expect(named(await service.get(`/v1/owners/u~${'x'.repeat(199)}/carts`))).toBe('owner');
    expect(named(await guest.delete(`${items}/a%20b`))).toBe('lineId');
    expect(named(await guest.delete(`${items}/${'x'.repeat(81)}`))).toBe('lineId');
  });

  it('answers 413 to a body over 16 KB', async () => {
    const sized = (bytes: number) => JSON.stringify({ sku: 'x'.repeat(bytes - 10) });
    expect((await guest.raw('POST', items, sized(16_384), json)).status).toBe(400);
    expect(await guest.raw('POST', items, sized(16_385), json)).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense'])(
    'answers 415 to a body of %s',
    async (type) => {
      const answer = await guest.raw('POST', items, JSON.stringify(good), { 'content-type': type });
      expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    },
  );

  it('answers 404 for a path that is none, 405 with Allow for a method that is none there', async () => {
    expect(await guest.get('/v1/nonsense')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const refused = await guest.put(items, good);
    expect(refused).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(refused.headers.get('allow')).toBe('POST, DELETE');
  });

  it('answers a path that cannot be decoded, or is too long, as a problem', async () => {
    expect((await guest.get('/v1/carts/%zz')).status).toBe(400);
    expect(await guest.get(`/v1/carts/${'x'.repeat(2000)}`)).toMatchObject({
      status: 414,
      body: { code: 'uri_too_long' },
    });
  });

  it('says 401 and 403 before it looks at a body', async () => {
    const stranger = new Client(shop.api.url);
    const service = await newService(shop.api.url, 'carts:read');
    expect((await stranger.post(items, { nonsense: 1 })).status).toBe(401);
    expect((await service.post(`/v1/owners/u~1/carts/main/items`, { nonsense: 1 })).status).toBe(403);
  });

  it('takes a DELETE that announces JSON and brings none', async () => {
    expect((await guest.raw('DELETE', `${items}/none`, undefined, json)).status).toBe(200);
  });
});
