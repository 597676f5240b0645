import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppenderKind } from '../appends/appenders.ts';
import type { Written } from '../appends/writers.ts';
import type { Started } from '../processes.ts';
import type { Figure, Result, Side } from '../report/result.ts';
import { ratioOf, spreadOf } from '../statistics.ts';
import { type Bench, interleaved, type Scenario } from './scenario.ts';

type Writers = { readonly kind: Exclude<AppenderKind, 'eventstoredb'>; readonly writers: number };

const embedded = (writers: number): Writers => ({ kind: 'embedded', writers });
const disk: Writers = { kind: 'fdatasync', writers: 1 };
const eventStorage = (
  ['event-storage-durable', 'event-storage-one-file', 'event-storage-default'] as const
).map((kind): Writers => ({ kind, writers: 64 }));
const sides = [disk, embedded(1), embedded(16), embedded(64), embedded(256), ...eventStorage];

const kinds: Readonly<Record<Writers['kind'], string>> = {
  fdatasync: 'the disk, 4 KiB + fdatasync',
  embedded: 'embedded event store',
  'event-storage-durable': 'event-storage, indexes synced too',
  'event-storage-one-file': 'event-storage, data synced, one file',
  'event-storage-default': 'event-storage, data synced',
};

const nameOf = ({ kind, writers }: Writers): string =>
  `${kinds[kind]}, ${writers} ${writers === 1 ? 'writer' : 'writers'}`;

const warmUp = 300;
const about =
  'Each writer appends one event at a time to a stream of its own under an expected version and waits for the acknowledgement. ' +
  'event-storage runs with syncOnFlush, which syncs its data file before it calls back and its indexes up to 100 ms later: a process ' +
  'that is killed in between comes back without the events it acknowledged. Durability is comparable where its indexes are synced ' +
  'too (storage.flush() once for all writes of a turn, all streams in one data file, its fastest layout): that is the ratio with a ' +
  'target. The other two show it with its own, weaker acknowledgement: in one file, and with a file per stream as it comes.';

export const appends: Scenario = {
  name: 'appends',
  title: 'durable appends of the embedded event store, against the disk and npm event-storage',
  estimate: ({ rounds, window }) => sides.length * (warmUp + rounds * window),
  run: async (bench) => {
    const { progress, settings } = bench;
    const programs = await progress.during('starting the writers', 0, () => startWriters(bench));
    const write = async (side: Writers, milliseconds: number): Promise<Written> =>
      await programOf(programs, side).ask<Written>({ writers: side.writers, milliseconds });
    for (const side of sides)
      await progress.during(`warming up ${nameOf(side)}`, warmUp, () => write(side, warmUp));
    const measured = await interleaved(
      bench,
      sides.map((side) => ({ name: nameOf(side), side })),
      (side) => write(side, settings.window),
    );
    return resultOf(new Map([...measured].map(([side, rounds]) => [side, sideOf(side, rounds)])));
  },
};

async function startWriters({ processes, folder }: Bench): Promise<ReadonlyMap<AppenderKind, Started>> {
  const script = fileURLToPath(new URL('../appends/writers.js', import.meta.url));
  const programs = new Map<AppenderKind, Started>();
  for (const kind of new Set(sides.map((side) => side.kind))) {
    const own = join(folder, kind);
    await mkdir(own);
    programs.set(kind, processes.start({ name: `The ${kind} writer`, script, args: [kind, own] }));
  }
  return programs;
}

function programOf(programs: ReadonlyMap<AppenderKind, Started>, { kind }: Writers): Started {
  const program = programs.get(kind);
  if (!program) throw new Error(`No program writes to ${kind}.`);
  return program;
}

const sideOf = (side: Writers, rounds: readonly Written[]): Side => ({
  name: nameOf(side),
  ours: side.kind === 'embedded',
  rate: spreadOf(rounds.map(({ appends: count, seconds }) => count / seconds)),
  cpu: spreadOf(rounds.map(({ appends: count, cpu }) => cpu / count)),
});

function resultOf(measured: ReadonlyMap<Writers, Side>): Result {
  const find = (kind: Writers['kind'], writers: number): Side => {
    const [, side] = [...measured].find(([key]) => key.kind === kind && key.writers === writers) ?? [];
    if (!side) throw new Error(`${kind} was not measured with ${writers} writers.`);
    return side;
  };
  const ratio = (side: Side, other: Side): Figure => ({
    name: `${side.name} ÷ ${other.name}`,
    unit: '',
    value: ratioOf(side.rate, other.rate),
  });
  const [durable, ...weaker] = eventStorage.map(({ kind, writers }) =>
    ratio(find('embedded', writers), find(kind, writers)),
  );
  return {
    scenario: appends.name,
    about,
    unit: 'appends/s',
    sides: [...measured.values()],
    figures: [
      ...(durable ? [{ ...durable, target: { atLeast: 3 } }] : []),
      ...weaker,
      ...[1, 16, 64, 256].map((writers) => ratio(find('embedded', writers), find('fdatasync', 1))),
    ],
  };
}
