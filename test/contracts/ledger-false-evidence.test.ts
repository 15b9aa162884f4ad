import { expect } from "chai";
import { BillCounter, billOf } from "../../src/ledger/direct/signed-bill.js";
import type { Challenge } from "../../src/ledger/audit/fault.js";
import { challengeCall, showRowCall, voidUnshownCall } from "../../src/ledger/contract-calls.js";
import { billingStruct, type BillingStatement } from "../../src/ledger/statements.js";
import { rowTree } from "../../src/ledger/rows.js";
import { pageArgument, rowArgument } from "../../src/ledger/contract-arguments.js";
import {
  deployed,
  ethers,
  HOMES,
  LAST,
  networkHelpers,
  type World,
} from "./support/ledger-world.js";
import { expectNothing, expectProved, leafAt } from "./support/ledger-proofs.js";

/** A challenge of each kind, with what is true of the anchored page. */
function allChallenges(w: World): Challenge[] {
  const seen = w.indexed(w.pages);
  const [row, next] = [seen.prove(2)!, seen.prove(3)!];
  const tree = rowTree(LAST, seen.rows);
  const claim = w.claims.find(({ interval }) => interval === LAST)!;
  const { consumption, billing } = w.pages;
  return [
    { kind: "price" },
    { kind: "bill", bill: new BillCounter(w.n.providerKey).sign(billOf(w.pages, 2)), row },
    { kind: "billing", other: billing },
    { kind: "statement", other: consumption },
    { kind: "total", index: 2, nodes: tree.nodes(2) },
    { kind: "row-count", index: 2, ...leafAt(tree, 2), path: tree.path(2) },
    { kind: "order", rows: [row, next] },
    { kind: "parcel", row },
    { kind: "missing-row", claim, neighbours: [row, next] },
    { kind: "not-enrolled", row, entries: w.honest.list.around(row.row.pseudonym) },
    { kind: "unsigned", row },
    { kind: "withheld", category: 0, claims: [claim] },
    { kind: "terms" },
    { kind: "homes", nodes: w.honest.next.nodes().slice(0, 1) },
    { kind: "unshown", index: 2 },
  ];
}

describe("ConsumptionLedger: a page that nobody anchored", () => {
  it("given another page than the anchored one, when it is challenged in any way, then it is not known", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const { load } = w.pages.consumption.statement;
    const forged = w.rewritten({ load: load + 1n });
    for (const challenge of allChallenges(w)) {
      const call = challengeCall({ ...w.judged(w.pages), page: forged }, w.ledgerRules, challenge);
      await expect(w.send(call), challenge.kind)
        .to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown")
        .withArgs(LAST, 0);
    }
    expect(await w.contract.contradictionsOf(LAST, 0)).to.equal(0);
  });

  it("given a row that was asked for, when it is shown, closed or looked up in another page, then the page is not known", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const row = w.indexed(w.pages).prove(1)!;
    await w.challenge(w.pages, { kind: "unshown", index: 1 });
    const forged = w.rewritten({ load: w.pages.consumption.statement.load + 1n });
    const page = pageArgument(forged, w.ledgerRules);
    const unknown = async (sent: Promise<unknown>) =>
      expect(sent).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");
    await unknown(w.send(showRowCall(forged, w.ledgerRules, row)));
    await unknown(w.contract.contains(page, rowArgument(row)));
    await networkHelpers.time.increase(7200);
    await unknown(w.send(voidUnshownCall(forged, w.ledgerRules, 1)));
    await unknown(w.send({ method: "abandon", args: [page] }, w.controlCentre));
  });

  it("given a page that is not billed, when its bills are challenged, then there are none", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const unbilled = { consumption: w.pages.consumption };
    await w.anchor(unbilled);
    for (const challenge of allChallenges(w)) {
      if (!["price", "bill", "billing"].includes(challenge.kind)) continue;
      await expect(w.challenge(unbilled, challenge), challenge.kind)
        .to.be.revertedWithCustomError(w.contract, "LedgerNotBilled")
        .withArgs(LAST, 0);
    }
  });
});

