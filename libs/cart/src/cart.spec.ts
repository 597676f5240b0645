import type { CartCommand } from './cart.ts';
import { attempt, carts, given, type Given, noon } from './testing.ts';

const guestCart = 'g~AAAAAAAAAAAAAAAAAAAAAA~main';
const customerCart = 'u~42~main';

type CommandType = CartCommand['type'];
type Situation = keyof ReturnType<typeof carts>;
/** What a cart makes of a command in each situation: the types of the events, `nothing`, or why it is refused. */
type Row = Readonly<Record<Situation, string>>;

const commands: { readonly [T in CommandType]: Extract<CartCommand, { type: T }> } = {
  AddItem: { type: 'AddItem', sku: 'apple', quantity: 1 },
  ChangeQuantity: { type: 'ChangeQuantity', lineId: 'apple', quantity: 5 },
  RemoveItem: { type: 'RemoveItem', lineId: 'apple' },
  ClearCart: { type: 'ClearCart' },
  LinkSession: { type: 'LinkSession', sessionId: 'session-1' },
  Freeze: { type: 'Freeze', until: noon + 3_600_000 },
  Unfreeze: { type: 'Unfreeze' },
  CheckOut: { type: 'CheckOut', orderId: 'order-2' },
  SealGuest: { type: 'SealGuest', mergeId: 'merge-1', into: customerCart },
  MergeGuest: {
    type: 'MergeGuest',
    mergeId: 'merge-1',
    from: guestCart,
    lines: [{ lineId: 'pear', sku: 'pear', quantity: 1 }],
    policy: 'max',
  },
  Erase: { type: 'Erase' },
};

const customers: Readonly<Record<CommandType, Row>> = {
  AddItem: {
    none: 'CartOpened, ItemAdded',
    open: 'ItemAdded',
    emptied: 'ItemAdded',
    frozen: 'refused: cart_frozen',
    thawed: 'ItemAdded',
    expired: 'CartOpened, ItemAdded',
    checkedOut: 'CartOpened, ItemAdded',
    erased: 'CartOpened, ItemAdded',
  },
  ChangeQuantity: {
    none: 'refused: line_not_found',
    open: 'ItemQuantityChanged',
    emptied: 'refused: line_not_found',
    frozen: 'refused: cart_frozen',
    thawed: 'ItemQuantityChanged',
    expired: 'refused: line_not_found',
    checkedOut: 'refused: line_not_found',
    erased: 'refused: line_not_found',
  },
  RemoveItem: {
    none: 'nothing',
    open: 'ItemRemoved',
    emptied: 'nothing',
    frozen: 'refused: cart_frozen',
    thawed: 'ItemRemoved',
    expired: 'nothing',
    checkedOut: 'nothing',
    erased: 'nothing',
  },
  ClearCart: {
    none: 'nothing',
    open: 'CartCleared',
    emptied: 'nothing',
    frozen: 'refused: cart_frozen',
    thawed: 'CartCleared',
    expired: 'nothing',
    checkedOut: 'nothing',
    erased: 'nothing',
  },
  LinkSession: {
    none: 'CartOpened, SessionLinked',
    open: 'SessionLinked',
    emptied: 'SessionLinked',
    frozen: 'SessionLinked',
    thawed: 'SessionLinked',
    expired: 'CartOpened, SessionLinked',
    checkedOut: 'CartOpened, SessionLinked',
    erased: 'CartOpened, SessionLinked',
  },
  Freeze: {
    none: 'refused: cart_empty',
    open: 'CartFrozen',
    emptied: 'refused: cart_empty',
    frozen: 'CartFrozen',
    thawed: 'CartFrozen',
    expired: 'refused: cart_empty',
    checkedOut: 'refused: cart_empty',
    erased: 'refused: cart_empty',
  },
  Unfreeze: {
    none: 'nothing',
    open: 'nothing',
    emptied: 'nothing',
    frozen: 'CartUnfrozen',
    thawed: 'nothing',
    expired: 'nothing',
    checkedOut: 'nothing',
    erased: 'nothing',
  },
  CheckOut: {
    none: 'refused: cart_empty',
    open: 'CartCheckedOut',
    emptied: 'refused: cart_empty',
    frozen: 'CartCheckedOut',
    thawed: 'CartCheckedOut',
    expired: 'refused: cart_empty',
    checkedOut: 'refused: cart_empty',
    erased: 'refused: cart_empty',
  },
  SealGuest: everywhere('refused: not_for_customers'),
  MergeGuest: {
    none: 'CartOpened, GuestCartMerged',
    open: 'GuestCartMerged',
    emptied: 'GuestCartMerged',
    frozen: 'GuestCartMerged',
    thawed: 'GuestCartMerged',
    expired: 'CartOpened, GuestCartMerged',
    checkedOut: 'CartOpened, GuestCartMerged',
    erased: 'CartOpened, GuestCartMerged',
  },
  Erase: {
    none: 'nothing',
    open: 'CartErased',
    emptied: 'CartErased',
    frozen: 'CartErased',
    thawed: 'CartErased',
    expired: 'CartErased',
    checkedOut: 'CartErased',
    erased: 'nothing',
  },
};

