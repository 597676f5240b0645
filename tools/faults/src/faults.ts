import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Progress } from './progress.ts';
import { Random } from './random.ts';
import type { Outcome, Scenario } from './scenarios/scenario.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type Settings = {
  readonly seed: number;
  readonly rounds: number;
  /** What is replayed. */
  readonly file: string;
  readonly isShort: boolean;
};

export type Result = Outcome & {
  readonly scenario: string;
  readonly seed: number;
  readonly seconds: number;
};

/**
 * Runs a scenario in a folder that is removed afterwards. It ends within the scenario's limit, and no process of it is left. What
 * went wrong is a difference like any other. The seed repeats what is done and when, not how processes are scheduled.
 */
export async function runScenario(scenario: Scenario, { seed, ...settings }: Settings): Promise<Result> {
  const began = performance.now();
  const { rounds } = settings;
  process.stderr.write(`${scenario.name}: seed ${seed}, ${rounds} rounds\n`);
  const folder = await mkdtemp(join(tmpdir(), 'cartage-faults-'));
  const cleanUps = [() => rm(folder, { recursive: true })];
  const progress = new Progress(scenario.name);
  try {
    const run = scenario.run({
      ...settings,
      random: new Random(seed),
      folder,
      defer: (cleanUp) => cleanUps.push(cleanUp),
      onRound: (done, of) => progress.show(done, of),
    });
    const outcome = await within(scenario.limit(rounds), run).catch(failed);
    const seconds = Math.round((performance.now() - began) / 1000);
    return { scenario: scenario.name, seed, seconds, ...outcome };
  } finally {
    progress.end();
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

/** A signal ends everything; anything else that goes wrong is what the scenario is there to show. */
function failed(error: unknown): Outcome {
  if (error instanceof Interrupted) throw error;
  const reason = error instanceof Error ? error.message : String(error);
  return { facts: {}, differences: [`it could not be finished: ${reason}`] };
}

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function within<T>(limit: number, work: Promise<T>): Promise<T> {
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`it took over ${limit / 1000} s`)), limit);
    const onSignal = (): void => reject(new Interrupted('It was interrupted.'));
    for (const signal of signals) process.on(signal, onSignal);
    end = () => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, onSignal);
    };
  });
  try {
    return await Promise.race([work, ended]);
  } finally {
    end();
  }
}
