import { openReadStore, withGeneration } from '@cartage/runtime';
import { cartage, inFolder, slow } from '../testing/system.ts';
import { customers, shop, withLog } from '../testing/shopping.ts';

const rebuild = (generation: string) => ['rebuild', 'embedded', '--generation', generation, '--once'];

test(
  'a generation is filled, chosen, and the former one dropped',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, (events) => shop(events, customers(3)));
      const says = async (args: readonly string[], code: number, text: RegExp) => {
        const { stdout, stderr, ...ended } = await cartage(folder, args);
        expect({ ...ended, said: stdout + stderr }).toEqual({ code, said: expect.stringMatching(text) });
      };
      await cartage(folder, rebuild('v1'));
      await says(['use', 'embedded', 'v2'], 1, /does not hold every cart/);
      await cartage(folder, rebuild('v2'));
      await says(['drop', 'embedded', 'v1'], 1, /in use/);
      await says(['use', 'embedded', 'v2'], 0, /uses v2 from the next start/);
      await says(['drop', 'embedded', 'v2'], 1, /in use/);
      const { stdout } = await cartage(folder, ['generations', '--json']);
      const listed = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      const level = { store: 'embedded', carts: 3, bytes: expect.any(Number) };
      expect(listed).toEqual([
        expect.objectContaining({ ...level, generation: 'v1', inUse: false, position: '5', lag: 2 }),
        expect.objectContaining({ ...level, generation: 'v2', inUse: true, position: '6', lag: 1 }),
      ]);
      await says(['drop', 'embedded', 'v1'], 0, /is gone/);
      await says(['generations', '--no-count'], 0, /^embedded v2 \(in use\): position 6, 2 behind/);
      await says(['cart', 'u~1~main'], 0, /embedded/);
    }),
  slow,
);

test(
  'a generation in the URL leaves no choice',
  () =>
    inFolder(async (folder) => {
      await withLog(folder, (events) => shop(events, customers(1)));
      const env = { READ_STORES: 'embedded:./.data/views?generation=v7' };
      await cartage(folder, rebuild('v2'), env);
      expect(await cartage(folder, ['use', 'embedded', 'v2'], env)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('says generation=v7'),
      });
      expect(await cartage(folder, ['drop', 'embedded', 'v7'], env)).toMatchObject({ code: 1 });
    }),
  slow,
);

test(
  'the processes read and keep the generation that was chosen',
  () =>
    inFolder(async (folder) => {
      const ids = customers(2);
      await withLog(folder, async (events) => {
        await shop(events, ids);
        await cartage(folder, rebuild('v2'));
        await cartage(folder, ['use', 'embedded', 'v2']);
      });
      const views = { name: 'embedded', url: `embedded:${folder}/.data/views` };
      const inStore = async (generation: string) => {
        const store = await openReadStore(withGeneration(views, generation));
        const revisions = (await store.getMany(ids)).map((view) => view?.revision);
        await store.close();
        return revisions;
      };
      expect([await inStore('v1'), await inStore('v2')]).toEqual([
        [undefined, undefined],
        [1, 1],
      ]);
      const { stdout } = await cartage(folder, ['cart', 'u~0~main', '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ stored: [{ state: 'equal' }] });
    }),
  slow,
);
