import { join } from 'node:path';
import { freePort } from '../ports.ts';
import type { LaunchOptions, Plan, Recipe } from '../recipe.ts';
import { facadeName } from './about.ts';
import { identify } from './identify.ts';
import { facadeProgram } from './launch.ts';

/** The protocol facade, which is not EventStoreDB. */
export const eventstoredb: Recipe = {
  name: 'eventstoredb',
  port: 2113,
  plan,
  docker: { port: 2113, url: (address) => `esdb://${address}?tls=false` },
  identify,
};

async function plan(
  folder: string,
  { port, file }: LaunchOptions & { readonly port: number },
): Promise<Plan> {
  const log = file ?? join(folder, 'eventstoredb.log');
  const control = await freePort();
  const url = `esdb://127.0.0.1:${port}?tls=false`;
  return {
    url,
    nodes: [
      {
        command: process.execPath,
        args: facadeProgram(['--port', String(port), '--control', String(control), '--file', log]),
        log: join(folder, 'eventstoredb.err'),
        mark: log,
        answers: () => identify(url).then(Boolean, () => false),
      },
    ],
    notes: [`This is an ${facadeName}.`, `CONTROL http://127.0.0.1:${control}`],
  };
}
