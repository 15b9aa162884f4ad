/** A seeded generator for tests: SHA-256 in counter mode. Never for secrets. */
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes } from "../../src/algebra/bytes.js";

export class TestRandom {
  #counter = 0;
  constructor(private readonly seed: string) {}

  bytes(length: number): Uint8Array {
    const blocks: Uint8Array[] = [];
    for (let n = 0; n < length; n += 32) {
      blocks.push(sha256(concatBytes(utf8ToBytes(this.seed), intToBytes(this.#counter++, 8))));
    }
    return concatBytes(...blocks).subarray(0, length);
  }

  /** An integer in [0, bound). */
  below(bound: bigint): bigint {
    return bytesToInt(this.bytes(64)) % bound;
  }

  /** A small integer in [0, bound). */
  int(bound: number): number {
    return Number(this.below(BigInt(bound)));
  }
}
