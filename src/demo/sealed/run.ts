/** Meters, control centre and trustees of a month in one process: from readings to bills. */
import type { DiscreteLogTable } from "../../algebra/index.js";
import { ed25519KeyPair, type KeyPair } from "../../envelope/index.js";
import type { Home } from "../../readings/index.js";
import { MemoryStore } from "../../store/index.js";
import type { Tariff } from "../../tariff/index.js";
import {
  checkOpening,
  ControlCentre,
  createSealedSystem,
  decodeReport,
  EncryptionKey,
  intervalOf,
  encodeTariff,
  messageTable,
  MeterRegistry,
  noticeDigest,
  priceOf,
  ReportVerifier,
  roundToLevels,
  toleratedTrustees,
  Trustee,
  type KeyShare,
  type Point,
  type Range,
  type ReportingRules,
  type SealedSystem,
  type Span,
  type SumPolicy,
  type SumRequest,
} from "../../sealed/index.js";
import { generateShares } from "./ceremony.js";
import type { HeadsOf } from "./heads.js";
import { HomeMeter } from "./home-meter.js";
import { orRefusal } from "./or-refusal.js";
import { clearCharge, pricedMonth } from "./priced-readings.js";
import {
  BATCH,
  type NeighbourhoodSum,
  type Run,
  type SealedBill,
  type Timings,
} from "./run-result.js";
import { monthNotice, type MonthNotice } from "./tariff-notice.js";

export interface RunOptions {
  readonly period: string;
  readonly tariff: Tariff;
  readonly range: Range;
  readonly trustees: number;
  readonly threshold: number;
  readonly perReport: number;
  readonly policy: SumPolicy;
  /** Whether prices are rounded to levels that enough readings share. */
  readonly roundPrices: boolean;
  /** Whether abnormal readings are billed like others. */
  readonly billFlagged: boolean;
  /** Bills are of this part of the period, opened by the meters; of the whole period, by trustees, unless given. */
  readonly stay?: Span | undefined;
  /** Of how many intervals from the beginning of the period the neighbourhood's sum is decrypted. */
  readonly sums: number;
  readonly heads: HeadsOf;
  readonly progress: (text: string) => void;
}

/** Reports that are also checked alone, and readings that are also encrypted alone, for the timings. */
const SAMPLE = 20;
/** Least and most memory for the table of logarithms. */
const TABLE_BYTES = [1 << 17, 1 << 24] as const;
/** Seconds of an interval where the homes have none that is commonest. */
const DEFAULT_STEP = 1800;
/** Seconds of a day of groups. */
const DAY = 86_400;
/** How long before the period the tariff is published, in seconds. */
const NOTICE = 86_400;
/** What a meter of a home can show in one interval, in watt-hours: 31 bits and a sign. */
const POSSIBLE = 1n << 31n;

/**
 * Bills of homes in one time zone.
 * @throws sealed/tariff-not-linear, sealed/bad-committee, sealed/bad-notice, tariff/no-price,
 *   readings/bad-period
 */
export async function runSealed(homes: readonly Home[], options: RunOptions): Promise<Run> {
  const { range, progress, period, tariff } = options;
  const system = await createSealedSystem();
  const { trustees, threshold } = options;
  const tolerated = toleratedTrustees(trustees, threshold);
  progress(
    `key ceremony of ${trustees} trustees, any ${threshold} decrypt, ${Math.max(0, tolerated)} of them may be corrupt`,
  );
  const shares = await generateShares(system, trustees, threshold);
  const identity = ed25519KeyPair();
  const rules: ReportingRules = {
    deployment: `sipster sealed ${period}`,
    key: new EncryptionKey(system, shares[0]!.publicKey),
    normal: range,
    possible: {
      lo: range.lo < -POSSIBLE ? range.lo : -POSSIBLE,
      hi: range.hi >= POSSIBLE ? range.hi : POSSIBLE - 1n,
    },
    billAbnormal: options.billFlagged,
    step: commonestStep(homes),
    authority: identity.publicKey,
  };
  const exact = monthNotice(homes[0]!, period, tariff);
  const notice = options.roundPrices
    ? roundToLevels(exact.notice, rules.step, options.policy.minPerPrice)
    : exact.notice;
  const month = { unit: exact.unit, notice };
  const deployment = new Deployment({
    parties: { system, rules, shares, identity },
    options,
    month,
    homes,
  });
  await deployment.publish();
  const bills: SealedBill[] = [];
  for (const [i, home] of deployment.homes.entries()) {
    progress(`home ${home.home.id}, ${i + 1} of ${homes.length}`);
    bills.push(await deployment.bill(home));
  }
  return {
    bills,
    sums: await deployment.sums(),
    tolerated,
    reportBytes: deployment.reportBytes,
    timings: deployment.timings(),
    fewestAtAPrice: deployment.fewestAtAPrice,
  };
}

