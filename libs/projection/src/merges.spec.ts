import { cartIdOf, type CartView, guestOwner, type Line, streamOf } from '@cartage/cart';
import { given, noon } from '@cartage/cart/testing';
import { EmbeddedEventStore } from '@cartage/event-store-embedded';
import { EmbeddedReadStore } from '@cartage/read-store-embedded';
import { isMerged, sealOf } from './index.ts';
import { record } from './record.ts';
import { execute } from './testing.ts';
import { ann, lending } from './setup.fixture.ts';

const guest = cartIdOf(guestOwner('AAAAAAAAAAAAAAAAAAAAAA'));
const lines: readonly Line[] = [{ lineId: 'apple', sku: 'apple', quantity: 2 }];
const merge = (mergeId: string) =>
  ({ type: 'MergeGuest', mergeId, from: guest, policy: 'max', lines }) as const;

const setup = lending(EmbeddedEventStore, EmbeddedReadStore);

it(
  'finds a merge in the stream, also when the cart has forgotten it',
  setup(async ({ events }) => {
    for (let i = 0; i < 20; i += 1) await execute(events, ann, merge(`m${i}`), noon);
    expect(await isMerged(events, ann, 'm0')).toBe(true);
    expect(await isMerged(events, ann, 'm20')).toBe(false);
    expect(await isMerged(events, 'u~bob~main', 'm0')).toBe(false);
  }),
);

it(
  'finds a merge whose event was truncated away with an earlier life of the cart',
  setup(async ({ events }) => {
    await execute(events, ann, merge('m1'), noon);
    await execute(events, ann, { type: 'CheckOut', orderId: 'o1' }, noon);
    await execute(events, ann, { type: 'AddItem', sku: 'pear', quantity: 1 }, noon);
    await events.truncate(streamOf(ann), 3);
    expect(await isMerged(events, ann, 'm1')).toBe(true);
  }),
);

it(
  'passes over events that it does not understand',
  setup(async ({ events }) => {
    await execute(events, ann, merge('m1'), noon);
    await record(events, ann, 1, [
      { type: 'GuestCartMerged', data: { mergeId: 7 } },
      { type: 'New', data: {} },
    ]);
    expect(await isMerged(events, ann, 'm1')).toBe(true);
    expect(await isMerged(events, ann, 'm2')).toBe(false);
  }),
);

it('reads the seal off a sealed guest cart, and none off any other', () => {
  const open = given(guest, { type: 'AddItem', sku: 'apple', quantity: 2 });
  const seal = (view: CartView) => sealOf(view);
  expect(seal(open.view)).toBeUndefined();
  const sealed = open.later(noon, { type: 'SealGuest', mergeId: 'm1', into: ann });
  expect(seal(sealed.view)).toEqual({ guestCartId: guest, mergeId: 'm1', into: ann, lines });
  expect(seal(given(ann, merge('m1')).view)).toBeUndefined();
});
