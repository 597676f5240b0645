/** The opponent's stream of a cart: beside Cartage's, so that neither of them ever loses a race to the other. */
export const textbookStreamOf = (cartId: string): string => `textbook-${cartId}`;
