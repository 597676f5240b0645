import { carts, given, noon, viewOf } from './testing.ts';
import { canonical, type CartView, emptyView, isVisible, offPeak, project } from './view.ts';

const id = 'u~42~main';
const guestCart = 'g~AAAAAAAAAAAAAAAAAAAAAA~main';
const apples = { type: 'AddItem', sku: 'apple', quantity: 2 } as const;
const day = 86_400_000;

describe('a view', () => {
  it('of a cart that never was is empty, at revision −1', () => {
    expect(emptyView(guestCart)).toEqual({
      id: guestCart,
      kind: 'guest',
      status: 'none',
      generation: 0,
      lines: [],
      merges: [],
      revision: -1,
      writeTime: 0,
      createdAt: 0,
      updatedAt: 0,
      lineCount: 0,
      itemCount: 0,
    });
  });

  it('is the cart with its counters and times', () => {
    const { cart, view } = given(id, apples).later(noon + 5, { type: 'AddItem', sku: 'pear', quantity: 3 });
    expect(view).toEqual({
      ...cart,
      id,
      revision: 2,
      lineCount: 2,
      itemCount: 5,
      createdAt: noon,
      updatedAt: noon + 5,
      writeTime: (noon + 5) * 1000,
      purgeAt: expect.any(Number),
    });
  });

  it('was created when this life of the cart began', () => {
    const next = carts(id).checkedOut.later(noon + day, apples);
    expect(next.view).toMatchObject({ createdAt: noon + day, updatedAt: noon + day, generation: 2 });
  });

  it('is the very same after an event it has seen', () => {
    const { view, events } = carts(id).frozen;
    for (const [revision, event] of events.entries()) expect(project(view, event, revision)).toBe(view);
  });

  it('is never purged when the cart never expires', () => {
    const [opened] = given(id).when(apples);
    if (!opened) throw new Error('a new cart begins with CartOpened');
    const forever = { ...opened, data: { ...opened.data, expiresAt: null } } as typeof opened;
    expect(project(emptyView(id), forever, 0)).not.toHaveProperty('purgeAt');
    expect(project(project(emptyView(id), opened, 0), forever, 1)).not.toHaveProperty('purgeAt');
  });

  it('has a write time that rises even when a clock goes back', () => {
    const back = given(id, apples).later(noon - 5000, apples, apples);
    expect(back.view.writeTime).toBe(noon * 1000 + 3);
    expect(back.view.updatedAt).toBe(noon - 5000);
  });
});

describe('a shopper', () => {
  it.each([
    ['none', false],
    ['open', true],
    ['emptied', true],
    ['frozen', true],
    ['checkedOut', true],
    ['erased', false],
  ] as const)('meets a cart that is %s: %p', (situation, visible) => {
    expect(isVisible(carts(id)[situation].view, noon)).toBe(visible);
  });

  it('no longer meets a merged cart', () => {
    const merged = carts(guestCart).open.later(noon, { type: 'SealGuest', mergeId: 'm', into: id });
    expect(isVisible(merged.view, noon - 1)).toBe(false);
  });

  it('meets a cart up to the millisecond before it expires', () => {
    const { view } = carts(id).open;
    expect(isVisible(view, noon + 180 * day - 1)).toBe(true);
    expect(isVisible(view, noon + 180 * day)).toBe(false);
  });
});

describe('the canonical form', () => {
  const bought = given(
    id,
    { ...apples, attributes: { b: [1, { y: null, x: 'ü' }], a: true } },
    { type: 'LinkSession', sessionId: 's' },
    { type: 'CheckOut', orderId: 'o' },
  ).view;

  it('names every field once, in one order', () => {
    const [line] = bought.lines;
    expect(canonical(bought)).toBe(
      `{"id":"u~42~main","kind":"customer","status":"checkedOut","generation":1,"revision":3,` +
        `"lines":[{"lineId":"${line?.lineId}","sku":"apple","quantity":2,` +
        `"attributes":{"a":true,"b":[1,{"x":"ü","y":null}]}}],` +
        `"lineCount":1,"itemCount":2,"merges":[],"sessionId":"s","orderId":"o",` +
        `"createdAt":${noon},"updatedAt":${noon},"expiresAt":${noon + 180 * day}}`,
    );
  });

  it('is independent of the order in which a store hands fields back, of purgeAt and of writeTime', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, reversed(inner)]),
      );
    };
    const shuffled = reversed({ ...bought, purgeAt: 1, writeTime: 1 }) as CartView;
    expect(Object.keys(shuffled)).not.toEqual(Object.keys(bought));
    expect(canonical(shuffled)).toBe(canonical(bought));
  });

  it('tells apart what a shopper could tell apart', () => {
    const { open, frozen, thawed, emptied, checkedOut } = carts(id);
    const other = open.later(noon, apples);
    const forms = [open, frozen, emptied, checkedOut, other].map(({ view }) => canonical(view));
    expect(new Set(forms).size).toBe(5);
    expect(canonical(thawed.view)).toBe(canonical(frozen.view));
  });

  it('is the same from a log that was truncated before the last CartOpened', () => {
    const { events, view } = carts(id).checkedOut.later(noon + day, apples);
    const from = events.findLastIndex(({ type }) => type === 'CartOpened');
    const late = events.slice(from).reduce((v, e, i) => project(v, e, from + i), emptyView(id));
    expect(from).toBe(3);
    expect(canonical(late)).toBe(canonical(view));
    expect(canonical(late)).not.toBe(canonical(viewOf(id, events.slice(from))));
  });

  it('is the same under another window for purges', () => {
    const { events, view } = carts(id).open;
    const window = { start: 0, length: offPeak.length };
    const other = events.reduce((v, e, i) => project(v, e, i, window), emptyView(id));
    expect(other.purgeAt).not.toBe(view.purgeAt);
    expect(canonical(other)).toBe(canonical(view));
  });
});
