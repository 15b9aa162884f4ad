/**
 * The mint's side of the vault: for each deposit one durable decision before anything is sent, and then
 * the transaction that carries it out. Several processes may do this over one store: the decision is
 * the store's, signatures are deterministic, and the vault takes one answer.
 */
import { getBytes, hexlify } from "ethers";
import {
  DepositTree,
  MAX_DEPOSIT_COUNT,
  type BlockTime,
  type VaultCalls,
  type VaultDeposit,
  type VaultReader,
  mapLimit,
} from "../chain/index.js";
import { decodeRequest, type ECashIssuer } from "../ecash/index.js";
import { isSipsterError } from "../errors/sipster-error.js";
import type { Store } from "../store/index.js";
import { decide, timeLeft, type Decision } from "./decision.js";
import { mintErrors } from "./errors.js";
import { MintBooks, type DecisionRecord, type DecisionStage } from "./mint-books.js";

export interface VaultMintSettings {
  /** By mint key id. */
  readonly issuers: ReadonlyMap<number, ECashIssuer>;
  readonly store: Store;
  readonly reader: VaultReader;
  /** Sends as the holder of the mint's role. */
  readonly calls: VaultCalls;
  /** Base units of the token for one unit of money. */
  readonly baseUnitsPerUnit: bigint;
  /** The last final block: deposits are judged as they stand in it. */
  readonly finalBlock: () => Promise<BlockTime>;
  readonly latestBlock: () => Promise<BlockTime>;
  /**
   * Seconds before a deposit's deadline in which no signatures are sent: longer than a transaction may
   * take to be mined and final.
   */
  readonly margin: bigint;
}

/** What became of a deposit in one pass. */
export interface MintAction {
  readonly id: bigint;
  readonly decision: Decision;
  readonly stage: DecisionStage;
}

/** Transactions under way at the same time. */
const SENT_TOGETHER = 16;

/** Declines that are carried out by a transaction; the rest ends by itself at the deadline. */
const SENT_DECLINES: ReadonlySet<string> = new Set(["amount", "bad-request", "other-request"]);

export class VaultMint {
  /** Passes of this process go one after the other: two would send the same transaction twice. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly settings: VaultMintSettings) {}

  /**
   * Takes a wallet's request, for a deposit that the chain has, final or not. Taking it again changes
   * nothing.
   * @throws ecash/bad-request, mint/no-deposit
   */
  async submit(request: Uint8Array, id: bigint): Promise<void> {
    const { messages } = decodeRequest(request);
    const size = messages.length;
    const root =
      size === 0 || size > MAX_DEPOSIT_COUNT
        ? null
        : hexlify(DepositTree.ofMessages(messages).root);
    const deposit = await this.settings.reader.deposit(id);
    if (root === null || deposit.messagesRoot !== root || deposit.status !== "open") {
      throw mintErrors.error(
        "no-deposit",
        `deposit ${id} is ${deposit.status} and has the messages ${deposit.messagesRoot}, not ${root}`,
        { id },
      );
    }
    await this.#books((books) => Promise.resolve(books.putRequest(root, request)));
  }

  /**
   * One pass: reads new final deposits, decides what can be decided, and carries out what was decided.
   * What fails on the way stays to be done; the next pass goes on.
   * @throws chain/…, store/…
   */
  async step(): Promise<readonly MintAction[]> {
    const pass = this.#last.then(() => this.#pass());
    this.#last = pass.catch(() => undefined);
    return pass;
  }

