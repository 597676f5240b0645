import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Compose } from './docker.ts';
import type { Engine, EngineName } from './engine.ts';
import { exclusively } from './lock.ts';
import { startEngine } from './launch.ts';
import { endProcess, isMarked } from './node-process.ts';
import { freePort, freePortNear } from './ports.ts';
import type { LaunchOptions } from './recipe.ts';
import { recipes } from './recipes.ts';
import { dataFolder, root } from './toolchain.ts';

/** What runs under an engine's name. */
export type Running =
  | {
      readonly kind: 'process';
      readonly engine: Engine;
      readonly nodes: readonly { readonly pid: number; readonly mark: string }[];
      readonly notes: readonly string[];
      /** Why it does not run in Docker. */
      readonly why: string;
    }
  | { readonly kind: 'docker'; readonly engine: Engine };

/** Engines for development and tests, which stay until they are ended: in Docker where it can give them, else as processes. */
export class Engines {
  readonly #data: string;
  readonly #compose: Compose;

  /** @param data the folder for their data and the files that say which processes they are */
  constructor(data: string = dataFolder, composeFile = join(root, 'docker-compose.yml')) {
    this.#data = data;
    this.#compose = new Compose(composeFile);
  }

  /**
   * Starts an engine unless it runs already; asked twice at once, it starts once. With options there is no looking for Docker.
   *
   * @throws {MissingToolchain} it cannot be had here; says what to install
   * @throws {Error} it does not start, with what it said; or it runs with another number of nodes
   */
  async up(name: EngineName, options: LaunchOptions = {}): Promise<Running> {
    await mkdir(join(this.#data, name), { recursive: true });
    return exclusively(join(this.#data, `${name}.lock`), async () => {
      const running = await this.status(name);
      if (running !== undefined) return sameAs(running, options);
      const why = await this.#whyNoDocker(name, options);
      const started =
        why === undefined ? await this.#startInDocker(name) : await this.#start(name, options, why);
      await writeFile(this.#state(name), JSON.stringify(started));
      return started;
    });
  }

  /** Ends it; answers what ran, undefined when nothing did. @throws {Error} it does not end */
  async down(name: EngineName): Promise<Running | undefined> {
    const running = await this.status(name);
    if (running?.kind === 'docker') await this.#compose.down(name);
    if (running?.kind === 'process')
      await Promise.all(
        running.nodes.map(async ({ pid, mark }) => (await isMarked(pid, mark)) && endProcess(pid, 'SIGTERM')),
      );
    await rm(this.#state(name), { force: true });
    return running;
  }

  /** What runs now. A process counts only when it was started with what is noted: its pid may be another's by now. */
  async status(name: EngineName): Promise<Running | undefined> {
    const noted = await this.#noted(name);
    if (noted === undefined) return undefined;
    if (noted.kind === 'docker') return (await this.#compose.isUp(name)) ? noted : undefined;
    const alive = await Promise.all(noted.nodes.map(({ pid, mark }) => isMarked(pid, mark)));
    return alive.includes(true) ? noted : undefined;
  }

  /** Whether Docker can give it. */
  async hasDocker(name: EngineName): Promise<boolean> {
    return (await this.#whyNoDocker(name, {})) === undefined;
  }

  async #whyNoDocker(name: EngineName, options: LaunchOptions): Promise<string | undefined> {
    if (recipes[name].docker === undefined) return 'Docker has nothing better';
    if (Object.keys(options).length > 0) return 'its options were given';
    return this.#compose.trouble();
  }

  async #startInDocker(name: EngineName): Promise<Running> {
    const recipe = recipes[name];
    const { docker } = recipe;
    if (docker === undefined) throw new Error(`Docker has no ${name}.`);
    const url = docker.url(await this.#compose.up(name, docker.port));
    return { kind: 'docker', engine: { name, url, ...(await recipe.identify(url)) } };
  }

  async #start(name: EngineName, options: LaunchOptions, why: string): Promise<Running> {
    const recipe = recipes[name];
    const port = options.port === 0 ? await freePort() : (options.port ?? (await freePortNear(recipe.port)));
    const plan = await recipe.plan(join(this.#data, name), { ...options, port });
    const { engine, pids } = await startEngine(recipe, plan, 'detached');
    const nodes = plan.nodes.map(({ mark }, i) => ({ pid: pids[i] ?? 0, mark }));
    return { kind: 'process', engine, nodes, notes: plan.notes ?? [], why };
  }

  async #noted(name: EngineName): Promise<Running | undefined> {
    try {
      const noted: Running = JSON.parse(await readFile(this.#state(name), 'utf8'));
      return noted;
    } catch {
      return undefined;
    }
  }

  #state(name: EngineName): string {
    return join(this.#data, `${name}.json`);
  }
}

function sameAs(running: Running, { nodes }: LaunchOptions): Running {
  const count = running.kind === 'process' ? running.nodes.length : 1;
  if (nodes === undefined || nodes === count) return running;
  const { name } = running.engine;
  throw new Error(`${name} runs with ${count} node(s); end it first: npm run engines -- down ${name}`);
}
