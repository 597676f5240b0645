import type { CartView } from '@cartage/cart';
import { bytesOfView } from './view-size.ts';

/** The views set last, as far as they take no more than `capacity` bytes of memory together. */
export class ViewCache {
  readonly #capacity: number;
  readonly #views = new Map<string, { readonly view: CartView; readonly bytes: number }>();
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
    for (const oldest of this.#views.keys()) {
      if (this.#bytes <= this.#capacity) return;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    const held = this.#views.get(id);
    if (held && this.#views.delete(id)) this.#bytes -= held.bytes;
  }
}
