import type { CartState } from './cart-state.ts';

type Entry = { readonly state: CartState; readonly bytes: number };

/** The carts commands met last, up to a number of (estimated) bytes; the one not met for longest makes room. */
export class CartCache {
  readonly #entries = new Map<string, Entry>();
  readonly #limit: number;
  /** From the one not met for longest on: kept, because a new one would have to pass all that were taken out before. */
  #oldest = this.#entries.keys();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): CartState | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    return entry.state;
  }

  /** Keeps the newer of this state and the one held. */
  set(id: string, state: CartState): void {
    const held = this.#entries.get(id);
    if (held && held.state.view.revision > state.view.revision) return;
    this.delete(id);
    const bytes = sizeOf(state);
    this.#entries.set(id, { state, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#limit) {
      const { value, done } = this.#oldest.next();
      if (done) this.#oldest = this.#entries.keys();
      else this.delete(value);
    }
  }

  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#bytes -= entry.bytes;
  }
}

/** Generous rather than exact: what a heap of V8 holds for a cart, a line, and a line whose attributes may be 1 KB of JSON. */
function sizeOf({ view, commands }: CartState): number {
  let bytes = 800 + commands.length * 150;
  for (const { attributes } of view.lines) bytes += attributes === undefined ? 200 : 2_000;
  return bytes;
}
