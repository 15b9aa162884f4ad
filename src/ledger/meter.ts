/**
 * The reporting side of a meter. It keeps its key, what is left of its key tree, the watt-hours that
 * are not reported yet, and what it has sent for the open interval.
 */
import { randomBytes } from "@noble/hashes/utils.js";
import { randomScalar } from "../algebra/index.js";
import { ORDER, publicKeyOf } from "./curve.js";
import type { Enrolment } from "./enrolment.js";
import { ledgerErrors } from "./errors.js";
import { PuncturablePrf } from "./ggm.js";
import { firstLeaf, oneTimes, type Interval } from "./one-time-key.js";
import { parcelSize, splitIntoParcels, type Category } from "./parcels.js";
import { reportMessage, type Report, type ReportBundle } from "./report.js";
import { signSchnorr } from "./schnorr.js";
import type { ConsumptionStatement } from "./statements.js";

/** A report, and how its sender will know it again when its keys are gone. */
export interface SentReport extends Report {
  readonly interval: Interval;
  readonly wattHours: bigint;
}

export interface MeterSecrets {
  /** In [1, order − 1]. */
  readonly secretKey: bigint;
  /** Root of the key tree, 32 bytes. */
  readonly root: Uint8Array;
}

export class LedgerMeter {
  readonly #secretKey: bigint;
  readonly #publicKey: Uint8Array;
  readonly #tree: PuncturablePrf;
  #carried = 0n;
  #open: { readonly interval: Interval; readonly sent: readonly SentReport[] } | undefined;
  /** Categories that were too rare in the last interval: not used in the next one. */
  #rare = 0;

  /**
   * @param ledger names the deployment: `ledgerId` of its domain.
   * @param secrets fresh ones when absent.
   * @throws ledger/bad-seed
   */
  constructor(
    private readonly ledger: Uint8Array,
    secrets: MeterSecrets = { secretKey: randomScalar(ORDER), root: randomBytes(32) },
  ) {
    this.#secretKey = secrets.secretKey;
    this.#publicKey = publicKeyOf(secrets.secretKey);
    this.#tree = PuncturablePrf.fromRoot(secrets.root);
  }

  /** For the registrar, at installation. */
  enrolment(): Enrolment {
    return { publicKey: this.#publicKey, tree: this.#tree.clone() };
  }

  /** Watt-hours measured and in no report that was or may yet be published. */
  get carried(): bigint {
    return this.#carried;
  }

  /**
   * Splits what was consumed, and what was carried, into reports for an interval, and forgets the
   * keys of that interval: there is one bundle for each.
   *
   * @param average regional average of the interval in watt-hours.
   * @throws ledger/interval-open if the last interval's outcome has not been given to
   * {@link conclude}; ledger/leaf-gone if the interval is over; ledger/bad-average,
   * ledger/bad-consumption
   */
  report(
    interval: Interval,
    wattHours: bigint,
    average: bigint,
  ): { readonly bundle: ReportBundle; readonly sent: readonly SentReport[] } {
    if (this.#open !== undefined) {
      throw ledgerErrors.error(
        "interval-open",
        `interval ${interval} cannot be reported before interval ${this.#open.interval} is concluded`,
        { interval, open: this.#open.interval },
      );
    }
    const usable = (c: Category): boolean => (this.#rare & (1 << c)) === 0;
    const { parcels, remainder } = splitIntoParcels(this.#carried + wattHours, average, usable);
    const keys = oneTimes(this.#tree, interval, parcels.length);
    const sent = parcels.map((category, i): SentReport => {
      const { pseudonym, tweak } = keys[i]!;
      const secret = (this.#secretKey + tweak) % ORDER;
      const size = parcelSize(category, average);
      const message = reportMessage(this.ledger, interval, pseudonym, size);
      const signature = signSchnorr(secret, publicKeyOf(secret), message);
      return { interval, pseudonym, category, wattHours: size, signature };
    });
    this.#carried = remainder;
    this.#tree.punctureBefore(firstLeaf(interval + 1));
    this.#open = { interval, sent };
    return { bundle: { interval, reports: sent }, sent };
  }

  /**
   * Takes note of an interval's outcome: reports whose category was withheld are not in the ledger,
   * so their watt-hours are carried and reported again.
   * @throws ledger/interval-open if another interval is open, or none
   */
  conclude({ interval, withheld }: Pick<ConsumptionStatement, "interval" | "withheld">): void {
    if (this.#open?.interval !== interval) {
      throw ledgerErrors.error(
        "interval-open",
        `interval ${interval} cannot be concluded: ${
          this.#open === undefined ? "none is open" : `interval ${this.#open.interval} is open`
        }`,
        { interval },
      );
    }
    for (const { category, wattHours } of this.#open.sent) {
      if ((withheld & (1 << category)) !== 0) this.#carried += wattHours;
    }
    this.#rare = withheld;
    this.#open = undefined;
  }
}
