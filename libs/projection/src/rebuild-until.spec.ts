import { streamOf } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import type { EventStore } from '@cartage/event-store';
import { cartsCheckpoint } from './checkpoint.ts';
import { check, day, once } from './rebuilding.fixture.ts';
import { ann, bob, lending } from './setup.fixture.ts';
import { until } from './until.fixture.ts';

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

/** Ann’s cart as it was after each of its events, and where those stand in the log. */
async function history(events: EventStore): Promise<readonly { position: bigint; recordedAt: number }[]> {
  const found: { position: bigint; recordedAt: number }[] = [];
  for await (const { position, recordedAt } of events.read(streamOf(ann)))
    found.push({ position, recordedAt });
  return found;
}

it(
  'holds what the log held then, and no more when it is run again',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 2);
    const then = await s.folded(ann);
    await s.add(ann, 5);
    await s.add(bob);
    const [, , third] = await history(s.events);
    const position = third?.position ?? 0n;
    expect(await once(s, { until: { position } })).toMatchObject({ events: 3, written: 1, position });
    expect(await s.stored(ann)).toBe(then);
    expect(await once(s, { until: { position } })).toMatchObject({ events: 0, written: 0 });
    expect(await s.stored(ann)).toBe(then);
    expect(await s.real.get(bob)).toBeUndefined();
    expect(await check(s)).toMatchObject({ views: 1, differing: 0 });
  }),
);

it(
  'goes by the clock of the log',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 2);
    const then = await s.folded(ann);
    const time = Math.max(...(await history(s.events)).map(({ recordedAt }) => recordedAt));
    await until(() => Date.now() > time);
    await s.add(ann);
    await once(s, { until: { time } });
    expect(await s.stored(ann)).toBe(then);
  }),
);

it(
  'judges by that time which carts may be purged',
  setup(async (s) => {
    s.now = Date.now() - 400 * day;
    await s.add(ann);
    const position = await s.events.head();
    s.now = Date.now();
    await s.add(bob);
    expect(await once(s, { until: { position } })).toMatchObject({ written: 1, expired: 0 });
    expect(await s.stored(ann)).toBe(await s.folded(ann));
  }),
);

it(
  'is refused beyond the end of the log, in the future, and before what the generation holds',
  setup(async (s) => {
    await s.add(ann);
    const refused = { code: 'rebuild_refused' };
    await expect(once(s, { until: { position: 99n } })).rejects.toMatchObject(refused);
    await expect(once(s, { until: { time: Date.now() + day } })).rejects.toMatchObject(refused);
    await once(s);
    await expect(once(s, { until: { position: 0n } })).rejects.toMatchObject(refused);
    await expect(once(s, { until: { time: 1 } })).rejects.toMatchObject(refused);
  }),
);

it(
  'does not look beyond it when a cart must be folded from its stream',
  setup(async (s) => {
    s.now = Date.now();
    await s.add(ann, 2);
    const then = await s.folded(ann);
    const position = await s.events.head();
    await s.add(ann, 2);
    await s.real.saveCheckpoint(cartsCheckpoint, position - 1n);
    expect(await once(s, { until: { position } })).toMatchObject({ gaps: 1, written: 1 });
    expect(await s.stored(ann)).toBe(then);
  }),
);
