import { once } from 'node:events';
import { EmbeddedEventStore } from '../index.ts';

/**
 * A process that appends to the stream `filled` until the store refuses, says how many were accepted and why no more, and when
 * told to go on appends once more and says the same again. Started by the spec as `node filler.ts <folder>`.
 */
export type Filled = { readonly accepted: number; readonly refusal?: { code: unknown; message: string } };

const store = await EmbeddedEventStore.open(process.argv[2] ?? '');
let accepted = 0;
const append = async (): Promise<void> => {
  const event = { id: crypto.randomUUID(), type: 'Filled', data: { x: 'x'.repeat(50_000) }, metadata: {} };
  await store.append('filled', [event], accepted === 0 ? 'none' : accepted - 1);
  accepted += 1;
};

async function fill(count: number): Promise<void> {
  try {
    for (const end = accepted + count; accepted < end;) await append();
    process.send?.({ accepted } satisfies Filled);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    process.send?.({ accepted, refusal: { code: error.code, message: error.message } } satisfies Filled);
  }
}

const told = once(process, 'message');
await fill(1_000);
await told;
await fill(1);
await store.close();
process.disconnect();
