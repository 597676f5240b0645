import type { CassandraTools } from './cassandra/tools.ts';
import type { EngineName, Identity } from './engine.ts';

/** How an engine is started here. Each engine takes what concerns it. */
export type LaunchOptions = {
  /** Of its clients. Default: the engine's usual one when an engine is brought up, a free one when it is launched for a test. */
  readonly port?: number;
  /** Cassandra: how many nodes, on 127.0.0.1 to 127.0.0.3. */
  readonly nodes?: 1 | 3;
  /** Cassandra: `batch` (default) acknowledges what is on disk; `periodic`, Cassandra's own default, loses the last moments when killed. */
  readonly commitlogSync?: 'batch' | 'periodic';
  /** Cassandra: let nodetool in. Costs a second at start. */
  readonly jmx?: boolean;
  /** MongoDB stand-in: the first insert of each `_id` fails with E11000, as two racing upserts do on a real server. */
  readonly race?: boolean;
  /** MongoDB: enforces TTL indexes every so many ms (a mongod: whole seconds). Default: the stand-in never, a mongod each minute. */
  readonly ttl?: number;
  /** MongoDB stand-in: answers as a replica set of one, so that drivers send sessions and retry writes. */
  readonly replicaSet?: boolean;
  /** EventStoreDB facade: where it keeps its log. */
  readonly file?: string;
};

/** One process of an engine. */
export type NodePlan = {
  readonly command: string;
  readonly args: readonly string[];
  /** Takes what it says. */
  readonly log: string;
  /** One of its arguments that no other process has: how it is told from a process that got its pid later. */
  readonly mark: string;
  /** Whether it serves requests by now. */
  answers(): Promise<boolean>;
};

/** Everything that is needed to start an engine in a folder, decided: started again by the same plan, it comes back with its data. */
export type Plan = {
  readonly url: string;
  readonly nodes: readonly NodePlan[];
  /** To be done once all nodes answer. */
  readonly settle?: () => Promise<void>;
  /** What an operator may want to know besides. */
  readonly notes?: readonly string[];
  /** Cassandra's own programs. */
  readonly cassandra?: CassandraTools;
};

/** How an engine is had on this machine without Docker, and asked what it is. */
export type Recipe = {
  readonly name: EngineName;
  /** Of its clients, when nothing else is asked for and it is free. */
  readonly port: number;
  /** Fetches what is missing (once) and decides what is open. @throws {MissingToolchain} it cannot be had here; says what to install */
  plan(folder: string, options: LaunchOptions & { readonly port: number }): Promise<Plan>;
  /** The service in `docker-compose.yml`: the port of its container, and the URL of what answers at `host:port`. */
  readonly docker?: { readonly port: number; url(address: string): string };
  /** Asks the engine at a URL what it is. @throws {Error} it does not answer within 10 s */
  identify(url: string): Promise<Identity>;
};
