import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LaunchOptions, NodePlan, Plan, Recipe } from '../recipe.ts';
import { jars, jdk, onPath, requireJava } from '../toolchain.ts';
import { identify } from './identify.ts';
import { command, field } from './wire.ts';

const title = "MongoDB's stand-in";
const replicaSet = 'rs0';

/** A `mongod` where one is on the PATH; else mongo-java-server, which speaks MongoDB's protocol, as `MongoStandIn.java` corrects it. */
export const mongodb: Recipe = {
  name: 'mongodb',
  port: 27_017,
  plan,
  docker: { port: 27_017, url: (address) => `mongodb://${address}/cartage?directConnection=true` },
  identify,
};

async function plan(folder: string, options: LaunchOptions & { readonly port: number }): Promise<Plan> {
  const mongod = await onPath('mongod');
  const { port } = options;
  const url = `mongodb://127.0.0.1:${port}/cartage`;
  if (mongod !== undefined && !options.race)
    return { url, nodes: [realNode(mongod, folder, options)], settle: () => initiate(port) };
  return { url, nodes: [await standIn(folder, port, options)] };
}

const answersAt = (port: number) => (): Promise<boolean> =>
  command({ host: '127.0.0.1', port }, { hello: 1 }).then(Boolean, () => false);

/** A replica set of one: only there is an acknowledged write of the majority on disk. */
function realNode(
  mongod: string,
  folder: string,
  { port, ttl }: LaunchOptions & { readonly port: number },
): NodePlan {
  return {
    command: mongod,
    args: [
      '--dbpath',
      folder,
      '--port',
      String(port),
      '--bind_ip',
      '127.0.0.1',
      '--replSet',
      replicaSet,
      ...(ttl === undefined
        ? []
        : ['--setParameter', `ttlMonitorSleepSecs=${Math.max(1, Math.round(ttl / 1000))}`]),
    ],
    log: join(folder, 'output.log'),
    mark: folder,
    answers: answersAt(port),
  };
}

/** Idempotent: a set that exists answers with an error, which its primary contradicts. @throws {Error} there is no primary within 60 s */
async function initiate(port: number): Promise<void> {
  const node = { host: '127.0.0.1', port };
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
  await command(node, { replSetInitiate: { _id: replicaSet, members } });
  const limit = Date.now() + 60_000; // ms
  for (; field(await command(node, { hello: 1 }), 'isWritablePrimary') !== true; await sleep(50))
    if (Date.now() > limit)
      throw new Error('mongod did not become the primary of its replica set within 60 s.');
}

async function standIn(folder: string, port: number, options: LaunchOptions): Promise<NodePlan> {
  await requireJava(title, 17, 99);
  const lib = await jars({ name: 'mongodb', title, sources: ['MongoStandIn.java'] });
  const file = join(folder, 'stand-in.h2');
  return {
    command: jdk('java'),
    args: [
      '-Xmx256m',
      ...(options.ttl === undefined ? [] : [`-Dttl=${options.ttl}`]),
      ...(options.race ? ['-Drace=true'] : []),
      ...(options.replicaSet ? [`-DreplSet=${replicaSet}`] : []),
      '-cp',
      `${lib}:${join(lib, '*')}`,
      'MongoStandIn',
      String(port),
      file,
    ],
    log: join(folder, 'output.log'),
    mark: file,
    answers: answersAt(port),
  };
}