describe("ConsumptionLedger: what the provider signed", () => {
  it("given an honest bill, when another row or a forged one is shown beside it, then it proves nothing", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const size = seen.rows[2]!.wattHours;
    const other = seen.rows.findIndex(({ wattHours }) => wattHours !== size);
    const bill = new BillCounter(w.n.providerKey).sign(billOf(w.pages, 2));
    const row = seen.prove(2)!;
    const forged = { ...row, row: { ...row.row, wattHours: size + 1n } };
    await expect(w.challenge(w.pages, { kind: "bill", bill, row: forged }))
      .to.be.revertedWithCustomError(w.contract, "LedgerRowUnknown")
      .withArgs(LAST, 2);
    await expect(w.challenge(w.pages, { kind: "bill", bill, row: seen.prove(other)! }))
      .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
      .withArgs(1);
  });

  it("given a bill for the first position beyond the rows, then it is proved wrong without a row", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const index = w.pages.consumption.rows.length;
    const bill = new BillCounter(w.n.providerKey).sign({ ...billOf(w.pages, 2), index });
    await expectProved(w, w.pages, { kind: "bill", bill });
  });

  it("given two statements about one page that differ in one value alone, then either proves the other wrong", async () => {
    const changes: ((billing: BillingStatement) => Partial<BillingStatement>)[] = [
      ({ price }) => ({ price: price + 1n }),
      ({ total }) => ({ total: total + 1n }),
      () => ({ consumption: new Uint8Array(32) }),
    ];
    for (const change of changes) {
      const w = await networkHelpers.loadFixture(deployed);
      await w.anchor(w.pages);
      const honest = w.pages.billing.statement;
      const statement = { ...honest, ...change(honest) };
      const signature = w.n.providerKey.sign(billingStruct(statement));
      await expectProved(w, w.pages, { kind: "billing", other: { statement, signature } });
    }
  });

  it("given a statement of another interval or revision, or that nobody signed, then it is not about the page", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const honest = w.pages.billing.statement;
    for (const change of [{ interval: LAST - 1 }, { revision: 1 }]) {
      const statement = { ...honest, ...change, price: honest.price + 1n };
      const signature = w.n.providerKey.sign(billingStruct(statement));
      await expect(w.challenge(w.pages, { kind: "billing", other: { statement, signature } }))
        .to.be.revertedWithCustomError(w.contract, "LedgerStatementInvalid")
        .withArgs(statement.interval);
    }
    const statement = { ...honest, price: honest.price + 1n };
    for (const signature of [new Uint8Array(65), new Uint8Array(0)]) {
      await expect(
        w.challenge(w.pages, { kind: "billing", other: { statement, signature } }),
      ).to.be.revertedWithCustomError(w.contract, "LedgerStatementInvalid");
    }
  });
});

