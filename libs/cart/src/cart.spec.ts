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

/** One answer where there is no cart, or none any more; one where it lives; and where it lives and answers otherwise. */
function answers(ended: string, alive: string, but: Partial<Row> = {}): Row {
  const inEnd = { none: ended, expired: ended, checkedOut: ended, erased: ended };
  return { ...inEnd, open: alive, emptied: alive, frozen: alive, thawed: alive, ...but };
}
const always = (answer: string): Row => answers(answer, answer);

const frozen = 'refused: cart_frozen';
const noLine = 'refused: line_not_found';
const empty = 'refused: cart_empty';

const customers: Readonly<Record<CommandType, Row>> = {
  AddItem: answers('CartOpened, ItemAdded', 'ItemAdded', { frozen }),
  ChangeQuantity: answers(noLine, 'ItemQuantityChanged', { emptied: noLine, frozen }),
  RemoveItem: answers('nothing', 'ItemRemoved', { emptied: 'nothing', frozen }),
  ClearCart: answers('nothing', 'CartCleared', { emptied: 'nothing', frozen }),
  LinkSession: answers('CartOpened, SessionLinked', 'SessionLinked'),
  Freeze: answers(empty, 'CartFrozen', { emptied: empty }),
  Unfreeze: answers('nothing', 'nothing', { frozen: 'CartUnfrozen' }),
  CheckOut: answers(empty, 'CartCheckedOut', { emptied: empty }),
  SealGuest: always('refused: not_for_customers'),
  MergeGuest: answers('CartOpened, GuestCartMerged', 'GuestCartMerged'),
  Erase: answers('CartErased', 'CartErased', { none: 'nothing', erased: 'nothing' }),
};

/** A guest's cart answers like a customer's, but for the commands of a login. */
const guests: Readonly<Record<CommandType, Row>> = {
  ...customers,
  LinkSession: always('refused: not_for_guests'),
  SealGuest: answers('nothing', 'CartSealed', { emptied: 'nothing' }),
  MergeGuest: always('refused: not_for_guests'),
};

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
