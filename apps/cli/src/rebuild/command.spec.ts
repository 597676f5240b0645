import { once } from 'node:events';
import { cartage, inFolder, launch, slow, until } from '../testing/system.ts';
import { customers, shop, withLog } from '../testing/shopping.ts';

const rebuild = ['rebuild', 'embedded', '--generation', 'v2'];
const lastLine = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1) ?? '');

test(
  'fills a generation, verifies it, and writes nothing when it is run again',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, async (events) => {
        await shop(events, customers(50));
        await shop(events, ['u~old~main'], Date.now() - 400 * 24 * 60 * 60_000);
      });
      const first = await cartage(folder, [...rebuild, '--once', '--verify', '--json']);
      expect(first).toMatchObject({ code: 0 });
      expect(lastLine(first.stdout)).toEqual({
        events: 102,
        carts: 51,
        written: 50,
        skipped: 0,
        expired: 1,
        parked: 0,
        seconds: expect.any(Number),
        verified: { views: 50, differing: 0 },
      });
      const second = await cartage(folder, [...rebuild, '--once', '--json']);
      expect(lastLine(second.stdout)).toMatchObject({ events: 0, written: 0, verified: null });
    }),
  slow,
);

test(
  'goes on live until Ctrl-C, and a second run takes over from it',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, async (events) => {
        await shop(events, customers(5));
        const live = launch(folder, [...rebuild, '--json'], {});
        const isLevel = async () => {
          const head = await events.head();
          const { stdout } = await cartage(folder, ['generations', '--no-count', '--json']);
          return stdout.includes(`"generation":"v2","inUse":false,"position":"${head}"`);
        };
        await until(isLevel);
        await shop(events, customers(5));
        await until(isLevel);
        let said = '';
        live.stderr?.on('data', (text: Buffer) => (said += text.toString()));
        const other = launch(folder, [...rebuild, '--json'], {});
        await until(async () => {
          await shop(events, customers(6));
          return live.exitCode !== null;
        });
        expect([live.exitCode, said]).toEqual([1, expect.stringContaining('Another run has taken over')]);
        await until(isLevel);
        let summary = '';
        other.stdout?.on('data', (text: Buffer) => (summary += text.toString()));
        other.kill('SIGINT');
        const [ended] = (await once(other, 'close')) as [number];
        expect([ended, lastLine(summary)]).toEqual([0, expect.objectContaining({ parked: 0 })]);
      });
    }),
  slow,
);

test(
  'rebuilds a point in time, and a share of the carts',
  () =>
    inFolder(async (folder) => {
      const [first = '', ...others] = customers(40);
      await withLog(folder, async (events) => {
        await shop(events, [first]);
        await shop(events, others);
      });
      const then = await cartage(folder, [...rebuild, '--until', '1', '--verify', '--json']);
      expect(lastLine(then.stdout)).toMatchObject({
        events: 2,
        written: 1,
        verified: { views: 1, differing: 0 },
      });
      const share = [...rebuild.slice(0, -1), 'v3', '--buckets', '0-4999', '--once', '--verify', '--json'];
      const half = lastLine((await cartage(folder, share)).stdout) as { carts: number; written: number };
      expect(half.written).toBe(half.carts);
      expect(half.carts).toBeGreaterThan(0);
      expect(half.carts).toBeLessThan(40);
    }),
  slow,
);

test(
  'says what is wrong with its arguments',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, (events) => shop(events, customers(1)));
      const ends = async (args: readonly string[], code: number, said: RegExp) =>
        expect(await cartage(folder, args)).toMatchObject({ code, stderr: expect.stringMatching(said) });
      await ends(['rebuild', 'other', '--generation', 'v2'], 2, /no store "other", but embedded/);
      await ends(['rebuild', 'embedded'], 2, /--generation/);
      await ends(['rebuild', 'embedded', '--generation', 'no name'], 2, /no generation/);
      await ends([...rebuild, '--until', 'yesterday'], 2, /position of the log, or a time/);
      await ends([...rebuild, '--buckets', '5-4'], 2, /range of buckets/);
      await ends([...rebuild, '--rate', '0'], 2, /events a second/);
      await ends([...rebuild, '--until', '99'], 1, /the log ends at 2/);
      await ends([...rebuild, '--until', '2999-01-01T00:00:00Z'], 1, /in the future/);
    }),
  slow,
);
