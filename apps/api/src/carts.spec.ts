import { Logger } from '@nestjs/common';
import { streamOf } from '@cartage/cart';
import { newGuest, quantitiesOf } from './testing/client.ts';
import { losingAnswers, racing } from './testing/log-faults.ts';
import { openShop, type Shop } from './testing/shop.ts';

const items = '/v1/carts/main/items';
const tea = { sku: 'tea', quantity: 1 };

describe('the command path', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it('answers 503 when nobody knows whether it was done, and a retry with the same key does it once', async () => {
    const api = await shop.anotherApi({ events: losingAnswers(shop.stores.events, 1) });
    const guest = await newGuest(api.url);
    const key = { 'idempotency-key': 'k' };
    const first = await guest.post(items, tea, key);
    expect([first.status, first.body.code, first.headers.get('retry-after')]).toEqual([
      503,
      'unavailable',
      '1',
    ]);
    const retried = await guest.post(items, tea, key);
    expect([retried.status, retried.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(quantitiesOf(retried)).toEqual({ tea: 1 });
  });

  it('tells operators why a store fails, once in a while, and shoppers nothing of it', async () => {
    const api = await shop.anotherApi({ events: losingAnswers(shop.stores.events, 3) });
    const guest = await newGuest(api.url);
    const told: unknown[] = [];
    const ignore = (): void => undefined;
    Logger.overrideLogger({ log: ignore, warn: ignore, error: (message: unknown) => told.push(message) });
    try {
      for (let request = 0; request < 3; request += 1)
        expect(await guest.post(items, tea)).toMatchObject({
          status: 503,
          body: { detail: 'The store cannot be reached. Try again.' },
        });
    } finally {
      Logger.overrideLogger(['fatal', 'error', 'warn']);
    }
    expect(told).toEqual(['The answer was lost.']);
  });

  it('does not go on from a cart it held before an answer was lost', async () => {
    const api = await shop.anotherApi({ events: losingAnswers(shop.stores.events, 1) });
    const guest = await newGuest(api.url);
    await guest.post(items, tea);
    expect(quantitiesOf(await guest.post(items, tea))).toEqual({ tea: 2 });
  });

  it.each([1, 3, 9])('decides again after %i lost races', async (times) => {
    const api = await shop.anotherApi({ events: racing(shop.stores.events, times) });
    const guest = await newGuest(api.url);
    const answer = await guest.post(items, tea);
    expect([answer.status, quantitiesOf(answer)]).toEqual([200, { tea: 1 }]);
  });

  it('gives up with 409 after the tenth lost race, and has changed nothing', async () => {
    const api = await shop.anotherApi({ events: racing(shop.stores.events, 10) });
    const guest = await newGuest(api.url);
    expect(await guest.post(items, tea)).toMatchObject({ status: 409, body: { code: 'revision_conflict' } });
    expect(quantitiesOf(await guest.get('/v1/carts/main?consistency=strong'))).toEqual({});
  });

  it('answers a race lost under If-Match with 412 at once', async () => {
    const api = await shop.anotherApi({ events: racing(shop.stores.events, 1) });
    const guest = await newGuest(api.url);
    const answer = await guest.post(items, tea, { 'if-match': '"-1"' });
    expect(answer).toMatchObject({ status: 412, body: { code: 'revision_mismatch', revision: 0 } });
  });

  it('answers 503 when the log is closed, and says so in its readiness', async () => {
    const other = await openShop({ projected: false });
    try {
      const guest = await newGuest(other.api.url);
      await other.stores.events.close();
      expect((await guest.post(items, tea)).status).toBe(503);
      expect((await guest.get('/v1/carts/main')).status).toBe(200);
      expect((await guest.get('/health/ready')).body).toMatchObject({
        eventStore: 'failed',
        readStore: 'ok',
      });
    } finally {
      await other.close();
    }
  });

  it('writes events with ids of their own, the command’s id and hash, and the version of the schema', async () => {
    const guest = await newGuest(shop.api.url);
    await guest.post(items, tea, { 'idempotency-key': 'k' });
    await guest.post(items, tea);
    const recorded = [];
    for await (const event of shop.stores.events.read(streamOf(`${guest.owner}~main`))) recorded.push(event);
    const keyed = { schema: 1, commandId: 'k', commandHash: expect.stringMatching(/^[\w-]{43}$/) };
    expect(recorded.map(({ metadata }) => metadata)).toEqual([keyed, keyed, { schema: 1 }]);
    expect(new Set(recorded.map(({ id }) => id)).size).toBe(3);
  });

  it('answers an event it cannot read with 500 that tells nothing, and other carts go on', async () => {
    const guest = await newGuest(shop.api.url);
    const foreign = { id: crypto.randomUUID(), type: 'Foreign', data: {}, metadata: {} };
    await shop.stores.events.append(streamOf(`${guest.owner}~main`), [foreign], 'none');
    const answer = await guest.post(items, tea);
    expect([answer.status, answer.body.detail]).toEqual([500, 'Something went wrong on our side.']);
    expect((await guest.post('/v1/carts/other/items', tea)).status).toBe(200);
  });
});
