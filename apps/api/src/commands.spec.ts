import { type Answer, type Client, newUser, quantitiesOf } from './testing/client.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;

/** A tea in the cart, and then what brings it into the status. */
const statuses = {
  none: async () => {},
  open: (client: Client) => client.post(items, { sku: 'tea', quantity: 2 }),
  frozen: async (client: Client) => {
    await statuses.open(client);
    await client.put(`${cart}/freeze`, { until: inAnHour() });
  },
  checkedOut: async (client: Client) => {
    await statuses.open(client);
    await client.post(`${cart}/checkout`, { orderId: 'o-1' });
  },
  erased: async (client: Client) => {
    await statuses.open(client);
    await client.delete(cart);
  },
} satisfies Record<string, (client: Client) => Promise<unknown>>;

const commands = {
  AddItem: (client: Client) => client.post(items, { sku: 'milk', quantity: 1 }),
  ChangeQuantity: (client: Client) => client.patch(`${items}/tea`, { quantity: 5 }),
  RemoveItem: (client: Client) => client.delete(`${items}/tea`),
  ClearCart: (client: Client) => client.delete(items),
  LinkSession: (client: Client) => client.put(`${cart}/session`, { sessionId: 's-1' }),
  Freeze: (client: Client) => client.put(`${cart}/freeze`, { until: inAnHour() }),
  Unfreeze: (client: Client) => client.delete(`${cart}/freeze`),
  CheckOut: (client: Client) => client.post(`${cart}/checkout`, { orderId: 'o-2' }),
  Erase: (client: Client) => client.delete(cart),
} satisfies Record<string, (client: Client) => Promise<Answer>>;

type Command = keyof typeof commands;
type Status = keyof typeof statuses;
/** The lines and the status after it, or the code of the refusal. */
type Expected = string | readonly [Readonly<Record<string, number>>, string];

const empty = [{}, 'none'] as const;
const opened = [{}, 'open'] as const;
const afresh = [{ milk: 1 }, 'open'] as const;
const untouched = [{ tea: 2 }, 'checkedOut'] as const;

const table: Readonly<Record<Command, Readonly<Record<Status, Expected>>>> = {
  AddItem: {
    none: afresh,
    open: [{ tea: 2, milk: 1 }, 'open'],
    frozen: 'cart_frozen',
    checkedOut: afresh,
    erased: afresh,
  },
  ChangeQuantity: {
    none: 'line_not_found',
    open: [{ tea: 5 }, 'open'],
    frozen: 'cart_frozen',
    checkedOut: 'line_not_found',
    erased: 'line_not_found',
  },
  RemoveItem: { none: empty, open: opened, frozen: 'cart_frozen', checkedOut: untouched, erased: empty },
  ClearCart: { none: empty, open: opened, frozen: 'cart_frozen', checkedOut: untouched, erased: empty },
  LinkSession: {
    none: opened,
    open: [{ tea: 2 }, 'open'],
    frozen: [{ tea: 2 }, 'frozen'],
    checkedOut: opened,
    erased: opened,
  },
  Freeze: {
    none: 'cart_empty',
    open: [{ tea: 2 }, 'frozen'],
    frozen: [{ tea: 2 }, 'frozen'],
    checkedOut: 'cart_empty',
    erased: 'cart_empty',
  },
  Unfreeze: {
    none: empty,
    open: [{ tea: 2 }, 'open'],
    frozen: [{ tea: 2 }, 'open'],
    checkedOut: untouched,
    erased: empty,
  },
  CheckOut: {
    none: 'cart_empty',
    open: [{ tea: 2 }, 'checkedOut'],
    frozen: [{ tea: 2 }, 'checkedOut'],
    checkedOut: 'cart_empty',
    erased: 'cart_empty',
  },
  Erase: { none: empty, open: empty, frozen: empty, checkedOut: empty, erased: empty },
};

const rows = Object.entries(table).flatMap(([command, cells]) =>
  Object.entries(cells).map(
    ([status, expected]) => [command as Command, status as Status, expected] as const,
  ),
);

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

describe('a command', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it.each(rows)('%s on a cart that is %s', async (command, status, expected) => {
    const user = await newUser(shop.api.url);
    await statuses[status](user);
    const answer = await commands[command](user);
    const { code } = answer.body;
    expect(code ?? [quantitiesOf(answer), answer.body['status']]).toEqual(expected);
  });

  it.each(Object.entries(commands))(
    '%s answers with the cart the log has, its revision as ETag',
    async (_, send) => {
      const user = await newUser(shop.api.url);
      await statuses.open(user);
      const answer = await send(user);
      const after = await user.get(`${cart}?consistency=strong`);
      expect([answer.status, answer.body]).toEqual([200, after.body]);
      expect(answer.headers.get('etag')).toBe(`"${answer.body.revision}"`);
      expect(after.headers.get('etag')).toBe(`"${answer.body.revision}"`);
    },
  );

  it('answers with the whole cart as a shopper sees it', async () => {
    const user = await newUser(shop.api.url);
    const before = Date.now();
    await user.post('/v1/carts/gifts/items', { sku: 'tea', quantity: 2, attributes: { size: 'L' } });
    const { body } = await user.post('/v1/carts/gifts/items', { sku: 'tea', quantity: 1 });
    const times = [body.createdAt, body.updatedAt, body.expiresAt].map((time) => Date.parse(time ?? ''));
    const [created = 0, updated = 0, expires = 0] = times;
    expect(created).toBeGreaterThanOrEqual(before);
    expect(updated).toBeGreaterThanOrEqual(created);
    expect(expires - updated).toBe(shop.config.rules.lifetime.customer);
    expect(body).toEqual({
      id: `${user.owner}~gifts`,
      name: 'gifts',
      kind: 'customer',
      status: 'open',
      revision: 2,
      lines: [
        {
          lineId: expect.stringMatching(/^tea\.[0-9a-f]{8}$/),
          sku: 'tea',
          quantity: 2,
          attributes: { size: 'L' },
        },
        { lineId: 'tea', sku: 'tea', quantity: 1 },
      ],
      lineCount: 2,
      itemCount: 3,
      createdAt: body.createdAt,
      updatedAt: body.updatedAt,
      expiresAt: body.expiresAt,
    });
  });
});
