import type { Engine, EngineName } from './engine.ts';
import { Engines } from './engines.ts';
import { findEngine } from './find.ts';
import { launchEngine } from './launch.ts';
import { freePortNear } from './ports.ts';
import { recipes } from './recipes.ts';

/** An engine for the time being; `release` ends it when it was started for the borrower. */
export type Borrowed = { readonly engine: Engine; release(): Promise<void> };

/**
 * The engine that is there already, else one that is started, empty: in Docker where it can be had there. It has its usual port when
 * that is free, so that what a run says of it is the same in the next. Of `eventstoredb`, whose suites bring their own facade, only a
 * real one is worth borrowing: undefined when there is none.
 *
 * @throws {MissingToolchain} it cannot be had here; says what to install
 */
export async function borrowEngine(name: EngineName, engines = new Engines()): Promise<Borrowed | undefined> {
  const found = await findEngine(name, engines);
  if (found !== undefined) return { engine: found, release: async () => undefined };
  if (await engines.hasDocker(name)) {
    const { engine } = await engines.up(name);
    return { engine, release: async () => void (await engines.down(name)) };
  }
  if (name === 'eventstoredb') return undefined;
  const launched = await launchEngine(name, { port: await freePortNear(recipes[name].port) });
  return { engine: launched.engine, release: () => launched.stop() };
}
