import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cartage, inFolder, slow, until, withSystem } from '../testing/system.ts';

async function addMug(shop = ''): Promise<string> {
  const json = { 'content-type': 'application/json' };
  const login = await fetch(`${shop}/dev/login`, { method: 'POST', headers: json, body: '{"userId":"42"}' });
  const { token } = (await login.json()) as { token: string };
  const headers = { ...json, authorization: `Bearer ${token}` };
  const body = '{"sku":"mug","quantity":2}';
  const answer = await fetch(`${shop}/v1/carts/main/items`, { method: 'POST', headers, body });
  return ((await answer.json()) as { id: string }).id;
}

test(
  'shows the events, the cart after each, and that the store holds the same',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ urls, env }) => {
        const id = await addMug(urls['shop']);
        await until(async () =>
          (await cartage(folder, ['cart', id], env)).stdout.includes('embedded: revision 1'),
        );
        const { code, stdout } = await cartage(folder, ['cart', id], env);
        expect(stdout).toContain('cart-3195.u~42~main: 2 events');
        expect(stdout).toMatch(/ 0 {2}\S+Z {2}CartOpened .*\n {7}= open, 0 lines, 0 units\n/);
        expect(stdout).toMatch(/ 1 {2}\S+Z {2}ItemAdded .*\n {7}= open, 1 lines, 2 units: 2 mug\n/);
        expect(stdout).toContain(
          'embedded: revision 1, level with the log, equal to the log at that revision',
        );
        expect(code).toBe(0);
        const { stdout: json } = await cartage(folder, ['cart', id, '--json'], env);
        expect(JSON.parse(json)).toMatchObject({
          id,
          history: [{ type: 'CartOpened' }, { type: 'ItemAdded', view: { itemCount: 2 } }],
          stored: [{ store: 'embedded', state: 'equal', behind: 0 }],
        });
      }),
    ),
  slow,
);

test(
  'finds nothing wrong with a cart that goes on changing',
  () =>
    inFolder((folder) =>
      withSystem(folder, [], async ({ urls, env }) => {
        const id = await addMug(urls['shop']);
        const seen: string[] = [];
        const looking = (async () => {
          for (let look = 0; look < 5; look += 1)
            seen.push((await cartage(folder, ['cart', id], env)).stdout);
        })();
        while (seen.length < 5) await Promise.race([addMug(urls['shop']), looking]);
        expect(seen.filter((text) => text.includes('DIFFERENT'))).toEqual([]);
      }),
    ),
  slow,
);

test(
  'shows what each store holds side by side, and which is out of reach',
  () =>
    inFolder((folder) =>
      withSystem(
        folder,
        ['--only', 'api,projector'],
        async ({ urls, env }) => {
          const id = await addMug(urls['shop']);
          await until(async () => {
            const { stdout } = await cartage(folder, ['cart', id], env);
            return /log +one \(level\) +two \(level\)\n/.test(stdout);
          });
          const READ_STORES = `${env['READ_STORES']},away=mongodb://127.0.0.1:1/cartage`;
          const { code, stdout } = await cartage(folder, ['cart', id], { ...env, READ_STORES });
          expect(stdout).toMatch(/ +log +one \(level\) +two \(level\) +away \(unreachable\)\n/);
          expect(stdout).toMatch(/\nrevision +1 +1 +1 +-\n/);
          expect(stdout).toMatch(/\nline 1 +2 mug +2 mug +2 mug +-\n/);
          expect(stdout).not.toContain('≠');
          expect(stdout).toMatch(/\naway: no view, UNREACHABLE \(.*127\.0\.0\.1:1.*\)\n/);
          expect(code).toBe(1);
        },
        { READ_STORES: 'one=embedded:./.data/one,two=embedded:./.data/two' },
      ),
    ),
  slow,
);

test(
  'a cart that nobody projected yet is behind, not wrong',
  () =>
    inFolder((folder) =>
      withSystem(folder, ['--only', 'api'], async ({ urls, env }) => {
        const id = await addMug(urls['shop']);
        const { code, stdout } = await cartage(folder, ['cart', id], env);
        expect(stdout).toContain('embedded: no view, 2 behind the log');
        expect(code).toBe(0);
      }),
    ),
  slow,
);

test(
  'an unknown cart is trouble, and what is no cart id a usage error',
  () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, '.data/events'), { recursive: true });
      const unknown = await cartage(folder, ['cart', 'u~nobody~main']);
      expect(unknown.stderr).toContain(
        "There is no cart u~nobody~main. A customer's id is u~<user id>~<name>",
      );
      expect(unknown.code).toBe(1);
      const wrong = await cartage(folder, ['cart', '42']);
      expect(wrong.stderr).toContain('"42" is not a cart id such as u~42~main.');
      expect(wrong.code).toBe(2);
    }),
  slow,
);

test(
  'does not make a log where there is none',
  () =>
    inFolder(async (folder) => {
      const { code, stderr } = await cartage(folder, ['cart', 'u~42~main']);
      expect(stderr).toContain('There is no folder ./.data/events');
      expect(code).toBe(1);
    }),
  slow,
);
