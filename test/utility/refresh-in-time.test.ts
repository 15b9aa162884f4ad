/** A counter that is slow over the turn of a month: a coin that it took is still changed for the fresh one. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  BlindBlsWallet,
  generateMintKeys,
  issuerOf,
  mintPublicKeys,
  refreshMemo,
} from "../../src/ecash/index.js";
import { expiryOf } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import { DEFAULT_DENOMINATIONS } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import {
  Counter,
  inThread,
  payingCoins,
  refreshingCoins,
  StoredCounterBook,
} from "../../src/utility/index.js";
import { ANSWER_KEY, PAYEE, tell, verdict } from "../support/exchange.js";
import { system, world } from "../support/settlement.js";

const curve = await createMclBn254();
const SEED = new Uint8Array(32).fill(0x41);
/** A further mint key begins with each month. */
const mints = [0, 202701, 202702].map((firstPeriod, i) => ({
  ...generateMintKeys(i + 1, DEFAULT_DENOMINATIONS),
  firstPeriod,
}));

describe("a coin that is changed at the end of a mint key's last month", () => {
  const w = world({ curve, name: "hash-bound", keyEpoch: 1 });
  const wallet = new BlindBlsWallet(curve, system, ...mints.map((m) => mintPublicKeys(curve, m)));
  const january = startOfDay(202701, 28);
  const february = startOfDay(202702, 1) + 60;
  let now: number;
  let counter: Counter;
  let onBound: () => void;

  beforeEach(() => {
    now = january;
    onBound = () => undefined;
    const clock = (): bigint => BigInt(now);
    const ecash = payingCoins(curve, system, mints);
    const book = new StoredCounterBook(new MemoryStore(), ecash);
    counter = new Counter({
      suite: w.suite,
      epochs: [{ issuer: w.issuer, maker: inThread(w.issuer, w.suite) }],
      denominations: DEFAULT_DENOMINATIONS,
      ecash,
      refreshing: refreshingCoins(curve, system, { mints, clock }),
      payee: PAYEE,
      book: {
        bound: (uses) => book.bound(uses),
        bind: async (uses) => {
          const outcomes = await book.bind(uses);
          onBound();
          return outcomes;
        },
        sales: () => book.sales(),
      },
      answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
      clock,
    });
  });

  /** A coin of the first mint key, and how it is changed for one of another. */
  async function leftOver(number: number) {
    const { state, request } = wallet.prepare(1, [{ denomination: 10, number }], SEED);
    const [coin] = wallet.finish(state, await issuerOf(curve, mints).issue(request));
    return (mintKeyId: number) => {
      const fresh = wallet.prepareRefresh(mintKeyId, coin!.secret, SEED);
      const memo = refreshMemo(system, fresh.message, PAYEE);
      const payment = wallet.pay(coin!.secret, memo, expiryOf(now));
      return { ...fresh, request: { kind: "refresh", message: fresh.message, payment } as const };
    };
  }

  it("given an answer that did not come before the next key began, when it is asked for again, then the same fresh coin comes", async () => {
    const change = await leftOver(0);
    // The counter takes the coin; its answer is withheld.
    expect(verdict(await tell(counter, change(2).request))).to.equal("refreshed");
    now = february;
    expect(verdict(await tell(counter, change(3).request)), "for the new key").to.equal(
      "coin-spent",
    );
    const again = change(2);
    const answer = await tell(counter, again.request);
    if (answer.kind !== "refreshed") return expect.fail(verdict(answer));
    expect(wallet.finish(again.state, answer.signature)[0]!.denomination).to.equal(10);
  });

  it("given a coin that was not changed in time, when it asks for one of the key before, then it gets none", async () => {
    const change = await leftOver(1);
    now = february;
    expect(verdict(await tell(counter, change(2).request))).to.equal("utility/no-refresh");
    expect(verdict(await tell(counter, change(3).request))).to.equal("refreshed");
  });

  it("given a month that turns between binding and signing, when it is signed, then with the key that was asked for", async () => {
    const change = await leftOver(2);
    onBound = () => (now = february);
    const asked = change(2);
    const answer = await tell(counter, asked.request);
    if (answer.kind !== "refreshed") return expect.fail(verdict(answer));
    expect(wallet.finish(asked.state, answer.signature)[0]!.mintKeyId).to.equal(2);
  });
});
