// Specs take an engine with findEngine() or launchEngine() from here, and describeOn() from '@cartage/engines/testing'.
export {
  type Engine,
  type EngineName,
  engineNames,
  type Identity,
  type Proofs,
  variableOf,
} from './engine.ts';
export { type Borrowed, borrowEngine } from './borrow.ts';
export type { CassandraTools } from './cassandra/tools.ts';
export { Engines, type Running } from './engines.ts';
export { findEngine } from './find.ts';
export { lackOf, launchEngine, type LaunchedEngine } from './launch.ts';
export { freePort } from './ports.ts';
export type { LaunchOptions } from './recipe.ts';
export { MissingToolchain } from './toolchain.ts';
export { Connection, type Fault, FaultProxy, type FaultProxyOptions } from './fault-proxy.ts';
export { facadeName } from './eventstoredb/about.ts';
export { type Facade, type FacadeOptions, startEventStoreDbFacade } from './eventstoredb/facade.ts';
export { type FacadeProcess, launchEventStoreDbFacade } from './eventstoredb/launch.ts';
export type { Misdeed } from './eventstoredb/misdeeds.ts';
