/** Reproducible bytes and integers for tests: SHAKE256 of a seed. */
import { shake256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { parsePrfKey, type PrfKey } from "../../src/aggregation/index.js";

export class Seeded {
  readonly #xof;

  constructor(seed: string) {
    this.#xof = shake256.create().update(utf8ToBytes(seed));
  }

  bytes(length: number): Uint8Array {
    return this.#xof.xof(length);
  }

  /** Uniform below `bound`, up to a bias of 2^-64. */
  below(bound: bigint): bigint {
    const length = Math.ceil(bound.toString(16).length / 2) + 8;
    return BigInt(`0x${bytesToHex(this.bytes(length))}`) % bound;
  }

  key(): PrfKey {
    return parsePrfKey(this.bytes(2096 * 16));
  }
}
