import { expect } from "chai";
import { CENTRE_CHEATS, cheatAsCentre } from "../../src/demo/ledger/cheats/cheats.js";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import { auditRows } from "../../src/ledger/audit/rows.js";
import { auditStatements } from "../../src/ledger/audit/statements.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { excerptOf } from "../../src/ledger/excerpt.js";
import { isInMask, PRESENCE } from "../../src/ledger/parcels.js";
import type { IntervalPages } from "../../src/ledger/pages.js";
import type { ConsumptionRow } from "../../src/ledger/rows.js";
import { compareBytes } from "../../src/ledger/sum-tree.js";
import { billingStruct, consumptionStruct } from "../../src/ledger/statements.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, kinds, TestNeighbourhood, testPrice, type TestInterval } from "./support.js";

const HOMES = 8;
const wattHours = (home: number, interval: number): bigint =>
  BigInt(120 + 90 * home + 11 * (interval % 7));

interface Scene {
  readonly n: TestNeighbourhood;
  readonly interval: TestInterval;
  /** A page of the control centre's making, billed at the right price. */
  billed(page: IntervalPages["consumption"]): IntervalPages;
  /** The honest page with other rows or other words, signed again. */
  rewritten(changes: Parameters<typeof rewritePage>[2]): IntervalPages;
}

/** Three honest intervals; `body` does with the last what it likes. */
async function scene(body: (scene: Scene) => Promise<void>): Promise<void> {
  const n = await TestNeighbourhood.open("audit", HOMES);
  let done = 0;
  await n.run(3, wattHours, async (interval) => {
    if (++done < 3) return;
    const billed = (page: IntervalPages["consumption"]): IntervalPages => {
      const { interval: number, load } = page.statement;
      const price = testPrice.priceAt(number, load);
      return { consumption: page, billing: priceAt(page, n.providerKey, price) };
    };
    const rewritten = (changes: Parameters<typeof rewritePage>[2]): IntervalPages =>
      billed(rewritePage(interval.pages.consumption, n.controlCentreKey, changes));
    await body({ n, interval, billed, rewritten });
  });
  expect(done).to.equal(3);
}

describe("Honest pages", () => {
  it("pass every check, and every bill is the sum of its rows", () =>
    scene(async ({ n, interval }) => {
      const { auditor, residents } = await n.judge(interval, interval.pages);
      expect(auditor).to.deep.equal([]);
      expect(residents.flatMap((r) => r.faults)).to.deep.equal([]);
      const { statement } = interval.pages.billing;
      const sum = residents.reduce((total, r) => total + r.amount, 0n);
      expect(sum).to.equal(statement.total);
      expect(sum).to.equal(statement.price * interval.pages.consumption.statement.load);
    }));

  it("count a home's rows without its presence, and the homes that are silent without being told the terms again", () =>
    scene(async ({ n, interval }) => {
      const { residents } = await n.judge(interval, interval.pages);
      const { withheld } = interval.pages.consumption.statement;
      const parcels = interval.bundles.map(
        ({ sent }) =>
          sent.filter((r) => r.wattHours > 0n && !isInMask(withheld, r.category)).length,
      );
      expect(residents.map(({ rows }) => rows)).to.deep.equal(parcels);
      // An auditor that has seen the earlier pages, each once, knows the terms of this one.
      const auditor = await LedgerAuditor.open(n.rules, new MemoryStore());
      const { interval: number } = interval.list;
      const silent: (number | undefined)[] = [];
      for (const i of [number - 2, number]) {
        const { consumption, billing } = interval.book.inForce(i)!;
        const rows = i === number ? interval.pages.consumption.rows : [];
        const shown = { consumption: { ...consumption, rows }, billing: billing! };
        silent.push((await auditor.audit(shown)).silentHomes);
      }
      expect(silent).to.deep.equal([undefined, 0]);
    }));

  it("stay right when the page that their terms name is proved wrong later: nobody accuses the control centre", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { interval: number, source } = interval.pages.consumption.statement;
      expect(source).to.equal(number - 1);
      interval.book.setVoid(source, 0);
      const { auditor, residents } = await n.judge(interval, interval.pages);
      expect(auditor).to.deep.equal([]);
      expect(residents.flatMap((own) => own.faults)).to.deep.equal([]);
      const provider = await n.openProvider();
      for (let i = FIRST; i < number; i++) await provider.remember(interval.book.inForce(i)!);
      await provider.setVoid(source, 0);
      const { consumption, billing } = interval.pages;
      expect(await provider.bill(consumption, consumption.statement)).to.deep.equal(billing);
      // One that stood before another that stands is none to compute from, and neither is the page itself.
      for (const wrong of [source - 2, number, number + 1, 0]) {
        const pages = rewritten({ source: wrong });
        expect(kinds((await n.judge(interval, pages)).auditor), `${wrong}`).to.deep.equal([
          "terms",
        ]);
      }
    }));

  it("give a resident a path of about a kilobyte, for any number of rows", () =>
    scene(async ({ n, interval }) => {
      const indexed = new IndexedPages(interval.pages, n.rules, interval.book);
      const depth = Math.ceil(Math.log2(interval.pages.consumption.rows.length));
      expect(indexed.prove(0)!.path).to.have.lengthOf(depth);
      // 32 bytes of hash and 8 of load a level: a million rows take 20 levels.
      expect(20 * 40 + 139).to.be.at.most(1024);
    }));
});

