/**
 * A relayer: takes bills of others, checks each before it takes it, settles them in batches, and
 * watches each settlement until it is final. It pays the gas and holds no secret of anyone: a bill
 * file is public once it is settled, and from any sender the settlement counts for the meter that
 * signed.
 */
import type { Bn254 } from "../algebra/index.js";
import {
  checkSystem,
  explainBill,
  finalityOf,
  findSettlement,
  FINALIZED,
  mapLimit,
  readHeads,
  settleBills,
  settlementContract,
  type ChainHeads,
  type Deployment,
  type SettlementOutcome,
  type TransactionSender,
} from "../chain/index.js";
import { SipsterError } from "../errors/sipster-error.js";
import { parseBillFile, type FinalityRule, type SettleableBill } from "../sipster/index.js";
import type { Store } from "../store/index.js";
import { systemClock } from "../time/system-clock.js";
import { confirm } from "./confirming.js";
import { relayErrors } from "./errors.js";
import { relayId, type RelayStatus } from "./protocol.js";
import { RelayQueue, type QueuedBill } from "./queue.js";
import { Readiness } from "./readiness.js";
import { Timer } from "./timer.js";

export interface RelayerOptions {
  readonly sender: TransactionSender;
  readonly deployment: Deployment;
  readonly curve: Bn254;
  readonly store: Store;
  /** Bills in one transaction, at most; 100 when absent. */
  readonly batch?: number;
  /** Milliseconds that a bill waits for others; 60,000 when absent. */
  readonly delay?: number;
  /** Milliseconds to wait after a batch could not be sent; 15,000 when absent. */
  readonly retry?: number;
  /** When a settlement is final; the node's finalized block when absent. */
  readonly finality?: FinalityRule;
  /** Milliseconds between two looks at settlements that are not final; 12,000 when absent. */
  readonly watch?: number;
  /** Milliseconds for which a transaction that a reorganisation returned is waited for; 300,000. */
  readonly patience?: number;
  /** Bills that wait at the same time, at most; 10,000 when absent. */
  readonly capacity?: number;
  /** Milliseconds for which the end of a bill is remembered; 30 days when absent. */
  readonly memory?: number;
  /** Told what happens, a sentence each; nothing of it says who handed in what. */
  readonly onProgress?: (message: string) => void;
}

const MONTH = 30 * 24 * 3600 * 1000;
/** Bills checked at once. */
const AT_ONCE = 16;

export class Relayer {
  readonly #queue: RelayQueue;
  readonly #options: Required<RelayerOptions>;
  readonly #sendTimer = new Timer(() => this.#oneByOne(() => this.#send()));
  readonly #readiness = new Readiness(() =>
    readHeads(this.#options.sender.provider, this.#options.finality),
  );
  readonly #watchTimer = new Timer(() => this.#oneByOne(() => this.#confirm()));
  /** One piece of work after the other: they share an account and the queue. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: RelayerOptions) {
    const { capacity = 10_000, memory = MONTH } = options;
    this.#options = {
      batch: 100,
      delay: 60_000,
      retry: 15_000,
      finality: FINALIZED,
      watch: 12_000,
      patience: 300_000,
      capacity,
      memory,
      onProgress: () => undefined,
      ...options,
    };
    this.#queue = new RelayQueue(options.store, capacity, memory);
  }

  get deployment(): Deployment {
    return this.#options.deployment;
  }

  /** Goes on with what an earlier run has taken. */
  async start(): Promise<void> {
    const { onProgress } = this.#options;
    const [waiting, watched] = [await this.#queue.waiting(), await this.#queue.watched()];
    if (watched.length > 0) {
      onProgress(`${watched.length} settlements of an earlier run are not final`);
      this.#watchTimer.by(systemClock());
    }
    if (waiting.length > 0) {
      onProgress(`${waiting.length} bills of an earlier run are waiting`);
      this.#sendTimer.by(systemClock());
    }
  }

  /** Stops taking and sending; a batch that is under way is followed to its end. */
  async stop(): Promise<void> {
    this.#sendTimer.stop();
    this.#watchTimer.stop();
    await this.#work;
  }

  /** Why bills cannot be taken now; `null`: they can. Asks the node. */
  ready(): Promise<string | null> {
    return this.#readiness.answer();
  }

  /** Bills that wait. */
  async waiting(): Promise<number> {
    return (await this.#queue.waiting()).length;
  }

  /**
   * Takes a bill file, after every check that its transaction would meet.
   * @throws sipster/bad-bill-file, chain/bill-of-another-system, contract/… with what is wrong with
   *   it; relay/queue-full, relay/not-ready
   */
  async submit(text: string): Promise<RelayStatus> {
    const [answer] = await this.submitAll([text]);
    if (answer instanceof Error) throw answer;
    return answer!;
  }

  /** Takes several; of each its status, or why it was not taken, in their order. */
  async submitAll(texts: readonly string[]): Promise<(RelayStatus | SipsterError)[]> {
    const checked = await mapLimit(texts, AT_ONCE, (text) => this.#open(text));
    const taken = checked.filter((item): item is QueuedBill => !(item instanceof Error));
    const added = await this.#queue.add(taken);
    const answers = new Map(taken.map((bill, i) => [bill, added[i]!]));
    await this.#schedule();
    return checked.map((item) => {
      if (item instanceof SipsterError) return item;
      const answer = answers.get(item)!;
      return answer instanceof SipsterError ? answer : (answer as QueuedBill).status;
    });
  }

  /** @throws relay/bill-unknown */
  async status(id: string): Promise<RelayStatus> {
    const [status] = await this.statuses([id]);
    if (status !== null && status !== undefined) return status;
    throw relayErrors.error("bill-unknown", `no bill with the id ${id} is known here`, { id });
  }

  /** Of each id, in their order; `null` for one that is not known here. */
  async statuses(ids: readonly string[]): Promise<(RelayStatus | null)[]> {
    return (await this.#queue.find(ids)).map((bill) => bill?.status ?? null);
  }

  /** A bill that is known and not at its end as it is known; any other after its checks. */
  async #open(text: string): Promise<QueuedBill | SipsterError> {
    const { curve, deployment } = this.#options;
    try {
      const bill = parseBillFile(curve, text);
      checkSystem(deployment, bill);
      const [known] = await this.#queue.find([relayId(bill)]);
      const isOver = known?.status.state === "refused" || known?.status.state === "final";
      if (known !== null && known !== undefined && !isOver) return known;
      const status = await this.#check(bill);
      return { status, text: status.state === "final" ? "" : text, since: systemClock() };
    } catch (error) {
      if (error instanceof SipsterError) return error;
      throw error;
    }
  }

  async #check(bill: SettleableBill): Promise<RelayStatus> {
    const { sender, deployment, curve, finality } = this.#options;
    const { provider } = sender;
    const status: RelayStatus = {
      id: relayId(bill),
      meter: bill.meter,
      period: bill.bill.period,
      state: "queued",
      transaction: null,
      block: null,
      error: null,
    };
    try {
      const verdict = await explainBill(settlementContract(deployment, sender), curve, bill);
      if (verdict.status === "refused") throw verdict.error;
      if (verdict.status === "settles") return status;
      const by = await findSettlement(provider, deployment, status);
      return settledAs(
        status,
        by ?? { transaction: null, block: null },
        await readHeads(provider, finality),
      );
    } catch (error) {
      if (error instanceof SipsterError && error.code.startsWith("contract/")) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw relayErrors.errorFrom({
        key: "not-ready",
        message: `the chain cannot be asked now: ${why}`,
        cause: error,
      });
    }
  }

  async #schedule(): Promise<void> {
    const { batch, delay, watch } = this.#options;
    const waiting = await this.waiting();
    if (waiting > 0) this.#sendTimer.by(systemClock() + (waiting >= batch ? 0 : delay));
    this.#watchTimer.by(systemClock() + watch);
  }

  #oneByOne(task: () => Promise<void>): void {
    this.#work = this.#work.then(task);
  }

