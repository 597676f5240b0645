import fc from 'fast-check';
import { type Cart, type CartEvent, emptyCart } from './cart.ts';
import { evolve } from './evolve.ts';
import { carts, given, viewsOf } from './testing.ts';
import { type CartView, draftOf, fold, settled } from './view.ts';

const [customer, guest] = ['u~42~main', 'g~AAAAAAAAAAAAAAAAAAAAAA~main'];
const apple = { lineId: 'apple', sku: 'apple', quantity: 2 };

/** Those of the situations of both kinds, and the rest: of each type some. */
const events = [
  ...[customer, guest].flatMap((id) => Object.values(carts(id)).flatMap((cart) => cart.events)),
  ...carts(customer).frozen.when({ type: 'Unfreeze' }),
  ...carts(customer).open.when({ type: 'LinkSession', sessionId: 's' }),
  ...carts(customer).open.when({ type: 'ChangeQuantity', lineId: 'apple', quantity: 7 }),
  ...carts(customer).open.when({ type: 'RemoveItem', lineId: 'apple' }),
  ...carts(guest).open.when({ type: 'SealGuest', mergeId: 'm', into: customer }),
  ...given(customer).when({
    type: 'MergeGuest',
    mergeId: 'm',
    from: guest,
    policy: 'max',
    lines: [apple],
    sessionId: 's',
  }),
];
const endless = ({ type, data }: CartEvent): CartEvent =>
  ({ type, data: { ...data, expiresAt: null } }) as CartEvent;
const anyEvents = fc.array(fc.constantFrom(...events, ...events.map(endless)).map(frozen), { maxLength: 30 });

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

it('is tried with every event', () => {
  expect(new Set(events.map(({ type }) => type)).size).toBe(12);
});

it('changes neither the cart it is given nor the event', () => {
  fc.assert(
    fc.property(anyEvents, (all) => {
      const last = all.reduce<Cart>((cart, event) => frozen(evolve(cart, event)), frozen(emptyCart('guest')));
      expect(Object.values(last)).not.toContain(undefined);
    }),
  );
});

it('comes to the same when many events are folded into one draft, and leaves the view before them as it was', () => {
  fc.assert(
    fc.property(anyEvents, fc.nat(30), (all, cut) => {
      const views = viewsOf(customer, all).map(frozen);
      const first = views[Math.min(cut, all.length)] as CartView;
      const rest = [...all.entries()].slice(first.revision + 1);
      const draft = rest.reduce((folded, [revision, event]) => fold(folded, event, revision), draftOf(first));
      expect(settled(draft)).toStrictEqual(views.at(-1));
    }),
  );
});
