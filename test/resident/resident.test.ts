import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { Purse, Resident, type Order, type Sale } from "../../src/resident/index.js";
import { addressOf, parseBillFile, type Token } from "../../src/sipster/index.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { payee, PlainUtility } from "../support/plain-utility.js";
import { meterPeriod, system, world, type MeterPeriod } from "../support/settlement.js";
import { Death, DyingStore } from "../support/dying-store.js";

const curve = await createMclBn254();
const w = world(curve, "hash-bound");
const secret = new Uint8Array(32).fill(3);
const sizes = [100, 100, 10, 10, 1, 1, 1];
const basket = [100, 100, 100, 10, 10, 10, 1, 1, 1, 1];

interface Home {
  readonly resident: Resident;
  readonly purse: Purse;
  readonly store: Store;
}

function home(utility: PlainUtility, store: Store = new MemoryStore()): Home {
  const resident = new Resident({
    system,
    suite: w.suite,
    wallet: utility.ecash,
    keys: new Map([[1, w.key]]),
    payee,
    store,
    now: () => utility.now,
  });
  return { resident, purse: new Purse(utility.ecash, store, secret), store };
}

const tokensOf = (period: MeterPeriod): Token[] => period.generated.map((g) => g.token);

function combineOf({ resident }: Home, period: MeterPeriod): Promise<string> {
  const meter = addressOf(period.billKey);
  return resident.combine(period.bill, tokensOf(period), period.blinding, meter);
}

