/** What may still happen to a page: while it is the last, replaced, billed, given up or proved wrong. */
import { expect } from "chai";
import { pageArgument } from "../../src/ledger/contract-arguments.js";
import { anchorBillingCall } from "../../src/ledger/contract-calls.js";
import { billingStatement, type ConsumptionPage } from "../../src/ledger/pages.js";
import { rowLeaf } from "../../src/ledger/rows.js";
import { FIRST, KINDS, networkHelpers } from "./support/ledger-world.js";
import { invented, rowAt, type InventedWorld } from "./support/invented-pages.js";

const abandon = (w: InventedWorld, consumption: ConsumptionPage) =>
  w.send(
    { method: "abandon", args: [pageArgument({ consumption }, w.ledgerRules)] },
    w.controlCentre,
  );

const bill = (w: InventedWorld, { statement }: ConsumptionPage, price = 7n) => {
  const { controlCentre } = w.ledgerRules;
  const billing = billingStatement(statement, price);
  return w.send(anchorBillingCall(controlCentre, statement.load, billing), w.provider);
};

const flagsOf = async (w: InventedWorld, { statement }: ConsumptionPage): Promise<bigint> =>
  BigInt(await w.contract.commitmentOf(statement.interval, statement.revision)) & 7n;

const [BILLED, REPLACED, VOID] = [1n, 2n, 4n];

