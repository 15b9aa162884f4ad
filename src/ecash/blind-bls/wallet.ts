/**
 * The resident's part of blind BLS (Boldyreva, *Threshold Signatures, Multisignatures and Blind
 * Signatures Based on the Gap-Diffie-Hellman-Group Signature Scheme*, PKC 2003, §5): send
 * M' = M + ρ·P1, get S' = b·M', keep S = S' − ρ·B1 = b·M. M' is uniform whatever M is.
 */
import { concatBytes, randomBytes } from "@noble/hashes/utils.js";
import {
  batchVerify,
  G1_BYTES,
  verifyEcdsa,
  wasmEcdsa,
  type Bn254,
  type G1Point,
  type SignedPoint,
} from "../../algebra/index.js";
import { isSipsterError } from "../../errors/sipster-error.js";
import type { BlindedMessage } from "../deposits.js";
import type { EcashSystem } from "../domains.js";
import type { Coin, ECashWallet, Memo, Withdrawal } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { sameMemo } from "../reserve.js";
import { coinIdOf, decodeOwnCoin, encodeOwnCoin } from "./coin.js";
import { deriveCoinSecrets, SEED_BYTES, type CoinSecrets } from "./coin-secrets.js";
import { checkMintKeys, type MintPublicKey, type MintPublicKeys } from "./mint-keys.js";
import { decodePayment, encodePayment, paymentDigest } from "./payment.js";
import { decodeRequest, encodeRequest } from "./request.js";

export class BlindBlsWallet implements ECashWallet {
  readonly #mint: MintPublicKeys;

  /** `mint`: pinned, like the utility's key. @throws ecash/bad-mint-key */
  constructor(
    private readonly curve: Bn254,
    private readonly system: EcashSystem,
    mint: MintPublicKeys,
  ) {
    this.#mint = checkMintKeys(curve, mint);
  }

  prepare(denominations: readonly number[], seed = randomBytes(SEED_BYTES)): Withdrawal {
    if (seed.length !== SEED_BYTES) {
      throw ecashErrors.error("bad-seed", `a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
    }
    const { g1 } = this.curve;
    const messages = denominations.map((denomination, i) => {
      this.#key(denomination);
      const { point, rho } = this.#secrets(seed, denomination, i);
      const blinded = g1.add(point, g1.mulSecret(g1.generator, rho));
      return { denomination, message: g1.encode(blinded) };
    });
    const request = encodeRequest({ mintKeyId: this.#mint.mintKeyId, messages });
    return { request, state: concatBytes(seed, request) };
  }

  finish(state: Uint8Array, answer: Uint8Array): readonly Coin[] {
    const { g1 } = this.curve;
    const { mintKeyId } = this.#mint;
    const { seed, messages } = this.#parseState(state);
    const signatures = this.#parseAnswer(answer, messages.length);
    this.#checkAnswer(
      messages.map(({ denomination, message }, i) => ({
        denomination,
        message: g1.decode(message),
        signature: signatures[i]!,
      })),
    );
    return messages.map(({ denomination }, i) => {
      const { secretKey, address, ctr, rho } = this.#secrets(seed, denomination, i);
      // ρ is used once, on a base that is public and fixed.
      const unblind = g1.mulSecret(this.#key(denomination).b1, rho);
      const signature = g1.encode(g1.sub(signatures[i]!, unblind));
      return {
        denomination,
        id: coinIdOf({ mintKeyId, address }),
        secret: encodeOwnCoin({ mintKeyId, denomination, ctr, secretKey, signature }),
      };
    });
  }

  pay(coin: Uint8Array, memo: Memo, expiry: bigint): Uint8Array {
    const { mintKeyId, denomination, ctr, secretKey, signature } = decodeOwnCoin(coin);
    const address = wasmEcdsa.address(secretKey);
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

  #secrets(seed: Uint8Array, denomination: number, index: number): CoinSecrets {
    const { mintKeyId } = this.#mint;
    return deriveCoinSecrets(this.curve, this.system, seed, mintKeyId, denomination, index);
  }

  #key(denomination: number): MintPublicKey {
    const key = this.#mint.keys.get(denomination);
    if (key !== undefined) return key;
    throw ecashErrors.error(
      "no-mint-key",
      `mint key ${this.#mint.mintKeyId} has no denomination ${denomination}`,
      { mintKeyId: this.#mint.mintKeyId, denomination },
    );
  }

  #parseState(state: Uint8Array): { seed: Uint8Array; messages: readonly BlindedMessage[] } {
    const { mintKeyId, messages } = decodeRequest(state.subarray(SEED_BYTES));
    if (mintKeyId !== this.#mint.mintKeyId) {
      throw ecashErrors.error(
        "no-mint-key",
        `the stored withdrawal is of mint key ${mintKeyId}, the wallet's is ${this.#mint.mintKeyId}`,
        { mintKeyId },
      );
    }
    return { seed: state.subarray(0, SEED_BYTES), messages };
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
