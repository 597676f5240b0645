import type { CartView } from '@cartage/cart';
import { bytesOfView } from './view-size.ts';

/** The views set last, as far as they take no more than `capacity` bytes of memory together. */
export class ViewCache {
  readonly #capacity: number;
  readonly #views = new Map<string, { readonly view: CartView; readonly bytes: number }>();
  /** From the one set first on: kept, because a new one would have to pass all that were taken out before. */
  #oldest = this.#views.keys();
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(id: string): CartView | undefined {
    return this.#views.get(id)?.view;
  }

  set(view: CartView): void {
    this.delete(view.id);
    const bytes = bytesOfView(view);
    this.#views.set(view.id, { view, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#capacity) {
      const { value, done } = this.#oldest.next();
      if (done) this.#oldest = this.#views.keys();
      else this.delete(value);
    }
  }

  delete(id: string): void {
    const held = this.#views.get(id);
    if (held && this.#views.delete(id)) this.#bytes -= held.bytes;
  }
}
