/** A counter with its mint, honest or lying, for tests of the exchange of coins for receipts. */
import { GROUP_ORDER, toAddress, type Address, type Bn254 } from "../../src/algebra/index.js";
import {
  blindBls,
  blindSigner,
  checkBlindedMessage,
  generateMintKeys,
  mintPublicKeys,
  type Coin,
  type ECash,
  type MintPublicKeys,
} from "../../src/ecash/index.js";
import {
  ask,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  expiryOf,
  type Answer,
  type Carrier,
  type Request,
} from "../../src/exchange/index.js";
import {
  addressOf,
  DEFAULT_DENOMINATIONS,
  type SuiteName,
  type Token,
} from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import {
  Counter,
  inThread,
  StoredCounterBook,
  type CounterBook,
  type ReceiptMaker,
} from "../../src/utility/index.js";
import { TestRandom } from "./random.js";
import { system, world, type World } from "./settlement.js";

/** 15 January 2027, 08:00 UTC. */
export const NOW = 1_800_000_000n;
export const PAYEE = toAddress(new Uint8Array(20).fill(0xaa));
export const ANSWER_KEY = new Uint8Array(32).fill(0x5a);
export const MINT_KEY_ID = 3;
/** Of coins withdrawn outside a purse. */
const SEED = new Uint8Array(32).fill(0x77);

export interface Exchange {
  readonly world: World;
  readonly ecash: ECash;
  readonly mint: MintPublicKeys;
  readonly counter: Counter;
  readonly store: Store;
  /** Seconds; tests may move it. */
  readonly clock: { now: bigint };
  /** To the counter. */
  readonly carrier: Carrier;
  /** The mint's answer to a withdrawal. */
  withdraw(request: Uint8Array): Promise<Uint8Array>;
  /** Coins, withdrawn for nothing. */
  coins(denominations: readonly number[]): Promise<readonly Uint8Array[]>;
  /** The counter started again over the same store. */
  restart(store?: Store): Counter;
}

interface ExchangeOptions {
  readonly suite?: SuiteName;
  readonly store?: Store;
  /** The counter's book; in the store without. */
  readonly book?: (ecash: ECash) => CounterBook;
  readonly maker?: (w: World) => ReceiptMaker;
  readonly otherPayees?: readonly Address[];
  /** Makes the utility's and the mint's keys; random without. */
  readonly seed?: string;
}

export function exchange(curve: Bn254, options: ExchangeOptions = {}): Exchange {
  const { suite = "hash-bound", store = new MemoryStore(), maker, seed } = options;
  const keys = seed === undefined ? undefined : seededKeys(suite, seed);
  const w = world({ curve, name: suite, keyEpoch: 1, secret: keys?.utility });
  const secret = keys?.mint ?? generateMintKeys(MINT_KEY_ID, DEFAULT_DENOMINATIONS);
  const ecash = blindBls(curve, system, secret);
  const clock = { now: NOW };
  const restart = (books: Store = store): Counter =>
    new Counter({
      suite: w.suite,
      epochs: [{ issuer: w.issuer, maker: maker?.(w) ?? inThread(w.issuer, w.suite) }],
      denominations: DEFAULT_DENOMINATIONS,
      ecash,
      refreshing: {
        ecash,
        signer: blindSigner(curve, secret),
        checkMessage: (message) => checkBlindedMessage(curve, message),
      },
      payee: PAYEE,
      otherPayees: options.otherPayees ?? [],
      book: options.book?.(ecash) ?? new StoredCounterBook(books, ecash),
      answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
      clock: () => clock.now,
    });
  const withdraw = (request: Uint8Array): Promise<Uint8Array> => ecash.issue(request);
  let number = 0;
  const counter = restart();
  return {
    world: w,
    ecash,
    mint: mintPublicKeys(curve, secret),
    counter,
    store,
    clock,
    carrier: (request) => counter.answer(request),
    withdraw,
    restart,
    async coins(denominations) {
      const wanted = denominations.map((denomination) => ({ denomination, number: number++ }));
      const { state, request } = ecash.prepare(MINT_KEY_ID, wanted, SEED);
      return ecash.finish(state, await withdraw(request)).map((c: Coin) => c.secret);
    },
  };
}

/** Keys of the utility and the mint that follow from a seed. */
export function seededKeys(suite: SuiteName, seed: string) {
  const random = new TestRandom(seed);
  const scalar = (): bigint => 1n + random.below(GROUP_ORDER - 1n);
  return {
    utility: { suite, keyEpoch: 1, scalar: scalar() },
    mint: {
      mintKeyId: MINT_KEY_ID,
      scalars: new Map(DEFAULT_DENOMINATIONS.map((d) => [d, scalar()])),
    },
  };
}

/** A payment with this coin for this token. */
export function payFor({
  exchange: {
    ecash,
    clock,
    world: { suite },
  },
  coin,
  token,
  expiry,
}: {
  readonly exchange: Exchange;
  readonly coin: Uint8Array;
  readonly token: Token;
  readonly expiry?: bigint;
}): Uint8Array {
  const memo = { tokenHash: suite.hash(token), payee: PAYEE, keyEpoch: token.keyEpoch };
  return ecash.pay(coin, memo, expiry ?? expiryOf(Number(clock.now)));
}

const VERIFIER = { systemId: system.systemId, answerKey: addressOf(ANSWER_KEY) };

/** What the counter says to one request. */
export async function tell(carrier: Carrier | Counter, request: Request): Promise<Answer> {
  const carry: Carrier = carrier instanceof Counter ? (bytes) => carrier.answer(bytes) : carrier;
  return (await ask(carry, VERIFIER, request)).answer;
}

/** What the counter says to an order. */
export function buy(
  carrier: Carrier | Counter,
  token: Uint8Array,
  payment: Uint8Array,
): Promise<Answer> {
  return tell(carrier, { kind: "buy", order: { token, payment } });
}

/** The kind of an answer; of a refusal, its code. */
export const verdict = (answer: Answer): string =>
  answer.kind === "refused" ? answer.code : answer.kind;

/** A counter that signs what `lie` makes of its true answers. */
export function lying(
  carrier: Carrier,
  lie: (answer: Answer, request: Request) => Answer,
): Carrier {
  return async (bytes) => {
    const { request, hash } = decodeRequest(bytes);
    const answer = decodeAnswer(VERIFIER, hash, await carrier(bytes));
    const signer = { systemId: system.systemId, answerKey: ANSWER_KEY };
    return encodeAnswer(signer, hash, lie(answer, request));
  };
}
