import { expect } from "chai";
import { auditClaims } from "../../src/ledger/audit/claims.js";
import type { Challenge } from "../../src/ledger/audit/fault.js";
import { rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { challengeCall, showRowCall, voidUnshownCall } from "../../src/ledger/contract-calls.js";
import { PRESENCE, type Slot } from "../../src/ledger/parcels.js";
import { receiptSalts, type Claim } from "../../src/ledger/receipts.js";
import { compareBytes } from "../../src/ledger/sum-tree.js";
import { receiptStruct } from "../../src/ledger/statements.js";
import { deployed, HOMES, KINDS, LAST, networkHelpers, WINDOW } from "./support/ledger-world.js";
import {
  expectConcluded,
  expectProved,
  expectNothing,
  bytes,
  challengeArgument,
} from "./support/ledger-proofs.js";

describe("ConsumptionLedger: receipts", () => {
  it("are signed by registered keys, so the anchoring account may be a contract or one of many", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const claim = w.claims.find((c) => c.interval === LAST && c.category !== PRESENCE)!;
    const at = rows.findIndex((r) => compareBytes(r.pseudonym, claim.pseudonym) === 0);
    const pages = w.rewritten({ content: rows.toSpliced(at, 1) });
    // Another holder of the role anchors.
    const second = w.stranger;
    await w.contract
      .connect(w.admin)
      .grantRole(await w.contract.CONTROL_CENTRE_ROLE(), second.address);
    const { statement } = pages.consumption;
    await w.send({ method: "anchorConsumption", args: [challengeArgument(w, pages)] }, second);
    const neighbours = w.indexed(pages).neighboursOf(claim.pseudonym)!;
    const call = challengeCall(
      w.judged({ consumption: pages.consumption }),
      { ...w.ledgerRules, controlCentre: bytes(second.address) },
      { kind: "missing-row", claim, neighbours },
    );
    await expect(w.send(call)).to.emit(w.contract, "ContradictionProved");
    expect(statement.interval).to.equal(LAST);
  });

  it("under a key that is not registered for the interval, or with another leaf, prove nothing", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const claim = w.claims.find((c) => c.interval === LAST)!;
    const { rows } = w.pages.consumption;
    const at = rows.findIndex((r) => compareBytes(r.pseudonym, claim.pseudonym) === 0);
    const pages = w.rewritten({ content: rows.toSpliced(at, 1) });
    await w.anchor(pages);
    const neighbours = w.indexed(pages).neighboursOf(claim.pseudonym)!;
    const { interval, leaves } = claim;
    const foreign = w.n.controlCentreKey.sign(receiptStruct({ interval, leaves }));
    const earlier = w.claims.find((c) => c.interval === LAST - 1)!;
    const wrong = [
      { ...claim, signature: foreign },
      { ...claim, category: ((claim.category + 1) % 5) as 0 },
      { ...claim, pseudonym: w.n.random.bytes(32) as never },
      { ...claim, which: (claim.which + 1) % 8 },
      { ...claim, which: 8 },
      { ...claim, salt: w.n.random.bytes(32) },
      earlier,
    ];
    for (const c of wrong) {
      await expect(
        w.challenge(pages, { kind: "missing-row", claim: c, neighbours }),
      ).to.be.revertedWithCustomError(w.contract, "LedgerReceiptInvalid");
    }
    await expectProved(w, pages, { kind: "missing-row", claim, neighbours });
  });

  it("when their padding is shown as a report that is missing, prove nothing against an honest page", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const { bundle } = w.honest.bundles[0]!;
    const { pseudonym } = bundle.reports[0]!;
    const claim = w.claims.find((c) => compareBytes(c.pseudonym, pseudonym) === 0)!;
    const padding: Claim = {
      ...claim,
      which: 7,
      salt: receiptSalts(bundle.secret)[7]!,
      pseudonym: new Uint8Array(32) as Claim["pseudonym"],
      category: 0xff as Slot,
    };
    expect(auditClaims(seen, [padding])).to.deep.equal([]);
    const neighbours = [seen.prove(0)!];
    await expect(
      w.challenge(w.pages, { kind: "missing-row", claim: padding, neighbours }),
    ).to.be.revertedWithCustomError(w.contract, "LedgerReceiptInvalid");
    expect(await w.contract.isOwed(LAST, 0)).to.equal(true);
  });

  it("for too few, repeated or other reports do not show that a category was withheld without need", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const withheld = 1 << 4;
    const tops = w.claims
      .filter((c) => c.interval === LAST && c.category === 4)
      .sort((a, b) => compareBytes(a.pseudonym, b.pseudonym));
    expect(tops.length).to.be.at.least(2);
    const { rows } = w.pages.consumption;
    const pages = w.rewritten({ content: rows.filter((r) => r.category !== 4), withheld });
    await w.anchor(pages);
    const [a, b] = tops as [(typeof tops)[0], (typeof tops)[0]];
    const other = w.claims.find((c) => c.interval === LAST && c.category === 0)!;
    const withheldBy = (claims: readonly (typeof a)[], category: 4 | 0 = 4): Challenge => ({
      kind: "withheld",
      category,
      claims,
    });
    await expect(w.challenge(pages, withheldBy([a]))).to.be.revertedWithCustomError(
      w.contract,
      "LedgerRowsUnfit",
    );
    for (const claims of [
      [a, a],
      [b, a],
      [other, a],
      // In order of the pseudonyms, so that only the category of one is wrong.
      [a, other].toSorted((x, y) => compareBytes(x.pseudonym, y.pseudonym)),
    ]) {
      await expect(w.challenge(pages, withheldBy(claims))).to.be.revertedWithCustomError(
        w.contract,
        "LedgerReceiptInvalid",
      );
    }
    await expectNothing(w, w.challenge(pages, withheldBy([other], 0)), "withheld");
    await expectProved(w, pages, withheldBy([a, b]));
  });
});

