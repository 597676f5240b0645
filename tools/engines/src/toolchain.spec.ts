import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { launchEngine, MissingToolchain } from './index.ts';
import { withFolder } from './testing/clients.ts';
import { type JarRecipe, jars, requireJava } from './toolchain.ts';

const cassandra: JarRecipe = { name: 'cassandra', title: 'Cassandra', sources: [] };

/** Runs a case with other values in the environment. */
const withEnvironment = async (
  values: Readonly<Record<string, string>>,
  run: () => Promise<void>,
): Promise<void> => {
  const before = { ...process.env };
  Object.assign(process.env, values);
  try {
    await run();
  } finally {
    for (const name of Object.keys(values)) delete process.env[name];
    Object.assign(process.env, before);
  }
};

async function program(folder: string, name: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

/** A Maven that puts one jar where it is told to. */
const maven = 'for arg; do case "$arg" in -DoutputDirectory=*) touch "${arg#*=}/a.jar";; esac; done';

it('says what to install when there is no Java', () =>
  withEnvironment({ PATH: '/nowhere', JAVA_HOME: '' }, async () => {
    const starting = launchEngine('cassandra');
    await expect(starting).rejects.toBeInstanceOf(MissingToolchain);
    await expect(starting).rejects.toThrow(
      'Cassandra cannot be started here: there is no java. Install JDK 17 and Maven 3',
    );
  }));

it(
  'says which Java is needed when there is another',
  withFolder(async (folder) => {
    await program(join(folder, 'bin'), 'java', 'echo \'openjdk version "24.0.1" 2025-04-15\' >&2');
    await withEnvironment({ JAVA_HOME: folder }, async () => {
      await expect(requireJava('Cassandra', 11, 17)).rejects.toThrow(
        'java is version 24; Cassandra needs 11 to 17',
      );
      expect(await requireJava('Cassandra', 11, 24)).toBe(join(folder, 'bin', 'java'));
    });
  }),
);

it(
  'says what to install when there is no Maven',
  withFolder((folder) =>
    withEnvironment({ PATH: '/nowhere' }, () =>
      expect(jars(cassandra, folder)).rejects.toThrow(
        'there is no mvn on the PATH. Install JDK 17 and Maven 3',
      ),
    ),
  ),
);

it(
  'says what Maven said when it could not fetch, and leaves nothing half done',
  withFolder(async (folder) => {
    await program(
      join(folder, 'bin'),
      'mvn',
      "echo '[ERROR] Could not transfer artifact: Unknown host'; exit 1",
    );
    await withEnvironment({ PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` }, () =>
      expect(jars(cassandra, folder)).rejects.toThrow('Could not transfer artifact: Unknown host'),
    );
    expect(await readdir(join(folder, 'cassandra'))).toEqual([]);
  }),
);

it(
  'fetches once, whole, however many want the jars at the same time, and again when the recipe has changed',
  withFolder(async (folder) => {
    await program(join(folder, 'bin'), 'mvn', `${maven}; echo fetched >> ${folder}/log; sleep 0.1`);
    await withEnvironment({ PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` }, async () => {
      const folders = await Promise.all([1, 2, 3].map(() => jars(cassandra, folder)));
      expect(new Set(folders)).toEqual(new Set([join(folder, 'cassandra', 'lib')]));
      expect(await readdir(join(folder, 'cassandra'))).toEqual(['lib']);
      expect(await readdir(join(folder, 'cassandra', 'lib'))).toEqual(['.recipe', 'a.jar']);
      const fetched = await readFile(join(folder, 'log'), 'utf8');
      await jars(cassandra, folder);
      expect(await readFile(join(folder, 'log'), 'utf8')).toBe(fetched);
      await writeFile(join(folder, 'cassandra', 'lib', '.recipe'), 'of another recipe');
      await jars(cassandra, folder);
      expect(await readFile(join(folder, 'log'), 'utf8')).toBe(`${fetched}fetched\n`);
      expect(await readdir(join(folder, 'cassandra'))).toEqual(['lib']);
    });
  }),
);

it(
  'prefers a mongod on the PATH to the stand-in, and makes it a replica set of one',
  withFolder(async (folder) => {
    // No mongod here: a program of that name writes its arguments down, and becomes a stand-in that is a primary already.
    const lib = await jars({ name: 'mongodb', title: 'MongoDB', sources: ['MongoStandIn.java'] });
    const script = `echo "$@" > ${folder}/asked; exec java -DreplSet=rs0 -cp '${lib}:${lib}/*' MongoStandIn "$4" "$2/h2"`;
    await program(join(folder, 'bin'), 'mongod', script);
    await withEnvironment({ PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` }, async () => {
      const launched = await launchEngine('mongodb', { ttl: 1000 });
      await launched.stop();
      const asked = (await readFile(join(folder, 'asked'), 'utf8')).replace(/\d{5}/, 'N');
      expect(asked).toBe(
        `--dbpath ${launched.folder} --port N --bind_ip 127.0.0.1 --replSet rs0 --setParameter ttlMonitorSleepSecs=1\n`,
      );
    });
  }),
  60_000,
);
