/**
 * The control centre: admits genuine reports of the open interval into L_OCD, gives a receipt for
 * them, and closes the interval with a signed statement. A report is admitted once it is on the disk,
 * and the receipt is given after that, so a crash at any moment loses nothing that was acknowledged.
 */
import { equalBytes } from "../algebra/index.js";
import type { Admission } from "./admission.js";
import type { EnrolmentList } from "./enrolment.js";
import { ledgerErrors } from "./errors.js";
import {
  appendClosed,
  createOcdFile,
  intervalsOnDisk,
  openOcdFile,
  type OcdFile,
} from "./ocd-file.js";
import type { Interval } from "./one-time-key.js";
import { ZERO_ROOT } from "./merkle.js";
import { OpenInterval } from "./open-interval.js";
import type { ConsumptionPage, IntervalTerms } from "./pages.js";
import { checkAverage, nextAverage } from "./parcels.js";
import { decodeBundle } from "./report.js";
import type { StatementSigner } from "./statements.js";

export interface ControlCentreOptions {
  /** Where L_OCD is kept. It must exist; nobody else writes in it. */
  readonly directory: string;
  readonly signer: StatementSigner;
  /** Names the deployment: `ledgerId` of its domain. */
  readonly ledger: Uint8Array;
  /** A category with fewer rows than this is withheld. */
  readonly k: number;
  /** Regional average of the very first interval in watt-hours. */
  readonly initialAverage: bigint;
}

export class ControlCentre {
  #open: OpenInterval | undefined;
  /** The journal of an interval that was open when the process ended. */
  #interrupted: OcdFile | undefined;
  #last: ConsumptionPage | undefined;
  /** One operation after the other: each sees what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: ControlCentreOptions) {}

  /**
   * Starts with what the directory holds. An interval that was open is to be begun again.
   * @throws ledger/journal-damaged, ledger/bad-average
   */
  static async open(options: ControlCentreOptions): Promise<ControlCentre> {
    checkAverage(options.initialAverage);
    const centre = new ControlCentre(options);
    await centre.#recover();
    return centre;
  }

  /** The page of the last closed interval. */
  get lastPage(): ConsumptionPage | undefined {
    return this.#last;
  }

  /** The interval that was open when the process ended, to be begun again with its list. */
  get interruptedInterval(): Interval | undefined {
    return this.#interrupted?.terms.interval;
  }

  /** Regional average of the open interval, or of the next one, in watt-hours. */
  get average(): bigint {
    const terms = this.#open?.terms ?? this.#interrupted?.terms;
    if (terms !== undefined) return terms.average;
    if (this.#last === undefined) return this.options.initialAverage;
    const { average, load, homes } = this.#last.statement;
    return nextAverage(average, load, homes);
  }

  /**
   * Opens an interval for the reports on the list; after a crash, opens the interrupted one again
   * with everything that was admitted.
   * @throws ledger/interval-open if one is open, or this interval is not the next one
   */
  begin(list: EnrolmentList): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#interrupted !== undefined) {
        this.#open = this.#resume(this.#interrupted, list);
        this.#interrupted = undefined;
        return;
      }
      const terms = this.#termsOf(list);
      const journal = await createOcdFile(this.options.directory, terms);
      this.#open = this.#interval({ terms, journal, reports: [], closed: undefined }, list);
    });
  }

  /**
   * Checks the contents of packets and admits what is genuine. Answers in the order of the packets,
   * when everything admitted is on the disk.
   */
  admit(packets: readonly Uint8Array[]): Promise<readonly Admission[]> {
    return this.#inTurn(async () => {
      if (this.#open !== undefined) return this.#open.admit(packets);
      const last = this.#last?.statement.interval ?? -1;
      return packets.map((packet): Admission => {
        const bundle = decodeBundle(packet);
        if (bundle === undefined) return { refused: "malformed" };
        return { refused: bundle.interval > last ? "early" : "late" };
      });
    });
  }

  /**
   * Closes the open interval: reports of categories that are too rare are left out (their meters
   * report them again), the rest becomes the page, and its statement is signed.
   * @throws ledger/interval-open if none is open
   */
  close(): Promise<ConsumptionPage> {
    return this.#inTurn(async () => {
      const open = this.#open;
      if (open === undefined) {
        throw ledgerErrors.error("interval-open", "there is no open interval to close");
      }
      const page = open.page();
      await appendClosed(open.journal, page.signature);
      await open.journal.close();
      this.#open = undefined;
      this.#last = page;
      return page;
    });
  }

  /** Lets go of the files; an open interval stays open on the disk. */
  async stop(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#open?.journal.close();
      await this.#interrupted?.journal.close();
      this.#open = undefined;
      this.#interrupted = undefined;
    });
  }

  async #recover(): Promise<void> {
    const { directory } = this.options;
    for (const interval of await intervalsOnDisk(directory)) {
      const file = await openOcdFile(directory, interval);
      // Empty when the crash came before its first frame: the interval before is the last one.
      if (file === undefined) continue;
      if (file.closed === undefined) {
        this.#interrupted = file;
        return;
      }
      await file.journal.close();
      const page = this.#interval(file).page();
      if (!equalBytes(page.signature, file.closed)) {
        throw ledgerErrors.error(
          "journal-damaged",
          `the journal of interval ${interval} does not hold what its signature says`,
          { interval },
        );
      }
      this.#last = page;
      return;
    }
  }

  #resume(file: OcdFile, list: EnrolmentList): OpenInterval {
    const { interval, enrolment } = file.terms;
    if (interval !== list.interval || !equalBytes(enrolment, list.digest)) {
      throw ledgerErrors.error(
        "interval-open",
        `interval ${interval} was interrupted and must be begun again, with its own list`,
        { interval: list.interval, open: interval },
      );
    }
    return this.#interval(file, list);
  }

  #interval({ terms, journal, reports }: OcdFile, list?: EnrolmentList): OpenInterval {
    const { ledger, signer } = this.options;
    return new OpenInterval(terms, journal, list, ledger, signer, reports);
  }

  #termsOf({ interval, homes, digest }: EnrolmentList): IntervalTerms {
    const last = this.#last?.statement;
    if (this.#open !== undefined) {
      throw ledgerErrors.error(
        "interval-open",
        `interval ${interval} cannot begin: interval ${this.#open.terms.interval} is still open`,
        { interval, open: this.#open.terms.interval },
      );
    }
    if (last !== undefined && interval !== last.interval + 1) {
      throw ledgerErrors.error(
        "interval-open",
        `interval ${interval} cannot follow interval ${last.interval}: intervals come one by one`,
        { interval, last: last.interval },
      );
    }
    return {
      interval,
      homes,
      k: this.options.k,
      average: this.average,
      enrolment: digest,
      previousRoot: last?.root ?? ZERO_ROOT,
    };
  }

  #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(operation);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
