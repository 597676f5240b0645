import { hasCode } from '@cartage/event-store';
import { EmbeddedEventStore } from '../index.ts';

/**
 * A process in which 16 writers append to `streams` streams, each until `count` of its appends were accepted. It reports each
 * one once it is acknowledged. Started by the spec as `node writer.ts <folder> <streams> <count>`.
 */
export type Acknowledged = { readonly stream: string; readonly revision: number; readonly id: string };

const [folder = '', streams = '1', count = '1'] = process.argv.slice(2);
const store = await EmbeddedEventStore.open(folder);
await Promise.all(Array.from({ length: 16 }, write));
await store.close();
if (process.connected) process.disconnect();

async function write(): Promise<void> {
  const heads = new Map<string, number>();
  for (let left = Number(count); left > 0;) {
    const stream = `stream-${Math.floor(Math.random() * Number(streams))}`;
    const event = { id: crypto.randomUUID(), type: 'Written', data: { by: process.pid }, metadata: {} };
    try {
      const { revision } = await store.append(stream, [event], heads.get(stream) ?? 'none');
      heads.set(stream, revision);
      left -= 1;
      process.send?.({ stream, revision, id: event.id } satisfies Acknowledged);
    } catch (error) {
      if (!hasCode(error, 'revision_conflict') || !('actual' in error)) throw error;
      heads.set(stream, Number(error.actual));
    }
  }
}
