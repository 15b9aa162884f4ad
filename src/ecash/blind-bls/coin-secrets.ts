/**
 * The secrets of coins, all from the wallet's seed: a wallet that has lost everything else makes the
 * same coins again, each with the number that it had.
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
import { COIN_SECRET_TAG, REFRESH_SECRET_TAG, type EcashSystem } from "../domains.js";
import type { CoinNumber } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { coinPoint, type CoinName } from "./coin.js";

export const SEED_BYTES = 32;

/** What follows from a coin's source alone, cheaply. */
export interface CoinScalars {
  readonly secretKey: Uint8Array;
  /** ρ in [1, ℓ − 1]. */
  readonly rho: bigint;
}

/** What a wallet writes down of a coin under way, so as to compute it once. */
export interface CoinSketch {
  /** Which key of this coin's source: nearly always the first, 0. */
  readonly retry: number;
  readonly address: Address;
  readonly ctr: number;
}

export interface CoinSecrets extends CoinScalars, CoinSketch {
  /** M. */
  readonly point: G1Point;
}

/** HMAC-SHA512 under the wallet's seed, the key absorbed once for all its coins. */
export type SeedMac = (input: Uint8Array) => Uint8Array;

/** @throws ecash/bad-seed */
export function seedMac(seed: Uint8Array): SeedMac {
  if (seed.length !== SEED_BYTES) {
    throw ecashErrors.error("bad-seed", `a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
  }
  const keyed = hmac.create(sha512, seed);
  return (input) => keyed.clone().update(input).digest();
}

/** What a coin's secrets derive from, under one mint key. */
export interface CoinSource {
  readonly mintKeyId: number;
  /** Encoded: the coin's number, or the old coin of a refresh. */
  readonly input: Uint8Array;
  /** Enters the blinding alone. u32. */
  readonly attempt: number;
}

/** tag ‖ systemId ‖ mintKeyId u32 ‖ denomination u32 ‖ number u64. */
export function numberedSource(
  { systemId }: Pick<EcashSystem, "systemId">,
  mintKeyId: number,
  { denomination, number, attempt = 0 }: CoinNumber,
): CoinSource {
  const words = [intToBytes(mintKeyId, 4), intToBytes(denomination, 4), intToBytes(number, 8)];
  return { mintKeyId, attempt, input: concatBytes(COIN_SECRET_TAG, systemId, ...words) };
}

/** tag ‖ systemId ‖ mintKeyId u32 ‖ the old coin: mintKeyId u32 ‖ address. */
export function refreshSource(
  { systemId }: Pick<EcashSystem, "systemId">,
  mintKeyId: number,
  old: Omit<CoinName, "ctr">,
): CoinSource {
  const words = [intToBytes(mintKeyId, 4), intToBytes(old.mintKeyId, 4), old.address];
  return { mintKeyId, attempt: 0, input: concatBytes(REFRESH_SECRET_TAG, systemId, ...words) };
}

/**
 * Key: HMAC-SHA512(seed, input ‖ retry u32 ‖ 0 u32); ρ: HMAC-SHA512(seed, input ‖ retry u32 ‖ 1 u32 ‖
 * attempt u32); each reduced to [1, order − 1]: 512 bits leave no bias.
 */
export function coinScalars(mac: SeedMac, source: CoinSource, retry: number): CoinScalars {
  const scalar = (order: bigint, ...numbers: number[]): bigint => {
    const input = concatBytes(source.input, ...numbers.map((n) => intToBytes(n, 4)));
    return 1n + (bytesToInt(mac(input)) % (order - 1n));
  };
  return {
    secretKey: intToBytes(scalar(SECP256K1_ORDER, retry, 0), 32),
    rho: scalar(GROUP_ORDER, retry, 1, source.attempt),
  };
}

/** The secrets of a coin and its point. */
export function deriveCoinSecrets({
  curve,
  system,
  mac,
  source,
}: {
  readonly curve: Bn254;
  readonly system: Pick<EcashSystem, "systemId">;
  readonly mac: SeedMac;
  readonly source: CoinSource;
}): CoinSecrets {
  const { mintKeyId } = source;
  // One key in 2¹⁷⁵ has no counter that gives a point: then the next one.
  for (let retry = 0; ; retry++) {
    const scalars = coinScalars(mac, source, retry);
    const address = wasmEcdsa.address(scalars.secretKey);
    for (let ctr = 0; ctr < 256; ctr++) {
      const point = coinPoint(curve, system, { mintKeyId, address, ctr });
      if (point !== null) return { ...scalars, retry, address, ctr, point };
    }
  }
}
