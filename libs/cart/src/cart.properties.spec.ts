import fc from 'fast-check';
import { type Cart, type CartCommand, type CartEvent, emptyCart, statusAt } from './cart.ts';
import { decide } from './decide.ts';
import { decodeEvent } from './decode.ts';
import { kindOf } from './identity.ts';
import { type Article, findLine, type Line, lineOf, withLine } from './line.ts';
import { mergePolicies } from './merge-policy.ts';
import { defaultRules, type Rules } from './rules.ts';
import { attempt, fold, noon, play, viewOf, viewsOf } from './testing.ts';
import { canonical, type CartView, emptyView, isVisible, project } from './view.ts';

const day = 86_400_000;

/** Few articles, so that commands meet; one sku looks like the line id of another article. */
const articles: readonly Article[] = [
  { sku: 'a' },
  { sku: 'a', attributes: { size: 1 } },
  { sku: 'a', attributes: { size: 1, of: ['ü', null, { '': '\ud800' }] } },
  { sku: lineOf([], { sku: 'a', attributes: { size: 1 } }, 1).lineId },
  { sku: '' },
];
type Units = readonly [article: Article, quantity: number];
const hold = (all: readonly Units[]): readonly Line[] =>
  all.reduce<readonly Line[]>((lines, [made, n]) => withLine(lines, lineOf(lines, made, n)), []);
const lineIds = [articles, articles.toReversed()].flatMap((all) =>
  hold(all.map((made) => [made, 1])).map((line) => line.lineId),
);

const text = fc.constantFrom('', 'x', 'y', '~\0/é');
const lineId = fc.constantFrom(...lineIds, 'nowhere');
const quantity = fc.integer({ min: 0, max: 9 });
const units = fc.tuple(fc.constantFrom(...articles), fc.integer({ min: 1, max: 15 }));
const type = <T extends CartCommand['type']>(name: T): fc.Arbitrary<T> => fc.constant(name);

/** Any command but Freeze, whose time depends on when it comes. */
const timeless: fc.Arbitrary<CartCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(type('AddItem'), fc.constantFrom(...articles), quantity)
      .map(([name, made, n]) => ({ type: name, ...made, quantity: n })),
  },
  { weight: 2, arbitrary: fc.record({ type: type('ChangeQuantity'), lineId, quantity }) },
  fc.record({ type: type('RemoveItem'), lineId }),
  fc.record({ type: type('ClearCart') }),
  fc.record({ type: type('LinkSession'), sessionId: text }),
  fc.record({ type: type('Unfreeze') }),
  fc.record({ type: type('CheckOut'), orderId: text }),
  fc.record({ type: type('CheckOut'), orderId: text, ifRevision: fc.nat(6) }),
  fc.record({ type: type('SealGuest'), mergeId: text, into: text }),
  fc.record(
    {
      type: type('MergeGuest'),
      mergeId: fc.nat(30).map(String),
      from: text,
      lines: fc.array(units, { maxLength: 5 }).map(hold),
      policy: fc.constantFrom(...mergePolicies),
      sessionId: text,
    },
    { requiredKeys: ['type', 'mergeId', 'from', 'lines', 'policy'] },
  ),
  fc.record({ type: type('Erase') }),
);
const freezeFor = fc.constantFrom(-1, 500, 1000, 1001);
const command = fc.oneof(
  { weight: 9, arbitrary: timeless.map((made) => () => made) },
  freezeFor.map((ms) => (now: number): CartCommand => ({ type: 'Freeze', until: now + ms })),
);

const lifetimes: readonly Rules['lifetime'][] = [
  { guest: null, customer: null },
  { guest: 2000, customer: 3000 },
  defaultRules.lifetime,
];
const limits = { maxQuantity: 12, maxLines: 4, maxFreeze: 1000 };
const step = fc.record({ wait: fc.constantFrom(0, 1, 400, 1500, 4000, 100 * day), command });

/** What any commands at rising times leave in a cart's stream, the last of them at `end`. */
const history = fc
  .record({
    id: fc.constantFrom('u~42~main', 'g~AAAAAAAAAAAAAAAAAAAAAA~main'),
    lifetime: fc.constantFrom(...lifetimes),
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  })
  .map(({ id, lifetime, steps }) => {
    const rules = { ...limits, lifetime };
    let end = noon;
    const timed = steps.map((next) => {
      end += next.wait;
      return { at: end, command: next.command(end) };
    });
    return { id, rules, end, ...play(id, timed, rules) };
  });
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

