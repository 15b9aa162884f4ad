/**
 * Funding through the vault, which needs no trust in the mint: deposit, wait for the published
 * signatures, and take the money back when they do not come or are wrong. Every step looks at the
 * chain first, so it can be repeated after a crash; what is final alone ends a withdrawal.
 */
import { hexlify } from "ethers";
import {
  DepositTree,
  MAX_DEPOSIT_COUNT,
  type BlockTime,
  type Cost,
  type VaultCalls,
  type VaultDeposit,
  type VaultReader,
} from "../chain/index.js";
import { decodeRequest, type WithdrawalRequest } from "../ecash/index.js";
import { isSipsterError, type SipsterError } from "../errors/sipster-error.js";
import { fundingErrors, insufficientCredit } from "./errors.js";
import type { Funding } from "./funding.js";

export interface VaultFundingSettings {
  readonly reader: VaultReader;
  /** Sends as the depositor. */
  readonly calls: VaultCalls;
  /** Base units of the token for one unit of money. */
  readonly baseUnitsPerUnit: bigint;
  /** The last final block: signatures and refunds count when they are in it. */
  readonly finalBlock: () => Promise<BlockTime>;
  readonly latestBlock: () => Promise<BlockTime>;
  /** Hands a request to the mint, which may have it already. */
  readonly submit: (request: Uint8Array, id: bigint) => Promise<void>;
  /** Indices of the signatures in an answer that are not the mint's, ascending. */
  readonly wrongSignatures: (request: Uint8Array, answer: Uint8Array) => readonly number[];
  /** Waits for something to change: called between two looks at the chain. */
  readonly wait: () => Promise<void>;
  /** Buys base units of the token that the account lacks. When absent, a withdrawal ends there. */
  readonly topUp?: (missing: bigint) => Promise<void>;
  /** Told what each transaction cost. */
  readonly onCost?: (what: string, cost: Cost) => void;
}

/** What one deposit pays for. */
interface Wanted extends WithdrawalRequest {
  readonly request: Uint8Array;
  readonly tree: DepositTree;
  /** Base units of the token. */
  readonly amount: bigint;
}

/** Where a deposit is on the chain. A reorganisation changes both. */
interface Place {
  readonly id: bigint;
  /** Number of the block that has it. */
  readonly block: number;
}

/** What was found out about a deposit while waiting for its end. */
interface Watch {
  place: Place;
  /** What the mint last said to the request. */
  refusal?: SipsterError | undefined;
  /** The first published signature that is wrong. */
  wrong?: number | undefined;
}

export class VaultFunding implements Funding {
  /** Deposits are made one after the other: each may need an approval. */
  #last: Promise<unknown> = Promise.resolve();
  /** Base units of the deposits that are still to be made. */
  #queued = 0n;

  constructor(private readonly settings: VaultFundingSettings) {}

  /**
   * Withdraws with one deposit. Several may be under way at once. A request whose deposit was given
   * back stays without an answer: it is never deposited for again.
   * @throws funding/declined, expired, disputed, dispute-too-late, insufficient-credit,
   *   deposit-gone, too-many-coins, chain/…
   */
  async withdraw(request: Uint8Array): Promise<Uint8Array> {
    const wanted = wantedBy(request, this.settings.baseUnitsPerUnit);
    this.#queued += wanted.amount;
    const made = this.#last.then(() => this.#deposit(wanted));
    this.#last = made.catch(() => undefined);
    return this.#answer(wanted, { place: await made });
  }

  /**
   * Ends a withdrawal whose deposit is made already, as {@link withdraw} does; `null` if there is no
   * deposit for it, and none is made.
   * @throws as {@link withdraw}
   */
  async end(request: Uint8Array): Promise<Uint8Array | null> {
    const wanted = wantedBy(request, this.settings.baseUnitsPerUnit);
    const place = await this.#find(wanted);
    return place === null ? null : this.#answer(wanted, { place });
  }

