/** Points and bills as the settlement contract takes them, and back. */
import { concat, getBytes, hexlify } from "ethers";
import {
  bytesToInt,
  intToBytes,
  type Bn254,
  type G1Point,
  type G2Point,
} from "../algebra/index.js";
import { billCoordinates, type SettleableBill, type SignedBill } from "../sipster/index.js";

/**
 * Gas that the check of a public key wants to see left and hardly uses (`PublicKeys.judge`). A node that
 * answers an estimate with the gas that was used, and not with what the call must carry, leaves too little.
 */
export const KEY_CHECK_GAS = 462_143n;

export interface G1Words {
  readonly x: bigint;
  readonly y: bigint;
}

/** In the order of EIP-197: the imaginary part first. */
export interface G2Words {
  readonly xC1: bigint;
  readonly xC0: bigint;
  readonly yC1: bigint;
  readonly yC0: bigint;
}

/** The struct `SignedBill` of the contract. */
export interface BillWords {
  readonly period: bigint;
  readonly keyEpoch: bigint;
  readonly rx: bigint;
  readonly ry: bigint;
  /** 32 bytes each, 0x-hexadecimal: the two halves of the compact signature of EIP-2098. */
  readonly r: string;
  readonly vs: string;
}

export function g1Words(curve: Bn254, point: G1Point): G1Words {
  const bytes = curve.g1.encode(point);
  return { x: word(bytes, 0), y: word(bytes, 1) };
}

export function g2Words(curve: Bn254, point: G2Point): G2Words {
  const bytes = curve.g2.encode(point);
  return {
    xC1: word(bytes, 0),
    xC0: word(bytes, 1),
    yC1: word(bytes, 2),
    yC0: word(bytes, 3),
  };
}

/** @throws algebra/… if the words are not a point */
export function g1FromWords(curve: Bn254, { x, y }: G1Words): G1Point {
  return curve.g1.decode(join([x, y]));
}

/** @throws algebra/… if the words are not a point of the group */
export function g2FromWords(curve: Bn254, { xC1, xC0, yC1, yC0 }: G2Words): G2Point {
  return curve.g2.decode(join([xC1, xC0, yC1, yC0]));
}

export function billWords({ bill }: Pick<SettleableBill, "bill">): BillWords {
  const { rx, ry } = billCoordinates(bill);
  return {
    period: BigInt(bill.period),
    keyEpoch: BigInt(bill.keyEpoch),
    rx,
    ry,
    r: hexlify(bill.signature.subarray(0, 32)),
    vs: hexlify(bill.signature.subarray(32, 64)),
  };
}

/** The bill that was passed to the contract. R is not checked to be a point. */
export function billFromWords({ period, keyEpoch, rx, ry, r, vs }: BillWords): SignedBill {
  return {
    period: Number(period),
    keyEpoch: Number(keyEpoch),
    r: join([rx, ry]),
    signature: getBytes(concat([r, vs])),
  };
}

function join(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(32 * values.length);
  values.forEach((value, i) => bytes.set(intToBytes(value, 32), 32 * i));
  return bytes;
}

function word(bytes: Uint8Array, index: number): bigint {
  return bytesToInt(bytes.subarray(32 * index, 32 * index + 32));
}