const cartOf = ({ id, events }: Pick<History, 'id' | 'events'>): Cart => fold(emptyCart(kindOf(id)), events);
/** The events of a type, with the views before and after each. */
function momentsOf<T extends CartEvent['type']>({ id, events }: History, type: T) {
  type Wanted = Extract<CartEvent, { type: T }>;
  const views = viewsOf(id, events);
  return events.flatMap((event, i) => {
    const [before, after] = views.slice(i);
    if (event.type !== type || !before || !after) return [];
    return [{ event: event as Wanted, before, after }];
  });
}
const unitsIn = (view: CartView, id: string): number =>
  view.lines.find((line) => line.lineId === id)?.quantity ?? 0;

it('the histories tried here hold every event and every refusal', () => {
  const tried = fc.sample(history, { seed: 7, numRuns: 500 });
  const types = new Set(tried.flatMap(({ events }) => events.map((event) => event.type)));
  const codes = new Set(tried.flatMap(({ refused }) => refused));
  expect([types.size, codes.size]).toEqual([12, 11]);
});

describe('whatever commands came', () => {
  it('every event moves the view by one revision, and its counters are those of its lines', () => {
    fc.assert(
      fc.property(history, (past) => {
        const views = viewsOf(past.id, past.events);
        views.forEach((view, i) => {
          expect(view.revision).toBe(i - 1);
          expect(view.lineCount).toBe(view.lines.length);
          expect(view.itemCount).toBe(view.lines.reduce((sum, line) => sum + line.quantity, 0));
          expect(view.writeTime).toBeGreaterThan(views[i - 1]?.writeTime ?? -1);
          expect(view.updatedAt).toBeGreaterThanOrEqual(view.createdAt);
          expect(view.purgeAt ?? Infinity).toBeGreaterThan(view.expiresAt ?? 0);
        });
      }),
    );
  });

  it('no limit is exceeded and no two lines share an id or an article', () => {
    fc.assert(
      fc.property(history, (past) => {
        for (const { lines } of viewsOf(past.id, past.events)) {
          expect(lines.length).toBeLessThanOrEqual(limits.maxLines);
          expect(lines.filter((line) => line.quantity < 1 || line.quantity > limits.maxQuantity)).toEqual([]);
          expect(lines.map((line) => findLine(lines, line))).toEqual(lines);
          expect(new Set(lines.map((line) => line.lineId)).size).toBe(lines.length);
        }
      }),
    );
  });

  it('what an event says of a quantity is what the cart held before and holds after it', () => {
    fc.assert(
      fc.property(history, (past) => {
        for (const {
          event: { data },
          before,
          after,
        } of momentsOf(past, 'ItemAdded')) {
          expect(after.lines).toContainEqual(data.line);
          expect(unitsIn(before, data.line.lineId) + data.added).toBe(data.line.quantity);
        }
        for (const {
          event: { data },
          before,
          after,
        } of momentsOf(past, 'ItemQuantityChanged'))
          expect([before, after].map((view) => unitsIn(view, data.lineId))).toEqual([data.from, data.to]);
        for (const {
          event: { data },
          after,
        } of momentsOf(past, 'GuestCartMerged'))
          expect(after.lines).toEqual(data.lines);
      }),
    );
  });

  it('lives are counted without gaps, and each begins empty', () => {
    fc.assert(
      fc.property(history, (past) => {
        momentsOf(past, 'CartOpened').forEach(({ event: { data }, after }, i) => {
          expect(data.generation).toBe(i + 1);
          expect(after).toMatchObject({ status: 'open', lines: [], createdAt: data.at });
        });
      }),
    );
  });

  it('the events are read back from JSON as they were written', () => {
    fc.assert(
      fc.property(history, ({ events }) => {
        for (const event of events)
          expect(decodeEvent(JSON.parse(JSON.stringify(event)) as CartEvent)).toEqual(event);
      }),
    );
  });

  it('a command that is repeated at once has no further effect, but for more units', () => {
    fc.assert(
      fc.property(history, command, (past, make) => {
        const { events, end: now, rules } = past;
        const wanted = make(now);
        const context = { now, revision: events.length - 1, rules };
        const once = attempt(() => decide(cartOf(past), wanted, context));
        fc.pre(wanted.type !== 'AddItem' && typeof once !== 'string');
        const twice = attempt(() => decide(fold(cartOf(past), once), wanted, context));
        expect(typeof twice === 'string' ? [] : twice).toEqual([]);
      }),
    );
  });
});

