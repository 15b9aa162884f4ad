import { expect } from "chai";
import { priceAt, rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import { pageArgument, rowArgument } from "../../src/ledger/contract-arguments.js";
import { anchorBillingCall, anchorConsumptionCall } from "../../src/ledger/contract-calls.js";
import type { ConsumptionStatement } from "../../src/ledger/statements.js";
import {
  deployed,
  deployLedger,
  ethers,
  FIRST,
  LAST,
  networkHelpers,
} from "./support/ledger-world.js";

describe("ConsumptionLedger: anchoring", () => {
  it("takes each interval once and in order, from the holders of the roles", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { contract, pages } = w;
    const { statement } = pages.consumption;
    const consumption = anchorConsumptionCall(statement);
    const billing = anchorBillingCall(
      w.ledgerRules.controlCentre,
      statement.load,
      pages.billing.statement,
    );
    for (const account of [w.stranger, w.admin, w.provider]) {
      await expect(w.send(consumption, account)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    for (const account of [w.stranger, w.admin, w.controlCentre]) {
      await expect(w.send(billing, account)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    await expect(w.send(billing, w.provider)).to.be.revertedWithCustomError(
      contract,
      "LedgerConsumptionMissing",
    );
    const at = (changes: Partial<ConsumptionStatement>) =>
      w.send(anchorConsumptionCall({ ...statement, ...changes }), w.controlCentre);
    await expect(at({ interval: FIRST })).to.be.revertedWithCustomError(
      contract,
      "LedgerAlreadyAnchored",
    );
    for (const interval of [LAST + 1, FIRST - 1, 0]) {
      await expect(at({ interval }))
        .to.be.revertedWithCustomError(contract, "LedgerOutOfOrder")
        .withArgs(interval);
    }
    for (const source of [0, LAST - 2, LAST, LAST + 5]) {
      await expect(at({ source }))
        .to.be.revertedWithCustomError(contract, "LedgerSourceWrong")
        .withArgs(LAST, source, LAST - 1);
    }
    await expect(w.send(consumption, w.controlCentre)).to.emit(contract, "ConsumptionAnchored");
    await expect(w.send(consumption, w.controlCentre)).to.be.revertedWithCustomError(
      contract,
      "LedgerAlreadyAnchored",
    );
    await expect(w.send(billing, w.provider)).to.emit(contract, "BillingAnchored");
    await expect(w.send(billing, w.provider)).to.be.revertedWithCustomError(
      contract,
      "LedgerAlreadyBilled",
    );
    expect(await contract.isOwed(LAST, 0)).to.equal(true);
    expect(await contract.isOwed(LAST, 1)).to.equal(false);
  });

  it("given a total that is not price × load, or bills for another page or load, refuses them", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { statement } = w.pages.consumption;
    await w.send(anchorConsumptionCall(statement), w.controlCentre);
    const { controlCentre, provider } = w.ledgerRules;
    const billing = w.pages.billing.statement;
    const bill = (by: typeof provider, load: bigint, changes: object) =>
      w.send(anchorBillingCall(by, load, { ...billing, ...changes }), w.provider);
    await expect(
      bill(controlCentre, statement.load, { total: billing.total + 1n }),
    ).to.be.revertedWithCustomError(w.contract, "LedgerTotalWrong");
    const more = { total: billing.price * (statement.load + 1n) };
    for (const wrong of [
      bill(controlCentre, statement.load + 1n, more),
      bill(provider, statement.load, {}),
      bill(controlCentre, statement.load, { consumption: w.n.random.bytes(32) }),
    ]) {
      await expect(wrong).to.be.revertedWithCustomError(w.contract, "LedgerConsumptionMismatch");
    }
  });

  it("lets one page be corrected once, while it is the last and not billed, and the superseded stays on record", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { statement } = w.pages.consumption;
    const anchor = (s: ConsumptionStatement) => w.send(anchorConsumptionCall(s), w.controlCentre);
    const corrected = { ...statement, revision: 1 };
    for (const s of [
      { ...corrected, interval: LAST + 1 },
      { ...statement, interval: LAST - 1, revision: 1, source: LAST - 2 },
    ]) {
      await expect(anchor(s)).to.be.revertedWithCustomError(w.contract, "LedgerFinal");
    }
    const wrong = w.rewritten({ load: 1n });
    await w.anchor({ consumption: wrong.consumption });
    await expect(anchor({ ...statement, revision: 2 })).to.be.revertedWithCustomError(
      w.contract,
      "LedgerFinal",
    );
    await expect(anchor(corrected)).to.emit(w.contract, "ConsumptionAnchored");
    await expect(anchor(corrected)).to.be.revertedWithCustomError(w.contract, "LedgerFinal");
    const old = anchorBillingCall(w.ledgerRules.controlCentre, 1n, wrong.billing.statement);
    await expect(w.send(old, w.provider)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerPageVoid",
    );
    // What was replaced is still proved wrong, if anyone cares to.
    const total = (await w.faultsOf(wrong)).find((f) => f.kind === "total")!;
    await expect(w.challenge(wrong, total.challenge!)).to.emit(w.contract, "ContradictionProved");
    expect(await w.contract.contradictionsOf(LAST, 1)).to.equal(0);
    const billing = priceAt(
      { ...w.pages.consumption, statement: corrected },
      w.n.providerKey,
      w.pages.billing.statement.price,
    );
    const { controlCentre } = w.ledgerRules;
    await w.send(anchorBillingCall(controlCentre, statement.load, billing.statement), w.provider);
    expect(await w.contract.isOwed(LAST, 1)).to.equal(true);
    expect(await w.contract.isOwed(LAST, 0)).to.equal(false);
  });

  it("goes on after a page that was proved wrong: terms then come from the page before it", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const wrong = w.rewritten({ average: 4n });
    await w.anchor(wrong);
    const { challenge } = (await w.faultsOf(wrong)).find((f) => f.kind === "terms")!;
    await w.challenge(wrong, challenge!);
    const next = { ...w.pages.consumption.statement, interval: LAST + 1 };
    await expect(w.send(anchorConsumptionCall({ ...next, source: LAST }), w.controlCentre))
      .to.be.revertedWithCustomError(w.contract, "LedgerSourceWrong")
      .withArgs(LAST + 1, LAST, LAST - 1);
    await w.send(anchorConsumptionCall({ ...next, source: LAST - 1 }), w.controlCentre);
    expect(await w.contract.isOwed(LAST, 0)).to.equal(false);
  });

  it("given a page whose source is proved wrong after it was signed, takes its correction, and the ledger goes on", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const dear = priceAt(w.pages.consumption, w.n.providerKey, 1n);
    const last = { consumption: w.pages.consumption, billing: dear };
    await w.anchor(last);
    // Signed, and on its way when the provider's wrong price voids the page that its terms name.
    const next = { ...w.pages.consumption.statement, interval: LAST + 1 };
    const signed = rewritePage(
      { ...w.pages.consumption, statement: { ...next, source: LAST } },
      w.n.controlCentreKey,
      {},
    );
    await w.challenge(last, { kind: "price" });
    const anchor = (s: ConsumptionStatement) => w.send(anchorConsumptionCall(s), w.controlCentre);
    await expect(anchor(signed.statement)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerSourceWrong",
    );
    const corrected = { ...next, revision: 1, source: LAST - 1 };
    for (const early of [
      { ...corrected, interval: LAST + 2 },
      { ...corrected, revision: 2 },
    ]) {
      await expect(anchor(early)).to.be.revertedWithCustomError(w.contract, "LedgerFinal");
    }
    await anchor(corrected);
    // The first is neither anchored nor proof of anything: it was signed once, as was the correction.
    const other = { kind: "statement", other: signed } as const;
    const page = { consumption: { ...signed, statement: corrected } };
    await expect(w.challenge(page, other)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerStatementInvalid",
    );
    await expect(w.challenge({ consumption: signed }, other)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerPageUnknown",
    );
    for (const again of [signed.statement, { ...corrected, revision: 0 }]) {
      await expect(anchor(again)).to.be.revertedWithCustomError(
        w.contract,
        "LedgerAlreadyAnchored",
      );
    }
    await expect(anchor(corrected)).to.be.revertedWithCustomError(w.contract, "LedgerFinal");
    await anchor({ ...next, interval: LAST + 2, source: LAST + 1 });
  });

  it("given a page without rows, refuses a load that nobody could disprove", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { statement } = w.pages.consumption;
    const root = w.n.random.bytes(32);
    const invented = { ...statement, rows: 0, root };
    await expect(
      w.send(anchorConsumptionCall(invented), w.controlCentre),
    ).to.be.revertedWithCustomError(w.contract, "LedgerTotalWrong");
    await w.send(anchorConsumptionCall({ ...invented, load: 0n }), w.controlCentre);
  });

  it("given 130 void pages one after the other, anchors the next for a bounded price, with terms of no page", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const page = (interval: number, source: number) => {
      const statement = { ...w.pages.consumption.statement, interval, source };
      return { consumption: { ...w.pages.consumption, statement } };
    };
    const sourceAt = (interval: number) =>
      w.n.book.sourceFor(interval)?.consumption.statement.interval ?? 0;
    for (let interval = LAST; interval < LAST + 130; interval++) {
      const given = page(interval, sourceAt(interval));
      await w.anchor(given);
      const args = [pageArgument(given, w.ledgerRules)];
      await w.send({ method: "abandon", args }, w.controlCentre);
      w.n.book.add(given);
      w.n.book.setVoid(interval, 0);
    }
    expect(sourceAt(LAST + 127)).to.equal(LAST - 1);
    expect(sourceAt(LAST + 130)).to.equal(0);
    const { statement } = page(LAST + 130, 0).consumption;
    const sent = await w.send(anchorConsumptionCall(statement), w.controlCentre);
    expect((await sent.wait())!.gasUsed).to.be.below(700_000n);
  });

  it("lets the control centre give up its last page, and no other", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor({ consumption: w.pages.consumption });
    const abandon = (page: Parameters<typeof pageArgument>[0], by: unknown = w.controlCentre) =>
      w.send({ method: "abandon", args: [pageArgument(page, w.ledgerRules)] }, by);
    const unbilled = { consumption: w.pages.consumption };
    await expect(abandon(unbilled, w.provider)).to.be.revertedWithCustomError(
      w.contract,
      "AccessControlUnauthorizedAccount",
    );
    await expect(abandon(w.n.book.inForce(LAST - 1)!)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerFinal",
    );
    await expect(abandon(unbilled)).to.emit(w.contract, "ContradictionProved");
    await expect(abandon(unbilled)).to.be.revertedWithCustomError(w.contract, "LedgerFinal");
    const { statement } = w.pages.consumption;
    const billing = anchorBillingCall(
      w.ledgerRules.controlCentre,
      statement.load,
      w.pages.billing.statement,
    );
    await expect(w.send(billing, w.provider)).to.be.revertedWithCustomError(
      w.contract,
      "LedgerPageVoid",
    );
  });

  it("hashes statements, rows and paths as the library does", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    await w.anchor(w.pages);
    const seen = w.indexed(w.pages);
    const page = pageArgument(w.pages, w.ledgerRules);
    for (const i of seen.rows.keys()) {
      const row = rowArgument(seen.prove(i)!);
      expect(await w.contract.contains(page, row)).to.equal(true);
      const others = [
        { ...row, index: i + 1 },
        { ...row, index: i + 2 ** (row.path.length / 2) },
        { ...row, wattHours: row.wattHours + 1n },
        { ...row, category: (row.category + 1) % 6 },
        { ...row, pseudonym: ethers.ZeroHash },
        { ...row, evidence: ethers.ZeroHash },
        { ...row, path: row.path.slice(2) },
        { ...row, path: [...row.path, ethers.ZeroHash, ethers.ZeroHash] },
        { ...row, path: row.path.with(0, ethers.ZeroHash) },
      ];
      for (const other of others) expect(await w.contract.contains(page, other)).to.equal(false);
    }
    const foreign = pageArgument(
      { ...w.pages, billing: w.rewritten({ load: 2n }).billing },
      w.ledgerRules,
    );
    await expect(
      w.contract.contains(foreign, rowArgument(seen.prove(0)!)),
    ).to.be.revertedWithCustomError(w.contract, "LedgerPageUnknown");
  });

  it("is not deployed with a zero address or rules that cannot be", async () => {
    const { contract, rules } = await deployLedger("rules");
    for (const field of ["admin", "controlCentre", "provider", "priceFunction"]) {
      const wrong = { ...rules, [field]: ethers.ZeroAddress };
      await expect(
        ethers.deployContract("ConsumptionLedger", [wrong]),
      ).to.be.revertedWithCustomError(contract, "LedgerZeroAddress");
    }
    for (const wrong of [
      { firstInterval: 0 },
      { showWindow: 0 },
      { leastHomes: 0 },
      { leastHomes: 257 },
      { initialAverage: 0 },
      { initialAverage: 202 },
    ]) {
      await expect(
        ethers.deployContract("ConsumptionLedger", [{ ...rules, ...wrong }]),
      ).to.be.revertedWithCustomError(contract, "LedgerRulesInvalid");
    }
  });
});

