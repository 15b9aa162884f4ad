/** Where a mint learns that a withdrawal was paid for. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import { intToBytes } from "../algebra/index.js";
import { DEPOSIT_TAG, type EcashSystem } from "./domains.js";

/** A blinded message and the denomination of the coin it is to become. */
export interface BlindedMessage {
  readonly denomination: number;
  /** M', 64 bytes x ‖ y. */
  readonly message: Uint8Array;
}

/**
 * keccak256(tag ‖ systemId ‖ mintKeyId u32 ‖ (denomination u32 ‖ x ‖ y)…): under this digest money is
 * deposited for these messages and no others, as `depositDigest` of the vault contract computes it.
 */
export function depositDigest(
  system: Pick<EcashSystem, "systemId">,
  mintKeyId: number,
  messages: readonly BlindedMessage[],
): Uint8Array {
  return keccak_256(
    concatBytes(
      DEPOSIT_TAG,
      system.systemId,
      intToBytes(mintKeyId, 4),
      ...messages.flatMap((m) => [intToBytes(m.denomination, 4), m.message]),
    ),
  );
}

/** The deposits a mint knows of. */
export interface Deposits {
  /** Units of money deposited under this digest; 0 if none. */
  unitsFor(digest: Uint8Array): Promise<bigint>;
}

/** Deposits noted in memory, for a mint without a chain. */
export class MemoryDeposits implements Deposits {
  readonly #units = new Map<string, bigint>();

  deposit(digest: Uint8Array, units: bigint): void {
    const key = bytesToHex(digest);
    this.#units.set(key, (this.#units.get(key) ?? 0n) + units);
  }

  async unitsFor(digest: Uint8Array): Promise<bigint> {
    return this.#units.get(bytesToHex(digest)) ?? 0n;
  }
}
