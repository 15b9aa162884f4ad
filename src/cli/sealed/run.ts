/** Meters, control centre and trustees of a month in one process: from readings to bills. */
import { randomSecretKey, type DiscreteLogTable } from "../../algebra/index.js";
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import type { Home } from "../../readings/index.js";
import type { Tariff } from "../../tariff/index.js";
import {
  ControlCentre,
  createSealedSystem,
  decodeReport,
  EncryptionKey,
  encodeReport,
  messageTable,
  MeterRegistry,
  ReportVerifier,
  SealedMeter,
  sumRange,
  Trustee,
  type KeyShare,
  type Point,
  type Range,
  type ReportingRules,
  type SealedReport,
  type SealedSystem,
  type TrusteePolicy,
} from "../../sealed/index.js";
import { generateShares } from "./ceremony.js";
import { clearCharge, pricedMonth, type PricedReading } from "./priced-readings.js";

export interface RunOptions {
  readonly period: string;
  readonly tariff: Tariff;
  readonly range: Range;
  readonly trustees: number;
  readonly threshold: number;
  readonly perReport: number;
  readonly policy: TrusteePolicy;
  /** Whether abnormal readings are billed like others. */
  readonly billFlagged: boolean;
  readonly progress: (text: string) => void;
}

export interface SealedBill {
  readonly home: string;
  readonly intervals: number;
  /** Beginnings of the intervals with an abnormal reading. */
  readonly flagged: readonly number[];
  /** In fractions of the minor unit, or why the trustees refused. */
  readonly amount: bigint | SipsterError;
  /** The same bill from the plain readings. */
  readonly clear: bigint;
}

/** Medians. */
export interface Timings {
  /** Encrypting one reading. */
  readonly encryptUs: number;
  /** Making one report: encryption, proofs, signature. */
  readonly proveMs: number;
  /** Checking one report alone. */
  readonly verifyMs: number;
  /** Checking one report among a batch of {@link BATCH}. */
  readonly batchVerifyMs: number;
  /** From the trustees' answers to one bill. */
  readonly decryptMs: number;
}

export interface Run {
  readonly bills: readonly SealedBill[];
  readonly reportBytes: number;
  readonly timings: Timings;
  /** Fewest readings of a bill at one price. */
  readonly fewestAtAPrice: number;
}

/** Reports that the control centre checks together. */
export const BATCH = 100;
/** Reports that are also checked alone, and readings that are also encrypted alone, for the timings. */
const SAMPLE = 20;
/** Least and most memory for the table of logarithms. */
const TABLE_BYTES = [1 << 17, 1 << 24] as const;
/** What a meter of a home can show in one interval, in watt-hours: 31 bits and a sign. */
const POSSIBLE = 1n << 31n;

/** @throws sealed/tariff-not-linear, sealed/bad-committee, readings/no-price, readings/bad-period */
export async function runSealed(homes: readonly Home[], options: RunOptions): Promise<Run> {
  const { range, progress } = options;
  const system = await createSealedSystem();
  progress(`key ceremony of ${options.trustees} trustees, any ${options.threshold} decrypt`);
  const shares = await generateShares(system, options.trustees, options.threshold);
  const rules: ReportingRules = {
    deployment: `sipster sealed ${options.period}`,
    key: new EncryptionKey(system, shares[0]!.publicKey),
    normal: range,
    possible: {
      lo: range.lo < -POSSIBLE ? range.lo : -POSSIBLE,
      hi: range.hi >= POSSIBLE ? range.hi : POSSIBLE - 1n,
    },
  };
  const deployment = new Deployment(system, rules, shares, options, homes.length);
  const bills = homes.map((home, i) => {
    progress(`home ${home.id}, ${i + 1} of ${homes.length}`);
    return deployment.bill(home);
  });
  return {
    bills,
    reportBytes: deployment.reportBytes,
    timings: deployment.timings(),
    fewestAtAPrice: deployment.fewestAtAPrice,
  };
}

