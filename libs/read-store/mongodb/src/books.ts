import type { Parked } from '@cartage/read-store';
import { Corrupted, Unavailable } from '@cartage/read-store/adapting';
import type { Connection, Stored } from './connection.ts';
import { find } from './get.ts';

const atOnce = 1_000;

export async function checkpoints(
  connection: Connection,
  collection: string,
): Promise<ReadonlyMap<string, bigint>> {
  const notes = await find(connection, collection, {}, atOnce);
  return new Map(notes.map((note) => [note._id, positionIn(note)]));
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
  return notes.map(noteIn);
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

function positionIn({ _id: name, position }: Stored): bigint {
  if (isDigits(position)) return BigInt(position);
  throw damaged(`checkpoint of ${name}`);
}

function noteIn({ _id: id, revision, position, reason, parkedAt }: Stored): Parked {
  if (isNumber(revision) && isDigits(position) && typeof reason === 'string' && isNumber(parkedAt))
    return { id, revision, position, reason, parkedAt };
  throw damaged(`note on ${id}`);
}

const isDigits = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value);
const isNumber = (value: unknown): value is number => Number.isSafeInteger(value);

const damaged = (what: string): Corrupted =>
  new Corrupted(`The stored ${what} is damaged. Rebuild this read store from the log.`);
