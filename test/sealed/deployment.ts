/** A small deployment: four trustees of whom three decrypt, meters, a control centre, January 2023. */
import { wasmEcdsa, type Address } from "../../src/algebra/index.js";
import { ed25519KeyPair } from "../../src/envelope/index.js";
import { DEFAULT_POLICY, type SumPolicy } from "../../src/sealed/bill-terms.js";
import { ControlCentre } from "../../src/sealed/control-centre.js";
import { EncryptionKey } from "../../src/sealed/elgamal.js";
import type { HeadAnchor, LogHead } from "../../src/sealed/head-anchor.js";
import type { KeyShare } from "../../src/sealed/key-share.js";
import { SealedMeter, type Reading } from "../../src/sealed/meter.js";
import type { TariffNotice } from "../../src/sealed/notices.js";
import { decodeReport, type SealedReport } from "../../src/sealed/report.js";
import { MeterRegistry, ReportVerifier } from "../../src/sealed/report-verifier.js";
import type { ReportingRules } from "../../src/sealed/rules.js";
import { Trustee } from "../../src/sealed/trustee.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { TestRandom } from "../support/random.js";
import { committeeOf, runCeremony } from "./ceremony.js";
import { fast } from "./support.js";

export const { shares } = runCeremony(committeeOf(4, 3));
export const sharedKey = shares[0]!;
export const authority = ed25519KeyPair(new Uint8Array(32).fill(5));

export const STEP = 1800;
export const PERIOD = 202301;
export const month = {
  from: Date.UTC(2023, 0, 1) / 1000,
  to: Date.UTC(2023, 1, 1) / 1000,
};

export const rules: ReportingRules = {
  deployment: "test",
  key: new EncryptionKey(fast, sharedKey.publicKey),
  normal: { lo: 0n, hi: 100n },
  possible: { lo: -1000n, hi: 1023n },
  billAbnormal: false,
  step: STEP,
  authority: authority.publicKey,
};

/** Beginning of half-hour `i` of the month. */
export const instant = (i: number): number => month.from + STEP * i;
/** Its number, drawn. */
export const number = (i: number): number => 2 * instant(i);

/** Readings of consecutive half-hours, drawn. */
export function readingsFrom(first: number, values: readonly bigint[]): Reading[] {
  return values.map((value, i) => ({ interval: number(first + i), value }));
}

const random = new TestRandom("deployment");

/** A meter with a key of its own, registered or not, installed when the month began. */
export function newMeter(
  registry?: MeterRegistry,
  under: ReportingRules = rules,
  store: Store = new MemoryStore(),
) {
  const secretKey = random.bytes(32);
  const place = { system: fast, rules: under, secretKey, store, installed: month.from };
  const meter = new SealedMeter({ ...place, now: () => month.to });
  registry?.register(wasmEcdsa.address(secretKey));
  /** A report of what the values say, up to the half-hour after them or `until`. */
  const report = async (
    first: number,
    values: readonly bigint[],
    until = instant(first + values.length),
  ): Promise<SealedReport> => {
    const message = await meter.report(readingsFrom(first, values), until);
    return decodeReport(fast, under, message);
  };
  return { meter, secretKey, store, report };
}

export class TestHeads implements HeadAnchor {
  latestHead: LogHead | null = null;
  isDown = false;

  latest(): Promise<LogHead | null> {
    return Promise.resolve(this.latestHead);
  }

  anchor(head: LogHead): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("no connection"));
    if (head.count <= (this.latestHead?.count ?? 0)) {
      return Promise.reject(new Error("the count does not grow"));
    }
    this.latestHead = head;
    return Promise.resolve();
  }
}

/** Price 7 in even half-hours and 3 in odd ones; fed in: 1 in return. */
export function evenAndOdd(count: number): TariffNotice {
  const steps = Array.from({ length: count }, (_, i) => ({
    from: instant(i),
    drawn: i % 2 === 0 ? 7n : 3n,
    fed: -1n,
  }));
  return { period: PERIOD, span: month, steps };
}

/** One price for the whole month. */
export function flat(price: bigint): TariffNotice {
  return { period: PERIOD, span: month, steps: [{ from: month.from, drawn: price, fed: 0n }] };
}

export const LAX: SumPolicy = {
  ...DEFAULT_POLICY,
  minReadings: 3,
  minPerPrice: 1,
  minHonest: 2,
  assumedCorrupt: 1,
};

export function newDeployment(
  policy: SumPolicy = LAX,
  under: ReportingRules = rules,
  ownShares: readonly KeyShare[] = shares,
) {
  const registry = new MeterRegistry();
  const verifier = new ReportVerifier({ system: fast, rules: under, meters: registry });
  const clock = { now: month.from - 3600 };
  const now = (): number => clock.now;
  const store = new MemoryStore();
  const centre = new ControlCentre({
    ...{ system: fast, rules: under, verifier, identity: authority, store, now },
  });
  const trustee = (
    j: number,
    ownStore: Store = new MemoryStore(),
    anchor: HeadAnchor = new TestHeads(),
  ): Promise<Trustee> =>
    Trustee.start({
      ...{ system: fast, rules: under, verifier, registry, policy, now },
      ...{ share: ownShares[j - 1]!, store: ownStore, anchor },
    });
  const trustees = (...numbers: number[]): Promise<Trustee[]> =>
    Promise.all(numbers.map((j) => trustee(j)));
  return { registry, verifier, centre, trustee, trustees, clock, store };
}

/** Meters whose address is known. */
export const addressesOf = (meters: readonly { meter: SealedMeter }[]): Address[] =>
  meters.map((m) => m.meter.address);
