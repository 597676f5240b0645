import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CassandraTools } from './cassandra/tools.ts';
import type { Engine, EngineName } from './engine.ts';
import { endProcess, freezeProcess, type Life, startNode, startNodes } from './node-process.ts';
import { freePort } from './ports.ts';
import type { LaunchOptions, NodePlan, Plan, Recipe } from './recipe.ts';
import { recipes } from './recipes.ts';
import { MissingToolchain } from './toolchain.ts';

/** An engine of a test's own. Nodes are counted from 0; without a number, node 0 is meant. */
export type LaunchedEngine = {
  readonly engine: Engine;
  /** Of its nodes, as they run now. */
  readonly pids: readonly number[];
  /** Of its data and of what it says. */
  readonly folder: string;
  /** Cassandra's own programs. */
  readonly cassandra?: CassandraTools;
  /** Ends a node by SIGKILL; resolves once it is gone. */
  kill(node?: number): Promise<void>;
  /** Stops a node where it is (SIGSTOP): it keeps its connections and answers nothing. Returns once it stands. */
  freeze(node?: number): void;
  thaw(node?: number): void;
  /** Starts a node that was killed, with the same ports and data; resolves when it answers. */
  start(node?: number): Promise<void>;
  /** Ends all nodes by SIGTERM and removes the folder, unless that was given. */
  stop(): Promise<void>;
};

/**
 * Starts an engine on a free port of 127.0.0.1 in a folder of its own. It ends with this process, however that happens.
 *
 * @param options `data`: a folder to keep its data in, which stays; else one in the system's temporary folder, which does not
 * @throws {MissingToolchain} it cannot be had here; says what to install
 * @throws {Error} it does not start; says what it said
 */
export async function launchEngine(
  name: Exclude<EngineName, 'eventstoredb'>,
  { data, ...options }: LaunchOptions & { readonly data?: string } = {},
): Promise<LaunchedEngine> {
  const recipe = recipes[name];
  const folder = data ?? (await mkdtemp(join(tmpdir(), `cartage-${name}-`)));
  const remove = (): Promise<void> =>
    data ? Promise.resolve() : rm(folder, { recursive: true, force: true });
  try {
    await mkdir(folder, { recursive: true });
    const plan = await recipe.plan(folder, { ...options, port: options.port ?? (await freePort()) });
    const { engine, pids } = await startEngine(recipe, plan, 'attached');
    const nodes = new Nodes(plan.nodes, pids);
    return {
      engine,
      folder,
      get pids() {
        return nodes.pids;
      },
      ...(plan.cassandra && { cassandra: plan.cassandra }),
      kill: (node) => nodes.kill(node),
      freeze: (node) => nodes.freeze(node),
      thaw: (node) => nodes.thaw(node),
      start: (node) => nodes.start(node),
      stop: async () => {
        await nodes.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Why {@link launchEngine} cannot give this engine here, with what to install; undefined when it can. Fetches what is missing, as
 * that would.
 */
export async function lackOf(name: Exclude<EngineName, 'eventstoredb'>): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), `cartage-${name}-`));
  try {
    await recipes[name].plan(folder, { port: await freePort() });
    return undefined;
  } catch (error) {
    if (error instanceof MissingToolchain) return error.message;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts an engine as planned and asks it what it is. @throws {Error} it does not come up; then none of its nodes is left */
export async function startEngine(
  recipe: Recipe,
  plan: Plan,
  life: Life,
): Promise<{ readonly engine: Engine; readonly pids: readonly number[] }> {
  const pids = await startNodes(plan.nodes, life);
  try {
    await plan.settle?.();
    return { engine: { name: recipe.name, url: plan.url, ...(await recipe.identify(plan.url)) }, pids };
  } catch (error) {
    await Promise.all(pids.map((pid) => endProcess(pid, 'SIGKILL')));
    throw error;
  }
}

class Nodes {
  readonly #plans: readonly NodePlan[];
  readonly #pids: number[];

  constructor(plans: readonly NodePlan[], pids: readonly number[]) {
    this.#plans = plans;
    this.#pids = [...pids];
  }

  get pids(): readonly number[] {
    return [...this.#pids];
  }

  kill(node = 0): Promise<void> {
    return endProcess(this.#pid(node), 'SIGKILL');
  }

  freeze(node = 0): void {
    freezeProcess(this.#pid(node));
  }

  thaw(node = 0): void {
    process.kill(this.#pid(node), 'SIGCONT');
  }

  async start(node = 0): Promise<void> {
    const plan = this.#plans[node];
    if (plan === undefined) throw new RangeError(`There is no node ${node}; the first is 0.`);
    this.#pids[node] = await startNode(plan, 'attached');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#pids.map((pid) => endProcess(pid, 'SIGTERM')));
  }

  #pid(node: number): number {
    const pid = this.#pids[node];
    if (pid === undefined) throw new RangeError(`There is no node ${node}; the first is 0.`);
    return pid;
  }
}
