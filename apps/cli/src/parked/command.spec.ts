import { record } from '@cartage/projection';
import { openReadStore } from '@cartage/runtime';
import { cartage, inFolder, slow } from '../testing/system.ts';
import { customers, shop, withLog } from '../testing/shopping.ts';

const note = { revision: 0, position: '0', reason: 'of another version', parkedAt: 1_764_072_000_000 };

test(
  'parked carts are listed with the reason, and taken off the list when they can be folded',
  () =>
    inFolder(async (folder) => {
      const [good = '', bad = ''] = customers(2);
      await withLog(folder, async (events) => {
        await shop(events, [good]);
        await record(events, bad, -1, [{ type: 'CartTeleported', data: {} }]);
      });
      const store = await openReadStore({ name: 'embedded', url: `embedded:${folder}/.data/views` });
      for (const id of [good, bad]) await store.park({ id, ...note });

      const { stdout } = await cartage(folder, ['parked', 'embedded']);
      expect(stdout.trim().split('\n')).toEqual([
        `${good} at revision 0 (position 0), 2025-11-25T12:00:00.000Z: of another version`,
        `${bad} at revision 0 (position 0), 2025-11-25T12:00:00.000Z: of another version`,
      ]);
      expect(await cartage(folder, ['replay-cart', good])).toMatchObject({
        code: 0,
        stdout: `embedded: ${good} is at revision 1.\n`,
      });
      expect(await cartage(folder, ['replay-cart', bad])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('cannot be folded'),
      });
      expect(await cartage(folder, ['replay-cart', 'nobody'])).toMatchObject({ code: 2 });
      expect((await store.parked()).map(({ id }) => id)).toEqual([bad]);
      expect(await store.get(good)).toMatchObject({ revision: 1 });
      const json = await cartage(folder, ['parked', 'embedded', '--json']);
      expect(JSON.parse(json.stdout)).toEqual({ id: bad, ...note });
      await store.close();
    }),
  slow,
);
