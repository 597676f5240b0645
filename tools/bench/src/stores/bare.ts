import type { Work } from './work.ts';

/**
 * An engine's driver alone, set up as its adapter sets it up: it does what the adapter asks of it, as many at once, and nothing
 * else. What it takes and gives are carts as objects, so where a row holds JSON, making and parsing that is its part too.
 */
export type Bare = {
  /** Takes the rows of the carts in that generation; answers the ids of their carts, in the order of their numbers. */
  load(generation: string): Promise<readonly string[]>;
  /** As the adapter writes a fenced put; each write of a row is of a higher revision. */
  readonly write: Work;
  /** As it writes a fresh one, into an empty table. */
  readonly seed: Work;
  readonly read: Work;
  /** Of DynamoDB: capacity units that a write and a read of a cart consume. */
  units?(): Promise<Units>;
  close(): Promise<void>;
};

export type Units = { readonly write: number; readonly read: number };

/** A cart as a program without Cartage may hold it. */
export type Cart = { revision: number; readonly [field: string]: unknown };

export const cartIn = (json: string | undefined): Cart => JSON.parse(json ?? '') as Cart;
