/**
 * The file a resident submits: one signed bill with its combined receipt, `sipster/bill@1`. It holds
 * nothing secret: everything in it is public once it is settled.
 */
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { bytesToInt, intToBytes, type Bn254, type G1Point } from "../algebra/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import { decimalField, hexField, integerField, readJson } from "../json/index.js";
import { recoverMeter, type SignedBill } from "./bill.js";
import { sipsterErrors } from "./errors.js";
import {
  parseAddress,
  settlementSystem,
  type HexAddress,
  type SettlementSystem,
} from "./system.js";

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

const addressField = v.pipe(
  hexField(20),
  v.transform((text) => parseAddress(text)),
);

const coordinateField = v.pipe(
  decimalField,
  v.check((n) => n < 1n << 256n, "is not below 2^256"),
);

const pointField = v.pipe(
  v.object({ x: coordinateField, y: coordinateField }),
  v.transform(({ x, y }) => concatBytes(intToBytes(x, 32), intToBytes(y, 32))),
);

/** What a later version adds is left aside. */
const billField = v.object({
  format: v.literal(BILL_FORMAT),
  chainId: decimalField,
  settlement: addressField,
  meter: addressField,
  period: integerField(0, 0xffffffff),
  keyEpoch: integerField(0, 0xffffffff),
  r: pointField,
  signature: v.pipe(
    hexField(64),
    v.transform((text) => hexToBytes(text.slice(2))),
  ),
  receipt: pointField,
});

/**
 * Reads a bill file: every field present and of its type, both points on the curve, the signature
 * that of the meter named.
 * @throws sipster/bad-bill-file with the field that is wrong
 */
export function parseBillFile(curve: Bn254, text: string): SettleableBill {
  const { chainId, settlement, meter, period, keyEpoch, r, signature, receipt } = readJson(
    billField,
    text,
    (why, field, cause) => {
      const what = field === "" ? `the file ${why}` : why;
      return sipsterErrors.errorFrom({
        key: "bad-bill-file",
        message: what,
        details: { field },
        cause,
      });
    },
  );
  const system = settlementSystem(chainId, settlement);
  const bill: SignedBill = { period, keyEpoch, r, signature };
  const checked = {
    r: onCurve(curve, "r", r),
    combined: onCurve(curve, "receipt", receipt),
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
  return sipsterErrors.errorFrom({
    key: "bad-bill-file",
    message: `field "${field}" ${why}`,
    details: { field },
    cause,
  });
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
