import { streamNameFilter } from '@eventstore/db-client';
import { startEventStoreDbFacade } from '../index.ts';
import {
  collect,
  event,
  failureOf,
  paths,
  revisionsIn,
  storyOf,
  withClient,
  withFacade,
} from '../testing/clients.ts';

const filter = streamNameFilter({ prefixes: ['a'] });

it(
  'drops live subscriptions as too slow, and another one goes on from the last position on the same client',
  withFacade(async (client, facade) => {
    const told = storyOf(client.subscribeToAll({ filter }));
    await told.until(2);
    const { position } = await client.appendToStream('a', event());
    await told.until(3);
    expect(await facade.misbehave({ kind: 'drop-slow' })).toBe(1);
    await told.until(4);
    expect(told.story.slice(2)).toEqual(['a@0', expect.objectContaining({ type: 'timeout', code: 10 })]);
    await client.appendToStream('a', event());
    const again = storyOf(client.subscribeToAll({ filter, fromPosition: position ?? 'start' }));
    await again.until(3);
    expect(again.story).toEqual(['confirmed', 'a@1', 'caught up']);
  }),
);

it.each(Object.entries(paths))('commits and swallows the reply of %s', (_, path) =>
  withFacade(async (client, facade) => {
    const told = storyOf(client.subscribeToAll({ filter }));
    await facade.misbehave({ kind: 'swallow', appends: 1 });
    let isAnswered = false;
    const append = client.appendToStream('a', event(), { ...path, deadline: 60_000 });
    append.then(() => (isAnswered = true)).catch(() => undefined);
    while (!told.story.includes('a@0')) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.appendToStream('a', event(), path);
    expect(isAnswered).toBe(false);
    expect(await revisionsIn(client.readStream('a'))).toEqual([0, 1]);
  })(),
);

it(
  'answers nothing while it is frozen, then everything, in order',
  withFacade(async (client, facade) => {
    await client.appendToStream('a', event());
    const told = storyOf(client.subscribeToAll({ filter }));
    await told.until(3);
    await facade.misbehave({ kind: 'freeze', ms: 400 });
    const begun = Date.now();
    const appends = [event(), event()].map((one) => client.appendToStream('a', one));
    const read = revisionsIn(client.readStream('a'));
    expect((await Promise.all(appends)).map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual([
      1n,
      2n,
    ]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(390);
    expect((await read).length).toBeGreaterThan(0);
    await told.until(5);
    expect(told.story).toEqual(['confirmed', 'a@0', 'caught up', 'a@1', 'a@2']);
  }),
);

it(
  'is not ready for a while, and says so to appends, reads and new subscriptions',
  withFacade(async (client, facade) => {
    await client.appendToStream('a', event());
    await facade.misbehave({ kind: 'not-ready', ms: 60_000 });
    expect(await failureOf(client.appendToStream('a', event()))).toMatchObject({
      type: 'unknown',
      message: expect.stringContaining('Server Is Not Ready'),
    });
    const reading = await failureOf(collect(client.readStream('a')));
    expect(reading).toMatchObject({
      type: 'unavailable',
      message: expect.stringContaining('Server Is Not Ready'),
    });
    const told = storyOf(client.subscribeToAll({ filter }));
    await told.until(1);
    expect(told.story).toEqual([expect.objectContaining({ type: 'unavailable' })]);
    await facade.misbehave({ kind: 'not-ready', ms: 0 });
    expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
  }),
);

it(
  'resets the connections, and the client connects again',
  withFacade(async (client, facade) => {
    await client.appendToStream('a', event());
    const told = storyOf(client.subscribeToAll({ filter }));
    await told.until(3);
    expect(await facade.misbehave({ kind: 'reset' })).toBe(1);
    await told.until(4);
    expect(told.story.at(-1)).toMatchObject({ type: expect.stringMatching(/unavailable|cancelled|unknown/) });
    expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
    await expect(client.appendToStream('a', event())).resolves.toMatchObject({ nextExpectedRevision: 1n });
  }),
);

it(
  'sends who requires the leader to another node, and the client goes there',
  withFacade(async (client, facade) => {
    const leader = await startEventStoreDbFacade();
    const { port } = leader;
    await facade.misbehave({ kind: 'not-leader', ms: 60_000, host: '127.0.0.1', port });
    await client.appendToStream('a', event(), paths.Append);
    const options = { requiresLeader: true };
    const error = await failureOf(client.appendToStream('b', event(), options));
    expect(error).toMatchObject({ type: 'not-leader', leader: { address: '127.0.0.1', port } });
    await client.appendToStream('b', event(), options);
    await withClient(leader.url, async (there) =>
      expect(await revisionsIn(there.readStream('b'))).toEqual([0]),
    );
    await withClient(facade.url, async (here) =>
      expect(await revisionsIn(here.readStream('a'))).toEqual([0]),
    );
    await leader.close();
  }),
);

it(
  'is found by gossip, and names the leader',
  withFacade(async (_, facade) => {
    const leader = await startEventStoreDbFacade();
    const discovered = facade.url.replace('esdb:', 'esdb+discover:');
    await withClient(discovered, async (client) => void (await client.appendToStream('a', event())));
    await withClient(facade.url, async (client) =>
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]),
    );
    await facade.misbehave({ kind: 'not-leader', ms: 60_000, host: '127.0.0.1', port: leader.port });
    await withClient(discovered, async (client) => void (await client.appendToStream('b', event())));
    await withClient(leader.url, async (client) =>
      expect(await revisionsIn(client.readStream('b'))).toEqual([0]),
    );
    await leader.close();
  }),
);

it(
  'fails whole batch calls, with the appends that wait in them',
  withFacade(async (client, facade) => {
    await client.appendToStream('a', event());
    await facade.misbehave({ kind: 'swallow', appends: 1 });
    const waiting = failureOf(client.appendToStream('a', event()));
    while ((await revisionsIn(client.readStream('a'))).length < 2) continue;
    expect(await facade.misbehave({ kind: 'fail-batches' })).toBe(1);
    expect(await waiting).toMatchObject({ type: 'unknown', code: 2 });
    await expect(client.appendToStream('a', event())).resolves.toMatchObject({ nextExpectedRevision: 2n });
  }),
);