/** Seconds of the commonest interval. */
function commonestStep(homes: readonly Home[]): number {
  const counts = new Map<number, number>();
  for (const { intervals } of homes) {
    for (const { seconds } of intervals) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? DEFAULT_STEP;
}

/** What is the same for all homes. */
interface Parties {
  readonly system: SealedSystem;
  readonly rules: ReportingRules;
  readonly shares: readonly KeyShare[];
  readonly identity: KeyPair;
}

class Deployment {
  readonly homes: readonly HomeMeter[];
  reportBytes = 0;
  fewestAtAPrice = Infinity;
  readonly #registry = new MeterRegistry();
  readonly #verifier: ReportVerifier;
  readonly #centre: ControlCentre;
  #trustees: readonly Trustee[] = [];
  #table: DiscreteLogTable<Point> | undefined;
  /** Seconds since 1970: all parties look at one clock here. */
  #now: number;
  readonly #times: Record<keyof Timings, number[]> = {
    encryptUs: [],
    proveMs: [],
    verifyMs: [],
    batchVerifyMs: [],
    decryptMs: [],
  };

  private readonly parties: Parties;
  private readonly options: RunOptions;
  private readonly month: MonthNotice;

  constructor({
    parties,
    options,
    month,
    homes,
  }: {
    readonly parties: Parties;
    readonly options: RunOptions;
    readonly month: MonthNotice;
    readonly homes: readonly Home[];
  }) {
    this.parties = parties;
    this.options = options;
    this.month = month;

    const { system, rules, identity } = parties;
    this.#now = month.notice.span.from - NOTICE;
    this.#verifier = new ReportVerifier({ system, rules, meters: this.#registry });
    this.#centre = new ControlCentre({
      system,
      rules,
      verifier: this.#verifier,
      identity,
      store: new MemoryStore(),
      now: () => this.#now,
    });
    this.homes = homes.map((home) => {
      const { minReadings } = options.policy;
      const place = { system, rules, installed: month.notice.span.from, minReadings };
      const priced = pricedMonth(home, options.period, options.tariff);
      return new HomeMeter(home, priced, { ...place, now: () => this.#now });
    });
  }

  /** Tariff and groups go to trustees and meters before the period; then the period passes. */
  async publish(): Promise<void> {
    const { system, rules, shares } = this.parties;
    const { threshold, policy, heads } = this.options;
    // As many as are needed; the others are not asked.
    this.#trustees = await Promise.all(
      shares.slice(0, threshold).map(async (share) =>
        Trustee.start({
          ...{ system, rules, policy, share, verifier: this.#verifier },
          registry: this.#registry,
          store: new MemoryStore(),
          anchor: await heads(share.index),
          now: () => this.#now,
        }),
      ),
    );
    const message = await this.#centre.postTariff(this.month.notice);
    for (const taker of [...this.#trustees, ...this.homes.map((h) => h.openings)]) {
      await taker.takeTariff(message);
    }
    for (const { meter } of this.homes) this.#registry.register(meter.address);
    await this.#publishGroups();
    this.#now = this.month.notice.span.to;
  }

  /** A group of all homes for each day of which sums are asked. */
  async #publishGroups(): Promise<void> {
    const members = this.homes.map((h) => h.meter.address);
    for (const group of new Set(this.#intervals().map((interval) => this.#dayOf(interval)))) {
      const from = this.month.notice.span.from + DAY * group;
      const message = await this.#centre.postGroup({
        group,
        span: { from, to: from + DAY },
        members,
      });
      for (const trustee of this.#trustees) await trustee.takeGroup(message);
    }
  }

  /** The intervals of which sums are asked: energy drawn, as the first home measures it. */
  #intervals(): number[] {
    const drawn = this.homes[0]!.month.readings.filter((r) => !r.fed);
    return drawn.slice(0, this.options.sums).map((r) => r.number);
  }

  #dayOf(interval: number): number {
    return Math.floor((intervalOf(interval).start - this.month.notice.span.from) / DAY);
  }

  /** The neighbourhood's sums, when all homes have reported. */
  async sums(): Promise<NeighbourhoodSum[]> {
    const sums: NeighbourhoodSum[] = [];
    for (const interval of this.#intervals()) {
      const values = this.homes.map((h) => h.at(interval));
      const clear = values.every((v) => v !== null) ? values.reduce((sum, v) => sum + v, 0n) : null;
      const wattHours = await orRefusal(async () =>
        this.#open(await this.#centre.requestSum(this.#dayOf(interval), interval)),
      );
      sums.push({ start: intervalOf(interval).start * 1000, wattHours, clear });
    }
    return sums;
  }

  async bill(own: HomeMeter): Promise<SealedBill> {
    const { period, tariff, billFlagged, roundPrices, perReport, stay } = this.options;
    const { notice, unit } = this.month;
    const { home, meter, month } = own;
    const messages = await own.report(perReport, notice.span.to, (milliseconds) =>
      this.#times.proveMs.push(milliseconds),
    );
    this.#timeEncryption(own);
    await this.#deliver(messages);

    const span = stay ?? notice.span;
    const readings = own.within(span);
    const standing = stay === undefined ? month.standing : 0n;
    const byNumber = new Map(readings.map((r) => [r.number, r]));
    const taken = await this.#centre.readings(meter.address, span);
    const flagged = taken.filter((r) => r.flagged);
    const left = new Set(billFlagged ? [] : flagged.map((r) => r.interval));
    const billed = readings.filter((r) => !left.has(r.number));
    this.#countPrices(billed.map((r) => priceOf(notice, r.number)));
    const plain = billed.reduce(
      (sum, r) => sum + priceOf(notice, r.number) * BigInt(r.interval.wattHours),
      0n,
    );
    const open = async (): Promise<bigint> => {
      if (stay !== undefined) return this.#stay(own, messages, stay);
      // Readings that cost nothing need no decryption.
      if (billed.every((r) => priceOf(notice, r.number) === 0n)) return 0n;
      return this.#open(await this.#centre.requestBill(meter.address, notice.period));
    };
    const isPlain = roundPrices || stay !== undefined;
    return {
      home: home.id,
      intervals: readings.length,
      flagged: flagged.map((r) => byNumber.get(r.interval)!.interval.start),
      amount: await orRefusal(async () => (await open()) * unit + standing),
      clear: isPlain
        ? plain * unit + standing
        : clearCharge({ home, period, tariff, readings: billed }),
    };
  }

  /** The bill that the meter opens, checked against its reports. */
  async #stay({ openings }: HomeMeter, messages: Uint8Array[], stay: Span): Promise<bigint> {
    const { system, rules } = this.parties;
    const { notice } = this.month;
    const reports = messages.map((message) => decodeReport(system, rules, message));
    const tariff = { notice, digest: noticeDigest("tariff", encodeTariff(system, notice)) };
    const message = await openings.open(notice.period, stay);
    return checkOpening(message, { system, rules, tariff, reports }).value;
  }

  async #open(request: SumRequest): Promise<bigint> {
    const partials = [];
    for (const trustee of this.#trustees) partials.push(...(await trustee.answer([request])));
    const { system, rules, shares } = this.parties;
    // The readings of a month are in their range; what they cost at the highest price bounds the bill.
    const highest = this.month.notice.steps.reduce(
      (most, s) => (s.drawn > most ? s.drawn : most),
      0n,
    );
    const readings = request.reports.reduce((count, r) => count + r.readings.length, 0);
    const most = rules.normal.hi * highest * BigInt(readings);
    const table = (this.#table ??= messageTable(system, tableBytes(most, this.homes.length)));
    const began = performance.now();
    const { value } = await this.#centre.open(request, { key: shares[0]!, partials, table });
    this.#times.decryptMs.push(performance.now() - began);
    return value;
  }

  #timeEncryption({ month }: HomeMeter): void {
    for (const { interval } of month.readings.slice(0, SAMPLE)) {
      const began = performance.now();
      this.parties.rules.key.encrypt(BigInt(interval.wattHours));
      this.#times.encryptUs.push((performance.now() - began) * 1000);
    }
  }

  /** The control centre reads the reports from bytes and checks them, a batch at a time. */
  async #deliver(messages: readonly Uint8Array[]): Promise<void> {
    const { system, rules } = this.parties;
    this.reportBytes = Math.max(this.reportBytes, ...messages.slice(0, 1).map((m) => m.length));
    for (const message of messages.slice(0, SAMPLE)) {
      const began = performance.now();
      this.#verifier.check([decodeReport(system, rules, message)]);
      this.#times.verifyMs.push(performance.now() - began);
    }
    for (let i = 0; i < messages.length; i += BATCH) {
      const batch = messages.slice(i, i + BATCH);
      const began = performance.now();
      const [refusal] = await this.#centre.receive(batch);
      this.#times.batchVerifyMs.push((performance.now() - began) / batch.length);
      if (refusal !== undefined) throw refusal.error;
    }
  }

  #countPrices(prices: readonly bigint[]): void {
    const counts = new Map<bigint, number>();
    for (const price of prices) {
      if (price !== 0n) counts.set(price, (counts.get(price) ?? 0) + 1);
    }
    this.fewestAtAPrice = Math.min(this.fewestAtAPrice, ...counts.values());
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
