import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort, freePortNear } from '../ports.ts';
import type { LaunchOptions, NodePlan, Plan, Recipe } from '../recipe.ts';
import { jars, recipeFile, requireJava } from '../toolchain.ts';
import { ask } from './cql.ts';
import { identify } from './identify.ts';
import { settings } from './settings.ts';
import { internals, type ToolPlace, toolsOf } from './tools.ts';

const title = 'Cassandra';
/**
 * The port that nodes talk to each other at, against that of their clients. Were it the same for all engines, one would take that
 * of another's node while this is killed, and be taken into its cluster.
 */
const storageOffset = -2_042;
/** Nodes of a cluster share their ports: each has an address of its own. */
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
/** Cut short: waiting for gossip of a cluster that is all here, announcing a shutdown, refining estimates. */
const impatience = [
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.ring_delay_ms=0',
  '-Dcassandra.shutdown_announce_in_ms=0',
  '-Dcassandra.memtable_row_overhead_computation_step=100',
  '-Dcassandra.superuser_setup_delay_ms=0',
  '-Dcassandra.consistent.rangemovement=false', // three nodes join at once
];
/** A small heap that is not taken at once, and a compiler that is quick rather than thorough: made for tests, not for benchmarks. */
const machine = [
  ...internals,
  '-Xms64M',
  '-Xmx512M',
  '-Xss512k',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
];
const localJmx = ['--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED'];

/** A real Cassandra from Maven's jars. */
export const cassandra: Recipe = {
  name: 'cassandra',
  port: 19_042,
  plan,
  docker: { port: 9042, url: (address) => `cassandra://${address}/cartage?dc=datacenter1` },
  identify,
};

async function plan(folder: string, options: LaunchOptions & { readonly port: number }): Promise<Plan> {
  const java = await requireJava(title, 11, 17);
  const lib = await jars({ name: 'cassandra', title, sources: [] });
  const hosts = addresses.slice(0, options.nodes ?? 1);
  const { port } = options;
  const storagePort = await freePortNear(Math.max(1_024, port + storageOffset), hosts);
  const places = await Promise.all(
    hosts.map(async (host, i): Promise<Place> => {
      const home = join(folder, hosts.length > 1 ? `node${i + 1}of${hosts.length}` : 'node');
      await mkdir(home, { recursive: true });
      const yaml = settings({
        hosts,
        host,
        port,
        storagePort,
        commitlogSync: options.commitlogSync ?? 'batch',
      });
      await writeFile(join(home, 'cassandra.yaml'), yaml);
      return { java, lib, home, host, port, ...(options.jmx && { jmx: await freePort() }) };
    }),
  );
  return {
    url: `cassandra://${hosts.join(',')}:${port}/cartage?dc=datacenter1`,
    nodes: places.map(nodePlan),
    cassandra: toolsOf(places),
    ...(hosts.length > 1 && { settle: () => untilAllReplicasAnswer(hosts, port) }),
  };
}

/** Where a node is, and what it runs on. */
type Place = ToolPlace & { readonly host: string; readonly port: number };

function nodePlan({ java, lib, home, host, port, jmx }: Place): NodePlan {
  const mark = `-Dcassandra.storagedir=${home}`;
  const java17 = [
    ...machine,
    ...impatience,
    ...(jmx === undefined
      ? ['-Dorg.apache.cassandra.disable_mbean_registration=true']
      : [...localJmx, `-Dcassandra.jmx.local.port=${jmx}`]),
    `-Dcassandra.config=${pathToFileURL(join(home, 'cassandra.yaml')).href}`,
    mark,
    '-Dcassandra-foreground=yes',
    `-Dlogback.configurationFile=${recipeFile('cassandra', 'logback.xml')}`,
    '-cp',
    join(lib, '*'),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
  return {
    // A node that may, pins its heap in memory.
    command: 'sh',
    args: ['-c', 'ulimit -l 64; exec "$@"', 'sh', java, ...java17],
    log: join(home, 'output.log'),
    mark,
    answers: () => ask({ host, port }, 'SELECT release_version FROM system.local').then(Boolean, () => false),
  };
}

/** Nodes answer before they have seen each other: this reads at consistency ALL, through each, what has three replicas. */
async function untilAllReplicasAnswer(hosts: readonly string[], port: number): Promise<void> {
  const query = 'SELECT * FROM system_distributed.parent_repair_history LIMIT 1';
  const limit = Date.now() + 60_000; // ms
  for (const host of hosts)
    for (; !(await ask({ host, port }, query, 'ALL').then(Boolean, () => false)); await sleep(50))
      if (Date.now() > limit) throw new Error(`The nodes of Cassandra do not see each other within 60 s.`);
}
