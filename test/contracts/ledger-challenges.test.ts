import { expect } from "chai";
import { CENTRE_CHEATS, cheatAsCentre } from "../../src/demo/ledger/cheats/cheats.js";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { BillCounter, billOf } from "../../src/ledger/direct/signed-bill.js";
import type { Challenge } from "../../src/ledger/audit/fault.js";
import { challengeCall } from "../../src/ledger/contract-calls.js";
import { PRESENCE } from "../../src/ledger/parcels.js";
import { evidenceOf, rowTree } from "../../src/ledger/rows.js";
import { SumTree, treeDepth } from "../../src/ledger/sum-tree.js";
import { consumptionStruct } from "../../src/ledger/statements.js";
import { deployed, FIRST, HOMES, LAST, networkHelpers } from "./support/ledger-world.js";
import { expectProved, expectNothing, leafAt } from "./support/ledger-proofs.js";

describe("ConsumptionLedger: what an auditor finds, the contract judges", () => {
  for (const cheat of CENTRE_CHEATS.filter((c) => c !== "page")) {
    it(`when the control centre cheats by "${cheat}", the challenge succeeds and voids the page`, async () => {
      const w = await networkHelpers.loadFixture(deployed);
      const terms = w.n.book.termsOf(LAST)!;
      const by = { signer: w.n.controlCentreKey, ledger: w.n.ledger };
      const pages = w.billed(
        cheatAsCentre({ cheat, page: w.pages.consumption, terms, by }).anchored,
      );
      await w.anchor(pages);
      const provable = (await w.faultsOf(pages)).filter(
        (f) => f.challenge !== undefined && f.kind !== "unshown",
      );
      expect(provable).not.to.deep.equal([]);
      for (const { challenge } of provable) {
        await expectProved(w, pages, challenge!);
      }
    });
  }

  for (const [what, kind, change] of [
    ["a size that is none", "parcel", { wattHours: 1n }],
    ["another enrolled category", "not-enrolled", { category: 2 as const }],
    ["another meter's key", "not-enrolled", "key"],
    ["a signature for another row", "unsigned", "signature"],
    [
      "a signature whose point does not exist",
      "unsigned",
      { signature: new Uint8Array(65).fill(0xee) },
    ],
    ["a signature that is too large", "unsigned", "large"],
    ["energy in a row of presence", "parcel", "presence"],
  ] as const) {
    it(`when a row has ${what}, the challenge succeeds`, async () => {
      const w = await networkHelpers.loadFixture(deployed);
      const { rows } = w.pages.consumption;
      const slot = what.includes("presence") ? PRESENCE : 1;
      const at = rows.findIndex(({ category }) => category === slot);
      const row = rows[at]!;
      const other = rows.find((r) => r.category !== slot)!;
      const large = Uint8Array.from(row.signature).fill(0xff, 33);
      const changes = {
        key: { key: other.key },
        signature: { signature: other.signature },
        large: { signature: large },
        presence: { wattHours: 50n },
      };
      const changed = { ...row, ...(typeof change === "string" ? changes[change] : change) };
      const pages = w.rewritten({ content: rows.with(at, changed) });
      await w.anchor(pages);
      const found = (await w.faultsOf(pages)).filter((f) => f.kind === kind);
      expect(found).not.to.deep.equal([]);
      for (const { challenge } of found) await expectProved(w, pages, challenge!);
    });
  }

  it("when rows are numbered otherwise, as once switched every challenge off, there is no number to show", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    // All rows at other positions, and the load doubled: each is provable by a row at its real position.
    const { rows, statement } = w.pages.consumption;
    const pages = w.rewritten({ content: rows.toReversed(), load: 2n * statement.load });
    await w.anchor(pages);
    const total = (await w.faultsOf(pages)).find((f) => f.kind === "total");
    await expectProved(w, pages, total!.challenge!);

    const w2 = await networkHelpers.loadFixture(deployed);
    const reversed = w2.rewritten({ content: rows.toReversed() });
    await w2.anchor(reversed);
    const seen = w2.indexed(reversed);
    for (const index of rows.keys()) {
      const moved = { ...seen.prove(index)!, index: (index + 1) % rows.length };
      await expect(
        w2.challenge(reversed, { kind: "parcel", row: moved }),
      ).to.be.revertedWithCustomError(w2.contract, "LedgerRowUnknown");
    }
    const order = (await w2.faultsOf(reversed)).find((f) => f.kind === "order");
    await expectProved(w2, reversed, order!.challenge!);
  });

  it("when two rows far apart are not in order, they prove it: neighbours are not needed", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const half = Math.floor(rows.length / 2);
    const pages = w.rewritten({ content: [...rows.slice(half), ...rows.slice(0, half)] });
    await w.anchor(pages);
    const seen = w.indexed(pages);
    const [first, last] = [seen.prove(0)!, seen.prove(rows.length - 1)!];
    await expectNothing(w, w.challenge(pages, { kind: "order", rows: [last, first] }), "order");
    await expectProved(w, pages, { kind: "order", rows: [first, last] });
  });

  it("when a load inside the tree is not the sum beneath it, the nodes from the root prove it", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const tree = rowTree(LAST, rows);
    const depth = tree.nodes(0).length;
    // The liar's tree: the left child of the root is said to hold 1,000 Wh more than it does.
    const [top, ...below] = tree.nodes(0);
    const left = { ...top!.left, load: top!.left.load + 1000n };
    const lying = new SumTree([left, top!.right]);
    const pages = w.rewritten({ root: lying.root, load: lying.total });
    await w.anchor(pages);
    const nodes = [{ left, right: top!.right }, ...below];
    const challenge = (count: number): Challenge => ({
      kind: "total",
      index: 0,
      nodes: nodes.slice(0, count),
    });
    await expectNothing(w, w.challenge(pages, challenge(1)), "total");
    for (const wrong of [
      { ...challenge(2), nodes: [nodes[1]!] },
      { ...challenge(2), nodes: [] },
    ]) {
      await expect(w.challenge(pages, wrong as Challenge)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerNodeUnknown",
      );
    }
    await expectProved(w, pages, challenge(2));
    // Further down all sums are right again.
    expect(depth).to.be.greaterThan(2);
    await expectProved(w, pages, challenge(depth));
  });

  it("when a row's size is not the load stated for it, the row at the end of the nodes proves it", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const honestTree = rowTree(LAST, rows);
    const path = honestTree.path(0);
    const nodes = honestTree.nodes(0);
    // Every load on the way of row 0 is a watt-hour higher, and all sums fit.
    const { hash } = nodes.at(-1)!.left;
    let node = { hash, load: nodes.at(-1)!.left.load + 1n };
    const lying = [...nodes];
    for (const [height, sibling] of path.entries()) {
      lying[nodes.length - 1 - height] = { left: node, right: sibling };
      const up = new SumTree([node, sibling]);
      node = { hash: up.root, load: up.total };
    }
    const pages = w.rewritten({ root: node.hash, load: node.load });
    await w.anchor(pages);
    const honestRow = { index: 0, row: rows[0]!, path };
    await expectNothing(w, w.challenge(pages, { kind: "total", index: 0, nodes: lying }), "total");
    const other = { ...honestRow, row: rows[1]! };
    await expect(
      w.challenge(pages, { kind: "total", index: 0, nodes: lying, row: other }),
    ).to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit");
    const challenge = { kind: "total", index: 0, nodes: lying, row: honestRow } as const;
    await expectProved(w, pages, challenge);
  });

  it("when rows hide beyond the count, or a position within it is empty, a path shows it", async () => {
    for (const hidden of [true, false]) {
      const w = await networkHelpers.loadFixture(deployed);
      const all = w.pages.consumption.rows;
      // A row more or less leaves the depth as it is.
      const isFit = (n: number) => treeDepth(n) === treeDepth(n - 1);
      const rows = all.slice(0, isFit(all.length) ? all.length : all.length - 1);
      const tree = rowTree(LAST, hidden ? rows : rows.slice(0, -1));
      // The tree has one row more, or one less, than the statement says.
      const count = hidden ? rows.length - 1 : rows.length;
      const pages = w.rewritten({ content: rows, root: tree.root, load: tree.total, rows: count });
      await w.anchor(pages);
      const index = count - 1;
      const leaf = hidden ? leafAt(tree, index) : { hash: new Uint8Array(32), load: 0n };
      const challenge = { kind: "row-count", index, ...leaf, path: tree.path(index) } as const;
      await expectProved(w, pages, challenge);
    }
  });

  it("when the home count is not the enrolment's, the page that carries it is void", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const pages = w.rewritten({ homes: HOMES + 1 });
    await w.anchor(pages);
    const nodes = w.honest.next.nodes().slice(0, 1);
    await expectProved(w, pages, { kind: "homes", nodes });
  });

  it("when the control centre signs two pages, or the provider two prices, either proves the other", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const other = w.rewritten({ load: 1n }).consumption;
    const { consumption, billing } = w.pages;
    const dearer = priceAt(consumption, w.n.providerKey, billing.statement.price + 1n);
    await expectNothing(
      w,
      w.challenge(w.pages, { kind: "statement", other: consumption }),
      "statement",
    );
    await expectNothing(w, w.challenge(w.pages, { kind: "billing", other: billing }), "billing");
    const forged = [
      { kind: "statement", other: { ...other, signature: dearer.signature } },
      { kind: "billing", other: { ...dearer, signature: other.signature } },
      { kind: "statement", other: rewritePage(other, w.n.controlCentreKey, { revision: 1 }) },
      { kind: "statement", other: rewritePage(other, w.n.providerKey, {}) },
    ] as const;
    for (const challenge of forged) {
      await expect(w.challenge(w.pages, challenge)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerStatementInvalid",
      );
    }
    await expectProved(w, w.pages, { kind: "statement", other });
    await expectProved(w, w.pages, { kind: "billing", other: dearer });
  });
});

