import { type CartView, decodeView } from '@cartage/cart';
import { Corrupted } from './errors.ts';

/**
 * The view that a row or document kept under this id holds.
 *
 * @throws {Corrupted} it holds none, or another cart's
 */
export function storedView(id: string, value: unknown): CartView {
  try {
    return decodeView(id, value);
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

/** {@link storedView} of a JSON text. @throws {Corrupted} */
export function storedViewIn(id: string, json: unknown): CartView {
  return storedView(id, parsed(id, json));
}

function parsed(id: string, json: unknown): unknown {
  if (typeof json !== 'string') throw damaged(`The view of ${id} is no text.`);
  try {
    return JSON.parse(json);
  } catch {
    throw damaged(`The view of ${id} is no JSON.`);
  }
}

const damaged = (flaw: string): Corrupted => new Corrupted(`${flaw} Rebuild this read store from the log.`);
