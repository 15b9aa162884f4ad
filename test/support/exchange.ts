/** A utility with its mint, and wallets, for tests of the exchange of coins for receipts. */
import { GROUP_ORDER, toAddress, type Bn254 } from "../../src/algebra/index.js";
import {
  blindBls,
  generateMintKeys,
  mintPublicKeys,
  type ECash,
  type MintPublicKeys,
} from "../../src/ecash/index.js";
import { isSipsterError, type SipsterError } from "../../src/errors/sipster-error.js";
import { DEFAULT_DENOMINATIONS, type SuiteName, type Token } from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import {
  inThread,
  ReceiptService,
  type ReceiptMaker,
  type ReceiptSeller,
  type Sold,
} from "../../src/utility/index.js";
import { TestRandom } from "./random.js";
import { system, world, type World } from "./settlement.js";

export const NOW = 1_800_000_000n;
export const PAYEE = toAddress(new Uint8Array(20).fill(0xaa));

export interface Exchange {
  readonly world: World;
  readonly ecash: ECash;
  readonly mint: MintPublicKeys;
  readonly service: ReceiptService;
  readonly store: Store;
  /** Seconds; tests may move it. */
  readonly clock: { now: bigint };
  /** Coins, withdrawn for nothing. */
  coins(denominations: readonly number[]): Promise<readonly Uint8Array[]>;
  /** The utility started again over the same store. */
  restart(store?: Store): ReceiptService;
}

export function exchange(
  curve: Bn254,
  {
    suite = "hash-bound",
    store = new MemoryStore(),
    maker,
    seed,
  }: {
    suite?: SuiteName;
    store?: Store;
    maker?: (w: World) => ReceiptMaker;
    /** Makes the utility's and the mint's keys; random without. */
    seed?: string;
  } = {},
): Exchange {
  const keys = seed === undefined ? undefined : seededKeys(suite, seed);
  const w = world(curve, suite, 1, keys?.utility);
  const secret = keys?.mint ?? generateMintKeys(3, DEFAULT_DENOMINATIONS);
  const ecash = blindBls(curve, system, secret);
  const clock = { now: NOW };
  const restart = (books: Store = store): ReceiptService =>
    new ReceiptService({
      suite: w.suite,
      epochs: [{ issuer: w.issuer, maker: maker?.(w) ?? inThread(w.issuer, w.suite) }],
      denominations: DEFAULT_DENOMINATIONS,
      ecash,
      payee: PAYEE,
      store: books,
      clock: () => clock.now,
    });
  return {
    world: w,
    ecash,
    mint: mintPublicKeys(curve, secret),
    service: restart(),
    store,
    clock,
    restart,
    async coins(denominations) {
      const { state, request } = ecash.prepare(denominations);
      return ecash.finish(state, await ecash.issue(request)).map((c) => c.secret);
    },
  };
}

function seededKeys(suite: SuiteName, seed: string) {
  const random = new TestRandom(seed);
  const scalar = (): bigint => 1n + random.below(GROUP_ORDER - 1n);
  return {
    utility: { suite, keyEpoch: 1, scalar: scalar() },
    mint: { mintKeyId: 3, scalars: new Map(DEFAULT_DENOMINATIONS.map((d) => [d, scalar()])) },
  };
}

/** A payment with this coin for this token. */
export function payFor(
  { ecash, world: { suite } }: Exchange,
  coin: Uint8Array,
  token: Token,
  expiry = NOW + 3600n,
): Uint8Array {
  const memo = { tokenHash: suite.hash(token), payee: PAYEE, keyEpoch: token.keyEpoch };
  return ecash.pay(coin, memo, expiry);
}

/** What came of one order: the sale, or the error. */
export type Outcome = { readonly sold: Sold } | { readonly error: SipsterError };

export async function ask(
  seller: ReceiptSeller,
  token: Uint8Array,
  payment: Uint8Array = new Uint8Array(),
): Promise<Outcome> {
  try {
    return { sold: await seller.sell({ token, payment }) };
  } catch (error) {
    if (!isSipsterError(error)) throw error;
    return { error };
  }
}

/** `sold`, or the code of the error. */
export const verdict = (o: Outcome): string => ("sold" in o ? "sold" : o.error.code);
