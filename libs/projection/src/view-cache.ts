import type { CartView } from '@cartage/cart';
import { Recent } from './recent.ts';
import { bytesOfView } from './view-size.ts';

/** The views set last, as far as they take no more than `capacity` bytes of memory together. */
export class ViewCache {
  readonly #views: Recent<CartView>;

  constructor(capacity: number) {
    this.#views = new Recent(capacity);
  }

  get(id: string): CartView | undefined {
    return this.#views.get(id);
  }

  set(view: CartView): void {
    this.#views.set(view.id, view, bytesOfView(view));
  }
}
