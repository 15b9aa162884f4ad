/** What a resident knows of the utility: tokens and payments in, receipts out, whatever is between. */

export interface ReceiptOrder {
  /** As `Suite.encode` gives it. */
  readonly token: Uint8Array;
  /** Of the e-cash; empty to ask for the receipt of a token that is paid already. */
  readonly payment: Uint8Array;
}

export interface Sold {
  /** S, 64 bytes. */
  readonly receipt: Uint8Array;
  /**
   * Is the coin of this payment bound to this token? False if the token was paid with another coin
   * before: then this coin is still free.
   */
  readonly coinTaken: boolean;
}

export interface ReceiptSeller {
  /** Rejects with catalogue errors; an order may be repeated at any time and is charged once. */
  sell(order: ReceiptOrder): Promise<Sold>;
}