describe("ConsumptionLedger: the provider", () => {
  it("when its price is not the function's, is proved wrong; when it is, is not", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { consumption, billing } = w.pages;
    const dear = {
      consumption,
      billing: priceAt(consumption, w.n.providerKey, billing.statement.price + 1n),
    };
    await w.anchor(dear);
    await expectProved(w, dear, { kind: "price" });
    const w2 = await networkHelpers.loadFixture(deployed);
    await w2.anchor(w2.pages);
    await expectNothing(w2, w2.challenge(w2.pages, { kind: "price" }), "price");
  });

  it("when it has not billed the page, there is no price to prove wrong", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const unbilled = { consumption: w.pages.consumption };
    await w.anchor(unbilled);
    await expect(w.challenge(unbilled, { kind: "price" }))
      .to.be.revertedWithCustomError(w.contract, "LedgerNotBilled")
      .withArgs(LAST, 0);
  });

  it("when it signs a bill that is not price × parcel, or for no row, is proved wrong, and the page stands", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const counter = new BillCounter(w.n.providerKey);
    const seen = w.indexed(w.pages);
    const honest = billOf(w.pages, 2);
    const row = seen.prove(2)!;
    const challenge = (change: object): Challenge => ({
      kind: "bill",
      bill: counter.sign({ ...honest, ...change }),
      row,
    });
    await expectNothing(w, w.challenge(w.pages, challenge({})), "bill");
    const foreign = new BillCounter(w.n.controlCentreKey).sign({ ...honest, amount: 1n });
    await expect(
      w.challenge(w.pages, { kind: "bill", bill: foreign, row }),
    ).to.be.revertedWithCustomError(w.contract, "LedgerStatementInvalid");
    const { price } = w.pages.billing.statement;
    const larger = { wattHours: honest.wattHours + 4n, amount: price * (honest.wattHours + 4n) };
    for (const change of [{ amount: honest.amount + 1n }, larger, { index: 9999 }]) {
      await expectProved(w, w.pages, challenge(change));
    }
  });
});

