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

/** What follows from a coin's number alone, cheaply. */
export interface CoinScalars {
  readonly secretKey: Uint8Array;
  /** ρ in [1, ℓ − 1]. */
  readonly rho: bigint;
}

/** What a wallet writes down of a coin under way, so as to compute it once. */
export interface CoinSketch {
  /** Which key of this coin's number: nearly always the first, 0. */
  readonly attempt: number;
  readonly address: Address;
  readonly ctr: number;
}

export interface CoinSecrets extends CoinScalars, CoinSketch {
  /** M. */
  readonly point: G1Point;
}

/** HMAC-SHA512 under a withdrawal's seed, the key absorbed once for all its coins. */
export type SeedMac = (input: Uint8Array) => Uint8Array;

export function seedMac(seed: Uint8Array): SeedMac {
  const keyed = hmac.create(sha512, seed);
  return (input) => keyed.clone().update(input).digest();
}

/** Which coin of which withdrawal. */
export interface CoinNumber {
  readonly mac: SeedMac;
  readonly mintKeyId: number;
  readonly denomination: number;
  readonly index: number;
}

/**
 * HMAC-SHA512(seed, tag ‖ systemId ‖ mintKeyId ‖ denomination ‖ index ‖ attempt ‖ part), reduced to
 * [1, order − 1]: 512 bits leave no bias.
 */
export function coinScalars(
  { systemId }: Pick<EcashSystem, "systemId">,
  { mac, mintKeyId, denomination, index }: CoinNumber,
  attempt: number,
): CoinScalars {
  const scalar = (part: number, order: bigint): bigint => {
    const input = concatBytes(
      COIN_SECRET_TAG,
      systemId,
      ...[mintKeyId, denomination, index, attempt, part].map((n) => intToBytes(n, 4)),
    );
    return 1n + (bytesToInt(mac(input)) % (order - 1n));
  };
  return { secretKey: intToBytes(scalar(0, SECP256K1_ORDER), 32), rho: scalar(1, GROUP_ORDER) };
}

/** The secrets of a coin and its point. */
export function deriveCoinSecrets(
  curve: Bn254,
  system: Pick<EcashSystem, "systemId">,
  number: CoinNumber,
): CoinSecrets {
  // One key in 2¹⁷⁵ has no counter that gives a point: then the next one.
  for (let attempt = 0; ; attempt++) {
    const scalars = coinScalars(system, number, attempt);
    const address = wasmEcdsa.address(scalars.secretKey);
    for (let ctr = 0; ctr < 256; ctr++) {
      const point = coinPoint(curve, system, { mintKeyId: number.mintKeyId, address, ctr });
      if (point !== null) return { ...scalars, attempt, address, ctr, point };
    }
  }
}