describe("ConsumptionLedger: receipt keys", () => {
  it("are registered once by the control centre, and revoked forwards only", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const contract = w.contract.connect(w.controlCentre);
    const key = ethers.Wallet.createRandom().address;
    await expect(w.contract.registerReceiptKey(key, 1, 2)).to.be.revertedWithCustomError(
      contract,
      "AccessControlUnauthorizedAccount",
    );
    for (const [k, first, last] of [
      [key, 5, 4],
      [key, 0, 0],
      [ethers.ZeroAddress, 1, 2],
    ] as const) {
      await expect(contract.registerReceiptKey(k, first, last)).to.be.revertedWithCustomError(
        contract,
        "LedgerReceiptKeyInvalid",
      );
    }
    await expect(contract.registerReceiptKey(key, FIRST, LAST + 100))
      .to.emit(contract, "ReceiptKeySet")
      .withArgs(key, FIRST, LAST + 100);
    await expect(contract.registerReceiptKey(key, FIRST, LAST)).to.be.revertedWithCustomError(
      contract,
      "LedgerReceiptKeyInvalid",
    );
    await expect(
      w.contract.connect(w.stranger).revokeReceiptKey(key, LAST + 10),
    ).to.be.revertedWithCustomError(contract, "AccessControlUnauthorizedAccount");
    // Page LAST − 1 is anchored, so meters may report in LAST + 1 and hold receipts of it.
    for (const from of [FIRST + 2, LAST, LAST + 1]) {
      await expect(contract.revokeReceiptKey(key, from)).to.be.revertedWithCustomError(
        contract,
        "LedgerRevocationLate",
      );
    }
    await expect(contract.revokeReceiptKey(key, FIRST)).to.be.revertedWithCustomError(
      contract,
      "LedgerReceiptKeyInvalid",
    );
    await expect(contract.revokeReceiptKey(key, LAST + 2))
      .to.emit(contract, "ReceiptKeySet")
      .withArgs(key, FIRST, LAST + 1);
    await expect(contract.revokeReceiptKey(key, LAST + 2)).to.be.revertedWithCustomError(
      contract,
      "LedgerReceiptKeyInvalid",
    );
    expect(await contract.receiptKeys(key)).to.deep.equal([BigInt(FIRST), BigInt(LAST + 1)]);
  });
});