describe("resident", () => {
  const period = meterPeriod(w, sizes);

  it("pays, verifies, combines, and writes a bill file that verifies", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    await h.resident.accept(tokensOf(period));
    const meter = addressOf(period.billKey);
    await expectRejection(combineOf(h, period), "resident/unpaid-tokens");
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 7, unpaid: 0 });
    expect(utility.calls).to.equal(7);
    const file = parseBillFile(curve, await combineOf(h, period));
    expect(file.meter).to.equal(meter);
    // The surplus is carried.
    expect([...(await h.purse.coins())]).to.have.deep.members([
      [1, 1],
      [10, 1],
      [100, 1],
    ]);
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 0, unpaid: 0 });
    expect(utility.calls).to.equal(7);
    await h.resident.forget(tokensOf(period));
    await expectRejection(combineOf(h, period), "resident/unpaid-tokens");
  });

  it("a bill of zero units needs no coin", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    const empty = meterPeriod(w, []);
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 0, unpaid: 0 });
    parseBillFile(curve, await combineOf(h, empty));
  });

  it("resumes after a crash at any write, and pays nothing twice", async () => {
    const short = meterPeriod(w, [100, 10, 1], { seed: "short" });
    // Counts the transactions of an undisturbed run, then dies at each of them in turn.
    const run = async (store: DyingStore, utility: PlainUtility): Promise<void> => {
      for (let lives = 0; lives < 3; lives++) {
        const h = home(utility, store);
        try {
          if ((await h.purse.resume(utility.withdraw)) === 0 && !store.withdrew) {
            await h.purse.withdraw([100, 10, 1, 1], utility.withdraw);
          }
          store.withdrew = true;
          await h.resident.accept(tokensOf(short));
          await h.resident.pay(utility);
          parseBillFile(curve, await combineOf(h, short));
          return;
        } catch (error) {
          if (!(error instanceof Death)) throw error;
          store.revive();
        }
      }
      expect.fail("never finished");
    };
    const whole = new DyingStore(Infinity, "after");
    await run(whole, new PlainUtility(curve, w));
    expect(whole.writes).to.equal(8);
    for (const side of ["before", "after"] as const) {
      for (let at = 0; at < whole.writes; at++) {
        const utility = new PlainUtility(curve, w);
        await run(new DyingStore(at, side), utility);
        expect(utility.coins.size, `died ${side} write ${at}`).to.equal(3);
        expect(utility.tokens.size).to.equal(3);
      }
    }
  });

  it("an answer lost on the way: the same order gets the same receipt, and no other coin is taken", async () => {
    class Lossy extends PlainUtility {
      protected override async answer(token: Uint8Array, payment: Uint8Array): Promise<Sale> {
        const sale = await super.answer(token, payment);
        if (this.calls === 3) throw new Error("connection reset");
        return sale;
      }
    }
    const utility = new Lossy(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    const lost = await h.resident.pay(utility).catch((e: unknown) => e);
    expect((lost as Error).message).to.equal("connection reset");
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 1, unpaid: 0 });
    expect(utility.coins.size).to.equal(sizes.length);
  });

  it("bad receipts (+Δ, a pair ±Δ) are named, not counted, and asked for again", async () => {
    const delta = curve.g1.mul(curve.g1.generator, 77n);
    class Marking extends PlainUtility {
      marking = true;
      protected override async answer(token: Uint8Array, payment: Uint8Array): Promise<Sale> {
        const sale = await super.answer(token, payment);
        if (!this.marking || this.calls > 2) return sale;
        const receipt = curve.g1.decode(sale.receipt);
        const marked =
          this.calls === 1 ? curve.g1.add(receipt, delta) : curve.g1.sub(receipt, delta);
        return { ...sale, receipt: curve.g1.encode(marked) };
      }
    }
    const utility = new Marking(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    const error = await expectRejection(h.resident.pay(utility), "resident/bad-receipts");
    const named = String(error.details.tokens).split(" ");
    expect(named).to.have.length(2);
    const hashes = tokensOf(period).map((t) => bytesToHex(w.suite.hash(t)));
    for (const hash of named) expect(hashes).to.include(hash);
    utility.marking = false;
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 2, unpaid: 0 });
    expect(utility.coins.size).to.equal(sizes.length);
  });

  it("no coin of a denomination: the others are paid, and the error counts the rest", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    await h.purse.withdraw([100, 10, 10, 1, 1, 1], utility.withdraw);
    await h.resident.accept(tokensOf(period));
    const error = await expectRejection(h.resident.pay(utility), "resident/no-coin");
    expect(error.details.missing).to.equal(1);
    await h.purse.withdraw([100], utility.withdraw);
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 1, unpaid: 0 });
  });

  it("an expired payment is made again with the same coin for the same token", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    const offline = { sell: () => Promise.reject(new Error("offline")) };
    await h.resident.pay(offline).catch(() => undefined);
    utility.now += 200_000n;
    expect(await h.resident.pay(utility)).to.deep.equal({ paid: 7, unpaid: 0 });
    expect(utility.calls).to.equal(14);
    expect(utility.coins.size).to.equal(7);
  });

  it("books from an old copy: coins spent since are proven so, dropped, and replaced", async () => {
    const utility = new PlainUtility(curve, w);
    const old = new MemoryStore();
    const first = home(utility, old);
    await first.purse.withdraw(basket, utility.withdraw);
    const copy = new MemoryStore();
    for (const [key, value] of await old.transaction((tx) => tx.list(""))) {
      await copy.transaction(async (tx) => tx.put(key, value));
    }
    await first.resident.accept(tokensOf(period));
    await first.resident.pay(utility);
    const next = meterPeriod(w, [100, 10, 1], { period: 201304, seed: "next" });
    const again = home(utility, copy);
    await again.resident.accept(tokensOf(next));
    expect(await again.resident.pay(utility)).to.deep.equal({ paid: 3, unpaid: 0 });
    expect(utility.coins.size).to.equal(10);
  });

  it("all books lost: receipts come again without a coin, coins from the seed but for the spent", async () => {
    const utility = new PlainUtility(curve, w);
    const first = home(utility);
    await first.purse.withdraw(basket, utility.withdraw);
    await first.resident.accept(tokensOf(period).slice(1));
    await first.resident.pay(utility);
    const seen = new Map([...utility.coins].map(([coin, { token }]) => [coin, token]));
    // Begun again with the purse's secret; the meter emits the tokens again, one of them unpaid.
    const again = home(utility);
    await again.purse.restore(0, basket, utility.withdraw, new Set(seen.keys()));
    await again.resident.accept(tokensOf(period));
    const shown: Order[] = [];
    const watched = {
      sell: (order: Order) => {
        shown.push(order);
        return utility.sell(order);
      },
    };
    expect(await again.resident.recover(watched)).to.equal(6);
    expect(shown.length).to.equal(7);
    expect(shown.every((order) => order.payment.length === 0)).to.equal(true);
    expect(await again.resident.pay(watched)).to.deep.equal({ paid: 1, unpaid: 0 });
    expect(shown.length).to.equal(8);
    parseBillFile(curve, await combineOf(again, period));
    const next = meterPeriod(w, [100, 10, 1], { period: 201304, seed: "next" });
    await again.resident.accept(tokensOf(next));
    expect(await again.resident.pay(watched)).to.deep.equal({ paid: 3, unpaid: 0 });
    // No coin was shown with two tokens, so nothing ties one payment to another.
    for (const { payment } of shown.filter((order) => order.payment.length > 0)) {
      expect(seen.has(utility.ecash.coinId(payment))).to.equal(false);
    }
    expect(utility.coins.size).to.equal(10);
  });

  it("a bad receipt that was asked for without a coin is named and asked for again", async () => {
    const delta = curve.g1.generator;
    class Lying extends PlainUtility {
      lie = false;
      protected override async answer(token: Uint8Array, payment: Uint8Array): Promise<Sale> {
        const sale = await super.answer(token, payment);
        if (!this.lie) return sale;
        const wrong = curve.g1.add(curve.g1.decode(sale.receipt), delta);
        return { ...sale, receipt: curve.g1.encode(wrong) };
      }
    }
    const utility = new Lying(curve, w);
    const first = home(utility);
    await first.purse.withdraw(basket, utility.withdraw);
    await first.resident.accept(tokensOf(period));
    await first.resident.pay(utility);
    const again = home(utility);
    await again.resident.accept(tokensOf(period));
    utility.lie = true;
    await expectRejection(again.resident.recover(utility), "resident/bad-receipts");
    utility.lie = false;
    expect(await again.resident.recover(utility)).to.equal(7);
    parseBillFile(curve, await combineOf(again, period));
  });

  it("a refusal without proof is not believed", async () => {
    class Lying extends PlainUtility {
      protected override async answer(token: Uint8Array, payment: Uint8Array): Promise<Sale> {
        try {
          this.coins.set(this.ecash.coinId(payment), { payment, token: "" });
          return await super.answer(token, payment);
        } finally {
          this.coins.clear();
        }
      }
    }
    const utility = new Lying(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period).slice(0, 1));
    // The "earlier" payment is the very same one: it proves nothing.
    await expectRejection(h.resident.pay(utility), "resident/unproven-refusal");
  });

  it("each connection carries one token, in an order of its own", async () => {
    const utility = new PlainUtility(curve, w);
    const orders: Order[] = [];
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    let waits = 0;
    await h.resident.pay(
      {
        sell(order) {
          orders.push(order);
          return utility.sell(order);
        },
      },
      { wait: async () => void waits++ },
    );
    expect(waits).to.equal(7);
    expect(new Set(orders.map((o) => bytesToHex(o.token))).size).to.equal(7);
  });

  it("refuses a bill of another meter, and one that does not add up", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    await h.purse.withdraw(basket, utility.withdraw);
    await h.resident.accept(tokensOf(period));
    await h.resident.pay(utility);
    const other = meterPeriod(w, [], { seed: "other" });
    await expectRejection(
      h.resident.combine(other.bill, [], other.blinding, addressOf(period.billKey)),
      "resident/wrong-meter",
    );
    await expectRejection(
      h.resident.combine(
        period.bill,
        tokensOf(period).slice(1),
        period.blinding,
        addressOf(period.billKey),
      ),
      "resident/bill-mismatch",
    );
  });

  it("damaged books are refused", async () => {
    const utility = new PlainUtility(curve, w);
    const h = home(utility);
    await h.resident.accept(tokensOf(period));
    await h.store.transaction(async (tx) => {
      const [[key] = []] = await tx.list("token/");
      tx.put(key!, Uint8Array.of(1, 2, 3));
    });
    await expectRejection(h.resident.pay(utility), "resident/bad-books");
  });
});
