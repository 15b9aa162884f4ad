/**
 * Sends transactions of one account: each is tried without gas first, journaled before it leaves,
 * and watched until it is mined, with higher fees if it is not mined in time.
 */
import { getAddress, type Provider, type Signer, type TransactionReceipt } from "ethers";
import { broadcast, isNonceProblem, type ReadyTransaction } from "./broadcast.js";
import { decodeError } from "../errors/decode-error.js";
import { chainErrors } from "../errors/errors.js";
import { systemClock } from "../../time/system-clock.js";
import { raiseFees, suggestedFees, type Fees } from "./fees.js";
import { memoryJournal, type TransactionJournal } from "./transaction-journal.js";
import { finishEarlier, minedReceipt, pause, stillPending } from "./transaction-watch.js";

/** No transaction may ask for more (EIP-7825). */
export const MAX_TRANSACTION_GAS = 16_777_216n;

export interface SenderOptions {
  readonly journal?: TransactionJournal;
  /** Milliseconds to wait for a transaction before its fees are raised; 90,000 when absent. */
  readonly patience?: number;
  /** How often the fees of one transaction are raised, by a quarter each time; 3 when absent. */
  readonly feeRaises?: number;
  /** Blocks to wait for, the one with the transaction included; 1 when absent. */
  readonly confirmations?: number;
  /** Told what happens, a sentence each. */
  readonly onProgress?: (message: string) => void;
}

export interface Call {
  readonly to: string;
  readonly data: string;
  /** Wei to send along; none when absent. */
  readonly value?: bigint;
}

interface Sent {
  readonly transaction: ReadyTransaction;
  readonly fees: Fees;
  /** Hashes under this nonce: one more for each time the fees were raised. */
  readonly hashes: string[];
}

/** How often a nonce that someone else used in the meantime is replaced by a fresh one. */
const NONCE_TRIES = 3;

export class TransactionSender {
  /** Broadcasting one after the other keeps nonces in order. */
  #queue: Promise<unknown> = Promise.resolve();
  #inFlight = 0;
  #nextNonce = 0;

  readonly signer: Signer;
  readonly address: string;
  readonly provider: Provider;
  private readonly options: Required<SenderOptions>;

  private constructor({
    signer,
    address,
    provider,
    options,
  }: {
    readonly signer: Signer;
    readonly address: string;
    readonly provider: Provider;
    readonly options: Required<SenderOptions>;
  }) {
    this.signer = signer;
    this.address = address;
    this.provider = provider;
    this.options = options;
  }

  /** @throws chain/no-provider */
  static async create(signer: Signer, options: SenderOptions = {}): Promise<TransactionSender> {
    if (signer.provider === null) {
      throw chainErrors.error("no-provider", "the signer is not connected to a node");
    }
    return new TransactionSender({
      signer,
      address: getAddress(await signer.getAddress()),
      provider: signer.provider,
      options: {
        journal: options.journal ?? memoryJournal(),
        patience: options.patience ?? 90_000,
        feeRaises: options.feeRaises ?? 3,
        confirmations: options.confirmations ?? 1,
        onProgress: options.onProgress ?? (() => undefined),
      },
    });
  }

  /** Passes on what happens to the progress listener. */
  report(message: string): void {
    this.options.onProgress(message);
  }

  /** Waits for what an earlier run sent: see {@link finishEarlier}. @throws chain/transaction-pending */
  async finishEarlier(): Promise<number> {
    const { journal, patience, onProgress } = this.options;
    return finishEarlier({ provider: this.provider, journal, patience, onProgress });
  }

  /**
   * Tries a call without gas; returns the units of gas it needs, as the node estimates.
   * @throws contract/… with the reason it would revert
   */
  async estimate(call: Call): Promise<bigint> {
    try {
      return await this.provider.estimateGas({ ...call, from: this.address });
    } catch (error) {
      throw decodeError(error) ?? error;
    }
  }

  /**
   * Tries a call, sends it, and waits until it is mined.
   * @param gas from {@link estimate}, where it was tried already
   * @throws contract/… if it would revert (nothing is sent) or did (after a race),
   *   chain/insufficient-funds, too-much-gas, transaction-pending, transaction-replaced, unreachable
   */
  async send(call: Call, gas?: bigint): Promise<TransactionReceipt> {
    const gasLimit = withMargin(gas ?? (await this.estimate(call)));
    const fees = await suggestedFees(this.provider);
    await this.#requireFunds(gasLimit * fees.perGas + (call.value ?? 0n));
    this.#inFlight++;
    try {
      const sent = await this.#inOrder(() => this.#broadcastFirst({ ...call, gasLimit }, fees));
      return await this.#watch(sent);
    } finally {
      this.#inFlight--;
    }
  }

