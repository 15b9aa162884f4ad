/** The periods of a deployment, where nothing else is said. */
export const PERIOD_DEFAULTS = {
  /** Months between announcing a key or terms and their first period. */
  lead: 2,
  /** Seconds for the mint to acknowledge a deposit. */
  acknowledgePeriod: 24 * 60 * 60,
  /** Seconds for everyone to dispute the mint's signatures. */
  disputePeriod: 7 * 24 * 60 * 60,
} as const;
