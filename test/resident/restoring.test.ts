/** A wallet loses everything but its secret, or is copied: what it does again is what it did before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import { encodeRequest } from "../../src/exchange/index.js";
import {
  BACKUP_BYTES,
  exportBooks,
  importBooks,
  startOfDay,
  type PastWithdrawal,
} from "../../src/resident/index.js";
import { addressOf, parseBillFile } from "../../src/sipster/index.js";
import { MemoryStore, SqliteStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { exchange, payFor, type Exchange } from "../support/exchange.js";
import { meterPeriod, system, type MeterPeriod } from "../support/settlement.js";
import { temporaryDirectory } from "../support/temporary.js";
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
const sizes = [100, 100, 10, 10, 1, 1, 1];
const basket = [100, 100, 100, 10, 10, 10, 1, 1, 1, 1];
const KEY = { systemId: system.systemId, secret: SECRET };

/** What the vault, or the account with the mint, remembers of withdrawals. */
class Deposits {
  readonly past: PastWithdrawal[] = [];
  constructor(private readonly x: Exchange) {}

  note(request: Uint8Array, denominations: readonly number[], answer: Uint8Array | null): void {
    this.past.push({
      mintKeyId: 3,
      denominations,
      matches: (other) => Buffer.compare(other, request) === 0,
      at: Number(this.x.clock.now),
      answer,
    });
  }

  async withdraw(w: TestWallet, denominations: readonly number[]): Promise<void> {
    const { id, request } = await w.purse.begin(denominations);
    const answer = await this.x.withdraw(request);
    this.note(request, denominations, answer);
    await w.purse.complete(id, answer);
  }

  /** A deposit whose money goes back. */
  async fail(w: TestWallet, denominations: readonly number[]): Promise<void> {
    const { id, request } = await w.purse.begin(denominations);
    this.note(request, denominations, null);
    await w.purse.abandon(id);
  }
}

describe("a wallet that lost everything but its secret", () => {
  let x: Exchange;
  let period: MeterPeriod;
  let w: TestWallet;
  let deposits: Deposits;
  const tokens = () => numbered(period.generated.map((g) => g.token));

  beforeEach(async () => {
    x = exchange(curve);
    period = meterPeriod(x.world, sizes, { period: PERIOD });
    w = openWallet(x);
    deposits = new Deposits(x);
    setClock(x, startOfDay(202612, 15));
    await deposits.withdraw(w, [100, 10, 1]);
    await deposits.fail(w, [100, 1]);
    await deposits.withdraw(w, [100, 100, 10, 10, 1, 1, 1, 1]);
    setClock(x, after(PERIOD));
  });

  function combines({ resident }: TestWallet): Promise<string> {
    const { bill, blinding, billKey } = period;
    const all = period.generated.map((g) => g.token);
    return resident.combine({ bill, tokens: all, blinding, meter: addressOf(billKey) });
  }

  it("given half of the tokens paid, when restored, then it repeats the same pairs and nothing else, and settles", async () => {
    const seen = new Watched(x);
    await w.resident.accept(PERIOD, tokens());
    await runUntil(x, w, { carrier: seen.watch(), until: after(PERIOD) + 5 * DAY });
    const before = seen.distinct;
    expect(before.length).to.be.within(0, 7);
    const again = openWallet(x);
    await again.purse.restore(deposits.past);
    await again.resident.accept(PERIOD, tokens());
    // The paying days have begun: its tokens wait for the next.
    await runUntil(x, again, { carrier: seen.watch(), until: startOfDay(202703, 12) });
    expect(seen.distinct.length).to.equal(7);
    for (const pair of before) expect(seen.distinct).to.include(pair);
    expect(seen.most, "tokens of a coin, coins of a token").to.equal(1);
    expect(await again.resident.verify()).to.deep.equal({ verified: 7, bad: [] });
    parseBillFile(curve, await combines(again));
    expect((await x.counter.sales()).receipts).to.equal(7n);
  });

  it("the numbers of a withdrawal that came to nothing are those of the next one, in both lives", async () => {
    const ids = async ({ store }: TestWallet): Promise<string> => {
      const coins = await store.transaction((tx) => tx.list("coin/"));
      return coins
        .map(([key, value]) => `${key} ${/"id":"[^"]*"/.exec(new TextDecoder().decode(value))![0]}`)
        .join();
    };
    const again = openWallet(x);
    await again.purse.restore(deposits.past);
    expect(await ids(again)).to.equal(await ids(w));
    // And the next withdrawal is the same as it would have been.
    const [next, other] = [await w.purse.begin([100]), await again.purse.begin([100])];
    expect(other.request).to.deep.equal(next.request);
  });

  it("withdrawing before restoring is refused afterwards, and changes no coin's number silently", async () => {
    const hasty = openWallet(x);
    await hasty.purse.begin([1]);
    await expectRejection(hasty.purse.restore(deposits.past), "resident/not-empty");
  });

  it("a withdrawal of another secret, or one left out, is named", async () => {
    const other = openWallet(x, { secret: new Uint8Array(32).fill(9) });
    await expectRejection(other.purse.restore(deposits.past), "resident/foreign-withdrawal");
    const short = openWallet(x);
    await expectRejection(
      short.purse.restore(deposits.past.slice(1)),
      "resident/foreign-withdrawal",
    );
    expect([...(await short.purse.coins())]).to.deep.equal([]);
  });

  for (const [what, givenUp] of [
    ["still under way", false],
    ["given up since", true],
  ] as const) {
    it(`given a mint that answered a deposit with a wrong signature, ${what}, when restored, then all other coins come back, and it can be disputed`, async () => {
      setClock(x, startOfDay(202612, 16));
      const { id, request } = await w.purse.begin([100, 10]);
      const answer = Uint8Array.from(await x.withdraw(request));
      answer.set(curve.g1.encode(curve.g1.generator), 64);
      deposits.note(request, [100, 10], answer);
      if (givenUp) await w.purse.abandon(id);
      await deposits.withdraw(w, [100, 1]);
      const again = openWallet(x);
      await again.purse.restore(deposits.past);
      expect(await again.purse.coins()).to.deep.equal(await w.purse.coins());
      const open = await again.purse.open();
      expect(open).to.deep.equal(givenUp ? [] : [{ id, request }]);
      const [next, other] = [await w.purse.begin([100, 10]), await again.purse.begin([100, 10])];
      expect(other.request).to.deep.equal(next.request);
    });
  }

  it("given a backup of the books, when restored, then the drawn times stand and nothing is sent twice", async () => {
    const seen = new Watched(x);
    await w.resident.accept(PERIOD, tokens());
    await runUntil(x, w, { carrier: seen.watch(), until: after(PERIOD) + 5 * DAY });
    const backup = await exportBooks(w.store, KEY, Number(x.clock.now));
    const store = new MemoryStore();
    expect(await importBooks(store, KEY, backup)).to.equal(Number(x.clock.now));
    const again = openWallet(x, { store });
    await runUntil(x, again, { carrier: seen.watch() });
    expect(seen.pairs.length).to.equal(7);
    await again.resident.verify();
    parseBillFile(curve, await combines(again));
  });

  it("a backup has one size, shows nothing, and is taken whole, by its own secret and system, into empty books", async () => {
    const empty = await exportBooks(new MemoryStore(), KEY, 0);
    await w.resident.accept(PERIOD, tokens());
    const full = await exportBooks(w.store, KEY, 0);
    expect([empty.length, full.length]).to.deep.equal([BACKUP_BYTES, BACKUP_BYTES]);
    expect(Buffer.from(full).includes("coin/")).to.equal(false);
    const into = (key: typeof KEY, backup: Uint8Array) =>
      importBooks(new MemoryStore(), key, backup);
    const changed = Uint8Array.from(full);
    changed[BACKUP_BYTES - 1]! ^= 1;
    const stranger = { ...KEY, secret: new Uint8Array(32).fill(1) };
    for (const attempt of [into(KEY, changed), into(KEY, full.subarray(1)), into(stranger, full)]) {
      await expectRejection(attempt, "resident/bad-backup");
    }
    await expectRejection(importBooks(w.store, KEY, full), "resident/not-empty");
  });
});

