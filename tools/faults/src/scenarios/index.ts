import { fileURLToPath } from 'node:url';
import { durability } from './durability.ts';
import { projection } from './projection.ts';
import { replayApi, replayControl, replayProjector } from './replay.ts';
import type { Scenario } from './scenario.ts';
import { storageFull, storageUnwritable } from './storage.ts';

export const scenarios: readonly Scenario[] = [
  durability,
  replayProjector,
  replayApi,
  replayControl,
  projection,
  storageFull,
  storageUnwritable,
];

/** Rows that show everything a replay has to deal with. */
export const fixture = fileURLToPath(
  new URL('../../../../apps/cli/src/replay/sales.fixture.csv', import.meta.url),
);
