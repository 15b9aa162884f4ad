/**
 * The second e-cash: RFC 9578 tokens with public verification. Against the default it needs no pairing and
 * is checked by anything that knows RSA; its coins are four times as long, and the vault cannot judge
 * its signatures, so it is funded from an account.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  bytesToInt,
  equalBytes,
  intToBytes,
  SECP256K1_ORDER,
  wasmEcdsa,
  type Address,
} from "../../algebra/index.js";
import { isSipsterError, type SipsterError } from "../../errors/sipster-error.js";
import { paymentDigest } from "../blind-bls/payment.js";
import type { EcashSystem } from "../domains.js";
import type {
  Coin,
  CoinBook,
  CoinNumber,
  ECash,
  ExpectedPayment,
  Memo,
  Refresh,
  RefreshMessage,
  Reservation,
  Withdrawal,
} from "../ecash.js";
import { ecashErrors } from "../errors.js";
import {
  decodeCoin,
  decodeMessages,
  decodePayment,
  decodeState,
  encodeCoin,
  encodeMessages,
  encodePayment,
  encodeState,
  SEED_BYTES,
  type RsaPayment,
  type Wanted,
} from "./encodings.js";
import { reserveInBook, sameMemo } from "../reserve.js";
import {
  blind,
  isSignable,
  isSigned,
  MODULUS_BYTES,
  SALT_BYTES,
  unblind,
  verify,
  type RsaPublicKey,
} from "./rsabssa.js";
import { coinChallenge, coinNonce, tokenInput } from "./token.js";

const TAG = utf8ToBytes("SIPSTER-V1-RSA-COIN");
const REFRESH_TAG = utf8ToBytes("SIPSTER-V1-RSA-REFRESH");

/** The mint's secret operation, message^d mod n, in constant time: see `nodeRsaSigner` of the room `mint`. */
export type RawRsaSigner = (denomination: number, message: Uint8Array) => Promise<Uint8Array>;

export interface BlindRsaSettings {
  readonly system: EcashSystem;
  readonly mintKeyId: number;
  /** Moduli of 2,048 bits, by denomination. */
  readonly keys: ReadonlyMap<number, RsaPublicKey>;
  /** Absent in a wallet and a payee. */
  readonly sign?: RawRsaSigner;
}

export class BlindRsa implements ECash {
  constructor(private readonly settings: BlindRsaSettings) {}

  prepare(mintKeyId: number, coins: readonly CoinNumber[], seed: Uint8Array): Withdrawal {
    const wanted = coins.map(({ denomination, number, attempt = 0 }) => {
      const source = concatBytes(TAG, intToBytes(mintKeyId, 4), intToBytes(denomination, 4));
      return { denomination, number, attempt, source: concatBytes(source, intToBytes(number, 8)) };
    });
    const { state, messages } = this.#prepare(mintKeyId, wanted, seed);
    return { state, request: encodeMessages(mintKeyId, messages) };
  }

  prepareRefresh(mintKeyId: number, coin: Uint8Array, seed: Uint8Array): Refresh {
    const { denomination, number, secretKey } = decodeCoin(coin);
    const source = concatBytes(REFRESH_TAG, intToBytes(mintKeyId, 4), wasmEcdsa.address(secretKey));
    const wanted = [{ denomination, number, attempt: 0, source }];
    const { state, messages } = this.#prepare(mintKeyId, wanted, seed);
    return { state, message: { mintKeyId, ...messages[0]! } };
  }

  finish(state: Uint8Array, answer: Uint8Array): readonly Coin[] {
    const { mintKeyId, seed, coins } = decodeState(state);
    if (answer.length !== coins.length * MODULUS_BYTES) {
      throw ecashErrors.error("bad-answer", `the mint's answer has ${answer.length} bytes`);
    }
    return coins.map((coin, i) => {
      const { denomination, number } = coin;
      const n = this.#key(mintKeyId, denomination);
      const { secretKey, address, message, inverse } = this.#secrets(mintKeyId, coin, seed);
      const signed = answer.subarray(i * MODULUS_BYTES, (i + 1) * MODULUS_BYTES);
      if (!isSigned(n, message, signed)) {
        throw ecashErrors.error("bad-answer", `signature ${i} is not under the mint's key`, {
          index: i,
          denomination,
        });
      }
      const authenticator = unblind(n, signed, inverse);
      const secret = encodeCoin({ mintKeyId, denomination, number, secretKey, authenticator });
      return { mintKeyId, denomination, number, id: coinIdOf(mintKeyId, address), secret };
    });
  }

