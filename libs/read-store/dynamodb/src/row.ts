import { bucketOf, type CartView, partsOf } from '@cartage/cart';
import { damaged, storedViewIn } from '@cartage/read-store/adapting';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Row = Readonly<Record<string, AttributeValue>>;
export type CartRow = Row & Readonly<Record<'revision' | 'cart', AttributeValue>>;

const ownerPrefix = 'OWNER#';
export const cartPrefix = 'CART#';

/** The partition of an owner's carts. */
export const partitionOf = (owner: string): string => ownerPrefix + owner;

/** The key of a cart's row. @throws {InvalidId} it is no cart id */
export function keyOf(id: string): Row {
  const { owner, name } = partsOf(id);
  return { pk: { S: partitionOf(owner) }, sk: { S: cartPrefix + name } };
}

/** The cart of a row or of its key. @throws {Corrupted} it is none */
export function idOf({ pk, sk }: Row): string {
  const [owner, name] = [pk?.S, sk?.S];
  if (!owner?.startsWith(ownerPrefix) || !name?.startsWith(cartPrefix))
    throw damaged(`A row of "${owner}" and "${name}" is no cart's.`);
  return `${owner.slice(ownerPrefix.length)}~${name.slice(cartPrefix.length)}`;
}

/**
 * A view as stored: whole in one text (in a map, `__proto__` would be refused or lost), and beside it the revision for the
 * fence, the bucket for scans, and `ttl`, the second by which it is past its `purgeAt`.
 *
 * @throws {InvalidId} its id is no cart's
 */
export function toRow(view: CartView): CartRow {
  const { id, revision, purgeAt } = view;
  return {
    ...keyOf(id),
    revision: { N: `${revision}` },
    bucket: { N: `${bucketOf(partsOf(id).owner)}` },
    cart: { S: JSON.stringify(view) },
    ...(purgeAt !== undefined && { ttl: { N: `${secondOf(purgeAt)}` } }),
  };
}

/** @throws {Corrupted} the row holds no view, another cart's, or one of another revision than it says */
export function fromRow(row: Row): CartView {
  const id = idOf(row);
  const view = storedViewIn(id, row['cart']?.S);
  if (row['revision']?.N === `${view.revision}`) return view;
  throw damaged(`The view of ${id} is of revision ${view.revision}, its row of another.`);
}

/** The first whole second since the epoch at or after a time in ms. */
export const secondOf = (time: number): number => Math.ceil(time / 1000);
