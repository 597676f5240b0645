import { readFile } from 'node:fs/promises';
import type { Loaded } from '../load/protocol.ts';
import type { Result, Sample } from '../report/result.ts';
import { type Shop, startShop } from '../servers/cartage.ts';
import { nestFastify } from '../servers/opponents.ts';
import { type Server, startServer } from '../servers/server.ts';
import { spreadOf } from '../statistics.ts';
import type { Scenario } from './scenario.ts';

const minute = 60_000;
const lanes = 256;
const startUp = 4_000;
const share = 0.5;
const controlFor = 2_000;

/** One sample every 30 s for ten minutes; in a quick run, one every 3 s for 30 s. */
const samplesOf = (quick: boolean): { readonly count: number; readonly every: number } =>
  quick ? { count: 10, every: 3_000 } : { count: 20, every: minute / 2 };

/** Whether anything creeps: memory, delays, latency under a load that never ends. */
export const soak: Scenario = {
  name: 'soak',
  title: 'half of the capacity for ten minutes: memory, event loop and latency over time',
  estimate: ({ quick, warmUp }) => {
    const { count, every } = samplesOf(quick);
    return startUp + 2 * warmUp + count * (every + controlFor);
  },
  run: async (bench) => {
    const { settings, progress } = bench;
    const { count, every } = samplesOf(settings.quick);
    const shop = await progress.during('starting the servers', startUp, () => startShop(bench, true));
    const idle = await startServer(bench.processes, nestFastify);
    const load = (server: Server, seed: number, milliseconds: number, rate: number): Promise<Loaded> =>
      shop.generator.load({ ...server, plan: 'mixed', seed, connections: lanes, milliseconds, rate });
    const half = async (server: Server): Promise<number> => {
      const { seed, connections, warmUp: milliseconds } = settings;
      const job = { ...server, plan: 'mixed', seed, connections, milliseconds } as const;
      const { tally } = await shop.generator.load(job);
      return (share * tally.answers) / tally.seconds;
    };
    const halves = await progress.during('measuring capacities', 2 * settings.warmUp, async () => ({
      api: await half(shop.api),
      idle: await half(idle),
    }));
    const samples: Sample[] = [];
    for (let at = 0; at < count; at += 1) {
      const seed = settings.seed + at;
      const sample = async (): Promise<Sample> => {
        const control = await load(idle, seed, controlFor, halves.idle);
        const loaded = await load(shop.api, seed, every, halves.api);
        return await sampleOf(((at + 1) * every) / minute, loaded, control, shop);
      };
      samples.push(await progress.during(`sample ${at + 1} of ${count}`, every + controlFor, sample));
    }
    return resultOf(halves.api, samples);
  },
};

async function sampleOf(
  minutes: number,
  { tally, cpu }: Loaded,
  { tally: control }: Loaded,
  { api, operatorPort }: Shop,
): Promise<Sample> {
  const { p50, p99, p999 } = tally.latency;
  return {
    minutes,
    rate: tally.answers / tally.seconds,
    p50,
    p99,
    p999,
    cpu: (cpu.server ?? Number.NaN) / tally.answers,
    controlP50: control.latency.p50,
    controlP99: control.latency.p99,
    megabytes: await residentMegabytes(api.pid),
    eventLoop: await eventLoopDelay(operatorPort),
  };
}

/** Resident memory that is no mapped file: LMDB's pages are the system's cache. Linux's proc(5). NaN elsewhere. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** The 99th percentile of the delay of the API's event loop since it was last asked, ms, by its own metrics. */
async function eventLoopDelay(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1] ?? Number.NaN) * 1_000;
}

/** The last third of the run against the first: near 1, nothing creeps. */
function creep(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const [first, last] = [samples.slice(0, third), samples.slice(-third)].map(
    (part) => spreadOf(part.map(of)).median,
  );
  return (last ?? Number.NaN) / (first ?? Number.NaN);
}

function resultOf(rate: number, samples: readonly Sample[]): Result {
  const figure = (name: string, of: (sample: Sample) => number) => ({
    name: `${name}, last third ÷ first third`,
    unit: '' as const,
    value: spreadOf([creep(samples, of)]),
  });
  return {
    scenario: soak.name,
    about: `API and projector, carts by Zipf (0.99), 3 reads : 1 write, ${Math.round(rate)} requests a second, half of the capacity, in open loop. Before each sample a server that does nothing gets half of its own for 2 s: where its latency creeps, the machine does.`,
    unit: 'requests/s',
    sides: [],
    figures: [
      figure('memory', ({ megabytes }) => megabytes),
      figure('event-loop delay p99', ({ eventLoop }) => eventLoop),
      figure('latency p50', ({ p50 }) => p50),
      figure('latency p99', ({ p99 }) => p99),
      figure('processor time a request', ({ cpu }) => cpu),
      figure('control: latency p50 of a server that does nothing', ({ controlP50 }) => controlP50),
      figure('control: latency p99 of a server that does nothing', ({ controlP99 }) => controlP99),
    ],
    samples,
  };
}
