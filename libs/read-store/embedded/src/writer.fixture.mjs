// A process of its own that writes to a read store: node writer.fixture.mjs <folder> shuffled <seed> | ascending <from> <to>
import { add, inBatches, seeded, shuffled, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { EmbeddedReadStore } from '../dist/index.js';

const [folder, order, ...numbers] = process.argv.slice(2);
const [first, last] = numbers.map(Number);
const store = await EmbeddedReadStore.open(folder);

async function putShuffled(seed) {
  const tenAdds = Array.from({ length: 10 }, () => add('shirt'));
  const versions = Array.from({ length: 40 }, (_, cart) => versionsOf(`u~${cart}~main`, tenAdds)).flat();
  const batches = inBatches(shuffled(seeded(seed), Array.from({ length: 5 }, () => versions).flat()), 12);
  for (const batch of batches) await store.put(batch, 'fenced');
}

/** Says each revision as soon as it is stored. */
async function putAscending(from, to) {
  const view = viewAfter('u~42~main', [add('shirt', 1, { note: 'x'.repeat(900) })]);
  for (let revision = from; revision <= to; revision += 1) {
    await store.put(
      [
        { ...view, revision },
        { ...view, id: `u~at${revision}~main`, revision },
      ],
      'fenced',
    );
    console.log(`${revision}`);
  }
}

try {
  await (order === 'shuffled' ? putShuffled(first) : putAscending(first, last));
} catch (error) {
  console.log(error.code ?? String(error));
}
await store.close();
