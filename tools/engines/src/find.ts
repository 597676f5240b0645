import { type Engine, type EngineName, variableOf } from './engine.ts';
import { Engines } from './engines.ts';
import { recipes } from './recipes.ts';

/**
 * The engine that TEST_<NAME> names, or that `npm run engines -- up <name>` started; undefined: there is none.
 *
 * @throws {Error} there is one that does not answer: that is a mistake, not an absence
 */
export async function findEngine(name: EngineName, engines = new Engines()): Promise<Engine | undefined> {
  const variable = variableOf(name);
  const named = process.env[variable];
  const url = named || (await engines.status(name))?.engine.url;
  if (url === undefined) return undefined;
  try {
    return { name, url, ...(await recipes[name].identify(url)) };
  } catch (error) {
    const whose = named ? `${variable} names` : '`npm run engines -- up` started';
    throw new Error(`${whose} a ${name} that does not answer: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
