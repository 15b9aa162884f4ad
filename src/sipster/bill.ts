/** Bills: what the meter signs once per period, and what is settled (`BillGen` of the paper, §4). */
import {
  bytesToInt,
  eip712Digest,
  eip712Type,
  intToBytes,
  type Bn254,
  type Ecdsa,
  type G1Point,
} from "../algebra/index.js";
import { BILL_TYPE } from "./domains.js";
import { recoverSigner, signDigest } from "./signature.js";
import type { HexAddress, SettlementSystem } from "./system.js";

export interface Bill {
  /** u32; by convention the calendar month as YYYYMM. */
  readonly period: number;
  readonly keyEpoch: number;
  /** R = Σ Tᵢ − r·P1, encoded as in EIP-196 (64 bytes): uniform, regardless of the amount. */
  readonly r: Uint8Array;
}

export interface SignedBill extends Bill {
  /** By the meter's bill key, 64 bytes as in EIP-2098. */
  readonly signature: Uint8Array;
}

const TYPE = eip712Type(BILL_TYPE);

export interface BillContents {
  readonly curve: Bn254;
  readonly period: number;
  readonly keyEpoch: number;
  readonly accumulated: G1Point;
  readonly blinding: bigint;
}

/**
 * `BillGen`: the bill over the sum of the period's token points. `blinding` is r of the period plus
 * the sum of the tokens' own blinding factors; with no token at all the bill is −r·P1.
 */
export function billGen({ curve, period, keyEpoch, accumulated, blinding }: BillContents): Bill {
  const { g1 } = curve;
  const r = g1.sub(accumulated, g1.mulSecret(g1.generator, blinding));
  return { period, keyEpoch, r: g1.encode(r) };
}

/** The EIP-712 digest that the meter signs. */
export function billDigest(system: SettlementSystem, bill: Bill): Uint8Array {
  return eip712Digest(system.domain, TYPE, [
    intToBytes(bill.period, 32),
    intToBytes(bill.keyEpoch, 32),
    bill.r.subarray(0, 32),
    bill.r.subarray(32, 64),
  ]);
}

export function signBill(system: SettlementSystem, bill: Bill, billKey: Uint8Array): SignedBill {
  return { ...bill, signature: signDigest(billDigest(system, bill), billKey) };
}

/** The meter that signed the bill. @throws sipster/bad-signature */
export function recoverMeter(
  system: SettlementSystem,
  bill: SignedBill,
  ecdsa?: Ecdsa,
): HexAddress {
  return recoverSigner(billDigest(system, bill), bill.signature, ecdsa);
}

/** The affine coordinates of R, as the contract takes them. */
export function billCoordinates(bill: Bill): { readonly rx: bigint; readonly ry: bigint } {
  return { rx: bytesToInt(bill.r.subarray(0, 32)), ry: bytesToInt(bill.r.subarray(32, 64)) };
}
