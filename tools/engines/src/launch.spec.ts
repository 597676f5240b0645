import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './cassandra/cql.ts';
import { type LaunchedEngine, launchEngine, type LaunchOptions } from './index.ts';
import { command, field } from './mongodb/wire.ts';
import { isMarked } from './node-process.ts';
import { recipes } from './recipes.ts';

type Name = Parameters<typeof launchEngine>[0];

/** Runs a case with an engine of its own. */
const withEngine =
  (name: Name, run: (launched: LaunchedEngine) => Promise<void>, options: LaunchOptions = {}) =>
  async (): Promise<void> => {
    const launched = await launchEngine(name, options);
    try {
      await run(launched);
    } finally {
      await launched.stop();
    }
    await expect(access(launched.folder)).rejects.toThrow('ENOENT');
    for (const pid of launched.pids) expect(await isMarked(pid, launched.folder)).toBe(false);
  };

const nodeOf = ({ engine }: LaunchedEngine) => ({ host: '127.0.0.1', port: portOf(engine.url) });
/** Nodes take a while to notice what became of the others. */
async function untilAnswered(query: () => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await query().catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(100);
  }
}
const portOf = (url: string): number => Number(/:(\d+)(?:[/?]|$)/.exec(url)?.[1]);

it(
  'starts DynamoDB, which is there again with its data after SIGKILL',
  withEngine('dynamodb', async (launched) => {
    expect(launched.engine).toMatchObject({ title: 'DynamoDB protocol (dynoxide 1.2.1)', real: false });
    const target = async (operation: string, body: object): Promise<object> => {
      const response = await fetch(`http://127.0.0.1:${portOf(launched.engine.url)}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          authorization:
            'AWS4-HMAC-SHA256 Credential=a/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
          'x-amz-date': '20260101T000000Z',
        },
        body: JSON.stringify(body),
      });
      return Object(await response.json());
    };
    await target('CreateTable', {
      TableName: 'carts',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await target('PutItem', { TableName: 'carts', Item: { pk: { S: 'u~1' } } });
    await launched.kill();
    await expect(recipes.dynamodb.identify(launched.engine.url)).rejects.toThrow('fetch failed');
    await launched.start();
    expect(await target('GetItem', { TableName: 'carts', Key: { pk: { S: 'u~1' } } })).toEqual({
      Item: { pk: { S: 'u~1' } },
    });
  }),
  30_000,
);

it(
  'starts MongoDB, which is there again with its data after SIGKILL',
  withEngine('mongodb', async (launched) => {
    expect(launched.engine.title).toMatch(/^MongoDB/);
    await command(nodeOf(launched), { insert: 'carts', documents: [{ _id: 'u~1', status: 'open' }] }, 'shop');
    await launched.kill();
    await expect(recipes.mongodb.identify(launched.engine.url)).rejects.toThrow('ECONNREFUSED');
    await launched.start();
    const found = await command(nodeOf(launched), { find: 'carts', filter: { _id: 'u~1' } }, 'shop');
    expect(field(found, 'status')).toBe('open');
  }),
  120_000,
);

it(
  'lets the MongoDB stand-in lose the race of two upserts, remove what has expired and answer as a replica set',
  withEngine(
    'mongodb',
    async (launched) => {
      expect(launched.engine).toMatchObject({ real: false, proves: { ttl: true } });
      const node = nodeOf(launched);
      const upsert = { update: 'carts', updates: [{ q: { _id: 'u~1' }, u: { _id: 'u~1' }, upsert: 1 }] };
      expect(String(await command(node, upsert, 'shop'))).toContain('E11000');
      expect(String(await command(node, upsert, 'shop'))).not.toContain('E11000');
      expect(field(await command(node, { hello: 1 }), 'setName')).toBe('rs0');
    },
    { race: true, ttl: 100, replicaSet: true },
  ),
  120_000,
);

it(
  'starts a real Cassandra, which is there again with its data after SIGKILL, and runs its programs',
  withEngine(
    'cassandra',
    async (launched) => {
      expect(launched.engine).toMatchObject({
        title: 'Cassandra 5.0.9',
        real: true,
        proves: { durability: true },
      });
      const query = (text: string): Promise<string> => ask(nodeOf(launched), text);
      await query(
        "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      );
      await query('CREATE TABLE k.carts (owner text PRIMARY KEY, cart text)');
      await query("INSERT INTO k.carts (owner, cart) VALUES ('u~1', 'a lantern')");
      await launched.kill();
      await expect(query('SELECT cart FROM k.carts')).rejects.toThrow('ECONNREFUSED');
      await launched.start();
      expect(await query('SELECT cart FROM k.carts')).toContain('a lantern');
      await query("INSERT INTO k.carts (owner, cart) VALUES ('u~2', 'a mug')");
      await launched.cassandra?.nodetool('flush', 'k');
      const file = (await launched.cassandra?.sstables('k', 'carts'))?.at(-1) ?? '';
      const partitions: unknown = JSON.parse((await launched.cassandra?.sstableDump(file)) ?? '');
      expect(partitions).toMatchObject([
        { partition: { key: ['u~2'] }, rows: [{ cells: [{ name: 'cart', value: 'a mug' }] }] },
      ]);
    },
    { jmx: true },
  ),
  180_000,
);

it(
  'makes a cluster of three nodes, of which one may be killed and come back',
  withEngine(
    'cassandra',
    async (launched) => {
      expect(launched.engine.proves.durability).toBe(false); // with Cassandra's default commit log
      await expect(launched.cassandra?.nodetool('flush')).rejects.toThrow('`jmx: true`');
      const { port } = nodeOf(launched);
      const query = (text: string, level: 'QUORUM' | 'ALL'): Promise<string> =>
        ask({ host: '127.0.0.1', port }, text, level);
      await query(
        "CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}",
        'QUORUM',
      );
      await query('CREATE TABLE k.carts (owner text PRIMARY KEY, cart text)', 'QUORUM');
      const insert = "INSERT INTO k.carts (owner, cart) VALUES ('u~1', 'a lantern')";
      await untilAnswered(() => query(insert, 'ALL')); // not all know the table yet
      await launched.kill(2);
      expect(launched.pids).toHaveLength(3);
      expect(await untilAnswered(() => query('SELECT cart FROM k.carts', 'QUORUM'))).toContain('a lantern');
      await expect(query('SELECT cart FROM k.carts', 'ALL')).rejects.toThrow(
        /no answer|consistency level ALL/, // depends on whether the others have noticed
      );
      await launched.start(2);
      expect(
        await untilAnswered(() => ask({ host: '127.0.0.3', port }, 'SELECT cart FROM k.carts', 'ALL')),
      ).toContain('a lantern');
    },
    { nodes: 3, commitlogSync: 'periodic' },
  ),
  300_000,
);

it(
  'freezes an engine until it is thawed',
  withEngine('dynamodb', async (launched) => {
    launched.freeze();
    const answer = recipes.dynamodb.identify(launched.engine.url).then(() => 'answered');
    expect(await Promise.race([answer, sleep(300, 'nothing')])).toBe('nothing');
    launched.thaw();
    expect(await answer).toBe('answered');
    launched.freeze(); // and is ended frozen
  }),
  30_000,
);

it('ends an engine with the process that launched it, even when that is killed', async () => {
  const index = new URL('index.ts', import.meta.url).href;
  const program = `const { pids } = await (await import('${index}')).launchEngine('dynamodb'); process.stdout.write(String(pids[0])); setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    [
      '--conditions=@cartage/source',
      '--import',
      new URL('../../test/typescript.mjs', import.meta.url).href,
      '--input-type=module',
      '--eval',
      program,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const [line] = await once(child.stdout, 'data');
    const pid = Number(line);
    expect(await isMarked(pid, 'dynoxide.db')).toBe(true);
    child.kill('SIGKILL');
    while (await isMarked(pid, 'dynoxide.db')) await sleep(20);
  } finally {
    child.kill('SIGKILL');
  }
}, 30_000);

it('says what a node said that does not start', async () => {
  const taken = await launchEngine('dynamodb');
  try {
    const port = portOf(taken.engine.url);
    await expect(launchEngine('mongodb', { port })).rejects.toThrow(
      /did not start: it ended with code 1\.\nNothing can listen on/,
    );
  } finally {
    await taken.stop();
  }
}, 30_000);