  async #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(task);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #requireFunds(needed: bigint): Promise<void> {
    const balance = await this.provider.getBalance(this.address);
    if (balance >= needed) return;
    throw chainErrors.error(
      "insufficient-funds",
      `${this.address} has ${balance} wei, and the transaction may cost up to ${needed}`,
      { account: this.address, balance, needed },
    );
  }

  async #broadcastFirst(call: Call & { gasLimit: bigint }, fees: Fees): Promise<Sent> {
    for (let tries = 1; ; tries++) {
      const counted = await this.provider.getTransactionCount(this.address, "pending");
      // Transactions in flight may not be counted yet; without any, the node knows best.
      const nonce = this.#inFlight > 1 ? Math.max(counted, this.#nextNonce) : counted;
      const sent: Sent = {
        transaction: { ...call, from: this.address, nonce },
        fees,
        hashes: [],
      };
      try {
        await this.#broadcast(sent, fees);
        this.#nextNonce = nonce + 1;
        return sent;
      } catch (error) {
        if (!isNonceProblem(error, "NONCE_EXPIRED") || tries === NONCE_TRIES) throw error;
      }
    }
  }

  async #broadcast({ transaction, hashes }: Sent, fees: Fees): Promise<void> {
    const { provider, signer } = this;
    const priced = { ...transaction, ...fees.fields };
    const hash = await broadcast({
      provider,
      signer,
      transaction: priced,
      journal: this.options.journal,
    });
    hashes.push(hash);
    this.report(`sent transaction ${hash}`);
  }

  async #watch(sent: Sent): Promise<TransactionReceipt> {
    const { provider, options } = this;
    const { nonce } = sent.transaction;
    let { fees } = sent;
    for (let raises = 0; ; raises++) {
      const deadline = systemClock() + options.patience;
      while (systemClock() < deadline) {
        const receipt = await minedReceipt(provider, sent.hashes, options.confirmations);
        if (receipt !== null) {
          await this.#forget(sent);
          if (receipt.status === 1) return receipt;
          throw await this.#whyReverted(sent.transaction, receipt);
        }
        await pause(provider);
      }
      const used = (await provider.getTransactionCount(this.address)) > nonce;
      if (used && (await minedReceipt(provider, sent.hashes, 1)) === null) {
        await this.#forget(sent);
        throw replaced(this.address, nonce, sent.hashes.at(-1)!);
      }
      if (raises === options.feeRaises) throw stillPending(sent.hashes.at(-1)!, nonce);
      if (used) continue;
      fees = raiseFees(fees, await suggestedFees(provider));
      this.report(`raising the fees of transaction number ${nonce}`);
      await this.#broadcast(sent, fees).catch((error: unknown) => {
        // Mined in this moment, or the node finds the raise too small: keep watching what is out.
        if (!isNonceProblem(error, "NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED")) throw error;
      });
    }
  }

  async #forget({ hashes }: Sent): Promise<void> {
    for (const hash of hashes) await this.options.journal.remove(hash);
  }

  /** It was fine when tried and reverted when mined: something came in between. Ask what. */
  async #whyReverted(
    { to, data, gasLimit }: ReadyTransaction,
    { hash, gasUsed, blockNumber }: TransactionReceipt,
  ): Promise<Error> {
    try {
      const call = { from: this.address, to: to!, data: data!, gasLimit: gasLimit! };
      await this.provider.call({ ...call, blockTag: blockNumber });
    } catch (error) {
      const reason = decodeError(error);
      if (reason !== null) return reason;
    }
    return chainErrors.error(
      "transaction-reverted",
      `transaction ${hash} was mined and reverted, and the node does not say why`,
      { transaction: hash, gasUsed },
    );
  }
}

/**
 * A tenth more, because what others settle in between changes the cost a little.
 * @throws chain/too-much-gas
 */
function withMargin(gas: bigint): bigint {
  if (gas > MAX_TRANSACTION_GAS) {
    throw chainErrors.error(
      "too-much-gas",
      `the transaction needs ${gas} gas, and none may have more than ${MAX_TRANSACTION_GAS}`,
      { gas },
    );
  }
  const wanted = gas + gas / 10n;
  return wanted > MAX_TRANSACTION_GAS ? MAX_TRANSACTION_GAS : wanted;
}

function replaced(account: string, nonce: number, transaction: string): Error {
  return chainErrors.error(
    "transaction-replaced",
    `another transaction of ${account} with number ${nonce} was mined in place of ${transaction}`,
    { transaction, nonce },
  );
}
