/** Mint keys count for months: coins left over are changed in time, and not all at once. */
import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  blindBls,
  blindSigner,
  checkBlindedMessage,
  ecashErrors,
  generateMintKeys,
} from "../../src/ecash/index.js";
import { type Carrier } from "../../src/exchange/index.js";
import { startOfDay } from "../../src/resident/index.js";
import { DEFAULT_DENOMINATIONS } from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { Counter, inThread, paysAt, StoredCounterBook } from "../../src/utility/index.js";
import { ANSWER_KEY, exchange, PAYEE } from "../support/exchange.js";
import { meterPeriod, system } from "../support/settlement.js";
import { numbered, openWallet, runUntil, setClock } from "../support/wallet.js";

const curve = await createMclBn254();

describe("mint keys by period", () => {
  const NEXT = 202702;
  const mints = [
    { mintKeyId: 3, firstPeriod: 0 },
    { mintKeyId: 4, firstPeriod: NEXT },
  ];

  /** A counter that takes coins of both ids, refreshes to the new one, and a wallet that knows both. */
  function rotated() {
    const x = exchange(curve);
    const secret = generateMintKeys(4, DEFAULT_DENOMINATIONS);
    const newer = blindBls(curve, system, secret);
    const payments: number[] = [];
    const both = {
      ...x.ecash,
      prepare: (id: number, ...rest: [never, never]) =>
        (id === 3 ? x.ecash : newer).prepare(id, ...rest),
      prepareRefresh: (id: number, ...rest: [never, never]) =>
        (id === 3 ? x.ecash : newer).prepareRefresh(id, ...rest),
      finish: (state: Uint8Array, answer: Uint8Array) => {
        try {
          return x.ecash.finish(state, answer);
        } catch {
          return newer.finish(state, answer);
        }
      },
    } as typeof x.ecash;
    const store = new MemoryStore();
    const verify: typeof x.ecash.verify = (list, now) =>
      list.map((item) => {
        const [a] = x.ecash.verify([item], now);
        return a === null ? null : newer.verify([item], now)[0]!;
      });
    const ecash = { ...x.ecash, verify };
    // The same rules as the counter's own: by the coin's mint key and the month.
    const pays = paysAt(mints);
    const paying: typeof x.ecash = {
      ...ecash,
      verify: (list, now) =>
        list.map((item, i) => {
          const id = Number(x.ecash.coinId(item.payment).split("/")[0]);
          if (pays(id, now)) return verify(list, now)[i]!;
          return ecashErrors.error("no-mint-key", "not in this month");
        }),
    };
    const counter = new Counter({
      suite: x.world.suite,
      epochs: [{ issuer: x.world.issuer, maker: inThread(x.world.issuer, x.world.suite) }],
      denominations: DEFAULT_DENOMINATIONS,
      ecash: paying,
      refreshing: {
        ecash,
        signer: blindSigner(curve, secret),
        checkMessage: (message) => checkBlindedMessage(curve, message),
      },
      payee: PAYEE,
      book: new StoredCounterBook(store, ecash),
      answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
      clock: () => x.clock.now,
    });
    const carrier: Carrier = (request) => {
      payments.push(Number(x.clock.now));
      return counter.answer(request);
    };
    return { x, both, carrier, payments };
  }

  it("given coins left over when an id ends, then they are changed on days 21 to 28 of its first month, keep their numbers, and pay from the next", async () => {
    const { x, both, carrier, payments } = rotated();
    const w = openWallet(x, { wallet: both, mints });
    setClock(x, startOfDay(202701, 15));
    await w.purse.withdraw([100, 10, 1], x.withdraw);
    setClock(x, startOfDay(NEXT, 1));
    await runUntil(x, w, { carrier, until: startOfDay(202703, 1) });
    expect(payments.length).to.equal(3);
    for (const at of payments) {
      expect(at).to.be.within(startOfDay(NEXT, 21), startOfDay(NEXT, 29) - 1);
    }
    expect(new Set(payments).size, "each at a time of its own").to.equal(3);
    const entries = await w.store.transaction((tx) => tx.list("coin/"));
    expect(entries.map(([key]) => key)).to.deep.equal(
      [1, 10, 100].map((d) => `coin/${d}/000000000000`),
    );
    for (const [, value] of entries) {
      expect(new TextDecoder().decode(value)).to.contain('"mintKeyId":4');
    }
    const period = meterPeriod(x.world, [100, 10, 1], { period: NEXT });
    await w.resident.accept(NEXT, numbered(period.generated.map((g) => g.token)));
    const report = await runUntil(x, w, { carrier, until: startOfDay(202703, 12) });
    expect(report).to.include({ receipts: 3, noCoin: 0 });
  });

  it("given few or many coins left over, then the relay that carries requests counts whole baskets of them", async () => {
    const counts: number[] = [];
    for (const left of [[], [100], [100, 10, 1], [100, 100, 10, 1]]) {
      const { x, both, carrier } = rotated();
      const basket = new Map([
        [100, 1],
        [10, 2],
        [1, 3],
      ]);
      const w = openWallet(x, { wallet: both, mints, basket });
      setClock(x, startOfDay(202701, 15));
      if (left.length > 0) await w.purse.withdraw(left, x.withdraw);
      setClock(x, startOfDay(NEXT, 1));
      const times: number[] = [];
      const counted: Carrier = (bytes) => {
        times.push(Number(x.clock.now));
        return carrier(bytes);
      };
      await w.resident.step(counted);
      // The plan of a month is made once: a wallet that starts again draws nothing more.
      const again = openWallet(x, { wallet: both, mints, basket, store: w.store });
      await runUntil(x, again, { carrier: counted, until: startOfDay(202703, 1) });
      for (const at of times) {
        expect(at).to.be.within(startOfDay(NEXT, 21), startOfDay(NEXT, 29) - 1);
      }
      counts.push(times.length);
    }
    expect(counts).to.deep.equal([6, 6, 6, 12]);
  });

  it("given a mint key that began before, then a month passes without a request", async () => {
    const { x, both, carrier, payments } = rotated();
    const basket = new Map([[10, 2]]);
    const w = openWallet(x, { wallet: both, mints, basket });
    for (const month of [202701, 202703]) {
      setClock(x, startOfDay(month, 1));
      await runUntil(x, w, { carrier, until: startOfDay(month, 28) });
    }
    expect(payments).to.deep.equal([]);
  });

  it("given an order that left before the id's last month ended and was not taken, then the coin is changed and the fresh one pays", async () => {
    const { x, both, carrier } = rotated();
    const w = openWallet(x, { wallet: both, mints });
    setClock(x, startOfDay(202701, 15));
    await w.purse.withdraw([10], x.withdraw);
    const period = meterPeriod(x.world, [10], { period: NEXT });
    setClock(x, startOfDay(NEXT, 20));
    await w.resident.accept(NEXT, numbered(period.generated.map((g) => g.token)));
    const lost: Carrier = (bytes) =>
      Number(x.clock.now) < startOfDay(202703, 1) ? Promise.reject(new Error()) : carrier(bytes);
    // Sent in vain while the old id pays; no refresh gets through either.
    await runUntil(x, w, { carrier: lost, until: startOfDay(202703, 1) - 1 });
    await runUntil(x, w, { carrier, until: startOfDay(202705, 12) });
    expect(await w.resident.verify()).to.deep.equal({ verified: 1, bad: [] });
    expect(await w.resident.evidence()).to.deep.equal([]);
  });

  it("given coins of the old id only, then in the first month of the new they pay, and in the next they do not", async () => {
    const { x, both, carrier } = rotated();
    const w = openWallet(x, { wallet: both, mints, policy: { kind: "delayed", days: 0 } });
    setClock(x, startOfDay(202701, 15));
    await w.purse.withdraw([10, 10], x.withdraw);
    const period = meterPeriod(x.world, [10, 10], { period: 202701 });
    const [first, second] = numbered(period.generated.map((g) => g.token));
    setClock(x, startOfDay(NEXT, 3));
    await w.resident.accept(202701, [first!]);
    expect(await w.resident.step(carrier)).to.include({ receipts: 1 });
    // The wallet was off on the days of refreshing.
    setClock(x, startOfDay(202703, 3));
    await w.resident.accept(NEXT, [second!]);
    expect(await w.resident.step(carrier)).to.include({ sent: 0, noCoin: 1 });
  });
});