  /** The deposit for this request; made if it is not there. */
  async #deposit(wanted: Wanted): Promise<Place> {
    const { amount, mintKeyId, messages, tree } = wanted;
    try {
      const found = await this.#find(wanted);
      if (found !== null) return found;
      await this.#prepare(amount);
      const count = messages.length;
      const { calls, onCost } = this.settings;
      const made = await calls.deposit({ amount, mintKeyId, count, messages: tree });
      onCost?.("deposit", made.cost);
      return made;
    } finally {
      this.#queued -= amount;
    }
  }

  /** This account's deposit for the request: an answered one first, then an open one, then its refund. */
  async #find(wanted: Wanted): Promise<Place | null> {
    const { reader, latestBlock, calls } = this.settings;
    const filter = { depositor: calls.account, messagesRoot: wanted.tree.root };
    const made = await reader.depositsMade((await latestBlock()).number, filter);
    const places = await Promise.all(
      made.map(async ({ id, block }) => ({ id, block, deposit: await reader.deposit(id) })),
    );
    const own = places.filter(({ deposit }) => this.#isFor(wanted, deposit));
    for (const status of ["acknowledged", "collected", "open", "refunded"]) {
      const found = own.find(({ deposit }) => deposit.status === status);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Whether this is the account's deposit for the request: after a reorganisation, another may have its number. */
  #isFor({ tree, amount, mintKeyId, messages }: Wanted, deposit: VaultDeposit): boolean {
    return (
      deposit.depositor === this.settings.calls.account &&
      deposit.messagesRoot === hexlify(tree.root) &&
      deposit.amount === amount &&
      deposit.mintKeyId === mintKeyId &&
      deposit.count === messages.length
    );
  }

  /** Sees to it that the vault may take `amount`, and what is queued behind it. */
  async #prepare(amount: bigint): Promise<void> {
    const { calls, reader, onCost, topUp } = this.settings;
    // Left from a withdrawal that came to nothing, when the process ended before it took it back.
    await this.#takeBack();
    let balance = await reader.balanceOf(calls.account);
    if (balance < amount && topUp !== undefined) {
      await topUp(amount - balance);
      balance = await reader.balanceOf(calls.account);
    }
    if (balance < amount) throw insufficientCredit(calls.account, balance, amount);
    if ((await calls.allowance()) >= amount) return;
    const cost = await calls.approve(this.#queued);
    onCost?.("approve", cost);
  }

  /** The mint's answer to a deposit, final and checked; or the money back, and the reason. */
  async #answer(wanted: Wanted, watch: Watch): Promise<Uint8Array> {
    const { reader, finalBlock, wait } = this.settings;
    for (;;) {
      const final = await finalBlock();
      const deposit = await reader.deposit(watch.place.id, final.number);
      // Not there yet, or another's under its number.
      const status = this.#isFor(wanted, deposit) ? deposit.status : "none";
      if (status === "refunded") return this.#fail(deposit, watch, final);
      if (status === "acknowledged" || status === "collected") {
        const answer = await reader.signatures(deposit, final.number);
        if (answer !== null) {
          watch.wrong ??= this.settings.wrongSignatures(wanted.request, answer)[0];
          if (watch.wrong === undefined) return answer;
          await this.#dispute({ wanted, deposit, index: watch.wrong, signatures: answer });
        }
      } else {
        await this.#press(wanted, watch, final);
      }
      await wait();
    }
  }

  /** A deposit that is not answered: hands the request in, or asks for the refund when the mint's time is over. */
  async #press(wanted: Wanted, watch: Watch, final: BlockTime): Promise<void> {
    const { reader, latestBlock, submit, calls, onCost } = this.settings;
    const { id, block } = watch.place;
    const latest = await reader.deposit(id);
    if (!this.#isFor(wanted, latest)) {
      const found = await this.#find(wanted);
      if (found !== null) watch.place = found;
      // A node that is behind does not have it yet: only where it would be final is it gone.
      else if (final.number >= block) throw gone(id);
      return;
    }
    if (latest.status !== "open") return;
    if ((await latestBlock()).timestamp > latest.acknowledgeBy) {
      const cost = await unlessDone(calls.refund(id));
      if (cost !== null) onCost?.("refund", cost);
      return;
    }
    try {
      await submit(wanted.request, id);
    } catch (error) {
      // A mint that is down or lies must not keep the wallet from its refund: the deadline rules.
      if (!isSipsterError(error)) throw error;
      watch.refusal = error;
    }
  }

  async #dispute({
    wanted: { tree, messages },
    deposit: { id, disputableUntil },
    index,
    signatures,
  }: {
    readonly wanted: Wanted;
    readonly deposit: VaultDeposit;
    readonly index: number;
    readonly signatures: Uint8Array;
  }): Promise<void> {
    const { calls, reader, latestBlock, onCost } = this.settings;
    const { status } = await reader.deposit(id);
    if (status === "refunded") return;
    if (status === "collected" || (await latestBlock()).timestamp > disputableUntil) {
      throw fundingErrors.error(
        "dispute-too-late",
        `signature ${index} of deposit ${id} is wrong, and could be disputed until ${disputableUntil}`,
        { id, index },
      );
    }
    const trees = { messages: tree, signatures: DepositTree.ofSignatures(signatures) };
    const cost = await unlessDone(calls.dispute({ id, index, messages, signatures, trees }));
    if (cost !== null) onCost?.("dispute", cost);
  }

  /** The deposit was given back, finally: takes the money, and says why. */
  async #fail(deposit: VaultDeposit, watch: Watch, final: BlockTime): Promise<never> {
    const { id } = deposit;
    await this.#takeBack();
    if (deposit.disputableUntil > 0n) {
      const which = watch.wrong === undefined ? "a signature" : `signature ${watch.wrong}`;
      const details = { id, ...(watch.wrong === undefined ? {} : { index: watch.wrong }) };
      throw fundingErrors.error("disputed", `${which} of deposit ${id} is wrong`, details);
    }
    if (await this.settings.reader.wasDeclined(id, final.number)) {
      throw fundingErrors.error("declined", `the mint declined deposit ${id}`, { id });
    }
    const why = watch.refusal === undefined ? "" : `; it last said: ${watch.refusal.message}`;
    throw fundingErrors.errorFrom({
      key: "expired",
      message: `the mint did not answer deposit ${id} in time${why}`,
      details: { id },
      cause: watch.refusal,
    });
  }

  /** Withdraws what is due to this account, if anything is. */
  async #takeBack(): Promise<void> {
    const { calls, reader, onCost } = this.settings;
    if ((await reader.dueTo(calls.account)) === 0n) return;
    const cost = await unlessDone(calls.withdraw(calls.account));
    if (cost !== null) onCost?.("withdraw", cost);
  }
}

