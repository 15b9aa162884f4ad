/**
 * Fiat–Shamir transcripts over Keccak-256: every public value is absorbed under a label, with its
 * length, before a challenge is drawn, and every challenge is absorbed in turn. A verifier that
 * leaves a value out, or absorbs it in another order, gets other challenges.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes } from "./bytes.js";

export class Transcript {
  #state: Uint8Array;

  /** `domain` names the protocol and its version; two protocols never share one. */
  constructor(domain: string) {
    this.#state = keccak_256(utf8ToBytes(domain));
  }

  /** Absorbs a value under a label. */
  append(label: string, value: Uint8Array): this {
    const name = utf8ToBytes(label);
    this.#state = keccak_256(
      concatBytes(
        this.#state,
        intToBytes(name.length, 4),
        name,
        intToBytes(value.length, 4),
        value,
      ),
    );
    return this;
  }

  /** Absorbs a non-negative integer below 2²⁵⁶. */
  appendInt(label: string, value: bigint | number): this {
    return this.append(label, intToBytes(value, 32));
  }

  /**
   * A challenge in [1, order − 1], after absorbing `value` under the same label. From 64 bytes, so that
   * the bias is below 2⁻²⁵⁰; from 32 for an order within 2¹²⁹ of 2²⁵⁶, as that of secp256k1, with a bias
   * below 2⁻¹²⁶.
   */
  challenge(label: string, order: bigint, value: Uint8Array = new Uint8Array()): bigint {
    this.append(label, value);
    const wide =
      2n ** 256n - order < 2n ** 129n
        ? this.#state
        : concatBytes(
            keccak_256(concatBytes(this.#state, Uint8Array.of(0))),
            keccak_256(concatBytes(this.#state, Uint8Array.of(1))),
          );
    return 1n + (bytesToInt(wide) % (order - 1n));
  }

  /** An independent copy, to go on in two ways from one point. */
  clone(): Transcript {
    const copy = new Transcript("");
    copy.#state = this.#state;
    return copy;
  }
}
