import { spawn } from 'node:child_process';
import { sign, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFile } from '@swc/core';
import { DamagedDevKeys, openDevKeys } from './dev-keys.ts';

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-keys-'));
  try {
    await test(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const secretIn = async (file: string) => (await openDevKeys(file)).guestKey.secret;

describe('development keys', () => {
  it('are made once, for their owner only, and found again', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'data', 'keys.json');
      const made = await openDevKeys(file);
      const found = await openDevKeys(file);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readdir(join(folder, 'data'))).toEqual(['keys.json']);
      expect(found.guestKey).toEqual(made.guestKey);
      const signature = sign('sha256', Buffer.from('text'), made.privateKey);
      expect(verify('sha256', Buffer.from('text'), found.publicKey, signature)).toBe(true);
    }));

  it('are the same for all who make them at once', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'keys.json');
      const secrets = await Promise.all(Array.from({ length: 50 }, () => secretIn(file)));
      expect(new Set(secrets)).toEqual(new Set([await secretIn(file)]));
      expect(await readdir(folder)).toEqual(['keys.json']);
    }));

  it('are the same for processes that start at once', () =>
    inFolder(async (folder) => {
      const [script, file] = [join(folder, 'open.mjs'), join(folder, 'keys.json')];
      await writeFile(script, await openingScript());
      const secrets = await Promise.all(Array.from({ length: 6 }, () => outputOf(script, file)));
      expect(new Set(secrets)).toEqual(new Set([await secretIn(file)]));
      expect((await readdir(folder)).toSorted()).toEqual(['keys.json', 'open.mjs']);
    }));

  it.each([
    ['nothing', ''],
    ['half a file', '{"guestKey":{"id":"dev","sec'],
    ['something else', '{"a":1}'],
    ['a secret that is too short', '{"guestKey":{"id":"dev","secret":"short"},"privateKey":{}}'],
    ['no private key', `{"guestKey":{"id":"dev","secret":"${'A'.repeat(43)}"},"privateKey":{"kty":"EC"}}`],
  ])('are refused, and left as they are, when the file holds %s', (_, text) =>
    inFolder(async (folder) => {
      const file = join(folder, 'keys.json');
      await writeFile(file, text);
      await expect(openDevKeys(file)).rejects.toThrow(DamagedDevKeys);
      await expect(openDevKeys(file)).rejects.toThrow(`${file} holds no development keys: remove it`);
      expect(await readFile(file, 'utf8')).toBe(text);
    }),
  );
});

/** The module under test as a process of its own can run it: it prints the secret of the keys in its argument. */
async function openingScript(): Promise<string> {
  const source = fileURLToPath(new URL('dev-keys.ts', import.meta.url));
  const { code } = await transformFile(source, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  });
  return `${code}\nprocess.stdout.write((await openDevKeys(process.argv[2])).guestKey.secret);\n`;
}

function outputOf(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [script, ...args], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`Exit code ${code}`))));
  });
}
