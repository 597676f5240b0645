export { facadeName } from './eventstoredb/about.ts';
export { type Facade, type FacadeOptions, startEventStoreDbFacade } from './eventstoredb/facade.ts';
export { type FacadeProcess, launchEventStoreDbFacade } from './eventstoredb/launch.ts';
export type { Misdeed } from './eventstoredb/misdeeds.ts';
