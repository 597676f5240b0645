import { streamNameFilter, eventTypeFilter } from '@eventstore/db-client';
import { event, failureOf, storyOf, withFacade } from '../testing/clients.ts';

it(
  'confirms, catches up, says so once, and goes on with what happens',
  withFacade(async (client) => {
    await client.appendToStream('a', [event(), event()]);
    const told = storyOf(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['a', 'c'] }) }));
    await told.until(4);
    await client.appendToStream('b', event());
    await client.appendToStream('c', event());
    await told.until(5);
    expect(told.story).toEqual(['confirmed', 'a@0', 'a@1', 'caught up', 'c@0']);
  }),
);

it(
  'begins after the position given, and at the end when asked to',
  withFacade(async (client) => {
    const { position } = await client.appendToStream('a', [event(), event()]);
    await client.appendToStream('a', event());
    const filter = streamNameFilter({ prefixes: ['a'] });
    const after = storyOf(client.subscribeToAll({ filter, fromPosition: position ?? 'start' }));
    const live = storyOf(client.subscribeToAll({ filter, fromPosition: 'end' }));
    await Promise.all([after.until(3), live.until(2)]);
    await client.appendToStream('a', event());
    await Promise.all([after.until(4), live.until(3)]);
    expect(after.story).toEqual(['confirmed', 'a@2', 'caught up', 'a@3']);
    expect(live.story).toEqual(['confirmed', 'caught up', 'a@3']);
  }),
);

it(
  'fails inside a record',
  withFacade(async (client) => {
    const { position } = await client.appendToStream('a', event());
    await client.appendToStream('a', event());
    const inside = (position?.commit ?? 0n) + 1n;
    const told = storyOf(client.subscribeToAll({ fromPosition: { commit: inside, prepare: inside } }));
    await told.until(1);
    expect(told.story).toEqual([expect.objectContaining({ type: 'unknown' })]);
  }),
);

it(
  'is silent at a position past the end, until the log has grown beyond it',
  withFacade(async (client) => {
    const { position } = await client.appendToStream('a', event());
    const beyond = (position?.commit ?? 0n) + 200n;
    const filter = streamNameFilter({ prefixes: ['a'] });
    const told = storyOf(
      client.subscribeToAll({ filter, fromPosition: { commit: beyond, prepare: beyond } }),
    );
    await told.until(2);
    for (let count = 0; count < 4; count += 1) await client.appendToStream('a', event());
    await told.until(3);
    expect(told.story[0]).toBe('confirmed');
    expect(told.story).not.toContain('a@1');
    expect(told.story).toContain('a@3');
  }),
);

it(
  'tells how far it has looked after every checkpointInterval × maxSearchWindow records, matching or not',
  withFacade(async (client) => {
    for (let count = 0; count < 40; count += 1) await client.appendToStream('other', event());
    const positions: bigint[] = [];
    for await (const { event: recorded } of client.readAll())
      positions.push(recorded?.position.commit ?? -1n);
    const checkpoints: bigint[] = [];
    const subscription = client.subscribeToAll({
      filter: streamNameFilter({
        prefixes: ['none'],
        maxSearchWindow: 5,
        checkpointInterval: 2,
        checkpointReached: async (__, { commit }) => void checkpoints.push(commit),
      }),
    });
    await storyOf(subscription).until(2);
    expect(checkpoints).toEqual([9, 19, 29, 39].map((index) => positions[index]));
  }),
);

it(
  'filters by regular expression and by event type as well',
  withFacade(async (client) => {
    for (const stream of ['cart-1', 'cart-2', 'order-1']) await client.appendToStream(stream, event());
    const byName = storyOf(client.subscribeToAll({ filter: streamNameFilter({ regex: '-1$' }) }));
    const byType = storyOf(client.subscribeToAll({ filter: eventTypeFilter({ prefixes: ['$'] }) }));
    await Promise.all([byName.until(4), byType.until(3)]);
    expect(byName.story).toEqual(['confirmed', 'cart-1@0', 'order-1@0', 'caught up']);
    expect(byType.story.slice(1, -1).every((name) => String(name).startsWith('$'))).toBe(true);
  }),
);

it(
  'follows one stream, and has not caught up with an absent one before its first event',
  withFacade(async (client) => {
    const subscription = client.subscribeToStream('a');
    const story: unknown[] = [];
    const first = new Promise((resolve) =>
      subscription
        .on('caughtUp', () => resolve(story.push('caught up')))
        .on('confirmation', () => story.push('confirmed'))
        .on('data', ({ event: recorded }) => story.push(recorded?.revision)),
    );
    await client.appendToStream('b', event());
    await client.appendToStream('a', event());
    await first;
    expect(story).toEqual(['confirmed', 0n, 'caught up']);
  }),
);

it(
  'drops a live consumer that lags by about 290 events of 200 bytes, after it has had all that waited for it',
  withFacade(async (client) => {
    const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['a'] }) });
    await new Promise((resolve) => subscription.on('caughtUp', resolve));
    for (let count = 0; count < 400; count += 1) await client.appendToStream('a', event('x'.repeat(180)));
    const told = storyOf(subscription);
    await new Promise((resolve) => subscription.on('error', resolve));
    const [dropped] = told.story.filter((entry) => entry instanceof Error);
    expect(dropped).toMatchObject({
      type: 'timeout',
      code: 10,
      message: expect.stringContaining('Consumer too slow'),
    });
    const delivered = told.story.filter((entry) => typeof entry === 'string');
    expect(delivered.length).toBeGreaterThan(200);
    expect(delivered.length).toBeLessThan(400);
    expect(delivered).toEqual(delivered.map((__, revision) => `a@${revision}`));
  }),
);

it(
  'waits for a slow consumer that is catching up',
  withFacade(async (client) => {
    await Promise.all(
      Array.from({ length: 1_000 }, () => client.appendToStream('a', event('x'.repeat(180)))),
    );
    let count = 0;
    for await (const { event: recorded } of client.subscribeToAll({
      filter: streamNameFilter({ prefixes: ['a'] }),
    })) {
      expect(recorded?.revision).toBe(BigInt(count));
      count += 1;
      if (count % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      if (count === 1_000) break;
    }
    expect(count).toBe(1_000);
  }),
);

it(
  'cannot follow a tombstoned stream',
  withFacade(async (client) => {
    await client.tombstoneStream('a');
    const error = await failureOf(
      new Promise((_, reject) => client.subscribeToStream('a').on('error', reject).resume()),
    );
    expect(error).toMatchObject({ type: 'stream-deleted', streamName: 'a' });
  }),
);
