import { expect } from "chai";
import { auditClaim } from "../../src/ledger/audit/claims.js";
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import type { Claim, Finding } from "../../src/ledger/audit/finding.js";
import type { IntervalPages } from "../../src/ledger/audit/indexed-pages.js";
import {
  billAt,
  rewriteBills,
  rewriteConsumption,
  rewritePrice,
  withAmount,
  withoutRow,
} from "../../src/ledger/cheating.js";
import { billLeaf, consumptionLeaf } from "../../src/ledger/rows.js";
import { verifyProof } from "../../src/ledger/merkle.js";
import { ServiceProvider } from "../../src/ledger/provider.js";
import type { LedgerResident, OwnBill } from "../../src/ledger/resident.js";
import { consumptionStruct } from "../../src/ledger/statements.js";
import { expectError } from "../support/errors.js";
import { indexed, TestNeighbourhood, testPrice, type TestInterval } from "./support.js";

const FIRST = 761_328;
const HOMES = 8;
const wattHours = (home: number, interval: number): bigint =>
  BigInt(120 + 90 * home + 11 * (interval % 7));

interface Scene {
  readonly n: TestNeighbourhood;
  readonly auditor: LedgerAuditor;
  /** The pages of the interval before the last one. */
  readonly before: IntervalPages;
  readonly honest: TestInterval;
  readonly residents: readonly LedgerResident[];
}

/** Two honest intervals, the first one audited and settled; `body` does with the second what it likes. */
async function scene(body: (scene: Scene) => void): Promise<void> {
  const n = new TestNeighbourhood("audit", HOMES);
  const auditor = new LedgerAuditor();
  let before: IntervalPages | undefined;
  await n.run([FIRST, FIRST + 1], wattHours, (interval, residents) => {
    if (before === undefined) {
      const pages = indexed(interval.pages, n.rules());
      expect(auditor.audit(pages, interval.list)).to.deep.equal([]);
      for (const resident of residents) expect(resident.settle(pages).findings).to.deep.equal([]);
      before = interval.pages;
    } else {
      body({ n, auditor, before, honest: interval, residents });
    }
  });
}

const kinds = (findings: readonly Finding[]): string[] => [...new Set(findings.map((f) => f.kind))];

/** What auditor and residents say about pages. */
function judge(
  { n, auditor, honest, residents }: Scene,
  pages: IntervalPages,
): { auditor: Finding[]; residents: OwnBill[] } {
  const seen = indexed(pages, n.rules());
  return {
    auditor: auditor.audit(seen, honest.list),
    residents: residents.map((r) => r.settle(seen)),
  };
}

describe("Honest ledgers", () => {
  it("pass every check, and every bill is the sum of its rows", () =>
    scene((s) => {
      const verdict = judge(s, s.honest.pages);
      expect(verdict.auditor).to.deep.equal([]);
      expect(verdict.residents.flatMap((r) => r.findings)).to.deep.equal([]);
      const { consumption, bills, price } = s.honest.pages;
      const sum = verdict.residents.reduce((total, r) => total + r.amount, 0n);
      expect(sum).to.equal(bills.statement.total);
      expect(sum).to.equal(price.statement.price * consumption.statement.load);
      expect(verdict.residents.reduce((rows, r) => rows + r.rows, 0)).to.equal(bills.rows.length);
      expect(price.statement.price).to.equal(testPrice.priceAt(FIRST, consumption.statement.load));
    }));

  it("give every row a proof that leads to the signed root", () =>
    scene(({ n, honest: { pages } }) => {
      const { consumptionRows, billRows } = indexed(pages, n.rules());
      const { interval, root } = pages.consumption.statement;
      for (const i of pages.bills.rows.keys()) {
        const [parcel] = consumptionRows.prove(i)!;
        const [bill] = billRows.prove(i)!;
        expect(verifyProof(consumptionLeaf(interval, parcel!.row), parcel!.proof, root)).to.equal(
          true,
        );
        expect(
          verifyProof(billLeaf(interval, bill!.row), bill!.proof, pages.bills.statement.root),
        ).to.equal(true);
        const other = { ...bill!.row, amount: bill!.row.amount + 1n };
        expect(
          verifyProof(billLeaf(interval, other), bill!.proof, pages.bills.statement.root),
        ).to.equal(false);
      }
      expectError(() => consumptionRows.tree.proof(pages.bills.rows.length), "ledger/no-such-row");
    }));
});