  async #send(): Promise<void> {
    const { sender, deployment, curve, batch, retry, finality, onProgress } = this.#options;
    try {
      const waiting = (await this.#queue.waiting()).slice(0, batch);
      if (waiting.length === 0) return;
      const bills = waiting.map(({ text }) => parseBillFile(curve, text));
      const statuses = waiting.map(({ status }) => status);
      onProgress(`sending ${bills.length} bills`);
      await this.#queue.update(
        statuses.map((status) => ({ ...status, state: "sent" as const })),
        systemClock(),
      );
      const outcomes = await settleBills({ sender, deployment, bills, curve, batch: true });
      const heads = await readHeads(sender.provider, finality);
      await this.#queue.update(
        outcomes.map((outcome, i) => became(statuses[i]!, outcome, heads)),
        systemClock(),
      );
      await this.#queue.forget(systemClock());
      onProgress(`${outcomes.filter((o) => o.status !== "refused").length} bills are settled`);
      this.#watchTimer.by(systemClock() + this.#options.watch);
      if ((await this.waiting()) > 0) this.#sendTimer.by(systemClock());
    } catch (error) {
      // Nothing is lost: what is out is in the sender's journal, what is not waits in the queue.
      onProgress(`not sent, tried again: ${reasonOf(error)}`);
      this.#sendTimer.by(systemClock() + retry);
    }
  }

  async #confirm(): Promise<void> {
    const { sender, deployment, finality, patience, watch, onProgress } = this.#options;
    const { provider } = sender;
    const queue = this.#queue;
    try {
      const now = systemClock();
      const seen = await confirm({ provider, deployment, queue, finality, patience }, now);
      if (seen.final > 0) onProgress(`${seen.final} settlements are final`);
      if (seen.queued > 0) {
        onProgress(`${seen.queued} settlements are gone from the chain, and queued again`);
        this.#sendTimer.by(now);
      }
      if (seen.open > 0) this.#watchTimer.by(now + watch);
    } catch (error) {
      onProgress(`settlements not looked at, tried again: ${reasonOf(error)}`);
      this.#watchTimer.by(systemClock() + watch);
    }
  }
}

function became(status: RelayStatus, outcome: SettlementOutcome, heads: ChainHeads): RelayStatus {
  if (outcome.status === "refused") return { ...status, state: "refused", error: outcome.error };
  return settledAs(status, outcome, heads);
}

/** Where the transaction is not known, it counts as included until the watch knows more. */
function settledAs(
  status: RelayStatus,
  { transaction, block }: Pick<RelayStatus, "transaction" | "block">,
  heads: ChainHeads,
): RelayStatus {
  const state = block === null ? "included" : finalityOf(block, heads);
  return { ...status, transaction, block, state };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
