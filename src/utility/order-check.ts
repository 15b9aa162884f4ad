/** What the counter serves: the checks of a request before its coin is bound, and the work after. */
import { bytesToHex } from "@noble/hashes/utils.js";
import { equalBytes, type Address } from "../algebra/index.js";
import {
  refreshMemo,
  type BlindSigner,
  type ECashAcceptor,
  type Memo,
  type RefreshMessage,
} from "../ecash/index.js";
import type { SipsterError } from "../errors/sipster-error.js";
import { isPublicExpiry, type Order, type Request } from "../exchange/index.js";
import type { CheckedToken, Denominations, ReceiptIssuer, Suite } from "../sipster/index.js";
import type { CoinUse } from "./counter-book.js";
import { utilityErrors } from "./errors.js";
import type { ReceiptMaker } from "./receipt-maker.js";

/** One key epoch that is served. */
export interface ServedEpoch {
  /** Checks tokens; used by this thread only. */
  readonly issuer: ReceiptIssuer;
  readonly maker: ReceiptMaker;
}

/** The mint's part at the counter. */
export interface Refreshing {
  /** Of the coins that may be refreshed. */
  readonly ecash: ECashAcceptor;
  /** Signs fresh coins now. */
  readonly signer: BlindSigner;
  /**
   * Of any mint key of this mint: a coin that was bound to a fresh one of it gets that one in every month
   * after. When absent, `signer` is the only one.
   */
  signerOf?(mintKeyId: number): BlindSigner | undefined;
  /** Refuses a message that cannot be signed. @throws ecash/bad-request */
  checkMessage(message: Uint8Array): void;
}

export interface CounterRules {
  readonly suite: Suite;
  /** May grow while they are served. */
  readonly epochs: readonly ServedEpoch[];
  readonly denominations: Denominations;
  /** Of the coins that pay. */
  readonly ecash: ECashAcceptor;
  /** `null`: this counter refreshes no coins. */
  readonly refreshing: Refreshing | null;
  /** Whom payments name as payee. */
  readonly payee: Address;
  /** Payees of other terms, whose tokens may still be paid, or may be soon; may grow. */
  readonly otherPayees?: readonly Address[];
}

/** A request that is good but for its coin. */
export interface CheckedRequest {
  readonly use: CoinUse;
  readonly memo: Memo;
  readonly denomination: number;
  readonly work:
    | { readonly kind: "receipt"; readonly epoch: ServedEpoch; readonly token: CheckedToken }
    | { readonly kind: "refresh"; readonly message: RefreshMessage };
}

export class OrderCheck {
  constructor(private readonly rules: CounterRules) {}

  /**
   * Everything but the payment's validity.
   * @throws sipster/bad-token and the other refusals of tokens, ecash/bad-payment, bad-request,
   *   utility/unknown-key-epoch, unknown-denomination, no-refresh
   */
  check(request: Exclude<Request, { kind: "health" }>): CheckedRequest {
    return request.kind === "buy"
      ? this.#checkOrder(request.order)
      : this.#checkRefresh(request.message, request.payment);
  }

  /** What is wrong with each payment at this time; `null` if nothing. */
  verify(requests: readonly CheckedRequest[], now: bigint): (SipsterError | null)[] {
    const { ecash, refreshing } = this.rules;
    const verdicts = requests.map(({ use, work }) => {
      if (work.kind === "receipt") return expiryVerdict(ecash.expiry(use.payment), now);
      const { message } = work;
      if (message.mintKeyId !== refreshing!.signer.mintKeyId) return noRefresh(message);
      return expiryVerdict(refreshing!.ecash.expiry(use.payment), now);
    });
    for (const [kind, acceptor] of [
      ["receipt", ecash],
      ["refresh", refreshing?.ecash],
    ] as const) {
      const mine = requests.flatMap((r, i) =>
        r.work.kind === kind && verdicts[i] === null ? [i] : [],
      );
      if (mine.length === 0) continue;
      const expected = mine.map((i) => {
        const { use, memo, denomination } = requests[i]!;
        return { payment: use.payment, memo, denomination };
      });
      acceptor!.verify(expected, now).forEach((verdict, at) => (verdicts[mine[at]!] = verdict));
    }
    return verdicts;
  }

