import type { CartEvent, CartEventType } from './cart.ts';
import { mergePolicies } from './merge-policy.ts';
import {
  type Fields,
  isCount,
  isLine,
  isRecord,
  isText,
  isUnits,
  listOf,
  oneOf,
  optional,
  shape,
  wrongField,
} from './shape.ts';

/** Stored bytes that are no cart event this version understands: of a newer version, of somebody else, or damaged. */
export class Undecodable extends Error {
  override readonly name = 'Undecodable';
  readonly code = 'undecodable';
}

const isDropped = shape({
  line: isLine,
  quantity: isUnits,
  why: oneOf('line_limit', 'quantity_limit', 'policy'),
});
const stamp: Fields = { at: isCount, expiresAt: (value) => value === null || isCount(value) };

const shapes: Readonly<Record<CartEventType, Fields>> = {
  CartOpened: { generation: isUnits, kind: oneOf('guest', 'customer'), merges: listOf(isText) },
  ItemAdded: { line: isLine, added: isUnits },
  ItemQuantityChanged: { lineId: isText, from: isUnits, to: isUnits },
  ItemRemoved: { lineId: isText },
  CartCleared: {},
  SessionLinked: { sessionId: isText },
  CartFrozen: { until: isCount },
  CartUnfrozen: {},
  CartCheckedOut: { orderId: isText },
  CartSealed: { mergeId: isText, into: isText, policy: optional(oneOf(...mergePolicies)) },
  GuestCartMerged: {
    mergeId: isText,
    from: isText,
    policy: oneOf(...mergePolicies),
    sessionId: optional(isText),
    lines: listOf(isLine),
    dropped: listOf(isDropped),
  },
  CartErased: {},
};

/**
 * A stored event as a cart event. Fields it does not know are kept, so that a newer version's additions do no harm.
 *
 * @throws {Undecodable} the type is unknown, or a field is missing or of another type
 */
export function decodeEvent({ type, data }: { readonly type: string; readonly data: unknown }): CartEvent {
  if (!isCartEventType(type)) throw new Undecodable(`"${type}" is no cart event of this version.`);
  if (!isRecord(data)) throw new Undecodable(`${type} holds no JSON object.`);
  const wrong = wrongField(shapes[type], data) ?? wrongField(stamp, data);
  if (wrong !== undefined) throw new Undecodable(`${type}: the field "${wrong}" is missing or malformed.`);
  return { type, data } as CartEvent;
}

export const isCartEventType = (type: string): type is CartEventType => Object.hasOwn(shapes, type);
