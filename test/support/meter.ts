/** A meter for tests, installed in the given memory. */
import type { Bn254 } from "../../src/algebra/index.js";
import {
  MeterInstallation,
  type InstalledMeter,
  type NonVolatileMemory,
} from "../../src/meter/index.js";
import { addressOf, parseDenominations, type SuiteName } from "../../src/sipster/index.js";
import { sharedTokenKey, system } from "./settlement.js";

/** The utility's key for notices to meters. */
export const noticeKey = new Uint8Array(32).fill(0x17);

/** One unit is one minor unit; charges are over 1,000. */
export const unit = { numerator: 1000n, denominator: 1000n };

export function installMeter(
  curve: Bn254,
  memory: NonVolatileMemory,
  name: SuiteName = "hash-bound",
): InstalledMeter {
  const installation = new MeterInstallation(curve, memory, {
    chainId: system.chainId,
    settlement: system.settlement,
    noticeSigner: addressOf(noticeKey),
    keyEpoch: 1,
    denominations: parseDenominations(name === "classic" ? [1] : [1, 10, 100]),
    unit,
    suite: name === "classic" ? { name, tokenKey: sharedTokenKey } : { name },
  });
  return installation.complete(new Uint8Array(32).fill(5));
}

/** Charges of the given thousandths, half-hours apart, from `first`. */
export function chargesOf(thousandths: readonly (number | bigint)[], first = 0) {
  return thousandths.map((t, i) => ({
    start: (first + i) * 1_800_000,
    charge: { numerator: BigInt(t), denominator: 1000n },
  }));
}