/** A guest's cart answers like a customer's, but for the commands of a login. */
const guests: Readonly<Record<CommandType, Row>> = {
  ...customers,
  LinkSession: everywhere('refused: not_for_guests'),
  SealGuest: {
    none: 'nothing',
    open: 'CartSealed',
    emptied: 'nothing',
    frozen: 'CartSealed',
    thawed: 'CartSealed',
    expired: 'nothing',
    checkedOut: 'nothing',
    erased: 'nothing',
  },
  MergeGuest: everywhere('refused: not_for_guests'),
};

function everywhere(answer: string): Row {
  const to = { none: answer, open: answer, emptied: answer, frozen: answer };
  return { ...to, thawed: answer, expired: answer, checkedOut: answer, erased: answer };
}

function outcome(cart: Given, command: CartCommand): string {
  const answer = attempt(() => cart.when(command));
  if (typeof answer === 'string') return `refused: ${answer}`;
  return answer.map(({ type }) => type).join(', ') || 'nothing';
}

describe.each([
  { kind: 'customer', id: customerCart, table: customers },
  { kind: 'guest', id: guestCart, table: guests },
])('a $kind cart', ({ id, table }) => {
  const rows = Object.values(commands).flatMap((command) =>
    Object.entries(carts(id)).map(([situation, cart]) => ({
      situation,
      command,
      cart,
      answer: table[command.type][situation as Situation],
    })),
  );

  it.each(rows)('that is $situation answers $command.type with $answer', ({ cart, command, answer }) => {
    expect(outcome(cart, command)).toBe(answer);
  });
});

describe('a merged guest cart', () => {
  const merged = carts(guestCart).open.later(noon, commands.SealGuest);

  it.each(Object.values(commands).filter(({ type }) => type !== 'SealGuest'))(
    'refuses $type, for ever, and points to the cart it was merged into',
    (command) => {
      for (const at of [noon, noon + 10 * 365 * 86_400_000])
        expect(() => merged.later(at).when(command)).toThrow(
          expect.objectContaining({ code: 'cart_merged', detail: { mergedInto: customerCart } }),
        );
    },
  );

  it('is sealed again into the same cart without a further event', () => {
    expect(merged.when({ ...commands.SealGuest, mergeId: 'merge-2' })).toEqual([]);
  });

  it('is not sealed into the cart of another customer', () => {
    const theft = { ...commands.SealGuest, into: 'u~43~main' };
    expect(outcome(merged, theft)).toBe('refused: guest_sealed_elsewhere');
  });
});

it('stamps every event with the time of the decision and of the expiry that follows from it', () => {
  const day = 86_400_000;
  const stamps = [customerCart, guestCart].flatMap((id) =>
    given(id)
      .when(commands.AddItem)
      .map(({ data: { at, expiresAt } }) => ({ at, expiresAt })),
  );
  const [customer, guest] = [180, 30].map((days) => ({ at: noon, expiresAt: noon + days * day }));
  expect(stamps).toEqual([customer, customer, guest, guest]);
});
