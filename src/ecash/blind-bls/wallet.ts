/**
 * The resident's part of blind BLS (Boldyreva, *Threshold Signatures, Multisignatures and Blind
 * Signatures Based on the Gap-Diffie-Hellman-Group Signature Scheme*, PKC 2003, §5): send
 * M' = M + ρ·P1, get S' = b·M', keep S = S' − ρ·B1 = b·M. M' is uniform whatever M is.
 */
import { concatBytes, randomBytes } from "@noble/hashes/utils.js";
import {
  batchVerify,
  ByteReader,
  G1_BYTES,
  intToBytes,
  toAddress,
  verifyEcdsa,
  wasmEcdsa,
  type Bn254,
  type FixedBases,
  type G1Point,
  type SignedPoint,
} from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { EcashSystem } from "../domains.js";
import type { Coin, ECashWallet, Memo, Withdrawal } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { sameMemo } from "../reserve.js";
import { coinIdOf, decodeOwnCoin, encodeOwnCoin } from "./coin.js";
import {
  coinScalars,
  deriveCoinSecrets,
  seedMac,
  SEED_BYTES,
  type CoinSketch,
} from "./coin-secrets.js";
import { checkMintKeys, type MintPublicKey, type MintPublicKeys } from "./mint-keys.js";
import { decodePayment, encodePayment, paymentDigest } from "./payment.js";
import { decodeRequest, encodeRequest, type BlindedMessage } from "./request.js";

interface WalletKey extends MintPublicKey {
  /** For unblinding. */
  readonly tables: FixedBases<G1Point>;
}

export class BlindBlsWallet implements ECashWallet {
  readonly #mint: MintPublicKeys;
  readonly #keys: ReadonlyMap<number, WalletKey>;
  /**
   * Blinding factors meet fixed, public points only, each once: the tables' addresses may depend on
   * them. What an observer of this process's memory accesses could learn, its owner's device knows.
   */
  readonly #generator: FixedBases<G1Point>;

