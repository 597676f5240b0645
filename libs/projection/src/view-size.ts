import type { CartEvent, CartView, Line } from '@cartage/cart';

// Bytes of heap, measured roughly: what matters is that a budget in them bounds the memory, whatever customers put in.
const perView = 500;
const perLine = 120;
const perCharacter = 2;

/** About how much memory a view takes, bytes. */
export const bytesOfView = ({ lines }: CartView): number => perView + bytesOfLines(lines);

/** About how much an event adds to the view it is folded into, bytes. */
export function bytesAddedBy({ data }: CartEvent): number {
  if ('line' in data) return bytesOfLines([data.line]);
  return 'lines' in data ? bytesOfLines(data.lines) : 0;
}

function bytesOfLines(lines: readonly Line[]): number {
  let bytes = lines.length * perLine;
  for (const { attributes } of lines)
    if (attributes) bytes += perCharacter * JSON.stringify(attributes).length;
  return bytes;
}