/** `null`: another transaction did it first. Anyone may ask for a refund or dispute. */
async function unlessDone(sent: Promise<Cost>): Promise<Cost | null> {
  try {
    return await sent;
  } catch (error) {
    const done = ["contract/VaultDepositStatus", "contract/VaultNothingDue"];
    if (done.some((code) => isSipsterError(error, code))) return null;
    throw error;
  }
}

function gone(id: bigint): Error {
  const what = `deposit ${id} was made for this withdrawal, and the chain does not have it any more`;
  return fundingErrors.error("deposit-gone", what, { id });
}

function wantedBy(request: Uint8Array, baseUnitsPerUnit: bigint): Wanted {
  const { mintKeyId, messages } = decodeRequest(request);
  if (messages.length === 0 || messages.length > MAX_DEPOSIT_COUNT) {
    throw fundingErrors.error(
      "too-many-coins",
      `the withdrawal has ${messages.length} coins, and a deposit takes 1 to ${MAX_DEPOSIT_COUNT}`,
      { coins: messages.length },
    );
  }
  const units = messages.reduce((sum, m) => sum + BigInt(m.denomination), 0n);
  const tree = DepositTree.ofMessages(messages);
  return { mintKeyId, messages, request, tree, amount: units * baseUnitsPerUnit };
}
