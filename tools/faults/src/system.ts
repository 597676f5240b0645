import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@cartage/event-store';
import { cartsCheckpoint } from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import { openEventStore, openReadStore } from '@cartage/runtime';
import { freePort, Process } from './processes.ts';
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
};

type Members = Readonly<Record<'apis' | 'projectors', readonly Process[]>> & { readonly control: Process };

/** A Cartage of several processes that share the embedded stores of a folder, and this process's own view of the stores. */
export class System {
  readonly folder: string;
  readonly apis: readonly Process[];
  readonly projectors: readonly Process[];
  readonly control: Process;
  readonly events: EventStore;
  readonly views: ReadStore;

  private constructor(folder: string, members: Members, events: EventStore, views: ReadStore) {
    this.folder = folder;
    this.apis = members.apis;
    this.projectors = members.projectors;
    this.control = members.control;
    this.events = events;
    this.views = views;
  }

  /** Starts all of it, and defers to end it. */
  static async start(
    folder: string,
    { apis = 1, projectors = 1 }: SystemOptions,
    defer: Defer,
  ): Promise<System> {
    const { EVENT_STORE, READ_STORES } = settingsIn(folder);
    const events = await openEventStore({ name: 'events', url: EVENT_STORE });
    defer(() => events.close());
    const views = await openReadStore({ name: 'views', url: READ_STORES });
    defer(() => views.close());
    const several = (app: App, count: number): Promise<Process[]> =>
      Promise.all(Array.from({ length: count }, (_, at) => member(folder, app, at + 1)));
    const members = {
      apis: await several('api', apis),
      projectors: await several('projector', projectors),
      control: await member(folder, 'control', 1),
    };
    const system = new System(folder, members, events, views);
    for (const process of system.processes) defer(() => process.end());
    await Promise.all(system.processes.map((process) => process.start()));
    return system;
  }

  /** Settings for a command line beside it. */
  get env(): Readonly<Record<string, string>> {
    return settingsIn(this.folder);
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

  /** Until every event of the log is projected. @throws {Error} it is not within 60 s */
  async caughtUp(): Promise<void> {
    const end = performance.now() + catchUpLimit;
    const head = await this.events.head();
    for (;;) {
      const reached = (await this.views.checkpoints()).get(cartsCheckpoint) ?? -1n;
      if (reached >= head) return;
      if (performance.now() > end)
        throw new Error(`The views are at ${reached} of ${head} after ${catchUpLimit / 1000} s.`);
      await sleep(25);
    }
  }
}

async function member(folder: string, app: App, number: number): Promise<Process> {
  const port = await freePort();
  const operator = app === 'api' ? { OPERATOR_PORT: `${await freePort()}` } : {};
  return new Process({
    name: `${app}-${number}`,
    script: scriptOf(app),
    env: { ...settingsIn(folder), ...operator, [portOf[app]]: `${port}` },
    origin: `http://127.0.0.1:${port}`,
  });
}

/** Stores in a folder; nobody is turned away. */
const settingsIn = (folder: string) => ({
  HOST: '127.0.0.1',
  EVENT_STORE: `embedded:${join(folder, 'events')}`,
  READ_STORES: `embedded:${join(folder, 'views')}`,
  DEV_KEYS: join(folder, 'dev-keys.json'),
  RATE_LIMIT: unlimited,
  GUEST_RATE_LIMIT: unlimited,
  MAX_IN_FLIGHT: '10000',
});
