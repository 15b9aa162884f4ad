/**
 * The file a resident submits: one signed bill with its combined receipt, `sipster/bill@1`. It holds
 * nothing secret: everything in it is public once it is settled.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { bytesToInt, intToBytes, type Bn254, type G1Point } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { recoverMeter, type SignedBill } from "./bill.js";
import { sipsterErrors } from "./errors.js";
import { settlementSystem, type HexAddress, type SettlementSystem } from "./system.js";

export const BILL_FORMAT = "sipster/bill@1";

/** A bill ready to be settled. */
export interface SettleableBill {
  readonly system: SettlementSystem;
  readonly meter: HexAddress;
  readonly bill: SignedBill;
  /** R, checked. */
  readonly r: G1Point;
  /** σ, checked to be a point; whether it pays the bill is for the verifier. */
  readonly combined: G1Point;
}

/** The JSON text of a bill file. */
export function writeBillFile(
  curve: Bn254,
  { system, meter, bill, combined }: Omit<SettleableBill, "r">,
): string {
  const receipt = curve.g1.encode(combined);
  return `${JSON.stringify(
    {
      format: BILL_FORMAT,
      chainId: system.chainId.toString(),
      settlement: system.settlement,
      meter,
      period: bill.period,
      keyEpoch: bill.keyEpoch,
      r: coordinates(bill.r),
      signature: `0x${bytesToHex(bill.signature)}`,
      receipt: coordinates(receipt),
    },
    null,
    2,
  )}\n`;
}

/**
 * Reads a bill file: every field present and of its type, both points on the curve, the signature
 * that of the meter named.
 * @throws sipster/bad-bill-file with the field that is wrong
 */
export function parseBillFile(curve: Bn254, text: string): SettleableBill {
  const fields = parseObject(text);
  if (fields.format !== BILL_FORMAT) {
    throw bad("format", `is ${JSON.stringify(fields.format)} and not "${BILL_FORMAT}"`);
  }
  const chainId = decimal(fields.chainId);
  if (chainId === null) throw bad("chainId", "is not a decimal string");
  const settlement = address("settlement", fields.settlement);
  const meter = address("meter", fields.meter);
  const system = settlementSystem(chainId, settlement);
  const r = point("r", fields.r);
  const bill: SignedBill = {
    period: u32("period", fields.period),
    keyEpoch: u32("keyEpoch", fields.keyEpoch),
    r,
    signature: signature(fields.signature),
  };
  const checked = {
    r: onCurve(curve, "r", r),
    combined: onCurve(curve, "receipt", point("receipt", fields.receipt)),
  };
  let signer: HexAddress;
  try {
    signer = recoverMeter(system, bill);
  } catch (error) {
    throw bad("signature", error instanceof Error ? error.message : "is invalid", error);
  }
  if (signer !== meter) {
    throw bad("signature", `is by ${signer} over these fields, and not by the meter ${meter}`);
  }
  return { system, meter, bill, ...checked };
}

function coordinates(encoded: Uint8Array): { x: string; y: string } {
  return {
    x: bytesToInt(encoded.subarray(0, 32)).toString(),
    y: bytesToInt(encoded.subarray(32, 64)).toString(),
  };
}

function bad(field: string, why: string, cause?: unknown) {
  return sipsterErrors.error("bad-bill-file", `field "${field}" ${why}`, { field }, cause);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw sipsterErrors.error("bad-bill-file", "the file is not JSON", {}, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw sipsterErrors.error("bad-bill-file", "the file is not a JSON object");
  }
  return value as Record<string, unknown>;
}

function decimal(value: unknown): bigint | null {
  return typeof value === "string" && /^[0-9]{1,78}$/.test(value) ? BigInt(value) : null;
}

function u32(field: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32) {
    return value;
  }
  throw bad(field, "is not an integer below 2^32");
}

function address(field: string, value: unknown): HexAddress {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) {
    return value.toLowerCase() as HexAddress;
  }
  throw bad(field, "is not an address");
}

function signature(value: unknown): Uint8Array {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{128}$/.test(value)) {
    return hexToBytes(value.slice(2));
  }
  throw bad("signature", "is not 64 bytes in hexadecimal");
}

function point(field: string, value: unknown): Uint8Array {
  const { x, y } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const encoded = new Uint8Array(64);
  [x, y].forEach((c, i) => {
    const n = decimal(c);
    if (n === null || n >= 1n << 256n) {
      throw bad(field, "is not a point {x, y} of decimal strings below 2^256");
    }
    encoded.set(intToBytes(n, 32), 32 * i);
  });
  return encoded;
}

function onCurve(curve: Bn254, field: string, encoded: Uint8Array): G1Point {
  try {
    const p = curve.g1.decode(encoded);
    if (curve.g1.isIdentity(p)) throw bad(field, "is the identity");
    return p;
  } catch (error) {
    if (isSipsterError(error, "sipster/bad-bill-file")) throw error;
    throw bad(field, error instanceof Error ? `is refused: ${error.message}` : "is refused", error);
  }
}
