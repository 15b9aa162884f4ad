import { expect } from "chai";
import { LocalBuilder, LocalPeeler, type OnionPeer } from "../../src/channel/onion/index.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { BillCounter } from "../../src/ledger/direct/signed-bill.js";
import { Neighbourhood, type NeighbourhoodOptions } from "../../src/ledger/neighbourhood.js";
import type { ConsumptionPage, IntervalPages } from "../../src/ledger/pages.js";
import { HOME_SLOTS } from "../../src/ledger/parcels.js";
import { MemoryStore, type Store } from "../../src/store/index.js";
import { FIRST, kinds, TestNeighbourhood } from "./support.js";

const HOMES = 4;
const OPEN = FIRST + 2;
const wattHours = [650n, 810n, 400n, 300n];

/** Four homes with a relay in each, routes of two, and a provider that prices what the control centre closes. */
async function started(changes: Partial<NeighbourhoodOptions> = {}) {
  const n = await TestNeighbourhood.open("neighbourhood", 0);
  const hood = await Neighbourhood.start({
    homes: HOMES,
    relays: wattHours.map(() => new LocalPeeler()),
    destinations: { centre: new LocalPeeler(), counter: new LocalPeeler() },
    builder: new LocalBuilder(),
    hops: 2,
    rounds: 2,
    rules: n.rules,
    controlCentre: n.controlCentreKey,
    receipts: n.receiptKey,
    store: new MemoryStore(),
    ...changes,
  });
  const provider = await n.openProvider();
  for (const consumption of await hood.prologue()) {
    await provider.remember({ consumption });
    n.book.add({ consumption });
  }
  const billed = async (consumption: ConsumptionPage): Promise<IntervalPages> => {
    const pages = { consumption, billing: await provider.bill(consumption, consumption.statement) };
    n.book.add(pages);
    return pages;
  };
  const indexed = (pages: IntervalPages) => new IndexedPages(pages, n.rules, n.book);
  const settle = async (pages: IntervalPages) => (await hood.show(indexed(pages)))();
  return { n, hood, billed, settle };
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

describe("A neighbourhood", () => {
  it("given what its homes consumed, bills what was reported, and every meter owes the rest by its register", async () => {
    const { hood, billed, settle } = await started();
    const { page } = await hood.report(OPEN, wattHours);
    const pages = await billed(page);
    const bills = await settle(pages);
    expect(bills.flatMap(({ faults }) => kinds(faults))).to.deep.equal([]);
    expect(sum(bills.map(({ amount }) => amount))).to.equal(pages.billing.statement.total);
    const carried = sum(wattHours) - page.statement.load;
    expect(sum(await hood.closePeriod([]))).to.equal(carried);
  });

  it("given no interval yet, when a period ends, then nothing is due", async () => {
    const { hood } = await started();
    expect(await hood.closePeriod([])).to.deep.equal([0n, 0n, 0n, 0n]);
  });

  it("given no counter, when homes settle, then they ask the provider nothing", async () => {
    const { hood, billed, settle } = await started();
    const pages = await billed((await hood.report(OPEN, wattHours)).page);
    const before = hood.counts.map(({ taken }) => taken);
    await settle(pages);
    expect(hood.counts.map(({ taken }) => taken)).to.deep.equal(before);
    expect(hood.counts.at(-2)!.taken).to.equal(0);
  });

  it("given a counter, when homes settle, then each asks as many questions, and every answer is about its rows", async () => {
    const seed = await TestNeighbourhood.open("neighbourhood", 0);
    const counter = new BillCounter(seed.providerKey);
    const { hood, billed, settle } = await started({ counter });
    const pages = await billed((await hood.report(OPEN, wattHours)).page);
    counter.open(pages);
    const bills = await settle(pages);
    expect(bills.flatMap(({ faults }) => kinds(faults))).to.deep.equal([]);
    // Two rounds of a question for every report that a home may send.
    expect(hood.counts.at(-2)!.taken).to.equal(2 * HOMES * HOME_SLOTS.length);

    // The same page again, of a provider that answers for none of its rows.
    const silent = await started({ counter: new BillCounter(seed.providerKey) });
    const others = await silent.billed((await silent.hood.report(OPEN, wattHours)).page);
    const faults = (await silent.settle(others)).map((own) => own.faults);
    for (const own of faults) expect(kinds(own)).to.deep.equal(["answer"]);
    expect(faults.flat()).to.have.lengthOf(others.consumption.rows.length);
  });

  it("given relays that lose the first round, when the next is run, then every report is admitted", async () => {
    const lost: number[] = [];
    const between = (relay: number, peer: OnionPeer): OnionPeer => ({
      exchange: async (round, hop, packets) => {
        if (round.round > 0) return peer.exchange(round, hop, packets);
        lost.push(relay);
        throw new Error("lost");
      },
    });
    const { hood, billed, settle } = await started({ between });
    const pages = await billed((await hood.report(OPEN, wattHours)).page);
    expect(lost).to.have.lengthOf.at.least(1);
    const bills = await settle(pages);
    expect(bills.flatMap(({ faults }) => kinds(faults))).to.deep.equal([]);
    expect(sum(bills.map(({ rows }) => BigInt(rows)))).to.be.greaterThan(0n);
  });

  it("given a control centre whose disk fails, when reports arrive, then the interval ends with that error, and not without reports", async () => {
    const kept = new MemoryStore();
    // Reports alone do not fit any more: what was there before is read and written as ever.
    const store: Store = {
      close: () => kept.close(),
      transaction: (body) =>
        kept.transaction((tx) =>
          body({
            get: (key) => tx.get(key),
            list: (prefix) => tx.list(prefix),
            delete: (key) => {
              tx.delete(key);
            },
            put: (key, value) => {
              if (key.includes("/reports/")) throw new Error("the disk is full");
              tx.put(key, value);
            },
          }),
        ),
    };
    const { hood } = await started({ store });
    const reported = hood.report(OPEN, wattHours);
    const failure = await reported.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(String(failure)).to.contain("the disk is full");
  });
});
