/**
 * Settling, as a page does it: bills collected and checked, submitted by one way or another, and
 * followed until the chain says that they are settled for good. What a reload must not lose is saved at each
 * change; what the chain knows is asked again.
 */
import { chainErrors } from "../../../src/chain/errors/errors.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import type { SipsterError } from "../../../src/errors/sipster-error.js";
import { RelayClient } from "../../../src/relay/client.js";
import type { SettleableBill } from "../../../src/sipster/bill-file.js";
import type { App } from "../app/page.js";
import { announceQuietly } from "../ui/announce.js";
import type { Connection } from "../wallet/connection.js";
import { BillList, idOf, type Entry } from "./bill-list.js";
import { Follower } from "./follower.js";
import { handOver } from "./hand-over.js";
import { loadProgress, onSavedElsewhere, saveProgress, type Submission } from "./saved-progress.js";
import { planTransactions, sendByWallet, type Plan } from "./transactions.js";

export const STEPS = ["Collect", "Check", "Submit", "Confirmed"] as const;

export class Settling {
  readonly list: BillList;
  submissions: readonly Submission[] = [];
  #failure: SipsterError | null = null;
  #failed = 0;
  /** What is going on that the owner waits for; empty when nothing is. */
  busy = "";
  /** Whether this browser keeps the bills over a reload. */
  isSaved = true;
  readonly #follower: Follower;
  readonly #ends: (() => void)[];

