/**
 * The payee's part of blind BLS. A payee that is the mint checks coins with the mint's secret and no
 * pairing; any other with the public key. Both check many at once, always under random weights:
 * unweighted, one signature on M1 + M2 would pass for two coins.
 */
import {
  batchVerify,
  bisect,
  BlindedMultiplier,
  equalBytes,
  randomWeights,
  wasmEcdsa,
  type Bn254,
  type G1Point,
  type SignedPoint,
} from "../../algebra/index.js";
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import type { EcashSystem } from "../domains.js";
import type { CoinBook, ECashAcceptor, ExpectedPayment, Memo, Reservation } from "../ecash.js";
import { ecashErrors } from "../errors.js";
import { reserveInBook, sameMemo } from "../reserve.js";
import { coinIdOf, coinPoint } from "./coin.js";
import type { MintPublicKeys, MintSecretKeys } from "./mint-keys.js";
import { decodePayment, paymentDigest, type Payment } from "./payment.js";

/** Are these all S = b·M for one key b? */
export type CoinCheck = (coins: readonly SignedPoint[]) => boolean;
/** The check of each denomination of each mint key that is accepted. */
export type CoinChecks = ReadonlyMap<number, ReadonlyMap<number, CoinCheck>>;

/** Checks with the mint's secrets: Σδᵢ·Sᵢ = b·Σδᵢ·Mᵢ. */
export function mintChecks(curve: Bn254, mints: readonly MintSecretKeys[]): CoinChecks {
  const { g1 } = curve;
  const check = (b: bigint): CoinCheck => {
    const multiplier = new BlindedMultiplier(g1, b);
    return (coins) => {
      if (coins.length === 0) return true;
      const weights = randomWeights(coins.length);
      const combine = (points: readonly G1Point[]): G1Point =>
        points.length === 1 ? points[0]! : g1.multiScalarMul(points, weights);
      const messages = combine(coins.map((c) => c.message));
      const signatures = combine(coins.map((c) => c.signature));
      return g1.equals(multiplier.multiply(messages), signatures);
    };
  };
  return new Map(
    mints.map(({ mintKeyId, scalars }) => [
      mintKeyId,
      new Map([...scalars].map(([denomination, b]) => [denomination, check(b)])),
    ]),
  );
}

/** Checks with the mint's public keys: e(Σδᵢ·Sᵢ, P2) = e(Σδᵢ·Mᵢ, B2). */
export function publicChecks(curve: Bn254, mints: readonly MintPublicKeys[]): CoinChecks {
  return new Map(
    mints.map(({ mintKeyId, keys }) => [
      mintKeyId,
      new Map(
        [...keys].map(([denomination, { b2 }]) => [
          denomination,
          (coins: readonly SignedPoint[]) => batchVerify(curve, coins, b2),
        ]),
      ),
    ]),
  );
}

/** A payment that is right but for its coin, which is checked together with others. */
interface OpenCheck {
  readonly index: number;
  readonly check: CoinCheck;
  readonly coin: SignedPoint;
}

export class BlindBlsAcceptor implements ECashAcceptor {
  private readonly curve: Bn254;
  private readonly system: EcashSystem;
  private readonly checks: CoinChecks;
  /** Of which mint keys coins are taken at a time (Unix seconds); of all when absent. */
  private readonly takes: (mintKeyId: number, now: bigint) => boolean;

  constructor({
    curve,
    system,
    checks,
    takes = () => true,
  }: {
    readonly curve: Bn254;
    readonly system: EcashSystem;
    readonly checks: CoinChecks;
    /** Of which mint keys coins are taken at a time (Unix seconds); of all when absent. */
    readonly takes?: (mintKeyId: number, now: bigint) => boolean;
  }) {
    this.curve = curve;
    this.system = system;
    this.checks = checks;
    this.takes = takes;
  }

  verify(payments: readonly ExpectedPayment[], now: bigint): (SipsterError | null)[] {
    const verdicts: (SipsterError | null)[] = payments.map(() => null);
    const open: OpenCheck[] = [];
    payments.forEach((expected, index) => {
      try {
        open.push({ index, ...this.#checkAllButCoin(expected, now) });
      } catch (error) {
        if (!isSipsterError(error)) throw error;
        verdicts[index] = error;
      }
    });
    for (const check of new Set(open.map((o) => o.check))) {
      const group = open.filter((o) => o.check === check);
      const bad = bisect(group, (part) => check(part.map((o) => o.coin)));
      for (const i of bad) {
        verdicts[group[i]!.index] = ecashErrors.error(
          "forged-coin",
          "the coin's signature is not the mint's",
        );
      }
    }
    return verdicts;
  }

  coinId(payment: Uint8Array): string {
    return coinIdOf(decodePayment(payment));
  }

  memo(payment: Uint8Array): Memo {
    const { tokenHash, payee, keyEpoch } = decodePayment(payment);
    return { tokenHash, payee, keyEpoch };
  }

  expiry(payment: Uint8Array): bigint {
    return decodePayment(payment).expiry;
  }

  reserve(book: CoinBook, payment: Uint8Array): Promise<Reservation> {
    return reserveInBook({ book, coinId: this.coinId(payment), payment, memoOf: decodePayment });
  }

  #checkAllButCoin(
    { payment: bytes, memo, denomination }: ExpectedPayment,
    now: bigint,
  ): Omit<OpenCheck, "index"> {
    const payment = decodePayment(bytes);
    if (!sameMemo(payment, memo)) {
      throw ecashErrors.error(
        "wrong-memo",
        "the payment is for another token, payee or key epoch than the one it came with",
      );
    }
    if (payment.denomination !== denomination) {
      throw ecashErrors.error(
        "wrong-denomination",
        `a coin of ${payment.denomination} came for a token of ${denomination}`,
        { coin: payment.denomination, token: denomination },
      );
    }
    if (payment.expiry < now) {
      throw ecashErrors.error(
        "expired",
        `the payment expired at ${payment.expiry}, now is ${now}`,
        {
          expiry: payment.expiry,
          now,
        },
      );
    }
    const { mintKeyId } = payment;
    const check = this.checks.get(mintKeyId)?.get(denomination);
    if (check === undefined || !this.takes(mintKeyId, now)) {
      throw ecashErrors.error(
        "no-mint-key",
        `no coin of mint key ${mintKeyId} and denomination ${denomination} is taken now`,
        { mintKeyId, denomination },
      );
    }
    const coin = this.#coin(payment);
    const signer = wasmEcdsa.recover(paymentDigest(this.system, payment), payment.signature);
    if (signer === null || !equalBytes(signer, payment.address)) {
      throw ecashErrors.error(
        "bad-payment-signature",
        "the payment's signature is not by the coin's key",
      );
    }
    return { check, coin };
  }

  #coin(payment: Payment): SignedPoint {
    const message = coinPoint(this.curve, this.system, payment);
    if (message === null) {
      throw ecashErrors.error("forged-coin", `counter ${payment.ctr} gives no point for the coin`);
    }
    try {
      return { message, signature: this.curve.g1.decode(payment.coinSignature) };
    } catch (error) {
      throw ecashErrors.errorFrom({
        key: "forged-coin",
        message: "the coin's signature is not a point",
        cause: error,
      });
    }
  }
}
