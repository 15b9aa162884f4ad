/**
 * Packets seen before. A packet is known by the secret it shares with this node, which nobody can
 * change without the HMAC failing. Packets are good for one epoch, so the cache holds no more than
 * the epochs that are accepted.
 */
import { sha256 } from "@noble/hashes/sha2.js";

const NAME_BYTES = 16;

export class ReplayCache {
  readonly #seen = new Map<number, Set<string>>();

  /** Was the packet seen in this epoch? It is from now on. */
  check(epoch: number, sharedSecret: Uint8Array): boolean {
    let names = this.#seen.get(epoch);
    if (names === undefined) {
      names = new Set();
      this.#seen.set(epoch, names);
    }
    const hash = sha256(sharedSecret);
    const name = Buffer.from(hash.buffer, hash.byteOffset, NAME_BYTES).toString("latin1");
    if (names.has(name)) return true;
    names.add(name);
    return false;
  }

  /** Forgets the epochs below `epoch`, whose packets are no longer accepted. */
  forgetBefore(epoch: number): void {
    for (const known of this.#seen.keys()) if (known < epoch) this.#seen.delete(known);
  }
}
