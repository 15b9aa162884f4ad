import { expect } from "chai";
import { rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { nameOf } from "../../src/ledger/enrolment.js";
import { excerptOf } from "../../src/ledger/excerpt.js";
import {
  accountMessage,
  dueByRegister,
  isAccountRight,
  type PageName,
} from "../../src/ledger/account.js";
import { LedgerMeter } from "../../src/ledger/meter.js";
import { nextAverage, PRESENCE } from "../../src/ledger/parcels.js";
import { verifySchnorr } from "../../src/ledger/schnorr.js";
import { consumptionStruct } from "../../src/ledger/statements.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, TestNeighbourhood, type TestInterval } from "./support.js";

const HOMES = 5;
const wattHours = (home: number): bigint => BigInt(137 * (home + 1));

/** Runs intervals and lets every meter conclude, but for what `body` does first. */
async function run(
  intervals: number,
  body: (n: TestNeighbourhood, interval: TestInterval, number: number) => Promise<void>,
  leastHomes = 1,
): Promise<TestNeighbourhood> {
  const n = await TestNeighbourhood.open("meter", HOMES, { leastHomes });
  let number = 0;
  await n.run(intervals, wattHours, async (interval) => {
    await body(n, interval, number++);
    const { consumption, billing } = interval.pages;
    for (const [i, meter] of n.meters.entries()) {
      await meter.conclude({ consumption, billing }, proofsOf(n, interval, i));
    }
  });
  return n;
}

function proofsOf(n: TestNeighbourhood, interval: TestInterval, home: number) {
  const pages = new IndexedPages(interval.pages, n.rules, interval.book);
  const names = interval.bundles[home]!.sent.map((s) => s.pseudonym);
  return excerptOf(pages, names, []).own;
}

const measured = (intervals: number): bigint =>
  [...Array(HOMES).keys()].reduce((sum, home) => sum + wattHours(home) * BigInt(intervals), 0n);

describe("A meter", () => {
  it("when intervals pass, has every watt-hour in a billed row or carries it", async () => {
    for (const leastHomes of [1, 2, 4]) {
      let billed = 0n;
      const n = await run(
        6,
        async (_n, { pages }) => {
          billed += pages.consumption.statement.load;
        },
        leastHomes,
      );
      const left = n.meters.reduce((sum, m) => sum + m.carried + m.open, 0n);
      expect(billed + left).to.equal(measured(6));
      expect(n.meters.reduce((sum, m) => sum + m.open, 0n)).to.equal(0n);
    }
  });

  it("sends a report of presence with every bundle, and each parcel in the category of its pseudonym", () =>
    run(2, async (_n, { bundles, list }) => {
      for (const { sent } of bundles) {
        expect(sent.filter(({ category }) => category === PRESENCE)).to.have.lengthOf(1);
        for (const { pseudonym, category } of sent) {
          expect(list.entryOf(pseudonym)!.category).to.equal(category);
        }
      }
    }));

  it("given terms that are unsigned, of another interval or not by the rule, reports nothing and loses nothing", async () => {
    const n = await TestNeighbourhood.open("terms", 1);
    const centre = await n.openControlCentre();
    await n.prologue(centre);
    const [meter] = n.meters;
    const honest = n.termsOf(FIRST + 2);
    const { page } = honest;
    const forge = (changes: object) => {
      const { statement, signature } = rewritePage(
        { ...page, rows: [] },
        n.controlCentreKey,
        changes,
      );
      return { page: { statement, signature }, source: undefined };
    };
    const lies = [
      { page: { ...page, signature: new Uint8Array(65) }, source: undefined },
      { page: n.book.inForce(FIRST + 1)!.consumption, source: page },
      forge({ average: 4800n }),
      forge({ mask: 31 }),
      forge({ source: FIRST - 1 }),
      { ...honest, source: page },
    ];
    let expected = 0n;
    for (const [i, lie] of lies.entries()) {
      // Each lie is told in an interval of its own, with a page that fits it but for the lie.
      const interval = FIRST + 2 + i;
      const moved = { ...lie, page: { ...lie.page, statement: { ...lie.page.statement } } };
      if (i > 0) {
        const statement = {
          ...lie.page.statement,
          interval: i === 1 ? interval - 1 : interval - 2,
        };
        moved.page = {
          statement,
          signature: n.controlCentreKey.sign(consumptionStruct(statement)),
        };
      }
      expected += 4800n;
      await expectRejection(meter!.report(interval, 4800n, moved), "ledger/bad-terms");
      expect(meter!.carried, `lie ${i}`).to.equal(expected);
    }
    expect((await meter!.closePeriod())!.register).to.equal(expected);
  });

  it("given terms by the rule of a source that is not signed, or of themselves, reports nothing", async () => {
    const n = await TestNeighbourhood.open("sources", 1);
    const centre = await n.openControlCentre();
    await n.prologue(centre);
    const { page } = n.termsOf(FIRST + 2);
    const busy = { rows: 1, load: 80_000n, homes: 1, average: 200n };
    const average = nextAverage(busy);
    expect(average).to.be.greaterThan(4000n);
    const sign = (changes: object) => {
      const statement = { ...page.statement, average, ...changes };
      return { statement, signature: n.controlCentreKey.sign(consumptionStruct(statement)) };
    };
    // The source that would make the terms right: made up, and then signed but not before the page.
    const madeUp = { ...page.statement, interval: FIRST - 1, ...busy };
    const lies = [
      {
        page: sign({ source: FIRST - 1 }),
        source: { statement: madeUp, signature: new Uint8Array(65) },
      },
      { page: sign({ source: FIRST }), source: sign({ ...busy, interval: FIRST }) },
    ];
    for (const [i, lie] of lies.entries()) {
      const meter = await LedgerMeter.open(n.rules, new MemoryStore());
      await expectRejection(meter.report(FIRST + 2, 9000n, lie), "ledger/bad-terms");
      expect(meter.carried, `lie ${i}`).to.equal(9000n);
    }
  });

  it("without terms carries everything, and reports it when it has them", async () => {
    const n = await TestNeighbourhood.open("late", 1);
    await n.prologue(await n.openControlCentre());
    const [meter] = n.meters;
    expect(await meter!.report(FIRST + 1, 100n, undefined)).to.equal(undefined);
    expect(meter!.carried).to.equal(100n);
    const bundle = await meter!.report(FIRST + 2, 55n, n.termsOf(FIRST + 2));
    expect(bundle!.sent.reduce((sum, { wattHours: size }) => sum + size, 0n)).to.equal(150n);
    expect(meter!.carried).to.equal(5n);
    await expectRejection(meter!.report(FIRST + 2, 1n, n.termsOf(FIRST + 2)), "ledger/leaf-gone");
  });

  it("shown a page that is not signed, not billed or of another consumption, keeps its energy open", async () => {
    await run(1, async (n, interval) => {
      const { consumption, billing } = interval.pages;
      const [meter] = n.meters;
      const proofs = proofsOf(n, interval, 0);
      const before = meter!.open;
      expect(before > 0n).to.equal(true);
      const none = new Uint8Array(65);
      const other = rewritePage(consumption, n.controlCentreKey, {
        content: consumption.rows.slice(1),
      });
      for (const page of [
        { consumption: { ...consumption, signature: none }, billing },
        { consumption, billing: { ...billing, signature: none } },
        { consumption: other, billing },
      ]) {
        await meter!.conclude(page, proofs);
        expect(meter!.open).to.equal(before);
      }
    });
  });

  it("shown another home's row, or a gap where its row is, keeps its energy open", async () => {
    await run(1, async (n, interval) => {
      const { consumption, billing } = interval.pages;
      const [meter] = n.meters;
      const own = proofsOf(n, interval, 0);
      const others = proofsOf(n, interval, 1);
      const [foreign] = [...others.values()];
      const pages = new IndexedPages(interval.pages, n.rules, interval.book);
      const before = [meter!.open, meter!.carried];
      const lies = [
        new Map([...own.keys()].map((name) => [name, foreign!])),
        new Map([...own.keys()].map((name) => [name, { neighbours: [] }])),
        new Map([...own.keys()].map((name) => [name, { neighbours: [pages.prove(0)!] }])),
        new Map(
          [...own.keys()].map((name) => [name, { neighbours: [pages.prove(0)!, pages.prove(2)!] }]),
        ),
      ];
      for (const lie of lies) {
        // The first row's own gap would be true of a pseudonym before it: no report of this home is.
        const isTrue = interval.bundles[0]!.sent.some(
          (s) => nameOf(s.pseudonym) < nameOf(pages.rows[0]!.pseudonym),
        );
        expect(isTrue).to.equal(false);
        await meter!.conclude({ consumption, billing }, lie);
        expect([meter!.open, meter!.carried]).to.deep.equal(before);
      }
    });
  });

  it("whose reports are refused or late, bills them by the register when the period ends", async () => {
    const n = await TestNeighbourhood.open("refused", 2);
    const centre = await n.openControlCentre();
    await n.prologue(centre);
    const [meter] = n.meters;
    await meter!.report(FIRST + 2, 1000n, n.termsOf(FIRST + 2));
    // The packet never arrives, and nobody shows a page: nothing is dropped and nothing is reported again.
    expect(meter!.carried + meter!.open).to.equal(1000n);
    const account = (await meter!.closePeriod())!;
    expect(account).to.include({ first: 0, last: FIRST + 2, register: 1000n, proven: 0n });
    const { signature } = account;
    const key = meter!.enrolment().publicKey;
    const isSigned = (changes: object): boolean =>
      verifySchnorr({
        key,
        message: accountMessage(n.ledger, { ...account, ...changes }),
        signature,
      });
    expect(isSigned({})).to.equal(true);
    const voided = [{ interval: FIRST + 2, revision: 0 }];
    for (const lie of [
      { register: 999n },
      { proven: 1n },
      { returned: 1n },
      { voided },
      { first: 1 },
      { last: FIRST + 3 },
    ]) {
      expect(isSigned(lie), JSON.stringify(Object.keys(lie))).to.equal(false);
    }
    expect(meter!.carried + meter!.open).to.equal(0n);
  });

  it("whose account is asked for at any time, tiles the intervals: no watt-hour is in none or in two", async () => {
    const n = await TestNeighbourhood.open("accounts", 1);
    await n.prologue(await n.openControlCentre());
    const [meter] = n.meters;
    expect(await meter!.closePeriod()).to.equal(undefined);
    await meter!.report(FIRST + 2, 700n, undefined);
    const first = await meter!.closePeriod();
    // Asked again: the account of before, and none without an interval.
    expect(await meter!.closePeriod()).to.include({ first: 0, last: FIRST + 2, register: 700n });
    await meter!.report(FIRST + 3, 40n, undefined);
    await meter!.report(FIRST + 5, 2n, undefined);
    const second = await meter!.closePeriod();
    expect(second).to.include({ first: first!.last + 1, last: FIRST + 5, register: 42n });
    const accounts = await meter!.accounts();
    expect(accounts.map(({ register }) => register)).to.deep.equal([700n, 42n]);
    expect(meter!.carried + meter!.open).to.equal(0n);
  });

  it("whose rows were proved in a page that is void since, bills them by the register, once", async () => {
    const n = await TestNeighbourhood.open("void since", 1);
    const [meter] = n.meters;
    const loads: bigint[] = [];
    await n.run(
      3,
      () => 900n,
      async (interval) => {
        await meter!.conclude(interval.pages, proofsOf(n, interval, 0));
        loads.push(interval.pages.consumption.statement.load);
        expect(interval.pages.consumption.statement.interval).to.equal(FIRST + 1 + loads.length);
      },
    );
    const [first, second] = [FIRST + 2, FIRST + 3].map((i): PageName => ({
      interval: i,
      revision: 0,
    }));
    const asked = [
      first!,
      first!,
      { interval: FIRST + 2, revision: 1 },
      { interval: 7, revision: 0 },
    ];
    const account = (await meter!.closePeriod(asked))!;
    expect(account.voided).to.deep.equal([first]);
    expect(account.returned).to.equal(loads[0]);
    expect(account.proven).to.equal(loads[0]! + loads[1]! + loads[2]!);
    expect(dueByRegister(account)).to.equal(2700n - loads[1]! - loads[2]!);
    const { publicKey } = meter!.enrolment();
    const isRight = (isVoid: (page: PageName) => boolean, changes: object = {}): boolean =>
      isAccountRight({ account: { ...account, ...changes }, ledger: n.ledger, publicKey, isVoid });
    expect(isRight(({ interval }) => interval === FIRST + 2)).to.equal(true);
    // One who names a page that stands would charge its rows twice: the account shows it.
    expect(isRight(() => false)).to.equal(false);
    expect(isRight(() => true, { returned: 0n })).to.equal(false);
    // In the period after, a page of this one, after a restart too; no page twice, and none of longer ago.
    const again = await LedgerMeter.open(n.rules, n.stores[0]!);
    await again.report(FIRST + 5, 50n, undefined);
    const late = (await again.closePeriod([first!, second!]))!;
    expect(late).to.include({ register: 50n, proven: 0n, returned: loads[1] });
    expect(late.voided).to.deep.equal([second]);
    await again.report(FIRST + 6, 1n, undefined);
    const third = { interval: FIRST + 4, revision: 0 };
    expect(await again.closePeriod([first!, second!, third])).to.include({ returned: 0n });
  });

  it("opened by two processes, signs in one alone", async () => {
    const n = await TestNeighbourhood.open("two meters", 1);
    await n.prologue(await n.openControlCentre());
    const [one] = n.meters;
    const other = await LedgerMeter.open(n.rules, n.stores[0]!);
    const bundle = await one!.report(FIRST + 2, 500n, n.termsOf(FIRST + 2));
    await expectRejection(
      other.report(FIRST + 2, 100n, n.termsOf(FIRST + 2)),
      "ledger/other-process",
    );
    const again = await LedgerMeter.open(n.rules, n.stores[0]!);
    expect(again.sent(FIRST + 2)).to.deep.equal(bundle);
  });

  it("given proofs of some of its reports, keeps the others open, and nothing when all are proved", async () => {
    await run(1, async (n, interval) => {
      const [meter] = n.meters;
      const proofs = [...proofsOf(n, interval, 0)];
      const { consumption, billing } = interval.pages;
      const page = { consumption, billing };
      await meter!.conclude(page, new Map(proofs.slice(1)));
      const left = interval.bundles[0]!.sent.filter(
        ({ pseudonym }) => nameOf(pseudonym) === proofs[0]![0],
      );
      expect(meter!.sent(FIRST + 2)!.sent).to.deep.equal(left);
      await meter!.conclude(page, new Map(proofs));
      expect(meter!.sent(FIRST + 2)).to.equal(undefined);
    });
  });

  it("closed and opened again, has what it carried, what is open, and no key of a past interval", async () => {
    const store = new MemoryStore();
    const n = await TestNeighbourhood.open("again", 1, { stores: [store] });
    await n.prologue(await n.openControlCentre());
    const bundle = await n.meters[0]!.report(FIRST + 2, 333n, n.termsOf(FIRST + 2));
    const again = await LedgerMeter.open(n.rules, store);
    expect(again.sent(FIRST + 2)).to.deep.equal(bundle);
    expect([again.carried, again.open]).to.deep.equal([n.meters[0]!.carried, n.meters[0]!.open]);
    expect(again.enrolment().publicKey).to.deep.equal(n.meters[0]!.enrolment().publicKey);
    await expectRejection(again.report(FIRST + 2, 1n, n.termsOf(FIRST + 2)), "ledger/leaf-gone");
    expect(() => again.enrolment().tree.evaluateRange((FIRST + 2) * 256, 1)).to.throw();
  });
});
