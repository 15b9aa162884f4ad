/**
 * Installing a meter. Meter and resident make the view key together: the meter commits to its share,
 * the resident answers with its own, the meter opens. Neither chooses the key; the utility sees none.
 */
import { hexToBytes, randomBytes } from "@noble/hashes/utils.js";
import type { Bn254 } from "../../algebra/bn254/bn254.js";
import { randomSecretKey } from "../../algebra/secp256k1/ecdsa.js";
import { commitToShare, firstCounters, termsHash } from "../../sipster/index.js";
import type { FirstNumbers, SystemTerms } from "../../sipster/index.js";
import { tariffHash } from "../../tariff/canonical.js";
import { monthAt, NO_TOTALS, unitOf } from "../../tariff/running-charge.js";
import { checkFirstTariff } from "../../tariff/tariff-schedule.js";
import type { Tariff } from "../../tariff/tariff.js";
import { meterErrors } from "../errors.js";
import { readRecord, writeRecord, type NonVolatileMemory } from "../memory.js";
import { TrustedMeter } from "./meter.js";
import { METER_RECORD } from "./state.js";

export interface MeterSettings {
  readonly terms: SystemTerms;
  readonly tariff: Tariff;
  /** Secret of the classic suite. */
  readonly tokenKey: Uint8Array | null;
  /** What the hardware's clock shows, ms since 1970 in UTC, and what the registers show, Wh. */
  readonly now: number;
  readonly registers: { readonly imported: number; readonly exported: number };
}

export class MeterInstallation {
  readonly #share = randomBytes(32);
  /** To the resident, before it sends its share. */
  readonly commitment = commitToShare(this.#share);

  /** @throws meter/already-installed, bad-terms; tariff/bad-successor */
  constructor(
    private readonly curve: Bn254,
    private readonly memory: NonVolatileMemory,
    private readonly settings: MeterSettings,
  ) {
    const { terms, tariff, tokenKey, now } = settings;
    this.#lastClock();
    checkFirstTariff(tariff, terms.timeZone, now);
    const ofSuite = (terms.suite.name === "classic") === (tokenKey !== null);
    if (terms.tariffs.includes(tariffHash(tariff)) && ofSuite) return;
    throw meterErrors.error("bad-terms", "the terms name another suite, or not this tariff");
  }

  /** Makes the keys; the resident opens the view key with the share. @throws meter/already-installed */
  complete(residentShare: Uint8Array, first: FirstNumbers = new Map()) {
    const { terms, tariff, tokenKey, now, registers } = this.settings;
    const clock = Math.max(now, this.#lastClock());
    const period = monthAt(clock, terms.timeZone);
    commitToShare(residentShare);
    writeRecord(this.memory, METER_RECORD, {
      ...{ kind: "installed", ...terms.deployment, noticeSigner: terms.noticeSigner },
      ...{ termsHash: hexToBytes(termsHash(terms).slice(2)), timeZone: terms.timeZone },
      ...{ suite: terms.suite.name, emission: terms.emission, denominations: terms.denominations },
      ...{ unit: unitOf(terms.unit.minorUnits), billKey: randomSecretKey(), tokenKey },
      ...{ meterShare: this.#share, residentShare },
      ...{ clock, clockOffset: 0n, clockLost: false, removedAt: null, ...registers },
      ...{ accrued: 0n, period, units: 0n, kept: [], totals: NO_TOTALS, epochs: [] },
      counters: firstCounters(terms.denominations, first),
      tariffs: [{ firstPeriod: period, hash: hexToBytes(tariffHash(tariff).slice(2)) }],
    });
    return { meter: new TrustedMeter(this.curve, this.memory, [tariff]), meterShare: this.#share };
  }

  /** Of the meter that was released here; 0 for a new one. @throws meter/already-installed */
  #lastClock(): number {
    const record = readRecord(this.memory, METER_RECORD);
    if (record?.kind !== "installed") return record?.clock ?? 0;
    throw meterErrors.error("already-installed", "the memory already holds a meter");
  }
}
