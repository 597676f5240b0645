import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '@cartage/runtime';
import { Trouble } from '../exit.ts';
import { healthOf, healthOriginOf, type ProcessName, scriptOf } from '../processes.ts';
import { claimPorts } from './ports.ts';
import { Supervised } from './supervised.ts';
import { urlsOf, welcome } from './welcome.ts';

export type StartOptions = { readonly names: readonly ProcessName[]; readonly json: boolean };

/** Two signals within this time, ms, are one key press: npm passes on what the terminal has sent already. */
const keyPress = 500;
/** How long, ms, a process that is degraded may take to become ready: its stores come up at their own pace. */
const settling = 3_000;
/** After this long, ms, somebody who waits wants to know for what. */
const patience = 15_000;

/**
 * Runs the processes until SIGINT or SIGTERM; resolves when all have ended.
 *
 * @throws {PortInUse} nothing was started
 * @throws {Trouble} a process is not built, or cannot start; the others were ended
 */
export async function start(wanted: Config, { names, json }: StartOptions): Promise<void> {
  const unbuilt = names.find((name) => !existsSync(scriptOf(name)));
  if (unbuilt) throw new Trouble(`${unbuilt} is not built yet: run \`npm run build\` first.`);
  const { config, env } = await claimPorts(wanted, names);
  const processes = names.map(
    (name) =>
      new Supervised({
        name,
        script: scriptOf(name),
        env: { ...process.env, ...env },
        log: (line) => process.stderr.write(`[${name}] ${line.replace(`${name}: `, '')}\n`),
      }),
  );
  const ended = new AbortController();
  const release = endOnSignals(processes, ended);
  const runs = processes.map((one) => one.run());
  try {
    const ready = Promise.all(
      processes.map((one, at) => untilReady(one, healthOriginOf(names[at] ?? 'api', config), ended.signal)),
    );
    const announced = ready.then(() => {
      const urls = urlsOf(config, names);
      const pids = Object.fromEntries(processes.map(({ name, pid }) => [name, pid]));
      if (ended.signal.aborted) return;
      process.stdout.write(json ? `${JSON.stringify({ ready: true, urls, pids })}\n` : welcome(urls));
    });
    await Promise.all([announced, ...runs]);
  } finally {
    ended.abort();
    for (const one of processes) one.stop();
    await Promise.allSettled(runs);
    release();
  }
}

/** The first signal drains, a later one kills. Answers how to stop listening to them. */
function endOnSignals(processes: readonly Supervised[], ended: AbortController): () => void {
  let first: number | undefined;
  const onSignal = (): void => {
    if (first !== undefined && Date.now() - first > keyPress) return processes.forEach((one) => one.kill());
    if (first !== undefined) return;
    first = Date.now();
    process.stderr.write('Ending: everything drains, Ctrl-C again kills.\n');
    ended.abort();
    for (const one of processes) one.stop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}

async function untilReady(supervised: Supervised, origin: string, signal: AbortSignal): Promise<void> {
  const began = Date.now();
  for (let told = false; !signal.aborted;) {
    const { state, detail } = await healthOf(origin, signal);
    if (state === 'ready') return supervised.wasReady();
    if (state === 'degraded' && Date.now() - began > settling) {
      process.stderr.write(`${supervised.name} is degraded: ${detail}\n`);
      return supervised.wasReady();
    }
    if (!told && Date.now() - began > patience) {
      told = true;
      process.stderr.write(`Still waiting for ${supervised.name}, ${origin}/health/ready: ${detail}\n`);
    }
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
}
