import { compareAccount, compareViews, type Folded, foldLog } from '../oracle.ts';
import type { Shoppers } from '../shoppers.ts';
import type { System } from '../system.ts';
import type { Outcome } from './scenario.ts';

/** What the oracle says of a system at rest, and of what clients were told by it. */
export async function verdict(system: System, shoppers?: Shoppers): Promise<Outcome> {
  await system.caughtUp();
  const folded = await foldLog(system.events);
  const differences = [
    ...folded.differences,
    ...(await compareStores(folded, system)),
    ...(shoppers ? compareAccount(folded, shoppers.account) : []),
    ...(shoppers ? shoppers.differences : []),
    ...(shoppers ? await shoppers.compareShown() : []),
  ];
  return {
    facts: { ...shoppers?.facts, events: folded.events, carts: folded.views.size },
    differences,
  };
}

/** Views that equal the fold, byte for byte in canonical form, equal each other. */
async function compareStores(folded: Folded, { stores }: System): Promise<readonly string[]> {
  const differences = [...stores].map(async ([name, store]) =>
    (await compareViews(folded, store)).map((difference) => `${name}: ${difference}`),
  );
  return (await Promise.all(differences)).flat();
}