describe("ConsumptionLedger: what may still happen to a page", () => {
  it("given the last page, when it is given up, then the event says so, and it stays in its place as void", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const page = await w.anchor({ interval: FIRST });
    await expect(abandon(w, page))
      .to.emit(w.contract, "ContradictionProved")
      .withArgs(FIRST, KINDS.indexOf("abandoned"), 0, 0, w.controlCentre.address);
    expect(await w.contract.contradictionsOf(FIRST, 0)).to.equal(1 << KINDS.indexOf("abandoned"));
    expect(await flagsOf(w, page)).to.equal(VOID);
    await expect(bill(w, page))
      .to.be.revertedWithCustomError(w.contract, "LedgerPageVoid")
      .withArgs(FIRST, 0);
    // Void pages may be corrected, while they are the last.
    const corrected = await w.anchor({ interval: FIRST, revision: 1, average: 400n });
    await bill(w, corrected);
    expect(await flagsOf(w, corrected)).to.equal(BILLED);
    expect(await flagsOf(w, page)).to.equal(VOID | REPLACED);
    expect(await w.contract.isOwed(FIRST, 1)).to.equal(true);
  });

  it("given a page that is billed, replaced, void or followed by another, then it cannot be given up", async () => {
    const changes: ((w: InventedWorld, page: ConsumptionPage) => Promise<unknown>)[] = [
      bill,
      abandon,
      (w) => w.anchor({ interval: FIRST + 1, revision: 1, average: 400n }),
      (w) => w.anchor({ interval: FIRST + 2 }),
    ];
    for (const change of changes) {
      const w = await networkHelpers.loadFixture(invented);
      await w.anchor({ interval: FIRST });
      const page = await w.anchor({ interval: FIRST + 1 });
      await change(w, page);
      // A page that is billed is another page to the contract: its price is part of it.
      const isBilled = (await flagsOf(w, page)) === BILLED;
      const billing = {
        statement: billingStatement(page.statement, 7n),
        signature: page.signature,
      };
      const shown = isBilled ? { consumption: page, billing } : { consumption: page };
      const args = [pageArgument(shown, w.ledgerRules)];
      await expect(w.send({ method: "abandon", args }, w.controlCentre))
        .to.be.revertedWithCustomError(w.contract, "LedgerFinal")
        .withArgs(FIRST + 1, 0);
    }
  });

  it("given a page that is billed, replaced or followed by another, then it cannot be replaced", async () => {
    const changes: ((w: InventedWorld, page: ConsumptionPage) => Promise<unknown>)[] = [
      bill,
      (w) => w.anchor({ interval: FIRST + 1, revision: 1, average: 400n }),
      (w) => w.anchor({ interval: FIRST + 2 }),
    ];
    for (const change of changes) {
      const w = await networkHelpers.loadFixture(invented);
      await w.anchor({ interval: FIRST });
      await change(w, await w.anchor({ interval: FIRST + 1 }));
      for (const revision of [1, 2, 255]) {
        await expect(w.anchor({ interval: FIRST + 1, revision }))
          .to.be.revertedWithCustomError(w.contract, "LedgerFinal")
          .withArgs(FIRST + 1, revision);
      }
      await expect(w.anchor({ interval: FIRST + 1 }))
        .to.be.revertedWithCustomError(w.contract, "LedgerAlreadyAnchored")
        .withArgs(FIRST + 1, 0);
    }
  });

  it("given a billed page, when its price, its total or one of its accounts is another, then it is not known", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const consumption = await w.anchor({ interval: FIRST }, [rowAt(1, 2, 200n)]);
    await bill(w, consumption);
    const statement = billingStatement(consumption.statement, 7n);
    const shown = pageArgument(
      { consumption, billing: { statement, signature: new Uint8Array(65) } },
      w.ledgerRules,
    );
    const look = (changes: object) =>
      w.send({
        method: "challengeTerms",
        args: [
          { ...shown, ...changes },
          { ...shown, ...changes },
        ],
      });
    await expect(look({})).to.be.revertedWithCustomError(w.contract, "LedgerNoContradiction");
    for (const wrong of [
      { price: shown.price + 1n },
      { total: shown.total + 1n },
      { provider: w.stranger.address },
      { controlCentre: w.stranger.address },
      { price: 0n, total: 0n, provider: `0x${"00".repeat(20)}` },
    ]) {
      await expect(look(wrong))
        .to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown")
        .withArgs(FIRST, 0);
    }
  });

  it("given two contradictions in one page, then both are on record, and neither is cleared by the other", async () => {
    const w = await networkHelpers.loadFixture(invented);
    const page = await w.anchor({ interval: FIRST, average: 404n, rows: 2 }, [rowAt(1, 2, 200n)]);
    const first = 1n << BigInt(KINDS.indexOf("terms"));
    await w.challenge(page, { kind: "terms" });
    expect(await w.contract.contradictionsOf(FIRST, 0)).to.equal(first);
    await w.challenge(page, { kind: "terms" });
    expect(await w.contract.contradictionsOf(FIRST, 0)).to.equal(first);
    // The second of two rows that it states is empty.
    const path = [rowLeaf(FIRST, page.rows[0]!)];
    const empty = { hash: new Uint8Array(32), load: 0n };
    await w.challenge(page, { kind: "row-count", index: 1, ...empty, path });
    const both = first | (1n << BigInt(KINDS.indexOf("row-count")));
    expect(await w.contract.contradictionsOf(FIRST, 0)).to.equal(both);
  });

  it("given the first page, when its interval is another, or its load is of no row, then it is refused with the reason", async () => {
    const w = await networkHelpers.loadFixture(invented);
    for (const interval of [FIRST - 1, FIRST + 1]) {
      await expect(w.anchor({ interval, source: 0 }))
        .to.be.revertedWithCustomError(w.contract, "LedgerOutOfOrder")
        .withArgs(interval);
      await expect(w.anchor({ interval, source: 0, revision: 1 }))
        .to.be.revertedWithCustomError(w.contract, "LedgerFinal")
        .withArgs(interval, 1);
    }
    await expect(w.anchor({ interval: FIRST, load: 1n }))
      .to.be.revertedWithCustomError(w.contract, "LedgerTotalWrong")
      .withArgs(FIRST, 0);
    for (const source of [FIRST, FIRST - 1, 1]) {
      await expect(w.anchor({ interval: FIRST, source }))
        .to.be.revertedWithCustomError(w.contract, "LedgerSourceWrong")
        .withArgs(FIRST, source, 0);
    }
    const page = await w.anchor({ interval: FIRST }, [rowAt(1, 2, 200n)]);
    const { statement } = page;
    const billing = billingStatement(statement, 7n);
    const { controlCentre } = w.ledgerRules;
    const send = (changes: object) =>
      w.send(
        anchorBillingCall(controlCentre, statement.load, { ...billing, ...changes }),
        w.provider,
      );
    for (const missing of [{ interval: FIRST + 1 }, { revision: 1 }]) {
      await expect(send(missing)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerConsumptionMissing",
      );
    }
    for (const change of [1n, -1n]) {
      await expect(send({ total: billing.total + change }))
        .to.be.revertedWithCustomError(w.contract, "LedgerTotalWrong")
        .withArgs(FIRST, billing.total + change);
    }
    await send({});
    await expect(send({}))
      .to.be.revertedWithCustomError(w.contract, "LedgerAlreadyBilled")
      .withArgs(FIRST, 0);
  });
});
