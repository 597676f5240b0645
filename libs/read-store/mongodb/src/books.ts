import type { Parked } from '@cartage/read-store';
import { storedNote, storedPosition, Unavailable } from '@cartage/read-store/adapting';
import type { Connection } from './connection.ts';
import { find } from './get.ts';

const atOnce = 1_000;

export async function checkpoints(
  connection: Connection,
  collection: string,
): Promise<ReadonlyMap<string, bigint>> {
  const notes = await find(connection, collection, {}, atOnce);
  return new Map(notes.map(({ _id: name, position }) => [name, storedPosition(name, position)]));
}

/** As decimal digits: beyond 2^53 the driver gives back no number of BSON as it was, unless it is told for each read. */
export async function saveCheckpoint(
  connection: Connection,
  collection: string,
  name: string,
  position: bigint,
): Promise<void> {
  await write(connection, collection, name, { position: `${position}` });
}

export async function parked(connection: Connection, collection: string): Promise<readonly Parked[]> {
  const notes = await find(connection, collection, {}, atOnce);
  return notes.map((note) => storedNote(note._id, { ...note, id: note._id }));
}

export async function park(connection: Connection, collection: string, entry: Parked): Promise<void> {
  const { id, revision, position, reason, parkedAt } = entry;
  await write(connection, collection, id, { revision, position, reason, parkedAt });
}

export async function unpark(connection: Connection, collection: string, id: string): Promise<void> {
  await connection.remove(collection, { _id: id });
}

async function write(connection: Connection, collection: string, id: string, note: object): Promise<void> {
  const refused = await connection.upsert(collection, [{ q: { _id: id }, u: note }]);
  // Only where others insert and remove it all the time.
  if (refused.length > 0) throw new Unavailable(`${connection.place} did not take the note on ${id}.`);
}
