/** Why a cart refuses a command. Part of the public API: codes are added, never renamed. */
export type RefusalCode =
  | 'cart_empty'
  | 'cart_frozen'
  | 'cart_merged'
  | 'freeze_out_of_range'
  | 'guest_sealed_elsewhere'
  | 'line_limit'
  | 'line_not_found'
  | 'not_for_customers'
  | 'not_for_guests'
  | 'quantity_out_of_range'
  | 'revision_mismatch';

/** A command the cart will not have. Nothing was changed. */
export class Refused extends Error {
  override readonly name = 'Refused';

  /** `detail` is for machines: the cart a sealed guest cart points to, the revision the cart is at, the limit that was hit. */
  constructor(
    readonly code: RefusalCode,
    message: string,
    readonly detail: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
  }
}
