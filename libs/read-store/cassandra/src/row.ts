import { type CartView, partsOf } from '@cartage/cart';
import { storedViewIn } from '@cartage/read-store/adapting';

/** A view as stored: all of it in one cell, so that two writers cannot mix their columns. */
export type Row = {
  readonly owner: string;
  readonly name: string;
  /** The view as JSON. */
  readonly cart: string;
  /** µs since the epoch, what the fence goes by: of two writes the one with the higher time stays, whenever it arrives. */
  readonly writeTime: bigint;
};

/** @throws {InvalidId} the id is no cart's */
export function toRow(view: CartView): Row {
  const { owner, name } = partsOf(view.id);
  // BigInt, as it throws where there is no time: Cassandra would take its own, and the fence were gone.
  return { owner, name, cart: JSON.stringify(view), writeTime: BigInt(view.writeTime) };
}

/** What the driver gives, by column. @throws {Corrupted} this row is no view */
export const fromRow = (row: Readonly<Record<string, unknown>>): CartView =>
  viewIn(`${String(row['owner'])}~${String(row['name'])}`, row['cart']);

/** The view in the cell of this cart. @throws {Corrupted} it is none */
export const viewIn = (id: string, cart: unknown): CartView => storedViewIn(id, cart);
