/** Periods of a deployment in seconds, where nothing else is said. */
export const PERIOD_DEFAULTS = {
  /** Keys settle at once. A public deployment gives residents time to see a new key. */
  activationDelay: 0,
  /** For the mint to acknowledge a deposit. */
  acknowledgePeriod: 24 * 60 * 60,
  /** For everyone to dispute the mint's signatures. */
  disputePeriod: 7 * 24 * 60 * 60,
} as const;
