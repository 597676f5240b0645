import { type EventStore, hasCode } from '@cartage/event-store';
import {
  collectAlone,
  keepHeapSmall,
  persist,
  type Projection,
  rebuild,
  type Verified,
  verify,
} from '@cartage/projection';
import type { ReadStore } from '@cartage/read-store';
import {
  type Config,
  Courtesy,
  generationsOf,
  recordGeneration,
  stepBack,
  type StoreUrl,
  ThreadedStore,
  withGeneration,
  workWhenIdle,
} from '@cartage/runtime';
import { isInUse } from '../generations/store-named.ts';
import type { Options } from './options.ts';
import { type Step, stepBetween } from './progress-line.ts';

/** What a run did; the counts are its own, not those of earlier runs. */
export type Summary = {
  readonly events: number;
  /** Carts whose first event was among them. */
  readonly carts: number;
  readonly written: number;
  readonly skipped: number;
  readonly expired: number;
  readonly parked: number;
  readonly seconds: number;
  /** Null when it was not asked for. */
  readonly verified: Pick<Verified, 'views' | 'differing'> | null;
};

export type Reporting = {
  readonly onStep: (step: Step) => void;
  readonly say: (line: string) => void;
};

const every = 5_000; // ms

/** Rebuilds a generation until it is done or the signal fires. Throws what `rebuild` and `Projection.run` do. */
export async function run(
  config: Config,
  store: StoreUrl,
  events: EventStore,
  options: Options,
  signal: AbortSignal,
  reporting: Reporting,
): Promise<Summary> {
  stepBack();
  keepHeapSmall();
  collectAlone();
  const began = performance.now();
  const { generation } = options;
  const opened = await ThreadedStore.open(withGeneration(store, generation), { courteous: true });
  try {
    const inUse = await isInUse(events, config, store, generation);
    const started = async (): Promise<void> => {
      if (!(await generationsOf(events, store.name)).known.includes(generation))
        await recordGeneration(events, 'GenerationStarted', store.name, generation);
    };
    const projection = await begin(
      { config, events, store: opened, inUse, started },
      options,
      signal,
      reporting,
    );
    if (!projection) return summaryOf(undefined, began, null);
    // From here on it appends nothing to the log, and writes views in another thread: it holds no lock.
    await workWhenIdle();
    await follow(projection, signal, reporting);
    const verified = options.verify ? await check(config, events, opened, options, reporting) : null;
    return summaryOf(projection, began, verified);
  } finally {
    await opened.close();
  }
}

type Target = {
  readonly config: Config;
  readonly events: EventStore;
  readonly store: ReadStore;
  readonly inUse: boolean;
  /** Called when the generation is there. */
  readonly started: () => Promise<void>;
};

/** As soon as the store can be reached; undefined when the signal fired before. */
async function begin(
  { config, events, store, inUse, started }: Target,
  { until, buckets, rate, once }: Options,
  signal: AbortSignal,
  { say }: Reporting,
): Promise<Projection | undefined> {
  let begun: Projection | undefined;
  const courtesy = new Courtesy();
  const onError = ({ message }: Error): void => say(message);
  const attempt = async (): Promise<void> => {
    await store.provision();
    await started();
    begun = await rebuild({
      events,
      store,
      inUse,
      purgeWindow: config.offPeak,
      onError,
      rest: () => courtesy.rest(),
      ...(buckets && { buckets }),
      ...(until && { until }),
      ...(once && { once }),
      ...(rate !== undefined && { rate }),
    });
  };
  await persist(attempt, signal, (error) => {
    if (!hasCode(error, 'unavailable')) throw error;
    say(error.message);
  });
  return begun;
}

async function follow(projection: Projection, signal: AbortSignal, { onStep }: Reporting): Promise<void> {
  const moment = () => ({ status: projection.status(), at: performance.now() });
  let before = moment();
  const timer = setInterval(() => {
    const now = moment();
    onStep(stepBetween(before, now, process.memoryUsage.rss()));
    before = now;
  }, every);
  try {
    await projection.run(signal);
  } finally {
    clearInterval(timer);
  }
}

async function check(
  config: Config,
  events: EventStore,
  store: ReadStore,
  { buckets, until }: Options,
  { say }: Reporting,
): Promise<Summary['verified']> {
  const purged = until && 'time' in until ? until.time : Date.now();
  const { views, differing, differences } = await verify({
    events,
    store,
    purgeWindow: config.offPeak,
    asOf: purged,
    ...(buckets && { buckets }),
  });
  for (const difference of differences) say(difference);
  return { views, differing };
}

function summaryOf(
  projection: Projection | undefined,
  began: number,
  verified: Summary['verified'],
): Summary {
  const status = projection?.status();
  return {
    events: status?.events ?? 0,
    carts: status?.begun ?? 0,
    written: status?.written ?? 0,
    skipped: status?.skipped ?? 0,
    expired: status?.expired ?? 0,
    parked: status?.parked.length ?? 0,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    verified,
  };
}
