import { writeProtection } from '../unwritable.ts';
import { holds, limitOf } from './holds.fixture.ts';
import { storageFull, storageUnwritable } from './storage.ts';

test(
  'a full disk is answered with 503 while reads go on, and everything goes on when there is room',
  async () => {
    expect(await holds(storageFull)).toMatchObject({ refused: 1, readWhileRefused: 20, acceptedAgain: 1 });
  },
  limitOf(storageFull),
);

// For root without the privilege to use chattr everything is writable. CI must be able to: there it fails instead.
const protectable = process.env['CI'] || (await writeProtection()) ? describe : describe.skip;

protectable('unwritable files (needs chattr, or an account that is not root)', () => {
  test(
    'are answered with a clear line while reads go on, and everything goes on when they are writable',
    async () => {
      expect(await holds(storageUnwritable)).toMatchObject({ readWhileRefused: 20, acceptedAgain: 1 });
    },
    limitOf(storageUnwritable),
  );
});
