import { setTimeout as sleep } from 'node:timers/promises';
import { bucketCount } from '@cartage/cart';
import { bucketsOf, cartsCheckpoint, coveredTo, isMark } from '@cartage/projection';
import type { EventStore } from '@cartage/event-store';
import type { Parked, ReadStore } from '@cartage/read-store';
import { type Config, folderOf, storesInUse, type StoreUrl } from '@cartage/runtime';
import { messageOf, Trouble } from '../exit.ts';
import { openExistingEventStore, openExistingReadStore, redacted } from '../stores.ts';
import { type Finding, note, ok, problem } from './finding.ts';
import { checkFolder } from './folders.ts';

/** How long, ms, a store may take to answer, and a follower to reach what was the end of the log. */
const patience = 5_000;
const pause = 100;

/** Whether the log and each read store can be reached, and how far each follower of the log is behind. */
export async function checkStorage({ eventStore, readStores }: Config): Promise<readonly Finding[]> {
  let log: EventStore | undefined;
  const findings = await atPlace('event store', eventStore, async () => {
    log = await inTime(openExistingEventStore(eventStore));
    const head = await inTime(log.head());
    const end = head < 0n ? 'it is empty' : `it ends at position ${head}`;
    return [ok('event store', `${redacted(eventStore.url)}: ${serverOf(log)}${end}`)];
  });
  try {
    const inUse = log ? await storesInUse(log, readStores) : readStores;
    const stores = await Promise.all(inUse.map((store) => checkReadStore(store, log)));
    return [...findings, ...stores.flat()];
  } finally {
    await log?.close();
  }
}

/** What a server says of itself, whose end of the log only the leader tells. */
const serverOf = (log: EventStore): string =>
  'version' in log ? `version ${String(log.version)}, the leader answers, ` : '';

async function checkReadStore(store: StoreUrl, log: EventStore | undefined): Promise<readonly Finding[]> {
  const area = `read store ${store.name}`;
  return await atPlace(area, store, async () => {
    const opened = await inTime(openExistingReadStore(store));
    try {
      const parked = await inTime(opened.parked());
      const reached = ok(area, `${redacted(store.url)}: reachable`);
      const followers = log ? await checkFollowers(area, opened, log) : [];
      return [reached, ...followers, ...parked.map((cart) => parkedFinding(area, cart))];
    } finally {
      await opened.close();
    }
  });
}

/** Looks at an embedded store's folder first: a store whose folder is missing or locked is not opened. */
async function atPlace(
  area: string,
  store: StoreUrl,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const folder = folderOf(store);
  const place = folder === undefined ? [] : [await checkFolder(area, folder)];
  if (place.some(({ level }) => level !== 'ok')) return place;
  try {
    return [...place, ...(await look())];
  } catch (error) {
    const advice =
      'Do what the message says. For a store on the network: does it run, are its address and credentials right? The projector makes its tables.';
    return [...place, problem(area, `${redacted(store.url)}: ${messageOf(error)}`, advice)];
  }
}

/** How far each follower is, once the projection reached the end the log had, or after 5 s. */
async function checkFollowers(area: string, store: ReadStore, log: EventStore): Promise<readonly Finding[]> {
  const deadline = Date.now() + patience;
  const wanted = await inTime(log.head());
  for (;;) {
    const checkpoints = await inTime(store.checkpoints());
    // Of a projection in several ranges counts what they cover together, whatever former ranges have left behind.
    const covered = coveredTo(checkpoints, { from: 0, to: bucketCount - 1 }) ?? -1n;
    if (covered >= wanted || Date.now() > deadline) {
      const others = [...checkpoints].filter(([name]) => bucketsOf(name) === undefined && !isMark(name));
      const positions: readonly (readonly [string, bigint])[] = [[cartsCheckpoint, covered], ...others];
      // Asked for last: a follower that moves on meanwhile is not beyond the log.
      const end = await inTime(log.head());
      return positions.map(([name, position]) => followerFinding(area, name, position, wanted, end));
    }
    await sleep(pause);
  }
}

function followerFinding(area: string, name: string, position: bigint, wanted: bigint, end: bigint): Finding {
  if (position > end)
    return problem(
      area,
      `${name} is at position ${position}, beyond the end of the log at ${end}`,
      'The store was built from another log, or the log is an older backup: configure that log, or a new ?generation=.',
    );
  if (position >= wanted) return ok(area, `${name} is level with the log`);
  const lag = `${name} is ${wanted - position} positions behind the log`;
  return name === cartsCheckpoint
    ? problem(area, lag, 'Is the projector running? Its log and its /health/ready say what holds it up.')
    : note(
        area,
        lag,
        'No harm while control is ready: it saves its place now and then, and looks at the rest again.',
      );
}

const parkedFinding = (area: string, { id, revision, reason }: Parked): Finding =>
  problem(
    area,
    `${id} is parked at revision ${revision}: ${reason}`,
    `npx cartage cart '${id}' shows its events. The projector tries it again at its next start, perhaps of a newer version.`,
  );

async function inTime<T>(work: Promise<T>): Promise<T> {
  const tooLate = sleep(patience, undefined, { ref: false }).then(() => {
    throw new Trouble(`no answer within ${patience} ms`);
  });
  return await Promise.race([work, tooLate]);
}
