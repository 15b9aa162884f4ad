/** The public board: where orders stand that the counter has left unanswered, and their answers. */

export interface PostedOrder {
  /** As posted: the content of a request, if it is one. */
  readonly order: Uint8Array;
  /** When, by the deployment's clock, in Unix seconds. */
  readonly at: number;
  /** The contents of answers, as posted by anybody. */
  readonly answers: readonly Uint8Array[];
}

export interface OrderBoard {
  /** Posts through a relay or a transaction of one's own. Again: no harm. */
  post(order: Uint8Array): Promise<void>;
  /** Everything that was posted in this time, as of a final block. */
  posts(from: number, to: number): Promise<readonly PostedOrder[]>;
}