  /** The receipt or the blind signature of each, in order. @throws utility/worker-failed */
  async make(requests: readonly CheckedRequest[]): Promise<readonly Uint8Array[]> {
    const made: Uint8Array[] = [];
    const put = (at: readonly number[], answers: readonly Uint8Array[]): void =>
      at.forEach((i, j) => (made[i] = answers[j]!));
    const jobs = this.rules.epochs.map(async (epoch) => {
      const at: number[] = [];
      const tokens: CheckedToken[] = [];
      requests.forEach(({ work }, i) => {
        if (work.kind !== "receipt" || work.epoch !== epoch) return;
        at.push(i);
        tokens.push(work.token);
      });
      if (at.length > 0) put(at, await epoch.maker.make(tokens));
    });
    jobs.push(this.#sign(requests, put));
    await Promise.all(jobs);
    return made;
  }

  async #sign(
    requests: readonly CheckedRequest[],
    put: (at: readonly number[], answers: readonly Uint8Array[]) => void,
  ): Promise<void> {
    const bySigner = new Map<BlindSigner, { at: number[]; messages: RefreshMessage[] }>();
    requests.forEach(({ work }, i) => {
      if (work.kind !== "refresh") return;
      const signer = this.#signerOf(work.message.mintKeyId)!;
      const { at, messages } = bySigner.get(signer) ?? { at: [], messages: [] };
      bySigner.set(signer, { at: [...at, i], messages: [...messages, work.message] });
    });
    for (const [signer, { at, messages }] of bySigner) put(at, await signer.sign(messages));
  }

  #signerOf(mintKeyId: number): BlindSigner | undefined {
    const { refreshing } = this.rules;
    if (refreshing?.signerOf !== undefined) return refreshing.signerOf(mintKeyId);
    return refreshing?.signer.mintKeyId === mintKeyId ? refreshing.signer : undefined;
  }

  #checkOrder({ token: bytes, payment }: Order): CheckedRequest {
    const { suite, denominations, ecash } = this.rules;
    const token = suite.decode(bytes);
    const { denomination, keyEpoch } = token;
    if (!denominations.includes(denomination)) {
      throw utilityErrors.error(
        "unknown-denomination",
        `a token of ${denomination} units is not sold`,
        { denomination },
      );
    }
    const epoch = this.rules.epochs.find(({ issuer }) => issuer.keyEpoch === keyEpoch);
    if (epoch === undefined) {
      throw utilityErrors.error("unknown-key-epoch", `key epoch ${keyEpoch} is not served`, {
        keyEpoch,
      });
    }
    const checked = epoch.issuer.check(token);
    const tokenHash = suite.hash(token);
    return {
      use: {
        coin: ecash.coinId(payment),
        payment,
        token: bytesToHex(tokenHash),
        units: denomination,
      },
      memo: { tokenHash, payee: this.#payeeOf(ecash, payment), keyEpoch },
      denomination,
      work: { kind: "receipt", epoch, token: checked },
    };
  }

  /** The payee that the payment must name: the one it names, if that is one of the terms'. */
  #payeeOf(ecash: ECashAcceptor, payment: Uint8Array): Address {
    const { payee, otherPayees = [] } = this.rules;
    const named = ecash.memo(payment).payee;
    return otherPayees.find((other) => equalBytes(other, named)) ?? payee;
  }

  #checkRefresh(message: RefreshMessage, payment: Uint8Array): CheckedRequest {
    const { refreshing, suite } = this.rules;
    const { mintKeyId, denomination } = message;
    // Whether this key signs now is asked of a coin that is not bound yet alone.
    if (
      refreshing === null ||
      this.#signerOf(mintKeyId)?.denominations.has(denomination) !== true
    ) {
      throw noRefresh(message);
    }
    refreshing.checkMessage(message.message);
    return {
      use: { coin: refreshing.ecash.coinId(payment), payment, token: null, units: 0 },
      memo: refreshMemo(suite, message, this.#payeeOf(refreshing.ecash, payment)),
      denomination,
      work: { kind: "refresh", message },
    };
  }
}

function noRefresh({ mintKeyId, denomination }: RefreshMessage): SipsterError {
  return utilityErrors.error(
    "no-refresh",
    `coins of ${denomination} are not changed for coins of mint key ${mintKeyId} here`,
    { mintKeyId, denomination },
  );
}

/** An expiry of the home's own would mark its payments: only the one of all homes is taken. */
function expiryVerdict(expiry: bigint, now: bigint): SipsterError | null {
  if (expiry < now || isPublicExpiry(expiry, Number(now))) return null;
  return utilityErrors.error(
    "odd-expiry",
    `the payment expires at ${expiry}, and others that are sent now do not`,
    { expiry },
  );
}
