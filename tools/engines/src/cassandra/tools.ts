import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recipeFile } from '../toolchain.ts';

const run = promisify(execFile);
const longestOutput = 500_000_000; // bytes: a dump is JSON of everything
/** What Cassandra touches of Java that Java 17 keeps to itself. */
export const internals = ['java.base/jdk.internal.ref', 'java.base/sun.nio.ch', 'java.base/java.io'].map(
  (name) => `--add-opens=${name}=ALL-UNNAMED`,
);

/** Cassandra's own programs, from the jars its nodes run on. Nodes are counted from 0. */
export type CassandraTools = {
  /** Runs nodetool on node 0, such as `nodetool('flush', 'cartage')`; answers what it prints. @throws {Error} the engine was launched without `jmx: true` */
  nodetool(...args: readonly string[]): Promise<string>;
  /** The data files of a table on a node, once they were flushed, sorted by name. Empty when there are none. */
  sstables(keyspace: string, table: string, node?: number): Promise<readonly string[]>;
  /** What `sstabledump` says of a data file: JSON, an array of partitions. */
  sstableDump(file: string): Promise<string>;
};

/** Where programs and files of a node are. */
export type ToolPlace = {
  readonly java: string;
  readonly lib: string;
  /** The node's folder: its `cassandra.yaml` and its data. */
  readonly home: string;
  /** The port nodetool is let in at. */
  readonly jmx?: number;
};

export function toolsOf(places: readonly ToolPlace[]): CassandraTools {
  const at = (node: number): ToolPlace => {
    const place = places[node];
    if (place === undefined) throw new RangeError(`There is no node ${node}; the first is 0.`);
    return place;
  };
  return {
    nodetool: (...args) => {
      const place = at(0);
      if (place.jmx === undefined)
        return Promise.reject(new Error('nodetool is let in where `jmx: true` is asked for.'));
      return program(place, 'tools.NodeTool', ['-h', '127.0.0.1', '-p', String(place.jmx), ...args]);
    },
    sstables: async (keyspace, table, node = 0) => {
      const folder = join(at(node).home, 'data', keyspace);
      const names = await readdir(folder, { recursive: true }).catch(() => []);
      return names
        .filter((name) => isDataOf(table, name))
        .sort()
        .map((name) => join(folder, name));
    },
    sstableDump: (file) => program(at(0), 'tools.SSTableExport', [file]),
  };
}

/** A table's folder is its name and an id; `snapshots` and `backups` below it hold copies. */
const isDataOf = (table: string, name: string): boolean =>
  name.startsWith(`${table}-`) && /^[^/]+\/[^/]+-Data\.db$/.test(name);

async function program(
  { java, lib, home }: ToolPlace,
  name: string,
  args: readonly string[],
): Promise<string> {
  const { stdout } = await run(
    java,
    [
      ...internals,
      '-Xmx256M',
      `-Duser.home=${home}`,
      `-Dcassandra.storagedir=${home}`,

      `-Dcassandra.config=file://${home}/cassandra.yaml`,
      `-Dlogback.configurationFile=${recipeFile('cassandra', 'silent.xml')}`,
      '-cp',
      join(lib, '*'),
      `org.apache.cassandra.${name}`,
      ...args,
    ],
    { maxBuffer: longestOutput },
  );
  return stdout;
}
