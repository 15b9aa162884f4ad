/** Residents who are shown something else than what is anchored. */
import { expect } from "chai";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { isClaimSigned } from "../../src/ledger/audit/claims.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { excerptOf, type PageExcerpt } from "../../src/ledger/excerpt.js";
import { PageBook } from "../../src/ledger/page-book.js";
import type { IntervalPages } from "../../src/ledger/pages.js";
import { receiptLeaves, receiptSalts } from "../../src/ledger/receipts.js";
import { LedgerResident, type OwnBill } from "../../src/ledger/resident.js";
import { receiptStruct } from "../../src/ledger/statements.js";
import { compareBytes } from "../../src/ledger/sum-tree.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, kinds, INITIAL_AVERAGE, TestNeighbourhood, testPrice } from "./support.js";
import type { TestInterval } from "./support.js";

const OPEN = FIRST + 2;
const HOMES = 4;

/** The second interval with reports, and a page of it without a report of home 0, which is anchored. */
async function scene(
  body: (s: {
    n: TestNeighbourhood;
    interval: TestInterval;
    anchored: IntervalPages;
    resident: LedgerResident;
    settle: (shown: Shown, change?: (e: PageExcerpt) => PageExcerpt) => Promise<OwnBill>;
  }) => Promise<void>,
): Promise<void> {
  const n = await TestNeighbourhood.open("shown", HOMES);
  await n.run(
    2,
    (home) => BigInt(300 + 170 * home),
    async (interval) => {
      if (interval.list.interval === OPEN) return;
      const { consumption } = interval.pages;
      const lost = interval.bundles[0]!.sent.find(({ category }) => category < 5)!;
      const content = consumption.rows.filter(
        ({ pseudonym }) => compareBytes(pseudonym, lost.pseudonym) !== 0,
      );
      const page = rewritePage(consumption, n.controlCentreKey, { content });
      const price = testPrice.priceAt(page.statement.interval, page.statement.load);
      const anchored = { consumption: page, billing: priceAt(page, n.providerKey, price) };
      interval.book.add(anchored);
      const resident = interval.residents[0]!;
      const settle = async (shown: Shown, change = (e: PageExcerpt) => e): Promise<OwnBill> => {
        const { pseudonyms, indices } = resident.questions(shown.consumption.statement);
        const pages = new IndexedPages(shown, n.rules, interval.book);
        const excerpt = change(excerptOf(pages, pseudonyms, indices));
        return resident.settle(excerpt, indices, pages);
      };
      await body({ n, interval, anchored, resident, settle });
    },
  );
}

type Shown = ConstructorParameters<typeof IndexedPages>[0];

describe("A resident who is shown another page than the anchored one", () => {
  const lies: Record<string, (honest: IntervalPages) => Shown> = {
    "that is not signed": ({ consumption, billing }) => ({
      consumption: { ...consumption, signature: new Uint8Array(65) },
      billing,
    }),
    "that is not anchored": (honest) => honest,
    "that is not billed": ({ consumption }) => ({ consumption }),
  };

  for (const [what, lie] of Object.entries(lies)) {
    it(`${what}, keeps its receipts, and proves what is missing in the anchored one`, () =>
      scene(async ({ interval, anchored, resident, settle }) => {
        // With every row of the home, so that it would think of all as billed.
        await settle(lie(interval.pages));
        expect(await resident.bill(OPEN + 1)).to.equal(undefined);
        const own = await settle(anchored);
        expect(own.claims).to.have.lengthOf(1);
        const [missing] = own.faults.filter(({ kind }) => kind === "missing-row");
        expect(missing?.challenge).to.have.property("kind", "missing-row");
      }));
  }

  it("whose price is another than the anchored one, keeps its receipts too", () =>
    scene(async ({ n, anchored, resident, settle }) => {
      const { consumption, billing } = anchored;
      const dear = priceAt(consumption, n.providerKey, billing.statement.price + 1n);
      expect(kinds((await settle({ consumption, billing: dear })).faults)).to.include("billing");
      expect(await resident.bill(OPEN + 1)).to.equal(undefined);
    }));

  it("after it has settled, keeps the first outcome, with the proofs in it", () =>
    scene(async ({ interval, anchored, resident, settle }) => {
      const first = await settle(anchored);
      for (const shown of [anchored, interval.pages]) await settle(shown);
      const kept = (await resident.bill(OPEN + 1))!;
      expect(kept.claims).to.deep.equal(first.claims);
      expect([kept.amount, kept.rows]).to.deep.equal([first.amount, first.rows]);
      expect(first.rows).to.be.above(0);
    }));

  it("forgets what was never settled together with the outcomes of that time", () =>
    scene(async ({ anchored, resident, settle }) => {
      await resident.forgetBefore(OPEN + 2);
      const own = await settle(anchored);
      expect([own.rows, own.claims.length]).to.deep.equal([0, 0]);
    }));
});

