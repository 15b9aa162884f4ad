/**
 * The positional Merkle trees over a deposit's blinded messages and over the blind signatures on them,
 * as `DepositTree.sol` has them: leaf i of n at place i of a tree of depth ⌈log2 n⌉, 32 zero bytes at
 * the places after the last leaf, and a tag of its own for each kind of leaf and for nodes.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { G1_BYTES, intToBytes } from "../../algebra/index.js";

/** Most messages of one deposit; a larger withdrawal is several deposits. */
export const MAX_DEPOSIT_COUNT = 256;

/** A blinded message and the denomination of the coin it is to become. */
export interface DepositMessage {
  /** u32. */
  readonly denomination: number;
  /** M', 64 bytes x ‖ y. */
  readonly message: Uint8Array;
}

/** ASCII, padded with zeros to 32 bytes. */
function tag(text: string): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(utf8ToBytes(text));
  return bytes;
}

const MESSAGE_TAG = tag("SIPSTER-V1-DEPOSIT-MESSAGE");
const SIGNATURE_TAG = tag("SIPSTER-V1-DEPOSIT-SIGNATURE");
const NODE_TAG = tag("SIPSTER-V1-DEPOSIT-NODE");
const PADDING = new Uint8Array(32);

/** A tree that is kept whole: 256 leaves make 16 kilobytes. */
export class DepositTree {
  /** From the leaves, padded, to the root. */
  readonly #levels: readonly (readonly Uint8Array[])[];

  /** @throws RangeError for no leaf or more than {@link MAX_DEPOSIT_COUNT}: a defect of the caller */
  private constructor(leaves: readonly Uint8Array[]) {
    if (leaves.length === 0 || leaves.length > MAX_DEPOSIT_COUNT) {
      throw new RangeError(`a deposit's tree has 1 to ${MAX_DEPOSIT_COUNT} leaves`);
    }
    const levels = [padded(leaves)];
    for (let level = levels[0]!; level.length > 1; levels.push(level)) {
      level = Array.from({ length: level.length / 2 }, (_, i) =>
        keccak_256(concatBytes(NODE_TAG, level[2 * i]!, level[2 * i + 1]!)),
      );
    }
    this.#levels = levels;
  }

  static ofMessages(messages: readonly DepositMessage[]): DepositTree {
    return new DepositTree(
      messages.map(({ denomination, message }) =>
        keccak_256(concatBytes(MESSAGE_TAG, intToBytes(denomination, 4), message)),
      ),
    );
  }

  /** `signatures`: 64 bytes each, one after the other. */
  static ofSignatures(signatures: Uint8Array): DepositTree {
    return new DepositTree(
      Array.from({ length: signatures.length / G1_BYTES }, (_, i) =>
        keccak_256(
          concatBytes(SIGNATURE_TAG, signatures.subarray(G1_BYTES * i, G1_BYTES * (i + 1))),
        ),
      ),
    );
  }

  /** 32 bytes. */
  get root(): Uint8Array {
    return this.#levels.at(-1)![0]!;
  }

  /** Siblings of leaf `index`, from the leaf upwards. */
  path(index: number): readonly Uint8Array[] {
    return this.#levels.slice(0, -1).map((level, height) => level[(index >> height) ^ 1]!);
  }
}

function padded(leaves: readonly Uint8Array[]): Uint8Array[] {
  const width = 2 ** Math.ceil(Math.log2(leaves.length));
  return Array.from({ length: width }, (_, i) => leaves[i] ?? PADDING);
}
