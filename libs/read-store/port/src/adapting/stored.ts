import { type CartView, decodeView } from '@cartage/cart';
import type { Parked } from '../index.ts';
import { type Corrupted, damaged } from './errors.ts';

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
export const storedViewIn = (id: string, json: unknown): CartView =>
  storedView(id, parsed(`view of ${id}`, json));

/**
 * The note on a parked cart that is kept under this id.
 *
 * @throws {Corrupted} it is none, or another cart's
 */
export function storedNote(id: string, value: unknown): Parked {
  const { id: of, revision, position, reason, parkedAt } = fieldsOf(value);
  const isNote =
    of === id && isCount(revision) && isDigits(position) && typeof reason === 'string' && isCount(parkedAt);
  if (!isNote) throw malformed(`note on ${id}`);
  return { id, revision, position, reason, parkedAt };
}

/** {@link storedNote} of a JSON text. @throws {Corrupted} */
export const storedNoteIn = (id: string, json: unknown): Parked =>
  storedNote(id, parsed(`note on ${id}`, json));

/**
 * The position that a checkpoint of this name was stored with.
 *
 * @throws {Corrupted} it is no text of decimal digits
 */
export function storedPosition(name: string, digits: unknown): bigint {
  if (isDigits(digits)) return BigInt(digits);
  throw malformed(`checkpoint of ${name}`);
}

function parsed(what: string, json: unknown): unknown {
  if (typeof json !== 'string') throw damaged(`The ${what} is no text.`);
  try {
    return JSON.parse(json);
  } catch {
    throw damaged(`The ${what} is no JSON.`);
  }
}

const fieldsOf = (value: unknown): Partial<Record<keyof Parked, unknown>> =>
  typeof value === 'object' && value !== null ? value : {};

const isDigits = (value: unknown): value is string => typeof value === 'string' && /^\d+$/.test(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const malformed = (what: string): Corrupted => damaged(`The ${what} is malformed.`);
