import type { ReadStore } from '@cartage/read-store';
import { compareViews, foldLog } from '../oracle.ts';
import type { Process } from '../processes.ts';
import { checkpointOf, type System } from '../system.ts';

export type Misfortune = 'hung' | 'killed' | 'down' | 'full';

/** How often a rebuild that gave up with a clear line is repeated before that counts as never ending. */
const mostRuns = 5;

/** A store that a generation is built in, and that something happens to meanwhile. */
export type Target = {
  /** What the store is called. */
  readonly name: string;
  /** `cartage rebuild` of a generation in it, up to the end of the log, not started yet. */
  rebuildOf(generation: string): Process;
  /** Starts the rebuild, lets it happen, and undoes it. Answers where in the rebuild it was. */
  disturb(rebuild: Process, misfortune: Misfortune): Promise<string>;
  /** The generation itself, for one who is not disturbed. */
  openGeneration(generation: string): Promise<ReadStore>;
};

/**
 * Rebuilds a generation through a misfortune. The rebuild goes on by itself, or ends with a clear line and is run again. The
 * moment it ends well the generation must equal the fold of the log up to where it says it is: live commands go on meanwhile, so
 * nothing mends it unseen.
 */
export async function rebuildThrough(
  { events }: System,
  target: Target,
  generation: string,
  misfortune: Misfortune,
): Promise<{ readonly fact: string; readonly differences: readonly string[] }> {
  const wanted = await events.head();
  const rebuild = target.rebuildOf(generation);
  const where = await target.disturb(rebuild, misfortune);
  const differences: string[] = [];
  const said = new Set<string>();
  while ((await ended(rebuild, said)) !== 'exit code 0' && rebuild.starts < mostRuns) {
    if (!isClear(rebuild)) differences.push(`it ended (${await rebuild.ended}) and said ${rebuild.stderr}`);
    rebuild.launch();
  }
  const how = await rebuild.ended;
  if (how !== 'exit code 0') differences.push(`it ended with ${how} ${mostRuns} times: ${rebuild.stderr}`);
  const store = await target.openGeneration(generation);
  try {
    const reached = await checkpointOf(store);
    if (reached < wanted) differences.push(`it ended at ${reached}, before ${wanted}`);
    differences.push(...(await compareViews(await foldLog(events, reached), store)));
    await store.drop();
  } finally {
    await store.close();
  }
  const lines = [...said].map((line) => `"${line}"`).join(' ') || 'nothing';
  return { fact: `${where}, ${rebuild.starts} runs, said ${lines}`, differences };
}

/** How it ended; what it said is added. */
async function ended(rebuild: Process, said: Set<string>): Promise<string> {
  const how = await rebuild.ended;
  for (const [line] of rebuild.stderr.matchAll(/^(?:rebuild|cartage): .*$/gm)) said.add(line);
  return how;
}

/** An end without success: one line says why, and no stack. */
const isClear = ({ stderr }: Process): boolean => /^cartage: .+$/m.test(stderr) && !/^ +at /m.test(stderr);