describe("A dishonest control centre", () => {
  for (const cheat of CENTRE_CHEATS) {
    it(`when it cheats by "${cheat}", the auditor holds a proof for the contract`, () =>
      scene(async (s) => {
        const { n, interval, billed } = s;
        const terms = interval.book.termsOf(interval.list.interval)!;
        const by = { signer: n.controlCentreKey, ledger: n.ledger };
        const page = interval.pages.consumption;
        const { published } = cheatAsCentre({ cheat, page, terms, by });
        const { auditor } = await n.judge(interval, billed(published));
        expect(auditor.some((f) => f.challenge !== undefined)).to.equal(true);
      }));
  }

  it("when it numbers rows otherwise, no path leads from a position to the row: renumbering has nothing to change", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { rows } = interval.pages.consumption;
      const { residents } = await n.judge(interval, rewritten({ content: rows.toReversed() }));
      expect(kinds(residents.flatMap((r) => r.faults))).to.include("order");
    }));

  it("when it signs nothing, or another page than it anchored, every resident sees it", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { pages } = interval;
      const unsigned = { ...pages.consumption, signature: new Uint8Array(65) };
      const first = await n.judge(interval, { ...pages, consumption: unsigned });
      for (const { faults } of first.residents) expect(kinds(faults)).to.include("signature");
      expect(kinds(first.auditor)).to.include("signature");

      // Anchored: the honest page. Shown: another one, signed as well.
      const other = rewritten({ content: pages.consumption.rows.slice(1) });
      interval.book.add(pages);
      const indexed = new IndexedPages(other, n.rules, interval.book);
      for (const resident of interval.residents) {
        const { pseudonyms, indices } = resident.questions(other.consumption.statement);
        const excerpt = excerptOf(indexed, pseudonyms, indices);
        const { faults } = await resident.settle(excerpt, indices, indexed);
        const proof = faults.find(({ kind }) => kind === "statement");
        expect(proof?.challenge?.kind).to.equal("statement");
      }
    }));

  it("when it swaps a home's own row for another meter's, that home sees it", () =>
    scene(async ({ n, interval, rewritten }) => {
      const own = interval.bundles[2]!.sent[0]!;
      const content = interval.pages.consumption.rows
        .filter((row) => compareBytes(row.pseudonym, own.pseudonym) !== 0)
        .concat({ ...interval.pages.consumption.rows[0]!, pseudonym: n.random.bytes(32) as never })
        .sort((a, b) => compareBytes(a.pseudonym, b.pseudonym));
      const { auditor, residents } = await n.judge(interval, rewritten({ content }));
      expect(kinds(residents[2]!.faults)).to.include("missing-row");
      expect(kinds(auditor)).to.include.members(["not-enrolled", "unsigned", "missing-row"]);
    }));

  it("when it shows no rows at all, every resident asks on-chain", () =>
    scene(async ({ n, interval }) => {
      const nothing = { own: new Map(), samples: new Map() };
      const shown = (e: object) => ({ ...e, ...nothing }) as never;
      const { residents } = await n.judge(interval, interval.pages, shown);
      for (const { faults, amount } of residents) {
        expect(amount).to.equal(0n);
        expect(faults.every((f) => f.challenge?.kind === "unshown")).to.equal(true);
        expect(faults.length).to.be.greaterThan(0);
      }
    }));

  it("when it alters a row's size, category, key or signature, the auditor proves it", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { rows } = interval.pages.consumption;
      const at = rows.findIndex((row) => row.category === 1);
      const altered = async (change: Partial<ConsumptionRow>): Promise<string[]> => {
        const content = rows.with(at, { ...rows[at]!, ...change });
        const { auditor } = await n.judge(interval, rewritten({ content }));
        for (const f of auditor) expect(f.challenge, f.message).not.to.equal(undefined);
        return kinds(auditor);
      };
      const { signature } = rows[at]!;
      const other = Uint8Array.from(signature);
      other[64]! ^= 1;
      expect(await altered({ signature: other })).to.include("unsigned");
      expect(await altered({ wattHours: 1n })).to.include("parcel");
      expect(await altered({ category: 2 })).to.include.members(["parcel", "not-enrolled"]);
      expect(await altered({ key: rows[0]!.key })).to.include("not-enrolled");
      expect(await altered({ pseudonym: rows[at - 1]!.pseudonym })).to.include("order");
    }));

  it("when it publishes a category of too few homes, everyone sees it", () =>
    scene(async ({ n, interval }) => {
      const strict = { ...n.rules, leastHomes: HOMES + 1 };
      const pages = new IndexedPages(interval.pages, strict, interval.book);
      const shown = new Set(interval.pages.consumption.rows.map((r) => r.category));
      shown.delete(PRESENCE);
      const faults = await auditRows(pages, interval.list);
      expect(kinds(faults)).to.deep.equal(["too-few"]);
      expect(faults).to.have.lengthOf(shown.size);
    }));

  it("when the terms name another source, average, mask, home count or enrolment, it is a fault", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { source, homes, average, mask } = interval.pages.consumption.statement;
      const judged = async (changes: object) => {
        const { auditor, residents } = await n.judge(interval, rewritten(changes));
        return { auditor: kinds(auditor), residents: kinds(residents.flatMap((r) => r.faults)) };
      };
      for (const changes of [
        { source: source - 1 },
        { average: average + 4n },
        { mask: mask ^ 4 },
      ]) {
        const { auditor, residents } = await judged(changes);
        expect(auditor).to.include("terms");
        expect(residents).to.include("terms");
      }
      // The list that the next intervals use shows the other two.
      expect((await judged({ homes: homes + 1 })).auditor).to.deep.equal([]);
    }));
});

