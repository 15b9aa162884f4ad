/**
 * Where a trustee publishes how long its log is, so that it cannot start with a shorter one unnoticed: the
 * contract `TrusteeHeads`, or anything else that keeps the latest count and head for good.
 */
export interface LogHead {
  /** Entries of the log. */
  readonly count: number;
  /** Hash over all of them, hex. */
  readonly head: string;
}

export interface HeadAnchor {
  /** The last head anchored by this trustee; `null` before the first. */
  latest(): Promise<LogHead | null>;
  /** Resolves when the head is anchored for good. The count grows from call to call. */
  anchor(head: LogHead): Promise<void>;
}
