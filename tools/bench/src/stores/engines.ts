import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  findEngine,
  type LaunchedEngine,
  launchEngine,
  MissingToolchain,
  variableOf,
} from '@cartage/engines';

export const storeNames = ['cassandra', 'dynamodb', 'mongodb'] as const;
export type StoreName = (typeof storeNames)[number];

/** An engine under measurement. `label`: as it is called in figures. `title`: what it said it is. */
export type MeasuredEngine = {
  readonly name: StoreName;
  readonly label: string;
  readonly title: string;
  readonly url: string;
};

/** Those that could be had, and what is to be said about which and why. */
export type MeasuredEngines = { readonly engines: readonly MeasuredEngine[]; readonly about: string };

const labels: Readonly<Record<StoreName, string>> = {
  cassandra: 'Cassandra',
  dynamodb: 'DynamoDB',
  mongodb: 'MongoDB',
};

/**
 * Runs `use` with the engines that TEST_CASSANDRA, TEST_DYNAMODB and TEST_MONGODB name; in place of those that are not named,
 * with what can be started here, which is ended afterwards.
 *
 * @throws {Error} there is none
 */
export async function withEngines<T>(
  folder: string,
  use: (found: MeasuredEngines) => Promise<T>,
): Promise<T> {
  const launched: LaunchedEngine[] = [];
  const engines: MeasuredEngine[] = [];
  const absent: string[] = [];
  try {
    for (const name of storeNames) {
      try {
        engines.push(await engineFor(name, join(folder, name), launched));
      } catch (error) {
        if (!(error instanceof MissingToolchain)) throw error;
        absent.push(`${labels[name]}: ${error.message}`);
      }
    }
    if (engines.length === 0) throw new Error(`There is no engine. ${absent.join(' ')}`);
    return await use({ engines, about: aboutOf(engines, absent) });
  } finally {
    await Promise.all(launched.map((engine) => engine.stop()));
  }
}

async function engineFor(name: StoreName, data: string, launched: LaunchedEngine[]): Promise<MeasuredEngine> {
  const found = process.env[variableOf(name)] ? await findEngine(name) : undefined;
  if (found) return measuredEngine(name, found.title, found.real, found.url);
  await mkdir(data, { recursive: true });
  const started = await thorough(() => launchEngine(name, { data, commitlogSync: 'periodic' }));
  launched.push(started);
  const { title, real, url } = started.engine;
  return measuredEngine(name, title, real, url);
}

const measuredEngine = (name: StoreName, title: string, isReal: boolean, url: string): MeasuredEngine => ({
  name,
  url,
  label: labels[name],
  title: isReal
    ? `${title} (real)`
    : `${title} (a stand-in for ${labels[name]}: its rates are not ${labels[name]}’s)`,
});

/**
 * Engines are launched for tests: quick to start, compiled no further than the first tier, in little memory. HotSpot puts what
 * this variable holds behind the options of the command line, where it counts.
 */
async function thorough<T>(launch: () => Promise<T>): Promise<T> {
  const variable = '_JAVA_OPTIONS';
  const before = process.env[variable];
  process.env[variable] = `${before ?? ''} -XX:TieredStopAtLevel=4 -Xmx1g`.trim();
  try {
    return await launch();
  } finally {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  }
}

const aboutOf = (engines: readonly MeasuredEngine[], absent: readonly string[]): string =>
  `Against ${engines.map(({ title }) => title).join(', ')}, all on this machine unless named by TEST_*. ` +
  (absent.length > 0 ? `Not measured: ${absent.join('; ')}. ` : '');
