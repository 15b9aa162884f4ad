/** Follows what was submitted until the chain says that it is settled, or that it never will be. */
import { walletErrors } from "../../../src/chain/wallet/errors.js";
import { isSipsterError, type SipsterError } from "../../../src/errors/sipster-error.js";
import { RelayClient } from "../../../src/relay/client.js";
import { relayId } from "../../../src/relay/protocol.js";
import { announceQuietly } from "../ui/announce.js";
import type { ChainToCheckAgainst } from "./bill-check.js";
import type { Entry } from "./bill-list.js";
import { findSettlement } from "../../../src/chain/settle/find-settlement.js";
import type { Submission } from "./saved-progress.js";
import type { Settling } from "./settling.js";
import { lookAt } from "./transactions.js";

/** Milliseconds between two looks. */
const INTERVAL = 1500;
/** Looks after which a transaction that the node does not know counts as lost: half a minute. */
const LOST_AFTER = 20;

export class Follower {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #unknownLooks = new Map<string, number>();

  constructor(private readonly settling: Settling) {}

  followSoon(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.settling.submissions.length === 0) return;
    this.#timer = setTimeout(() => {
      void this.#follow().finally(() => {
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
    if (list.chain === null) return;
    try {
      for (const submission of submissions) await this.#look(list.chain, submission);
    } catch {
      // The node did not answer: the frame of the page says so, and the next look comes soon.
    }
    app.update();
  }

  async #look(chain: ChainToCheckAgainst, submission: Submission): Promise<void> {
    const entries = submission.bills
      .map((id) => this.settling.list.find(id))
      .filter((entry) => entry !== undefined);
    let open = 0;
    for (const entry of entries) if (!(await isSettled(chain, entry))) open++;
    if (open === 0) {
      this.settling.withdraw(submission);
      announceQuietly("Settled and confirmed");
    } else {
      const failure = await (submission.via === "wallet"
        ? this.#failureOfTransaction(chain, submission.hash)
        : this.#failureOfRelay(entries));
      if (failure !== null) this.settling.withdraw(submission, failure);
    }
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

  async #failureOfRelay(entries: readonly Entry[]): Promise<SipsterError | null> {
    const { relayUrl } = this.settling.app.config;
    if (relayUrl === undefined) return null;
    const relay = new RelayClient(relayUrl);
    for (const { report } of entries) {
      try {
        const { error } = await relay.status(relayId(report.bill!));
        if (error !== null) return error;
      } catch (error) {
        if (isSipsterError(error, "relay/bill-unknown")) return error;
        // A relayer that does not answer now has the bill all the same.
      }
    }
    return null;
  }
}

async function isSettled(chain: ChainToCheckAgainst, entry: Entry): Promise<boolean> {
  if (entry.report.verdict.status === "settled") return true;
  const bill = entry.report.bill!;
  if (!(await chain.contract.settled(bill.meter, bill.bill.period))) return false;
  const by = await findSettlement(chain.contract.runner!.provider!, chain.deployment, {
    meter: bill.meter,
    period: bill.bill.period,
  });
  entry.report = { ...entry.report, verdict: { status: "settled", by } };
  return true;
}
