/** Checking reports, many at once: what control centre and trustees do alike. */
import {
  bisect,
  bytesToInt,
  verifyEcdsa,
  wasmEcdsa,
  type Address,
  type Ecdsa,
} from "../algebra/index.js";
import type { SipsterError } from "../errors/sipster-error.js";
import { addEqualityEquations } from "./equality-proof.js";
import { Equations } from "./equations.js";
import { sealedErrors } from "./errors.js";
import { addRangeEquations, type RangeClaim } from "./range-verifier.js";
import { isWithin } from "./interval.js";
import {
  MAX_READINGS,
  rangeStatements,
  reportContext,
  reportDigest,
  type SealedReport,
} from "./report.js";
import type { ReportingRules } from "./rules.js";
import type { SealedSystem } from "./system.js";

/** The meters of a deployment. */
export class MeterRegistry {
  readonly #meters = new Set<bigint>();

  register(meter: Address): void {
    this.#meters.add(bytesToInt(meter));
  }

  has(meter: Address): boolean {
    return this.#meters.has(bytesToInt(meter));
  }
}

/** Checks reports of one deployment. */
export class ReportVerifier {
  private readonly system: SealedSystem;
  private readonly rules: ReportingRules;
  private readonly meters: MeterRegistry;
  private readonly ecdsa: Ecdsa;

  constructor({
    system,
    rules,
    meters,
    ecdsa = wasmEcdsa,
  }: {
    readonly system: SealedSystem;
    readonly rules: ReportingRules;
    readonly meters: MeterRegistry;
    readonly ecdsa?: Ecdsa;
  }) {
    this.system = system;
    this.rules = rules;
    this.meters = meters;
    this.ecdsa = ecdsa;
  }

  /**
   * What is wrong with each report, `null` if nothing: its meter is unknown, its intervals do not rise,
   * its signature or its proofs do not hold. All proofs are checked in one multi-scalar multiplication,
   * and bad ones found by halving. Replay is for the caller to notice, who knows the past.
   */
  check(reports: readonly SealedReport[]): (SipsterError | null)[] {
    const errors = reports.map((report) => this.#checkCheaply(report));
    const candidates = reports.flatMap((_, i) => (errors[i] === null ? [i] : []));
    const bad = bisect(candidates, (part) => this.#proofsHold(part.map((i) => reports[i]!)));
    for (const b of bad) {
      const i = candidates[b]!;
      const interval = reports[i]!.readings[0]!.interval;
      errors[i] = sealedErrors.error(
        "bad-proof",
        `a proof in the report from interval ${interval} on does not hold`,
        { interval },
      );
    }
    return errors;
  }

  #checkCheaply(report: SealedReport): SipsterError | null {
    const { meter, span, readings, signature } = report;
    if (!this.meters.has(meter)) {
      return sealedErrors.error("unknown-meter", "the report is of a meter that is not registered");
    }
    const rising = readings.every(
      (r, i) => isWithin(r.interval, span) && (i === 0 || r.interval > readings[i - 1]!.interval),
    );
    if (readings.length === 0 || readings.length > MAX_READINGS || !rising) {
      return sealedErrors.error(
        "bad-encoding",
        "the intervals of the report do not rise, or are outside its span",
      );
    }
    const digest = reportDigest(this.system, this.rules, report);
    if (!verifyEcdsa({ ecdsa: this.ecdsa, digest, signature, signer: meter })) {
      const { interval } = readings[0]!;
      return sealedErrors.error(
        "bad-signature",
        `the report from interval ${interval} on is not signed by its meter`,
        { interval },
      );
    }
    return null;
  }

  #proofsHold(reports: readonly SealedReport[]): boolean {
    const { system, rules } = this;
    const equations = new Equations(system);
    const claims: RangeClaim[] = [];
    for (const report of reports) {
      const { readings, equality, ranges } = report;
      const context = reportContext(system, rules, report);
      addEqualityEquations({
        system,
        equations,
        context,
        key: rules.key.point,
        statements: readings,
        proof: equality,
      });
      const parts = rangeStatements(rules, context, readings);
      if (parts.length !== ranges.length) return false;
      parts.forEach((part, i) => claims.push({ ...part, proof: ranges[i]! }));
    }
    return addRangeEquations(system, equations, claims) && equations.hold();
  }
}