describe('a fold', () => {
  it('takes any events in any order: what was recorded can be folded', () => {
    const events = fc
      .array(history, { maxLength: 4 })
      .chain((all) => fc.shuffledSubarray(all.flatMap((past) => past.events)));
    fc.assert(
      fc.property(events, (shuffled) => {
        const view = viewOf('u~42~main', shuffled);
        expect(view.revision).toBe(shuffled.length - 1);
        expect(view.itemCount).toBe(view.lines.reduce((sum, line) => sum + line.quantity, 0));
      }),
    );
  });

  it('ignores what it has seen: events may come again, one by one or from any earlier one on', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(60)), (past, steps) => {
        const again = past.events.flatMap((_, last) => {
          const first = Math.max(0, last - (steps[last] ?? 0));
          return [...past.events.entries()].slice(first, last + 1);
        });
        const view = again.reduce((v, [revision, event]) => project(v, event, revision), emptyView(past.id));
        expect(view).toEqual(viewOf(past.id, past.events));
      }),
    );
  });

  it('does not depend on the window for purges, nor on rules that were changed later', () => {
    fc.assert(
      fc.property(history, fc.nat(day - 1), ({ id, events }, start) => {
        const view = events.reduce((v, e, i) => project(v, e, i, { start, length: 60_000 }), emptyView(id));
        expect(canonical(view)).toBe(canonical(viewOf(id, events)));
      }),
    );
  });
});

it('what stands before the last CartOpened can be truncated: no view and no answer to a command changes', () => {
  fc.assert(
    fc.property(history, command, fc.constantFrom(0, 700, 5000, 200 * day), (past, make, wait) => {
      const { id, events, rules } = past;
      const first = events.findLastIndex((event) => event.type === 'CartOpened');
      fc.pre(first > 0);
      const rest = [...events.entries()].slice(first);
      const view = rest.reduce((v, [revision, event]) => project(v, event, revision), emptyView(id));
      expect(canonical(view)).toBe(canonical(viewOf(id, events)));
      const context = { now: past.end + wait, revision: events.length - 1, rules };
      const [whole, truncated] = [events, events.slice(first)].map((held) =>
        attempt(() => decide(cartOf({ id, events: held }), make(context.now), context)),
      );
      expect(truncated).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

it('a cart that has expired is not there, and begins anew with the next item', () => {
  fc.assert(
    fc.property(history, (past) => {
      const cart = cartOf(past);
      const { expiresAt: now = Infinity, generation, merges } = cart;
      fc.pre(now < Infinity && cart.status !== 'merged');
      const opened = decide(cart, { type: 'AddItem', sku: 'new', quantity: 1 }, { now, revision: 0 });
      const lines = [{ lineId: 'new', sku: 'new', quantity: 1 }];
      expect(isVisible(viewOf(past.id, past.events), now)).toBe(false);
      expect(fold(cart, opened)).toMatchObject({ status: 'open', generation: generation + 1, lines, merges });
    }),
  );
});

it('a cart is frozen until its freeze ends, while it lives, and then only', () => {
  fc.assert(
    fc.property(history, fc.constantFrom(0, 500, 1000, 5000), (past, wait) => {
      const cart = cartOf(past);
      const now = past.end + wait;
      const { frozenUntil = 0, expiresAt = Infinity } = cart;
      const frozen = cart.status === 'frozen' && now < frozenUntil && now < expiresAt;
      expect(statusAt(cart, now) === 'frozen').toBe(frozen);
      const answer = attempt(() => decide(cart, { type: 'ClearCart' }, { now, revision: 0 }));
      expect(answer === 'cart_frozen').toBe(frozen);
    }),
  );
});
