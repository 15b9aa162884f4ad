/**
 * The resident's part of blind BLS (Boldyreva, *Threshold Signatures, Multisignatures and Blind
 * Signatures Based on the Gap-Diffie-Hellman-Group Signature Scheme*, PKC 2003, §5): send
 * M' = M + ρ·P1, get S' = b·M', keep S = S' − ρ·B1 = b·M. M' is uniform for each M.
 */
import {
  batchVerify,
  equalBytes,
  G1_BYTES,
  verifyEcdsa,
  wasmEcdsa,
  type Bn254,
  type FixedBases,
  type G1Point,
  type SignedPoint,
} from "../../algebra/index.js";
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import type { EcashSystem } from "../domains.js";
import type {
  Coin,
  CoinNumber,
  ECashWallet,
  ExpectedPayment,
  Memo,
  Refresh,
  Withdrawal,
} from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { sameMemo } from "../reserve.js";
import { publicChecks, BlindBlsAcceptor } from "./acceptor.js";
import { coinIdOf, decodeOwnCoin, encodeOwnCoin } from "./coin.js";
import {
  coinScalars,
  deriveCoinSecrets,
  numberedSource,
  refreshSource,
  seedMac,
  type CoinSource,
} from "./coin-secrets.js";
import { checkMintKeys, type MintPublicKey, type MintPublicKeys } from "./mint-keys.js";
import { decodePayment, encodePayment, paymentDigest } from "./payment.js";
import { encodeRequest, type BlindedMessage } from "./request.js";
import { decodeState, encodeState } from "./withdrawal-state.js";

interface WalletKey extends MintPublicKey {
  /** For unblinding. */
  readonly tables: FixedBases<G1Point>;
}

/** A coin that is to be asked for. */
interface Wanted {
  readonly denomination: number;
  readonly number: number;
  readonly source: CoinSource;
}

export class BlindBlsWallet implements ECashWallet {
  /** Mint key id → denomination → key. */
  readonly #keys: ReadonlyMap<number, ReadonlyMap<number, WalletKey>>;
  readonly #acceptor: BlindBlsAcceptor;
  /**
   * Blinding factors meet fixed, public points only, each once: the tables' addresses may depend on
   * them. What an observer of this process's memory accesses could learn, its owner's device knows.
   */
  readonly #generator: FixedBases<G1Point>;

