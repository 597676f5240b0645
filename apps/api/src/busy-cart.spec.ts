import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, newGuest, type Shopper, quantitiesOf } from './testing/client.ts';
import { holding, losingAnswers, racing } from './testing/log-faults.ts';
import { openShop, type Shop } from './testing/shop.ts';

const items = '/v1/carts/main/items';
const add = (sku: string, quantity = 1) => ({ sku, quantity });
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

describe('commands that come while an append of their cart is under way', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  /** A guest whose first command is held back, and what the commands sent meanwhile were answered once it was let go. */
  async function meanwhile(
    send: (guest: Shopper) => readonly Promise<Answer>[],
    log = holding(shop.stores.events),
  ) {
    const api = await shop.anotherApi({ events: log.events });
    const guest = await newGuest(api.url);
    const first = guest.post(items, add('tea'));
    await log.reached;
    const sent = send(guest);
    // Until all of them wait for the cart: nothing tells when the last one does.
    await sleep(1_000);
    log.release();
    const answers = await Promise.all(sent);
    expect((await first).status).toBe(200);
    const { body } = await guest.at(shop.api.url).get('/v1/carts/main?consistency=strong');
    return { answers, appends: log.appends, cart: body, guest };
  }

  it('are appended together, each decided on what the ones before it lead to', async () => {
    const { answers, appends, cart } = await meanwhile((guest) =>
      Array.from({ length: 20 }, () => guest.post(items, add('tea'))),
    );
    expect(appends).toEqual([2, 20]);
    const revisions = answers.map(({ body }) => Number(body.revision));
    expect(sorted(revisions)).toEqual(Array.from({ length: 20 }, (_, i) => i + 2));
    for (const { body, headers } of answers) {
      expect(body.itemCount).toBe(body.revision);
      expect(headers.get('etag')).toBe(`"${body.revision}"`);
    }
    expect(cart).toMatchObject({ revision: 21, itemCount: 21 });
  });

  it('are refused or change nothing beside others that are accepted', async () => {
    const { answers, appends, cart } = await meanwhile((guest) => [
      guest.post(items, add('tea', 998)),
      guest.post(items, add('tea', 1)),
      guest.delete(`${items}/nothing`),
      guest.patch(`${items}/nothing`, { quantity: 2 }),
      guest.post(items, add('oil')),
    ]);
    const refused = statuses(answers).filter((status) => status === 422).length;
    expect([appends.length, refused]).toEqual([2, 1]);
    expect(statuses(answers).slice(2)).toEqual([200, 404, 200]);
    expect(cart.lines).toContainEqual(expect.objectContaining(add('oil')));
  });

  it('take effect once for one Idempotency-Key, and are refused when it was another request’s', async () => {
    const key = { 'idempotency-key': 'k' };
    const { answers, cart } = await meanwhile((guest) => [
      guest.post(items, add('oil'), key),
      guest.post(items, add('oil'), key),
      guest.post(items, add('oil'), key),
    ]);
    expect(statuses(answers)).toEqual([200, 200, 200]);
    expect(answers.filter(({ headers }) => headers.has('idempotent-replayed'))).toHaveLength(2);
    expect(cart).toMatchObject({ revision: 2, itemCount: 2 });
    const { answers: mixed } = await meanwhile((guest) => [
      guest.post(items, add('oil'), key),
      guest.post(items, add('salt'), key),
      guest.post(items, add('milk')),
    ]);
    expect(sorted(statuses(mixed))).toEqual([200, 200, 422]);
  });

  it('win one If-Match each', async () => {
    const { answers, cart } = await meanwhile((guest) =>
      Array.from({ length: 8 }, () => guest.post(items, add('oil'), { 'if-match': '"1"' })),
    );
    expect(sorted(statuses(answers))).toEqual([200, ...Array(7).fill(412)]);
    expect(cart).toMatchObject({ revision: 2 });
  });

  it.each([1, 9])('are all decided again after %i lost races', async (times) => {
    const log = holding(racing(shop.stores.events, times));
    const { answers, cart } = await meanwhile(
      (guest) => Array.from({ length: 10 }, () => guest.post(items, add('tea'))),
      log,
    );
    expect(statuses(answers)).toEqual(Array(10).fill(200));
    expect(cart.itemCount).toBe(11);
  });

  it('are all unknown to have happened when the answer is lost, and take effect once when repeated', async () => {
    const log = holding(losingAnswers(shop.stores.events, 0));
    let appends = 0;
    const losingSecond = {
      ...log,
      events: {
        ...log.events,
        append: async (...given: Parameters<typeof log.events.append>) => {
          appends += 1;
          const store = appends === 2 ? losingAnswers(log.events, 1) : log.events;
          return store.append(...given);
        },
      },
    };
    const keyed = (guest: Shopper, i: number) =>
      guest.post(items, add('tea'), { 'idempotency-key': `k${i}` });
    const five = (guest: Shopper) => Array.from({ length: 5 }, (_, i) => keyed(guest, i));
    const { answers, guest } = await meanwhile(five, losingSecond);
    expect(statuses(answers)).toEqual(Array(5).fill(503));
    const repeated = await Promise.all(five(guest));
    expect(statuses(repeated)).toEqual(Array(5).fill(200));
    expect(repeated.every(({ headers }) => headers.has('idempotent-replayed'))).toBe(true);
    expect(quantitiesOf(await guest.get('/v1/carts/main?consistency=strong'))).toEqual({ tea: 6 });
  });
});
