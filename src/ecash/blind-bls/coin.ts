/**
 * A coin: a one-time secp256k1 key, and the mint's BLS signature S = b_d·M on the hash M of its
 * address. Being a key and not a bearer serial, it can be shown to the payee without becoming the
 * payee's.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js";
import {
  ByteReader,
  digestToG1,
  G1_BYTES,
  intToBytes,
  toAddress,
  type Address,
  type Bn254,
  type G1Point,
} from "../../algebra/index.js";
import { COIN_TAG, type EcashSystem } from "../domains.js";
import { ecashErrors } from "../errors.js";

/** What a coin is to everybody: the mint signs this, blinded. */
export interface CoinName {
  readonly mintKeyId: number;
  readonly address: Address;
  /** The counter for which the hash is a point of the curve. */
  readonly ctr: number;
}

/** What its owner holds. The address follows from the secret key; kept, it need not be computed again. */
export interface OwnCoin extends CoinName {
  readonly denomination: number;
  /** Of the wallet, in this denomination. */
  readonly number: number;
  /** Of the coin's key, 32 bytes. */
  readonly secretKey: Uint8Array;
  /** S, 64 bytes. */
  readonly signature: Uint8Array;
}

/**
 * M = H1'(coin): the digest keccak256(tag ‖ systemId ‖ mintKeyId u32 ‖ address ‖ ctr u8), mapped to G1;
 * `null` if it gives no point.
 */
export function coinPoint(
  curve: Bn254,
  system: Pick<EcashSystem, "systemId">,
  { mintKeyId, address, ctr }: CoinName,
): G1Point | null {
  const digest = keccak_256(
    concatBytes(COIN_TAG, system.systemId, intToBytes(mintKeyId, 4), address, Uint8Array.of(ctr)),
  );
  return digestToG1(curve, digest);
}

/** Unique among all mint keys: the same address under another key is another coin. */
export function coinIdOf({ mintKeyId, address }: Omit<CoinName, "ctr">): string {
  return `${mintKeyId}/${bytesToHex(address)}`;
}

/** mintKeyId u32 ‖ denomination u32 ‖ number u64 ‖ ctr u8 ‖ address ‖ secret key ‖ S. */
export function encodeOwnCoin(coin: OwnCoin): Uint8Array {
  return concatBytes(
    intToBytes(coin.mintKeyId, 4),
    intToBytes(coin.denomination, 4),
    intToBytes(coin.number, 8),
    Uint8Array.of(coin.ctr),
    coin.address,
    coin.secretKey,
    coin.signature,
  );
}

/** @throws ecash/bad-coin */
export function decodeOwnCoin(bytes: Uint8Array): OwnCoin {
  const reader = new ByteReader(bytes, (why) =>
    ecashErrors.error("bad-coin", `these bytes are not a coin: ${why}`),
  );
  const coin = {
    mintKeyId: reader.number(4),
    denomination: reader.number(4),
    number: reader.number(8),
    ctr: reader.number(1),
    address: toAddress(reader.take(20)),
    secretKey: reader.take(32),
    signature: reader.take(G1_BYTES),
  };
  reader.end();
  return coin;
}