describe("A dishonest provider", () => {
  it("when its price is not the function's, or has none, every resident proves it", () =>
    scene(async ({ n, interval }) => {
      const { consumption, billing } = interval.pages;
      const more = priceAt(consumption, n.providerKey, billing.statement.price + 1n);
      const { auditor, residents } = await n.judge(interval, { consumption, billing: more });
      expect(kinds(auditor)).to.deep.equal(["price"]);
      expect(auditor[0]!.challenge).to.deep.equal({ kind: "price" });
      for (const { faults } of residents) expect(kinds(faults)).to.include("price");
    }));

  it("when it prices one consumption and shows another, or signs with another key, it is a fault", () =>
    scene(async ({ n, interval, rewritten }) => {
      const { consumption, billing } = interval.pages;
      const other = rewritten({ content: consumption.rows.slice(1) });
      const judged = async (b: IntervalPages["billing"]) =>
        kinds((await n.judge(interval, { consumption, billing: b })).auditor);
      expect(await judged(other.billing)).to.include("wrong-page");
      const statement = { ...billing.statement, total: billing.statement.total + 1n };
      const dearer = { statement, signature: n.providerKey.sign(billingStruct(statement)) };
      expect(await judged(dearer)).to.deep.equal(["wrong-page"]);
      const foreign = priceAt(consumption, n.controlCentreKey, billing.statement.price);
      expect(await judged(foreign)).to.deep.equal(["signature"]);
    }));

  it("when it shows another price than it anchored, either proves the other", () =>
    scene(async ({ n, interval }) => {
      const { consumption, billing } = interval.pages;
      interval.book.add(interval.pages);
      const other = priceAt(consumption, n.providerKey, billing.statement.price + 1n);
      const indexed = new IndexedPages({ consumption, billing: other }, n.rules, interval.book);
      const faults = auditStatements(indexed, n.rules);
      const proof = faults.find(({ kind }) => kind === "billing");
      expect(proof?.challenge).to.deep.equal({ kind: "billing", other });
    }));

  it("when its rows are not those that were signed, nothing is proved from them", () =>
    scene(async ({ n, interval }) => {
      const { consumption, billing } = interval.pages;
      const rows = consumption.rows.with(0, {
        ...consumption.rows[0]!,
        wattHours: consumption.rows[0]!.wattHours + 1n,
      });
      const shown = { consumption: { ...consumption, rows }, billing };
      const indexed = new IndexedPages(shown, n.rules, interval.book);
      expect(indexed.prove(1)).to.equal(undefined);
      expect(indexed.neighboursOf(n.random.bytes(32) as never)).to.equal(undefined);
      expect(new IndexedPages(interval.pages, n.rules, interval.book).prove(1)).to.have.property(
        "index",
        1,
      );
    }));

  it("when it signs a row of another size for a home's own report, that home proves it by the signature", () =>
    scene(async ({ n, interval, rewritten }) => {
      const own = interval.bundles[2]!.sent.find(({ wattHours: size }) => size > 0n)!;
      const content = interval.pages.consumption.rows.map((row) =>
        compareBytes(row.pseudonym, own.pseudonym) === 0
          ? { ...row, wattHours: row.wattHours * 2n }
          : row,
      );
      const { residents } = await n.judge(interval, rewritten({ content }));
      const [fault] = residents[2]!.faults.filter(({ kind }) => kind === "unsigned");
      expect(fault?.challenge).to.have.property("kind", "unsigned");
    }));

  it("prices a page once: asked again, and after a restart, it signs the same", () =>
    scene(async ({ n, interval, rewritten }) => {
      const provider = await n.openProvider();
      for (const i of [2, 1]) {
        await provider.remember(interval.book.inForce(interval.list.interval - i)!);
      }
      const { consumption } = interval.pages;
      const { statement } = consumption;
      const first = await provider.bill(consumption, statement);
      expect(await provider.bill(consumption, statement)).to.deep.equal(first);
      const wrong = rewritten({ load: 5n }).consumption;
      await expectRejection(provider.bill(wrong, wrong.statement), "ledger/page-refused");
    }));
});

