import { canonical, type CartCommand, cartIdOf, guestOwner, type Line } from '@cartage/cart';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import fc from 'fast-check';
import { calls, type Fault } from './faulty-store.fixture.ts';
import { lending } from './setup.fixture.ts';
import { foldCart } from './index.ts';
import { World } from './world.fixture.ts';

const guest = cartIdOf(guestOwner('AAAAAAAAAAAAAAAAAAAAAA'));
const otherGuest = cartIdOf(guestOwner('BBBBBBBBBBBBBBBBBBBBBB'));
const carts = ['u~ann~main', 'u~ann~wishes', 'u~bob~main', guest, otherGuest];
const poisoned = 'u~poisoned~main';

/** `toString` is what a failed history shows. */
type Step = { readonly run: (world: World) => void | Promise<void>; readonly toString: () => string };

const step = (what: string, run: Step['run']): Step => ({ run, toString: () => what });

const day = 24 * 60 * 60_000;
const skus = fc.constantFrom('apple', 'pear', 'plum');
const lines: fc.Arbitrary<readonly Line[]> = fc
  .uniqueArray(skus, { minLength: 1 })
  .map((some) => some.map((sku) => ({ lineId: sku, sku, quantity: 2 })));

const commands = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('AddItem'), sku: skus, quantity: fc.nat(5) }) },
  fc.record({ type: fc.constant('ChangeQuantity'), lineId: skus, quantity: fc.nat(5) }),
  fc.record({ type: fc.constant('RemoveItem'), lineId: skus }),
  fc.constantFrom(...(['ClearCart', 'Erase', 'Unfreeze'] as const)).map((type) => ({ type })),
  fc.record({ type: fc.constant('LinkSession'), sessionId: fc.constantFrom('s1', 's2') }),
  fc.record({ type: fc.constant('CheckOut'), orderId: fc.constantFrom('o1', 'o2') }),
  fc.record({ type: fc.constant('SealGuest'), mergeId: fc.constant('m1'), into: fc.constant('u~ann~main') }),
  fc.record({
    type: fc.constant('MergeGuest'),
    mergeId: fc.constantFrom('m1', 'm2'),
    from: fc.constant(guest),
    policy: fc.constantFrom('max', 'sum'),
    lines,
  }),
) as fc.Arbitrary<CartCommand>;

const shopping: fc.Arbitrary<Step> = fc
  .record({
    cart: fc.constantFrom(...carts),
    command: commands,
    later: fc.oneof({ weight: 9, arbitrary: fc.nat(1000) }, fc.constant(40 * day)),
  })
  .map(({ cart, command, later }) =>
    step(`${later} ms later ${cart}: ${JSON.stringify(command)}`, (world) => {
      world.now += later;
      return world.execute(cart, command);
    }),
  );

const faults: readonly Fault[] = ['refused', 'replyLost', 'late', 'crashBefore', 'crashAfter'];
const faulty: fc.Arbitrary<Step> = fc
  .record({ call: fc.constantFrom(...calls), fault: fc.constantFrom(...faults) })
  .map(({ call, fault }) => step(`${call} ${fault}`, (world) => world.store?.plan(call, fault)));

const incidents: fc.Arbitrary<Step> = fc.constantFrom(
  step('settle', (world) => world.settle()),
  step('crash', (world) => world.crash()),
  step('restart', (world) => world.restart()),
  step('add an owner', (world) => world.addOwner()),
  step('rewind the checkpoint', (world) => world.rewind()),
  step('snapshot', (world) => world.snapshot()),
  step('come back older', (world) => world.comeBackOlder()),
  step('come back older, unseen', (world) => world.comeBackOlderUnseen()),
  step('late calls arrive', (world) => world.deliverLate()),
  step('lose rows', (world) => world.loseRows()),
  step('poison', (world) => world.poison(poisoned)),
  step('truncate', (world) => world.truncate('u~ann~main')),
);

const histories = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: shopping },
    { weight: 2, arbitrary: faulty },
    { weight: 2, arbitrary: incidents },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

it('ends with every view as the log has it, and no reader ever saw one go backwards', async () => {
  await fc.assert(
    fc.asyncProperty(histories, (history) =>
      setup(async ({ events, real: store }) => {
        const world = new World(events, store);
        for (const { run } of history) await run(world);
        await world.deliverLate();
        await world.restart();
        await world.settle();

        expect(await world.end()).toBeUndefined();
        for (const id of carts) {
          const folded = await foldCart(events, id);
          const stored = await store.get(id);
          if (!stored && world.isLost(folded)) continue;
          expect(stored && canonical(stored)).toBe(folded.revision < 0 ? undefined : canonical(folded));
          expect(stored?.writeTime ?? 0).toBeGreaterThanOrEqual(folded.writeTime);
        }
      })(),
    ),
    { seed: 20_240, numRuns: 40, timeout: 20_000, endOnFailure: true },
  );
}, 120_000);
