import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '@cartage/event-store';
import { openReadStore } from '@cartage/runtime';
import { newGuest, newService, newUser } from './testing/client.ts';
import { losingAnswers } from './testing/log-faults.ts';
import { openShop, type Shop } from './testing/shop.ts';

const cart = '/v1/carts/main';
const items = `${cart}/items`;
const tea = { sku: 'tea', quantity: 1 };

describe('reading carts', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it('answers an empty cart at revision −1 where there is none', async () => {
    const guest = await newGuest(shop.api.url);
    const { status, headers, body } = await guest.get(cart);
    expect([status, headers.get('etag')]).toEqual([200, '"-1"']);
    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(body).toEqual({
      id: `${guest.owner}~main`,
      name: 'main',
      kind: 'guest',
      status: 'none',
      revision: -1,
      lines: [],
      lineCount: 0,
      itemCount: 0,
      expiresAt: null,
      createdAt: null,
      updatedAt: null,
    });
  });

  it('answers at least the revision asked for, the same from the store as from the log', async () => {
    const guest = await newGuest(shop.api.url);
    for (let revision = 1; revision <= 20; revision += 1) {
      await guest.post(items, tea);
      expect((await guest.get(`${cart}?atLeast=${revision}`)).body.revision).toBe(revision);
    }
    const stored = await guest.get(`${cart}?atLeast=20`);
    const strong = await guest.get(`${cart}?consistency=strong`);
    expect(stored.body).toEqual(strong.body);
  });

  it('lists the carts of an owner that are not gone, by name', async () => {
    const user = await newUser(shop.api.url);
    for (const name of ['b', 'a', 'gone']) await user.post(`/v1/carts/${name}/items`, tea);
    await user.delete('/v1/carts/gone');
    await user.get('/v1/carts/gone?atLeast=2');
    await user.get('/v1/carts/b?atLeast=1');
    const { status, body } = await user.get('/v1/carts');
    const names = (body['carts'] as { name: string }[]).map(({ name }) => name);
    expect([status, names]).toEqual([200, ['a', 'b']]);
  });

  it('serves a service the carts it names, with every command', async () => {
    const [guest, service] = [await newGuest(shop.api.url), await newService(shop.api.url)];
    await guest.post(items, tea);
    const theirs = `/v1/owners/${guest.owner}/carts`;
    await service.post(`${theirs}/main/items`, { sku: 'milk', quantity: 2 });
    const { body } = await service.get(`${theirs}/main?atLeast=2`);
    expect(body).toMatchObject({ id: `${guest.owner}~main`, itemCount: 3 });
    expect((await service.get(theirs)).body['carts']).toEqual([body]);
  });

  it('serves owners whose ids need escaping', async () => {
    const service = await newService(shop.api.url);
    const owner = 'u~a%20b%2Fc%7E';
    const answer = await service.post(`/v1/owners/${encodeURIComponent(owner)}/carts/main/items`, tea);
    expect(answer.body.id).toBe(`${owner}~main`);
  });
});

describe('reading carts that no projection keeps current', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  const fallbacks = (reason: string) =>
    expect.stringContaining(`cartage_store_fallbacks_total{reason="${reason}"}`);

  it('answers as the read store has it, unless more is asked for', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea);
    expect((await guest.get(cart)).body.revision).toBe(-1);
    expect((await guest.get(`${cart}?consistency=strong`)).body.revision).toBe(1);
    expect((await guest.get(`${cart}?atLeast=1`)).body.revision).toBe(1);
    expect(await shop.api.metrics.registry.metrics()).toEqual(fallbacks('behind'));
  });

  it('answers what the log has where no process can have more', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea);
    expect((await guest.get(`${cart}?atLeast=99`)).body.revision).toBe(1);
  });

  it('answers from the log when the read store is out of reach, and commands do not notice', async () => {
    const views = await openReadStore({ name: 'closed', url: `${shop.config.eventStore.url}-closed` });
    await views.close();
    const api = await shop.anotherApi({ views: [{ name: 'closed', open: async () => views }] });
    const guest = await newGuest(api.url);
    expect((await guest.post(items, tea)).status).toBe(200);
    expect((await guest.get(cart)).body.revision).toBe(1);
    expect(await api.metrics.registry.metrics()).toEqual(fallbacks('failed'));
    const listed = await guest.get('/v1/carts');
    expect([listed.status, listed.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await guest.get('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'degraded', eventStore: 'ok', readStore: 'failed' },
    });
  });
});

it('reads the log for a bounded number of carts at once, so that reads leave commands their room', async () => {
  const shop = await openShop({ projected: false, env: { MAX_IN_FLIGHT: '8' } });
  try {
    const { events } = shop.stores;
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let waiting = 0;
    const gated: EventStore = {
      ...losingAnswers(events, 0),
      read: async function* (...read) {
        waiting += 1;
        await gate;
        yield* events.read(...read);
      },
    };
    const guest = await newGuest((await shop.anotherApi({ events: gated })).url);
    const strong = `${cart}?consistency=strong`;
    const held = [guest.get(strong), guest.get(strong)];
    // The two may come by connections of their own, and the third would overtake one.
    while (waiting < 2) await sleep(5);
    const third = await guest.get(strong);
    expect([third.status, third.headers.get('retry-after'), third.body.code]).toEqual([
      503,
      '1',
      'unavailable',
    ]);
    open();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await guest.get(strong)).status).toBe(200);
  } finally {
    await shop.close();
  }
});
