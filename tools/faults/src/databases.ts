import { join } from 'node:path';
import {
  FaultProxy,
  type FaultProxyOptions,
  lackOf,
  launchEngine,
  type LaunchedEngine,
  type LaunchOptions,
} from '@cartage/engines';
import type { Defer } from './scenarios/scenario.ts';
import type { StorePlace } from './system.ts';

export const databaseNames = ['cassandra', 'dynamodb', 'mongodb'] as const;

/** What is missing here to launch all of them, and how to get it; undefined when nothing is. */
export async function lackOfDatabases(): Promise<string | undefined> {
  const lacks = await Promise.all(databaseNames.map(lackOf));
  return lacks.filter((lack) => lack !== undefined).join(' ') || undefined;
}

/** Starts a database (or what stands in for it here) with its data in the folder, and defers to end it. */
export async function launchDatabase(
  name: (typeof databaseNames)[number],
  folder: string,
  defer: Defer,
  options: LaunchOptions,
): Promise<LaunchedEngine> {
  const database = await launchEngine(name, { ...options, data: join(folder, name) });
  defer(() => database.kill());
  return database;
}

/** Starts a Cassandra, a DynamoDB and a MongoDB as {@link launchDatabase} does. */
export async function launchDatabases(
  folder: string,
  defer: Defer,
  options: LaunchOptions = {},
): Promise<readonly LaunchedEngine[]> {
  const launches = databaseNames.map((name) => launchDatabase(name, folder, defer, options));
  // When one fails, what else comes up is to be ended too.
  await Promise.allSettled(launches);
  return await Promise.all(launches);
}

/** A database behind a proxy. */
export type Distant = Required<StorePlace> & { readonly name: string; readonly proxy: FaultProxy };

export async function behindProxy(
  { engine: { name, url } }: LaunchedEngine,
  defer: Defer,
  options?: FaultProxyOptions,
): Promise<Distant> {
  const target = new URL(new URL(url).searchParams.get('endpoint') ?? url);
  const proxy = await FaultProxy.open(target.href, options);
  defer(() => proxy.close());
  // A replica set would tell its clients the address it has itself.
  const only = name === 'mongodb' ? '?directConnection=true' : '';
  const distant = `${url.replace(target.host, `127.0.0.1:${proxy.port}`)}${only}`;
  return { name, url: distant, direct: url, proxy };
}
