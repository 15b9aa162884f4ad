/**
 * The secrets of a withdrawal, all from one seed: a wallet that has lost everything but its seed
 * prepares the same withdrawal again, and gets the same coins for the answer it was given before.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  GROUP_ORDER,
  intToBytes,
  SECP256K1_ORDER,
  wasmEcdsa,
  type Address,
  type Bn254,
  type G1Point,
} from "../../algebra/index.js";
import { COIN_SECRET_TAG, type EcashSystem } from "../domains.js";
import { coinPoint } from "./coin.js";

export const SEED_BYTES = 32;

export interface CoinSecrets {
  readonly secretKey: Uint8Array;
  readonly address: Address;
  readonly ctr: number;
  /** M. */
  readonly point: G1Point;
  /** ρ in [1, ℓ − 1]. */
  readonly rho: bigint;
}

/** The secrets of coin number `index` of the withdrawal with this seed. */
export function deriveCoinSecrets(
  curve: Bn254,
  system: Pick<EcashSystem, "systemId">,
  seed: Uint8Array,
  mintKeyId: number,
  denomination: number,
  index: number,
): CoinSecrets {
  // HMAC-SHA512(seed, tag ‖ systemId ‖ mintKeyId ‖ denomination ‖ index ‖ attempt ‖ part), reduced to
  // [1, order − 1]: 512 bits leave no bias.
  const scalar = (attempt: number, part: number, order: bigint): bigint => {
    const input = concatBytes(
      COIN_SECRET_TAG,
      system.systemId,
      ...[mintKeyId, denomination, index, attempt, part].map((n) => intToBytes(n, 4)),
    );
    return 1n + (bytesToInt(hmac(sha512, seed, input)) % (order - 1n));
  };
  // One key in 2¹⁷⁵ has no counter that gives a point: then the next one.
  for (let attempt = 0; ; attempt++) {
    const secretKey = intToBytes(scalar(attempt, 0, SECP256K1_ORDER), 32);
    const address = wasmEcdsa.address(secretKey);
    for (let ctr = 0; ctr < 256; ctr++) {
      const point = coinPoint(curve, system, { mintKeyId, address, ctr });
      if (point === null) continue;
      return { secretKey, address, ctr, point, rho: scalar(attempt, 1, GROUP_ORDER) };
    }
  }
}
