/** How often one address may ask: a bucket of tokens each, refilled at a steady rate. */

/** Addresses remembered at once; beyond that the oldest are forgotten. */
const REMEMBERED = 10_000;

export class RateLimit {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param perMinute requests a minute, and in one burst */
  constructor(private readonly perMinute: number) {}

  /** Seconds to wait before asking again; 0 if this request is within the limit, and counted. */
  take(address: string, now: number): number {
    const { perMinute } = this;
    const bucket = this.#buckets.get(address) ?? { tokens: perMinute, at: now };
    const refilled = bucket.tokens + ((now - bucket.at) / 60_000) * perMinute;
    const tokens = Math.min(perMinute, refilled);
    // Put at the end again: the first of the map is the one that asked longest ago.
    this.#buckets.delete(address);
    this.#buckets.set(address, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    if (this.#buckets.size > REMEMBERED) {
      this.#buckets.delete(this.#buckets.keys().next().value!);
    }
    return tokens < 1 ? Math.ceil(((1 - tokens) * 60) / perMinute) : 0;
  }
}