  /** `mints`: as the vault contract has them, pinned like the utility's key. @throws ecash/bad-mint-key */
  constructor(
    private readonly curve: Bn254,
    private readonly system: EcashSystem,
    ...mints: readonly MintPublicKeys[]
  ) {
    const { g1 } = curve;
    this.#generator = g1.fixedBases([g1.generator], "single");
    this.#acceptor = new BlindBlsAcceptor({ curve, system, checks: publicChecks(curve, mints) });
    this.#keys = new Map(
      mints.map((mint) => [
        mint.mintKeyId,
        new Map(
          [...checkMintKeys(curve, mint).keys].map(([d, key]) => [
            d,
            { ...key, tables: g1.fixedBases([key.b1], "single") },
          ]),
        ),
      ]),
    );
  }

  prepare(mintKeyId: number, coins: readonly CoinNumber[], seed: Uint8Array): Withdrawal {
    const wanted = coins.map((coin) => ({
      denomination: coin.denomination,
      number: coin.number,
      source: numberedSource(this.system, mintKeyId, coin),
    }));
    const { state, messages } = this.#prepare(mintKeyId, wanted, seed);
    return { state, request: encodeRequest({ mintKeyId, messages }) };
  }

  prepareRefresh(mintKeyId: number, coin: Uint8Array, seed: Uint8Array): Refresh {
    const old = decodeOwnCoin(coin);
    const source = refreshSource(this.system, mintKeyId, old);
    const { state, messages } = this.#prepare(mintKeyId, [{ ...old, source }], seed);
    return { state, message: { mintKeyId, ...messages[0]! } };
  }

  #prepare(
    mintKeyId: number,
    wanted: readonly Wanted[],
    seed: Uint8Array,
  ): { state: Uint8Array; messages: readonly BlindedMessage[] } {
    const { g1 } = this.curve;
    const mac = seedMac(seed);
    const secrets = wanted.map(({ denomination, source }) => {
      this.#key(mintKeyId, denomination);
      return deriveCoinSecrets({ curve: this.curve, system: this.system, mac, source });
    });
    const sums = secrets.map(({ rho }) => ({ scalars: [rho] }));
    const blinders = this.#generator.multiScalarMuls(sums);
    const messages = secrets.map(({ point }, i) => ({
      denomination: wanted[i]!.denomination,
      message: g1.encode(g1.add(point, blinders[i]!)),
    }));
    const coins = wanted.map(({ number, source }, i) => ({ number, source, sketch: secrets[i]! }));
    return { messages, state: encodeState({ seed, coins, mintKeyId, messages }) };
  }

  finish(state: Uint8Array, answer: Uint8Array): readonly Coin[] {
    const { g1 } = this.curve;
    const { seed, coins, mintKeyId, messages } = decodeState(state);
    const signatures = this.#parseAnswer(answer, messages.length);
    this.#checkAnswer(
      mintKeyId,
      messages.map(({ denomination, message }, i) => ({
        denomination,
        message: g1.decode(message),
        signature: signatures[i]!,
      })),
    );
    const mac = seedMac(seed);
    const scalars = coins.map(({ source, sketch }) => coinScalars(mac, source, sketch.retry));
    const masks = this.#masks(
      mintKeyId,
      messages.map(({ denomination }, i) => ({ denomination, rho: scalars[i]!.rho })),
    );
    return messages.map(({ denomination }, i) => {
      const { number, sketch } = coins[i]!;
      const { address, ctr } = sketch;
      const { secretKey } = scalars[i]!;
      const signature = g1.encode(g1.sub(signatures[i]!, masks[i]!));
      const own = { mintKeyId, denomination, number, ctr, address, secretKey, signature };
      const id = coinIdOf({ mintKeyId, address });
      return { mintKeyId, denomination, number, id, secret: encodeOwnCoin(own) };
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
        verifyEcdsa({
          ecdsa: wasmEcdsa,
          digest: paymentDigest(this.system, a),
          signature: a.signature,
          signer: a.address,
        })
      );
    } catch (error) {
      if (isSipsterError(error, "ecash/bad-payment")) return false;
      throw error;
    }
  }

  provesPaid(earlier: Uint8Array, payment: Uint8Array): boolean {
    try {
      const [a, b] = [decodePayment(earlier), decodePayment(payment)];
      if (equalBytes(a.address, b.address) || a.denomination !== b.denomination) return false;
      // At its own expiry: a payment that was in time then is proof for ever.
      const expected = { payment: earlier, memo: b, denomination: b.denomination };
      return this.#acceptor.verify([expected], a.expiry)[0] === null;
    } catch (error) {
      if (isSipsterError(error, "ecash/bad-payment")) return false;
      throw error;
    }
  }

  memo(payment: Uint8Array): Memo {
    return this.#acceptor.memo(payment);
  }

  expiry(payment: Uint8Array): bigint {
    return this.#acceptor.expiry(payment);
  }

  coinId(payment: Uint8Array): string {
    return this.#acceptor.coinId(payment);
  }

  verify(payments: readonly ExpectedPayment[], now: bigint): (SipsterError | null)[] {
    return this.#acceptor.verify(payments, now);
  }

  /** ρ·B1 of the denomination for each coin, in order: many at once cost less than each alone. */
  #masks(mintKeyId: number, coins: readonly { denomination: number; rho: bigint }[]): G1Point[] {
    const masks: G1Point[] = [];
    for (const denomination of new Set(coins.map((c) => c.denomination))) {
      const group = [...coins.entries()].filter(([, c]) => c.denomination === denomination);
      const sums = group.map(([, { rho }]) => ({ scalars: [rho] }));
      const products = this.#key(mintKeyId, denomination).tables.multiScalarMuls(sums);
      group.forEach(([i], at) => (masks[i] = products[at]!));
    }
    return masks;
  }

  #key(mintKeyId: number, denomination: number): WalletKey {
    const key = this.#keys.get(mintKeyId)?.get(denomination);
    if (key !== undefined) return key;
    throw ecashErrors.error(
      "no-mint-key",
      `the wallet knows no mint key ${mintKeyId} for denomination ${denomination}`,
      { mintKeyId, denomination },
    );
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
        throw ecashErrors.errorFrom({
          key: "bad-answer",
          message: `signature ${i} of the mint's answer is not a point`,
          details: { index: i },
          cause: error,
        });
      }
    });
  }

  /** e(S', P2) = e(M', B2) for all: a mint that signs with another key to tell wallets apart is found out. */
  #checkAnswer(
    mintKeyId: number,
    items: readonly (SignedPoint & { readonly denomination: number })[],
  ): void {
    for (const denomination of new Set(items.map((item) => item.denomination))) {
      const group = items.filter((item) => item.denomination === denomination);
      const { b2 } = this.#key(mintKeyId, denomination);
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
