/**
 * Funding through the vault, which needs no trust in the mint: deposit, wait for the published
 * signatures, and take the money back when they do not come or are wrong. Every step looks at the
 * chain first, so it can be repeated after a crash.
 */
import { concatBytes } from "@noble/hashes/utils.js";
import {
  DepositTree,
  MAX_DEPOSIT_COUNT,
  type BlockTime,
  type Cost,
  type VaultCalls,
  type VaultDeposit,
  type VaultReader,
} from "../chain/index.js";
import { decodeRequest, encodeRequest, type WithdrawalRequest } from "../ecash/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { fundingErrors } from "./errors.js";
import type { Funding } from "./funding.js";

export interface VaultFundingSettings {
  readonly reader: VaultReader;
  /** Sends as the depositor. */
  readonly calls: VaultCalls;
  /** Base units of the token for one unit of money. */
  readonly baseUnitsPerUnit: bigint;
  /** The last final block: signatures count when they are in it. */
  readonly finalBlock: () => Promise<BlockTime>;
  readonly latestBlock: () => Promise<BlockTime>;
  /** Hands a request to the mint, which may have it already. */
  readonly submit: (request: Uint8Array, id: bigint) => Promise<void>;
  /** Indices of the signatures in an answer that are not the mint's, ascending. */
  readonly wrongSignatures: (request: Uint8Array, answer: Uint8Array) => readonly number[];
  /** Waits for something to change: called between two looks at the chain. */
  readonly wait: () => Promise<void>;
  /** Told what each transaction cost. */
  readonly onCost?: (what: string, cost: Cost) => void;
}

/** One deposit: the part of a withdrawal that fits into it. */
interface Part extends WithdrawalRequest {
  readonly request: Uint8Array;
  readonly tree: DepositTree;
  /** Base units of the token. */
  readonly amount: bigint;
}

export class VaultFunding implements Funding {
  constructor(private readonly settings: VaultFundingSettings) {}

  /**
   * Withdraws, in as many deposits as it takes.
   * @throws funding/declined, expired, disputed, dispute-too-late, insufficient-credit, chain/…
   */
  async withdraw(request: Uint8Array): Promise<Uint8Array> {
    const parts = partsOf(request, this.settings.baseUnitsPerUnit);
    const deposits = await this.#deposit(parts);
    const answers: Uint8Array[] = [];
    for (const [i, part] of parts.entries()) answers.push(await this.#answer(part, deposits[i]!));
    return concatBytes(...answers);
  }

  /** Makes the deposits that are not there, and returns the numbers of all. */
  async #deposit(parts: readonly Part[]): Promise<bigint[]> {
    const { calls } = this.settings;
    const found: (bigint | null)[] = [];
    for (const part of parts) found.push(await this.#find(part));
    const missing = parts.filter((_, i) => found[i] === null);
    const due = missing.reduce((sum, { amount }) => sum + amount, 0n);
    if (due > 0n) await this.#prepare(due);
    const ids: bigint[] = [];
    for (const [i, part] of parts.entries()) {
      const { amount, mintKeyId, messages, tree } = part;
      let id = found[i] ?? null;
      if (id === null) {
        const count = messages.length;
        const made = await calls.deposit({ amount, mintKeyId, count, messages: tree });
        this.settings.onCost?.("deposit", made.cost);
        id = made.id;
      }
      ids.push(id);
    }
    return ids;
  }

  /** A deposit of this account for this part that is open or answered; the answered one first. */
  async #find({ tree, amount, mintKeyId, messages }: Part): Promise<bigint | null> {
    const { reader, latestBlock, calls } = this.settings;
    const filter = { depositor: calls.account, messagesRoot: tree.root };
    const ids = await reader.depositIds((await latestBlock()).number, filter);
    const deposits = await Promise.all(ids.map((id) => reader.deposit(id)));
    const live = deposits.filter(
      (d) =>
        (d.status === "open" || d.status === "acknowledged" || d.status === "collected") &&
        d.amount === amount &&
        d.mintKeyId === mintKeyId &&
        d.count === messages.length,
    );
    return (live.find((d) => d.status !== "open") ?? live[0])?.id ?? null;
  }

