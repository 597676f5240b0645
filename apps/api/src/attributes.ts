import type { Attributes } from '@cartage/cart';

const mostBytes = 1024;
const mostDepth = 3;
const keyPattern = /^[A-Za-z0-9_-]{1,32}$/;
/** Half a character: what some stores cannot keep. */
const loneSurrogate = /\p{Surrogate}/u;

export const attributesExpected =
  'expected an object of at most 1 KB as JSON, 3 levels deep, with keys of 1 to 32 characters of A-Z a-z 0-9 _ -' +
  ' and texts that are well-formed and without NUL';

/** Whether every store can keep this as the attributes of a line, exactly as it is. */
export function isAttributes(value: unknown): value is Attributes {
  return isObject(value) && isStorable(value, 1) && Buffer.byteLength(JSON.stringify(value)) <= mostBytes;
}

/** Of what JSON can express, whatever its numbers overflowed to. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !value.includes('\0') && !loneSurrogate.test(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value))
    return depth <= mostDepth && value.every((element) => isStorable(element, depth + 1));
  if (!isObject(value)) return true;
  return (
    depth <= mostDepth &&
    Object.keys(value).every(
      (key) => keyPattern.test(key) && key !== '__proto__' && isStorable(value[key], depth + 1),
    )
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
