import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEventStoreDbFacade } from '@cartage/engines';
import { openEventStore } from '@cartage/runtime';
import { cartage, inFolder, launch, slow } from '../testing/system.ts';

test(
  'killed and run again, it ends with the same log; once more, it copies nothing',
  () =>
    inFolder(async (folder) => {
      const from = 'embedded:./from';
      const store = await openEventStore({ name: 'log', url: `embedded:${folder}/from` });
      const events = Array.from({ length: 5 }, () => ({ type: 'Noted', data: { a: 1 }, metadata: {} }));
      for (let cart = 0; cart < 4_000; cart += 1)
        void store.append(
          `cart-${cart}`,
          events.map((event) => ({ ...event, id: crypto.randomUUID() })),
          'none',
        );
      await store.close();
      const facade = await startEventStoreDbFacade();
      for (const after of [900, 1_200]) {
        const child = launch(folder, ['copy-log', from, facade.url], {});
        await sleep(after);
        child.kill('SIGKILL');
        await once(child, 'close');
      }
      const first = await cartage(folder, ['copy-log', from, facade.url, '--json']);
      expect(JSON.parse(first.stdout)).toMatchObject({ streams: 4_000, events: 20_000, truncated: 0 });
      const second = await cartage(folder, ['copy-log', from, facade.url]);
      expect(second.stdout).toContain('holds the same 20000 events in 4000 streams: 0 copied now');
      await facade.close();
    }),
  slow,
);

test(
  'says what is wrong with its arguments, without the credentials in them',
  () =>
    inFolder(async (folder) => {
      const usage = async (...urls: string[]) => {
        const { code, stderr } = await cartage(folder, ['copy-log', ...urls]);
        expect(stderr).not.toContain('sesame');
        return { code, stderr };
      };
      expect(await usage('embedded:./a', 'ftp://u:sesame@h')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^cartage: <to>: expected a URL that begins with embedded:/),
      });
      expect(await usage('embedded:./a', 'embedded:./a')).toMatchObject({ code: 2 });
      expect(await usage('embedded:./a', 'embedded:./b')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('There is no folder ./a'),
      });
      expect(await usage('esdb://u:sesame@127.0.0.1:1?tls=false', 'embedded:./b')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('nothing listens there'),
      });
    }),
  slow,
);