describe("A dishonest provider", () => {
  it("is caught with a wrong price by the auditor and every resident, though all else fits", () =>
    scene((s) => {
      const { consumption, price, bills } = s.honest.pages;
      const more = (price.statement.price * 11n) / 10n;
      const verdict = judge(s, billAt(consumption, bills.previousRoot, s.n.providerKey, more));
      expect(kinds(verdict.auditor)).to.deep.equal(["price"]);
      expect(verdict.auditor[0]!.challenge).to.deep.equal({ kind: "price" });
      for (const { findings } of verdict.residents)
        expect(kinds(findings)).to.deep.equal(["price"]);
    }));

  it("is caught with a wrong row by the auditor and the one home", () =>
    scene((s) => {
      const { consumption, price, bills } = s.honest.pages;
      const rows = withAmount(bills.rows, 3, bills.rows[3]!.amount * 2n);
      const wrong = rewriteBills(FIRST + 1, bills.previousRoot, s.n.providerKey, rows);
      const verdict = judge(s, { consumption, price, bills: wrong });
      expect(kinds(verdict.auditor)).to.deep.equal(["bill-amount"]);
      expect(verdict.auditor[0]).to.include({ index: 3, interval: FIRST + 1 });
      expect(verdict.residents.filter((r) => r.findings.length > 0)).to.have.lengthOf(1);
      expect(kinds(verdict.residents.flatMap((r) => r.findings))).to.deep.equal(["bill-amount"]);
    }));

  it("is caught with a bill for another parcel, with a missing bill, and with a wrong total", () =>
    scene((s) => {
      const { consumption, price, bills } = s.honest.pages;
      const rewrite = (rows: typeof bills.rows, total?: bigint): IntervalPages => ({
        consumption,
        price,
        bills: rewriteBills(FIRST + 1, bills.previousRoot, s.n.providerKey, rows, total),
      });
      const unit = price.statement.price;
      const doubled = bills.rows.map((row, i) =>
        i === 2 ? { ...row, wattHours: row.wattHours * 2n, amount: row.amount * 2n } : row,
      );
      let sum = 0n;
      const parcel = doubled.map((row) => ({ ...row, cumulative: (sum += row.amount) }));
      expect(parcel[2]!.amount).to.equal(parcel[2]!.wattHours * unit);
      const auditor = (pages: IntervalPages): string[] => {
        const fresh = new LedgerAuditor();
        fresh.audit(indexed(s.before, s.n.rules()));
        return kinds(fresh.audit(indexed(pages, s.n.rules()), s.honest.list));
      };
      expect(auditor(rewrite(parcel))).to.deep.equal(["bill-parcel"]);
      expect(auditor(rewrite(bills.rows.slice(0, -1)))).to.deep.equal(["row-count"]);
      expect(auditor(rewrite(bills.rows, bills.statement.total + 1n))).to.deep.equal([
        "bill-total",
      ]);
      const step = bills.rows.map((row, i) =>
        i >= 4 ? { ...row, cumulative: row.cumulative + 5n } : row,
      );
      expect(auditor(rewrite(step))).to.deep.equal(["bill-total"]);

      const verdict = judge(s, rewrite(bills.rows.slice(0, -1)));
      const noticed = verdict.residents.filter((r) => r.findings.length > 0);
      expect(noticed).to.have.lengthOf(1);
      expect(kinds(noticed[0]!.findings)).to.deep.equal(["row-count"]);
    }));

  it("cannot price one consumption and show another, nor sign with another key", () =>
    scene((s) => {
      const { consumption, price, bills } = s.honest.pages;
      const other = rewritePrice(s.before.consumption, s.n.providerKey, price.statement.price);
      const stranger = new TestNeighbourhood("stranger", 0).providerKey;
      const forged = rewritePrice(consumption, stranger, price.statement.price);
      const forgedBills = rewriteBills(FIRST + 1, bills.previousRoot, stranger, bills.rows);
      const audit = (pages: IntervalPages): string[] => {
        const fresh = new LedgerAuditor();
        fresh.audit(indexed(s.before, s.n.rules()));
        return kinds(fresh.audit(indexed(pages, s.n.rules()), s.honest.list));
      };
      expect(audit({ consumption, price: other, bills })).to.deep.equal(["wrong-page"]);
      expect(audit({ consumption, price: forged, bills })).to.deep.equal(["signature"]);
      expect(audit({ consumption, price, bills: forgedBills })).to.deep.equal(["signature"]);
      expect(audit({ consumption, price, bills: s.before.bills })).to.include("wrong-page");
    }));
});

