import { Undecodable } from './decode.ts';
import { partsOf } from './identity.ts';
import {
  type Check,
  isCount,
  isLine,
  isRecord,
  isText,
  isUnits,
  listOf,
  oneOf,
  optional,
  wrongField,
} from './shape.ts';
import type { CartView } from './view.ts';

const fields: { readonly [K in keyof CartView]-?: Check } = {
  id: isText,
  status: oneOf('none', 'open', 'frozen', 'checkedOut', 'merged', 'erased'),
  kind: oneOf('guest', 'customer'),
  generation: isCount,
  lines: listOf(isLine),
  merges: listOf(isText),
  sessionId: optional(isText),
  mergedInto: optional(isText),
  orderId: optional(isText),
  frozenUntil: optional(isCount),
  expiresAt: optional(isCount),
  revision: isCount,
  writeTime: isUnits,
  createdAt: isCount,
  updatedAt: isCount,
  purgeAt: optional(isCount),
  lineCount: isCount,
  itemCount: isCount,
};

/**
 * A stored value as the view of the cart it is kept under. Fields it does not know are kept.
 *
 * @throws {Undecodable} it is another cart's, or a field is missing or of another type
 * @throws {InvalidId} the id is no cart's
 */
export function decodeView(id: string, value: unknown): CartView {
  const { kind } = partsOf(id);
  if (!isRecord(value)) throw new Undecodable(`The view of ${id} is no JSON object.`);
  const wrong = wrongField(fields, value);
  if (wrong !== undefined)
    throw new Undecodable(`The view of ${id}: the field "${wrong}" is missing or malformed.`);
  if (value['id'] !== id || value['kind'] !== kind)
    throw new Undecodable(`The view of ${id} is another cart's.`);
  return value as CartView;
}
