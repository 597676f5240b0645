import { Recent } from '@cartage/projection';
import type { CartState } from './cart-state.ts';

/** The carts commands met last, up to a number of (estimated) bytes; the one not met for longest makes room. */
export class CartCache {
  readonly #carts: Recent<CartState>;

  constructor(limit: number) {
    this.#carts = new Recent(limit);
  }

  get size(): number {
    return this.#carts.size;
  }

  get bytes(): number {
    return this.#carts.bytes;
  }

  get(id: string): CartState | undefined {
    this.#carts.touch(id);
    return this.#carts.get(id);
  }

  /** Keeps the newer of this state and the one held. */
  set(id: string, state: CartState): void {
    const held = this.#carts.get(id);
    if (held && held.view.revision > state.view.revision) return;
    this.#carts.set(id, state, sizeOf(state));
  }

  delete(id: string): void {
    this.#carts.delete(id);
  }
}

/** Generous rather than exact: what a heap of V8 holds for a cart, a line, and a line whose attributes may be 1 KB of JSON. */
function sizeOf({ view, commands }: CartState): number {
  let bytes = 800 + commands.length * 150;
  for (const { attributes } of view.lines) bytes += attributes === undefined ? 200 : 2_000;
  return bytes;
}
