import { keepsBooks, provisions } from './testing/bookkeeping.ts';
import { forgetsViews } from './testing/expiry.ts';
import { fencesWrites, keepsTombstones } from './testing/fence.ts';
import { isolated, type Open } from './testing/isolated.ts';
import { scansViews } from './testing/scan.ts';
import { keepsViews, listsCarts } from './testing/views.ts';

export * from './testing/sample.ts';
export type { Open } from './testing/isolated.ts';
export { using } from './testing/using.ts';
export { watching } from './testing/watching.ts';

/** What it means to be a read store. An adapter's spec file is one call to this. */
export function readStoreContract(open: Open): void {
  const inStore = isolated(open);
  describe('as a read store', () => {
    keepsViews(inStore);
    listsCarts(inStore);
    fencesWrites(inStore);
    keepsTombstones(inStore);
    scansViews(inStore);
    keepsBooks(inStore);
    provisions(inStore);
    forgetsViews(inStore);
  });
}