describe("a coin changed in an earlier life", () => {
  it("given its token paid by another party and the coin changed, when restored, then the same fresh coin comes again", async () => {
    const x = exchange(curve);
    const w = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: w, basket });
    setClock(x, after(PERIOD));
    const period = meterPeriod(x.world, [100], { period: PERIOD });
    const [first] = numbered(period.generated.map((g) => g.token));
    const [coin] = await x.coins([100]);
    const payment = payFor({ exchange: x, coin: coin!, token: first!.token });
    const token = x.world.suite.encode(first!.token);
    await x.carrier(encodeRequest({ kind: "buy", order: { token, payment } }));
    const freshId = async (wallet: TestWallet): Promise<string> => {
      await wallet.resident.accept(PERIOD, [first!]);
      await runUntil(x, wallet, { until: after(202702) + 12 * DAY });
      const entries = await wallet.store.transaction((tx) => tx.list("coin/100/000000000000"));
      const record = JSON.parse(new TextDecoder().decode(entries[0]![1])) as {
        id: string;
        state: string;
      };
      expect(record.state).to.equal("spare");
      expect(await wallet.resident.evidence()).to.deep.equal([]);
      return record.id;
    };
    const before = await freshId(w);
    const again = openWallet(x);
    await withdrawBefore({ exchange: x, wallet: again, basket });
    setClock(x, after(PERIOD));
    expect(await freshId(again)).to.equal(before);
  });
});

describe("forgetting", () => {
  const folder = temporaryDirectory();

  it("given a settled period on disk, when forgotten, then no byte of its tokens and coins is left in the files", async () => {
    const x = exchange(curve);
    const path = join(folder(), "books");
    const store = await SqliteStore.open(path);
    const w = openWallet(x, { store });
    await withdrawBefore({ exchange: x, wallet: w, basket });
    setClock(x, after(PERIOD));
    const period = meterPeriod(x.world, sizes, { period: PERIOD });
    await w.resident.accept(PERIOD, numbered(period.generated.map((g) => g.token)));
    await runUntil(x, w);
    await w.resident.verify();
    const coins = await store.transaction((tx) => tx.list("coin/"));
    const spent = coins
      .map(([, value]) => new TextDecoder().decode(value))
      .filter((text) => text.includes('"state":"spent"'))
      .map((text) => /"secret":\{"hex":"([0-9a-f]+)"/.exec(text)![1]!.slice(-80));
    expect(spent.length).to.equal(7);
    await w.resident.forget(PERIOD);
    await store.close();
    const files = ["", "-wal"].map((end) => {
      try {
        return readFileSync(path + end).toString("latin1");
      } catch {
        return "";
      }
    });
    for (const g of period.generated) {
      const hash = Buffer.from(x.world.suite.hash(g.token)).toString("hex");
      for (const file of files) expect(file.includes(hash)).to.equal(false);
    }
    for (const secret of spent) {
      for (const file of files) expect(file.includes(secret)).to.equal(false);
    }
    expect(files[0]!.length).to.be.greaterThan(1000);
  });
});
