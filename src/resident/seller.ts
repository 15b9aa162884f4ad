/** What the resident knows of the utility. */

export interface Order {
  /** The token, encoded by its suite. */
  readonly token: Uint8Array;
  /** The payment, made for this token; empty to ask for the receipt of a token that is paid. */
  readonly payment: Uint8Array;
}

export interface Sale {
  /** S, 64 bytes. */
  readonly receipt: Uint8Array;
  /**
   * True if the coin is bound to this token, now or from before; false if the token was paid with
   * another coin earlier, and this one is still free.
   */
  readonly coinTaken: boolean;
}

/**
 * Sells receipts. Every call is a connection of its own over an anonymous channel. The same order
 * again gets the same answer and costs nothing.
 */
export interface ReceiptSeller {
  /**
   * A coin that is bound to another token is refused with an error whose details hold the earlier
   * payment as `earlier`, in hexadecimal; a token that is not paid and comes without a payment, with
   * `utility/payment-required`.
   */
  sell(order: Order): Promise<Sale>;
}
