/**
 * The requests that a gateway has opened, so that none is opened twice (RFC 9458, §6.5): a relay that
 * sends one home's requests again would mark its payments to anyone who sees the counter. Memory is bounded:
 * two generations, of which the older is dropped. A replay that comes later than that, or to another
 * gateway with the same key, opens again, and the counter charges it once.
 */

/** Requests of one generation; an entry takes about 100 bytes. */
const GENERATION = 1 << 18;

export class SeenRequests {
  #younger = new Set<string>();
  #older = new Set<string>();

  constructor(private readonly generation = GENERATION) {}

  /** Notes a request by the key that its client made for it; false if it was seen before. */
  add(enc: Uint8Array): boolean {
    const name = Buffer.from(enc.buffer, enc.byteOffset, enc.length).toString("latin1");
    if (this.#younger.has(name) || this.#older.has(name)) return false;
    this.#younger.add(name);
    if (this.#younger.size >= this.generation) {
      this.#older = this.#younger;
      this.#younger = new Set();
    }
    return true;
  }
}
