import { open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const askEvery = 50; // ms

/** Runs while no other process runs under the same lock file; waits for one that does, and takes over from one that is gone. */
export async function exclusively<T>(file: string, run: () => Promise<T>): Promise<T> {
  while (!(await isTaken(file))) {
    const holder = await holderOf(file);
    if (holder === undefined || isAlive(holder)) await sleep(askEvery);
    else await breakOpen(file, holder);
  }
  try {
    return await run();
  } finally {
    await rm(file, { force: true });
  }
}

async function isTaken(file: string): Promise<boolean> {
  try {
    const lock = await open(file, 'wx');
    await lock.writeFile(String(process.pid));
    await lock.close();
    return true;
  } catch (error) {
    if (Object(error).code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined: it was released, or is just being written. */
async function holderOf(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Of several who find the holder gone, one moves the file away; who moved a newer one by mistake puts it back. */
async function breakOpen(file: string, holder: number): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await holderOf(aside)) === holder) await rm(aside, { force: true });
  else await rename(aside, file);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return Object(error).code === 'EPERM';
  }
}
