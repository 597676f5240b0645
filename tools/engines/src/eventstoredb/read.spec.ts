import type { EventStoreDBClient } from '@eventstore/db-client';
import { credentials } from '@grpc/grpc-js';
import { collect, event, failureOf, nameOf, revisionsIn, withFacade } from '../testing/clients.ts';
import { featuresGrpc, shared } from './protocol.ts';

const five = () => Array.from({ length: 5 }, (_, n) => event(n));
const namesIn = async (events: ReturnType<EventStoreDBClient['readAll']>) =>
  (await collect(events)).map(({ event: recorded }) => nameOf(recorded));

it(
  'gives back what was written, with the time it was written',
  withFacade(async (client) => {
    const before = Date.now();
    const written = event('ü');
    await client.appendToStream('a', written);
    const [read] = await collect(client.readStream('a'));
    const { id, type, data, metadata } = written;
    expect(read?.event).toMatchObject({
      id,
      type,
      data,
      metadata,
      streamId: 'a',
      revision: 0n,
      isJson: true,
    });
    expect(read?.event?.created.getTime()).toBeGreaterThanOrEqual(before);
    expect(read?.event?.position?.commit).toBe(read?.event?.position?.prepare);
  }),
);

it(
  'reads a stream from a revision, so many events, in both directions',
  withFacade(async (client) => {
    await client.appendToStream('a', five());
    const read = (options: Parameters<typeof client.readStream>[1]) =>
      revisionsIn(client.readStream('a', options));
    expect(await read({ fromRevision: 3n })).toEqual([3, 4]);
    expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
    expect(await read({ fromRevision: 9n })).toEqual([]);
    expect(await read({ direction: 'backwards', fromRevision: 'end', maxCount: 2 })).toEqual([4, 3]);
    expect(await read({ direction: 'backwards', fromRevision: 1n })).toEqual([1, 0]);
  }),
);

it(
  'finds no stream that is absent, has only metadata or is soft deleted, and says of a tombstoned one that it is deleted',
  withFacade(async (client) => {
    await client.setStreamMetadata('metadata only', { maxCount: 1 });
    for (const stream of ['soft', 'hard']) await client.appendToStream(stream, five());
    await client.deleteStream('soft');
    await client.tombstoneStream('hard');
    for (const stream of ['absent', 'metadata only', 'soft'])
      expect(await failureOf(collect(client.readStream(stream)))).toMatchObject({ type: 'stream-not-found' });
    expect(await failureOf(collect(client.readStream('hard')))).toMatchObject({ type: 'stream-deleted' });
    expect(await failureOf(client.deleteStream('hard'))).toMatchObject({ type: 'stream-deleted' });
  }),
);

it(
  'refuses to delete a stream that is elsewhere',
  withFacade(async (client) => {
    await client.appendToStream('a', five());
    const error = await failureOf(client.deleteStream('a', { expectedRevision: 2n }));
    expect(error).toMatchObject({ type: 'wrong-expected-version', streamName: 'a', actualVersion: 4n });
  }),
);

it(
  'hides what metadata says is to be hidden, and goes on with the revisions after a soft delete',
  withFacade(async (client) => {
    await client.appendToStream('a', five());
    await client.setStreamMetadata('a', { truncateBefore: 3 });
    expect(await revisionsIn(client.readStream('a'))).toEqual([3, 4]);
    await client.setStreamMetadata('a', { maxCount: 1 });
    expect(await revisionsIn(client.readStream('a'))).toEqual([4]);
    await client.setStreamMetadata('a', { truncateBefore: 99 });
    expect(await revisionsIn(client.readStream('a'))).toEqual([]);
    await client.deleteStream('a');
    await client.appendToStream('a', event());
    expect(await revisionsIn(client.readStream('a'))).toEqual([5]);
    expect((await client.getStreamMetadata('a')).metadata).toEqual({ truncateBefore: 5 });
  }),
);

it(
  'shows in $all everything that ever happened: what is hidden, metadata, tombstones and the records of the server',
  withFacade(async (client) => {
    const own = await namesIn(client.readAll());
    await client.appendToStream('a', five().slice(0, 2));
    await client.setStreamMetadata('a', { truncateBefore: 99 });
    await client.deleteStream('a');
    await client.tombstoneStream('b');
    expect(own.every((name) => name.startsWith('$'))).toBe(true);
    expect((await namesIn(client.readAll())).slice(own.length)).toEqual([
      'a@0',
      'a@1',
      '$$a@0',
      '$$a@1',
      'b@9223372036854775807',
    ]);
  }),
);

it(
  'reads $all from a position, inclusive, and fails inside a record',
  withFacade(async (client) => {
    const { position } = await client.appendToStream('a', five().slice(0, 2));
    await client.appendToStream('b', event());
    const { commit = 0n, prepare = 0n } = position ?? {};
    expect(await namesIn(client.readAll({ fromPosition: { commit, prepare } }))).toEqual(['a@1', 'b@0']);
    expect(
      await namesIn(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 2 })),
    ).toEqual(['b@0', 'a@1']);
    const inside = { commit: commit + 1n, prepare: prepare + 1n };
    expect(await failureOf(collect(client.readAll({ fromPosition: inside })))).toMatchObject({
      type: 'unknown',
    });
    const beyond = { commit: commit * 1_000n, prepare: prepare * 1_000n };
    expect(await namesIn(client.readAll({ fromPosition: beyond }))).toEqual([]);
  }),
);

it(
  'says who it is: a facade',
  withFacade(async (_, { port }) => {
    const asking = new featuresGrpc.ServerFeaturesClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const version = await new Promise((resolve, reject) =>
      asking.getSupportedMethods(new shared.Empty(), (error, methods) =>
        error === null ? resolve(methods.getEventStoreServerVersion()) : reject(error),
      ),
    );
    asking.close();
    expect(version).toMatch(/^EventStoreDB protocol facade, not EventStoreDB/);
  }),
);
