/** How often one address may ask: a bucket of tokens each, refilled at a steady rate. */

/** Addresses remembered at once; beyond that the oldest are forgotten. */
const REMEMBERED = 10_000;

export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param perMinute requests a minute, and in one burst */
  constructor(private readonly perMinute: number) {}

  /**
   * Seconds to wait before asking again; 0 if this request is within the limit, and counted.
   * @param cost how many requests it counts for; a whole minute's, at most
   */
  take(address: string, now: number, cost = 1): number {
    const { perMinute } = this;
    const due = Math.min(cost, perMinute);
    const bucket = this.#buckets.get(address) ?? { tokens: perMinute, at: now };
    const refilled = bucket.tokens + ((now - bucket.at) / 60_000) * perMinute;
    const tokens = Math.min(perMinute, refilled);
    // Put at the end again: the first of the map is the one that asked longest ago.
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: tokens < due ? tokens : tokens - due, at: now });
    if (this.#buckets.size > REMEMBERED) {
      this.#buckets.delete(this.#buckets.keys().next().value!);
    }
    return tokens < due ? Math.ceil(((due - tokens) * 60) / perMinute) : 0;
  }
}
