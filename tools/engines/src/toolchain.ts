import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const mavenLimit = 600_000; // ms
const stamp = '.recipe';
/** Of the workspace; its `.data` is kept out of version control. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where engines keep what was fetched for them, and their data. */
export const dataFolder = join(root, '.data', 'engines');

/** An engine cannot be had on this machine as it is. The message says what to install. */
export class MissingToolchain extends Error {
  override readonly name = 'MissingToolchain';
  readonly code = 'missing_toolchain';
}

/** The files a recipe in `tools/engines/recipes` consists of: a `pom.xml` that names jars, perhaps Java sources beside it. */
export type JarRecipe = {
  readonly name: 'cassandra' | 'mongodb';
  readonly title: string;
  readonly sources: readonly string[];
};

export const recipeFile = (name: string, file: string): string =>
  join(root, 'tools/engines/recipes', name, file);

/**
 * The folder that holds a recipe's jars and compiled classes, fetched by Maven when it is not there yet or the recipe has changed.
 * Whoever comes second at the same time fetches for himself and takes what the first put there: it appears whole or not at all.
 *
 * @throws {MissingToolchain} there is no Maven, no JDK or no network
 */
export async function jars(recipe: JarRecipe, data = dataFolder): Promise<string> {
  const folder = join(data, recipe.name, 'lib');
  const wanted = await fingerprint(recipe);
  if ((await stampIn(folder)) === wanted) return folder;
  const home = join(data, recipe.name);
  await mkdir(home, { recursive: true });
  const draft = await mkdtemp(join(home, 'fetching-'));
  try {
    await fetchJars(recipe, draft);
    await writeFile(join(draft, stamp), wanted);
    await putInPlace(draft, folder, wanted);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

async function fingerprint({ name, sources }: JarRecipe): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['pom.xml', ...sources]) hash.update(await readFile(recipeFile(name, file)));
  return hash.digest('hex');
}

const stampIn = (folder: string): Promise<string> =>
  readFile(join(folder, stamp), 'utf8').catch(() => 'none');

async function fetchJars({ name, title, sources }: JarRecipe, folder: string): Promise<void> {
  const pom = recipeFile(name, 'pom.xml');
  await tool(title, 'mvn', [
    '--quiet',
    '--batch-mode',
    '--file',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ]);
  if (sources.length === 0) return;
  const files = sources.map((file) => recipeFile(name, file));
  await tool(title, jdk('javac'), ['-cp', join(folder, '*'), '-d', folder, ...files]);
}

/** Who lost a race keeps what the winner put there; what another recipe left gives way. */
async function putInPlace(draft: string, folder: string, wanted: string): Promise<void> {
  for (;;) {
    try {
      return await rename(draft, folder);
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(Object(error).code)) throw error;
    }
    if ((await stampIn(folder)) === wanted) return;
    const old = `${draft}-old`;
    await rename(folder, old).catch(() => undefined);
    await rm(old, { recursive: true, force: true });
  }
}

async function tool(title: string, command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args, { timeout: mavenLimit, maxBuffer: 50_000_000, env: process.env });
  } catch (error) {
    const { code, stdout = '', message = '' } = Object(error);
    if (code === 'ENOENT') throw missing(title, `there is no ${command} on the PATH`, error);
    const why = /\[ERROR\] (.+)/.exec(String(stdout))?.[1] ?? String(message);
    throw missing(title, `its jars could not be made ready (${why.slice(0, 400)})`, error);
  }
}

/** The Java of `JAVA_HOME`, else of the PATH. */
export const jdk = (program: 'java' | 'javac'): string => {
  const home = process.env['JAVA_HOME'];
  return home ? join(home, 'bin', program) : program;
};

/** @throws {MissingToolchain} there is no Java of these versions */
export async function requireJava(title: string, least: number, most: number): Promise<string> {
  const java = jdk('java');
  const { stderr } = await run(java, ['-version'], { env: process.env }).catch((error: unknown) => {
    throw missing(title, `there is no ${java}`, error);
  });
  const version = Number(/version "(?:1\.)?(\d+)/.exec(stderr)?.[1]);
  if (version >= least && version <= most) return java;
  throw missing(title, `${java} is version ${version}; ${title} needs ${least} to ${most}`);
}

export const missing = (title: string, why: string, cause?: unknown): MissingToolchain =>
  new MissingToolchain(
    `${title} cannot be started here: ${why}. Install JDK 17 and Maven 3, with a way to a Maven repository ` +
      '(apt-get install openjdk-17-jdk-headless maven; brew install openjdk@17 maven; JAVA_HOME is heeded).',
    { cause },
  );

/** Where a program lies on the PATH; undefined when it does not. */
export async function onPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, program);
    try {
      await access(file, 1);
      return file;
    } catch {
      continue;
    }
  }
  return undefined;
}
