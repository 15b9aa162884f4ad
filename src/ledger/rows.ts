/**
 * Rows of the two ledgers that have many per interval, and how they are hashed. Rows are sorted by
 * pseudonym, numbered from 0, and carry the running total, so that a wrong order, a wrong total or a
 * missing row shows in two neighbouring rows and can be proved with two Merkle paths.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { eip712Type } from "../algebra/index.js";
import type { Interval, Pseudonym } from "./one-time-key.js";

/** A row of L_OCD: an admitted report. */
export interface ConsumptionRow {
  readonly index: number;
  readonly pseudonym: Pseudonym;
  /** Size of the parcel. */
  readonly wattHours: bigint;
  /** Sum of `wattHours` up to and with this row. */
  readonly cumulative: bigint;
  /** The report's one-time public key, 33 bytes. */
  readonly key: Uint8Array;
  /** Schnorr signature of the report under `key`, 65 bytes. */
  readonly signature: Uint8Array;
}

/** A row of L_BC: what an admitted report costs. */
export interface BillRow {
  readonly index: number;
  readonly pseudonym: Pseudonym;
  readonly wattHours: bigint;
  /** Price × parcel, in millionths of the currency's minor unit. */
  readonly amount: bigint;
  /** Sum of `amount` up to and with this row. */
  readonly cumulative: bigint;
}

const CONSUMPTION_ROW = eip712Type(
  "ConsumptionRow(uint32 interval,uint32 index,bytes32 pseudonym,uint64 wattHours,uint64 cumulative,bytes32 evidence)",
);
const BILL_ROW = eip712Type(
  "BillRow(uint32 interval,uint32 index,bytes32 pseudonym,uint64 wattHours,uint128 amount,uint128 cumulative)",
);

/** What a consumption row commits to beside its numbers: who signed the report, and how. */
export function evidenceOf(row: Pick<ConsumptionRow, "key" | "signature">): Uint8Array {
  return sha256(concatBytes(row.key, row.signature));
}

/** Keccak-256 of the fields packed in 120 bytes, as the contract packs them. */
export function consumptionLeaf(interval: Interval, row: ConsumptionRow): Uint8Array {
  const packed = start(CONSUMPTION_ROW, 120, interval, row);
  const view = new DataView(packed.buffer);
  view.setBigUint64(72, row.wattHours);
  view.setBigUint64(80, row.cumulative);
  packed.set(evidenceOf(row), 88);
  return keccak_256(packed);
}

/** Keccak-256 of the fields packed in 112 bytes, as the contract packs them. */
export function billLeaf(interval: Interval, row: BillRow): Uint8Array {
  const packed = start(BILL_ROW, 112, interval, row);
  const view = new DataView(packed.buffer);
  view.setBigUint64(72, row.wattHours);
  setUint128(view, 80, row.amount);
  setUint128(view, 96, row.cumulative);
  return keccak_256(packed);
}

function start(
  type: Uint8Array,
  length: number,
  interval: Interval,
  row: { readonly index: number; readonly pseudonym: Pseudonym },
): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(length);
  packed.set(type, 0);
  const view = new DataView(packed.buffer);
  view.setUint32(32, interval);
  view.setUint32(36, row.index);
  packed.set(row.pseudonym, 40);
  return packed;
}

function setUint128(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, value >> 64n);
  view.setBigUint64(offset + 8, value);
}
