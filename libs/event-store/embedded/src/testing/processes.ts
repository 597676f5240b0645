import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const typescript = new URL('../../../../../tools/test/typescript.mjs', import.meta.url).href;

type Program = 'writer' | 'filler' | 'opener';

const execArgv = ['--conditions=@cartage/source', '--import', typescript];
const sourceOf = (program: Program): string => join(import.meta.dirname, `${program}.ts`);

/** Runs one of the programs beside this file in a process of its own, from its source. */
export const start = (program: Program, ...args: readonly string[]): ChildProcess =>
  fork(sourceOf(program), args, { execArgv });

/** The same, and nothing happens in this process until it has ended. */
export const runWhileAllStandsStill = (program: Program, ...args: readonly string[]): Buffer =>
  execFileSync(process.execPath, [...execArgv, sourceOf(program), ...args]);

/** Resolves when the process has ended well. */
export async function ended(child: ChildProcess): Promise<void> {
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}.`);
}
