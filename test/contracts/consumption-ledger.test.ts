import { expect } from "chai";
import { network } from "hardhat";
import { auditClaim } from "../../src/ledger/audit/claims.js";
import type { Finding } from "../../src/ledger/audit/finding.js";
import { LedgerAuditor } from "../../src/ledger/audit/auditor.js";
import { IndexedPages, type IntervalPages } from "../../src/ledger/audit/indexed-pages.js";
import {
  billAt,
  rewriteBills,
  rewriteConsumption,
  withAmount,
  withoutRow,
} from "../../src/ledger/cheating.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  billRowArgument,
  challengeCall,
  consumptionRowArgument,
  pageArgument,
  timetableArguments,
  type ContractCall,
} from "../../src/ledger/contract-calls.js";
import { PiecewiseLinearPrice, TimetablePrice } from "../../src/ledger/price.js";
import type { ConsumptionRow } from "../../src/ledger/rows.js";
import { consumptionStruct, hashStruct } from "../../src/ledger/statements.js";
import { TestNeighbourhood, testPrice, type TestInterval } from "../ledger/support.js";
import { TestRandom } from "../support/random.js";

const { ethers, networkHelpers } = await network.create();
const FIRST = 761_328;
const HOMES = 6;
const KINDS = [
  "price",
  "row-count",
  "parcel",
  "order",
  "consumption-total",
  "bill-total",
  "bill-amount",
  "bill-parcel",
  "missing-row",
  "altered-row",
];
const hex = (bytes: Uint8Array): string => ethers.hexlify(bytes);

/** The contract, two honest intervals with everything their residents and auditors know. */
async function deployed() {
  const [admin, stranger] = await ethers.getSigners();
  // Keys first: who may anchor is fixed at deployment, and what is signed names the contract.
  const keys = new TestNeighbourhood("contract", 0).secretKeys;
  const [controlCentre, provider] = [keys.controlCentre, keys.provider].map(
    (key) => new ethers.Wallet(hex(key), ethers.provider),
  );
  for (const { address } of [controlCentre!, provider!]) {
    await networkHelpers.setBalance(address, 10n ** 18n);
  }
  const price = await ethers.deployContract("PiecewiseLinearPrice", [testPrice.points]);
  const contract = await ethers.deployContract("ConsumptionLedger", [
    admin!.address,
    controlCentre!.address,
    provider!.address,
    await price.getAddress(),
    FIRST,
  ]);
  const n = new TestNeighbourhood("contract", HOMES, {
    chainId: (await ethers.provider.getNetwork()).chainId,
    contract: await contract.getAddress(),
  });
  const intervals: TestInterval[] = [];
  const claims: Finding[] = [];
  await n.run(
    [FIRST, FIRST + 1],
    (home) => BigInt(130 + 170 * home),
    (interval, residents) => {
      intervals.push(interval);
      // Against an empty page every report is missing: so each resident shows its receipts.
      const { pages } = interval;
      const empty = rewriteConsumption(pages.consumption, n.controlCentreKey, []);
      const seen = new IndexedPages({ ...pages, consumption: empty }, n.rules());
      claims.push(...residents.flatMap((resident) => resident.settle(seen).findings));
    },
  );
  const send = async (call: ContractCall, from = stranger!) =>
    contract.connect(from).getFunction(call.method)(...call.args);
  const anchor = async (pages: IntervalPages) => {
    await send(anchorConsumptionCall(pages.consumption), controlCentre as never);
    await send(
      anchorBillingCall(n.controlCentreKey.address, pages.price, pages.bills),
      provider as never,
    );
  };
  const anchorers = { controlCentre: n.controlCentreKey.address, provider: n.providerKey.address };
  const [before, honest] = intervals as [TestInterval, TestInterval];
  await anchor(before.pages);
  return {
    contract,
    price,
    n,
    admin: admin!,
    stranger: stranger!,
    controlCentre: controlCentre!,
    provider: provider!,
    before: before.pages,
    honest: honest.pages,
    list: honest.list,
    claims,
    send,
    anchor,
    anchorers,
  };
}

type World = Awaited<ReturnType<typeof deployed>>;

