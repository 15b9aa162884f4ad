/** What the meter remembers, in the order of its bytes. Tokens follow from units and counters. */
import * as c from "../../algebra/codec.js";
import { addressCodec, denominationsCodec } from "../../sipster/codecs.js";
import { totalsFromText, totalsToText } from "../../tariff/running-charge.js";

/** Closed periods whose tokens and bills can be had again. */
export const KEPT_PERIODS = 13;

const secret = c.bytesOf(32);
/** Milliseconds since 1970, UTC. */
const instant = c.uint(6);
const wattHours = c.uint(6);
/** A month, YYYYMM. */
const period = c.uint(4);
const totals = c.converted(c.textUpTo(4096), totalsToText, totalsFromText);

export const METER_RECORD = c.variant({
  /** Between two residents: nothing of the old one. */
  released: { clock: instant },
  installed: {
    chainId: c.bigUint(32),
    settlement: addressCodec,
    noticeSigner: addressCodec,
    termsHash: c.bytesOf(32),
    timeZone: c.textUpTo(64),
    suite: c.oneOf("hash-bound", "classic"),
    emission: c.oneOf("as-it-accrues", "at-period-end"),
    denominations: denominationsCodec,
    /** Money of one unit, in fractions of the minor unit of the currency. */
    unit: c.bigUint(16),
    meterShare: secret,
    residentShare: secret,
    /** Signs bills. */
    billKey: secret,
    /** Classic suite: shared by all meters. */
    tokenKey: c.optional(secret),
    /** The latest moment known, and what to add to what the hardware's clock shows. */
    clock: instant,
    clockOffset: c.bigInt(7),
    clockLost: c.oneOf(false, true),
    /** What the registers showed when energy was charged last. */
    imported: wattHours,
    exported: wattHours,
    /** Money owed and not yet in units, in fractions of the minor unit; negative for a credit. */
    accrued: c.bigInt(16),
    /** The open period, the units emitted in it, and those of the periods before, oldest first. */
    period,
    units: c.bigUint(8),
    kept: c.listOf(c.bigUint(8), KEPT_PERIODS),
    /** Index of the next token of each denomination: never goes back. */
    counters: c.listOf(c.uint(6), 14),
    epochs: c.listOf(c.record({ keyEpoch: c.uint(4), firstPeriod: period }), 32),
    tariffs: c.listOf(c.record({ firstPeriod: period, hash: c.bytesOf(32) }), 4),
    removedAt: c.optional(instant),
    totals,
  },
});

export type MeterState = Extract<c.ValueOf<typeof METER_RECORD>, { kind: "installed" }>;
