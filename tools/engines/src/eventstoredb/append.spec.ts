import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { event, failureOf, paths, revisionsIn, withFacade } from '../testing/clients.ts';

const ofBytes = (bytes: number, metadata = '') =>
  jsonEvent({ type: 'Noted', data: 'x'.repeat(bytes - 2), metadata: { metadata } });

const limit = 1024 * 1024;

describe.each(Object.entries(paths))('an append through %s', (_, path) => {
  it(
    'may hold 1 MiB of data, whatever its metadata weighs, and not a byte more',
    withFacade(async (client) => {
      await client.appendToStream('a', ofBytes(limit, 'y'.repeat(1_000)), path);
      const error = await failureOf(client.appendToStream('a', [ofBytes(limit), ofBytes(3)], path));
      expect(error).toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: limit });
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
    }),
  );

  it(
    'names the stream, what was expected and what was found when they differ',
    withFacade(async (client) => {
      await client.appendToStream('a', [event(), event()], path);
      const error = await failureOf(client.appendToStream('a', event(), { expectedRevision: 7n, ...path }));
      expect(error).toMatchObject({ streamName: 'a', expectedVersion: 7n, actualVersion: 1n });
    }),
  );

  it(
    'is won by one of four rivals at one revision',
    withFacade(async (client) => {
      for (let round = 0; round < 20; round += 1) {
        const rivals = Array.from({ length: 4 }, () =>
          client.appendToStream(`a${round}`, event(), { expectedRevision: 'no_stream', ...path }),
        );
        const outcomes = await Promise.allSettled(rivals);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      }
    }),
  );

  it(
    'answers with the position of its last event, which rises',
    withFacade(async (client) => {
      const first = await client.appendToStream('a', [event(), event()], path);
      const second = await client.appendToStream('b', event(), path);
      const positions: (bigint | undefined)[] = [];
      for await (const { event: recorded } of client.readAll()) positions.push(recorded?.position.commit);
      expect(positions.slice(-2)).toEqual([first.position?.commit, second.position?.commit]);
      expect(positions).toEqual([...positions].sort((one, other) => Number((one ?? 0n) - (other ?? 0n))));
    }),
  );
});

it(
  'keeps the order of appends that are not awaited in the batch call',
  withFacade(async (client) => {
    // The client lets the first append of a new call be overtaken by those beside it.
    await client.appendToStream('opens the call', event());
    const ids = Array.from({ length: 500 }, () => randomUUID());
    await Promise.all(ids.map((id) => client.appendToStream('a', jsonEvent({ ...event(), id }))));
    const found: (string | undefined)[] = [];
    for await (const { event: recorded } of client.readStream('a')) found.push(recorded?.id);
    expect(found).toEqual(ids);
  }),
);

it(
  'fails the whole batch call, with everybody’s appends, over a message that is too long',
  withFacade(async (client) => {
    await client.appendToStream('a', event());
    const [tooLong, beside] = await Promise.all([
      failureOf(client.appendToStream('a', ofBytes(17 * limit))),
      failureOf(
        client
          .appendToStream('b', event(), { deadline: 60_000 })
          .then(() => client.appendToStream('b', event())),
      ),
    ]);
    expect([tooLong, beside]).toContainEqual(expect.objectContaining({ type: 'unknown', code: 8 }));
    await expect(client.appendToStream('c', event())).resolves.toMatchObject({ success: true });
  }),
);

it(
  'lets a batch append that came after its deadline fail, and writes nothing',
  withFacade(async (client, facade) => {
    await client.appendToStream('a', event());
    await facade.misbehave({ kind: 'freeze', ms: 300 });
    const error = await failureOf(client.appendToStream('a', event(), { deadline: 50 }));
    expect(error).toMatchObject({ type: 'deadline-exceeded' });
    expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
  }),
);

it(
  'sends an append of more than one message to the log as one',
  withFacade(async (client) => {
    const events = Array.from({ length: 20 }, () => ofBytes(10_000));
    await client.appendToStream('a', events, { batchAppendSize: 30_000, expectedRevision: 'no_stream' });
    expect(await revisionsIn(client.readStream('a'))).toHaveLength(20);
  }),
);