/** What an auditor finds in pages that follow the first interval. */
function findingsOf({ n, before, list }: World, pages: IntervalPages): Finding[] {
  const auditor = new LedgerAuditor();
  auditor.audit(new IndexedPages(before, n.rules()));
  return auditor.audit(new IndexedPages(pages, n.rules()), list);
}

const summed = (rows: readonly ConsumptionRow[]): ConsumptionRow[] => {
  let cumulative = 0n;
  return rows.map((row, index) => ({ ...row, index, cumulative: (cumulative += row.wattHours) }));
};

/** Pages with one contradiction each, by its kind. */
function wrongPages({ n, honest }: World): Record<string, IntervalPages> {
  const { consumption, price, bills } = honest;
  const unit = price.statement.price;
  const bill = (rows: typeof bills.rows, total?: bigint): IntervalPages => ({
    consumption,
    price,
    bills: rewriteBills(FIRST + 1, bills.previousRoot, n.providerKey, rows, total),
  });
  const report = (rows: readonly ConsumptionRow[], load?: bigint): IntervalPages => {
    const page = rewriteConsumption(consumption, n.controlCentreKey, rows, load);
    const right = testPrice.priceAt(FIRST + 1, page.statement.load);
    return billAt(page, bills.previousRoot, n.providerKey, right);
  };
  const { rows } = consumption;
  const replaced = (at: number, change: Partial<ConsumptionRow>): ConsumptionRow[] =>
    summed(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  const { average } = consumption.statement;
  const otherSize = rows[3]!.wattHours === average ? 2n * average : average;
  return {
    price: billAt(consumption, bills.previousRoot, n.providerKey, unit + 1n),
    "row-count": bill(bills.rows.slice(0, -1)),
    "bill-amount": bill(withAmount(bills.rows, 2, bills.rows[2]!.amount + 1n)),
    "bill-parcel": bill(
      bills.rows.with(1, { ...bills.rows[1]!, pseudonym: bills.rows[0]!.pseudonym }),
    ),
    "bill-total": bill(bills.rows, bills.statement.total - 1n),
    "bill-total, first row": bill(bills.rows.with(0, { ...bills.rows[0]!, cumulative: 1n })),
    "bill-total, a step": bill(
      bills.rows.map((row, i) => (i < 2 ? row : { ...row, cumulative: row.cumulative + 1n })),
      bills.statement.total + 1n,
    ),
    "bill-total, empty": {
      ...report([]),
      bills: rewriteBills(FIRST + 1, bills.previousRoot, n.providerKey, [], 5n),
    },
    parcel: report(replaced(3, { wattHours: 1n })),
    order: report(summed([rows[1]!, rows[0]!, ...rows.slice(2)])),
    "consumption-total": report(rows, consumption.statement.load + 1n),
    "consumption-total, first row": report(rows.with(0, { ...rows[0]!, cumulative: 1n })),
    "consumption-total, a step": report(
      rows.map((row, i) => (i < 2 ? row : { ...row, cumulative: row.cumulative + 1n })),
      consumption.statement.load + 1n,
    ),
    "consumption-total, empty": report([], 5n),
    "altered-row": report(replaced(3, { wattHours: otherSize })),
    "missing-row, first": report(withoutRow(rows, 0)),
    "missing-row, middle": report(withoutRow(rows, 4)),
    "missing-row, last": report(withoutRow(rows, rows.length - 1)),
    "missing-row, all": report([]),
  };
}

describe("ConsumptionLedger: anchoring", () => {
  it("takes each interval once, strictly in order, from the holders of the roles", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { contract, before, honest, send, anchorers } = w;
    const consumption = anchorConsumptionCall(honest.consumption);
    const billing = anchorBillingCall(anchorers.controlCentre, honest.price, honest.bills);
    for (const account of [w.stranger, w.admin, w.provider]) {
      await expect(send(consumption, account as never)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    for (const account of [w.stranger, w.admin, w.controlCentre]) {
      await expect(send(billing, account as never)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    await expect(send(billing, w.provider as never))
      .to.be.revertedWithCustomError(contract, "LedgerConsumptionMissing")
      .withArgs(FIRST + 1);
    await expect(send(anchorConsumptionCall(before.consumption), w.controlCentre as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyAnchored")
      .withArgs(FIRST);
    const at = (interval: number) => ({
      consumption: {
        ...honest.consumption,
        statement: { ...honest.consumption.statement, interval },
      },
      price: { ...honest.price, statement: { ...honest.price.statement, interval } },
      bills: { ...honest.bills, statement: { ...honest.bills.statement, interval } },
    });
    for (const interval of [FIRST + 2, FIRST - 1, 0]) {
      await expect(send(anchorConsumptionCall(at(interval).consumption), w.controlCentre as never))
        .to.be.revertedWithCustomError(contract, "LedgerOutOfOrder")
        .withArgs(interval);
    }

    await expect(send(consumption, w.controlCentre as never))
      .to.emit(contract, "ConsumptionAnchored")
      .withArgs(FIRST + 1, w.controlCentre.address, Object.values(consumption.args[0] as object));
    await expect(send(consumption, w.controlCentre as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyAnchored")
      .withArgs(FIRST + 1);
    await send(anchorConsumptionCall(at(FIRST + 2).consumption), w.controlCentre as never);
    const skipping = at(FIRST + 2);
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, skipping.price, skipping.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerOutOfOrder")
      .withArgs(FIRST + 2);
    await expect(
      send(anchorBillingCall(anchorers.provider, honest.price, honest.bills), w.provider as never),
    )
      .to.be.revertedWithCustomError(contract, "LedgerConsumptionMismatch")
      .withArgs(
        FIRST + 1,
        hashStruct(consumptionStruct(honest.consumption.statement)),
        w.provider.address,
      );
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, before.price, before.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyBilled")
      .withArgs(FIRST);
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, honest.price, before.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerIntervalMismatch")
      .withArgs(FIRST + 1, FIRST);

    const anchored = await contract.commitmentOf(FIRST + 1);
    const billed = send(billing, w.provider as never);
    await expect(billed)
      .to.emit(contract, "PriceAnchored")
      .withArgs(FIRST + 1, w.provider.address, Object.values(billing.args[1] as object));
    await expect(billed)
      .to.emit(contract, "BillsAnchored")
      .withArgs(FIRST + 1, w.provider.address, Object.values(billing.args[2] as object));
    expect(await contract.commitmentOf(FIRST + 1)).not.to.equal(anchored);
    expect(await contract.isBilled(FIRST + 1)).to.equal(true);
    expect(await contract.isBilled(FIRST + 2)).to.equal(false);
    await expect(send(billing, w.provider as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyBilled")
      .withArgs(FIRST + 1);
  });

  it("hashes statements and rows as the library does", async () => {
    const { contract, n, before, anchorers } = await networkHelpers.loadFixture(deployed);
    const page = pageArgument(before, anchorers);
    const { consumptionRows, billRows } = new IndexedPages(before, n.rules());
    for (const i of before.bills.rows.keys()) {
      const [parcel] = consumptionRows.prove(i)!;
      const [bill] = billRows.prove(i)!;
      expect(await contract.containsConsumption(page, consumptionRowArgument(parcel!))).to.equal(
        true,
      );
      expect(await contract.containsBill(page, billRowArgument(bill!))).to.equal(true);
      const other = { row: { ...bill!.row, amount: bill!.row.amount + 1n }, proof: bill!.proof };
      expect(await contract.containsBill(page, billRowArgument(other))).to.equal(false);
      const moved = { row: { ...parcel!.row, index: i + 1 }, proof: parcel!.proof };
      expect(await contract.containsConsumption(page, consumptionRowArgument(moved))).to.equal(
        false,
      );
    }
  });

  it("knows no page but the anchored one", async () => {
    const { contract, n, before, honest, anchorers } = await networkHelpers.loadFixture(deployed);
    const pages: IntervalPages[] = [
      honest,
      { ...before, price: honest.price },
      { ...before, bills: honest.bills },
      { ...before, consumption: honest.consumption },
    ];
    const [row] = new IndexedPages(before, n.rules()).billRows.prove(0)!;
    for (const page of pages) {
      await expect(
        contract.containsBill(pageArgument(page, anchorers), billRowArgument(row!)),
      ).to.be.revertedWithCustomError(contract, "LedgerPageUnknown");
    }
    const swapped = { controlCentre: anchorers.provider, provider: anchorers.controlCentre };
    await expect(
      contract.containsBill(pageArgument(before, swapped), billRowArgument(row!)),
    ).to.be.revertedWithCustomError(contract, "LedgerPageUnknown");
  });

  it("is not deployed with a zero address", async () => {
    const { contract, price, admin } = await networkHelpers.loadFixture(deployed);
    const accounts = [admin.address, admin.address, admin.address, await price.getAddress()];
    for (const i of accounts.keys()) {
      const args = accounts.with(i, ethers.ZeroAddress);
      await expect(
        ethers.deployContract("ConsumptionLedger", [...args, FIRST]),
      ).to.be.revertedWithCustomError(contract, "LedgerZeroAddress");
    }
  });
});

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

describe("Price functions", () => {
  const random = new TestRandom("price functions");

  it("give the same piecewise linear price on-chain as in the library", async () => {
    for (let round = 0; round < 6; round++) {
      let load = random.below(1000n);
      const points = Array.from({ length: 1 + round }, () => {
        load += 1n + random.below(10_000n);
        return { load, price: random.below(1n << 40n) };
      });
      const price = new PiecewiseLinearPrice(points);
      const contract = await ethers.deployContract("PiecewiseLinearPrice", [points]);
      const edges = points.flatMap((p) => [p.load - 1n, p.load, p.load + 1n]);
      const loads = [
        0n,
        (1n << 64n) - 1n,
        ...edges,
        ...Array.from({ length: 12 }, () => random.below(load + 500n)),
      ];
      for (const at of loads) {
        expect(await contract.priceAt(0, at), `${at}`).to.equal(price.priceAt(0, at));
      }
      expect(await contract.points()).to.deep.equal(points.map((p) => [p.load, p.price]));
    }
  });

  it("interpolate the largest numbers without overflow", async () => {
    const max = (1n << 64n) - 1n;
    const points = [
      { load: 0n, price: max },
      { load: max, price: 0n },
    ];
    const contract = await ethers.deployContract("PiecewiseLinearPrice", [points]);
    const price = new PiecewiseLinearPrice(points);
    for (const at of [0n, 1n, max / 2n, max - 1n, max]) {
      expect(await contract.priceAt(0, at)).to.equal(price.priceAt(0, at));
    }
  });

  it("give the same timetable on-chain as in the library, and none outside it", async () => {
    for (const count of [1, 2, 7, 96]) {
      const schedule = Array.from({ length: count }, () => random.int(3));
      const price = new TimetablePrice(FIRST, [67_200n, 11_760n, 3_990n], schedule);
      const contract = await ethers.deployContract("TimetablePrice", [
        ...timetableArguments(price),
      ]);
      for (let i = FIRST; i < FIRST + count; i++) {
        expect(await contract.priceAt(i, 5)).to.equal(price.priceAt(i));
      }
      for (const outside of [FIRST - 1, FIRST + count]) {
        await expect(contract.priceAt(outside, 5))
          .to.be.revertedWithCustomError(contract, "PriceIntervalOutOfRange")
          .withArgs(outside, FIRST, FIRST + count - 1);
      }
      expect(await contract.levels()).to.deep.equal([67_200n, 11_760n, 3_990n]);
    }
  });

  it("are not deployed when they cannot be", async () => {
    const linear = await ethers.getContractFactory("PiecewiseLinearPrice");
    const timetable = await ethers.getContractFactory("TimetablePrice");
    const point = (load: number) => ({ load, price: 1 });
    for (const points of [[], [point(2), point(2)], [point(3), point(2)]]) {
      await expect(linear.deploy(points)).to.be.revertedWithCustomError(
        linear,
        "PriceFunctionInvalid",
      );
    }
    const timetables: [number, number[], string][] = [
      [0, [1], "0x"],
      [1, [], "0x00"],
      [1, new Array<number>(17).fill(1), "0x00"],
      [2, [1], "0x0000"],
      [2, [1, 2], "0x02"],
      [3, [1, 2], "0x0020"],
    ];
    for (const [count, levels, schedule] of timetables) {
      await expect(timetable.deploy(FIRST, count, levels, schedule)).to.be.revertedWithCustomError(
        timetable,
        "PriceFunctionInvalid",
      );
    }
  });
});