class Deployment {
  reportBytes = 0;
  fewestAtAPrice = Infinity;
  readonly #registry = new MeterRegistry();
  readonly #verifier: ReportVerifier;
  readonly #trustees: readonly Trustee[];
  #table: DiscreteLogTable<Point> | undefined;
  readonly #times: Record<keyof Timings, number[]> = {
    encryptUs: [],
    proveMs: [],
    verifyMs: [],
    batchVerifyMs: [],
    decryptMs: [],
  };

  constructor(
    private readonly system: SealedSystem,
    private readonly rules: ReportingRules,
    private readonly shares: readonly KeyShare[],
    private readonly options: RunOptions,
    private readonly bills: number,
  ) {
    this.#verifier = new ReportVerifier(system, rules, this.#registry);
    // As many as are needed; the others are on holiday.
    this.#trustees = shares
      .slice(0, options.threshold)
      .map((share) => new Trustee(system, rules, this.#verifier, options.policy, share));
  }

  bill(home: Home): SealedBill {
    const { period, tariff, billFlagged } = this.options;
    const { readings, standing } = pricedMonth(home, period, tariff);
    const meter = new SealedMeter(this.system, this.rules, randomSecretKey());
    this.#registry.register(meter.address);
    const reports = this.#report(meter, readings);
    const centre = new ControlCentre(this.system, this.rules, this.#verifier);
    this.#deliver(centre, reports);

    const byNumber = new Map(readings.map((r) => [r.number, r]));
    const flagged = centre.readings(meter.address).filter((r) => r.flagged);
    const left = new Set(billFlagged ? [] : flagged.map((r) => r.interval));
    const billed = readings.filter((r) => !left.has(r.number));
    this.#countPrices(billed);
    const unit = billed.reduce((g, r) => gcd(g, r.price), 0n) || 1n;
    const open = (): bigint => {
      // Readings that cost nothing need no decryption.
      if (billed.every((r) => r.price === 0n)) return 0n;
      const request = centre.requestBill(meter.address, ({ interval }) =>
        left.has(interval) ? undefined : byNumber.get(interval)!.price / unit,
      );
      const partials = this.#trustees.map((t) => t.answer(request));
      const { hi } = sumRange(this.rules, request);
      const table = (this.#table ??= messageTable(this.system, tableBytes(hi, this.bills)));
      return this.#timed("decryptMs", () => centre.open(request, this.shares[0]!, partials, table))
        .value;
    };
    return {
      home: home.id,
      intervals: readings.length,
      flagged: flagged.map((r) => byNumber.get(r.interval)!.interval.start),
      amount: orRefusal(() => open() * unit + standing),
      clear: clearCharge(home, period, tariff, billed),
    };
  }

  #report(meter: SealedMeter, readings: readonly PricedReading[]): SealedReport[] {
    const reports: SealedReport[] = [];
    const plain = readings.map((r) => ({
      interval: r.number,
      value: BigInt(r.interval.wattHours),
    }));
    for (let i = 0; i < plain.length; i += this.options.perReport) {
      const part = plain.slice(i, i + this.options.perReport);
      reports.push(this.#timed("proveMs", () => meter.report(part)));
    }
    for (const { value } of plain.slice(0, SAMPLE)) {
      this.#timed("encryptUs", () => this.rules.key.encrypt(value));
    }
    return reports;
  }

  /** The control centre reads the reports from bytes and checks them, a batch at a time. */
  #deliver(centre: ControlCentre, reports: readonly SealedReport[]): void {
    const messages = reports.map((r) => encodeReport(this.system, r));
    this.reportBytes = Math.max(this.reportBytes, ...messages.slice(0, 1).map((m) => m.length));
    const read = (message: Uint8Array): SealedReport =>
      decodeReport(this.system, this.rules, message);
    for (const message of messages.slice(0, SAMPLE)) {
      this.#timed("verifyMs", () => this.#verifier.check([read(message)]));
    }
    for (let i = 0; i < messages.length; i += BATCH) {
      const batch = messages.slice(i, i + BATCH);
      const [refusal] = this.#timed(
        "batchVerifyMs",
        () => centre.receive(batch.map(read)),
        batch.length,
      );
      if (refusal !== undefined) throw refusal.error;
    }
  }

  #countPrices(readings: readonly PricedReading[]): void {
    const counts = new Map<bigint, number>();
    for (const { price } of readings) {
      if (price !== 0n) counts.set(price, (counts.get(price) ?? 0) + 1);
    }
    this.fewestAtAPrice = Math.min(this.fewestAtAPrice, ...counts.values());
  }

  #timed<T>(name: keyof Timings, body: () => T, count = 1): T {
    const began = performance.now();
    const result = body();
    const ms = (performance.now() - began) / count;
    this.#times[name].push(name === "encryptUs" ? ms * 1000 : ms);
    return result;
  }

  timings(): Timings {
    const times = this.#times;
    return {
      encryptUs: median(times.encryptUs),
      proveMs: median(times.proveMs),
      verifyMs: median(times.verifyMs),
      batchVerifyMs: median(times.batchVerifyMs),
      decryptMs: median(times.decryptMs),
    };
  }
}

/**
 * The table with which making it and opening all bills take least: m entries take m additions, a bill
 * of v takes v/2m; a bill is taken to be a tenth of the most it can be.
 */
function tableBytes(most: bigint, bills: number): number {
  const entries = Math.sqrt((Number(most < 0n ? 0n : most) * bills) / 20);
  return Math.round(Math.min(TABLE_BYTES[1], Math.max(TABLE_BYTES[0], 10 * entries)));
}

/** What the body returns, or what the trustees refused it with. */
function orRefusal(body: () => bigint): bigint | SipsterError {
  try {
    return body();
  } catch (error) {
    if (isSipsterError(error) && REFUSALS.has(error.code)) return error;
    throw error;
  }
}
const REFUSALS = new Set([
  "sealed/too-few-readings",
  "sealed/too-few-at-a-price",
  "sealed/no-readings",
]);

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
