import { expect } from "chai";
import { auditClaim } from "../../src/ledger/audit/claims.js";
import { IndexedPages } from "../../src/ledger/audit/indexed-pages.js";
import { rewriteConsumption } from "../../src/ledger/cheating.js";
import { anchorConsumptionCall, challengeCall } from "../../src/ledger/contract-calls.js";
import { consumptionStruct } from "../../src/ledger/statements.js";
import {
  networkHelpers,
  FIRST,
  HOMES,
  KINDS,
  deployed,
  findingsOf,
  summed,
  wrongPages,
} from "./support/ledger-world.js";

describe("ConsumptionLedger: challenges", () => {
  for (const what of [
    "price",
    "row-count",
    "bill-amount",
    "bill-parcel",
    "bill-total",
    "bill-total, first row",
    "bill-total, a step",
    "bill-total, empty",
    "parcel",
    "order",
    "consumption-total",
    "consumption-total, first row",
    "consumption-total, a step",
    "consumption-total, empty",
  ]) {
    it(`proves what an auditor finds: ${what}`, async () => {
      const w = await networkHelpers.loadFixture(deployed);
      const pages = wrongPages(w)[what]!;
      await w.anchor(pages);
      const kind = what.split(",")[0]!;
      const findings = findingsOf(w, pages).filter((f) => f.kind === kind);
      expect(findings).not.to.deep.equal([]);
      for (const { challenge, index } of findings) {
        await expect(w.send(challengeCall(pages, w.anchorers, challenge!)))
          .to.emit(w.contract, "ContradictionProved")
          .withArgs(FIRST + 1, KINDS.indexOf(kind), index ?? 0, w.stranger.address);
      }
      expect(await w.contract.contradictionsOf(FIRST + 1)).to.equal(
        1n << BigInt(KINDS.indexOf(kind)),
      );
      expect(await w.contract.contradictionsOf(FIRST)).to.equal(0);
    });
  }

  for (const what of [
    "altered-row",
    "missing-row, first",
    "missing-row, middle",
    "missing-row, last",
    "missing-row, all",
  ]) {
    it(`proves what a resident's receipt shows: ${what}`, async () => {
      const w = await networkHelpers.loadFixture(deployed);
      const pages = wrongPages(w)[what]!;
      await w.anchor(pages);
      const seen = new IndexedPages(pages, w.n.rules());
      const kind = what.split(",")[0]!;
      const found = w.claims.flatMap(({ challenge }) =>
        challenge?.kind === "missing-row" ? auditClaim(seen, challenge.claim) : [],
      );
      expect(found.map((f) => f.kind)).to.include(kind);
      for (const { challenge } of found) {
        await expect(w.send(challengeCall(pages, w.anchorers, challenge!)))
          .to.emit(w.contract, "ContradictionProved")
          .withArgs(
            FIRST + 1,
            KINDS.indexOf(kind),
            (challenge as { claim: { which: number } }).claim.which,
            w.stranger.address,
          );
      }
    });
  }

  it("prove nothing against honest pages, whatever is shown", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.honest);
    const { consumptionRows, billRows } = new IndexedPages(w.honest, w.n.rules());
    const last = w.honest.bills.rows.length - 1;
    const claims = w.claims.flatMap(({ challenge, interval }) =>
      challenge?.kind === "missing-row" && interval === FIRST + 1 ? [challenge.claim] : [],
    );
    expect(claims.length).to.be.at.least(HOMES);
    const challenges: Parameters<typeof challengeCall>[2][] = [
      { kind: "price" },
      { kind: "row-count" },
      { kind: "consumption-total", rows: consumptionRows.prove(0)! },
      { kind: "consumption-total", rows: consumptionRows.prove(last)! },
      { kind: "bill-total", rows: billRows.prove(0)! },
      { kind: "bill-total", rows: billRows.prove(last)! },
      ...Array.from({ length: last }, (_, i) => [
        { kind: "parcel" as const, row: consumptionRows.prove(i)![0]! },
        { kind: "order" as const, rows: consumptionRows.prove(i, i + 1)! },
        { kind: "consumption-total" as const, rows: consumptionRows.prove(i, i + 1)! },
        { kind: "bill-total" as const, rows: billRows.prove(i, i + 1)! },
        { kind: "bill-amount" as const, row: billRows.prove(i)![0]! },
        {
          kind: "bill-parcel" as const,
          bill: billRows.prove(i)![0]!,
          consumption: consumptionRows.prove(i)![0]!,
        },
      ]).flat(),
      ...claims.flatMap((claim) => [
        {
          kind: "altered-row" as const,
          claim,
          row: consumptionRows.prove(
            consumptionRows.placeOf(claim.receipt.pseudonyms[claim.which]!)!,
          )![0]!,
        },
        { kind: "altered-row" as const, claim, row: consumptionRows.prove(0)![0]! },
        { kind: "missing-row" as const, claim, neighbours: consumptionRows.prove(0)! },
        { kind: "missing-row" as const, claim, neighbours: consumptionRows.prove(last)! },
        { kind: "missing-row" as const, claim, neighbours: consumptionRows.prove(3, 4)! },
      ]),
    ];
    for (const challenge of challenges) {
      await expect(w.send(challengeCall(w.honest, w.anchorers, challenge)))
        .to.be.revertedWithCustomError(w.contract, "LedgerNoContradiction")
        .withArgs(KINDS.indexOf(challenge.kind));
    }
    expect(await w.contract.contradictionsOf(FIRST + 1)).to.equal(0);
  });

  it("refuse rows that are not in the ledger, not neighbours, too many or too few", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.honest);
    const { consumptionRows, billRows } = new IndexedPages(w.honest, w.n.rules());
    const [row] = consumptionRows.prove(2)!;
    const [bill] = billRows.prove(2)!;
    const forged = { row: { ...row!.row, wattHours: 1n }, proof: row!.proof };
    const forgedBill = { row: { ...bill!.row, amount: 1n }, proof: bill!.proof };
    const rejects = async (challenge: Parameters<typeof challengeCall>[2], error: string) =>
      expect(w.send(challengeCall(w.honest, w.anchorers, challenge))).to.be.revertedWithCustomError(
        w.contract,
        error,
      );
    await rejects({ kind: "parcel", row: forged }, "LedgerRowUnknown");
    await rejects({ kind: "bill-amount", row: forgedBill }, "LedgerRowUnknown");
    await rejects({ kind: "bill-parcel", bill: bill!, consumption: forged }, "LedgerRowUnknown");
    await rejects({ kind: "order", rows: [row!, forged] }, "LedgerRowUnknown");
    await rejects({ kind: "order", rows: consumptionRows.prove(2, 4)! }, "LedgerRowsUnfit");
    await rejects({ kind: "order", rows: consumptionRows.prove(3, 2)! }, "LedgerRowsUnfit");
    await rejects({ kind: "bill-total", rows: billRows.prove(2, 4)! }, "LedgerRowsUnfit");
    const [elsewhere] = consumptionRows.prove(3)!;
    await rejects({ kind: "bill-parcel", bill: bill!, consumption: elsewhere! }, "LedgerRowsUnfit");
    for (const rows of [[], consumptionRows.prove(0, 1, 2)!]) {
      await rejects({ kind: "consumption-total", rows }, "LedgerRowsUnfit");
    }
    for (const rows of [[], billRows.prove(0, 1, 2)!]) {
      await rejects({ kind: "bill-total", rows }, "LedgerRowsUnfit");
    }
    const claim = w.claims
      .flatMap(({ challenge, interval }) =>
        challenge?.kind === "missing-row" && interval === FIRST + 1 ? [challenge.claim] : [],
      )
      .at(0)!;
    for (const neighbours of [[], consumptionRows.prove(0, 1, 2)!]) {
      await rejects({ kind: "missing-row", claim, neighbours }, "LedgerRowsUnfit");
    }
    await rejects(
      { kind: "missing-row", claim, neighbours: consumptionRows.prove(2, 4)! },
      "LedgerRowsUnfit",
    );
    // Receipts of another interval, for another report, signed by another, malformed.
    const neighbours = consumptionRows.prove(0)!;
    const other = w.claims.find((f) => f.interval === FIRST && f.kind === "missing-row")!
      .challenge as { claim: typeof claim };
    const signedBy = (key: typeof w.n.providerKey): typeof claim => ({
      ...claim,
      signature: key.sign(consumptionStruct(w.honest.consumption.statement)),
    });
    for (const bad of [
      other.claim,
      { ...claim, which: claim.receipt.pseudonyms.length },
      signedBy(w.n.providerKey),
      signedBy(w.n.controlCentreKey),
      { ...claim, signature: new Uint8Array(64) },
      { ...claim, receipt: { ...claim.receipt, categories: [] } },
    ]) {
      await rejects({ kind: "missing-row", claim: bad, neighbours }, "LedgerReceiptInvalid");
      await rejects({ kind: "altered-row", claim: bad, row: row! }, "LedgerReceiptInvalid");
    }
  });

  it("of L_OCD are possible before the interval is billed, those of bills are not", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const pages = wrongPages(w)["consumption-total"]!;
    await w.send(anchorConsumptionCall(pages.consumption), w.controlCentre as never);
    const [finding] = findingsOf(w, pages).filter((f) => f.kind === "consumption-total");
    await expect(w.send(challengeCall(pages, w.anchorers, { kind: "price" })))
      .to.be.revertedWithCustomError(w.contract, "LedgerNotBilled")
      .withArgs(FIRST + 1);
    await expect(w.send(challengeCall(pages, w.anchorers, finding!.challenge!))).to.emit(
      w.contract,
      "ContradictionProved",
    );
  });

  it("cannot use a receipt for a category that was withheld", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { consumption } = w.honest;
    const claim = w.claims
      .flatMap(({ challenge, interval }) =>
        challenge?.kind === "missing-row" && interval === FIRST + 1 ? [challenge.claim] : [],
      )
      .at(0)!;
    const category = claim.receipt.categories[claim.which]!;
    const { average } = consumption.statement;
    const size = (average << BigInt(category)) / 4n;
    const kept = summed(consumption.rows.filter((row) => row.wattHours !== size));
    const page = rewriteConsumption(consumption, w.n.controlCentreKey, kept);
    const withheld = {
      ...page,
      statement: { ...page.statement, withheld: 1 << category },
    };
    await w.send(anchorConsumptionCall(withheld), w.controlCentre as never);
    const pages = { ...w.honest, consumption: withheld };
    const { consumptionRows } = new IndexedPages(pages, w.n.rules());
    const pseudonym = Buffer.from(claim.receipt.pseudonyms[claim.which]!);
    const after = kept.findIndex((row) => pseudonym.compare(row.pseudonym) < 0);
    const around = after === -1 ? [kept.length - 1] : after === 0 ? [0] : [after - 1, after];
    const neighbours = consumptionRows.prove(...around)!;
    await expect(
      w.send(challengeCall(pages, w.anchorers, { kind: "missing-row", claim, neighbours })),
    ).to.be.revertedWithCustomError(w.contract, "LedgerNoContradiction");
  });
});