  async #pass(): Promise<readonly MintAction[]> {
    const final = await this.settings.finalBlock();
    await this.#scan(final);
    for (const { depositHash, id } of await this.#books((books) => books.open())) {
      await this.#decideOnce(depositHash, await this.settings.reader.deposit(id, final.number));
    }
    const pending = await this.#books((books) => books.pending());
    const actions: MintAction[] = [];
    const failures: unknown[] = [];
    await mapLimit(pending, SENT_TOGETHER, async (record) => {
      try {
        const stage = await this.#carryOut(record, final);
        actions.push({ id: BigInt(record.id), decision: record.decision, stage });
      } catch (error) {
        // One deposit that fails must not keep the others from being answered in time.
        failures.push(error);
      }
    });
    if (failures.length > 0) throw failures[0];
    return actions;
  }

  /** What was decided about a deposit; `null` if nothing. */
  async decisionOf(depositHash: string): Promise<DecisionRecord | null> {
    return this.#books((books) => books.decision(depositHash));
  }

  async #scan(final: BlockTime): Promise<void> {
    const { reader } = this.settings;
    const scanned = await this.#books((books) => books.scanned());
    if (scanned !== null && scanned >= final.number) return;
    const from = scanned === null ? {} : { fromBlock: scanned + 1 };
    const ids = await reader.depositIds(final.number, from);
    const deposits = await Promise.all(ids.map((id) => reader.deposit(id, final.number)));
    await this.#books(async (books) => {
      for (const { depositHash, id, status } of deposits) {
        if (status !== "open" || (await books.decision(depositHash)) !== null) continue;
        books.putOpen(depositHash, id);
      }
      books.putScanned(final.number);
    });
  }

  /** The one decision about a deposit, durable when this returns. */
  async #decideOnce(depositHash: string, deposit: VaultDeposit): Promise<void> {
    const { issuers, margin, baseUnitsPerUnit, latestBlock } = this.settings;
    const { timestamp: now } = await latestBlock();
    await this.#books(async (books) => {
      if ((await books.decision(depositHash)) !== null) return books.deleteOpen(depositHash);
      // Refunded meanwhile: there is nothing to decide.
      if (deposit.status !== "open" || deposit.depositHash !== depositHash) {
        return books.deleteOpen(depositHash);
      }
      const root = deposit.messagesRoot;
      const request = await books.request(root);
      const issuer = issuers.get(deposit.mintKeyId) ?? null;
      let decision = decide({ deposit, request, issuer, now, margin, baseUnitsPerUnit });
      if (decision === null) return;
      if (decision.kind === "acknowledge") {
        // Two deposits for the same messages: the coins exist once, and the depositor has one of the two back.
        if ((await books.signedFor(root)) === null) books.putSignedFor(root, getBytes(depositHash));
        else decision = { kind: "decline", reason: "signed-before" };
      }
      const id = deposit.id.toString();
      books.putDecision({ depositHash, id, root, decision, stage: "decided" });
      books.deleteOpen(depositHash);
    });
  }

  async #carryOut(record: DecisionRecord, final: BlockTime): Promise<DecisionStage> {
    const { reader } = this.settings;
    const atFinal = await reader.deposit(BigInt(record.id), final.number);
    if (atFinal.depositHash === record.depositHash && atFinal.status !== "open") {
      return this.#reach(record, "done");
    }
    const latest = await this.#findLatest(record);
    // Answered and not final yet; or not on this branch of the chain at the moment.
    if (latest?.status !== "open") return record.stage;
    return record.decision.kind === "acknowledge"
      ? this.#acknowledge(record, latest)
      : this.#decline(record, record.decision.reason, latest);
  }

  async #acknowledge(record: DecisionRecord, deposit: VaultDeposit): Promise<DecisionStage> {
    const { issuers, margin, latestBlock, calls } = this.settings;
    const now = (await latestBlock()).timestamp;
    const sent = record.stage === "sending";
    // Signatures that no transaction has shown stay secret when it is late. Those that may be public
    // are sent as long as the vault takes them.
    if (timeLeft(deposit, { now, margin: sent ? 0n : margin }) < 0n) {
      return this.#reach(record, "lapsed");
    }
    const request = await this.#books((books) => books.request(record.root));
    const issuer = issuers.get(deposit.mintKeyId);
    if (request === null || issuer === undefined) {
      throw mintErrors.error(
        "bad-record",
        `deposit ${deposit.id} is to be signed without a request`,
      );
    }
    const signatures = await issuer.issue(request);
    const stage = await this.#reach(record, "sending");
    if (stage !== "sending") return stage;
    await ignoreLostRace(calls.acknowledge(deposit.id, record.depositHash, signatures));
    return stage;
  }

  async #decline(
    record: DecisionRecord,
    reason: string,
    deposit: VaultDeposit,
  ): Promise<DecisionStage> {
    if (!SENT_DECLINES.has(reason)) return this.#reach(record, "done");
    await this.#reach(record, "sending");
    await ignoreLostRace(this.settings.calls.decline(deposit.id, record.depositHash));
    return "sending";
  }

  /** The deposit in the latest block, under the number that it has there. */
  async #findLatest({ id, depositHash, root }: DecisionRecord): Promise<VaultDeposit | null> {
    const { reader, latestBlock } = this.settings;
    const same = await reader.deposit(BigInt(id));
    if (same.depositHash === depositHash) return same;
    const { number } = await latestBlock();
    for (const other of await reader.depositIds(number, { messagesRoot: getBytes(root) })) {
      const deposit = await reader.deposit(other);
      if (deposit.depositHash === depositHash) return deposit;
    }
    return null;
  }

  /**
   * Writes down how far a decision is carried out, durably. Returns the stage that it is in: another
   * process may have gone further, and what is over stays over.
   */
  #reach(record: DecisionRecord, stage: DecisionStage): Promise<DecisionStage> {
    return this.#books(async (books) => {
      const current = (await books.decision(record.depositHash)) ?? record;
      const isOver = current.stage === "done" || current.stage === "lapsed";
      const isOvertaken = stage === "lapsed" && current.stage !== record.stage;
      if (current.stage === stage || (isOver && stage !== "done") || isOvertaken) {
        return current.stage;
      }
      books.putDecision({ ...current, stage });
      return stage;
    });
  }

  #books<T>(work: (books: MintBooks) => Promise<T> | T): Promise<T> {
    return this.settings.store.transaction(async (tx) => work(new MintBooks(tx)));
  }
}

/** Another process answered first, or the chain was reorganised: the next pass looks again. */
async function ignoreLostRace(sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    const lost = [
      "contract/VaultDepositStatus",
      "contract/VaultDepositDiffers",
      "contract/VaultAcknowledgeTooLate",
    ];
    if (!lost.some((code) => isSipsterError(error, code))) throw error;
  }
}