  pay(coin: Uint8Array, memo: Memo, expiry: bigint): Uint8Array {
    const { mintKeyId, denomination, secretKey, authenticator } = decodeCoin(coin);
    const address = wasmEcdsa.address(secretKey);
    const digest = paymentDigest(this.settings.system, { mintKeyId, address, ...memo, expiry });
    const signature = wasmEcdsa.sign(digest, secretKey);
    return encodePayment({
      ...memo,
      mintKeyId,
      denomination,
      address,
      authenticator,
      expiry,
      signature,
    });
  }

  provesDoubleSpend(earlier: Uint8Array, payment: Uint8Array): boolean {
    return onPayments(earlier, payment, (a, b) => {
      const isSameCoin = a.mintKeyId === b.mintKeyId && equalBytes(a.address, b.address);
      return isSameCoin && !sameMemo(a, b) && this.#isSignedByCoin(a);
    });
  }

  provesPaid(earlier: Uint8Array, payment: Uint8Array): boolean {
    return onPayments(earlier, payment, (a, b) => {
      if (equalBytes(a.address, b.address) || a.denomination !== b.denomination) return false;
      const expected = { payment: earlier, memo: b, denomination: b.denomination };
      return this.verify([expected], a.expiry)[0] === null;
    });
  }

  memo(payment: Uint8Array): Memo {
    const { tokenHash, payee, keyEpoch } = decodePayment(payment);
    return { tokenHash, payee, keyEpoch };
  }

  expiry(payment: Uint8Array): bigint {
    return decodePayment(payment).expiry;
  }

  verify(payments: readonly ExpectedPayment[], now: bigint): (SipsterError | null)[] {
    return payments.map((expected) => {
      try {
        this.#check(expected, now);
        return null;
      } catch (error) {
        if (isSipsterError(error)) return error;
        throw error;
      }
    });
  }

  price(request: Uint8Array): bigint {
    return this.#checkRequest(request).reduce((sum, m) => sum + BigInt(m.denomination), 0n);
  }

  async issue(request: Uint8Array): Promise<Uint8Array> {
    const messages = this.#checkRequest(request);
    return concatBytes(...(await Promise.all(messages.map((m) => this.sign(m)))));
  }

  /** The mint's signature on one blinded message that is paid for. @throws ecash/no-mint-key */
  sign({ denomination, message }: Pick<RefreshMessage, "denomination" | "message">) {
    const { sign, mintKeyId } = this.settings;
    if (sign === undefined) throw ecashErrors.error("no-mint-key", "this process is not the mint");
    this.#key(mintKeyId, denomination);
    return sign(denomination, message);
  }

  coinId(payment: Uint8Array): string {
    const { mintKeyId, address } = decodePayment(payment);
    return coinIdOf(mintKeyId, address);
  }

  async reserve(book: CoinBook, payment: Uint8Array): Promise<Reservation> {
    return reserveInBook({
      book,
      coinId: this.coinId(payment),
      payment,
      memoOf: (bytes) => this.memo(bytes),
    });
  }

