import { randomUUID } from 'node:crypto';
import { Unavailable } from '@cartage/event-store';
import { WrongExpectedVersionError } from '@eventstore/db-client';
import type { Connection } from './connection.ts';
import { lastEvent } from './read.ts';

const attempts = 5;

/**
 * Raises `$tb` in the stream's metadata, unless it stands higher: a deleted stream's does. Metadata are written as a whole: what
 * else they say is read first and written again as it is. The driver's own calls would drop what they do not know, and tell a
 * position where they mean the revision.
 */
export async function truncateStream(
  { reader, writer }: Connection,
  stream: string,
  before: number,
): Promise<void> {
  const name = `$$${stream}`;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const last = await lastEvent(reader, name);
    const metadata = isObject(last?.data) ? last.data : {};
    const mark = metadata['$tb'];
    if (typeof mark === 'number' && mark >= before) return;
    const data = Buffer.from(JSON.stringify({ ...metadata, $tb: before }));
    const event = { id: randomUUID(), type: '$metadata', data, metadata: Buffer.alloc(0) };
    const expected = last ? Number(last.revision) : 'none';
    const isWritten = await writer.run((client) =>
      client.append(name, [event], expected).then(() => true, falseWhenOvertaken),
    );
    if (isWritten) return;
  }
  throw new Unavailable(`Others keep changing the metadata of ${stream}: it was not truncated. Try again.`);
}

function falseWhenOvertaken(error: unknown): false {
  if (error instanceof WrongExpectedVersionError) return false;
  throw error;
}

const isObject = (data: unknown): data is Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null && !Array.isArray(data) && !(data instanceof Uint8Array);
