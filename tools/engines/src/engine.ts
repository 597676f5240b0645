import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Compose } from './docker.ts';
import { facadeName } from './eventstoredb/about.ts';
import { identify } from './eventstoredb/control.ts';
import type { FacadeOptions } from './eventstoredb/facade.ts';
import { detachEventStoreDbFacade } from './eventstoredb/launch.ts';

/** What runs under an engine's name. */
export type Running =
  | {
      readonly kind: 'facade';
      readonly name: string;
      readonly url: string;
      readonly pid: number;
      readonly control: string;
      /** Why it is not the real one. */
      readonly why: string;
    }
  | { readonly kind: 'docker'; readonly name: string; readonly url: string };

const service = 'eventstoredb';
const defaultPort = 2113;
const endLimit = 5_000; // ms

/** EventStoreDB for development and tests: the real one where Docker can give it, else the facade. */
export class EventStoreDbEngine {
  readonly #data: string;
  readonly #compose: Compose;
  readonly #state: string;

  /** @param data the folder for the facade's log and the file that says which process it is */
  constructor(data: string, composeFile: string) {
    this.#data = data;
    this.#compose = new Compose(composeFile);
    this.#state = join(data, `${service}.json`);
  }

  /** Starts it unless it runs already. Options are the facade's: with them there is no looking for Docker. */
  async up(options: FacadeOptions): Promise<Running> {
    const running = await this.status();
    if (running !== undefined) return running;
    await mkdir(this.#data, { recursive: true });
    const isFacadeWanted = options.port !== undefined || options.file !== undefined;
    const why = isFacadeWanted ? 'a port or a file was asked for' : await this.#compose.trouble();
    const started =
      why === undefined ? await this.#startInDocker() : { ...(await this.#startFacade(options)), why };
    await writeFile(this.#state, JSON.stringify(started));
    return started;
  }

  /** Ends it; answers what ran, undefined when nothing did. @throws {Error} the facade does not end */
  async down(): Promise<Running | undefined> {
    const running = await this.status();
    if (running?.kind === 'docker') await this.#compose.down(service);
    if (running?.kind === 'facade') await end(running.pid);
    await rm(this.#state, { force: true });
    return running;
  }

  /** What runs now. A process counts only when it says itself that it is the facade: its pid may be another's by now. */
  async status(): Promise<Running | undefined> {
    const noted = await this.#noted();
    if (noted === undefined) return undefined;
    if (noted.kind === 'docker') return (await this.#compose.isUp(service)) ? noted : undefined;
    const identity = await identify(noted.control);
    return identity?.pid === noted.pid ? noted : undefined;
  }

  async #startInDocker(): Promise<Running> {
    const address = await this.#compose.up(service, defaultPort);
    return { kind: 'docker', name: 'EventStoreDB in Docker', url: `esdb://${address}?tls=false` };
  }

  async #startFacade({
    port = defaultPort,
    file,
  }: FacadeOptions): Promise<Omit<Running & { kind: 'facade' }, 'why'>> {
    const log = file ?? join(this.#data, `${service}.log`);
    const started = await detachEventStoreDbFacade({ port, file: log }, join(this.#data, `${service}.err`));
    return { kind: 'facade', name: facadeName, ...started };
  }

  async #noted(): Promise<Running | undefined> {
    try {
      const noted: Running = JSON.parse(await readFile(this.#state, 'utf8'));
      return noted;
    } catch {
      return undefined;
    }
  }
}

async function end(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (const limit = Date.now() + endLimit; isAlive(pid);) {
    if (Date.now() > limit) throw new Error(`Process ${pid} does not end; end it with kill -9 ${pid}.`);
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