describe("ConsumptionLedger: a price outside the timetable", () => {
  it("is proved wrong, for every kind", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const timetable = await ethers.deployContract("TimetablePrice", [FIRST, 2, [5, 6], "0x01"]);
    const rules = { ...w.rules, priceFunction: await timetable.getAddress() };
    const contract = await ethers.deployContract("ConsumptionLedger", [rules]);
    const { controlCentre } = w.ledgerRules;
    const call = (method: string, by: unknown, ...args: unknown[]) =>
      contract.connect(by as never).getFunction(method)(...args);
    for (let interval = FIRST; interval < FIRST + 3; interval++) {
      const source = interval === FIRST ? 0 : interval - 1;
      const page = rewritePage(w.pages.consumption, w.n.controlCentreKey, { interval, source });
      const billing = priceAt(page, w.n.providerKey, interval === FIRST + 1 ? 6n : 5n);
      await call(
        "anchorConsumption",
        w.controlCentre,
        ...anchorConsumptionCall(page.statement).args,
      );
      await call(
        "anchorBilling",
        w.provider,
        ...anchorBillingCall(controlCentre, page.statement.load, billing.statement).args,
      );
      const challenged = call(
        "challengePrice",
        w.stranger,
        pageArgument({ consumption: page, billing }, w.ledgerRules),
      );
      if (interval < FIRST + 2)
        await expect(challenged).to.be.revertedWithCustomError(contract, "LedgerNoContradiction");
      else await expect(challenged).to.emit(contract, "ContradictionProved");
    }
  });
});
