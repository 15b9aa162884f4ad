/** The contract `TrusteeHeads` as the trustees of the sealed readings use it: one head a trustee, which only grows. */
import type { Signer } from "ethers";
import { TrusteeHeads__factory } from "./bindings/index.js";

/** Entries of a trustee's log and the hash over them, in hex without 0x. */
export interface AnchoredHead {
  readonly count: number;
  readonly head: string;
}

/** Heads of the trustee whose account `signer` is, in the contract at `address`. */
export class ChainHeads {
  readonly #contract;

  /** `confirmations`: how many blocks make an anchor count as there for good. */
  constructor(
    address: string,
    private readonly signer: Signer,
    private readonly confirmations = 1,
  ) {
    this.#contract = TrusteeHeads__factory.connect(address, signer);
  }

  /** The last head that was anchored; `null` before the first. */
  async latest(): Promise<AnchoredHead | null> {
    const { count, head } = await this.#contract.latest(await this.signer.getAddress());
    return count === 0n ? null : { count: Number(count), head: head.slice(2) };
  }

  /** Resolves when the head is anchored under so many confirmations. */
  async anchor({ count, head }: AnchoredHead): Promise<void> {
    const transaction = await this.#contract.anchor(count, `0x${head}`);
    await transaction.wait(this.confirmations);
  }
}