  constructor(readonly app: App) {
    const saved = loadProgress(app.config);
    this.list = new BillList(app, () => {
      this.fail(null);
      this.#save();
    });
    for (const bill of saved.bills) this.list.enter(bill);
    this.submissions = saved.submissions;
    this.#follower = new Follower(this);
    this.list.chainChanged();
    this.#follower.followSoon();
    this.#ends = [
      app.chain.onChange(() => {
        this.list.chainChanged();
      }),
      onSavedElsewhere(app.config, (before, after) => {
        this.list.follow(before.bills, after.bills);
        this.submissions = after.submissions;
        this.#follower.followSoon();
        app.update();
      }),
    ];
  }

  leave(): void {
    this.#follower.stop();
    for (const end of this.#ends) end();
  }

  /** Bills that can be submitted: right, not settled, and not under way already. */
  get ready(): SettleableBill[] {
    return this.list.entries
      .filter((entry) => entry.report.verdict.status === "ready" && !this.isPending(entry))
      .map(({ report }) => report.bill!);
  }

  isPending({ report: { bill } }: Entry): boolean {
    return bill !== null && this.submissions.some(({ bills }) => bills.includes(idOf(bill)));
  }

  /** Index of the present step. */
  get step(): number {
    const has = (status: string): boolean =>
      this.list.entries.some(({ report }) => report.verdict.status === status);
    if (this.list.entries.length === 0) return 0;
    if (has("ready") || this.submissions.some((s) => !this.isIncluded(s))) return 2;
    return has("settled") && !has("checking") ? 3 : 1;
  }

  /** Whether every settled bill is settled for good. */
  get isFinal(): boolean {
    return this.list.entries.every(
      ({ report: { verdict } }) => verdict.status !== "settled" || verdict.finality === "final",
    );
  }

  /** Whether every bill of a submission is in the chain. */
  isIncluded({ bills }: Submission): boolean {
    const settled = this.#settled();
    return bills.every((id) => settled.has(id));
  }

  /** Bills that the relayer has and the chain has not. */
  get relayed(): number {
    const settled = this.#settled();
    return this.submissions
      .filter(({ via }) => via === "relay")
      .flatMap(({ bills }) => bills)
      .filter((id) => !settled.has(id)).length;
  }

  /** Ids of the bills that are in the chain. */
  #settled(): ReadonlySet<string> {
    return new Set(
      this.list.entries
        .filter(({ report }) => report.verdict.status === "settled")
        .map(({ report }) => idOf(report.bill!)),
    );
  }

  async plan({ account }: Connection): Promise<Plan> {
    const { chain } = this.list;
    if (chain === null) {
      const { state } = this.app.chain;
      throw state.name === "failed"
        ? state.error
        : chainErrors.error("unreachable", "the node has not answered yet");
    }
    return planTransactions({
      contract: chain.contract,
      account,
      bills: this.ready,
      currency: this.app.config.currency,
    });
  }

  async submitByWallet(connection: Connection): Promise<void> {
    await this.#attempt(async () => {
      this.say("Getting your wallet onto the chain");
      await connection.useChain(this.app.config);
      this.say("Trying the settlement without sending it");
      const { transactions } = await this.plan(connection);
      const { address } = this.app.config.deployment.contracts.settlement;
      for (const transaction of transactions) {
        this.say("Confirm in your wallet");
        const asked: Submission = { via: "wallet", bills: transaction.bills.map(idOf), hash: null };
        this.#setSubmissions([...this.submissions, asked]);
        try {
          const hash = await sendByWallet(connection, address, transaction);
          this.#setSubmissions(this.submissions.map((s) => (s === asked ? { ...s, hash } : s)));
          announceQuietly("Sent. Waiting for the chain.");
        } catch (error) {
          this.withdraw(asked);
          throw error;
        }
      }
    });
  }

  async submitByRelay(relayUrl: string): Promise<void> {
    const relay = new RelayClient(relayUrl);
    await this.#attempt(async () => {
      this.say("Handing over to the relayer");
      // Bills that the relayer does not take stay as they are, with its reason.
      const refusals = await handOver(this, relay, (submission) => {
        this.#setSubmissions([...this.submissions, submission]);
      });
      if (refusals[0] === undefined) announceQuietly("Handed to the relayer");
      else this.#failedWith(refusals[0], refusals.length);
    });
  }

  /** A submission that came to its end, or that nobody waits for any more. */
  withdraw(submission: Submission, failure: SipsterError | null = null): void {
    this.#setSubmissions(this.submissions.filter((s) => s !== submission));
    if (failure !== null) {
      this.fail(failure);
      this.list.checkAll();
    }
  }

  /** Bills that the relayer will not settle: the others that it was handed with them are still under way. */
  takeBack(bills: readonly string[], failure: SipsterError): void {
    this.#setSubmissions(
      this.submissions
        .map((s) => (s.via === "relay" ? { ...s, bills: without(s.bills, bills) } : s))
        .filter((s) => s.bills.length > 0),
    );
    this.fail(failure, bills.length);
    this.list.checkAll();
  }

  /** What went wrong last, of what the owner asked for. */
  get failure(): SipsterError | null {
    return this.#failure;
  }

  /** How many bills went wrong; {@link failure} is why the first did. */
  get failed(): number {
    return this.#failed;
  }

  fail(failure: SipsterError | null, bills = 1): void {
    this.#failure = failure;
    this.#failed = failure === null ? 0 : bills;
  }

  startOver(): void {
    this.submissions = [];
    this.list.clear();
    this.app.update();
  }

  async #attempt(body: () => Promise<void>): Promise<void> {
    if (this.busy !== "") return;
    this.fail(null);
    try {
      await body();
    } catch (error) {
      this.#failedWith(explainFailure(error));
    }
    this.say("");
    this.#follower.followSoon();
  }

  #failedWith(error: SipsterError, bills = 1): void {
    this.fail(error, bills);
    // Something may have changed on the chain since the bills were checked.
    if (error.code.startsWith("contract/")) this.list.checkAll();
  }

  /** Says what the owner waits for. */
  say(what: string): void {
    this.busy = what;
    this.app.update();
  }

  #setSubmissions(submissions: readonly Submission[]): void {
    this.submissions = submissions;
    this.#save();
    this.app.update();
  }

  #save(): void {
    const { submissions } = this;
    this.isSaved = saveProgress(this.app.config, { bills: this.list.saved, submissions });
  }
}

function without(bills: readonly string[], others: readonly string[]): string[] {
  return bills.filter((bill) => !others.includes(bill));
}
