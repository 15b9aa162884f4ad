import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import type { Carrier } from "../../src/exchange/index.js";
import { addressOf, parseBillFile, type Token } from "../../src/sipster/index.js";
import { Death, DyingStore } from "../support/dying-store.js";
import { expectRejection } from "../support/errors.js";
import { exchange, type Exchange } from "../support/exchange.js";
import { meterPeriod, type MeterPeriod } from "../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  setClock,
  withdrawBefore,
  type TestWallet,
} from "../support/wallet.js";
import { Watched } from "../support/watched.js";

const curve = await createMclBn254();
const sizes = [100, 100, 10, 10, 1, 1, 1];
const basket = [100, 100, 100, 10, 10, 10, 1, 1, 1, 1];

const tokensOf = (period: MeterPeriod): Token[] => period.generated.map((g) => g.token);

function combineOf({ resident }: TestWallet, period: MeterPeriod): Promise<string> {
  const { bill, blinding, billKey } = period;
  const tokens = tokensOf(period);
  return resident.combine({ bill, tokens, blinding, meter: addressOf(billKey) });
}

describe("resident", () => {
  let x: Exchange;
  let period: MeterPeriod;
  let w: TestWallet;

  beforeEach(async () => {
    x = exchange(curve);
    period = meterPeriod(x.world, sizes, { period: PERIOD });
    w = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: w, basket });
    setClock(x, after(PERIOD));
  });

  it("pays each token at its time, verifies, combines, and writes a bill file that verifies", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await expectRejection(combineOf(w, period), "resident/unpaid-tokens");
    const report = await runUntil(x, w);
    expect(report).to.include({ sent: 7, receipts: 7, unanswered: 0, lies: 0, missed: 0 });
    expect(await w.resident.verify()).to.deep.equal({ verified: 7, bad: [] });
    const file = parseBillFile(curve, await combineOf(w, period));
    expect(file.meter).to.equal(addressOf(period.billKey));
    const status = await w.resident.status(PERIOD);
    expect(status).to.include({ verified: 7, units: 223n, unitsPaid: 223n });
    // The surplus is carried.
    expect([...(await w.purse.coins())]).to.have.deep.members([
      [1, 1],
      [10, 1],
      [100, 1],
    ]);
    expect((await x.counter.sales()).receipts).to.equal(7n);
  });

  it("a bill of zero units needs no coin", async () => {
    const empty = meterPeriod(x.world, [], { period: PERIOD });
    parseBillFile(curve, await combineOf(w, empty));
  });

  it("given a copy of the wallet with books of its own, when it pays the same tokens in another order, then it repeats the same pairs", async () => {
    const [first, second] = [new Watched(x), new Watched(x)];
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w, { carrier: first.watch() });
    const copy = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: copy, basket });
    setClock(x, after(PERIOD));
    await copy.resident.accept(PERIOD, numbered(tokensOf(period)).reverse());
    await runUntil(x, copy, { carrier: second.watch() });
    expect(second.distinct).to.deep.equal(first.distinct);
    expect(first.most).to.equal(1);
    expect((await x.counter.sales()).receipts).to.equal(7n);
    expect(await copy.resident.verify()).to.deep.equal({ verified: 7, bad: [] });
  });

  it("resumes after a crash at any write, and shows no coin with two tokens", async () => {
    /** Runs the wallet over this store until all is paid, as often as it dies. */
    const run = async (y: Exchange, store: DyingStore, seen: Watched): Promise<void> => {
      const short = meterPeriod(y.world, [100, 10, 1], { seed: "short", period: PERIOD });
      for (let lives = 0; lives < 3; lives++) {
        const wallet = openWallet(y, { store });
        try {
          if ((await wallet.purse.resume(y.withdraw)) === 0 && !store.withdrew) {
            await withdrawBefore({ exchange: y, wallet, basket: [100, 10, 1, 1] });
          }
          store.withdrew = true;
          setClock(y, Math.max(Number(y.clock.now), after(PERIOD)));
          await wallet.resident.accept(PERIOD, numbered(tokensOf(short)));
          await runUntil(y, wallet, { carrier: seen.watch() });
          expect((await wallet.resident.verify()).bad).to.deep.equal([]);
          parseBillFile(curve, await combineOf(wallet, short));
          return;
        } catch (error) {
          if (!(error instanceof Death)) throw error;
          store.revive();
        }
      }
      expect.fail("never finished");
    };
    const whole = new DyingStore(Infinity, "after");
    const y = exchange(curve);
    await run(y, whole, new Watched(y));
    expect(whole.writes).to.be.within(9, 14);
    for (const side of ["before", "after"] as const) {
      for (let at = 0; at < whole.writes; at++) {
        const y = exchange(curve);
        setClock(y, after(PERIOD) - 45 * 86_400);
        const seen = new Watched(y);
        await run(y, new DyingStore(at, side), seen);
        expect((await y.counter.sales()).receipts, `died ${side} write ${at}`).to.equal(3n);
        expect(seen.most, `died ${side} write ${at}`).to.equal(1);
      }
    }
  });

  it("an answer lost on the way: the same order gets the same receipt, and no other coin is taken", async () => {
    const seen = new Watched(x);
    let calls = 0;
    const lossy: Carrier = async (bytes) => {
      const answer = await x.carrier(bytes);
      if (++calls === 3) throw new Error("connection reset");
      return answer;
    };
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    const report = await runUntil(x, w, { carrier: seen.watch(lossy) });
    expect(report).to.include({ sent: 8, unanswered: 1, receipts: 7 });
    expect(seen.distinct.length).to.equal(7);
    expect((await x.counter.sales()).receipts).to.equal(7n);
  });

  it("no coin of a denomination: the others are paid, the rest wait for the next window and basket", async () => {
    const poor = openWallet(x, { secret: new Uint8Array(32).fill(4) });
    await withdrawBefore({ exchange: x, wallet: poor, basket: [100, 10, 10, 1, 1, 1] });
    setClock(x, after(PERIOD));
    await poor.resident.accept(PERIOD, numbered(tokensOf(period)));
    expect(await runUntil(x, poor)).to.include({ sent: 6, noCoin: 1 });
    await poor.purse.withdraw([100], x.withdraw);
    const later = await runUntil(x, poor, { until: after(202702) + 11 * 86_400 });
    expect(later).to.include({ sent: 1, receipts: 1 });
    expect(await poor.resident.verify()).to.deep.equal({ verified: 7, bad: [] });
    // And its bill is settled after that window.
    expect(await poor.resident.settlingTime(PERIOD)).to.be.greaterThan(after(202702));
  });

  it("a coin withdrawn this month is not shown this month", async () => {
    const hasty = openWallet(x, { secret: new Uint8Array(32).fill(4) });
    setClock(x, after(PERIOD));
    await hasty.purse.withdraw(basket, x.withdraw);
    await hasty.resident.accept(PERIOD, numbered(tokensOf(period)));
    expect(await runUntil(x, hasty)).to.include({ sent: 0, noCoin: 7 });
  });

  it("each request carries one token", async () => {
    const seen = new Watched(x);
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w, { carrier: seen.watch() });
    expect(seen.pairs.length).to.equal(7);
    expect(new Set(seen.pairs.map((pair) => pair.split(" ")[1])).size).to.equal(7);
  });

  it("refuses a bill of another meter, and one that does not add up", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w);
    await w.resident.verify();
    const other = meterPeriod(x.world, [], { seed: "other", period: PERIOD });
    const meter = addressOf(period.billKey);
    await expectRejection(
      w.resident.combine({ bill: other.bill, tokens: [], blinding: other.blinding, meter }),
      "resident/wrong-meter",
    );
    const { bill, blinding } = period;
    await expectRejection(
      w.resident.combine({ bill, tokens: tokensOf(period).slice(1), blinding, meter }),
      "resident/bill-mismatch",
    );
  });

  it("a token of a key epoch that the chain does not name for its period is not taken", async () => {
    const own = tokensOf(period).map((token) => ({ ...token, keyEpoch: 2 }));
    const accepted = w.resident.accept(PERIOD, numbered(own));
    const error = await expectRejection(accepted, "resident/wrong-key-epoch");
    expect(error.details).to.include({ keyEpoch: 2, expected: 1 });
    expect(await w.resident.pending()).to.equal(0);
  });

  it("a receipt of a key epoch that is not pinned is not verified by anything: it is bad", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w, { until: after(PERIOD) + 10 * 86_400 });
    const stranger = { ...x.world.key, keyEpoch: 7, firstPeriod: 0 };
    const again = openWallet(x, { store: w.store, keys: [stranger] });
    const { verified, bad } = await again.resident.verify();
    expect([verified, bad.length]).to.deep.equal([0, 7]);
  });

  it("a second token with a number that is taken is refused: its coin would join the two", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    const second = meterPeriod(x.world, [100], { seed: "second", period: PERIOD });
    await expectRejection(
      w.resident.accept(PERIOD, numbered(tokensOf(second))),
      "resident/number-taken",
    );
  });

  it("after settlement, nothing of the period is left in the books", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w);
    await w.resident.verify();
    await w.resident.settlingTime(PERIOD);
    const entries = () => w.store.transaction((tx) => tx.list(""));
    const coins = (await entries()).filter(([key]) => key.startsWith("coin/")).length;
    await w.resident.forget(PERIOD);
    const left = await entries();
    const text = left.map(([key, value]) => key + new TextDecoder().decode(value)).join();
    for (const token of tokensOf(period)) {
      expect(text).not.to.contain(bytesToHex(x.world.suite.hash(token)));
      expect(text).not.to.contain(bytesToHex(x.world.suite.encode(token)));
    }
    expect(left.some(([key]) => /^(token|number|bill)\//.test(key))).to.equal(false);
    expect(left.filter(([key]) => key.startsWith("coin/")).length).to.equal(coins - 7);
  });

  it("given a forgotten period, when the meter gives its tokens again, then none is taken and nothing is sent", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await runUntil(x, w);
    await w.resident.verify();
    await w.resident.forget(PERIOD);
    const again = openWallet(x, { store: w.store });
    await again.resident.accept(PERIOD, numbered(tokensOf(period)));
    expect((await again.resident.status(PERIOD)).tokens).to.equal(0);
    expect(await again.resident.pending()).to.equal(0);
    expect([...(await again.resident.nextNumbers([1, 10, 100]))]).to.deep.equal(
      [1, 10, 100].map((d) => [d, sizes.filter((size) => size === d).length]),
    );
  });

  it("damaged books are refused", async () => {
    await w.resident.accept(PERIOD, numbered(tokensOf(period)));
    await w.store.transaction(async (tx) => {
      const [[key] = []] = await tx.list("token/");
      tx.put(key!, Uint8Array.of(1, 2, 3));
    });
    const again = openWallet(x, { store: w.store });
    await expectRejection(again.resident.nextDue(), "resident/bad-books");
  });
});
