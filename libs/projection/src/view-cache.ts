import type { CartView } from '@cartage/cart';

/** The views set last, as far as they weigh no more than `capacity` together: a view weighs one, and one for each line. */
export class ViewCache {
  readonly #capacity: number;
  readonly #views = new Map<string, CartView>();
  #weight = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(id: string): boolean {
    return this.#views.has(id);
  }

  get(id: string): CartView | undefined {
    return this.#views.get(id);
  }

  set(view: CartView): void {
    this.delete(view.id);
    this.#views.set(view.id, view);
    this.#weight += weightOf(view);
    for (const oldest of this.#views.values()) {
      if (this.#weight <= this.#capacity) return;
      this.delete(oldest.id);
    }
  }

  delete(id: string): void {
    const view = this.#views.get(id);
    if (view && this.#views.delete(id)) this.#weight -= weightOf(view);
  }
}

const weightOf = ({ lineCount }: CartView): number => 1 + lineCount;
