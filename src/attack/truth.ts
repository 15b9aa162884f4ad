/** What the simulation knows and no party sees: for the scorer alone. */
export interface Truth {
  readonly format: "sipster/attack-truth@1";
  /** Accounts; a home is its place in this list. */
  readonly accounts: readonly string[];
  /** The real home that each was made from. */
  readonly origins: readonly string[];
  /** For each request of the log, in its order, the home that sent it. */
  readonly senders: readonly number[];
  /** Requests that pay for the following month, by their places in the log. */
  readonly following: readonly number[];
  /** Units owed by each home. */
  readonly units: readonly number[];
  /** Homes that the event touched. */
  readonly touched: readonly number[];
  /** The request that was left unanswered, by its place in the log. */
  readonly withheld: number | null;
  /** Median days from the use of a unit to its payment. */
  readonly delayDays: number;
  /** Mean tokens of a bill. */
  readonly receipts: number;
  /** Units in coins over the bill at the 90th percentile of the class, mean of homes. */
  readonly moneyBound: number;
}