describe("ConsumptionLedger: rows and nodes that do not fit", () => {
  it("given two rows at the end of the nodes, or one above their end, then they are refused", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const tree = rowTree(LAST, seen.rows);
    const row = seen.prove(2)!;
    const challenge = { kind: "total", index: 2, nodes: tree.nodes(2), row } as const;
    await expectNothing(w, w.challenge(w.pages, challenge), "total");
    const { method, args } = challengeCall(w.judged(w.pages), w.ledgerRules, challenge);
    const [page, index, nodes, rows] = args as [unknown, unknown, unknown[], unknown[]];
    for (const [shown, under] of [
      [[...rows, ...rows], nodes],
      [rows, nodes.slice(0, -1)],
    ] as const) {
      await expect(w.send({ method, args: [page, index, under, shown] }))
        .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
        .withArgs(shown.length);
    }
  });

  it("given one row as both of two in order, then it is not out of order with itself", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const row = w.indexed(w.pages).prove(2)!;
    await expectNothing(w, w.challenge(w.pages, { kind: "order", rows: [row, row] }), "order");
    const forged = { ...row, row: { ...row.row, wattHours: 1n } };
    await expect(
      w.challenge(w.pages, { kind: "order", rows: [forged, row] }),
    ).to.be.revertedWithCustomError(w.contract, "LedgerRowUnknown");
  });

  it("given one pseudonym in two rows, then their order is proved wrong", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { rows } = w.pages.consumption;
    const pages = w.rewritten({ content: rows.toSpliced(2, 0, rows[2]!) });
    await w.anchor(pages);
    const seen = w.indexed(pages);
    await expectProved(w, pages, { kind: "order", rows: [seen.prove(2)!, seen.prove(3)!] });
  });

  it("given a row's key and signature cut at another place, then their hash alone does not make them evidence", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const row = w.indexed(w.pages).prove(2)!;
    const both = Buffer.concat([row.row.key, row.row.signature]);
    const entries = w.honest.list.around(row.row.pseudonym);
    for (const challenge of [
      { kind: "unsigned", row },
      { kind: "not-enrolled", row, entries },
    ] as const) {
      const { method, args } = challengeCall(w.judged(w.pages), w.ledgerRules, challenge);
      for (const at of [0, 32, 34, 98]) {
        const cut = [both.subarray(0, at), both.subarray(at)].map((part) => ethers.hexlify(part));
        await expect(w.send({ method, args: [...args.slice(0, -2), ...cut] }))
          .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
          .withArgs(1);
      }
      const [key, signature] = [row.row.key, row.row.signature].map((part) => ethers.hexlify(part));
      const others = [
        [key, ethers.hexlify(w.n.random.bytes(65))],
        [ethers.hexlify(w.n.random.bytes(33)), signature],
      ];
      for (const other of others) {
        await expect(
          w.send({ method, args: [...args.slice(0, -2), ...other] }),
        ).to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit");
      }
    }
  });

  it("given one entry of the enrolment twice, or two that are not neighbours, then a gap is not shown", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const { list } = w.honest;
    const row = w.indexed(w.pages).prove(2)!;
    const [mine] = list.around(row.row.pseudonym);
    const at = (index: number) => list.around(list.entries[index]!.pseudonym)[0]!;
    const [before, after] = [at(mine!.index - 1), at(mine!.index + 1)];
    for (const entries of [
      [before, after],
      [before, before],
      [after, before],
      [before, mine!, after],
    ]) {
      await expect(w.challenge(w.pages, { kind: "not-enrolled", row, entries }))
        .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
        .withArgs(entries.length === 3 ? 3 : 2);
    }
    for (const entries of [[before, mine!], [mine!, after], [at(0)], [at(7 * HOMES - 1)]]) {
      await expectNothing(
        w,
        w.challenge(w.pages, { kind: "not-enrolled", row, entries }),
        "not-enrolled",
      );
    }
    const [first, second] = [
      { ...before, entry: { ...before.entry, pseudonym: new Uint8Array(32) as never } },
      { ...mine!, entry: { ...mine!.entry, pseudonym: new Uint8Array(32).fill(0xff) as never } },
    ];
    for (const entries of [
      [first, mine!],
      [before, second],
    ]) {
      await expect(
        w.challenge(w.pages, { kind: "not-enrolled", row, entries }),
      ).to.be.revertedWithCustomError(w.contract, "LedgerEntryUnknown");
    }
  });

  it("given a receipt, when a page that has its row is shown by other neighbours, then the row is not missing", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const claim = w.claims.find(
      (c) => c.interval === LAST && ![0, seen.rows.length - 1].includes(seen.placeOf(c.pseudonym)!),
    )!;
    const place = seen.placeOf(claim.pseudonym)!;
    const at = (index: number) => seen.prove(index)!;
    const missing = (neighbours: readonly ReturnType<typeof at>[]) =>
      w.challenge(w.pages, { kind: "missing-row", claim, neighbours });
    for (const neighbours of [
      [at(place - 1), at(place)],
      [at(place), at(place + 1)],
      [at(place)],
    ]) {
      await expectNothing(w, missing(neighbours), "missing-row");
    }
    for (const neighbours of [
      [at(place - 1), at(place + 1)],
      [at(place + 1), at(place)],
      [at(place), at(place)],
    ]) {
      await expect(missing(neighbours))
        .to.be.revertedWithCustomError(w.contract, "LedgerRowsUnfit")
        .withArgs(2);
    }
    const forged = { ...at(place - 1), row: { ...at(place - 1).row, wattHours: 1n } };
    for (const neighbours of [
      [forged, at(place)],
      [at(place - 1), { ...forged, index: place }],
      [forged],
    ]) {
      await expect(missing(neighbours)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerRowUnknown",
      );
    }
  });
});
