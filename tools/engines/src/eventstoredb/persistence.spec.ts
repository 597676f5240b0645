import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { launchEventStoreDbFacade, startEventStoreDbFacade } from '../index.ts';
import { event, failureOf, revisionsIn, withClient, withFacade, withFolder } from '../testing/clients.ts';

const withFile = (run: (file: string) => Promise<void>) => withFolder((folder) => run(join(folder, 'log')));

/** Runs a step with a facade over the file, which is closed after it. */
const over = (file: string, step: (client: EventStoreDBClient) => Promise<void>) =>
  withFacade(step, { file })();

it(
  'comes back with streams, metadata, deletions and positions as they were',
  withFile(async (file) => {
    let position: bigint | undefined;
    await over(file, async (client) => {
      await client.appendToStream('a', [event(), event(), event()]);
      await client.setStreamMetadata('a', { truncateBefore: 1 });
      for (const stream of ['soft', 'hard']) await client.appendToStream(stream, event());
      await client.deleteStream('soft');
      position = (await client.appendToStream('b', event())).position?.commit;
      await client.tombstoneStream('hard');
    });
    await over(file, async (client) => {
      expect(await revisionsIn(client.readStream('a'))).toEqual([1, 2]);
      expect(await failureOf(revisionsIn(client.readStream('soft')))).toMatchObject({
        type: 'stream-not-found',
      });
      expect(await failureOf(revisionsIn(client.readStream('hard')))).toMatchObject({
        type: 'stream-deleted',
      });
      for await (const { event: recorded } of client.readStream('b'))
        expect(recorded?.position?.commit).toBe(position);
      const { position: next } = await client.appendToStream('b', event(), { expectedRevision: 0n });
      expect(next?.commit).toBeGreaterThan(position ?? 0n);
    });
  }),
);

it(
  'forgets at a restart the ids that any goes by, and not those that an exact revision goes by',
  withFile(async (file) => {
    const once = event();
    await over(file, async (client) => void (await client.appendToStream('a', once)));
    await over(file, async (client) => {
      await client.appendToStream('a', once, { expectedRevision: 'no_stream' });
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
      await client.appendToStream('a', once, { expectedRevision: 'any' });
      expect(await revisionsIn(client.readStream('a'))).toEqual([0, 1]);
    });
  }),
);

it(
  'cuts off a commit that was left half written, whole',
  withFile(async (file) => {
    await over(file, async (client) => void (await client.appendToStream('a', event())));
    const { length: whole } = await readFile(file);
    await over(file, async (client) => void (await client.appendToStream('a', [event(), event()])));
    const { length } = await readFile(file);
    for (const end of [length - 1, whole + 300, whole + 9, whole + 3, whole]) {
      await truncate(file, end);
      await over(file, async (client) => expect(await revisionsIn(client.readStream('a'))).toEqual([0]));
      await appendFile(file, Buffer.alloc(20, 7));
    }
    await over(file, async (client) => void (await client.appendToStream('a', event())));
    await over(file, async (client) => expect(await revisionsIn(client.readStream('a'))).toEqual([0, 1]));
  }),
);

it(
  'refuses a file that is something else, and leaves it alone',
  withFile(async (file) => {
    await writeFile(file, 'a letter');
    await expect(startEventStoreDbFacade({ file })).rejects.toThrow(
      'is no log of the EventStoreDB protocol facade',
    );
    expect(await readFile(file, 'utf8')).toBe('a letter');
  }),
);

it(
  'holds everything it acknowledged when it is killed under 32 writers, three times',
  withFile(async (file) => {
    const acknowledged = new Map<string, number>();
    let port = 0;
    for (let round = 0; round < 3; round += 1) {
      const facade = await launchEventStoreDbFacade({ port, file });
      port = facade.port;
      await withClient(facade.url, async (client) => {
        const writers = Array.from({ length: 32 }, async (_, writer) => {
          const stream = `s${round}-${writer}`;
          for (let revision = 0; ; revision += 1) {
            await client.appendToStream(stream, event(), {
              expectedRevision: revision - 1 < 0 ? 'no_stream' : BigInt(revision - 1),
            });
            acknowledged.set(stream, revision);
          }
        });
        const ends = Promise.allSettled(writers);
        while ((acknowledged.get(`s${round}-31`) ?? 0) < 20)
          await new Promise((resolve) => setTimeout(resolve, 5));
        await facade.signal('SIGKILL');
        await ends;
      });
    }
    await over(file, async (client) => {
      expect(acknowledged.size).toBe(96);
      for (const [stream, revision] of acknowledged)
        expect((await revisionsIn(client.readStream(stream))).length).toBeGreaterThan(revision);
    });
  }),
  60_000,
);

it(
  'drops the second of two equal appends made at the same moment, which then times out',
  withFile(async (file) => {
    await over(file, async (client) => {
      await client.appendToStream('opens the call', event());
      const once = event();
      const append = () => client.appendToStream('a', once, { expectedRevision: 'no_stream' });
      const [first, second] = await Promise.all([append(), failureOf(append())]);
      expect(first).toMatchObject({ nextExpectedRevision: 0n });
      expect(second).toMatchObject({ type: 'deadline-exceeded' });
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]);
    });
  }),
);

it(
  'takes orders to misbehave in a process of its own, and can be stopped and continued',
  withFile(async (file) => {
    const facade = await launchEventStoreDbFacade({ file });
    await withClient(facade.url, async (client) => {
      await client.appendToStream('a', event());
      expect(await facade.misbehave({ kind: 'fail-batches' })).toBe(1);
      await facade.signal('SIGSTOP');
      const append = client.appendToStream('a', event());
      await expect(facade.misbehave({ kind: 'reset' })).rejects.toThrow('timeout');
      await facade.signal('SIGCONT');
      await append.catch(() => undefined);
      const nonsense = await fetch(`${facade.control}/misdeeds`, {
        method: 'POST',
        body: '{"kind":"explode"}',
      });
      expect(nonsense.status).toBe(400);
    });
    await facade.signal('SIGTERM');
    await expect(fetch(facade.control)).rejects.toThrow('fetch failed');
  }),
  30_000,
);
