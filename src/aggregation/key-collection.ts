/**
 * The aggregator's books of one key's shares: the running sum and who is in it, in the store after every
 * share, so that an aggregator that was killed asks for nothing twice. The sum of all keys decrypts sums: the store
 * is a sealed one (`keystore`) if it outlives the process.
 */
import { sha3_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes } from "../algebra/index.js";
import type { Store, Transaction } from "../store/index.js";
import { decodeKeyShare, KeyCollector } from "./key-share.js";
import type { GroupPlace } from "./messages.js";
import { parsePrfKey, type PrfKey } from "./prf.js";

export class KeyCollection {
  readonly #at: string;

  constructor(
    private readonly place: GroupPlace,
    private readonly store: Store,
  ) {
    this.#at = `aggregation/key-shares/${bytesToHex(place.context.id)}`;
  }

  /**
   * Adds a member's share; it is durable when the promise resolves. The same again changes nothing.
   * @throws aggregation/wrong-roster, bad-length, bad-key-share; envelope/malformed, wrong-place
   */
  async take(message: Uint8Array): Promise<void> {
    const share = decodeKeyShare(this.place, message);
    const key = `${this.#at}/from/${share.member}`;
    await this.store.transaction(async (tx) => {
      const known = await tx.get(key);
      if (known !== undefined && equalBytes(known, sha3_256(message))) return;
      const collector = await this.#collector(tx);
      collector.add(share);
      tx.put(key, sha3_256(message));
      tx.put(`${this.#at}/sum`, collector.running());
    });
  }

  /** Σkᵢ, the decryption key. @throws aggregation/members-missing */
  total(): Promise<PrfKey> {
    return this.store.transaction(async (tx) => (await this.#collector(tx)).total());
  }

  /** The collector with the shares that are in the store. */
  async #collector(tx: Transaction): Promise<KeyCollector> {
    const { roster, context } = this.place;
    const sum = await tx.get(`${this.#at}/sum`);
    if (sum === undefined) return new KeyCollector(roster, context);
    const taken = (await tx.list(`${this.#at}/from/`)).map(([key]) => memberOf(key));
    return new KeyCollector(roster, context, { sum: parsePrfKey(sum), taken });
  }
}

function memberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1));
}
