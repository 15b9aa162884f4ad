/**
 * The contract `TrusteeHeads` as the trustees of the sealed readings use it: one head a trustee, which only
 * grows. A head counts as anchored when it is in a final block; one that a reorganisation removed is sent
 * again.
 */
import type { BlockTag } from "ethers";
import { isSipsterError } from "../errors/sipster-error.js";
import type { FinalityRule } from "../sipster/index.js";
import { TrusteeHeads__factory } from "./bindings/index.js";
import { chainErrors } from "./errors/errors.js";
import { finalBlock } from "./final-block.js";
import type { TransactionSender } from "./transactions/transaction-sender.js";

/** Entries of a trustee's log and the hash over them, in hex without 0x. */
export interface AnchoredHead {
  readonly count: number;
  readonly head: string;
}

export interface HeadsPlace {
  /** Of the contract. */
  readonly address: string;
  /** Of the trustee's account. */
  readonly sender: TransactionSender;
  /** Which block counts as final, from the public parameters. */
  readonly finality: FinalityRule;
  /** Milliseconds between looks at the chain; 2,000 unless given. */
  readonly pollMs?: number;
  /** Milliseconds to wait for a final block; an hour unless given. */
  readonly patienceMs?: number;
}

const POLL_MS = 2000;
const PATIENCE_MS = 3_600_000;

/** Heads of the trustee whose account `sender` is. */
export class TrusteeHeadAnchors {
  readonly #contract;

  constructor(private readonly place: HeadsPlace) {
    this.#contract = TrusteeHeads__factory.connect(place.address, place.sender.provider);
  }

  /**
   * The last head that was anchored; `null` before the first. Of the final block and the latest one the
   * greater: an anchor that is not final yet is this trustee's own as well, and a log that does not reach it
   * was cut. @throws chain/no-final-block, unreachable
   */
  async latest(): Promise<AnchoredHead | null> {
    const [final, newest] = [await this.#final(), await this.#at("latest")];
    if (final === null || newest === null) return newest ?? final;
    return newest.count >= final.count ? newest : final;
  }

  /**
   * Resolves when the head is in a final block. What is anchored already is not sent again.
   * @throws contract/TrusteeHeadsCountNotIncreasing if another process anchored further; chain/anchor-not-final,
   *   and what `TransactionSender.send` throws
   */
  async anchor({ count, head }: AnchoredHead): Promise<void> {
    const { address, sender, pollMs = POLL_MS, patienceMs = PATIENCE_MS } = this.place;
    const data = this.#contract.interface.encodeFunctionData("anchor", [count, `0x${head}`]);
    const is = (other: AnchoredHead | null): boolean =>
      other !== null && other.count === count && other.head === head;
    for (let waited = 0; ; waited += pollMs) {
      if (is(await this.#final())) return;
      if (!is(await this.#at("latest"))) {
        try {
          await sender.send({ to: address, data });
        } catch (error) {
          // A transaction that a reorganisation had removed may be back before it was sent again.
          const isBack =
            isSipsterError(error, "contract/TrusteeHeadsCountNotIncreasing") &&
            is(await this.#at("latest"));
          if (!isBack) throw error;
        }
        continue;
      }
      if (waited >= patienceMs) {
        throw chainErrors.error(
          "anchor-not-final",
          `the head of entry ${count} is not in a final block after ${waited / 1000} seconds`,
          { count },
        );
      }
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  }

  async #final(): Promise<AnchoredHead | null> {
    const { number } = await finalBlock(this.place.sender.provider, this.place.finality);
    return this.#at(number);
  }

  async #at(blockTag: BlockTag): Promise<AnchoredHead | null> {
    const { address, sender } = this.place;
    const code = await sender.provider.getCode(address, blockTag);
    // At a final block from before its deployment.
    if (code === "0x") return null;
    const { count, head } = await this.#contract.latest(sender.address, { blockTag });
    return count === 0n ? null : { count: Number(count), head: head.slice(2) };
  }
}
