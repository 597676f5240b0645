import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../ports.ts';
import { cassandra } from './recipe.ts';

it('lets nodes of engines with different ports never meet: one may take no port that another has left for a while', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cartage-engines-'));
  try {
    const storagePortAt = async (port: number): Promise<unknown> => {
      await cassandra.plan(folder, { port });
      return Object(JSON.parse(await readFile(join(folder, 'node', 'cassandra.yaml'), 'utf8'))).storage_port;
    };
    const [one, other] = [await freePort(), await freePort()];
    expect(await storagePortAt(one)).not.toBe(await storagePortAt(other));
    expect(await storagePortAt(one)).toBe(await storagePortAt(one));
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);