describe("A dishonest control centre", () => {
  const rebill = (s: Scene, consumption: IntervalPages["consumption"]): IntervalPages => {
    const price = testPrice.priceAt(FIRST, consumption.statement.load);
    return billAt(consumption, s.honest.pages.bills.previousRoot, s.n.providerKey, price);
  };
  const rewrite = (s: Scene, ...rest: [IntervalPages["consumption"]["rows"], bigint?]) =>
    rewriteConsumption(s.honest.pages.consumption, s.n.controlCentreKey, ...rest);

  for (const [which, neighbours] of [
    ["first", 1],
    ["fifth", 2],
    ["last", 1],
  ] as const) {
    it(`is caught dropping the ${which} row by the resident, whose receipt convinces any auditor`, () =>
      scene((s) => {
        const { rows } = s.honest.pages.consumption;
        const dropped = { first: 0, fifth: 5, last: rows.length - 1 }[which];
        const pages = rebill(s, rewrite(s, withoutRow(rows, dropped)));
        const verdict = judge(s, pages);
        expect(verdict.auditor).to.deep.equal([]);
        const findings = verdict.residents.flatMap((bill) => bill.findings);
        expect(kinds(findings)).to.deep.equal(["missing-row"]);
        expect(findings).to.have.lengthOf(1);
        const { challenge } = findings[0]!;
        if (challenge?.kind !== "missing-row") throw new Error("no proof");
        expect(challenge.neighbours).to.have.lengthOf(neighbours);
        const seen = indexed(pages, s.n.rules());
        expect(kinds(auditClaim(seen, challenge.claim))).to.deep.equal(["missing-row"]);
        // The same claim against the honest pages shows nothing, nor does a receipt nobody signed.
        expect(auditClaim(indexed(s.honest.pages, s.n.rules()), challenge.claim)).to.deep.equal([]);
        const forged: Claim = { ...challenge.claim, signature: new Uint8Array(65).fill(1) };
        expect(auditClaim(seen, forged)).to.deep.equal([]);
        expect(auditClaim(seen, { ...challenge.claim, which: 99 })).to.deep.equal([]);
      }));
  }

  it("is caught dropping everything", () =>
    scene((s) => {
      const pages = rebill(s, rewrite(s, []));
      const verdict = judge(s, pages);
      expect(verdict.auditor).to.deep.equal([]);
      const findings = verdict.residents.flatMap((r) => r.findings);
      expect(kinds(findings)).to.deep.equal(["missing-row"]);
      expect(findings).to.have.lengthOf(s.honest.pages.consumption.rows.length);
    }));

  it("is caught stating a wrong total by auditor, residents and provider", () =>
    scene((s) => {
      const { rows, statement } = s.honest.pages.consumption;
      const page = rewrite(s, rows, statement.load + 1000n);
      const verdict = judge(s, rebill(s, page));
      expect(kinds(verdict.auditor)).to.deep.equal(["consumption-total"]);
      for (const { findings } of verdict.residents) {
        expect(kinds(findings)).to.deep.equal(["consumption-total"]);
      }
      const provider = new ServiceProvider(s.n.rules(), s.n.providerKey);
      provider.bill(s.before.consumption);
      const error = expectError(() => provider.bill(page), "ledger/page-refused");
      expect(error.details).to.include({ kind: "consumption-total", interval: FIRST + 1 });
    }));

  it("is caught altering, inventing and reordering rows, and with sizes that are none", () =>
    scene((s) => {
      const { rows, statement } = s.honest.pages.consumption;
      const audit = (page: IntervalPages["consumption"]): string[] => {
        const fresh = new LedgerAuditor();
        fresh.audit(indexed(s.before, s.n.rules()));
        return kinds(fresh.audit(indexed(rebill(s, page), s.n.rules()), s.honest.list));
      };
      const summed = (changed: typeof rows): typeof rows => {
        let cumulative = 0n;
        return changed.map((r, index) => ({
          ...r,
          index,
          cumulative: (cumulative += r.wattHours),
        }));
      };
      const replace = (at: number, change: Partial<(typeof rows)[number]>): typeof rows =>
        summed(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));

      const size =
        rows[4]!.wattHours === statement.average ? statement.average * 2n : statement.average;
      expect(audit(rewrite(s, replace(4, { wattHours: size })))).to.deep.equal([
        "report-signature",
      ]);
      expect(audit(rewrite(s, replace(4, { wattHours: 1n })))).to.deep.equal([
        "parcel",
        "report-signature",
      ]);
      const invented = replace(4, { pseudonym: s.n.random.bytes(32) as never });
      const sorted = summed(invented.toSorted((a, b) => Buffer.compare(a.pseudonym, b.pseudonym)));
      expect(audit(rewrite(s, sorted))).to.deep.equal(["not-enrolled", "report-signature"]);
      const swapped = summed([rows[1]!, rows[0]!, ...rows.slice(2)]);
      expect(audit(rewrite(s, swapped))).to.deep.equal(["order"]);
      const twice = summed([rows[0]!, ...rows]);
      expect(audit(rewrite(s, twice))).to.deep.equal(["order"]);
      const misnumbered = rows.map((row, i) => ({ ...row, index: i + 1 }));
      expect(audit(rewrite(s, misnumbered))).to.include("parcel");

      // Altered rows show to the resident as well, with proof.
      const pages = indexed(rebill(s, rewrite(s, replace(4, { wattHours: size }))), s.n.rules());
      const own = s.residents.map((r) => r.settle(pages)).flatMap((bill) => bill.findings);
      expect(kinds(own)).to.deep.equal(["altered-row"]);
      const { challenge } = own[0]!;
      if (challenge?.kind !== "altered-row") throw new Error("no proof");
      expect(kinds(auditClaim(pages, challenge.claim))).to.deep.equal(["altered-row"]);
    }));

  it("is caught with statements that are not its own, not in sequence, or by other terms", () =>
    scene((s) => {
      const { consumption } = s.honest.pages;
      const restate = (change: Partial<typeof consumption.statement>) => {
        const statement = { ...consumption.statement, ...change };
        const signature = s.n.controlCentreKey.sign(consumptionStruct(statement));
        return { ...consumption, statement, signature };
      };
      const audit = (page: IntervalPages["consumption"]): string[] => {
        const fresh = new LedgerAuditor();
        fresh.audit(indexed(s.before, s.n.rules()));
        return kinds(fresh.audit(indexed(rebill(s, page), s.n.rules()), s.honest.list));
      };
      const bytes = new Uint8Array(32).fill(1);
      expect(audit({ ...consumption, signature: s.before.consumption.signature })).to.deep.equal([
        "signature",
      ]);
      const { rows } = consumption;
      const unchained = { ...consumption, previousRoot: bytes };
      const rechained = rewriteConsumption(unchained, s.n.controlCentreKey, rows);
      expect(audit(rechained)).to.deep.equal(["chain"]);
      expect(audit(unchained)).to.deep.equal(["root", "chain"]);
      expect(audit(restate({ root: bytes }))).to.deep.equal(["root"]);
      expect(audit(restate({ enrolment: bytes }))).to.deep.equal(["terms"]);
      expect(audit(restate({ homes: HOMES + 1 }))).to.deep.equal(["terms"]);
      expect(audit(restate({ average: 4n }))).to.include("terms");
      expect(audit(restate({ interval: FIRST + 2 }))).to.include("wrong-page");
      expect(audit(restate({ rows: consumption.rows.length + 1 }))).to.include("root");
    }));

  it("is caught publishing a category with fewer than k rows", () =>
    scene((s) => {
      const strict = { ...s.n.rules(), k: 1000 };
      const auditor = new LedgerAuditor();
      expect(kinds(auditor.audit(indexed(s.before, strict)))).to.deep.equal(["too-few"]);
    }));
});

