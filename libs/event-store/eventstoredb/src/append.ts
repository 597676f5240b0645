import { type Appended, type Expected, RevisionConflict } from '@cartage/event-store';
import { WrongExpectedVersionError } from '@eventstore/db-client';
import { positionOf, type Proposed } from './event.ts';
import type { Connection } from './connection.ts';
import type { Lane } from './lane.ts';
import { eventAt, headOf } from './read.ts';

export async function appendTo(
  { writer, reader }: Connection,
  stream: string,
  events: readonly Proposed[],
  expected: Expected,
): Promise<Appended> {
  const answer = await writer.run((client) =>
    client.append(stream, events, expected).catch((error: unknown) => {
      if (error instanceof WrongExpectedVersionError) return conflict(stream, expected, error);
      throw error;
    }),
  );
  if (answer instanceof RevisionConflict) throw answer;
  const { revision, position } = answer;
  return { revision, position: position ?? (await positionAt(reader, stream, revision)) };
}

/** What the server leaves out of its answer to an append that already happened; at the latest the end of the log. */
async function positionAt(reader: Lane, stream: string, revision: number): Promise<bigint> {
  const event = await eventAt(reader, stream, revision);
  return event ? positionOf(event) : await headOf(reader);
}

const conflict = (
  stream: string,
  expected: Expected,
  { actualVersion }: WrongExpectedVersionError,
): RevisionConflict =>
  new RevisionConflict(stream, expected, typeof actualVersion === 'bigint' ? Number(actualVersion) : -1);
