import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@cartage/engines';
import type { EventStore } from '@cartage/event-store';
import { cartsCheckpoint } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { openEventStore, openReadStore } from '@cartage/runtime';
import { Process } from './processes.ts';
import type { Defer } from './scenarios/scenario.ts';

const unlimited = '100000000';
const catchUpLimit = 60_000; // ms
const readyLimit = 60_000; // ms

type App = keyof typeof portOf;
const portOf = { api: 'PORT', projector: 'PROJECTOR_PORT', control: 'CONTROL_PORT' };

const scriptOf = (app: App): string =>
  fileURLToPath(new URL(`../../../apps/${app}/dist/main.js`, import.meta.url));

export type SystemOptions = {
  readonly apis?: number;
  readonly projectors?: number;
  /** The URL of the event store; an embedded one in the folder when absent. */
  readonly eventStore?: string;
  /** The read stores, each of another kind; an embedded one in the folder when absent. The first answers shoppers. */
  readonly readStores?: readonly StorePlace[];
};

/** The URL of a read store, and of a shorter way to it for this process, where there is one. */
export type StorePlace = { readonly url: string; readonly direct?: string };

type Members = Readonly<Record<'apis' | 'projectors', readonly Process[]>> & { readonly control: Process };

/** A Cartage of several processes that share stores, the embedded ones in a folder, and this process's own view of the stores. */
export class System {
  readonly folder: string;
  readonly apis: readonly Process[];
  readonly projectors: readonly Process[];
  readonly control: Process;
  readonly events: EventStore;
  /** The read stores by name, the one that answers shoppers first. */
  readonly stores: ReadonlyMap<string, ReadStore>;
  /** For a command line beside it. */
  readonly env: Settings;

  private constructor(
    folder: string,
    env: Settings,
    members: Members,
    events: EventStore,
    stores: ReadonlyMap<string, ReadStore>,
  ) {
    this.folder = folder;
    this.env = env;
    this.apis = members.apis;
    this.projectors = members.projectors;
    this.control = members.control;
    this.events = events;
    this.stores = stores;
  }

  /** Starts all of it, and defers to end it. */
  static async start(
    folder: string,
    { apis = 1, projectors = 1, eventStore, readStores = [embeddedViews(folder)] }: SystemOptions,
    defer: Defer,
  ): Promise<System> {
    const env = settingsIn(folder, readStores, eventStore);
    const events = await openEventStore({ name: 'events', url: env.EVENT_STORE });
    defer(() => events.close());
    const stores = new Map<string, ReadStore>();
    for (const { url, direct = url } of readStores) {
      const store = await openReadStore({ name: nameOf(url), url: direct });
      defer(() => store.close());
      stores.set(nameOf(url), store);
    }
    const several = (app: App, count: number): Promise<Process[]> =>
      Promise.all(Array.from({ length: count }, (_, at) => member(env, app, at + 1)));
    const members = {
      apis: await several('api', apis),
      projectors: await several('projector', projectors),
      control: await member(env, 'control', 1),
    };
    const system = new System(folder, env, members, events, stores);
    for (const process of system.processes) defer(() => process.end());
    await Promise.all(system.processes.map((process) => process.start()));
    return system;
  }

  /** The views that shoppers see. */
  get views(): ReadStore {
    const [first] = this.stores.values();
    if (!first) throw new RangeError('There must be a read store.');
    return first;
  }

  get processes(): readonly Process[] {
    return [...this.apis, ...this.projectors, this.control];
  }

  /** Where shoppers reach the APIs. */
  get urls(): readonly string[] {
    return this.apis.map(({ program }) => program.origin ?? '');
  }

  /** Until every process is ready, those too that somebody keeps starting again. @throws {Error} one is not within 60 s */
  async ready(): Promise<void> {
    for (const process of this.processes) {
      for (const end = performance.now() + readyLimit; !(await process.isReady()); await sleep(25))
        if (performance.now() > end)
          throw new Error(`${process.name} is not ready. ${process.stderr}`.trim());
    }
  }

  /** What those who should have done it said of it. */
  #lastWords(): string {
    return this.projectors
      .map(
        ({ name, pid, starts, stderr }) =>
          `${name} (process ${pid}, start ${starts}): ${stderr.trim() || 'silent'}`,
      )
      .join(' ');
  }

  /** Until every event of the log is projected into every store. @throws {Error} it is not within 60 s */
  async caughtUp(): Promise<void> {
    const end = performance.now() + catchUpLimit;
    const head = await this.events.head();
    for (const [name, store] of this.stores) {
      // It may have no tables yet, or be coming back.
      for (let reached; ; await sleep(25)) {
        reached = await checkpointOf(store).catch((error: unknown) => String(error));
        if (typeof reached === 'bigint' && reached >= head) break;
        if (performance.now() > end)
          throw new Error(
            `${name} is at ${reached} of ${head} after ${catchUpLimit / 1000} s. ${this.#lastWords()}`,
          );
      }
    }
  }
}

/** How far a store has come; −1 before its first event. */
export const checkpointOf = async (store: ReadStore): Promise<bigint> =>
  (await store.checkpoints()).get(cartsCheckpoint) ?? -1n;

/** Where the embedded views of a system in this folder are. */
export const embeddedViews = (folder: string): StorePlace => ({ url: `embedded:${join(folder, 'views')}` });

/** What a store is called that is configured without a name. */
const nameOf = (url: string): string => url.slice(0, url.indexOf(':'));

async function member(settings: Settings, app: App, number: number): Promise<Process> {
  const port = await freePort();
  const operator = app === 'api' ? { OPERATOR_PORT: `${await freePort()}` } : {};
  return new Process({
    name: `${app}-${number}`,
    script: scriptOf(app),
    env: { ...settings, ...operator, [portOf[app]]: `${port}` },
    origin: `http://127.0.0.1:${port}`,
  });
}

type Settings = ReturnType<typeof settingsIn>;

/** Nobody is turned away. */
const settingsIn = (
  folder: string,
  readStores: readonly StorePlace[],
  eventStore = `embedded:${join(folder, 'events')}`,
) => ({
  HOST: '127.0.0.1',
  EVENT_STORE: eventStore,
  READ_STORES: readStores.map(({ url }) => url).join(),
  DEV_KEYS: join(folder, 'dev-keys.json'),
  RATE_LIMIT: unlimited,
  GUEST_RATE_LIMIT: unlimited,
  MAX_IN_FLIGHT: '10000',
});