describe("A receipt that is none", () => {
  it("given instead of one, is refused, and what was sent is missed in the page all the same", () =>
    scene(async ({ n, interval, anchored }) => {
      const [bundle] = interval.bundles;
      const resident = await LedgerResident.open(n.rules, new MemoryStore());
      const lies = [
        { refused: [], receipt: undefined },
        { refused: [], receipt: new Uint8Array(65).fill(7) },
      ];
      for (const lie of lies) {
        await expectRejection(resident.remember(bundle!, lie), "ledger/bad-receipt");
        const { pseudonyms } = resident.questions(anchored.consumption.statement);
        expect(pseudonyms).to.deep.equal(bundle!.sent.map((report) => report.pseudonym));
      }
      const pages = new IndexedPages(anchored, n.rules, interval.book);
      const { pseudonyms } = resident.questions(anchored.consumption.statement);
      const own = await resident.settle(excerptOf(pages, pseudonyms, []), [], pages);
      const [missing] = own.faults.filter(({ kind }) => kind === "missing-row");
      // The resident notices, and cannot prove it without a receipt.
      expect(missing).not.to.equal(undefined);
      expect(missing!.challenge).to.equal(undefined);
    }));

  it("after a right one, does not take its place", () =>
    scene(async ({ n, interval, anchored, resident, settle }) => {
      const lie = { refused: [], receipt: n.random.bytes(65) };
      await expectRejection(resident.remember(interval.bundles[0]!, lie), "ledger/bad-receipt");
      expect((await settle(anchored)).claims).to.have.lengthOf(1);
    }));
});

describe("A second receipt that the control centre signs for the same packet", () => {
  it("when it leaves the dropped report out, does not take the proof away", () =>
    scene(async ({ n, interval, anchored, resident, settle }) => {
      const { bundle, sent } = interval.bundles[0]!;
      const { rows } = anchored.consumption;
      const dropped = sent.findIndex(
        (report) => !rows.some((row) => compareBytes(row.pseudonym, report.pseudonym) === 0),
      );
      const covered = new Map([...sent.entries()].filter(([i]) => i !== dropped));
      const leaves = receiptLeaves(receiptSalts(bundle.secret), covered);
      const struct = receiptStruct({ interval: bundle.interval, leaves });
      const refused = [{ index: dropped, reason: "unknown" as const }];
      const second = { refused, receipt: n.receiptKey.sign(struct) };
      await resident.remember(interval.bundles[0]!, second);
      const { claims } = await settle(anchored);
      expect(claims.map(({ which }) => which)).to.deep.equal([dropped]);
      expect(isClaimSigned(n.rules, claims[0]!)).to.equal(true);
    }));
});

describe("Terms that the control centre signs for one home alone", () => {
  it("the meter cannot tell from others; its resident compares them with the chain, and holds the proof", () =>
    scene(async ({ n, interval, anchored }) => {
      const { consumption } = anchored;
      // By the rule of no source, and not by that of the page that the chain insists on.
      const terms = { source: 0, average: INITIAL_AVERAGE, mask: 0 };
      const alone = rewritePage(consumption, n.controlCentreKey, terms);
      const bundle = await n.meters[0]!.report(OPEN + 3, 900n, { page: alone, source: undefined });
      expect(bundle).not.to.equal(undefined);

      const book = new PageBook(n.rules);
      for (let i = FIRST; i <= OPEN; i++) book.add(interval.book.inForce(i)!);
      book.add(anchored);
      const [resident] = interval.residents;
      const check = (page: typeof alone) => {
        const { source } = new IndexedPages({ consumption: page }, n.rules, book);
        return resident!.checkTerms({ consumption: page, anchored, source });
      };
      const found = check(alone).find(({ kind }) => kind === "statement");
      expect(found?.challenge).to.deep.equal({ kind: "statement", other: alone });
      expect(check(consumption)).to.deep.equal([]);
      const copy = { ...consumption, statement: { ...consumption.statement } };
      expect(check(copy)).to.deep.equal([]);
    }));
});