  /** Sees to it that the vault may take `due`. */
  async #prepare(due: bigint): Promise<void> {
    const { calls, reader, onCost } = this.settings;
    const balance = await reader.balanceOf(calls.account);
    if (balance < due) {
      throw fundingErrors.error(
        "insufficient-credit",
        `${calls.account} has ${balance} base units of the token, and the deposit takes ${due}`,
        { account: calls.account, balance, due },
      );
    }
    if ((await calls.allowance()) >= due) return;
    const cost = await calls.approve(due);
    onCost?.("approve", cost);
  }

  /** The mint's answer to a deposit, final and checked; or the money back, and the reason. */
  async #answer(part: Part, id: bigint): Promise<Uint8Array> {
    const { reader, finalBlock, latestBlock, submit, wait } = this.settings;
    let refusal: SipsterError | undefined;
    for (;;) {
      const final = await finalBlock();
      const deposit = await reader.deposit(id, final.number);
      if (deposit.status === "acknowledged" || deposit.status === "collected") {
        const answer = await reader.signatures(deposit, final.number);
        if (answer !== null) return this.#check(part, deposit, answer);
      }
      if (deposit.status === "refunded") {
        await this.#takeBack();
        throw fundingErrors.error("declined", `the mint declined deposit ${id}`, { id });
      }
      const latest = await reader.deposit(id);
      if (latest.status === "open") {
        if ((await latestBlock()).timestamp > latest.acknowledgeBy)
          return this.#expire(id, refusal);
        try {
          await submit(part.request, id);
        } catch (error) {
          // A mint that is down or lies must not keep the wallet from its refund: the deadline rules.
          if (!isSipsterError(error)) throw error;
          refusal = error;
        }
      }
      await wait();
    }
  }

  async #check(part: Part, deposit: VaultDeposit, answer: Uint8Array): Promise<Uint8Array> {
    const { calls, latestBlock, wrongSignatures, onCost } = this.settings;
    const { id } = deposit;
    const [index] = wrongSignatures(part.request, answer);
    if (index === undefined) return answer;
    if (
      deposit.status === "collected" ||
      (await latestBlock()).timestamp > deposit.disputableUntil
    ) {
      throw fundingErrors.error(
        "dispute-too-late",
        `signature ${index} of deposit ${id} is wrong, and could be disputed until ${deposit.disputableUntil}`,
        { id, index },
      );
    }
    const trees = { messages: part.tree, signatures: DepositTree.ofSignatures(answer) };
    const { messages } = part;
    const cost = await calls.dispute({ id, index, messages, signatures: answer, trees });
    onCost?.("dispute", cost);
    await this.#takeBack();
    throw fundingErrors.error("disputed", `signature ${index} of deposit ${id} is wrong`, {
      id,
      index,
      transaction: cost.transaction,
    });
  }

  async #expire(id: bigint, refusal?: SipsterError): Promise<never> {
    const cost = await this.settings.calls.refund(id);
    this.settings.onCost?.("refund", cost);
    await this.#takeBack();
    const why = refusal === undefined ? "" : `; it last said: ${refusal.message}`;
    throw fundingErrors.error(
      "expired",
      `the mint did not answer deposit ${id} in time${why}`,
      { id },
      refusal,
    );
  }

  /** Withdraws what is due to this account, if anything is. */
  async #takeBack(): Promise<void> {
    const { calls, reader, onCost } = this.settings;
    if ((await reader.dueTo(calls.account)) === 0n) return;
    const cost = await calls.withdraw(calls.account);
    onCost?.("withdraw", cost);
  }
}

function partsOf(request: Uint8Array, baseUnitsPerUnit: bigint): Part[] {
  const { mintKeyId, messages } = decodeRequest(request);
  const parts: Part[] = [];
  for (let i = 0; i < messages.length; i += MAX_DEPOSIT_COUNT) {
    const some = messages.slice(i, i + MAX_DEPOSIT_COUNT);
    const units = some.reduce((sum, m) => sum + BigInt(m.denomination), 0n);
    parts.push({
      mintKeyId,
      messages: some,
      request: encodeRequest({ mintKeyId, messages: some }),
      tree: DepositTree.ofMessages(some),
      amount: units * baseUnitsPerUnit,
    });
  }
  return parts;
}
