import { readFileSync } from 'node:fs';
import { type CartView, offPeak } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { collectAlone, keepHeapSmall, rebuild } from '@cartage/projection';
import type { PutResult, ReadStore } from '@cartage/read-store';
import { stepBack, type StoreUrl, ThreadedStore, withGeneration, workWhenIdle } from '@cartage/runtime';
import type { Place } from '../stores/open.ts';
import { patiently } from '../stores/patiently.ts';
import { writeShopLog } from './write-log.ts';

/** What the program is asked: to write a log, or to rebuild a store from it, which is then dropped. */
export type RebuildJob =
  | { readonly do: 'write'; readonly log: string; readonly events: number; readonly seed: number }
  | { readonly do: 'rebuild'; readonly log: string; readonly target: Target };

/** `null`: a sink that takes every view and keeps none. `engine`: tables that are not there yet, of a name that begins with `carts_`. */
export type Target =
  | { readonly kind: 'null' }
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'engine'; readonly place: Place };

/** `cpu`: this process's, µs. `megabytes`: its peak of memory that is no mapped file, MiB; NaN where it cannot be read. */
export type Rebuilt = {
  readonly events: number;
  readonly written: number;
  readonly gaps: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly megabytes: number;
};

const sampleEvery = 50; // ms

keepHeapSmall();
collectAlone();

async function perform(job: RebuildJob): Promise<Rebuilt> {
  const events = await EmbeddedEventStore.open(job.log);
  try {
    if (job.do === 'rebuild') return await rebuildInto(job.target, events);
    const written = await writeShopLog(events, job.events, job.seed);
    return { events: written, written: 0, gaps: 0, seconds: 0, cpu: 0, megabytes: 0 };
  } finally {
    await events.close();
  }
}

/** As the command does it, but for the rests it takes while others need the processors: a store on this machine does. */
async function rebuildInto(target: Target, events: EmbeddedEventStore): Promise<Rebuilt> {
  stepBack();
  const store = await openTarget(target);
  await patiently(() => store.provision());
  await workWhenIdle();
  let megabytes = residentMegabytes();
  const sampling = setInterval(() => (megabytes = Math.max(megabytes, residentMegabytes())), sampleEvery);
  const before = process.cpuUsage();
  const began = performance.now();
  const projection = await rebuild({ events, store, inUse: false, purgeWindow: offPeak, once: true });
  await projection.run(new AbortController().signal);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  clearInterval(sampling);
  const { events: folded, written, gaps } = projection.status();
  await store.close();
  return { events: folded, written, gaps, seconds, cpu: user + system, megabytes };
}

async function openTarget(target: Target): Promise<ReadStore> {
  switch (target.kind) {
    case 'null':
      return nullSink();
    case 'embedded':
      return await ThreadedStore.open({ name: 'embedded', url: `embedded:${target.folder}` });
    case 'engine':
      return await ThreadedStore.open(generationAt(target.place));
  }
}

function generationAt({ engine, url, generation }: Place): StoreUrl {
  return withGeneration({ name: engine, url }, generation.slice('carts_'.length));
}

/** A read store that holds nothing but how far it has come. */
function nullSink(): ReadStore {
  const checkpoints = new Map<string, bigint>();
  const nothing = async (): Promise<void> => undefined;
  return {
    nativeTtl: true,
    get: async () => undefined,
    getMany: async (ids) => ids.map(() => undefined),
    list: async () => [],
    put: async (views): Promise<PutResult> => ({ written: views.length, stale: 0, oversized: [] }),
    scan: async function* (): AsyncGenerator<readonly CartView[]> {},
    checkpoints: async () => checkpoints,
    saveCheckpoint: async (name, position) => void checkpoints.set(name, position),
    parked: async () => [],
    park: nothing,
    unpark: nothing,
    provision: nothing,
    drop: nothing,
    close: nothing,
    purge: async () => 0,
  };
}

/** Of this process, without mapped files: LMDB's pages are the system's cache. Linux's proc(5). */
function residentMegabytes(): number {
  try {
    const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return Number(kilobytes ?? Number.NaN) / 1024;
  } catch {
    return Number.NaN;
  }
}

process.on('message', (job: RebuildJob) => {
  void perform(job).then((rebuilt) => process.send?.(rebuilt));
});
process.once('disconnect', () => process.exit(0));
