import type { MergePolicy } from '@cartage/cart';
import type { Sale } from './sales-file.ts';
import { customerCart, type Session, type Shopper } from './shoppers.ts';

// What the file means, worked out without the product's own rules: an oracle that shared them would share their mistakes.
const mostUnits = 999;
const mostLines = 100;

export type ExpectedCart = {
  readonly status: 'none' | 'open' | 'checkedOut' | 'merged';
  readonly lines: ReadonlyMap<string, number>;
  readonly orderId?: string;
};

export type Expectation = {
  /** By the names reports call them. */
  readonly carts: ReadonlyMap<string, ExpectedCart>;
  /** The lines of the file whose rows must be refused. */
  readonly refused: ReadonlySet<number>;
};

/** What each cart must be after these shoppers have shopped in an empty system. */
export function expectationOf(shoppers: readonly Shopper[], policy: MergePolicy): Expectation {
  const carts = new Map<string, ExpectedCart>();
  const refused = new Set<number>();
  for (const { customer, sessions } of shoppers) {
    const own = new ModelCart();
    for (const session of sessions) visit(session, customer === undefined ? undefined : own);
    if (customer !== undefined) carts.set(customerCart(customer), own);
  }
  return { carts, refused };

  function visit({ invoice, asGuest, asCustomer, guestCart }: Session, own: ModelCart | undefined): void {
    const guest = new ModelCart();
    buy(guest, asGuest);
    if (own) {
      own.merge(guest, policy);
      buy(own, asCustomer);
    }
    (own ?? guest).checkOut(invoice);
    if (guestCart !== undefined) carts.set(guestCart, guest);
  }

  function buy(cart: ModelCart, sales: readonly Sale[]): void {
    for (const { line, sku, quantity } of sales) if (!cart.buy(sku, quantity)) refused.add(line);
  }
}

class ModelCart {
  status: ExpectedCart['status'] = 'none';
  lines = new Map<string, number>();
  orderId?: string;

  /** Puts units in, or takes them out; false when the cart must refuse them. Taking out what is not there is no request. */
  buy(sku: string, quantity: number): boolean {
    const lines = this.#openLines();
    const held = lines.get(sku);
    if (quantity < 0) {
      if (held !== undefined) this.#set(sku, held + quantity);
      return true;
    }
    const units = (held ?? 0) + quantity;
    if (units > mostUnits || (held === undefined && lines.size >= mostLines)) return false;
    this.#open();
    this.#set(sku, units);
    return true;
  }

  checkOut(orderId: string): void {
    if (this.#openLines().size === 0) return;
    this.status = 'checkedOut';
    this.orderId = orderId;
  }

  /** Takes over a guest's lines; a guest cart that holds nothing stays what it is. */
  merge(guest: ModelCart, policy: MergePolicy): void {
    if (guest.#openLines().size === 0) return;
    this.#open();
    if (policy === 'keepGuest') this.lines.clear();
    for (const [sku, units] of guest.lines) {
      const held = this.lines.get(sku);
      if (policy === 'keepCustomer' || (held === undefined && this.lines.size >= mostLines)) continue;
      const wanted = policy === 'sum' ? (held ?? 0) + units : Math.max(held ?? 0, units);
      this.#set(sku, Math.min(wanted, mostUnits));
    }
    guest.status = 'merged';
  }

  #openLines(): ReadonlyMap<string, number> {
    return this.status === 'open' ? this.lines : new Map();
  }

  /** A cart that was checked out begins anew. */
  #open(): void {
    if (this.status === 'open') return;
    this.status = 'open';
    this.lines = new Map();
    delete this.orderId;
  }

  #set(sku: string, units: number): void {
    if (units > 0) this.lines.set(sku, units);
    else this.lines.delete(sku);
  }
}
