import type { StoreName } from './engines.ts';
import type { Units } from './bare.ts';
import type { Done } from './work.ts';

/** What a client program is started with, as JSON. */
export type ClientSetting = {
  readonly engine: StoreName;
  readonly url: string;
  /** The tables that are its own. */
  readonly generation: string;
};

/**
 * What the program of the adapter is asked. `load`: make the tables, put a shop's carts into them, and use them for so many ms, as
 * an engine that was just started is not yet what it will be.
 */
export type AdapterJob =
  | { readonly do: 'load'; readonly carts: number; readonly seed: number; readonly warmUp: number }
  | { readonly do: 'write' | 'read'; readonly milliseconds: number }
  | { readonly do: 'calls' };

/**
 * What the program of the bare driver is asked. `load`: make the tables and take the rows that another generation holds. `seed`:
 * write all of them once into the empty table. `compare`: are both generations the same, as the adapter reads them? `drop`: remove
 * generations, its own or not.
 */
export type BareJob =
  | { readonly do: 'load'; readonly from: string }
  | { readonly do: 'seed' | 'units' }
  | { readonly do: 'write' | 'read'; readonly milliseconds: number }
  | { readonly do: 'compare'; readonly with: string }
  | { readonly do: 'drop'; readonly generations: readonly string[] };

/** Requests that the adapter sends for a cart. */
export type Calls = { readonly write: number; readonly read: number };

/** The replies, by what was asked. */
export type Replies = {
  readonly load: { readonly carts: number };
  readonly seed: Done;
  readonly write: Done;
  readonly read: Done;
  readonly calls: Calls;
  readonly units: Units | null;
  readonly compare: { readonly same: number };
  readonly drop: Record<string, never>;
};
