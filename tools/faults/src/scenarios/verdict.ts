import { compareAccount, compareViews, foldLog } from '../oracle.ts';
import type { Shoppers } from '../shoppers.ts';
import type { System } from '../system.ts';
import type { Outcome } from './scenario.ts';

/** What the oracle says of a system at rest, and of what clients were told by it. */
export async function verdict(system: System, shoppers?: Shoppers): Promise<Outcome> {
  await system.caughtUp();
  const folded = await foldLog(system.events);
  const differences = [
    ...folded.differences,
    ...(await compareViews(folded, system.views)),
    ...(shoppers ? compareAccount(folded, shoppers.account) : []),
    ...(shoppers ? shoppers.differences : []),
    ...(shoppers ? await shoppers.compareShown() : []),
  ];
  return {
    facts: { ...shoppers?.facts, events: folded.events, carts: folded.views.size },
    differences,
  };
}
