import type { CartView } from '@cartage/cart';
import type { BucketRange, ReadStore } from '@cartage/read-store';
import type { StoreUrl } from '../store-url.ts';

/** What can be asked of a store in another thread: everything is copied on its way, and a scan comes page by page. */
export type Remote = Omit<ReadStore, 'nativeTtl' | 'scan'> & {
  /** Opens the store, before anything else; answers its `nativeTtl`. */
  open(): Promise<boolean>;
  /** Begins a scan of this number. */
  beginScan(scan: number, buckets?: BucketRange): Promise<void>;
  /** Undefined at the end. */
  nextPage(scan: number): Promise<readonly CartView[] | undefined>;
  endScan(scan: number): Promise<void>;
};

/** `courteous`: whether the thread rests while others need the processors of this machine. */
export type Task = { readonly store: StoreUrl; readonly courteous: boolean };

export type Call = keyof Remote;

/** `id` tells which question an answer is to. */
export type Question = {
  [C in Call]: { readonly id: number; readonly call: C; readonly args: Parameters<Remote[C]> };
}[Call];

export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: Failure });

/** Of an error what its handlers go by; a copy of the error itself would have lost the code. */
export type Failure = {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly throttled?: unknown;
};