  #prepare(mintKeyId: number, coins: readonly Wanted[], seed: Uint8Array) {
    if (seed.length !== SEED_BYTES) {
      throw ecashErrors.error("bad-seed", `a seed has ${SEED_BYTES} bytes, not ${seed.length}`);
    }
    const messages = coins.map((coin) => {
      const { message } = this.#secrets(mintKeyId, coin, seed);
      return { denomination: coin.denomination, message };
    });
    return { messages, state: encodeState({ mintKeyId, seed, coins }) };
  }

  /** Key, blinding factor and salt of a coin: the key depends on the coin alone, the rest on the attempt. */
  #secrets(mintKeyId: number, { denomination, attempt, source }: Wanted, seed: Uint8Array) {
    const { system } = this.settings;
    const n = this.#key(mintKeyId, denomination);
    const derive = (label: string, count: number): Uint8Array => {
      const parts = Array.from({ length: Math.ceil(count / 64) }, (_, i) =>
        hmac(
          sha512,
          seed,
          concatBytes(source, system.systemId, utf8ToBytes(label), intToBytes(i, 4)),
        ),
      );
      return concatBytes(...parts).slice(0, count);
    };
    const secretKey = intToBytes(1n + (bytesToInt(derive("key", 64)) % (SECP256K1_ORDER - 1n)), 32);
    const address = wasmEcdsa.address(secretKey);
    const challenge = coinChallenge(system, mintKeyId, denomination);
    const input = tokenInput(coinNonce(address), challenge, n);
    // A factor without an inverse would factor n: the next one is never needed.
    for (let retry = 0; ; retry++) {
      const r = bytesToInt(derive(`r ${attempt} ${retry}`, MODULUS_BYTES + 16)) % n;
      const salt = derive(`salt ${attempt} ${retry}`, SALT_BYTES);
      const blinded = blind(n, input, { r, salt });
      if (blinded !== null) return { secretKey, address, ...blinded };
    }
  }

  #checkRequest(request: Uint8Array) {
    const { mintKeyId, messages } = decodeMessages(request);
    messages.forEach(({ denomination, message }, index) => {
      if (isSignable(this.#key(mintKeyId, denomination), message)) return;
      throw ecashErrors.error("bad-request", `message ${index} cannot be signed`, { index });
    });
    return messages;
  }

  #check({ payment: bytes, memo, denomination }: ExpectedPayment, now: bigint): void {
    const payment = decodePayment(bytes);
    if (!sameMemo(payment, memo)) {
      throw ecashErrors.error("wrong-memo", "the payment is for another token, payee or key epoch");
    }
    if (payment.denomination !== denomination) {
      throw ecashErrors.error(
        "wrong-denomination",
        `a coin of ${payment.denomination} came for a token of ${denomination}`,
      );
    }
    if (payment.expiry < now) {
      throw ecashErrors.error("expired", `the payment expired at ${payment.expiry}, now is ${now}`);
    }
    const { mintKeyId, address, authenticator } = payment;
    const n = this.#key(mintKeyId, denomination);
    if (!this.#isSignedByCoin(payment)) {
      throw ecashErrors.error("bad-payment-signature", "the signature is not by the coin's key");
    }
    const challenge = coinChallenge(this.settings.system, mintKeyId, denomination);
    if (!verify(n, tokenInput(coinNonce(address), challenge, n), authenticator)) {
      throw ecashErrors.error("forged-coin", "the coin's signature is not the mint's");
    }
  }

  #isSignedByCoin(payment: RsaPayment): boolean {
    const signer = wasmEcdsa.recover(
      paymentDigest(this.settings.system, payment),
      payment.signature,
    );
    return signer !== null && equalBytes(signer, payment.address);
  }

  #key(mintKeyId: number, denomination: number): RsaPublicKey {
    const key =
      mintKeyId === this.settings.mintKeyId ? this.settings.keys.get(denomination) : undefined;
    if (key !== undefined) return key;
    throw ecashErrors.error("no-mint-key", `mint key ${mintKeyId} has no ${denomination}`, {
      mintKeyId,
      denomination,
    });
  }
}

function coinIdOf(mintKeyId: number, address: Address): string {
  return `${mintKeyId}/${bytesToHex(address)}`;
}

function onPayments(
  earlier: Uint8Array,
  payment: Uint8Array,
  proves: (a: RsaPayment, b: RsaPayment) => boolean,
): boolean {
  try {
    return proves(decodePayment(earlier), decodePayment(payment));
  } catch (error) {
    if (isSipsterError(error, "ecash/bad-payment")) return false;
    throw error;
  }
}