  /** `mint`: pinned, like the utility's key. @throws ecash/bad-mint-key */
  constructor(
    private readonly curve: Bn254,
    private readonly system: EcashSystem,
    mint: MintPublicKeys,
  ) {
    this.#mint = checkMintKeys(curve, mint);
    const { g1 } = curve;
    this.#generator = g1.fixedBases([g1.generator], "single");
    this.#keys = new Map(
      [...mint.keys].map(([d, key]) => [d, { ...key, tables: g1.fixedBases([key.b1], "single") }]),
    );
  }

  prepare(denominations: readonly number[], seed = randomBytes(SEED_BYTES)): Withdrawal {
    if (seed.length !== SEED_BYTES) {
      throw ecashErrors.error("bad-seed", `a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
    }
    const { g1 } = this.curve;
    const { mintKeyId } = this.#mint;
    const mac = seedMac(seed);
    const coins = denominations.map((denomination, index) => {
      this.#key(denomination);
      const number = { mac, mintKeyId, denomination, index };
      return deriveCoinSecrets(this.curve, this.system, number);
    });
    const blinders = this.#generator.multiScalarMuls(coins.map(({ rho }) => ({ scalars: [rho] })));
    const messages = coins.map(({ point }, i) => ({
      denomination: denominations[i]!,
      message: g1.encode(g1.add(point, blinders[i]!)),
    }));
    const request = encodeRequest({ mintKeyId, messages });
    const sketches = coins.map(({ attempt, ctr, address }) =>
      concatBytes(Uint8Array.of(attempt, ctr), address),
    );
    return { request, state: concatBytes(seed, intToBytes(coins.length, 4), ...sketches, request) };
  }

  finish(state: Uint8Array, answer: Uint8Array): readonly Coin[] {
    const { g1 } = this.curve;
    const { mintKeyId } = this.#mint;
    const { seed, messages, sketches } = this.#parseState(state);
    const signatures = this.#parseAnswer(answer, messages.length);
    this.#checkAnswer(
      messages.map(({ denomination, message }, i) => ({
        denomination,
        message: g1.decode(message),
        signature: signatures[i]!,
      })),
    );
    const mac = seedMac(seed);
    const scalars = messages.map(({ denomination }, index) => {
      const number = { mac, mintKeyId, denomination, index };
      return coinScalars(this.system, number, sketches[index]!.attempt);
    });
    const masks = this.#masks(
      messages.map(({ denomination }, i) => ({ denomination, rho: scalars[i]!.rho })),
    );
    return messages.map(({ denomination }, index) => {
      const { address, ctr } = sketches[index]!;
      const { secretKey } = scalars[index]!;
      const signature = g1.encode(g1.sub(signatures[index]!, masks[index]!));
      return {
        denomination,
        id: coinIdOf({ mintKeyId, address }),
        secret: encodeOwnCoin({ mintKeyId, denomination, ctr, address, secretKey, signature }),
      };
    });
  }

  pay(coin: Uint8Array, memo: Memo, expiry: bigint): Uint8Array {
    const own = decodeOwnCoin(coin);
    const { mintKeyId, denomination, ctr, address, secretKey, signature } = own;
    const unsigned = { mintKeyId, address, ...memo, expiry };
    return encodePayment({
      ...unsigned,
      denomination,
      ctr,
      coinSignature: signature,
      signature: wasmEcdsa.sign(paymentDigest(this.system, unsigned), secretKey),
    });
  }

  provesDoubleSpend(earlier: Uint8Array, payment: Uint8Array): boolean {
    try {
      const [a, b] = [decodePayment(earlier), decodePayment(payment)];
      return (
        coinIdOf(a) === coinIdOf(b) &&
        !sameMemo(a, b) &&
        verifyEcdsa(wasmEcdsa, paymentDigest(this.system, a), a.signature, a.address)
      );
    } catch (error) {
      if (isSipsterError(error, "ecash/bad-payment")) return false;
      throw error;
    }
  }

  /** ρ·B1 of the denomination for each coin, in order: many at once cost less than each alone. */
  #masks(coins: readonly { denomination: number; rho: bigint }[]): G1Point[] {
    const masks: G1Point[] = [];
    for (const denomination of new Set(coins.map((c) => c.denomination))) {
      const group = [...coins.entries()].filter(([, c]) => c.denomination === denomination);
      const sums = group.map(([, { rho }]) => ({ scalars: [rho] }));
      const products = this.#key(denomination).tables.multiScalarMuls(sums);
      group.forEach(([i], at) => (masks[i] = products[at]!));
    }
    return masks;
  }

  #key(denomination: number): WalletKey {
    const key = this.#keys.get(denomination);
    if (key !== undefined) return key;
    throw ecashErrors.error(
      "no-mint-key",
      `mint key ${this.#mint.mintKeyId} has no denomination ${denomination}`,
      { mintKeyId: this.#mint.mintKeyId, denomination },
    );
  }

  #parseState(state: Uint8Array): {
    seed: Uint8Array;
    messages: readonly BlindedMessage[];
    sketches: readonly CoinSketch[];
  } {
    const reader = new ByteReader(state, (why) =>
      ecashErrors.error("bad-coin", `these bytes are no withdrawal under way: ${why}`),
    );
    const seed = reader.take(SEED_BYTES);
    const sketches = Array.from({ length: reader.number(4) }, () => ({
      attempt: reader.number(1),
      ctr: reader.number(1),
      address: toAddress(reader.take(20)),
    }));
    const { mintKeyId, messages } = decodeRequest(reader.take(reader.left));
    if (mintKeyId !== this.#mint.mintKeyId) {
      throw ecashErrors.error(
        "no-mint-key",
        `the stored withdrawal is of mint key ${mintKeyId}, the wallet's is ${this.#mint.mintKeyId}`,
        { mintKeyId },
      );
    }
    return { seed, messages, sketches };
  }

  #parseAnswer(answer: Uint8Array, count: number): G1Point[] {
    if (answer.length !== count * G1_BYTES) {
      throw ecashErrors.error(
        "bad-answer",
        `the mint's answer has ${answer.length} bytes and not ${count * G1_BYTES}`,
      );
    }
    return Array.from({ length: count }, (_, i) => {
      try {
        return this.curve.g1.decode(answer.subarray(i * G1_BYTES, (i + 1) * G1_BYTES));
      } catch (error) {
        throw ecashErrors.error(
          "bad-answer",
          `signature ${i} of the mint's answer is no point`,
          { index: i },
          error,
        );
      }
    });
  }

  /** e(S', P2) = e(M', B2) for all: a mint that signs with another key to tell wallets apart is found out. */
  #checkAnswer(items: readonly (SignedPoint & { readonly denomination: number })[]): void {
    for (const [denomination, { b2 }] of this.#mint.keys) {
      const group = items.filter((item) => item.denomination === denomination);
      if (!batchVerify(this.curve, group, b2)) {
        throw ecashErrors.error(
          "bad-answer",
          `the mint's signatures for denomination ${denomination} are not under its key`,
          { denomination },
        );
      }
    }
  }
}
