/**
 * A relayer: takes bills of others, checks each before it takes it, and settles them in batches. It
 * pays the gas and holds no secret of anyone: a bill file is public once it is settled, and whoever
 * sends it, the settlement counts for the meter that signed.
 */
import type { Bn254 } from "../algebra/index.js";
import {
  allEvents,
  checkSystem,
  explainBill,
  settleBills,
  settlementContract,
  type Deployment,
  type SettlementOutcome,
  type TransactionSender,
} from "../chain/index.js";
import { SipsterError } from "../errors/sipster-error.js";
import { parseBillFile, type SettleableBill } from "../sipster/index.js";
import type { Store } from "../store/index.js";
import { relayErrors } from "./errors.js";
import { relayId, type RelayStatus } from "./protocol.js";
import { RelayQueue } from "./queue.js";

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
  /** Bills that wait at the same time, at most; 10,000 when absent. */
  readonly capacity?: number;
  /** Milliseconds for which the end of a bill is remembered; 30 days when absent. */
  readonly memory?: number;
  /** Told what happens, a sentence each; nothing of it says who handed in what. */
  readonly onProgress?: (message: string) => void;
}

const MONTH = 30 * 24 * 3600 * 1000;

export class Relayer {
  readonly #queue: RelayQueue;
  readonly #options: Required<RelayerOptions>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer goes off, Unix milliseconds. */
  #due = Infinity;
  #sending: Promise<void> | null = null;
  #stopped = false;

  constructor(options: RelayerOptions) {
    const { capacity = 10_000, memory = MONTH } = options;
    this.#options = {
      batch: 100,
      delay: 60_000,
      retry: 15_000,
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
    const waiting = await this.#queue.waiting();
    if (waiting.length === 0) return;
    this.#options.onProgress(`${waiting.length} bills of an earlier run are waiting`);
    this.#sendBy(Date.now());
  }

  /** Stops taking and sending; a batch that is under way is followed to its end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sending;
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
    const { curve, deployment } = this.#options;
    const bill = parseBillFile(curve, text);
    checkSystem(deployment, bill);
    const known = await this.#queue.find(relayId(bill));
    if (known !== null && known.status.state !== "refused") return known.status;
    const status = await this.#check(bill);
    const taken = await this.#queue.add({ status, text, since: Date.now() });
    if (status.state === "queued") await this.#schedule();
    return taken.status;
  }

  /** @throws relay/bill-unknown */
  async status(id: string): Promise<RelayStatus> {
    const bill = await this.#queue.find(id);
    if (bill !== null) return bill.status;
    throw relayErrors.error("bill-unknown", `no bill with the id ${id} is known here`, { id });
  }

  async #check(bill: SettleableBill): Promise<RelayStatus> {
    const { sender, deployment, curve } = this.#options;
    const contract = settlementContract(deployment, sender);
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
      const verdict = await explainBill(contract, curve, bill);
      if (verdict.status === "refused") throw verdict.error;
      if (verdict.status === "settles") return status;
      const [event] = await allEvents(sender.provider, {
        address: deployment.contracts.settlement.address,
        topics: contract.interface
          .encodeFilterTopics("BillSettled", [bill.meter, bill.bill.period])
          .map((topic) => topic as string),
        fromBlock: deployment.block,
        toBlock: await sender.provider.getBlockNumber(),
      });
      const { transactionHash = null, blockNumber = null } = event ?? {};
      return { ...status, state: "settled", transaction: transactionHash, block: blockNumber };
    } catch (error) {
      if (error instanceof SipsterError && error.code.startsWith("contract/")) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw relayErrors.error("not-ready", `the chain cannot be asked now: ${why}`, {}, error);
    }
  }

  async #schedule(): Promise<void> {
    const { batch, delay } = this.#options;
    const full = (await this.waiting()) >= batch;
    this.#sendBy(Date.now() + (full ? 0 : delay));
  }

  /** Sends what waits at this time, or earlier if that was planned. */
  #sendBy(time: number): void {
    if (this.#stopped || time >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = time;
    this.#timer = setTimeout(
      () => {
        this.#due = Infinity;
        // One batch after the other: they share an account.
        this.#sending ??= this.#send().finally(() => {
          this.#sending = null;
        });
      },
      Math.max(0, time - Date.now()),
    );
  }

  async #send(): Promise<void> {
    const { sender, deployment, curve, batch, retry, onProgress } = this.#options;
    const waiting = (await this.#queue.waiting()).slice(0, batch);
    if (waiting.length === 0) return;
    const bills = waiting.map(({ text }) => parseBillFile(curve, text));
    const statuses = waiting.map(({ status }) => status);
    onProgress(`sending ${bills.length} bills`);
    try {
      await this.#queue.update(
        statuses.map((status) => ({ ...status, state: "sent" as const })),
        Date.now(),
      );
      const outcomes = await settleBills(sender, deployment, bills, { curve, batch: true });
      await this.#queue.update(
        outcomes.map((outcome, i) => over(statuses[i]!, outcome)),
        Date.now(),
      );
      await this.#queue.forget(Date.now());
      onProgress(`${outcomes.filter((o) => o.status !== "refused").length} bills are settled`);
      if ((await this.waiting()) > 0) this.#sendBy(Date.now());
    } catch (error) {
      // Nothing is lost: what is out is in the sender's journal, what is not waits in the queue.
      onProgress(
        `not sent, tried again: ${error instanceof Error ? error.message : String(error)}`,
      );
      this.#sendBy(Date.now() + retry);
    }
  }
}

function over(status: RelayStatus, outcome: SettlementOutcome): RelayStatus {
  if (outcome.status === "refused") return { ...status, state: "refused", error: outcome.error };
  const { transaction, block } = outcome;
  return { ...status, state: "settled", transaction, block };
}