describe("ConsumptionLedger: an enrolment", () => {
  it("when rows stand on a home count that was proved wrong, no entry can be shown, and each row proves the page wrong", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { n } = w;
    const { consumption } = w.pages;
    const at = (interval: number, source: number, homes: number) => {
      const statement = { ...consumption.statement, interval, source, homes };
      return { consumption: rewritePage({ ...consumption, statement }, n.controlCentreKey, {}) };
    };
    // More homes than are enrolled: no path leads to that total. Two intervals later, rows of strangers.
    const [origin, between, page] = [
      at(LAST, LAST - 1, HOMES + 1),
      at(LAST + 1, LAST, HOMES),
      at(LAST + 2, LAST + 1, HOMES),
    ];
    for (const anchored of [origin, between, page]) {
      await w.anchor(anchored);
      n.book.add(anchored);
    }
    const row = w.indexed(page as never).prove(0)!;
    const entries = w.honest.next.around(row.row.pseudonym);
    const invented = (shown: typeof entries): Challenge => ({
      kind: "not-enrolled",
      row,
      entries: shown,
    });
    await expect(w.challenge(page, invented(entries))).to.be.revertedWithCustomError(
      w.contract,
      "LedgerEntryUnknown",
    );
    await expect(w.challenge(page, invented([]))).to.be.revertedWithCustomError(
      w.contract,
      "LedgerRowsUnfit",
    );
    const nodes = w.honest.next.nodes().slice(0, 1);
    await w.challenge(origin, { kind: "homes", nodes });
    await expect(w.challenge(page, invented([])))
      .to.emit(w.contract, "ContradictionProved")
      .withArgs(LAST + 2, KINDS.indexOf("not-enrolled"), 0, 0, w.stranger.address);
    expect((BigInt(await w.contract.commitmentOf(LAST + 2, 0)) & 4n) !== 0n).to.equal(true);
  });
});

describe("ConsumptionLedger: rows asked for on-chain", () => {
  it("when one is shown in its window, the page stands and the row is not asked for again", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const demand = (index: number) => w.challenge(w.pages, { kind: "unshown", index });
    const show = (index: number) => w.send(showRowCall(w.pages, w.ledgerRules, seen.prove(index)!));
    const close = (index: number) => w.send(voidUnshownCall(w.pages, w.ledgerRules, index));
    await expect(show(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandInvalid");
    await expect(close(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandOpen");
    await expect(demand(1)).to.emit(w.contract, "RowDemanded");
    await expect(demand(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandInvalid");
    await expect(close(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandOpen");
    const wrong = { ...seen.prove(1)!, row: seen.rows[2]! };
    await expect(w.send(showRowCall(w.pages, w.ledgerRules, wrong))).to.be.revertedWithCustomError(
      w.contract,
      "LedgerRowUnknown",
    );
    await expect(show(1)).to.emit(w.contract, "RowShown").withArgs(LAST, 0, 1);
    await networkHelpers.time.increase(WINDOW + 1);
    await expect(close(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandOpen");
    await expect(demand(1)).to.be.revertedWithCustomError(w.contract, "LedgerDemandInvalid");
    await expect(demand(seen.rows.length)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerDemandInvalid",
    );
    expect(await w.contract.isOwed(LAST, 0)).to.equal(true);
  });

  it("when one is not shown in its window, anyone voids the page, and not before", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    await w.challenge(w.pages, { kind: "unshown", index: 0 });
    const close = () => w.send(voidUnshownCall(w.pages, w.ledgerRules, 0));
    await networkHelpers.time.increase(WINDOW - 5);
    await expect(close()).to.be.revertedWithCustomError(w.contract, "LedgerDemandOpen");
    await networkHelpers.time.increase(10);
    await expectConcluded(w, close(), { kind: "unshown", index: 0 });
  });
});
