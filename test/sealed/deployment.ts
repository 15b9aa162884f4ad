/** A small deployment: three trustees of whom two decrypt, meters, a control centre. */
import { wasmEcdsa } from "../../src/algebra/index.js";
import { ControlCentre } from "../../src/sealed/control-centre.js";
import { EncryptionKey } from "../../src/sealed/elgamal.js";
import { SealedMeter } from "../../src/sealed/meter.js";
import { MeterRegistry, ReportVerifier } from "../../src/sealed/report-verifier.js";
import type { ReportingRules } from "../../src/sealed/rules.js";
import { Trustee, type TrusteePolicy } from "../../src/sealed/trustee.js";
import type { LogEntry } from "../../src/sealed/trustee-log.js";
import { TestRandom } from "../support/random.js";
import { committeeOf, runCeremony } from "./ceremony.js";
import { fast } from "./support.js";

const { shares } = runCeremony(committeeOf(3, 2));
export const sharedKey = shares[0]!;

export const rules: ReportingRules = {
  deployment: "test",
  key: new EncryptionKey(fast, sharedKey.publicKey),
  normal: { lo: 0n, hi: 100n },
  possible: { lo: -1000n, hi: 1023n },
};

const random = new TestRandom("deployment");

/** A meter with a key of its own, registered or not. */
export function newMeter(registry?: MeterRegistry, under: ReportingRules = rules) {
  const secretKey = random.bytes(32);
  const meter = new SealedMeter(fast, under, secretKey);
  registry?.register(wasmEcdsa.address(secretKey));
  return { meter, secretKey };
}

export function newDeployment(policy: TrusteePolicy = { minReadings: 3, minPerWeight: 1 }) {
  const registry = new MeterRegistry();
  const verifier = new ReportVerifier(fast, rules, registry);
  const centre = new ControlCentre(fast, rules, verifier);
  const trustee = (j: number, log: readonly LogEntry[] = [], keep?: (entry: LogEntry) => void) =>
    new Trustee(fast, rules, verifier, policy, shares[j - 1]!, log, keep);
  return { registry, verifier, centre, trustee };
}

/** Readings of consecutive intervals. */
export function readingsFrom(first: number, values: readonly bigint[]) {
  return values.map((value, i) => ({ interval: first + i, value }));
}
