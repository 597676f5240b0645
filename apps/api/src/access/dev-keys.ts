import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GuestKey } from '@cartage/runtime';

/** What a development machine signs tokens with. */
export type DevKeys = {
  readonly guestKey: GuestKey;
  /** ES256 (P-256). */
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
};

/** The file of development keys holds something else. The message names the file and says what to do. */
export class DamagedDevKeys extends Error {
  override readonly name = 'DamagedDevKeys';
  readonly code = 'damaged_dev_keys';
}

/**
 * The keys in `file`, which is made, readable by its owner only, when there is none. Processes that start at once agree on
 * one: the file appears whole or not at all, and only once.
 *
 * @throws {DamagedDevKeys} the file holds no such keys
 */
export async function openDevKeys(file: string): Promise<DevKeys> {
  const text = (await readIfThere(file)) ?? (await create(file));
  try {
    return parse(text);
  } catch (cause) {
    throw new DamagedDevKeys(
      `${file} holds no development keys: remove it and start again; guests and users of this machine then sign in anew.`,
      { cause },
    );
  }
}

async function create(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, generate(), { mode: 0o600, flag: 'wx', flush: true });
  try {
    // A link, unlike a rename, never replaces the file of a process that was faster.
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return readFile(file, 'utf8');
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const codeOf = (error: unknown): unknown => member(error, 'code');

function generate(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const guestKey: GuestKey = { id: 'dev', secret: randomBytes(32).toString('base64url') };
  return `${JSON.stringify({ guestKey, privateKey: privateKey.export({ format: 'jwk' }) }, null, 2)}\n`;
}

function parse(text: string): DevKeys {
  const file: unknown = JSON.parse(text);
  const guestKey = member(file, 'guestKey');
  const [id, secret] = [member(guestKey, 'id'), member(guestKey, 'secret')];
  const jwk = member(file, 'privateKey');
  if (typeof id !== 'string' || typeof secret !== 'string' || !/^[\w-]{43,}$/.test(secret) || !isObject(jwk))
    throw new TypeError('Expected { guestKey: { id, secret }, privateKey }.');
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new TypeError('Expected a P-256 key.');
  return { guestKey: { id, secret }, privateKey, publicKey: createPublicKey(privateKey) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