describe("A provider that is shown a page which is not anchored", () => {
  it("does not price it, so that nobody holds two of its prices for one page", () =>
    scene(async ({ n, interval, rewritten }) => {
      const provider = await n.openProvider();
      for (const i of [2, 1]) {
        await provider.remember(interval.book.inForce(interval.list.interval - i)!);
      }
      const { consumption, billing } = interval.pages;
      // Right in itself and signed by the control centre, which anchors another.
      const beside = rewritten({ content: consumption.rows.slice(0, -1) }).consumption;
      await expectRejection(provider.bill(beside, consumption.statement), "ledger/page-refused");
      expect(await provider.bill(consumption, consumption.statement)).to.deep.equal(billing);
      await expectRejection(provider.bill(beside, consumption.statement), "ledger/page-refused");
    }));
});

describe("Statements", () => {
  it("are hashed over every field, so that none can change under a signature", () =>
    scene(async ({ n, interval }) => {
      const { statement, signature } = interval.pages.consumption;
      const { verifier, controlCentre } = n.rules;
      expect(verifier.verify(consumptionStruct(statement), signature, controlCentre)).to.equal(
        true,
      );
      for (const [field, value] of Object.entries(statement)) {
        const changed =
          typeof value === "bigint"
            ? value + 1n
            : typeof value === "number"
              ? value + 1
              : n.random.bytes(32);
        const struct = consumptionStruct({ ...statement, [field]: changed });
        expect(verifier.verify(struct, signature, controlCentre), field).to.equal(false);
      }
    }));
});
