/**
 * The mint's side of the vault: for each deposit one durable decision before anything is sent, and then
 * the transaction that carries it out. Several processes may do this over one store: the decision is
 * the store's, signatures are deterministic, and the vault takes one answer.
 */
import { hexlify } from "ethers";
import { DepositTree, MAX_DEPOSIT_COUNT } from "../chain/index.js";
import { decodeRequest } from "../ecash/index.js";
import { carryOut, type MintAction } from "./carrying-out.js";
import { decideOpen, noteNewDeposits } from "./deciding.js";
import { mintErrors } from "./errors.js";
import type { DecisionRecord } from "./mint-books.js";
import { withBooks, type VaultMintSettings } from "./settings.js";

export class VaultMint {
  /** Passes of this process go one after the other: two would send the same transaction twice. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly settings: VaultMintSettings) {}

  /**
   * Takes a wallet's request, for a deposit that the chain has, final or not. Taking it again changes
   * nothing, and no other request takes its place: the deposit names its messages and its mint key.
   * @throws ecash/bad-request, mint/no-deposit
   */
  async submit(request: Uint8Array, id: bigint): Promise<void> {
    const { messages, mintKeyId } = decodeRequest(request);
    const size = messages.length;
    const root =
      size === 0 || size > MAX_DEPOSIT_COUNT
        ? null
        : hexlify(DepositTree.ofMessages(messages).root);
    const deposit = await this.settings.reader.deposit(id);
    const isMeant = deposit.messagesRoot === root && deposit.mintKeyId === mintKeyId;
    if (!isMeant || deposit.status !== "open") {
      throw mintErrors.error(
        "no-deposit",
        `deposit ${id} is ${deposit.status}, for mint key ${deposit.mintKeyId} and the messages ${deposit.messagesRoot}; the request is for mint key ${mintKeyId} and ${root}`,
        { id },
      );
    }
    const { depositHash } = deposit;
    await withBooks(this.settings, async (books) => {
      books.putRequest(deposit, request);
      if ((await books.decision(depositHash)) === null) books.putAsked(depositHash);
    });
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
    await noteNewDeposits(this.settings, final);
    await decideOpen(this.settings, final);
    const { actions, failures } = await carryOut(this.settings, final);
    if (failures.length > 0) throw failures[0];
    return actions;
  }

  /** What was decided about a deposit; `null` if nothing. */
  async decisionOf(depositHash: string): Promise<DecisionRecord | null> {
    return withBooks(this.settings, (books) => books.decision(depositHash));
  }
}
