import { fileURLToPath } from 'node:url';
import { Process } from './processes.ts';
import type { System } from './system.ts';

const cli = fileURLToPath(new URL('../../../apps/cli/bin/cartage.js', import.meta.url));
const shoppers = 8;

/** What this needs of the report that `cartage replay --json` prints. */
type Report = {
  readonly rows: number;
  readonly commands: number;
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

/** What a replay found, once it has ended. It proves nothing unless it compared carts with both the API and the store. */
export async function findingsOf(replay: Process) {
  const end = await replay.ended;
  if (!replay.stdout.startsWith('{')) throw new Error(`cartage replay ended (${end}). ${replay.stderr}`);
  const { differences, storeReason, ...report } = JSON.parse(replay.stdout) as Report;
  const { rows, commands, retries, carts, stored } = report;
  const blind = carts > 0 && stored === carts ? [] : [`${stored} of ${carts} carts compared: ${storeReason}`];
  return {
    facts: { rows, commands, retries, compared: carts },
    differences: [...differences.first, ...blind, ...(end === 'exit code 0' ? [] : [`it ended with ${end}`])],
  };
}