describe("A resident", () => {
  it("without an answer sees that a row is missing, and has no proof for others", () =>
    scene((s) => {
      const { rows } = s.honest.pages.consumption;
      const page = rewriteConsumption(
        s.honest.pages.consumption,
        s.n.controlCentreKey,
        withoutRow(rows, 5),
      );
      const [resident] = s.residents;
      const report = { ...rows[5]!, interval: FIRST + 1, category: 2 as const };
      resident!.remember([report], undefined);
      const price = s.honest.pages.price.statement.price;
      const pages = billAt(page, s.honest.pages.bills.previousRoot, s.n.providerKey, price);
      const findings = resident!.settle(indexed(pages, s.n.rules())).findings;
      const own = findings.filter((f) => f.kind === "missing-row");
      expect(own.at(-1)).not.to.have.property("challenge");
    }));

  it("refuses a receipt that is not the control centre's, or not for these reports", () =>
    scene((s) => {
      const [resident] = s.residents;
      const [row] = s.honest.pages.consumption.rows;
      const report = { ...row!, interval: FIRST + 1, category: 2 as const };
      for (const receipt of [
        undefined,
        new Uint8Array(65),
        s.n.providerKey.sign({ type: new Uint8Array(32), words: [] }),
      ]) {
        expectError(
          () => resident!.remember([report], { refused: [], receipt }),
          "ledger/bad-receipt",
        );
      }
      // Nothing admitted, nothing receipted.
      resident!.remember([report], { refused: "late" });
      resident!.remember([report], {
        refused: [{ index: 0, reason: "unknown" }],
        receipt: undefined,
      });
      resident!.remember([], { refused: [], receipt: undefined });
    }));
});
