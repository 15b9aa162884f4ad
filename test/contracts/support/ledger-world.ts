/** A ledger on a chain with two intervals, one anchored, for tests of its contract. */
import { network } from "hardhat";
import type { Finding } from "../../../src/ledger/audit/finding.js";
import { LedgerAuditor } from "../../../src/ledger/audit/auditor.js";
import { IndexedPages, type IntervalPages } from "../../../src/ledger/audit/indexed-pages.js";
import {
  billAt,
  rewriteBills,
  rewriteConsumption,
  withAmount,
  withoutRow,
} from "../../../src/ledger/cheating.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  type ContractCall,
} from "../../../src/ledger/contract-calls.js";
import type { ConsumptionRow } from "../../../src/ledger/rows.js";
import { TestNeighbourhood, testPrice, type TestInterval } from "../../ledger/support.js";

export const { ethers, networkHelpers } = await network.create();
export const FIRST = 761_328;
export const HOMES = 6;
export const KINDS = [
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
export const hex = (bytes: Uint8Array): string => ethers.hexlify(bytes);

/** The contract, two honest intervals with everything their residents and auditors know. */
export async function deployed() {
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

export type World = Awaited<ReturnType<typeof deployed>>;

/** What an auditor finds in pages that follow the first interval. */
export function findingsOf({ n, before, list }: World, pages: IntervalPages): Finding[] {
  const auditor = new LedgerAuditor();
  auditor.audit(new IndexedPages(before, n.rules()));
  return auditor.audit(new IndexedPages(pages, n.rules()), list);
}

export const summed = (rows: readonly ConsumptionRow[]): ConsumptionRow[] => {
  let cumulative = 0n;
  return rows.map((row, index) => ({ ...row, index, cumulative: (cumulative += row.wattHours) }));
};

/** Pages with one contradiction each, by its kind. */
export function wrongPages({ n, honest }: World): Record<string, IntervalPages> {
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