describe("ConsumptionLedger: against honest pages", () => {
  it("no challenge succeeds, with any evidence", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const rows = [...seen.rows.keys()].map((i) => seen.prove(i)!);
    const last = rows.length - 1;
    const claims = w.claims.filter((c) => c.interval === LAST);
    const tree = rowTree(LAST, seen.rows);
    const challenges: Challenge[] = [
      { kind: "price" },
      { kind: "terms" },
      { kind: "homes", nodes: w.honest.next.nodes().slice(0, 1) },
      { kind: "homes", nodes: w.honest.next.nodes() },
      ...rows.flatMap((row, i): Challenge[] => [
        { kind: "parcel", row },
        { kind: "unsigned", row },
        { kind: "not-enrolled", row, entries: w.honest.list.around(row.row.pseudonym) },
        { kind: "total", index: i, nodes: tree.nodes(i) },
        { kind: "total", index: i, nodes: tree.nodes(i), row },
        { kind: "row-count", index: i, ...leafAt(tree, i), path: tree.path(i) },
        ...(i < last ? [{ kind: "order", rows: [row, rows[i + 1]!] } as const] : []),
      ]),
      ...claims.slice(0, 6).flatMap((claim): Challenge[] => [
        { kind: "missing-row", claim, neighbours: [rows[0]!] },
        { kind: "missing-row", claim, neighbours: [rows[last]!] },
        { kind: "missing-row", claim, neighbours: [rows[3]!, rows[4]!] },
      ]),
    ];
    for (const challenge of challenges) {
      await expectNothing(w, w.challenge(w.pages, challenge), challenge.kind);
    }
    expect(await w.contract.contradictionsOf(LAST, 0)).to.equal(0);
    expect(await w.contract.isOwed(LAST, 0)).to.equal(true);
  });

  it("given a page under another's name, when that account signs a lie, then nothing is proved against the honest one", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const { consumption, billing } = w.pages;
    const { controlCentre, provider } = w.ledgerRules;
    const dearer = priceAt(consumption, w.n.controlCentreKey, billing.statement.price + 1n);
    const other = rewritePage(consumption, w.n.providerKey, { load: 1n });
    const lies = [
      [{ provider: controlCentre }, { kind: "billing", other: dearer }],
      [{ controlCentre: provider }, { kind: "statement", other }],
    ] as const;
    for (const [name, challenge] of lies) {
      const call = challengeCall(w.judged(w.pages), { ...w.ledgerRules, ...name }, challenge);
      await expect(w.send(call)).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");
    }
    expect(await w.contract.contradictionsOf(LAST, 0)).to.equal(0);
  });

  it("given a position beyond the rows, when it is shown as empty or as a row, then neither counts", async () => {
    for (const hidden of [false, true]) {
      const w = await networkHelpers.loadFixture(deployed);
      const all = w.pages.consumption.rows;
      const isFull = all.length === 2 ** treeDepth(all.length);
      // One row fewer where the tree is full: so a position beyond the rows has a path.
      const rows = isFull && !hidden ? all.slice(0, -1) : all;
      const tree = rowTree(LAST, rows);
      const count = hidden ? rows.length - 1 : rows.length;
      const pages = w.rewritten({ content: rows, root: tree.root, load: tree.total, rows: count });
      await w.anchor(pages);
      const path = tree.path(count);
      const position = { kind: "row-count", index: count, ...leafAt(tree, count), path } as const;
      await expect(w.challenge(pages, position)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerNodeUnknown",
      );
      const row = { index: count, row: all.at(-1)!, path };
      await expect(w.challenge(pages, { kind: "parcel", row })).to.be.revertedWithCustomError(
        w.contract,
        "LedgerRowUnknown",
      );
    }
  });

  it("rows, entries and pages that are not the anchored ones are refused", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const [row, next, third] = [seen.prove(2)!, seen.prove(3)!, seen.prove(4)!];
    const forged = { ...row, row: { ...row.row, wattHours: 1n } };
    const [entry] = w.honest.list.around(row.row.pseudonym);
    const claim = w.claims.find((c) => c.interval === LAST)!;
    const rejects = (challenge: Challenge, error: string) =>
      expect(w.challenge(w.pages, challenge)).to.be.revertedWithCustomError(w.contract, error);
    await rejects({ kind: "parcel", row: forged }, "LedgerRowUnknown");
    await rejects({ kind: "order", rows: [row, forged] }, "LedgerRowUnknown");
    await rejects({ kind: "missing-row", claim, neighbours: [row, third] }, "LedgerRowsUnfit");
    await rejects(
      { kind: "missing-row", claim, neighbours: [row, next, third] },
      "LedgerRowsUnfit",
    );
    await rejects({ kind: "missing-row", claim, neighbours: [] }, "LedgerRowsUnfit");
    const moved = { ...entry!, index: entry!.index + 1 };
    await rejects({ kind: "not-enrolled", row, entries: [moved] }, "LedgerEntryUnknown");
    const other = { ...entry!, entry: { ...entry!.entry, key: w.n.random.bytes(33) } };
    await rejects({ kind: "not-enrolled", row, entries: [other] }, "LedgerEntryUnknown");
    await rejects({ kind: "not-enrolled", row, entries: [] }, "LedgerRowsUnfit");
    const keyless = { ...row, row: { ...row.row, key: new Uint8Array(32) } };
    await rejects({ kind: "unsigned", row: keyless }, "LedgerRowUnknown");
    const elsewhere = w.rewritten({ load: 7n });
    await expect(w.challenge(elsewhere, { kind: "price" })).to.be.revertedWithCustomError(
      w.contract,
      "LedgerPageUnknown",
    );
    // The page's own terms, in place of those of the page two before.
    const call = challengeCall({ ...w.judged(w.pages), origin: w.pages }, w.ledgerRules, {
      kind: "parcel",
      row,
    });
    await expect(w.send(call)).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");
    const source = w.n.book.inForce(FIRST)!;
    const stale = challengeCall({ ...w.judged(w.pages), source }, w.ledgerRules, { kind: "terms" });
    await expect(w.send(stale)).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");
    expect(evidenceOf(row.row)).to.have.lengthOf(32);
    expect(consumptionStruct(w.pages.consumption.statement).encoded).to.have.lengthOf(12 * 32);
  });
});
