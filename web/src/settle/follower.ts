/** Follows what was submitted until it is settled for good, or will never be. */
import { walletErrors } from "../../../src/chain/wallet/errors.js";
import { isSipsterError, type SipsterError } from "../../../src/errors/sipster-error.js";
import { RelayClient } from "../../../src/relay/client.js";
import { relayErrors } from "../../../src/relay/errors.js";
import { relayId } from "../../../src/relay/protocol.js";
import { shown } from "../app/chain-watch.js";
import type { App } from "../app/page.js";
import { announceQuietly } from "../ui/announce.js";
import { systemClock } from "../../../src/time/system-clock.js";
import { standingOf, type ChainToCheckAgainst } from "./bill-check.js";
import { idOf, type BillList, type Entry } from "./bill-list.js";
import type { Submission } from "./saved-progress.js";
import { lookAt } from "./transactions.js";

/** Milliseconds between two looks at the chain. */
const INTERVAL = 1500;
/** Milliseconds between two questions to the relayer: a thousand homes may share its patience. */
const RELAY_INTERVAL = 15_000;
/** Looks after which a transaction that the node does not know counts as lost: half a minute. */
const LOST_AFTER = 20;

/** What is followed: the bills, what was submitted of them, and where its end is told. */
export interface Followed {
  readonly app: App;
  readonly list: BillList;
  readonly submissions: readonly Submission[];
  isIncluded(submission: Submission): boolean;
  withdraw(submission: Submission, failure?: SipsterError): void;
  takeBack(bills: readonly string[], failure: SipsterError): void;
}

export class Follower {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  /** When the relayer may be asked next, Unix milliseconds. */
  #relayDue = 0;
  readonly #unknownLooks = new Map<string, number>();

  constructor(private readonly settling: Followed) {}

  followSoon(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.settling.submissions.length === 0) return;
    this.#timer = setTimeout(() => {
      void shown()
        .then(() => this.#follow())
        .finally(() => {
          this.followSoon();
        });
    }, INTERVAL);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #follow(): Promise<void> {
    const { list, app, submissions } = this.settling;
    if (list.chain === null || app.chain.heads === null || this.#stopped) return;
    try {
      for (const submission of submissions) await this.#look(list.chain, submission);
      await this.#askRelay();
    } catch {
      // The node did not answer: the frame of the page says so, and the next look comes soon.
    }
    app.update();
  }

  async #look(chain: ChainToCheckAgainst, submission: Submission): Promise<void> {
    const entries = this.#entriesOf(submission);
    for (const entry of entries) await this.#lookAt(chain, entry);
    if (entries.every(isFinal)) {
      this.settling.withdraw(submission);
      announceQuietly("Settled and confirmed");
    } else if (submission.via === "wallet" && !this.settling.isIncluded(submission)) {
      const failure = await this.#failureOfTransaction(chain, submission.hash);
      if (failure !== null) this.settling.withdraw(submission, failure);
    }
  }

  /**
   * What is settled is looked at by the list, with each block. A block that the page has not seen as
   * the chain's end may be gone before it does: then it is looked at here.
   */
  async #lookAt(chain: ChainToCheckAgainst, entry: Entry): Promise<void> {
    const { bill, verdict } = entry.report;
    const isSettled = verdict.status === "settled";
    const isSeen = !isSettled || (verdict.by?.block ?? 0) <= chain.heads().latest.number;
    if (bill === null || (isSettled && isSeen)) return;
    const standing = await standingOf(chain, bill);
    if (standing !== null) {
      entry.report = { ...entry.report, verdict: { status: "settled", ...standing } };
    } else if (isSettled) {
      await this.settling.list.check(entry);
    }
  }

  #entriesOf({ bills }: Submission): Entry[] {
    return bills.map((id) => this.settling.list.find(id)).filter((entry) => entry !== undefined);
  }

  async #failureOfTransaction(
    chain: ChainToCheckAgainst,
    hash: string | null,
  ): Promise<SipsterError | null> {
    // The wallet was asked before a reload, and its answer never came: it may still send.
    if (hash === null) return null;
    const state = await lookAt(chain.contract.runner!.provider!, hash);
    if (state === "reverted") {
      return walletErrors.error("reverted", `transaction ${hash} was mined and reverted`);
    }
    const looks = state === "unknown" ? (this.#unknownLooks.get(hash) ?? 0) + 1 : 0;
    this.#unknownLooks.set(hash, looks);
    if (looks < LOST_AFTER) return null;
    return walletErrors.error(
      "lost",
      `the node does not know transaction ${hash}, neither mined nor waiting`,
    );
  }

  /** Asks the relayer about all bills that it has and the chain has not, now and then. */
  async #askRelay(): Promise<void> {
    const { relayUrl } = this.settling.app.config;
    const now = systemClock();
    if (relayUrl === undefined || now < this.#relayDue) return;
    const open = this.settling.submissions
      .filter((submission) => submission.via === "relay")
      .flatMap((submission) => this.#entriesOf(submission))
      .filter(({ report }) => report.verdict.status !== "settled")
      .map(({ report }) => report.bill!);
    if (open.length === 0) return;
    // Not all pages at the same moment.
    this.#relayDue =
      now + RELAY_INTERVAL * (1 + crypto.getRandomValues(new Uint8Array(1))[0]! / 512);
    try {
      const statuses = await new RelayClient(relayUrl).statuses(open.map(relayId));
      const failures = open.map((_, i) => failureOf(statuses[i] ?? null));
      const back = open.filter((_, i) => failures[i] !== null);
      const first = failures.find((failure) => failure !== null);
      if (first !== undefined) this.settling.takeBack(back.map(idOf), first);
    } catch (error) {
      // A relayer that does not answer now has the bill all the same.
      const seconds = isSipsterError(error) ? error.details.seconds : undefined;
      if (typeof seconds === "number") this.#relayDue = now + seconds * 1000;
    }
  }
}

function failureOf(status: { readonly error: SipsterError | null } | null): SipsterError | null {
  return status === null
    ? relayErrors.error("bill-unknown", "the relayer does not know the bill")
    : status.error;
}

function isFinal({ report: { verdict } }: Entry): boolean {
  return verdict.status === "settled" && verdict.finality === "final";
}
