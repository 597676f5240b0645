import { fileURLToPath } from 'node:url';
import { durability } from './durability.ts';
import { eventStoreDb } from './eventstoredb.ts';
import { projectionSplit } from './projection-split.ts';
import { projection } from './projection.ts';
import { rebuildShoppers } from './rebuild-shoppers.ts';
import { rebuildTargetDatabases, rebuildTargetFull } from './rebuild-target.ts';
import { rebuild } from './rebuild.ts';
import { replayApi, replayControl, replayEventStoreDb, replayProjector } from './replay.ts';
import type { Scenario } from './scenario.ts';
import { storageFull, storageUnwritable } from './storage.ts';
import { storesCut } from './stores-cut.ts';
import { storesHang } from './stores-hang.ts';
import { storesKilled, storesReplay } from './stores.ts';

export const scenarios: readonly Scenario[] = [
  durability,
  replayProjector,
  replayApi,
  replayControl,
  replayEventStoreDb,
  projection,
  projectionSplit,
  rebuild,
  ...rebuildTargetDatabases,
  rebuildTargetFull,
  rebuildShoppers,
  storageFull,
  storageUnwritable,
  ...eventStoreDb,
  storesReplay,
  ...storesKilled,
  storesCut,
  storesHang,
];

/** Rows that show everything a replay has to deal with. */
export const fixture = fileURLToPath(
  new URL('../../../../apps/cli/src/replay/sales.fixture.csv', import.meta.url),
);
