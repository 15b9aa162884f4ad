/** A coin whose token another party paid: the fresh one that comes for it is money, and pays. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { encodeRequest } from "../../src/exchange/index.js";
import { exportBooks, importBooks, startOfDay } from "../../src/resident/index.js";
import { addressOf, parseBillFile, type NumberedToken } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { exchange, lying, payFor, type Exchange } from "../support/exchange.js";
import { meterPeriod, system, type MeterPeriod } from "../support/settlement.js";
import {
  after,
  numbered,
  openWallet,
  PERIOD,
  runUntil,
  SECRET,
  setClock,
  withdrawBefore,
  type TestWallet,
} from "../support/wallet.js";
import { Watched } from "../support/watched.js";

const curve = await createMclBn254();
const DAY = 86_400;
const NEXT = 202702;

interface Stored {
  readonly state: string;
  readonly id: string;
}

describe("a spare coin", () => {
  let x: Exchange;
  let w: TestWallet;
  let january: MeterPeriod;
  let tokens: NumberedToken[];

  /** One coin of ten; its token is paid by another, and the coin is changed for a fresh one. */
  beforeEach(async () => {
    x = exchange(curve);
    w = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: w, basket: [10] });
    setClock(x, after(PERIOD));
    january = meterPeriod(x.world, [10, 10], { period: PERIOD });
    tokens = numbered(january.generated.map((g) => g.token));
    const [stranger] = await x.coins([10]);
    const payment = payFor({ exchange: x, coin: stranger!, token: tokens[0]!.token });
    const token = x.world.suite.encode(tokens[0]!.token);
    await x.carrier(encodeRequest({ kind: "buy", order: { token, payment } }));
    await w.resident.accept(PERIOD, [tokens[0]!]);
    await runUntil(x, w, { until: after(PERIOD) + 20 * DAY });
    expect(await coins(w)).to.deep.equal(["spare"]);
  });

  async function stored(wallet: TestWallet): Promise<Stored[]> {
    const entries = await wallet.store.transaction((tx) => tx.list("coin/10/"));
    return entries.map(([, value]) => JSON.parse(new TextDecoder().decode(value)) as Stored);
  }
  const coins = async (wallet: TestWallet): Promise<string[]> =>
    (await stored(wallet)).map(({ state }) => state);

  it("given a token that has no coin, when its time comes, then the spare coin pays it, and the bill settles", async () => {
    await w.resident.accept(PERIOD, [tokens[1]!]);
    const report = await runUntil(x, w, { until: after(202702) + 11 * DAY });
    expect(report).to.include({ receipts: 1, noCoin: 0 });
    expect(await w.resident.verify()).to.deep.equal({ verified: 2, bad: [] });
    const { bill, blinding, billKey } = january;
    const all = tokens.map(({ token }) => token);
    const meter = addressOf(billKey);
    parseBillFile(curve, await w.resident.combine({ bill, tokens: all, blinding, meter }));
    expect(await coins(w)).to.deep.equal(["spent"]);
    await w.resident.forget(PERIOD);
    expect(await coins(w)).to.deep.equal([]);
  });

  it("pays one token, and no second after it: the same pair is sent again, and a second token has no coin", async () => {
    const seen = new Watched(x);
    const more = numbered(
      meterPeriod(x.world, [10, 10], { seed: "more", period: NEXT }).generated.map((g) => g.token),
      1,
    );
    setClock(x, after(NEXT));
    await w.resident.accept(NEXT, more);
    let answered = 0;
    const lossy = (bytes: Uint8Array) =>
      answered++ === 0 ? Promise.reject(new Error("the line is down")) : seen.watch()(bytes);
    const report = await runUntil(x, w, { carrier: lossy, until: after(NEXT) + 11 * DAY });
    expect(report).to.include({ unanswered: 1, receipts: 1, noCoin: 1 });
    expect(seen.most, "tokens of a coin, coins of a token").to.equal(1);
  });

  it("given the token's own coin, when it is withdrawn later, then it is spare in its turn", async () => {
    await w.resident.accept(PERIOD, [tokens[1]!]);
    await runUntil(x, w, { until: after(202702) + 11 * DAY });
    setClock(x, startOfDay(202703, 15));
    await w.purse.withdraw([10], x.withdraw);
    expect(await coins(w)).to.deep.equal(["spent", "spare"]);
    const [third] = numbered(
      meterPeriod(x.world, [10], { seed: "third", period: 202703 }).generated.map((g) => g.token),
      2,
    );
    setClock(x, after(202703));
    await w.resident.accept(202703, [third!]);
    const report = await runUntil(x, w, { until: after(202703) + 11 * DAY });
    expect(report).to.include({ receipts: 1, noCoin: 0 });
  });

  it("given a counter that proves another payment and brings a wrong receipt with it, when it is asked again, then no coin is shown with a second token", async () => {
    const seen = new Watched(x);
    const fresh = openWallet(x, { secret: new Uint8Array(32).fill(4) });
    await withdrawBefore({ exchange: x, wallet: fresh, basket: [10] });
    setClock(x, after(PERIOD));
    await fresh.resident.accept(PERIOD, tokens);
    const { g1 } = curve;
    const wrong = lying(x.carrier, (answer) =>
      answer.kind === "already-paid" ? { ...answer, receipt: g1.encode(g1.generator) } : answer,
    );
    const until = after(202702) + 12 * DAY;
    await runUntil(x, fresh, { carrier: seen.watch(wrong), until });
    await fresh.resident.verify();
    await runUntil(x, fresh, { carrier: seen.watch(), until: after(202704) + 12 * DAY });
    expect((await fresh.resident.verify()).bad).to.deep.equal([]);
    const tokensOfCoin = new Map<string, Set<string>>();
    for (const pair of seen.distinct) {
      const [coin, token] = pair.split(" ") as [string, string];
      tokensOfCoin.set(coin, (tokensOfCoin.get(coin) ?? new Set()).add(token));
    }
    for (const shown of tokensOfCoin.values()) expect(shown.size).to.equal(1);
    expect((await fresh.resident.evidence()).length).to.be.at.least(1);
    const { units, unitsPaid } = await fresh.resident.status(PERIOD);
    expect(unitsPaid, "the spare coin pays the token without one").to.equal(units);
  });

  it("given a copy of the books from before the spare coin paid, when it is restored, then the coin is shown with no second token", async () => {
    const seen = new Watched(x);
    const key = { systemId: system.systemId, secret: SECRET };
    const copy = await exportBooks(w.store, key, Number(x.clock.now));
    await w.resident.accept(PERIOD, [tokens[1]!]);
    await runUntil(x, w, { carrier: seen.watch(), until: after(202702) + 11 * DAY });
    expect(seen.distinct.length).to.equal(1);
    const store = new MemoryStore();
    await importBooks(store, key, copy);
    const again = openWallet(x, { store });
    const [third] = numbered(
      meterPeriod(x.world, [10], { seed: "third", period: NEXT }).generated.map((g) => g.token),
      2,
    );
    await again.resident.accept(NEXT, [third!]);
    await runUntil(x, again, { carrier: seen.watch(), until: after(202704) + 11 * DAY });
    expect(seen.most, "tokens of a coin, coins of a token").to.equal(1);
  });

  it("given books made again from the secret alone, when a token has no coin, then no spare coin is shown with it", async () => {
    const again = openWallet(x);
    const denominations = [10];
    const at = startOfDay(202612, 15);
    const { request } = openRequest(x);
    const answer = await x.withdraw(request);
    await again.purse.restore([{ mintKeyId: 3, denominations, matches: () => true, at, answer }]);
    const seen = new Watched(x);
    await again.resident.accept(PERIOD, tokens);
    await runUntil(x, again, { carrier: seen.watch(), until: after(202703) + 20 * DAY });
    expect(await coins(again)).to.deep.equal(["spare"]);
    expect((await again.resident.status(PERIOD)).receipted).to.equal(1);
    expect(seen.most, "tokens of a coin, coins of a token").to.equal(1);
  });
});

/** The request of the first withdrawal of the test wallet's secret: one coin of ten. */
function openRequest(x: Exchange): { readonly request: Uint8Array } {
  return x.ecash.prepare(3, [{ denomination: 10, number: 0 }], new Uint8Array(32).fill(3));
}
