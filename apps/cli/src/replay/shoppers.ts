import type { Sale } from './sales-file.ts';

/** A visit to the shop: the rows of one invoice. */
export type Session = {
  readonly invoice: string;
  /** What is bought as a guest; everything when nobody logs in. */
  readonly asGuest: readonly Sale[];
  /** What is bought as the customer. */
  readonly asCustomer: readonly Sale[];
  /** What reports call the guest's cart; absent when the session begins as a customer. */
  readonly guestCart?: string;
};

/** Somebody whose sessions follow one another; different shoppers know nothing of each other. */
export type Shopper = {
  /** Absent: a guest, with one session. */
  readonly customer?: string;
  readonly sessions: readonly Session[];
};

/** Of the sessions of customers, each of these begins as a guest's who logs in half way. */
const loginEvery = 3;

/** What reports call a customer's cart. */
export const customerCart = (customer: string): string => `customer ${customer}`;

/** Who shops according to the rows, in the order of the file. Rows of one invoice and one customer are one session. */
export function shoppersOf(sales: readonly Sale[]): readonly Shopper[] {
  const guests: Shopper[] = [];
  const customers = new Map<string, Session[]>();
  let sessions = 0;
  for (const rows of grouped(sales)) {
    const { invoice = '', customer } = rows[0] ?? {};
    if (customer === undefined) {
      const session = { invoice, asGuest: rows, asCustomer: [], guestCart: `guest of ${invoice}` };
      guests.push({ sessions: [session] });
      continue;
    }
    sessions += 1;
    const half = sessions % loginEvery === 0 ? Math.ceil(rows.length / 2) : 0;
    const guestCart = half > 0 ? { guestCart: `guest of ${invoice}, then ${customer}` } : {};
    const session = { invoice, asGuest: rows.slice(0, half), asCustomer: rows.slice(half), ...guestCart };
    customers.set(customer, [...(customers.get(customer) ?? []), session]);
  }
  return [...[...customers].map(([customer, own]) => ({ customer, sessions: own })), ...guests];
}

function grouped(sales: readonly Sale[]): readonly (readonly Sale[])[] {
  const groups = new Map<string, Sale[]>();
  for (const sale of sales) {
    const key = `${sale.invoice} ${sale.customer ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(sale);
    else groups.set(key, [sale]);
  }
  return [...groups.values()];
}
