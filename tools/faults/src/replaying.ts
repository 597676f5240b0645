import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FaultProxy } from '@cartage/engines';
import { Process } from './processes.ts';
import type { Run } from './scenarios/scenario.ts';
import type { System } from './system.ts';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/cartage.js', import.meta.url));
const shoppers = 8;
/** Each way of a request at least, ms: a replay takes long enough to be disturbed. */
const shortestDelay = 20;

/** What this needs of the report that `cartage replay --json` prints. */
type Report = {
  readonly rows: number;
  readonly commands: number;
  /** Of shopping. */
  readonly seconds: number;
  readonly retries: number;
  readonly carts: number;
  readonly stored: number | null;
  readonly storeReason?: string;
  readonly differences: { readonly count: number; readonly first: readonly string[] };
};

/** `cartage replay` of a file against the APIs at these addresses, with the stores of a system. */
export const replayOf = (file: string, urls: readonly string[], { env, folder }: System): Process =>
  new Process({
    name: 'replay',
    script: cli,
    args: ['replay', file, '--json', '--concurrency', `${shoppers}`, '--url', ...urls],
    env,
    cwd: folder,
  });

export type Shopping = {
  readonly replay: Process;
  /** Brings the APIs near: nothing is left that it must last for. */
  readonly hurry: () => void;
};

/** A replay of the run's file that has begun to shop, at APIs so far away that it takes at least as long as wished for, ms. */
export async function shopping({ file, defer }: Run, system: System, lasting = 0): Promise<Shopping> {
  const rows = (await readFile(file, 'utf8')).split('\n').length;
  const begun = new AbortController();
  const onSent = (bytes: Buffer): void => {
    if (bytes.includes('POST /')) begun.abort();
  };
  const proxies = await Promise.all(system.urls.map((url) => FaultProxy.open(url, { onSent })));
  for (const proxy of proxies) {
    defer(() => proxy.close());
    proxy.fault = { kind: 'delay', ms: Math.max(shortestDelay, (lasting * shoppers) / rows / 2) };
  }
  const replay = replayOf(
    file,
    proxies.map(({ url }) => url),
    system,
  );
  defer(() => replay.end());
  replay.launch();
  // Before it begins it looks once whether an API answers: that may not meet a killed one.
  await Promise.race([once(begun.signal, 'abort'), replay.ended]);
  const hurry = (): void => {
    for (const proxy of proxies) proxy.fault = { kind: 'pass' };
  };
  return { replay, hurry };
}

/** What a replay found, once it has ended. It proves nothing unless it compared carts with both the API and the store. */
export async function findingsOf(replay: Process) {
  const end = await replay.ended;
  if (!replay.stdout.startsWith('{')) throw new Error(`cartage replay ended (${end}). ${replay.stderr}`);
  const { differences, storeReason, ...report } = JSON.parse(replay.stdout) as Report;
  const { rows, commands, seconds, retries, carts, stored } = report;
  const blind = carts > 0 && stored === carts ? [] : [`${stored} of ${carts} carts compared: ${storeReason}`];
  return {
    facts: { rows, commands, shoppedFor: `${Math.round(seconds)} s`, retries, compared: carts },
    differences: [...differences.first, ...blind, ...(end === 'exit code 0' ? [] : [`it ended with ${end}`])],
  };
}
